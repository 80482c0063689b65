//! Receipts: what a completed trip costs and why, checked by somebody who does not believe the server.

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use wayfare_core::pricing::{Basis, LineKind};
use wayfare_core::receipt::{Charged, ReceiptError};
use wayfare_core::signing::Jws;
use wayfare_core::track::{StraightLine, measure};
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{ErrorCode, LocationPoint, Quote, Trip};

use super::rides::{Proof, Ride, age, drive, ride_over, track_of};
use crate::actors::{Actor, admin, alice, bob, carol, drive_until, everything, ride_until};
use crate::harness::TestServer;
use crate::people::count;

const RIDE_S: i64 = 900;
const PICKUP_WAIT_S: i64 = 240;

/// A ride of a quarter of an hour that is over.
struct LongRide {
    quote: Quote,
    trip: Trip,
    /// What bob's phone measured from his arrival on.
    points: Vec<LocationPoint>,
}

/// Alice lets bob wait for four minutes and then rides for a quarter of an hour, at a speed that makes
/// the ride so many times as long as it was planned. Of the track only what `sent` picks is sent.
async fn ride(
    server: &TestServer,
    (alice, bob): (&Actor, &Actor),
    longer: f64,
    sent: impl Fn(usize, &LocationPoint) -> bool,
) -> LongRide {
    let quote = alice.is_quoted(server, ride_over(&[])).await;
    let trip: Trip = alice.takes_quote(server, &quote).await.told(201);
    drive_until(server, alice, bob, &trip, TripStatus::Arrived).await;
    age(server, trip.id, PICKUP_WAIT_S).await;
    bob.starts(server, &trip).await;
    age(server, trip.id, RIDE_S).await;
    let seen = bob.sees(server, trip.id).await;
    let (arrived_at, started_at) = (seen.arrived_at.unwrap(), seen.started_at.unwrap());

    #[expect(clippy::cast_precision_loss, reason = "a few kilometres")]
    let speed_mps = quote.distance_m as f64 * longer / 900.0;
    let wait = drive(arrived_at, started_at, 0.0);
    let way = drive(started_at, Utc::now(), speed_mps);
    let mut points: Vec<_> = wait.into_iter().chain(way).collect();
    // Two measurements that cannot count.
    points[200].accuracy_m = 80.0;
    points[250].lat += 0.5;
    let mut number = 0;
    points.retain(|point| {
        number += 1;
        sent(number, point)
    });
    bob.sends_track(server, &points).await;
    let trip = bob.completes(server, trip.id).await;
    LongRide {
        quote,
        trip,
        points,
    }
}

#[tokio::test]
async fn a_ride_near_its_plan_costs_what_was_quoted_and_the_track_proves_the_receipt() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let LongRide {
        quote,
        trip,
        points,
    } = ride(&server, (&alice, &bob), 1.2, |_, _| true).await;
    let proof = Proof::of(&server, &alice, trip.id).await;
    let track = track_of(&points, &trip);
    assert!(
        (300..=305).contains(&track.len()),
        "the wait at the pickup is not the ride"
    );

    let receipt = proof.verify(Some(&track)).unwrap();
    assert_eq!((receipt.trip, receipt.quote), (trip.id, quote.id));
    assert_eq!(receipt.rider, trip.rider_id);
    assert_eq!(receipt.driver, Some(trip.driver.as_ref().unwrap().id));
    assert_eq!(receipt.fare, trip.fare);
    let Charged::Trip { driven, basis, .. } = &receipt.charge else {
        panic!("{receipt:?}")
    };
    assert_eq!((*basis, trip.basis), (Basis::Quote, Some(Basis::Quote)));
    let length = driven.ride.unwrap();
    assert!(length.distance_m > quote.distance_m + 500, "{length:?}");
    let reading = receipt.track().unwrap().reading;
    assert_eq!((reading.inaccurate, reading.too_fast), (1, 1));

    let ride = Ride {
        track: &track,
        ..Ride::default()
    };
    let wanted = proof.settles(&quote, &trip, ride);
    assert_eq!(
        (wanted.basis, wanted.fare),
        (Basis::Quote, trip.fare.clone())
    );
    assert_eq!(wanted.facts.distance_m, quote.distance_m);
    // Of the four minutes at the pickup one is charged, and what the test took on top.
    let waiting = trip.fare.sum_minor(LineKind::Waiting);
    assert!((25..=27).contains(&waiting), "{waiting}");
    assert_eq!(Proof::of(&server, &bob, trip.id).await.signed, proof.signed);
}

#[tokio::test]
async fn a_ride_far_from_its_plan_costs_what_was_driven() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    for longer in [1.7, 0.5] {
        let LongRide {
            quote,
            trip,
            points,
        } = ride(&server, (&alice, &bob), longer, |_, _| true).await;
        let track = track_of(&points, &trip);
        let measured = measure(&track, &StraightLine).distance_m();
        assert!((measured - quote.distance_m).abs() > 1200, "{measured}");
        assert_eq!(trip.basis, Some(Basis::DrivenDistanceDiffers));

        let proof = Proof::of(&server, &alice, trip.id).await;
        let ride = Ride {
            track: &track,
            ..Ride::default()
        };
        let wanted = proof.settles(&quote, &trip, ride);
        assert_eq!(wanted.fare, trip.fare);
        assert_eq!(wanted.facts.distance_m, measured);
        assert!((RIDE_S..RIDE_S + 10).contains(&wanted.facts.duration_s));
        assert_eq!(proof.verify(Some(&track)).unwrap().fare, trip.fare);
        let due = trip.payment.unwrap();
        assert_eq!(due.amount, trip.fare.total());
    }
}

#[tokio::test]
async fn a_trip_without_points_costs_what_was_quoted_and_its_receipt_has_no_track() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let quote = alice.is_quoted(&server, ride_over(&[])).await;
    let trip: Trip = alice.takes_quote(&server, &quote).await.told(201);
    drive_until(&server, &alice, &bob, &trip, TripStatus::InProgress).await;
    age(&server, trip.id, RIDE_S).await;
    let trip = bob.completes(&server, trip.id).await;
    assert_eq!((trip.basis, &trip.fare), (Some(Basis::Quote), &quote.fare));
    let proof = Proof::of(&server, &alice, trip.id).await;
    let receipt = proof.verify(None).unwrap();
    assert_eq!(receipt.track(), None);
    let invented = drive(trip.started_at.unwrap(), trip.completed_at.unwrap(), 9.0);
    let refused = proof.verify(Some(&track_of(&invented, &trip)));
    assert!(
        matches!(refused, Err(ReceiptError::UnexpectedTrack)),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_track_that_shows_half_of_the_ride_changes_no_price_and_is_still_in_the_receipt() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let half = |number, _: &LocationPoint| number < 230;
    let LongRide {
        quote,
        trip,
        points,
    } = ride(&server, (&alice, &bob), 3.0, half).await;
    assert_eq!(trip.basis, Some(Basis::Quote));
    let proof = Proof::of(&server, &alice, trip.id).await;
    let track = track_of(&points, &trip);
    let receipt = proof.verify(Some(&track)).unwrap();
    let Charged::Trip { driven, .. } = &receipt.charge else {
        panic!("{receipt:?}")
    };
    assert_eq!(driven.ride, None);
    let ride = Ride {
        track: &track,
        ..Ride::default()
    };
    assert_eq!(proof.settles(&quote, &trip, ride).fare, trip.fare);
}

#[tokio::test]
async fn a_track_with_a_point_missing_added_or_moved_is_not_the_receipts() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let LongRide { trip, points, .. } = ride(&server, (&alice, &bob), 1.0, |_, _| true).await;
    let proof = Proof::of(&server, &alice, trip.id).await;
    let track = track_of(&points, &trip);
    let last = track.len() - 1;
    let mut others = Vec::new();
    for removed in [0, 150, last] {
        let mut other = track.clone();
        other.remove(removed);
        others.push(other);
    }
    let mut added = track.clone();
    added[7].at_ms += 1;
    others.push([track.as_slice(), &added[7..8]].concat());
    others.push(added);
    others.push(track_of(&points, &trip).split_off(1));
    others.push(Vec::new());
    for other in others {
        let refused = proof.verify(Some(&other));
        assert!(
            matches!(refused, Err(ReceiptError::OtherTrack { .. })),
            "{} points: {refused:?}",
            other.len()
        );
    }
    let shuffled: Vec<_> = track.iter().rev().chain(&track[..9]).copied().collect();
    assert!(proof.verify(Some(&shuffled)).is_ok());
}

#[tokio::test]
async fn a_receipt_with_one_changed_byte_is_refused() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    let mut proof = Proof::of(&server, &alice, trip.id).await;
    proof.verify(None).unwrap();
    let text = proof.signed.as_str().to_owned();
    let points: Vec<usize> = text.match_indices('.').map(|(index, _)| index).collect();
    let ends = points
        .iter()
        .flat_map(|point| [point - 1, *point, point + 1]);
    for index in (0..text.len())
        .step_by(11)
        .chain(ends)
        .chain([text.len() - 1])
    {
        let mut bytes = text.clone().into_bytes();
        bytes[index] = if bytes[index] == b'B' { b'C' } else { b'B' };
        let changed = String::from_utf8(bytes).unwrap();
        if let Ok(signed) = changed.parse::<Jws>() {
            proof.signed = signed;
            assert!(proof.verify(None).is_err(), "byte {index} of {text}");
        }
    }
}

#[tokio::test]
async fn a_receipt_is_for_those_who_were_on_the_trip_and_only_when_it_is_over() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let (carol, admin) = (carol(&server).await, admin(&server).await);
    let trip = alice.requests_trip(&server).await;
    let not_there = async |person: &Actor| {
        let answer = person.tries_to_get_receipt(&server, trip.id).await;
        answer.refused(404, ErrorCode::NotFound);
    };
    not_there(&alice).await;
    drive_until(&server, &alice, &bob, &trip, TripStatus::InProgress).await;
    for person in [&alice, &bob, &carol] {
        not_there(person).await;
    }
    bob.completes(&server, trip.id).await;
    for stranger in [&carol, &admin] {
        not_there(stranger).await;
    }
    for person in [&alice, &bob] {
        assert_eq!(
            person.tries_to_get_receipt(&server, trip.id).await.status,
            200
        );
    }
}

#[tokio::test]
async fn every_completed_trip_has_one_receipt_that_nobody_can_change() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    for _ in 0..2 {
        let trip = ride_until(&server, &alice, &bob, TripStatus::InProgress).await;
        let path = format!("/v1/trips/{}/complete", trip.id);
        for _ in 0..2 {
            let key = trip.id.to_string();
            let answer = bob.posts_as(&server, &key, &path, Value::Null).await;
            assert_eq!(answer.status, 200);
        }
    }
    let cancelled = alice.requests_trip(&server).await;
    alice.cancels(&server, cancelled.id, "changed_mind").await;
    let receipts = "SELECT count(*) FROM pricing.receipts r
         JOIN trips.trips t ON t.id = r.trip_id AND t.status = 'completed'";
    assert_eq!(count(&server, receipts).await, 2);
    assert_eq!(
        count(&server, "SELECT count(*) FROM pricing.receipts").await,
        2
    );

    let before = everything(&server).await;
    for statement in [
        "UPDATE pricing.receipts SET signed = 'x'",
        "UPDATE pricing.receipts SET issued_at = now()",
        "DELETE FROM pricing.receipts",
        "TRUNCATE pricing.receipts",
        "TRUNCATE trips.trips CASCADE",
        "INSERT INTO pricing.receipts SELECT * FROM pricing.receipts",
    ] {
        let done = sqlx::query(statement).execute(&server.pool).await;
        assert!(done.is_err(), "{statement}");
    }
    assert_eq!(everything(&server).await, before);
}

#[tokio::test]
async fn a_trip_keeps_the_tariff_of_its_quote_when_prices_change() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let admin = admin(&server).await;
    let trip = ride_until(&server, &alice, &bob, TripStatus::InProgress).await;
    let old: Value = admin
        .gets(&server, "/v1/tariffs/default_standard/versions/1")
        .await
        .told(200);
    let mut spec = old["spec"].clone();
    spec["version"] = json!(2);
    spec["base_minor"] = json!(9000);
    let entered = admin
        .posts(&server, "/v1/admin/tariffs", json!({ "spec": spec }))
        .await;
    assert_eq!(entered.status, 201, "{}", entered.body);

    let completed = bob.completes(&server, trip.id).await;
    assert_eq!(completed.fare, trip.fare);
    let proof = Proof::of(&server, &alice, trip.id).await;
    assert_eq!(proof.verify(None).unwrap().tariff.version, 1);
    let dearer = ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    let proof = Proof::of(&server, &alice, dearer.id).await;
    assert_eq!(proof.verify(None).unwrap().tariff.version, 2);
    assert!(dearer.fare.total_minor > trip.fare.total_minor + 8000);
}

#[tokio::test]
async fn points_of_after_the_end_are_not_part_of_the_ride() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let LongRide { trip, points, .. } = ride(&server, (&alice, &bob), 1.0, |_, _| true).await;
    let proof = Proof::of(&server, &alice, trip.id).await;
    let late: Vec<Value> = points[150..160]
        .iter()
        .map(|point| {
            let moved = LocationPoint {
                t: point.t + TimeDelta::seconds(1),
                ..point.clone()
            };
            json!(moved)
        })
        .collect();
    let answer = bob.sends_points(&server, &late).await;
    assert_eq!(answer.body, json!({ "kept": 0 }));
    assert_eq!(
        Proof::of(&server, &alice, trip.id).await.signed,
        proof.signed
    );
    proof.verify(Some(&track_of(&points, &trip))).unwrap();
}
