//! Trips that one person asks for and another one rides: who learns the name, and that nobody but the
//! one who asked learns the telephone number.

use serde_json::{Value, json};
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{ErrorCode, PaymentStatus, StreamEvent, Trip, TripPage};

use super::rides::{HARBOUR, MARKET, STATION, ride_over};
use crate::actors::{
    Actor, admin, alice, bob, carol, dan, drive_until, everything, north_of_pickup,
};
use crate::harness::TestServer;
use crate::people::{Answer, count};

const NAME: &str = "Grandma Rosa";
const PHONE: &str = "+351911222333";
/// However it is written, this is in it.
const DIGITS: &str = "911222333";

async fn tries_for(server: &TestServer, rider: &Actor, passenger: Value) -> Answer {
    let quote = rider.is_quoted(server, ride_over(&[MARKET])).await;
    let body = json!({ "quote_id": quote.id, "passenger": passenger });
    rider.posts(server, "/v1/trips", body).await
}

fn rosa() -> Value {
    json!({ "name": NAME, "phone": PHONE })
}

#[tokio::test]
async fn the_driver_learns_the_passengers_name_and_only_the_rider_the_phone() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let (mut listener, ..) = bob.listens(&server, None).await;
    let requested: Trip = tries_for(&server, &alice, rosa()).await.told(201);
    let passenger = requested.passenger.clone().unwrap();
    assert_eq!(
        (passenger.name.as_str(), passenger.phone.as_str()),
        (NAME, PHONE)
    );
    assert_eq!(requested.rider_name.as_deref(), Some(NAME));

    bob.is_free_at(&server, north_of_pickup(100.0)).await;
    let mut heard = vec![json!(bob.offers(&server).await)];
    let trip = drive_until(&server, &alice, &bob, &requested, TripStatus::Arrived).await;
    assert_eq!(trip.passenger.as_ref(), Some(&passenger));
    let start = json!({ "pin": trip.pin });
    for (step, body) in [
        ("start", start),
        ("stops/reach", Value::Null),
        ("stops/leave", Value::Null),
    ] {
        heard.push(bob.tries(&server, step, trip.id, body).await.body);
    }
    alice
        .changes_stops(&server, trip.id, &[MARKET, STATION], HARBOUR)
        .await;
    let seen = bob.sees(&server, trip.id).await;
    assert_eq!(
        (seen.rider_name.as_deref(), &seen.passenger),
        (Some(NAME), &None)
    );
    heard.push(
        bob.tries(&server, "complete", trip.id, Value::Null)
            .await
            .body,
    );
    bob.takes_cash(&server, trip.id).await;
    heard.push(bob.rates(&server, trip.id, 5).await.id.to_string().into());
    let page = bob.gets(&server, "/v1/trips?side=driver").await;
    assert_eq!(page.body["trips"][0]["rider_name"], NAME);
    heard.push(page.body);
    heard.push(bob.tries_to_get_receipt(&server, trip.id).await.body);
    loop {
        let message = listener.next().await;
        heard.push(serde_json::to_value(&message).unwrap());
        let StreamEvent::TripUpdated { trip } = &message.event else {
            continue;
        };
        if trip
            .payment
            .as_ref()
            .is_some_and(|payment| payment.status == PaymentStatus::Paid)
        {
            break;
        }
    }
    for said in heard {
        let said = said.to_string();
        assert!(
            !said.contains(DIGITS) && !said.contains("passenger"),
            "{said}"
        );
    }
    let page: TripPage = alice.gets(&server, "/v1/trips?side=rider").await.told(200);
    assert_eq!(page.trips[0].passenger, Some(passenger));
}

#[tokio::test]
async fn the_phone_of_a_passenger_is_kept_beside_the_trip_and_nowhere_for_ever() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip: Trip = tries_for(&server, &alice, rosa()).await.told(201);
    drive_until(&server, &alice, &bob, &trip, TripStatus::Assigned).await;
    bob.cancels(&server, trip.id, "vehicle_problem").await;
    alice.changes_stops(&server, trip.id, &[], HARBOUR).await;
    alice.cancels(&server, trip.id, "other").await;

    let events: Vec<Value> =
        sqlx::query_scalar("SELECT payload FROM trips.events ORDER BY trip_id, version")
            .fetch_all(&server.pool)
            .await
            .unwrap();
    assert_eq!(events.len(), 5);
    assert_eq!(events[0]["for_someone_else"], true);
    for event in events {
        assert!(event["v"].as_u64() >= Some(2), "{event}");
        let text = event.to_string();
        assert!(!text.contains(DIGITS) && !text.contains("Rosa"), "{text}");
    }
    let found = |rows: &'static str| count(&server, rows);
    for nowhere in [
        "SELECT count(*) FROM trips.events x WHERE x::text LIKE '%911222333%'",
        "SELECT count(*) FROM dispatch.offers x WHERE x::text LIKE '%911222333%'",
        "SELECT count(*) FROM pricing.quotes x WHERE x::text LIKE '%911222333%'",
        "SELECT count(*) FROM realtime.messages x JOIN fleet.drivers d ON d.id = x.user_id
         WHERE x::text LIKE '%911222333%'",
    ] {
        assert_eq!(found(nowhere).await, 0, "{nowhere}");
    }
    let beside = "SELECT count(*) FROM trips.trips x WHERE x::text LIKE '%911222333%'";
    assert_eq!(found(beside).await, 1);
}

#[tokio::test]
async fn every_event_that_is_kept_says_its_version() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let admin = admin(&server).await;
    let trip: Trip = tries_for(&server, &alice, rosa()).await.told(201);
    drive_until(&server, &alice, &bob, &trip, TripStatus::Arrived).await;
    let why = json!({ "reason": "vehicle_problem" });
    admin
        .tries_as_admin(&server, "reassign", trip.id, why)
        .await
        .told::<Trip>(200);
    let dan = dan(&server).await;
    drive_until(&server, &alice, &dan, &trip, TripStatus::InProgress).await;
    dan.reaches_stop(&server, trip.id).await;
    alice
        .changes_stops(&server, trip.id, &[MARKET, STATION], HARBOUR)
        .await;
    dan.leaves_stop(&server, trip.id).await;
    dan.completes(&server, trip.id).await;
    let trip = alice.requests_trip(&server).await;
    alice.cancels(&server, trip.id, "other").await;

    let kinds: Vec<(String, i64)> = sqlx::query_as(
        "SELECT kind, min((payload ->> 'v')::bigint) FROM trips.events GROUP BY kind ORDER BY kind",
    )
    .fetch_all(&server.pool)
    .await
    .unwrap();
    let wanted = [
        "arrived",
        "assigned",
        "cancelled",
        "completed",
        "released",
        "requested",
        "started",
        "stop_left",
        "stop_reached",
        "stops_changed",
    ];
    assert_eq!(kinds, wanted.map(|kind| (kind.to_owned(), 3)));
    let unversioned = "SELECT count(*) FROM trips.events WHERE payload -> 'v' IS NULL";
    assert_eq!(count(&server, unversioned).await, 0);
}

#[tokio::test]
async fn a_rider_may_wait_for_a_car_and_send_another_one_to_somebody_else() {
    let server = TestServer::start_with(|config| config.trips.open_per_rider_max = 3).await;
    let alice = alice(&server).await;
    alice.requests_trip(&server).await;
    for _ in 0..2 {
        tries_for(&server, &alice, rosa()).await.told::<Trip>(201);
    }
    let answer = tries_for(&server, &alice, rosa()).await;
    answer.refused(409, ErrorCode::ActiveTripExists);
    let carol = carol(&server).await;
    tries_for(&server, &carol, rosa()).await.told::<Trip>(201);
    carol.requests_trip(&server).await;
}

#[tokio::test]
async fn a_passenger_whose_name_or_phone_cannot_be_used_is_refused() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let quote = alice.gets_quote(&server).await;
    let before = everything(&server).await;
    let long = "x".repeat(61);
    let names = ["", "   ", "Ro\u{0}sa", "Ro\nsa", "\u{202e}Rosa", &long];
    let phones = [
        "",
        "911222333",
        "+",
        "+0911222333",
        "+35191",
        "+351 911 222 333",
        "+35191122233x",
        "+3519112223334567",
    ];
    let passengers = names
        .iter()
        .map(|name| json!({ "name": name, "phone": PHONE }))
        .chain(
            phones
                .iter()
                .map(|phone| json!({ "name": NAME, "phone": phone })),
        )
        .chain([
            json!({ "name": NAME }),
            json!({ "phone": PHONE }),
            json!({ "name": NAME, "phone": PHONE, "note": "ring twice" }),
            json!({ "name": 1, "phone": PHONE }),
            json!("Rosa"),
            json!({}),
        ]);
    for passenger in passengers {
        let body = json!({ "quote_id": quote.id, "passenger": passenger });
        let answer = alice.posts(&server, "/v1/trips", body).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    assert_eq!(everything(&server).await, before);
    let trimmed = json!({ "name": format!("  {NAME} "), "phone": PHONE });
    let body = json!({ "quote_id": quote.id, "passenger": trimmed });
    let trip: Trip = alice.posts(&server, "/v1/trips", body).await.told(201);
    assert_eq!(trip.passenger.unwrap().name, NAME);
}

#[tokio::test]
async fn asking_again_for_somebody_else_under_a_key_makes_one_trip() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let quote = alice.gets_quote(&server).await;
    let body = |passenger: Value| json!({ "quote_id": quote.id, "passenger": passenger });
    let first = alice
        .posts_as(&server, "k", "/v1/trips", body(rosa()))
        .await;
    let again = alice
        .posts_as(&server, "k", "/v1/trips", body(rosa()))
        .await;
    assert_eq!((first.status, &first.body), (201, &again.body));
    let other = body(json!({ "name": "Rui", "phone": PHONE }));
    let answer = alice.posts_as(&server, "k", "/v1/trips", other).await;
    answer.refused(409, ErrorCode::IdempotencyKeyReused);
    assert_eq!(count(&server, "SELECT count(*) FROM trips.trips").await, 1);
}
