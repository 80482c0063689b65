//! Rides over several stops: reaching and leaving them, waiting there, and getting out early.

use chrono::Utc;
use reqwest::header::ETAG;
use serde_json::{Value, json};
use wayfare_core::pricing::{Basis, LineKind, RideLength};
use wayfare_core::receipt::Charged;
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{ErrorCode, Trip, TripLeg};

use super::rides::{MARKET, Proof, Ride, STATION, age, drive, ride_over, track_of};
use crate::actors::{Actor, alice, bob, carol, dan, drive_until, everything, north_of_pickup};
use crate::harness::TestServer;

pub(super) const REACH: &str = "stops/reach";
const LEAVE: &str = "stops/leave";

/// A ride of alice with bob over the market and the station that has begun.
pub(super) async fn ride_over_both(server: &TestServer, alice: &Actor, bob: &Actor) -> Trip {
    let trip = alice
        .requests_ride(server, ride_over(&[MARKET, STATION]))
        .await;
    drive_until(server, alice, bob, &trip, TripStatus::InProgress).await
}

pub(super) fn leg(trip: &Trip) -> (u8, bool) {
    let TripLeg { stop, arrived_at } = trip.leg.unwrap();
    (stop, arrived_at.is_some())
}

/// The driver tries a step that does not fit, and nothing changes.
pub(super) async fn refused(server: &TestServer, driver: &Actor, step: &str, trip: &Trip) {
    let before = everything(server).await;
    let answer = driver.tries(server, step, trip.id, Value::Null).await;
    answer.refused(409, ErrorCode::WrongTripState);
    assert_eq!(everything(server).await, before);
}

#[tokio::test]
async fn a_ride_over_two_stops_costs_as_quoted_and_the_long_stop_on_top() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let quote = alice
        .is_quoted(&server, ride_over(&[MARKET, STATION]))
        .await;
    assert_eq!(quote.waypoints, [MARKET, STATION]);
    assert_eq!(quote.fare.sum_minor(LineKind::Waypoints), 200);
    let trip: Trip = alice.takes_quote(&server, &quote).await.told(201);
    bob.is_free_at(&server, north_of_pickup(300.0)).await;
    let offer = bob.is_offered_trip(&server).await;
    assert_eq!(offer.waypoints, [MARKET, STATION]);
    assert_eq!(offer.distance_m, quote.distance_m);
    bob.accepts(&server, &offer).await;
    bob.arrives(&server, trip.id).await;
    refused(&server, &bob, REACH, &trip).await;

    let started = bob.starts(&server, &trip).await;
    assert_eq!(leg(&started), (0, false));
    assert_eq!(started.waypoints, [MARKET, STATION]);
    refused(&server, &bob, LEAVE, &trip).await;
    assert_eq!(leg(&bob.reaches_stop(&server, trip.id).await), (0, true));
    refused(&server, &bob, REACH, &trip).await;
    age(&server, trip.id, 160).await;
    assert_eq!(leg(&bob.leaves_stop(&server, trip.id).await), (1, false));
    assert_eq!(leg(&bob.reaches_stop(&server, trip.id).await), (1, true));
    age(&server, trip.id, 50).await;
    assert_eq!(leg(&alice.sees(&server, trip.id).await), (1, true));
    assert_eq!(leg(&bob.leaves_stop(&server, trip.id).await), (2, false));
    refused(&server, &bob, REACH, &trip).await;
    let done = bob.completes(&server, trip.id).await;

    assert_eq!((done.status, done.leg), (TripStatus::Completed, None));
    assert_eq!((done.version, done.basis), (9, Some(Basis::Quote)));
    // Of 160 s at the market 60 are free, and 100 s are 41.67; the 50 s at the station are free.
    assert_eq!(done.fare.sum_minor(LineKind::Waiting), 42);
    assert_eq!(done.fare.sum_minor(LineKind::Waypoints), 200);
    let proof = Proof::of(&server, &alice, trip.id).await;
    let receipt = proof.verify(None).unwrap();
    let Charged::Trip { driven, .. } = &receipt.charge else {
        panic!("{receipt:?}")
    };
    let waits: Vec<i64> = driven.waypoints.iter().map(|stop| stop.wait_s).collect();
    assert!((160..=162).contains(&waits[0]), "{waits:?}");
    assert!((50..=52).contains(&waits[1]), "{waits:?}");
    let ride = Ride {
        stop_waits: &waits,
        ..Ride::default()
    };
    assert_eq!(proof.settles(&quote, &done, ride).fare, done.fare);
    refused(&server, &bob, REACH, &trip).await;
    refused(&server, &bob, LEAVE, &trip).await;
}

#[tokio::test]
async fn only_the_driver_of_a_trip_reaches_and_leaves_its_stops() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let (carol, dan) = (carol(&server).await, dan(&server).await);
    let trip = ride_over_both(&server, &alice, &bob).await;
    for step in [REACH, LEAVE] {
        let before = everything(&server).await;
        for stranger in [&alice, &carol, &dan] {
            let answer = stranger.tries(&server, step, trip.id, Value::Null).await;
            answer.refused(404, ErrorCode::NotFound);
        }
        assert_eq!(everything(&server).await, before);
        bob.tries(&server, step, trip.id, Value::Null)
            .await
            .told::<Trip>(200);
    }
}

#[tokio::test]
async fn a_stop_is_reached_once_under_its_key_and_only_at_the_version_that_was_seen() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_over_both(&server, &alice, &bob).await;
    let path = format!("/v1/trips/{}/stops/reach", trip.id);
    let at_version = |if_match: &'static str| {
        crate::people::post(&server, &path)
            .by(&bob.session)
            .header("If-Match", if_match)
            .json(Value::Null)
    };
    at_version("\"3\"")
        .await
        .refused(412, ErrorCode::VersionMismatch);
    let first = bob.posts_as(&server, "there", &path, Value::Null).await;
    assert_eq!(first.headers[ETAG], "\"5\"");
    bob.leaves_stop(&server, trip.id).await;
    let before = everything(&server).await;
    let again = bob.posts_as(&server, "there", &path, Value::Null).await;
    assert_eq!((again.status, &again.body), (200, &first.body));
    assert_eq!(
        everything(&server).await,
        before,
        "the next stop is not reached"
    );
    at_version("\"6\"").await.told::<Trip>(200);
}

#[tokio::test]
async fn a_rider_who_gets_out_early_pays_as_far_as_the_car_came() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let quote = alice
        .is_quoted(&server, ride_over(&[MARKET, STATION]))
        .await;
    let short = json!({ "pickup": quote.pickup, "dropoff": MARKET });
    let plan = alice.is_quoted(&server, short).await;
    let trip: Trip = alice.takes_quote(&server, &quote).await.told(201);
    drive_until(&server, &alice, &bob, &trip, TripStatus::InProgress).await;
    bob.reaches_stop(&server, trip.id).await;
    let done = bob.completes(&server, trip.id).await;

    assert_eq!(done.basis, Some(Basis::Replanned));
    assert!(done.fare.total_minor < quote.fare.total_minor);
    assert_eq!(done.fare.sum_minor(LineKind::Waypoints), 100);
    let proof = Proof::of(&server, &alice, trip.id).await;
    proof.verify(None).unwrap();
    let ride = Ride {
        stop_waits: &[0],
        replanned: Some(RideLength {
            distance_m: plan.distance_m,
            duration_s: plan.duration_s,
        }),
        ..Ride::default()
    };
    assert_eq!(proof.settles(&quote, &done, ride).fare, done.fare);
    assert_eq!(done.payment.unwrap().amount, done.fare.total());
}

#[tokio::test]
async fn a_rider_who_gets_out_early_with_a_whole_track_pays_what_was_driven() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_over_both(&server, &alice, &bob).await;
    age(&server, trip.id, 300).await;
    let started_at = bob.sees(&server, trip.id).await.started_at.unwrap();
    let points = drive(started_at, Utc::now(), 5.0);
    bob.sends_track(&server, &points).await;
    // Between the stops: two of them and the end of the way are left out.
    let done = bob.completes(&server, trip.id).await;
    assert_eq!(done.basis, Some(Basis::DrivenStopsChanged));
    let proof = Proof::of(&server, &bob, trip.id).await;
    let receipt = proof.verify(Some(&track_of(&points, &done))).unwrap();
    let Charged::Trip { driven, .. } = &receipt.charge else {
        panic!("{receipt:?}")
    };
    assert_eq!(driven.waypoints, []);
    let driven_m = driven.ride.unwrap().distance_m;
    assert!((1480..1580).contains(&driven_m), "{driven_m}");
    assert_eq!(done.fare.sum_minor(LineKind::Waypoints), 0);
}
