//! `/v1/trips/…/stops`: stops that change, before the ride and on the way, who may change them, and what
//! it costs.

use chrono::Utc;
use reqwest::header::ETAG;
use serde_json::{Value, json};
use wayfare_core::pricing::{Basis, RideLength};
use wayfare_core::receipt::Charged;
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{ErrorCode, Point, StreamEvent, Trip};

use super::rides::{HARBOUR, MARKET, Proof, Ride, STATION, age, drive, ride_over, track_of};
use super::stops::{REACH, leg, refused, ride_over_both};
use crate::actors::{DROPOFF, alice, bob, carol, dan, drive_until, everything, north_of_pickup};
use crate::harness::TestServer;
use crate::people::put;

#[tokio::test]
async fn stops_change_before_the_ride_and_everybody_sees_the_new_ones_and_the_new_price() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let (mut listener, ..) = bob.listens(&server, None).await;
    let trip = alice.requests_trip(&server).await;
    bob.is_free_at(&server, north_of_pickup(300.0)).await;
    let asked = bob.is_offered_trip(&server).await;
    assert_eq!(asked.waypoints, []);

    let wanted = alice.is_quoted(&server, ride_over(&[MARKET])).await;
    let changed = alice
        .changes_stops(&server, trip.id, &[MARKET], DROPOFF)
        .await;
    assert_eq!(
        (changed.status, changed.version),
        (TripStatus::Requested, 2)
    );
    assert_eq!(
        (&changed.waypoints[..], changed.dropoff),
        (&[MARKET][..], DROPOFF)
    );
    assert_eq!(changed.fare, wanted.fare, "as a quote for the same stops");
    assert!(changed.fare.total_minor > trip.fare.total_minor);
    assert_eq!(
        (changed.distance_m, changed.duration_s),
        (wanted.distance_m, wanted.duration_s)
    );
    assert_eq!(changed.pin, trip.pin);

    let offer = bob.offers(&server).await.pop().unwrap();
    assert_eq!(
        (offer.id, &offer.waypoints[..], offer.distance_m),
        (asked.id, &[MARKET][..], wanted.distance_m)
    );
    assert_eq!(offer.driver_share_minor, wanted.fare.driver_share_minor);
    assert_eq!(offer.expires_at, asked.expires_at);
    let told = listener
        .next_that(|event| {
            matches!(event, StreamEvent::OfferCreated { offer } if offer.waypoints == [MARKET])
        })
        .await;
    let StreamEvent::OfferCreated { offer: renewed } = told.event else {
        unreachable!()
    };
    assert_eq!(*renewed, offer);

    bob.accepts(&server, &offer).await;
    let farther = alice
        .is_quoted(
            &server,
            json!({ "pickup": trip.pickup, "waypoints": [MARKET, STATION], "dropoff": HARBOUR }),
        )
        .await;
    alice
        .changes_stops(&server, trip.id, &[MARKET, STATION], HARBOUR)
        .await;
    let told = listener
        .next_that(
            |event| matches!(event, StreamEvent::TripUpdated { trip } if trip.dropoff == HARBOUR),
        )
        .await;
    let StreamEvent::TripUpdated { trip: shown } = told.event else {
        unreachable!()
    };
    let seen = bob.sees(&server, trip.id).await;
    assert_eq!(*shown, seen);
    assert_eq!(
        (&seen.fare, seen.status),
        (&farther.fare, TripStatus::Assigned)
    );
    assert_eq!(seen.waypoints, [MARKET, STATION]);

    bob.arrives(&server, trip.id).await;
    let back = alice.changes_stops(&server, trip.id, &[], DROPOFF).await;
    assert_eq!((&back.fare, back.version), (&trip.fare, 6));
    bob.starts(&server, &trip).await;
    let done = bob.completes(&server, trip.id).await;
    assert_eq!(
        (done.basis, done.fare),
        (Some(Basis::Quote), trip.fare),
        "stops that were changed back are as quoted"
    );
    Proof::of(&server, &alice, trip.id)
        .await
        .verify(None)
        .unwrap();
}

#[tokio::test]
async fn stops_ahead_change_during_the_ride_and_those_behind_stay() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_over_both(&server, &alice, &bob).await;
    alice
        .changes_stops(&server, trip.id, &[STATION, MARKET], DROPOFF)
        .await;
    alice
        .changes_stops(&server, trip.id, &[MARKET, STATION], DROPOFF)
        .await;
    bob.reaches_stop(&server, trip.id).await;

    let before = everything(&server).await;
    for (waypoints, dropoff) in [
        (&[] as &[Point], DROPOFF),
        (&[STATION], DROPOFF),
        (&[STATION, MARKET], HARBOUR),
        (&[HARBOUR, MARKET, STATION], DROPOFF),
        // As they are.
        (&[MARKET, STATION], DROPOFF),
    ] {
        let answer = alice
            .tries_to_change_stops(&server, trip.id, waypoints, dropoff)
            .await;
        answer.refused(409, ErrorCode::StopsRefused);
    }
    assert_eq!(everything(&server).await, before);

    let changed = alice
        .changes_stops(&server, trip.id, &[MARKET, HARBOUR, STATION], HARBOUR)
        .await;
    assert_eq!(leg(&changed), (0, true), "the car is still at the market");
    bob.leaves_stop(&server, trip.id).await;
    let changed = alice
        .changes_stops(&server, trip.id, &[MARKET], HARBOUR)
        .await;
    assert_eq!(leg(&changed), (1, false));
    refused(&server, &bob, REACH, &trip).await;
    let done = bob.completes(&server, trip.id).await;
    assert_eq!(done.basis, Some(Basis::Replanned));
    assert_eq!((done.waypoints, done.dropoff), (vec![MARKET], HARBOUR));

    let proof = Proof::of(&server, &bob, trip.id).await;
    let receipt = proof.verify(None).unwrap();
    let Charged::Trip { driven, .. } = &receipt.charge else {
        panic!("{receipt:?}")
    };
    let wanted = alice
        .is_quoted(
            &server,
            json!({ "pickup": trip.pickup, "waypoints": [MARKET], "dropoff": HARBOUR }),
        )
        .await;
    let plan = driven.replanned.unwrap();
    assert_eq!(
        (plan.distance_m, plan.duration_s),
        (wanted.distance_m, wanted.duration_s)
    );
    assert_eq!(done.fare, wanted.fare, "as if this had been quoted at once");
    let answer = alice
        .tries_to_change_stops(&server, trip.id, &[], DROPOFF)
        .await;
    answer.refused(409, ErrorCode::WrongTripState);
}

#[tokio::test]
async fn a_ride_with_changed_stops_and_a_whole_track_costs_what_was_driven() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let quote = alice.is_quoted(&server, ride_over(&[])).await;
    let trip: Trip = alice.takes_quote(&server, &quote).await.told(201);
    drive_until(&server, &alice, &bob, &trip, TripStatus::InProgress).await;
    let changed = alice.changes_stops(&server, trip.id, &[], HARBOUR).await;
    age(&server, trip.id, 600).await;
    let started_at = bob.sees(&server, trip.id).await.started_at.unwrap();
    let points = drive(started_at, Utc::now(), 7.0);
    bob.sends_track(&server, &points).await;
    let done = bob.completes(&server, trip.id).await;
    assert_eq!(done.basis, Some(Basis::DrivenStopsChanged));

    let track = track_of(&points, &done);
    let proof = Proof::of(&server, &alice, trip.id).await;
    proof.verify(Some(&track)).unwrap();
    let ride = Ride {
        track: &track,
        replanned: Some(RideLength {
            distance_m: changed.distance_m,
            duration_s: changed.duration_s,
        }),
        ..Ride::default()
    };
    let wanted = proof.settles(&quote, &done, ride);
    assert!(
        (4100..4350).contains(&wanted.facts.distance_m),
        "{wanted:?}"
    );
    assert_eq!(wanted.fare, done.fare);
    assert_ne!(done.fare, changed.fare, "the estimate was an estimate");
}

#[tokio::test]
async fn only_the_rider_changes_stops() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let (carol, dan) = (carol(&server).await, dan(&server).await);
    let trip = ride_over_both(&server, &alice, &bob).await;
    let before = everything(&server).await;
    for stranger in [&carol, &dan] {
        let answer = stranger
            .tries_to_change_stops(&server, trip.id, &[], HARBOUR)
            .await;
        answer.refused(404, ErrorCode::NotFound);
    }
    let answer = bob
        .tries_to_change_stops(&server, trip.id, &[], HARBOUR)
        .await;
    answer.refused(403, ErrorCode::Forbidden);
    assert_eq!(everything(&server).await, before);
}

#[tokio::test]
async fn stops_that_make_no_trip_are_refused() {
    let server = TestServer::start_with(|config| config.trips.stop_changes_max = 1).await;
    let alice = alice(&server).await;
    let trip = alice.requests_trip(&server).await;
    let before = everything(&server).await;
    let nine: Vec<Point> = (1..=9)
        .map(|n| north_of_pickup(f64::from(n) * 100.0))
        .collect();
    let answer = alice
        .tries_to_change_stops(&server, trip.id, &nine, DROPOFF)
        .await;
    answer.refused(400, ErrorCode::InvalidRequest);
    let body = ride_over(&nine);
    let answer = alice.posts(&server, "/v1/quotes", body).await;
    answer.refused(400, ErrorCode::InvalidRequest);
    for (dropoff, what) in [
        (north_of_pickup(20.0), "a walk"),
        (north_of_pickup(300_000.0), "a journey"),
    ] {
        let answer = alice
            .tries_to_change_stops(&server, trip.id, &[], dropoff)
            .await;
        let problem = answer.refused(409, ErrorCode::OutsideServiceArea);
        assert!(!problem.detail.is_empty(), "{what}");
    }
    let path = format!("/v1/trips/{}/stops", trip.id);
    for body in [
        json!({}),
        json!({ "waypoints": [] }),
        json!({ "dropoff": DROPOFF, "waypoints": [{ "lat": 91.0, "lng": 0.0 }] }),
        json!({ "dropoff": { "lat": 41.0 } }),
        json!({ "dropoff": HARBOUR, "tip": 1 }),
        Value::Null,
    ] {
        let answer = put(&server, &path).by(&alice.session).json(body).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    assert_eq!(everything(&server).await, before);

    alice
        .changes_stops(&server, trip.id, &nine[..8], DROPOFF)
        .await;
    let answer = alice
        .tries_to_change_stops(&server, trip.id, &[], DROPOFF)
        .await;
    answer.refused(409, ErrorCode::StopsRefused);
}

#[tokio::test]
async fn stops_change_once_under_a_key_and_only_at_the_version_that_was_seen() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let trip = alice.requests_trip(&server).await;
    let path = format!("/v1/trips/{}/stops", trip.id);
    let body = json!({ "dropoff": HARBOUR });
    let change = |key: &str, version: &str, body: &Value| {
        put(&server, &path)
            .by(&alice.session)
            .keyed(key)
            .header("If-Match", version)
            .json(body.clone())
    };
    let before = everything(&server).await;
    change("k0", "\"2\"", &body)
        .await
        .refused(412, ErrorCode::VersionMismatch);
    assert_eq!(everything(&server).await, before);
    let first = change("k1", "\"1\"", &body).await;
    assert_eq!(first.headers[ETAG], "\"2\"");
    alice.changes_stops(&server, trip.id, &[], DROPOFF).await;
    let before = everything(&server).await;
    let again = change("k1", "\"1\"", &body).await;
    assert_eq!((again.status, &again.body), (200, &first.body));
    change("k1", "*", &json!({ "dropoff": MARKET }))
        .await
        .refused(409, ErrorCode::IdempotencyKeyReused);
    assert_eq!(everything(&server).await, before);
}
