//! Drivers who take their next trip before the present one is over.

use serde_json::{Value, json};
use wayfare_core::trip::TripStatus;
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::{ErrorCode, Point, StreamEvent, Trip};

use super::times_asked;
use crate::actors::{
    Actor, DROPOFF, PICKUP, admin, alice, bob, carol, dan, drive_until, everything,
    north_of_pickup, ride_until,
};
use crate::harness::TestServer;
use crate::listener::Listener;
use crate::people::count;

/// Where the dropoff is almost reached.
const CLOSE_TO_DROPOFF: Point = Point {
    lat: DROPOFF.lat - 0.001,
    lng: DROPOFF.lng,
};

/// The driver has the rider in the car and is about to end the ride.
async fn is_about_to_end(server: &TestServer, rider: &Actor, driver: &Actor) -> Trip {
    let trip = ride_until(server, rider, driver, TripStatus::InProgress).await;
    driver.is_at(server, CLOSE_TO_DROPOFF).await;
    trip
}

/// Bob, who is about to end alice's ride, takes carol's trip. Answers both, as the riders see them.
async fn takes_next(server: &TestServer, alice: &Actor, carol: &Actor, bob: &Actor) -> [Trip; 2] {
    let first = is_about_to_end(server, alice, bob).await;
    let next = carol.requests_trip(server).await;
    let offer = bob.is_offered_trip(server).await;
    assert_eq!((offer.trip_id, offer.forward), (next.id, true));
    bob.accepts(server, &offer).await;
    [first, carol.sees(server, next.id).await]
}

async fn update_of(listener: &mut Listener, wanted: &Trip) -> Trip {
    let fits = |event: &StreamEvent| matches!(event, StreamEvent::TripUpdated { trip } if trip.id == wanted.id);
    match listener.next_that(fits).await.event {
        StreamEvent::TripUpdated { trip } => *trip,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_driver_about_to_finish_takes_the_next_trip_and_drives_it_after_the_first() {
    let server = TestServer::start().await;
    let (alice, carol, bob) = (
        alice(&server).await,
        carol(&server).await,
        bob(&server).await,
    );
    let first = is_about_to_end(&server, &alice, &bob).await;
    let next = carol.requests_trip(&server).await;
    let offer = bob.is_offered_trip(&server).await;
    assert_eq!((offer.trip_id, offer.forward), (next.id, true));
    // From where the first ride ends, which is some 2.8 km away in a straight line.
    assert!((3500..4000).contains(&offer.pickup_distance_m), "{offer:?}");
    assert!((450..520).contains(&offer.pickup_duration_s.unwrap()));

    let taken = bob.accepts(&server, &offer).await;
    assert_eq!(taken.status, TripStatus::Assigned);
    assert!(taken.driver_finishes_first);
    let waits = carol.sees(&server, next.id).await;
    assert!(waits.driver_finishes_first && waits.pin.is_some());
    assert!(!alice.sees(&server, first.id).await.driver_finishes_first);

    let before = everything(&server).await;
    bob.tries(&server, "arrive", next.id, Value::Null)
        .await
        .refused(409, ErrorCode::DriverBusy);
    assert_eq!(everything(&server).await, before);

    let (mut at_carol, ..) = carol.listens(&server, None).await;
    let (mut at_bob, ..) = bob.listens(&server, None).await;
    bob.completes(&server, first.id).await;
    for listener in [&mut at_carol, &mut at_bob] {
        let told = update_of(listener, &next).await;
        assert_eq!(
            (told.status, told.driver_finishes_first, told.version),
            (TripStatus::Assigned, false, waits.version)
        );
    }
    bob.arrives(&server, next.id).await;
    bob.starts(&server, &waits).await;
    let done = bob.completes(&server, next.id).await;
    assert_eq!(done.status, TripStatus::Completed);
    let integrity = admin(&server).await.checks_integrity(&server).await;
    assert_eq!(
        (integrity.double_assignments, integrity.unbooked_trips),
        (0, 0)
    );
}

#[tokio::test]
async fn a_trip_taken_when_the_first_one_is_over_does_not_wait_for_it() {
    let server = TestServer::start().await;
    let (alice, carol, bob) = (
        alice(&server).await,
        carol(&server).await,
        bob(&server).await,
    );
    let first = is_about_to_end(&server, &alice, &bob).await;
    let next = carol.requests_trip(&server).await;
    let offer = bob.is_offered_trip(&server).await;
    assert!(offer.forward);
    bob.completes(&server, first.id).await;
    assert!(!bob.accepts(&server, &offer).await.driver_finishes_first);
    bob.arrives(&server, next.id).await;
}

#[tokio::test]
async fn accepting_ahead_and_ending_the_ride_at_once_leave_a_trip_that_can_be_driven() {
    let server = TestServer::start().await;
    let (alice, carol, bob) = (
        alice(&server).await,
        carol(&server).await,
        bob(&server).await,
    );
    for _ in 0..5 {
        let first = is_about_to_end(&server, &alice, &bob).await;
        let next = carol.requests_trip(&server).await;
        let offer = bob.is_offered_trip(&server).await;
        let (accepted, completed) = tokio::join!(
            bob.tries_to_accept(&server, &offer),
            bob.tries(&server, "complete", first.id, Value::Null),
        );
        assert_eq!(
            (accepted.status, completed.status),
            (200, 200),
            "{} {}",
            accepted.body,
            completed.body
        );
        let seen = carol.sees(&server, next.id).await;
        assert!(!seen.driver_finishes_first);
        bob.arrives(&server, next.id).await;
        bob.starts(&server, &seen).await;
        bob.completes(&server, next.id).await;
    }
}

#[tokio::test]
async fn a_driver_takes_one_next_trip_and_not_two() {
    let server = TestServer::start().await;
    let (alice, carol) = (alice(&server).await, carol(&server).await);
    let (bob, dan) = (bob(&server).await, dan(&server).await);
    takes_next(&server, &alice, &carol, &bob).await;
    let erin = Actor::rider(&server, 3, "Erin").await;
    let third = erin.requests_trip(&server).await;
    dan.is_free_at(&server, north_of_pickup(3500.0)).await;
    let offer = dan.is_offered_trip(&server).await;
    assert_eq!((offer.trip_id, offer.forward), (third.id, false));
    assert_eq!(times_asked(&server, &bob).await, 2);
}

#[tokio::test]
async fn when_the_rider_calls_the_next_trip_off_the_ride_goes_on_and_another_one_may_come() {
    let server = TestServer::start().await;
    let (alice, carol, bob) = (
        alice(&server).await,
        carol(&server).await,
        bob(&server).await,
    );
    let [first, next] = takes_next(&server, &alice, &carol, &bob).await;
    let off = carol.cancels(&server, next.id, "changed_mind").await;
    assert_eq!(
        (off.status, off.driver_finishes_first),
        (TripStatus::Cancelled, false)
    );
    assert_eq!(
        alice.sees(&server, first.id).await.status,
        TripStatus::InProgress
    );
    let another = carol.requests_trip(&server).await;
    let offer = bob.is_offered_trip(&server).await;
    assert_eq!((offer.trip_id, offer.forward), (another.id, true));
    bob.declines(&server, &offer).await;
    bob.completes(&server, first.id).await;
}

#[tokio::test]
async fn a_next_trip_that_is_given_back_goes_to_somebody_else() {
    let server = TestServer::start().await;
    let (alice, carol) = (alice(&server).await, carol(&server).await);
    let (bob, dan) = (bob(&server).await, dan(&server).await);
    let [first, next] = takes_next(&server, &alice, &carol, &bob).await;
    let back = bob.cancels(&server, next.id, "other").await;
    assert_eq!(
        (back.status, back.driver_finishes_first),
        (TripStatus::Requested, false)
    );
    dan.is_free_at(&server, north_of_pickup(3000.0)).await;
    let offer = dan.is_offered_trip(&server).await;
    assert_eq!((offer.trip_id, offer.forward), (next.id, false));
    dan.accepts(&server, &offer).await;
    bob.completes(&server, first.id).await;
    let seen = carol.sees(&server, next.id).await;
    assert_eq!(seen.driver.unwrap().id, dan.id().into());
    dan.arrives(&server, next.id).await;
}

#[tokio::test]
async fn a_driver_who_goes_offline_loses_the_offer_of_a_next_trip_and_keeps_one_that_was_taken() {
    let server = TestServer::start().await;
    let (alice, carol, bob) = (
        alice(&server).await,
        carol(&server).await,
        bob(&server).await,
    );
    let first = is_about_to_end(&server, &alice, &bob).await;
    let next = carol.requests_trip(&server).await;
    let offer = bob.is_offered_trip(&server).await;
    bob.goes_offline(&server).await;
    bob.tries_to_accept(&server, &offer)
        .await
        .refused(409, ErrorCode::OfferClosed);

    bob.is_free_at(&server, CLOSE_TO_DROPOFF).await;
    let offer = bob.is_offered_trip(&server).await;
    assert_eq!((offer.trip_id, offer.forward), (next.id, true));
    bob.accepts(&server, &offer).await;
    bob.goes_offline(&server).await;
    assert!(carol.sees(&server, next.id).await.driver_finishes_first);
    bob.completes(&server, first.id).await;
    bob.arrives(&server, next.id).await;
}

#[tokio::test]
async fn a_driver_with_a_stop_ahead_is_not_asked_for_a_next_trip() {
    let server = TestServer::start().await;
    let (alice, carol) = (alice(&server).await, carol(&server).await);
    let (bob, dan) = (bob(&server).await, dan(&server).await);
    let ride =
        json!({ "pickup": PICKUP, "waypoints": [north_of_pickup(500.0)], "dropoff": DROPOFF });
    let quote = alice
        .gets_quote_of(&server, VehicleClass::Standard, ride)
        .await;
    let trip: Trip = alice
        .posts(&server, "/v1/trips", json!({ "quote_id": quote.id }))
        .await
        .told(201);
    drive_until(&server, &alice, &bob, &trip, TripStatus::InProgress).await;
    bob.is_at(&server, CLOSE_TO_DROPOFF).await;
    carol.requests_trip(&server).await;
    dan.is_free_at(&server, north_of_pickup(3500.0)).await;
    dan.is_offered_trip(&server).await;
    assert_eq!(times_asked(&server, &bob).await, 1, "for alice's trip");
}

#[tokio::test]
async fn where_drivers_are_not_asked_ahead_nobody_is() {
    let server = TestServer::start_with(|config| config.dispatch.forward_within_s = 0).await;
    let (alice, carol) = (alice(&server).await, carol(&server).await);
    let (bob, dan) = (bob(&server).await, dan(&server).await);
    is_about_to_end(&server, &alice, &bob).await;
    carol.requests_trip(&server).await;
    dan.is_free_at(&server, north_of_pickup(3500.0)).await;
    dan.is_offered_trip(&server).await;
    assert_eq!(times_asked(&server, &bob).await, 1, "for alice's trip");
}

#[tokio::test]
async fn positions_on_the_first_ride_belong_to_it_alone() {
    let server = TestServer::start().await;
    let (alice, carol, bob) = (
        alice(&server).await,
        carol(&server).await,
        bob(&server).await,
    );
    let [first, next] = takes_next(&server, &alice, &carol, &bob).await;
    bob.is_at(&server, DROPOFF).await;
    let points = |trip: &Trip| {
        let statement = "SELECT count(*) FROM trips.track_points WHERE trip_id = $1";
        sqlx::query_scalar::<_, i64>(statement)
            .bind(trip.id.uuid())
            .fetch_one(&server.pool)
    };
    assert!(points(&first).await.unwrap() > 0);
    assert_eq!(points(&next).await.unwrap(), 0);
    bob.completes(&server, first.id).await;
    bob.is_at(&server, DROPOFF).await;
    assert_eq!(points(&next).await.unwrap(), 1);
}

#[tokio::test]
async fn the_database_itself_refuses_two_next_trips_and_one_that_is_under_way() {
    let server = TestServer::start().await;
    let (alice, carol, bob) = (
        alice(&server).await,
        carol(&server).await,
        bob(&server).await,
    );
    let [first, next] = takes_next(&server, &alice, &carol, &bob).await;
    let broken = async |statement: &'static str| {
        let error = sqlx::query(statement).execute(&server.pool).await;
        let error = error.unwrap_err().into_database_error().unwrap();
        error.constraint().unwrap_or_default().to_owned()
    };
    let both_driven = "UPDATE trips.trips SET forward = false";
    assert_eq!(broken(both_driven).await, "trips_one_driven_per_driver");
    let both_next = "UPDATE trips.trips SET forward = true, status = 'assigned',
         state = state || jsonb_build_object('status', 'assigned')";
    assert_eq!(broken(both_next).await, "trips_one_forward_per_driver");
    let under_way = "UPDATE trips.trips SET status = 'arrived',
         state = state || jsonb_build_object('status', 'arrived') WHERE forward";
    assert_eq!(broken(under_way).await, "trips_forward");
    assert_ne!(first.id, next.id);
    let forward = "SELECT count(*) FROM trips.trips WHERE forward";
    assert_eq!(count(&server, forward).await, 1);
}
