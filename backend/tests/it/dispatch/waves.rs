//! How often somebody is asked for one trip.

use wayfare_core::trip::TripStatus;
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::{StreamEvent, Trip};

use super::times_asked;
use crate::actors::{Actor, alice, bob, dan, north_of_pickup};
use crate::harness::TestServer;
use crate::listener::Listener;
use crate::people::count;

/// The trip when it is over, as the rider is told.
pub(super) async fn ending(listener: &mut Listener) -> Trip {
    let is_over = |event: &StreamEvent| matches!(event, StreamEvent::TripUpdated { trip } if trip.status.is_final());
    match listener.next_that(is_over).await.event {
        StreamEvent::TripUpdated { trip } => *trip,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_trip_expires_after_its_waves_and_the_rider_is_told() {
    let server = TestServer::start_with(|config| config.dispatch.waves_max = 2).await;
    let (alice, bob, dan) = (alice(&server).await, bob(&server).await, dan(&server).await);
    let erin = Actor::driver(&server, 3, "Erin", VehicleClass::Standard).await;
    bob.is_free_at(&server, north_of_pickup(100.0)).await;
    dan.is_free_at(&server, north_of_pickup(900.0)).await;
    erin.is_free_at(&server, north_of_pickup(1500.0)).await;
    let (mut listener, ..) = alice.listens(&server, None).await;
    let trip = alice.requests_trip(&server).await;
    let first = bob.is_offered_trip(&server).await;
    bob.declines(&server, &first).await;
    let second = dan.is_offered_trip(&server).await;
    assert_eq!((first.wave, second.wave), (1, 2));
    dan.declines(&server, &second).await;
    let over = ending(&mut listener).await;
    assert_eq!((over.id, over.status), (trip.id, TripStatus::Expired));
    assert_eq!(times_asked(&server, &erin).await, 0);
}

#[tokio::test]
async fn rounds_in_which_nobody_is_asked_are_no_waves() {
    let server = TestServer::start_with(|config| {
        config.dispatch.tick_ms = 50;
        config.dispatch.waves_max = 1;
    })
    .await;
    let (alice, bob, dan) = (alice(&server).await, bob(&server).await, dan(&server).await);
    let trip = alice.requests_trip(&server).await;
    // Another trip is offered meanwhile, so rounds have gone by in which this one got nobody.
    dan.is_free_at(&server, north_of_pickup(30_000.0)).await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_eq!(
        alice.sees(&server, trip.id).await.status,
        TripStatus::Requested
    );
    bob.is_free_at(&server, north_of_pickup(100.0)).await;
    assert_eq!(bob.is_offered_trip(&server).await.wave, 1);
}

#[tokio::test]
async fn the_search_begins_anew_when_the_driver_gives_the_trip_back() {
    let server = TestServer::start_with(|config| config.dispatch.waves_max = 1).await;
    let (alice, bob, dan) = (alice(&server).await, bob(&server).await, dan(&server).await);
    bob.is_free_at(&server, north_of_pickup(100.0)).await;
    let trip = alice.requests_trip(&server).await;
    let offer = bob.is_offered_trip(&server).await;
    bob.accepts(&server, &offer).await;
    dan.is_free_at(&server, north_of_pickup(900.0)).await;
    bob.cancels(&server, trip.id, "vehicle_problem").await;
    let offer = dan.is_offered_trip(&server).await;
    assert_eq!((offer.trip_id, offer.wave), (trip.id, 1));
    assert_eq!(times_asked(&server, &bob).await, 1);
    let expired = "SELECT count(*) FROM trips.trips WHERE status = 'expired'";
    assert_eq!(count(&server, expired).await, 0);
}
