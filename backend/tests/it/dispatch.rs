//! `/v1/offers`: who is asked for a trip, in which order, and what becomes of an offer.

mod blocks;
mod broadcast;
mod busy;
mod explain;
mod forward;
mod home;
mod instances;
mod leader;
mod needs;
mod queues;
mod races;
mod standing;
mod storm;
mod two_backends;
mod waves;

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use wayfare_core::trip::TripStatus;
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::{Driver, ErrorCode, Offer, OfferOutcome, StreamEvent, Trip};

use crate::actors::{
    Actor, alice, bob, carol, dan, everything, north_of_pickup, point, ride_until,
};
use crate::harness::{TestServer, wait_for};

/// How often this driver was ever asked.
async fn times_asked(server: &TestServer, driver: &Actor) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM dispatch.offers WHERE driver_id = $1")
        .bind(driver.id().uuid())
        .fetch_one(&server.pool)
        .await
        .unwrap()
}

/// Alice asks for a trip while `passed_over` is at the pickup and bob a way off: bob gets it, and
/// the other one was never asked.
async fn bob_is_asked_instead_of(server: &TestServer, passed_over: &Actor) {
    let (alice, bob) = (alice(server).await, bob(server).await);
    bob.is_free_at(server, north_of_pickup(1500.0)).await;
    let trip = alice.requests_trip(server).await;
    let offer = bob.is_offered_trip(server).await;
    assert_eq!(offer.trip_id, trip.id);
    assert_eq!(times_asked(server, passed_over).await, 0);
    assert_eq!(passed_over.offers(server).await, []);
}

#[tokio::test]
async fn the_nearest_free_driver_is_asked_first() {
    let server = TestServer::start().await;
    let (alice, bob, dan) = (alice(&server).await, bob(&server).await, dan(&server).await);
    bob.is_free_at(&server, north_of_pickup(1500.0)).await;
    dan.is_free_at(&server, north_of_pickup(-500.0)).await;
    let trip = alice.requests_trip(&server).await;
    let offer = dan.is_offered_trip(&server).await;
    assert_eq!(offer.trip_id, trip.id);
    // By road, which is taken to be 1.3 times as long as the straight line.
    assert!((649..=651).contains(&offer.pickup_distance_m), "{offer:?}");
    let at_28_kmh = offer.pickup_distance_m * 36 / 280;
    let duration_s = offer.pickup_duration_s.unwrap();
    assert!(
        (at_28_kmh..=at_28_kmh + 1).contains(&duration_s),
        "{offer:?}"
    );
    assert_eq!((offer.wave, offer.forward), (1, false));
    assert_eq!(times_asked(&server, &bob).await, 0);
}

#[tokio::test]
async fn the_newest_position_of_a_driver_counts_also_when_an_older_one_comes_later() {
    let server = TestServer::start().await;
    let (alice, bob, dan) = (alice(&server).await, bob(&server).await, dan(&server).await);
    bob.is_free_at(&server, north_of_pickup(1000.0)).await;
    dan.is_free_at(&server, north_of_pickup(2000.0)).await;
    let late = point(north_of_pickup(10.0), Utc::now() - TimeDelta::seconds(10));
    assert_eq!(dan.sends_points(&server, &[late]).await.status, 200);
    alice.requests_trip(&server).await;
    bob.is_offered_trip(&server).await;
    assert_eq!(times_asked(&server, &dan).await, 0);
}

#[tokio::test]
async fn a_declined_trip_goes_to_the_next_driver_and_never_back() {
    let server = TestServer::start().await;
    let (alice, bob, dan) = (alice(&server).await, bob(&server).await, dan(&server).await);
    bob.is_free_at(&server, north_of_pickup(100.0)).await;
    dan.is_free_at(&server, north_of_pickup(900.0)).await;
    let trip = alice.requests_trip(&server).await;
    let offer = bob.is_offered_trip(&server).await;
    bob.declines(&server, &offer).await;
    let next = dan.is_offered_trip(&server).await;
    assert_eq!(next.trip_id, trip.id);
    bob.tries_to_accept(&server, &offer)
        .await
        .refused(409, ErrorCode::OfferClosed);
    let path = format!("/v1/offers/{}/decline", offer.id);
    let again = bob
        .posts(&server, &path, json!({ "reason": "other" }))
        .await;
    again.refused(409, ErrorCode::OfferClosed);
    dan.declines(&server, &next).await;
    assert_eq!(
        alice.sees(&server, trip.id).await.status,
        TripStatus::Requested
    );
    // Both said no. Somebody new is asked, so the search went on, and neither of them again.
    let erin = Actor::driver(&server, 3, "Erin", VehicleClass::Standard).await;
    erin.is_free_at(&server, north_of_pickup(3000.0)).await;
    erin.is_offered_trip(&server).await;
    assert_eq!(
        (
            times_asked(&server, &bob).await,
            times_asked(&server, &dan).await
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn an_offer_expires_when_the_driver_is_silent_and_the_next_one_is_asked() {
    let server = TestServer::start_with(|config| config.dispatch.offer_timeout_s = 1).await;
    let (alice, bob, dan) = (alice(&server).await, bob(&server).await, dan(&server).await);
    bob.is_free_at(&server, north_of_pickup(100.0)).await;
    dan.is_free_at(&server, north_of_pickup(900.0)).await;
    let (mut listener, ..) = bob.listens(&server, None).await;
    let trip = alice.requests_trip(&server).await;
    let offer = bob.is_offered_trip(&server).await;
    assert!(offer.expires_at <= Utc::now() + TimeDelta::seconds(1));

    let next = dan.is_offered_trip(&server).await;
    assert_eq!(next.trip_id, trip.id);
    bob.tries_to_accept(&server, &offer)
        .await
        .refused(409, ErrorCode::OfferClosed);
    assert_eq!(bob.offers(&server).await, []);
    let told = listener
        .next_that(|event| matches!(event, StreamEvent::OfferClosed { .. }))
        .await;
    let outcome = OfferOutcome::TimedOut;
    assert_eq!(
        told.event,
        StreamEvent::OfferClosed {
            offer_id: offer.id,
            outcome
        }
    );
}

#[tokio::test]
async fn an_offer_cannot_be_accepted_after_its_time_even_if_nobody_closed_it_yet() {
    // The dispatcher comes round once, at the start, and then not again.
    let server = TestServer::start_with(|config| config.dispatch.tick_ms = 60_000).await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    bob.goes_online(&server).await;
    let trip = alice.requests_trip(&server).await;
    let offer = insert_offer(&server, &trip, &bob, "-1 second").await;
    assert_eq!(bob.offers(&server).await, []);
    let before = everything(&server).await;
    bob.tries_to_accept(&server, &offer)
        .await
        .refused(409, ErrorCode::OfferClosed);
    assert_eq!(everything(&server).await, before);

    sqlx::query("UPDATE dispatch.offers SET expires_at = now() + interval '1 minute'")
        .execute(&server.pool)
        .await
        .unwrap();
    assert_eq!(
        bob.accepts(&server, &offer).await.status,
        TripStatus::Assigned
    );
}

/// An offer that the dispatcher did not make.
async fn insert_offer(server: &TestServer, trip: &Trip, driver: &Actor, ends: &str) -> Offer {
    let id = uuid::Uuid::now_v7();
    sqlx::query(
        "INSERT INTO dispatch.offers (id, trip_id, driver_id, vehicle_id, status,
             pickup_distance_m, driver_share_minor, created_at, expires_at)
         VALUES ($1, $2, $3, $4, 'open', 100, $5, now(), now() + $6::text::interval)",
    )
    .bind(id)
    .bind(trip.id.uuid())
    .bind(driver.id().uuid())
    .bind(driver.vehicle.unwrap().uuid())
    .bind(trip.fare.driver_share_minor)
    .bind(ends)
    .execute(&server.pool)
    .await
    .unwrap();
    Offer {
        id: wayfare_core::id::OfferId::from_uuid(id),
        trip_id: trip.id,
        vehicle_class: trip.vehicle_class,
        needs: trip.needs.clone(),
        pickup: trip.pickup,
        waypoints: Vec::new(),
        dropoff: trip.dropoff,
        pickup_at: None,
        pickup_distance_m: 100,
        pickup_duration_s: None,
        forward: false,
        wave: 1,
        distance_m: trip.distance_m,
        duration_s: trip.duration_s,
        driver_share_minor: trip.fare.driver_share_minor,
        currency: trip.fare.currency,
        requested_at: trip.requested_at,
        expires_at: Utc::now(),
    }
}

#[tokio::test]
async fn a_driver_who_is_offline_is_not_asked() {
    let server = TestServer::start().await;
    let dan = dan(&server).await;
    dan.is_free_at(&server, north_of_pickup(0.0)).await;
    dan.goes_offline(&server).await;
    dan.is_at(&server, north_of_pickup(0.0)).await;
    bob_is_asked_instead_of(&server, &dan).await;
}

#[tokio::test]
async fn a_driver_who_was_not_seen_lately_is_not_asked() {
    let server = TestServer::start().await;
    let dan = dan(&server).await;
    dan.goes_online(&server).await;
    let long_ago = Utc::now() - TimeDelta::seconds(61);
    let sent = dan
        .sends_points(&server, &[point(north_of_pickup(0.0), long_ago)])
        .await;
    assert_eq!(sent.status, 200);
    bob_is_asked_instead_of(&server, &dan).await;
}

#[tokio::test]
async fn a_driver_who_never_said_where_they_are_is_not_asked() {
    let server = TestServer::start().await;
    let dan = dan(&server).await;
    dan.goes_online(&server).await;
    bob_is_asked_instead_of(&server, &dan).await;
}

#[tokio::test]
async fn a_driver_who_waits_for_approval_is_not_asked() {
    let server = TestServer::start().await;
    let dan = Actor::pending_driver(&server, 2, "Dan", VehicleClass::Standard).await;
    let wish = json!({ "status": "online", "vehicle_id": dan.vehicle });
    dan.sets_availability(&server, wish)
        .await
        .refused(403, ErrorCode::DriverNotActive);
    dan.is_at(&server, north_of_pickup(0.0)).await;
    bob_is_asked_instead_of(&server, &dan).await;
}

#[tokio::test]
async fn a_driver_with_another_class_of_car_is_not_asked() {
    let server = TestServer::start().await;
    let dan = Actor::driver(&server, 2, "Dan", VehicleClass::Xl).await;
    dan.is_free_at(&server, north_of_pickup(0.0)).await;
    bob_is_asked_instead_of(&server, &dan).await;
}

#[tokio::test]
async fn a_driver_with_a_trip_is_not_asked() {
    let server = TestServer::start().await;
    let (carol, dan) = (carol(&server).await, dan(&server).await);
    ride_until(&server, &carol, &dan, TripStatus::InProgress).await;
    dan.is_free_at(&server, north_of_pickup(0.0)).await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    bob.is_free_at(&server, north_of_pickup(1500.0)).await;
    alice.requests_trip(&server).await;
    bob.is_offered_trip(&server).await;
    assert_eq!(times_asked(&server, &dan).await, 1, "for carol's trip");
}

#[tokio::test]
async fn a_driver_who_has_an_offer_is_not_asked_for_another_trip() {
    let server = TestServer::start().await;
    let (alice, carol) = (alice(&server).await, carol(&server).await);
    let (bob, dan) = (bob(&server).await, dan(&server).await);
    dan.is_free_at(&server, north_of_pickup(0.0)).await;
    let first = alice.requests_trip(&server).await;
    assert_eq!(dan.is_offered_trip(&server).await.trip_id, first.id);
    let second = carol.requests_trip(&server).await;
    bob.is_free_at(&server, north_of_pickup(3000.0)).await;
    assert_eq!(bob.is_offered_trip(&server).await.trip_id, second.id);
    assert_eq!(times_asked(&server, &dan).await, 1);
}

#[tokio::test]
async fn a_driver_farther_away_than_the_search_goes_is_not_asked() {
    let server = TestServer::start().await;
    let dan = dan(&server).await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    // By road it is taken to be 1.3 times as far: here more than 7000 m.
    dan.is_free_at(&server, north_of_pickup(5500.0)).await;
    alice.requests_trip(&server).await;
    // Beyond where the search starts, within where it ends.
    bob.is_free_at(&server, north_of_pickup(5300.0)).await;
    bob.is_offered_trip(&server).await;
    assert_eq!(times_asked(&server, &dan).await, 0);
}

#[tokio::test]
async fn nobody_is_asked_to_drive_themselves() {
    let server = TestServer::start().await;
    let dan = dan(&server).await;
    dan.is_free_at(&server, north_of_pickup(0.0)).await;
    let bob = bob(&server).await;
    bob.is_free_at(&server, north_of_pickup(2000.0)).await;
    let trip = dan.requests_trip(&server).await;
    assert_eq!(bob.is_offered_trip(&server).await.trip_id, trip.id);
    assert_eq!(times_asked(&server, &dan).await, 0);
}

#[tokio::test]
async fn an_offer_is_withdrawn_when_the_rider_calls_the_trip_off() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    bob.is_free_at(&server, north_of_pickup(100.0)).await;
    let (mut listener, ..) = bob.listens(&server, None).await;
    let trip = alice.requests_trip(&server).await;
    let offer = bob.is_offered_trip(&server).await;
    alice.cancels(&server, trip.id, "changed_mind").await;
    assert_eq!(bob.offers(&server).await, []);
    bob.tries_to_accept(&server, &offer)
        .await
        .refused(409, ErrorCode::OfferClosed);

    let told = listener
        .next_that(|event| matches!(event, StreamEvent::OfferClosed { .. }))
        .await;
    let outcome = OfferOutcome::Withdrawn;
    assert_eq!(
        told.event,
        StreamEvent::OfferClosed {
            offer_id: offer.id,
            outcome
        }
    );
    carol(&server).await.requests_trip(&server).await;
    bob.is_offered_trip(&server).await;
}

#[tokio::test]
async fn an_offer_is_withdrawn_when_its_driver_goes_offline() {
    let server = TestServer::start().await;
    let (alice, bob, dan) = (alice(&server).await, bob(&server).await, dan(&server).await);
    bob.is_free_at(&server, north_of_pickup(100.0)).await;
    let trip = alice.requests_trip(&server).await;
    let offer = bob.is_offered_trip(&server).await;
    bob.goes_offline(&server).await;
    bob.tries_to_accept(&server, &offer)
        .await
        .refused(409, ErrorCode::OfferClosed);
    dan.is_free_at(&server, north_of_pickup(2000.0)).await;
    assert_eq!(dan.is_offered_trip(&server).await.trip_id, trip.id);
}

#[tokio::test]
async fn a_trip_expires_when_nobody_is_there_and_the_rider_is_told() {
    let server = TestServer::start_with(|config| {
        config.dispatch.offer_timeout_s = 1;
        config.dispatch.search_timeout_s = 1;
    })
    .await;
    let alice = alice(&server).await;
    let (mut listener, ..) = alice.listens(&server, None).await;
    let trip = alice.requests_trip(&server).await;
    let told = listener
        .next_that(
            |event| matches!(event, StreamEvent::TripUpdated { trip } if trip.status.is_final()),
        )
        .await;
    let StreamEvent::TripUpdated { trip: shown } = told.event else {
        unreachable!()
    };
    assert_eq!((shown.id, shown.status), (trip.id, TripStatus::Expired));
    let waited = Utc::now() - trip.requested_at;
    assert!(waited >= TimeDelta::seconds(1), "{waited}");
    alice.requests_trip(&server).await;
}

#[tokio::test]
async fn somebody_elses_offer_does_not_exist() {
    let server = TestServer::start().await;
    let (alice, bob, dan) = (alice(&server).await, bob(&server).await, dan(&server).await);
    bob.is_free_at(&server, north_of_pickup(100.0)).await;
    alice.requests_trip(&server).await;
    let offer = bob.is_offered_trip(&server).await;
    let before = everything(&server).await;
    for stranger in [&dan, &alice] {
        stranger
            .tries_to_accept(&server, &offer)
            .await
            .refused(404, ErrorCode::NotFound);
        let path = format!("/v1/offers/{}/decline", offer.id);
        let answer = stranger
            .posts(&server, &path, json!({ "reason": "other" }))
            .await;
        answer.refused(404, ErrorCode::NotFound);
    }
    assert_eq!(everything(&server).await, before);
}

#[tokio::test]
async fn drivers_keep_their_trip_over_a_restart_and_are_found_again_when_they_report() {
    let mut server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    server.restart().await;
    bob.arrives(&server, trip.id).await;
    bob.starts(&server, &trip).await;
    bob.completes(&server, trip.id).await;
    let profile: Driver = bob.gets(&server, "/v1/drivers/me").await.told(200);
    assert_eq!(profile.vehicle_id, bob.vehicle, "still online");
    bob.is_at(&server, north_of_pickup(100.0)).await;
    let next = alice.requests_trip(&server).await;
    let offer = wait_for("an offer", || async { bob.offers(&server).await.pop() }).await;
    assert_eq!(offer.trip_id, next.id);
    let taken = bob
        .posts(
            &server,
            &format!("/v1/offers/{}/accept", offer.id),
            Value::Null,
        )
        .await;
    assert_eq!(taken.status, 200);
}
