//! Trips that were stored before there were stops, schedules and versions of events.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;
use wayfare_core::geo::LatLng;
use wayfare_core::id::TripId;
use wayfare_core::pricing::Basis;
use wayfare_core::trip::{Event, Trip, TripState, TripStatus, Versioned};
use wayfare_core::wire::{ErrorCode, Point, Trip as WireTrip};

use super::rides::{HARBOUR, MARKET, Proof};
use crate::actors::{Actor, admin, alice, bob, carol, dan, north_of_pickup, ride_until};
use crate::harness::TestServer;

const REQUESTED_AT: &str = "2026-01-05T10:00:00.123456Z";
const ASSIGNED_AT: &str = "2026-01-05T10:00:20Z";
const ARRIVED_AT: &str = "2026-01-05T10:03:00Z";
const STARTED_AT: &str = "2026-01-05T10:04:00Z";

/// Stores a trip of the rider with this driver as the program of before did: only its columns, its
/// form of state and events, and a quote that is not signed. `like` is a trip of now to copy names
/// and places from.
async fn store(server: &TestServer, like: &WireTrip, driver: &Actor, status: TripStatus) -> TripId {
    let (trip, quote) = (TripId::from_uuid(Uuid::now_v7()), Uuid::now_v7());
    sqlx::query(
        "INSERT INTO pricing.quotes (id, rider_id, vehicle_class, pickup_lat_e7, pickup_lng_e7,
             dropoff_lat_e7, dropoff_lng_e7, distance_m, duration_s, facts, fare, tariff_id,
             tariff_version, created_at, expires_at)
         SELECT $2, rider_id, vehicle_class, pickup_lat_e7, pickup_lng_e7, dropoff_lat_e7,
             dropoff_lng_e7, distance_m, duration_s, facts, fare, tariff_id, tariff_version,
             $3::timestamptz, $3::timestamptz + interval '5 minutes'
         FROM pricing.quotes WHERE id = $1",
    )
    .bind(like.quote_id.uuid())
    .bind(quote)
    .bind(time(REQUESTED_AT))
    .execute(&server.pool)
    .await
    .unwrap();

    let assignment = json!({
        "driver": driver.id().to_string().replace("user_", "driver_"),
        "vehicle": driver.vehicle, "assigned_at": ASSIGNED_AT,
    });
    let state = match status {
        TripStatus::Requested => json!({ "status": "requested" }),
        TripStatus::Assigned => json!({ "status": "assigned", "assignment": assignment }),
        TripStatus::Arrived => json!({
            "status": "arrived", "assignment": assignment, "arrived_at": ARRIVED_AT,
        }),
        TripStatus::InProgress => json!({
            "status": "in_progress", "assignment": assignment, "arrived_at": ARRIVED_AT,
            "started_at": STARTED_AT,
        }),
        _ => panic!("{status}"),
    };
    let events = events(like, trip, &assignment, status);
    let has_driver = status != TripStatus::Requested;
    let card = json!({ "driver": { "id": assignment["driver"], "name": "Bob" }, "vehicle": {
        "id": driver.vehicle, "plate": "T-1", "make": "Dacia", "model": "Jogger", "colour": "blue",
    } });
    sqlx::query(
        "INSERT INTO trips.trips (id, rider_id, quote_id, vehicle_class, pickup_lat_e7,
             pickup_lng_e7, dropoff_lat_e7, dropoff_lng_e7, distance_m, duration_s, rider_name, pin,
             status, version, releases, driver_id, vehicle_id, driver_card, state, requested_at,
             last_event_at, fare)
         SELECT $2, rider_id, $3, vehicle_class, pickup_lat_e7, pickup_lng_e7, dropoff_lat_e7,
             dropoff_lng_e7, distance_m, duration_s, rider_name, '0042', $4, $5, 0, $6, $7, $8, $9,
             $10, $11, fare
         FROM trips.trips WHERE id = $1",
    )
    .bind(like.id.uuid())
    .bind(trip.uuid())
    .bind(quote)
    .bind(status.as_str())
    .bind(i32::try_from(events.len()).unwrap())
    .bind(has_driver.then(|| driver.id().uuid()))
    .bind(has_driver.then(|| driver.vehicle.unwrap().uuid()))
    .bind(has_driver.then_some(card))
    .bind(state)
    .bind(time(REQUESTED_AT))
    .bind(time(events.last().unwrap().0))
    .execute(&server.pool)
    .await
    .unwrap();
    for (index, (at, payload)) in events.into_iter().enumerate() {
        sqlx::query(
            "INSERT INTO trips.events (trip_id, version, kind, payload, actor, occurred_at,
                 recorded_at)
             VALUES ($1, $2, $3 ->> 'kind', $3, $4, $5, $5)",
        )
        .bind(trip.uuid())
        .bind(i32::try_from(index + 1).unwrap())
        .bind(payload)
        .bind(json!({ "party": "system" }))
        .bind(time(at))
        .execute(&server.pool)
        .await
        .unwrap();
    }
    trip
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The events until then, in the form of before: without a version.
fn events(
    like: &WireTrip,
    trip: TripId,
    assignment: &Value,
    status: TripStatus,
) -> Vec<(&'static str, Value)> {
    let place = |point: Point| {
        let place: LatLng = point.try_into().unwrap();
        json!({ "lat_e7": place.lat_e7(), "lng_e7": place.lng_e7() })
    };
    let requested = json!({
        "kind": "requested", "trip": trip, "rider": like.rider_id,
        "vehicle_class": "standard", "pickup": place(like.pickup), "dropoff": place(like.dropoff),
        "pin": "0042", "requested_at": REQUESTED_AT,
    });
    let all = [
        (TripStatus::Requested, REQUESTED_AT, requested),
        (
            TripStatus::Assigned,
            ASSIGNED_AT,
            json!({ "kind": "assigned", "assignment": assignment }),
        ),
        (
            TripStatus::Arrived,
            ARRIVED_AT,
            json!({ "kind": "arrived", "at": ARRIVED_AT }),
        ),
        (
            TripStatus::InProgress,
            STARTED_AT,
            json!({ "kind": "started", "at": STARTED_AT }),
        ),
    ];
    let reached = all.iter().position(|(then, ..)| *then == status).unwrap();
    all.into_iter()
        .take(reached + 1)
        .map(|(_, at, event)| (at, event))
        .collect()
}

/// The trip as all its events make it, old and new ones.
async fn replay(server: &TestServer, trip: TripId) -> Trip {
    let payloads: Vec<Value> =
        sqlx::query_scalar("SELECT payload FROM trips.events WHERE trip_id = $1 ORDER BY version")
            .bind(trip.uuid())
            .fetch_all(&server.pool)
            .await
            .unwrap();
    let events: Vec<Event> = payloads
        .into_iter()
        .map(|payload| Versioned::from_value(payload).unwrap().0)
        .collect();
    Trip::replay(&events).unwrap()
}

async fn stored_state(server: &TestServer, trip: TripId) -> TripState {
    let state: Value = sqlx::query_scalar("SELECT state FROM trips.trips WHERE id = $1")
        .bind(trip.uuid())
        .fetch_one(&server.pool)
        .await
        .unwrap();
    serde_json::from_value(state).unwrap()
}

#[tokio::test]
async fn a_trip_of_before_is_driven_to_its_end() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let admin = admin(&server).await;
    let like = ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    for status in [
        TripStatus::Assigned,
        TripStatus::Arrived,
        TripStatus::InProgress,
    ] {
        let trip = store(&server, &like, &bob, status).await;
        let seen = alice.sees(&server, trip).await;
        assert_eq!((seen.status, seen.waypoints.len()), (status, 0));
        assert_eq!(seen.pin.unwrap().to_string(), "0042");
        let reach = bob.tries(&server, "stops/reach", trip, Value::Null).await;
        reach.refused(409, ErrorCode::WrongTripState);
        if status == TripStatus::Assigned {
            bob.arrives(&server, trip).await;
        }
        if status != TripStatus::InProgress {
            bob.starts(&server, &seen).await;
        }
        let leg = bob.sees(&server, trip).await.leg.unwrap();
        assert_eq!((leg.stop, leg.arrived_at), (0, None));
        let done = bob.completes(&server, trip).await;
        assert_eq!(
            (done.status, done.basis),
            (TripStatus::Completed, Some(Basis::Quote))
        );
        assert_eq!(done.version, 5);
        let proof = Proof::of(&server, &alice, trip).await;
        assert_eq!(proof.verify(None).unwrap().fare, done.fare);
        assert_eq!(
            replay(&server, trip).await.state,
            stored_state(&server, trip).await
        );
        bob.takes_cash(&server, trip).await;
    }
    let integrity = admin.checks_integrity(&server).await;
    assert_eq!(
        (integrity.unbooked_trips, integrity.trips.completed),
        (0, 4)
    );
}

#[tokio::test]
async fn the_stops_of_a_ride_of_before_can_be_changed() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let like = ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    let trip = store(&server, &like, &bob, TripStatus::InProgress).await;
    alice.changes_stops(&server, trip, &[MARKET], HARBOUR).await;
    bob.reaches_stop(&server, trip).await;
    bob.leaves_stop(&server, trip).await;
    let done = bob.completes(&server, trip).await;
    assert_eq!(done.basis, Some(Basis::Replanned));
    Proof::of(&server, &bob, trip).await.verify(None).unwrap();
    assert_eq!(replay(&server, trip).await.visits.len(), 1);
}

#[tokio::test]
async fn a_trip_of_before_is_called_off_or_given_back() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let (carol, dan) = (carol(&server).await, dan(&server).await);
    let like = ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    let trip = store(&server, &like, &bob, TripStatus::Arrived).await;
    let fee = alice.asks_what_cancelling_costs(&server, trip).await;
    let off = alice.cancels(&server, trip, "changed_mind").await;
    assert_eq!(Some(off.fare), fee.fare);
    assert_eq!(
        replay(&server, trip).await.state,
        stored_state(&server, trip).await
    );

    let like = ride_until(&server, &carol, &bob, TripStatus::Completed).await;
    bob.goes_offline(&server).await;
    let trip = store(&server, &like, &bob, TripStatus::Assigned).await;
    bob.cancels(&server, trip, "vehicle_problem").await;
    dan.is_free_at(&server, north_of_pickup(10.0)).await;
    let offer = dan.is_offered_trip(&server).await;
    assert_eq!(offer.trip_id, trip);
    dan.accepts(&server, &offer).await;
    let replayed = replay(&server, trip).await;
    assert_eq!(replayed.releases, 1);
    assert_eq!(replayed.state, stored_state(&server, trip).await);
}
