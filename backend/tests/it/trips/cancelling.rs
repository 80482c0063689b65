//! Calling a trip off: by the rider, by the driver, and what it means for the other one.

use serde_json::json;
use wayfare_core::trip::{CancelReason, Party, TripStatus};
use wayfare_core::wire::{ErrorCode, Trip};

use super::rides::age;
use crate::actors::{alice, bob, dan, everything, north_of_pickup, ride_until};
use crate::harness::TestServer;

#[tokio::test]
async fn a_rider_calls_a_trip_off_while_nobody_was_found() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let trip = alice.requests_trip(&server).await;
    let body = json!({ "reason": "wait_too_long", "note": "I take the tram" });
    let cancelled: Trip = alice
        .tries(&server, "cancel", trip.id, body)
        .await
        .told(200);
    assert_eq!(
        (cancelled.status, cancelled.version),
        (TripStatus::Cancelled, 2)
    );
    let how = cancelled.cancelled.unwrap();
    assert_eq!(
        (how.by, how.reason),
        (Party::Rider, CancelReason::WaitTooLong)
    );
    assert_eq!(how.note.as_deref(), Some("I take the tram"));
    assert_eq!(cancelled.payment, None);
}

#[tokio::test]
async fn a_rider_calls_off_an_assigned_trip_and_the_driver_is_free_again() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    for reached in [TripStatus::Assigned, TripStatus::Arrived] {
        let trip = ride_until(&server, &alice, &bob, reached).await;
        alice.cancels(&server, trip.id, "driver_not_coming").await;
        let seen = bob.sees(&server, trip.id).await;
        assert_eq!(seen.status, TripStatus::Cancelled);
        assert_eq!(seen.cancelled.unwrap().by, Party::Rider);
    }
    let next = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    assert_eq!(next.driver.unwrap().name, "Bob");
}

#[tokio::test]
async fn a_trip_that_its_driver_gives_back_goes_to_the_next_driver() {
    let server = TestServer::start().await;
    let (alice, bob, dan) = (alice(&server).await, bob(&server).await, dan(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Arrived).await;

    let given_back = bob.cancels(&server, trip.id, "vehicle_problem").await;
    assert_eq!(
        (given_back.status, given_back.driver),
        (TripStatus::Requested, None)
    );
    let seen = alice.sees(&server, trip.id).await;
    assert_eq!(
        (seen.status, seen.driver, seen.vehicle),
        (TripStatus::Requested, None, None)
    );
    assert_eq!(seen.pin, trip.pin, "the rider keeps the PIN");
    let path = format!("/v1/trips/{}", trip.id);
    bob.gets(&server, &path)
        .await
        .refused(404, ErrorCode::NotFound);
    let again = bob
        .tries(&server, "cancel", trip.id, json!({ "reason": "other" }))
        .await;
    again.refused(404, ErrorCode::NotFound);

    // Bob is nearer, and not asked again.
    bob.is_free_at(&server, north_of_pickup(10.0)).await;
    dan.is_free_at(&server, north_of_pickup(2000.0)).await;
    let offer = dan.is_offered_trip(&server).await;
    assert_eq!(offer.trip_id, trip.id);
    assert_eq!(bob.offers(&server).await, []);
    dan.accepts(&server, &offer).await;
    assert_eq!(
        alice.sees(&server, trip.id).await.driver.unwrap().name,
        "Dan"
    );
    dan.arrives(&server, trip.id).await;
    dan.starts(&server, &trip).await;
    dan.completes(&server, trip.id).await;

    let offers: Vec<(String, i64)> = sqlx::query_as(
        "SELECT d.name || ' ' || o.status, count(*) FROM dispatch.offers o
         JOIN fleet.drivers d ON d.id = o.driver_id GROUP BY 1 ORDER BY 1",
    )
    .fetch_all(&server.pool)
    .await
    .unwrap();
    assert_eq!(
        offers,
        [
            ("Bob released".to_owned(), 1),
            ("Dan accepted".to_owned(), 1)
        ]
    );
}

#[tokio::test]
async fn giving_a_trip_back_may_be_repeated_under_its_key() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    let path = format!("/v1/trips/{}/cancel", trip.id);
    let body = json!({ "reason": "vehicle_problem" });
    let first = bob
        .posts_as(&server, "give-back", &path, body.clone())
        .await;
    let before = everything(&server).await;
    let second = bob.posts_as(&server, "give-back", &path, body).await;
    assert_eq!((first.status, second.status), (200, 200), "{}", second.body);
    assert_eq!(first.body, second.body);
    assert_eq!(everything(&server).await, before);
}

#[tokio::test]
async fn a_trip_whose_rider_does_not_come_ends() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Arrived).await;
    age(&server, trip.id, 301).await;
    let ended = bob.cancels(&server, trip.id, "rider_no_show").await;
    assert_eq!(ended.status, TripStatus::Cancelled);
    let how = alice.sees(&server, trip.id).await.cancelled.unwrap();
    assert_eq!(
        (how.by, how.reason),
        (Party::Driver, CancelReason::RiderNoShow)
    );
    let next = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    assert_eq!(next.driver.unwrap().name, "Bob");
}

#[tokio::test]
async fn a_rider_has_some_minutes_to_come_to_the_car() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    let no_show = json!({ "reason": "rider_no_show" });
    let answer = bob.tries(&server, "cancel", trip.id, no_show.clone()).await;
    answer.refused(409, ErrorCode::WrongTripState);
    bob.arrives(&server, trip.id).await;
    for older_s in [0, 280] {
        age(&server, trip.id, older_s).await;
        let before = everything(&server).await;
        let answer = bob.tries(&server, "cancel", trip.id, no_show.clone()).await;
        answer.refused(409, ErrorCode::TooEarlyForNoShow);
        assert_eq!(everything(&server).await, before);
    }
    bob.starts(&server, &alice.sees(&server, trip.id).await)
        .await;
}

#[tokio::test]
async fn a_city_may_let_its_drivers_leave_at_once() {
    let server = TestServer::start_with(|config| config.trips.no_show_after_s = 0).await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Arrived).await;
    let ended = bob.cancels(&server, trip.id, "rider_no_show").await;
    assert_eq!(ended.status, TripStatus::Cancelled);
}

#[tokio::test]
async fn a_trip_that_too_many_drivers_give_back_ends() {
    let server = TestServer::start_with(|config| config.dispatch.max_reassignments = 1).await;
    let (alice, bob, dan) = (alice(&server).await, bob(&server).await, dan(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    assert_eq!(
        bob.cancels(&server, trip.id, "safety").await.status,
        TripStatus::Requested
    );
    dan.is_free_at(&server, north_of_pickup(500.0)).await;
    let offer = dan.is_offered_trip(&server).await;
    dan.accepts(&server, &offer).await;
    let ended = dan.cancels(&server, trip.id, "safety").await;
    assert_eq!(ended.status, TripStatus::Cancelled);
    assert_eq!(
        alice.sees(&server, trip.id).await.cancelled.unwrap().by,
        Party::Driver
    );
}
