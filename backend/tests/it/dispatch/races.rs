//! Answers to offers that come at once. Some tests take an index away first, to see that the next
//! line of defence holds as well; the others ask the indexes directly.

use futures_util::future::join_all;
use serde_json::Value;
use sqlx::ConnectOptions;
use wayfare_backend::Server;
use wayfare_backend::platform::config::{Config, Secret, Sources};
use wayfare_core::trip::TripStatus;
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::{ErrorCode, Trip};

use super::insert_offer;
use crate::actors::{
    Actor, admin, alice, bob, carol, dan, everything, north_of_pickup, ride_until, track,
};
use crate::harness::{TestServer, wait_for};
use crate::people::count;

/// A server whose dispatcher does nothing after its first round.
async fn without_dispatcher() -> TestServer {
    TestServer::start_with(|config| config.dispatch.tick_ms = 60_000).await
}

async fn execute(server: &TestServer, statement: &'static str) {
    sqlx::query(statement).execute(&server.pool).await.unwrap();
}

/// The constraint that a statement breaks.
async fn broken(server: &TestServer, statement: &'static str) -> String {
    let error = sqlx::query(statement)
        .execute(&server.pool)
        .await
        .unwrap_err();
    let error = error
        .into_database_error()
        .expect("a refusal of the database");
    error.constraint().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn one_offer_accepted_eight_times_at_once_is_accepted_once() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    bob.is_free_at(&server, north_of_pickup(100.0)).await;
    let trip = alice.requests_trip(&server).await;
    let offer = bob.is_offered_trip(&server).await;
    let answers = join_all((0..8).map(|_| bob.tries_to_accept(&server, &offer))).await;
    assert_eq!(
        answers.iter().filter(|answer| answer.status == 200).count(),
        1
    );
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.refused(409, ErrorCode::OfferClosed);
    }
    assert_eq!(alice.sees(&server, trip.id).await.version, 2);
}

#[tokio::test]
async fn accepting_again_under_its_key_answers_the_same() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    bob.is_free_at(&server, north_of_pickup(100.0)).await;
    alice.requests_trip(&server).await;
    let path = format!(
        "/v1/offers/{}/accept",
        bob.is_offered_trip(&server).await.id
    );
    let first = bob.posts_as(&server, "mine", &path, Value::Null).await;
    let before = everything(&server).await;
    let second = bob.posts_as(&server, "mine", &path, Value::Null).await;
    assert_eq!((first.status, second.status), (200, 200));
    assert_eq!(first.body, second.body);
    assert_eq!(everything(&server).await, before);
}

#[tokio::test]
async fn two_drivers_cannot_take_one_trip() {
    let server = without_dispatcher().await;
    let (alice, bob, dan) = (alice(&server).await, bob(&server).await, dan(&server).await);
    execute(&server, "DROP INDEX dispatch.offers_one_in_turn_per_trip").await;
    for _ in 0..5 {
        let trip = alice.requests_trip(&server).await;
        let to_bob = insert_offer(&server, &trip, &bob, "1 minute").await;
        let to_dan = insert_offer(&server, &trip, &dan, "1 minute").await;
        let (by_bob, by_dan) = tokio::join!(
            bob.tries_to_accept(&server, &to_bob),
            dan.tries_to_accept(&server, &to_dan),
        );
        let (winner, taken, late) = match by_bob.status {
            200 => (&bob, by_bob, by_dan),
            _ => (&dan, by_dan, by_bob),
        };
        late.refused(409, ErrorCode::OfferClosed);
        let taken: Trip = taken.told(200);
        assert_eq!(taken.driver.unwrap().id, winner.id().into());
        assert_eq!(alice.sees(&server, trip.id).await.version, 2);
        alice.cancels(&server, trip.id, "changed_mind").await;
        execute(
            &server,
            "UPDATE dispatch.offers SET status = 'withdrawn', closed_at = now()
             WHERE status = 'open'",
        )
        .await;
    }
}

#[tokio::test]
async fn one_driver_cannot_take_two_trips() {
    let server = without_dispatcher().await;
    let (alice, carol, bob) = (
        alice(&server).await,
        carol(&server).await,
        bob(&server).await,
    );
    execute(&server, "DROP INDEX dispatch.offers_one_open_per_driver").await;
    for _ in 0..5 {
        let trips = [
            alice.requests_trip(&server).await,
            carol.requests_trip(&server).await,
        ];
        let first = insert_offer(&server, &trips[0], &bob, "1 minute").await;
        let second = insert_offer(&server, &trips[1], &bob, "1 minute").await;
        let (one, two) = tokio::join!(
            bob.tries_to_accept(&server, &first),
            bob.tries_to_accept(&server, &second),
        );
        let late = if one.status == 200 { &two } else { &one };
        assert_eq!(one.status.min(two.status), 200, "{} {}", one.body, two.body);
        late.refused(409, ErrorCode::DriverBusy);
        let active = "SELECT count(*) FROM trips.trips WHERE status = 'assigned'";
        assert_eq!(count(&server, active).await, 1);
        alice.cancels(&server, trips[0].id, "changed_mind").await;
        carol.cancels(&server, trips[1].id, "changed_mind").await;
    }
}

#[tokio::test]
async fn accepting_and_calling_off_at_once_leave_one_truth() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    bob.is_free_at(&server, north_of_pickup(100.0)).await;
    for _ in 0..5 {
        let trip = alice.requests_trip(&server).await;
        let offer = bob.is_offered_trip(&server).await;
        let cancellation = serde_json::json!({ "reason": "changed_mind" });
        let (accepted, cancelled) = tokio::join!(
            bob.tries_to_accept(&server, &offer),
            alice.tries(&server, "cancel", trip.id, cancellation),
        );
        let cancelled: Trip = cancelled.told(200);
        match accepted.status {
            200 => assert_eq!(cancelled.version, 3),
            _ => {
                accepted.refused(409, ErrorCode::OfferClosed);
                assert_eq!(cancelled.version, 2);
            }
        }
        assert_eq!(
            alice.sees(&server, trip.id).await.status,
            TripStatus::Cancelled
        );
    }
}

#[tokio::test]
async fn the_database_itself_refuses_double_offers_and_double_trips() {
    let server = without_dispatcher().await;
    let (alice, carol) = (alice(&server).await, carol(&server).await);
    let (bob, dan) = (bob(&server).await, dan(&server).await);
    let first = alice.requests_trip(&server).await;
    let second = carol.requests_trip(&server).await;
    insert_offer(&server, &first, &bob, "1 minute").await;
    insert_offer(&server, &second, &dan, "1 minute").await;

    let to_bob_too = "INSERT INTO dispatch.offers
         SELECT gen_random_uuid(), trip_id, (SELECT max(driver_id::text)::uuid FROM dispatch.offers),
             vehicle_id, status, pickup_distance_m, driver_share_minor, decline_reason, created_at,
             expires_at, closed_at
         FROM dispatch.offers
         WHERE driver_id <> (SELECT max(driver_id::text)::uuid FROM dispatch.offers)";
    let twice = broken(&server, to_bob_too).await;
    assert!(twice.starts_with("offers_one_"), "{twice}");
    let one_trip = "UPDATE dispatch.offers SET trip_id =
         (SELECT max(trip_id::text)::uuid FROM dispatch.offers)";
    assert_eq!(
        broken(&server, one_trip).await,
        "offers_one_in_turn_per_trip"
    );
    let one_driver = "UPDATE dispatch.offers SET driver_id =
         (SELECT max(driver_id::text)::uuid FROM dispatch.offers)";
    assert_eq!(
        broken(&server, one_driver).await,
        "offers_one_open_per_driver"
    );
    let both_accepted = "UPDATE dispatch.offers SET status = 'accepted', closed_at = now(),
         trip_id = (SELECT max(trip_id::text)::uuid FROM dispatch.offers)";
    assert_eq!(
        broken(&server, both_accepted).await,
        "offers_one_accepted_per_trip"
    );

    let one_rider = "UPDATE trips.trips SET rider_id =
         (SELECT max(rider_id::text)::uuid FROM trips.trips)";
    assert_eq!(broken(&server, one_rider).await, "trips_one_live_per_rider");
    let same_car = "UPDATE trips.trips SET status = 'assigned', driver_card = '{}',
         state = jsonb_build_object('status', 'assigned'),
         driver_id = (SELECT max(driver_id::text)::uuid FROM dispatch.offers),
         vehicle_id = (SELECT max(vehicle_id::text)::uuid FROM dispatch.offers)";
    assert_eq!(
        broken(&server, same_car).await,
        "trips_one_driven_per_driver"
    );
}

/// Another server on the database and the secrets of the first one.
pub(super) async fn second_server(first: &TestServer) -> Server {
    let mut config = Config::load(&Sources::default()).unwrap();
    let mut url = first.pool.connect_options().to_url_lossy();
    url.set_query(None);
    config.database.url = Some(Secret::new(url.to_string()));
    config.database.max_connections = 5;
    config.server.bind = "127.0.0.1:0".parse().unwrap();
    config.dispatch.tick_ms = 50;
    let builder = Server::builder().config(config).data_dir(first.data_dir());
    builder.start().await.unwrap()
}

#[tokio::test]
async fn two_servers_on_one_database_make_no_double_offers() {
    const CROWD: u32 = 6;
    let server = TestServer::start_with(|config| config.dispatch.tick_ms = 50).await;
    let second = second_server(&server).await;
    let elsewhere = format!("http://{}/v1/drivers/me/locations", second.local_addr());
    let mut drivers = Vec::new();
    let mut riders = Vec::new();
    for n in 1..=CROWD {
        let driver = Actor::driver(&server, n, "Driver", VehicleClass::Standard).await;
        driver.goes_online(&server).await;
        drivers.push(driver);
        riders.push(Actor::rider(&server, n, "Rider").await);
    }
    let asked = join_all(riders.iter().map(|rider| rider.requests_trip(&server))).await;
    // Both servers learn where everybody is, and both have trips to give away.
    join_all(drivers.iter().map(|driver| async {
        let batch = serde_json::json!({ "points": track(3) });
        let token = &driver.session.access_token;
        let sent = server
            .http
            .post(&elsewhere)
            .bearer_auth(token)
            .json(&batch)
            .send();
        let (there, ()) = tokio::join!(sent, driver.is_at(&server, north_of_pickup(50.0)));
        assert_eq!(there.unwrap().status(), 200);
    }))
    .await;
    wait_for("everybody to have an offer", || async {
        (count(&server, "SELECT count(*) FROM dispatch.offers").await >= CROWD.into()).then_some(())
    })
    .await;
    let pairs = "SELECT count(DISTINCT trip_id) * 100 + count(DISTINCT driver_id)
         FROM dispatch.offers WHERE status = 'open'";
    assert_eq!(count(&server, pairs).await, i64::from(CROWD * 100 + CROWD));
    let told = "SELECT count(*) FROM realtime.messages WHERE payload ->> 'kind' = 'offer_created'";
    assert_eq!(
        count(&server, told).await,
        i64::from(CROWD),
        "nobody was told of two"
    );

    join_all(drivers.iter().map(|driver| async {
        let offer = driver.is_offered_trip(&server).await;
        driver.accepts(&server, &offer).await;
    }))
    .await;
    let integrity = admin(&server).await.checks_integrity(&server).await;
    assert_eq!(integrity.double_assignments, 0);
    assert_eq!(
        integrity.trips.assigned,
        i64::try_from(asked.len()).unwrap()
    );
    second.shutdown().await.unwrap();
}

#[tokio::test]
async fn what_happens_at_one_server_is_told_to_those_who_listen_at_the_other() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    let second = second_server(&server).await;
    let (mut listener, ..) = alice.listens(&server, None).await;
    let url = format!("http://{}/v1/trips/{}/arrive", second.local_addr(), trip.id);
    let token = &bob.session.access_token;
    let arrived = server
        .http
        .post(url)
        .bearer_auth(token)
        .send()
        .await
        .unwrap();
    assert_eq!(arrived.status(), 200);
    let told = serde_json::to_value(listener.next().await).unwrap();
    assert_eq!(
        (&told["kind"], &told["trip"]["status"]),
        (&"trip_updated".into(), &"arrived".into())
    );
    second.shutdown().await.unwrap();
}
