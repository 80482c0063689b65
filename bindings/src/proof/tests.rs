//! A quote and a receipt that the backend would sign, checked as a phone does, and each refusal.

use wayfare_core::geo::LatLng;
use wayfare_core::id::{QuoteId, RiderId, TripId};
use wayfare_core::pricing::{self, Driven, Facts, TariffRef, settle};
use wayfare_core::quote::{QuotePromise, sign_quote};
use wayfare_core::receipt::{Charged, Receipt, sign_receipt};
use wayfare_core::signing::{KeyId, SigningKey};
use wayfare_core::vehicle::VehicleClass;

use super::*;

const TARIFF: &str = include_str!("../../../docs/examples/tariff.json");
const FACTS: &str = include_str!("../../../docs/examples/facts.json");

fn key() -> SigningKey {
    SigningKey::from_seed(KeyId(1), &[7; 32])
}

fn keys_json() -> String {
    let ring = KeyRing::from_iter([key().public()]);
    serde_json::to_string(&JwkSet::from(&ring)).unwrap()
}

fn facts() -> Facts {
    serde_json::from_str(FACTS).unwrap()
}

fn quote() -> String {
    let (tariff, facts) = (tariff(TARIFF).unwrap(), facts());
    let place = LatLng::from_e7(437_000_000, 74_000_000).unwrap();
    let issued_at = facts.started_at.to_utc();
    let promise = QuotePromise {
        v: 1,
        quote: QuoteId::from_uuid(uuid(1)),
        rider: RiderId::from_uuid(uuid(2)),
        vehicle_class: VehicleClass::Standard,
        pickup: place,
        waypoints: vec![],
        dropoff: place,
        pickup_at: None,
        tariff: TariffRef::of(&tariff),
        fare: pricing::compute(&tariff, &facts).unwrap(),
        facts,
        issued_at,
        expires_at: issued_at + chrono::TimeDelta::minutes(5),
    };
    sign_quote(&key(), &promise).unwrap().to_string()
}

fn receipt(total_off_by: i64) -> String {
    let (tariff, quoted) = (tariff(TARIFF).unwrap(), facts());
    let started_at = quoted.started_at;
    let driven = Driven {
        ride: None,
        replanned: None,
        started_at,
        wait_s: 0,
        waypoints: vec![],
        tolls: vec![],
        zones: vec![],
        loading_s: 0,
        unloading_s: 0,
        tip_minor: 0,
    };
    let mut settlement = settle(&tariff, &quoted, &driven).unwrap();
    settlement.fare.total_minor += total_off_by;
    let receipt = Receipt {
        v: 1,
        trip: TripId::from_uuid(uuid(3)),
        quote: QuoteId::from_uuid(uuid(1)),
        rider: RiderId::from_uuid(uuid(2)),
        driver: None,
        vehicle_class: VehicleClass::Standard,
        tariff: TariffRef::of(&tariff),
        charge: Charged::Trip {
            basis: settlement.basis,
            quoted,
            driven,
            started_at: started_at.to_utc(),
            completed_at: started_at.to_utc() + chrono::TimeDelta::seconds(912),
            track: None,
        },
        fare: settlement.fare,
        issued_at: started_at.to_utc() + chrono::TimeDelta::seconds(913),
    };
    sign_receipt(&key(), &receipt).unwrap().to_string()
}

/// Ids are of no matter here, as long as they differ.
fn uuid(number: u32) -> uuid::Uuid {
    uuid::Uuid::from_u128(number.into())
}

#[test]
fn a_quote_of_the_backend_is_accepted() {
    let checked = verify_quote(&quote(), &keys_json(), TARIFF).unwrap();
    assert_eq!(checked.fare.total_minor, 2090);
    assert_eq!(
        (checked.tariff_id.as_str(), checked.tariff_version),
        ("tariff_demo", 3)
    );
}

#[test]
fn a_receipt_of_the_backend_is_accepted() {
    let checked = verify_receipt(&receipt(0), &keys_json(), TARIFF, None).unwrap();
    assert_eq!(checked.fare.total_minor, 2090);
    assert!(checked.trip_id.starts_with("trip_"));
}

#[test]
fn a_receipt_with_another_total_is_refused_although_it_is_signed() {
    let refused = verify_receipt(&receipt(10), &keys_json(), TARIFF, None).unwrap_err();
    assert!(matches!(refused, ProofError::Refused { .. }), "{refused}");
    assert!(refused.to_string().contains("21.00 EUR"), "{refused}");
}

#[test]
fn a_quote_is_no_receipt_and_a_receipt_no_quote() {
    assert!(matches!(
        verify_receipt(&quote(), &keys_json(), TARIFF, None),
        Err(ProofError::Refused { .. })
    ));
    assert!(matches!(
        verify_quote(&receipt(0), &keys_json(), TARIFF),
        Err(ProofError::Refused { .. })
    ));
}

#[test]
fn a_track_for_a_receipt_without_one_is_refused() {
    let track = Some("[]".to_owned());
    let refused = verify_receipt(&receipt(0), &keys_json(), TARIFF, track).unwrap_err();
    assert!(matches!(refused, ProofError::Refused { .. }), "{refused}");
}

#[test]
fn what_cannot_be_read_is_told_by_its_name() {
    let track = Some("{".to_owned());
    let cases = [
        (
            verify_receipt("no.token", &keys_json(), TARIFF, None),
            "receipt",
        ),
        (verify_receipt(&receipt(0), "{}", TARIFF, None), "keys"),
        (
            verify_receipt(&receipt(0), &keys_json(), "[]", None),
            "tariff",
        ),
        (
            verify_receipt(&receipt(0), &keys_json(), TARIFF, track),
            "track",
        ),
    ];
    for (result, wanted) in cases {
        match result {
            Err(ProofError::Unreadable { what, .. }) => assert_eq!(what, wanted),
            other => panic!("{wanted}: {other:?}"),
        }
    }
}
