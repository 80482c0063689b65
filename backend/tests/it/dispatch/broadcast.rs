//! Several drivers are asked at once, and the first to accept gets the trip.

use futures_util::future::join_all;
use wayfare_backend::platform::config::DispatchMode;
use wayfare_core::trip::TripStatus;
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::{ErrorCode, Offer, OfferOutcome, StreamEvent};

use super::times_asked;
use super::waves::ending;
use crate::actors::{Actor, admin, alice, north_of_pickup};
use crate::harness::TestServer;
use crate::listener::Listener;
use crate::people::count;

/// Two drivers are asked at once, twice.
async fn start() -> TestServer {
    TestServer::start_with(|config| {
        config.dispatch.mode = DispatchMode::Broadcast;
        config.dispatch.broadcast_offers = 2;
        config.dispatch.broadcast_waves_max = 2;
    })
    .await
}

/// So many drivers, each farther from the pickup than the one before.
async fn drivers(server: &TestServer, count: u32) -> Vec<Actor> {
    let mut drivers = Vec::new();
    for number in 1..=count {
        let driver = Actor::driver(server, number, "Driver", VehicleClass::Standard).await;
        driver
            .is_free_at(server, north_of_pickup(f64::from(number) * 200.0))
            .await;
        drivers.push(driver);
    }
    drivers
}

async fn closing(listener: &mut Listener) -> StreamEvent {
    let closes = |event: &StreamEvent| matches!(event, StreamEvent::OfferClosed { .. });
    listener.next_that(closes).await.event
}

fn withdrawn(offer: &Offer) -> StreamEvent {
    StreamEvent::OfferClosed {
        offer_id: offer.id,
        outcome: OfferOutcome::Withdrawn,
    }
}

#[tokio::test]
async fn the_first_to_accept_gets_the_trip_and_the_others_are_told() {
    let server = start().await;
    let alice = alice(&server).await;
    let drivers = drivers(&server, 3).await;
    let (mut listener, ..) = drivers[0].listens(&server, None).await;
    let trip = alice.requests_trip(&server).await;
    let first = drivers[0].is_offered_trip(&server).await;
    let second = drivers[1].is_offered_trip(&server).await;
    assert_eq!((first.trip_id, second.trip_id), (trip.id, trip.id));
    assert_eq!((first.wave, second.wave), (1, 1));

    drivers[1].accepts(&server, &second).await;
    assert_eq!(closing(&mut listener).await, withdrawn(&first));
    drivers[0]
        .tries_to_accept(&server, &first)
        .await
        .refused(409, ErrorCode::OfferClosed);
    assert_eq!(drivers[0].offers(&server).await, []);
    let seen = alice.sees(&server, trip.id).await;
    assert_eq!(seen.driver.unwrap().id, drivers[1].id().into());
    assert_eq!(times_asked(&server, &drivers[2]).await, 0);
}

#[tokio::test]
async fn of_all_who_accept_at_once_one_gets_the_trip() {
    let server = TestServer::start_with(|config| {
        config.dispatch.mode = DispatchMode::Broadcast;
        config.dispatch.broadcast_offers = 5;
    })
    .await;
    let alice = alice(&server).await;
    let drivers = drivers(&server, 5).await;
    for _ in 0..3 {
        let trip = alice.requests_trip(&server).await;
        let asked = drivers.iter().map(|driver| driver.is_offered_trip(&server));
        let offers = join_all(asked).await;
        let answers = drivers.iter().zip(&offers);
        let answers =
            join_all(answers.map(|(driver, offer)| driver.tries_to_accept(&server, offer))).await;
        let taken = answers.iter().filter(|answer| answer.status == 200);
        assert_eq!(taken.count(), 1);
        for late in answers.iter().filter(|answer| answer.status != 200) {
            late.refused(409, ErrorCode::OfferClosed);
        }
        assert_eq!(alice.sees(&server, trip.id).await.version, 2);
        let open = "SELECT count(*) FROM dispatch.offers WHERE status = 'open'";
        assert_eq!(count(&server, open).await, 0);
        alice.cancels(&server, trip.id, "changed_mind").await;
    }
    let integrity = admin(&server).await.checks_integrity(&server).await;
    assert_eq!(integrity.double_assignments, 0);
}

#[tokio::test]
async fn when_all_of_a_wave_decline_the_next_ones_are_asked_and_then_the_trip_expires() {
    let server = start().await;
    let alice = alice(&server).await;
    let drivers = drivers(&server, 5).await;
    let (mut listener, ..) = alice.listens(&server, None).await;
    let trip = alice.requests_trip(&server).await;
    for (wave, asked) in [(1, &drivers[..2]), (2, &drivers[2..4])] {
        for driver in asked {
            let offer = driver.is_offered_trip(&server).await;
            assert_eq!((offer.trip_id, offer.wave), (trip.id, wave));
            driver.declines(&server, &offer).await;
        }
    }
    let over = ending(&mut listener).await;
    assert_eq!((over.id, over.status), (trip.id, TripStatus::Expired));
    assert_eq!(times_asked(&server, &drivers[4]).await, 0);
}

#[tokio::test]
async fn all_who_are_asked_are_told_when_the_trip_is_called_off() {
    let server = start().await;
    let alice = alice(&server).await;
    let drivers = drivers(&server, 2).await;
    let trip = alice.requests_trip(&server).await;
    for driver in &drivers {
        driver.is_offered_trip(&server).await;
    }
    let (mut first, ..) = drivers[0].listens(&server, None).await;
    let (mut second, ..) = drivers[1].listens(&server, None).await;
    let offers = [
        drivers[0].offers(&server).await.remove(0),
        drivers[1].offers(&server).await.remove(0),
    ];
    alice.cancels(&server, trip.id, "changed_mind").await;
    assert_eq!(closing(&mut first).await, withdrawn(&offers[0]));
    assert_eq!(closing(&mut second).await, withdrawn(&offers[1]));
}

#[tokio::test]
async fn who_was_too_late_is_asked_again_when_the_trip_comes_back() {
    let server = start().await;
    let alice = alice(&server).await;
    let drivers = drivers(&server, 2).await;
    let trip = alice.requests_trip(&server).await;
    drivers[1].is_offered_trip(&server).await;
    let offer = drivers[0].is_offered_trip(&server).await;
    drivers[0].accepts(&server, &offer).await;
    drivers[0]
        .cancels(&server, trip.id, "vehicle_problem")
        .await;
    let again = drivers[1].is_offered_trip(&server).await;
    assert_eq!((again.trip_id, again.wave), (trip.id, 1));
    assert_eq!(times_asked(&server, &drivers[0]).await, 1);
}
