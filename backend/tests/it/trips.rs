//! `/v1/trips`: the whole ride, who sees what of it, and the list of one's trips.

mod by_road;
mod cancelling;
mod changing_stops;
mod fees;
mod older;
mod reassigning;
mod receipts;
mod refusals;
mod repeating;
pub(crate) mod rides;
mod scheduled;
mod someone_else;
mod stops;
mod tracked;

use reqwest::header::ETAG;
use serde_json::{Value, json};
use wayfare_core::pricing::LineKind;
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{ErrorCode, PaymentStatus, Trip, TripPage};

use crate::actors::{alice, bob, carol, dan, everything, north_of_pickup, ride_until};
use crate::harness::TestServer;
use crate::people::count;

#[tokio::test]
async fn a_ride_goes_from_the_quote_to_both_ratings() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    bob.is_free_at(&server, north_of_pickup(400.0)).await;

    let quote = alice.gets_quote(&server).await;
    let body = json!({ "quote_id": quote.id });
    let requested: Trip = alice.posts(&server, "/v1/trips", body).await.told(201);
    assert_eq!(requested.status, TripStatus::Requested);
    assert_eq!(requested.fare, quote.fare);
    assert_eq!((requested.version, requested.driver.is_none()), (1, true));

    let offer = bob.is_offered_trip(&server).await;
    assert_eq!(offer.trip_id, requested.id);
    assert_eq!(offer.driver_share_minor, quote.fare.driver_share_minor);
    // By road, which is taken to be 1.3 times as long as the straight line.
    assert!((519..=521).contains(&offer.pickup_distance_m), "{offer:?}");
    let taken = bob.accepts(&server, &offer).await;
    assert_eq!((taken.status, taken.version), (TripStatus::Assigned, 2));
    assert_eq!(bob.offers(&server).await, []);

    let assigned = alice.sees(&server, requested.id).await;
    assert_eq!(assigned.driver.unwrap().name, "Bob");
    assert_eq!(assigned.vehicle.unwrap().plate, "T-1");
    assert_eq!(taken.rider_name.as_deref(), Some("Alice"));

    let arrived = bob.arrives(&server, requested.id).await;
    assert!(arrived.arrived_at >= arrived.assigned_at);
    let started = bob.starts(&server, &requested).await;
    assert_eq!(started.status, TripStatus::InProgress);
    let completed = bob.completes(&server, requested.id).await;
    assert_eq!(
        (completed.status, completed.version),
        (TripStatus::Completed, 5)
    );
    assert_eq!(
        completed.fare, quote.fare,
        "nobody waited, so the promise holds"
    );
    let due = completed.payment.unwrap();
    assert_eq!(
        (due.status, due.amount),
        (PaymentStatus::Due, quote.fare.total())
    );

    let paid = bob.takes_cash(&server, requested.id).await;
    assert_eq!(paid.payment.unwrap().status, PaymentStatus::Paid);
    assert_eq!(
        alice.rates(&server, requested.id, 5).await.my_rating,
        Some(5)
    );
    assert_eq!(bob.rates(&server, requested.id, 4).await.my_rating, Some(4));

    for (person, side, stars) in [(&alice, "rider", 5), (&bob, "driver", 4)] {
        let page: TripPage = person
            .gets(&server, &format!("/v1/trips?side={side}"))
            .await
            .told(200);
        let trips: Vec<_> = page
            .trips
            .iter()
            .map(|trip| (trip.id, trip.my_rating))
            .collect();
        assert_eq!(trips, [(requested.id, Some(stars))]);
        assert_eq!(page.next_cursor, None);
    }
    let page: TripPage = alice.gets(&server, "/v1/trips?side=driver").await.told(200);
    assert_eq!(page.trips, [], "alice drove nobody");
}

#[tokio::test]
async fn the_mean_rating_of_a_driver_is_shown_to_the_next_rider() {
    let server = TestServer::start().await;
    let (alice, carol, bob) = (
        alice(&server).await,
        carol(&server).await,
        bob(&server).await,
    );
    for stars in [5, 2] {
        let trip = ride_until(&server, &alice, &bob, TripStatus::Completed).await;
        alice.rates(&server, trip.id, stars).await;
    }
    let trip = ride_until(&server, &carol, &bob, TripStatus::Assigned).await;
    assert_eq!(trip.driver.unwrap().rating, Some(3.5));
}

#[tokio::test]
async fn only_the_rider_sees_the_pin_and_only_until_the_end() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Arrived).await;
    assert!(trip.pin.is_some());
    assert_eq!(bob.sees(&server, trip.id).await.pin, None);
    let page: TripPage = bob.gets(&server, "/v1/trips?side=driver").await.told(200);
    assert_eq!(page.trips[0].pin, None);

    bob.starts(&server, &trip).await;
    bob.completes(&server, trip.id).await;
    assert_eq!(alice.sees(&server, trip.id).await.pin, None);

    let told: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM realtime.messages
         WHERE user_id = $1 AND jsonb_path_exists(payload, '$.**.pin')",
    )
    .bind(bob.id().uuid())
    .fetch_one(&server.pool)
    .await
    .unwrap();
    assert_eq!(told, 0, "no message to the driver carries the PIN");
}

#[tokio::test]
async fn somebody_elses_trip_does_not_exist() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let (carol, dan) = (carol(&server).await, dan(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    let before = everything(&server).await;
    for stranger in [&carol, &dan] {
        for (step, body) in [
            ("arrive", Value::Null),
            ("start", json!({ "pin": trip.pin.unwrap() })),
            ("complete", Value::Null),
            ("cancel", json!({ "reason": "other" })),
            ("cash-payment", json!({ "amount": trip.fare.total() })),
            ("ratings", json!({ "stars": 1 })),
        ] {
            let answer = stranger.tries(&server, step, trip.id, body).await;
            answer.refused(404, ErrorCode::NotFound);
        }
        let path = format!("/v1/trips/{}", trip.id);
        stranger
            .gets(&server, &path)
            .await
            .refused(404, ErrorCode::NotFound);
        for side in ["rider", "driver"] {
            let page: TripPage = stranger
                .gets(&server, &format!("/v1/trips?side={side}"))
                .await
                .told(200);
            assert_eq!(page.trips, []);
        }
    }
    assert_eq!(everything(&server).await, before);
    let nobodys = "/v1/trips/trip_00000000000000000000000000000000";
    alice
        .gets(&server, nobodys)
        .await
        .refused(404, ErrorCode::NotFound);
}

#[tokio::test]
async fn a_rider_cannot_take_the_drivers_steps() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    let before = everything(&server).await;
    let pin = json!({ "pin": trip.pin.unwrap() });
    for (step, body) in [
        ("arrive", Value::Null),
        ("start", pin),
        ("complete", Value::Null),
    ] {
        alice
            .tries(&server, step, trip.id, body)
            .await
            .refused(404, ErrorCode::NotFound);
    }
    assert_eq!(everything(&server).await, before);
}

#[tokio::test]
async fn the_etag_is_the_version_and_if_match_guards_a_step() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    let path = format!("/v1/trips/{}", trip.id);
    assert_eq!(bob.gets(&server, &path).await.headers[ETAG], "\"2\"");

    let arrive = |if_match: &'static str| {
        crate::people::post(&server, &format!("{path}/arrive"))
            .by(&bob.session)
            .header("If-Match", if_match)
            .json(Value::Null)
    };
    let before = everything(&server).await;
    arrive("\"1\"")
        .await
        .refused(412, ErrorCode::VersionMismatch);
    arrive("\"3\"")
        .await
        .refused(412, ErrorCode::VersionMismatch);
    arrive("two").await.refused(400, ErrorCode::InvalidRequest);
    assert_eq!(everything(&server).await, before);
    let answer = arrive("\"2\"").await;
    assert_eq!(answer.headers[ETAG], "\"3\"");
    assert_eq!(answer.told::<Trip>(200).status, TripStatus::Arrived);

    let cancel = crate::people::post(&server, &format!("{path}/cancel")).by(&alice.session);
    let any = cancel
        .header("If-Match", "*")
        .json(json!({ "reason": "other" }))
        .await;
    assert_eq!(any.told::<Trip>(200).status, TripStatus::Cancelled);
}

#[tokio::test]
async fn waiting_beyond_the_free_minutes_is_charged() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Arrived).await;
    let arrived_at = chrono::Utc::now() - chrono::TimeDelta::seconds(600);
    sqlx::query(
        "UPDATE trips.trips SET state = jsonb_set(state, '{arrived_at}', $2) WHERE id = $1",
    )
    .bind(trip.id.uuid())
    .bind(json!(arrived_at))
    .execute(&server.pool)
    .await
    .unwrap();
    bob.starts(&server, &trip).await;
    let completed = bob.completes(&server, trip.id).await;

    // 600 s less 180 free ones are 7 minutes at 25 cents; a second of the test may be on top.
    let waiting = completed.fare.sum_minor(LineKind::Waiting);
    assert!((175..=176).contains(&waiting), "{waiting}");
    assert_eq!(trip.fare.sum_minor(LineKind::Waiting), 0);
    assert!(completed.fare.total_minor >= trip.fare.total_minor + 175);
    assert_eq!(completed.payment.unwrap().amount, completed.fare.total());
    let charged: i64 = sqlx::query_scalar(
        "SELECT max(e.amount_minor) FROM payments.entries e
         JOIN payments.transactions t ON t.id = e.transaction_id WHERE t.trip_id = $1",
    )
    .bind(trip.id.uuid())
    .fetch_one(&server.pool)
    .await
    .unwrap();
    assert_eq!(charged, completed.fare.total_minor);
}

#[tokio::test]
async fn the_history_is_read_page_by_page_newest_first() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let mut made = Vec::new();
    for _ in 0..5 {
        let trip = alice.requests_trip(&server).await;
        alice.cancels(&server, trip.id, "changed_mind").await;
        made.insert(0, trip.id);
    }
    let mut read = Vec::new();
    let mut lengths = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/v1/trips?side=rider&limit=2{cursor}");
        let page: TripPage = alice.gets(&server, &path).await.told(200);
        lengths.push(page.trips.len());
        read.extend(page.trips.iter().map(|trip| trip.id));
        let Some(next) = page.next_cursor else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(lengths, [2, 2, 1]);
    assert_eq!(read, made);
    for wrong in [
        "limit=0",
        "limit=101",
        "limit=-1",
        "cursor=quote_1",
        "cursor=2",
    ] {
        let answer = alice
            .gets(&server, &format!("/v1/trips?side=rider&{wrong}"))
            .await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    for path in ["/v1/trips", "/v1/trips?side=both"] {
        alice
            .gets(&server, path)
            .await
            .refused(400, ErrorCode::InvalidRequest);
    }
    assert_eq!(count(&server, "SELECT count(*) FROM trips.trips").await, 5);
}
