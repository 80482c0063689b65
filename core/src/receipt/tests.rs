//! Receipts that are right, and every way in which one is not.
//!
//! Most forged receipts here are signed by the right key: it is the recomputation that finds them.

mod cancellation;
mod form;
mod promise;
mod track;

use serde_json::Value;
use uuid::Uuid;

use super::*;
use crate::geo::LatLng;
use crate::pricing::{
    FareDifference, FareError, FareSum, LineKind, RideLength, Tariff, TariffSpec, WaypointFacts,
    proven_ride, settle,
};
use crate::signing::{KeyId, KeyRing};
use crate::track::{Roads, StraightLine, TrackPoint, measure};

const DEMO_TARIFF: &str = include_str!("../../../docs/examples/tariff.json");
const DEMO_FACTS: &str = include_str!("../../../docs/examples/facts.json");

fn spec() -> TariffSpec {
    serde_json::from_str(DEMO_TARIFF).unwrap()
}

fn tariff() -> Tariff {
    Tariff::new(spec()).unwrap()
}

fn key(id: u32) -> SigningKey {
    SigningKey::from_seed(KeyId(id), &[u8::try_from(id).unwrap(); 32])
}

fn ring() -> KeyRing {
    KeyRing::from_iter([key(1).public()])
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// 7.3 km due north in 730 s: 100 m every 10 s, the first point at the start of the ride.
fn northward() -> Vec<TrackPoint> {
    let start_ms = at("2026-11-20T11:00:00Z").timestamp_millis();
    let point = |step: i32| TrackPoint {
        at_ms: start_ms + i64::from(step) * 10_000,
        accuracy_mm: 5_000,
        position: LatLng::from_e7(437_000_000 + step * 8_993, 74_000_000).unwrap(),
        speed_mm_s: Some(10_000),
    };
    (0..=73).map(point).collect()
}

/// The receipt of a ride along this track, quoted for so many metres.
fn receipt_along(points: &[TrackPoint], roads: &impl Roads, quoted_m: i64) -> Receipt {
    let (started_at, completed_at) = (points[0].at(), points[points.len() - 1].at());
    let reading = measure(points, roads);
    let proof = TrackProof {
        digest: TrackDigest::of(points),
        reading,
    };
    let mut quoted: Facts = serde_json::from_str(DEMO_FACTS).unwrap();
    quoted.distance_m = quoted_m;
    let driven = Driven {
        ride: proven_ride(&reading, started_at, completed_at),
        replanned: None,
        started_at: started_at.fixed_offset(),
        wait_s: 200,
        waypoints: vec![],
        tolls: vec!["a8_la_turbie".to_owned()],
        zones: vec![],
        loading_s: 0,
        unloading_s: 0,
        tip_minor: 150,
    };
    settled(quoted, driven, completed_at, Some(proof))
}

/// The receipt that follows from these facts.
fn settled(
    quoted: Facts,
    driven: Driven,
    completed_at: DateTime<Utc>,
    track: Option<TrackProof>,
) -> Receipt {
    let settlement = settle(&tariff(), &quoted, &driven).unwrap();
    Receipt {
        v: VERSION,
        trip: TripId::from_uuid(Uuid::from_u128(0xc1)),
        quote: QuoteId::from_uuid(Uuid::from_u128(0xa1)),
        rider: RiderId::from_uuid(Uuid::from_u128(0xb1)),
        driver: Some(DriverId::from_uuid(Uuid::from_u128(0xd1))),
        vehicle_class: VehicleClass::Standard,
        tariff: TariffRef::of(&tariff()),
        charge: Charged::Trip {
            basis: settlement.basis,
            quoted,
            started_at: driven.started_at.to_utc(),
            driven,
            completed_at,
            track,
        },
        fare: settlement.fare,
        issued_at: at("2026-11-20T11:15:00Z"),
    }
}

fn receipt() -> Receipt {
    receipt_along(&northward(), &StraightLine, 7345)
}

/// The same ride without any track.
fn unproven() -> Receipt {
    let Charged::Trip {
        quoted,
        mut driven,
        completed_at,
        ..
    } = receipt().charge
    else {
        unreachable!()
    };
    driven.ride = None;
    settled(quoted, driven, completed_at, None)
}

fn sign(receipt: &Receipt) -> Jws {
    sign_receipt(&key(1), receipt).unwrap()
}

/// Signs it rightly and verifies it without its track.
fn verify(receipt: &Receipt) -> Result<Receipt, ReceiptError> {
    verify_receipt(&ring(), &sign(receipt), &tariff(), None)
}

fn basis(receipt: &Receipt) -> Basis {
    match &receipt.charge {
        Charged::Trip { basis, .. } => *basis,
        Charged::Cancellation { .. } => unreachable!(),
    }
}

/// Changes what happened on the trip, and nothing that follows from it.
fn with_driven(mut receipt: Receipt, change: impl FnOnce(&mut Driven)) -> Receipt {
    if let Charged::Trip { driven, .. } = &mut receipt.charge {
        change(driven);
    }
    receipt
}

#[test]
fn a_receipt_of_a_quoted_ride_verifies_with_and_without_its_track() {
    let receipt = receipt();
    assert_eq!(basis(&receipt), Basis::Quote);
    assert_eq!(verify(&receipt).unwrap(), receipt);
    let verified = verify_receipt(&ring(), &sign(&receipt), &tariff(), Some(&northward()));
    assert_eq!(verified.unwrap(), receipt);
}

#[test]
fn a_receipt_of_a_driven_ride_verifies() {
    let receipt = receipt_along(&northward(), &StraightLine, 5000);
    assert_eq!(basis(&receipt), Basis::DrivenDistanceDiffers);
    let verified = verify_receipt(&ring(), &sign(&receipt), &tariff(), Some(&northward()));
    assert_eq!(verified.unwrap(), receipt);
}

#[test]
fn a_receipt_of_a_ride_without_a_track_verifies() {
    assert_eq!(verify(&unproven()).unwrap(), unproven());
}

#[test]
fn every_line_of_the_fare_is_computed_again() {
    let right = receipt();
    assert!(right.fare.lines.len() > 4);
    for (index, line) in right.fare.lines.iter().enumerate() {
        let mut forged = right.clone();
        forged.fare.lines[index].amount_minor += 1;
        forged.fare.total_minor += 1;
        match verify(&forged) {
            Err(ReceiptError::FareDiffers(FareDifference::Line {
                kind,
                wanted: Some(wanted),
                found: Some(found),
                ..
            })) => {
                assert_eq!(kind, line.kind);
                assert_eq!(wanted.amount_minor, line.amount_minor);
                assert_eq!(found.amount_minor, line.amount_minor + 1);
            }
            other => panic!("{line:?}: {other:?}"),
        }
        let mut shorter = right.clone();
        shorter.fare.lines.remove(index);
        assert!(matches!(
            verify(&shorter),
            Err(ReceiptError::FareDiffers(FareDifference::Line { kind, found: None, .. }))
                if kind == line.kind
        ));
    }
}

#[test]
fn the_sums_of_the_fare_are_computed_again() {
    let forge = |change: fn(&mut Fare)| {
        let mut forged = receipt();
        change(&mut forged.fare);
        match verify(&forged) {
            Err(ReceiptError::FareDiffers(FareDifference::Sum { sum, .. })) => sum,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(forge(|fare| fare.total_minor += 1), FareSum::Total);
    assert_eq!(forge(|fare| fare.tip_minor = 0), FareSum::Tip);
    assert_eq!(
        forge(|fare| fare.driver_share_minor -= 1),
        FareSum::DriverShare
    );
}

#[test]
fn facts_that_do_not_give_the_fare_are_refused() {
    let waited = with_driven(receipt(), |driven| driven.wait_s += 600);
    assert!(matches!(
        verify(&waited),
        Err(ReceiptError::FareDiffers(FareDifference::Line {
            kind: LineKind::Waiting,
            ..
        }))
    ));
    let tolled = with_driven(receipt(), |driven| driven.tolls.clear());
    assert!(matches!(
        verify(&tolled),
        Err(ReceiptError::FareDiffers(FareDifference::Line {
            kind: LineKind::Toll,
            wanted: None,
            ..
        }))
    ));
    let stopped = with_driven(receipt(), |driven| {
        driven.waypoints.push(WaypointFacts { wait_s: 0 });
    });
    assert!(matches!(
        verify(&stopped),
        Err(ReceiptError::FareDiffers(_))
    ));
    let unknown = with_driven(receipt(), |driven| driven.tolls = vec!["none".to_owned()]);
    assert!(matches!(
        verify(&unknown),
        Err(ReceiptError::Fare(FareError::UnknownToll(_)))
    ));
    let mut planned = receipt();
    if let Charged::Trip { quoted, .. } = &mut planned.charge {
        quoted.distance_m += 1000;
    }
    assert!(matches!(
        verify(&planned),
        Err(ReceiptError::FareDiffers(FareDifference::Line {
            kind: LineKind::Distance,
            ..
        }))
    ));
}

#[test]
fn a_receipt_that_is_priced_by_something_else_is_refused() {
    let mut forged = receipt();
    if let Charged::Trip { basis, .. } = &mut forged.charge {
        *basis = Basis::DrivenDistanceDiffers;
    }
    assert!(matches!(
        verify(&forged),
        Err(ReceiptError::OtherBasis {
            wanted: Basis::Quote,
            found: Basis::DrivenDistanceDiffers,
        })
    ));
}

#[test]
fn a_ride_begins_once() {
    let forged = with_driven(receipt(), |driven| {
        driven.started_at += chrono::TimeDelta::hours(12);
    });
    assert!(matches!(verify(&forged), Err(ReceiptError::TwoStarts)));
    // The same moment on another clock is the same moment.
    let elsewhere = with_driven(receipt(), |driven| {
        driven.started_at = "2026-11-20T20:00:00+09:00".parse().unwrap();
    });
    verify(&elsewhere).unwrap();
}

#[test]
fn a_receipt_is_checked_against_its_own_tariff_only() {
    let newer = TariffSpec {
        version: 4,
        ..spec()
    };
    // The same name and version, and a price that this ride does not touch.
    let altered = TariffSpec {
        per_extra_kg_minor: 6,
        ..spec()
    };
    for other in [newer, altered] {
        let other = Tariff::new(other).unwrap();
        match verify_receipt(&ring(), &sign(&receipt()), &other, None) {
            Err(ReceiptError::OtherTariff(error)) => {
                assert_eq!(error.named, TariffRef::of(&tariff()));
                assert_eq!(error.given, TariffRef::of(&other));
            }
            other => panic!("{other:?}"),
        }
    }
    let xl = Receipt {
        vehicle_class: VehicleClass::Xl,
        ..receipt()
    };
    assert!(matches!(
        verify(&xl),
        Err(ReceiptError::OtherVehicleClass { .. })
    ));
}

#[test]
fn only_a_trusted_key_signs_receipts_and_old_ones_verify_after_a_rotation() {
    let jws = sign(&receipt());
    let rotated = KeyRing::from_iter([key(1).public(), key(2).public()]);
    verify_receipt(&rotated, &jws, &tariff(), None).unwrap();
    let newer = sign_receipt(&key(2), &receipt()).unwrap();
    verify_receipt(&rotated, &newer, &tariff(), None).unwrap();
    assert!(matches!(
        verify_receipt(&ring(), &newer, &tariff(), None),
        Err(ReceiptError::Signature(SignatureError::UnknownKey(_)))
    ));
    let thief = SigningKey::from_seed(KeyId(1), &[7; 32]);
    let forged = sign_receipt(&thief, &receipt()).unwrap();
    assert!(matches!(
        verify_receipt(&ring(), &forged, &tariff(), None),
        Err(ReceiptError::Signature(SignatureError::Wrong))
    ));
}

#[test]
fn a_quote_is_no_receipt() {
    let jws = key(1).sign(Purpose::Quote, &receipt()).unwrap();
    assert!(matches!(
        read_receipt(&ring(), &jws),
        Err(ReceiptError::Signature(SignatureError::OtherPurpose { .. }))
    ));
}

#[test]
fn a_receipt_can_be_read_before_its_tariff_is_at_hand() {
    let forged = with_driven(receipt(), |driven| driven.wait_s += 600);
    assert_eq!(read_receipt(&ring(), &sign(&forged)).unwrap(), forged);
}
