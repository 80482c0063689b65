//! A receipt next to the promise that it has to keep.

use super::*;
use crate::pricing::compute;
use crate::quote::QuotePromise;

fn promise() -> QuotePromise {
    let receipt = receipt();
    let Charged::Trip { quoted, .. } = receipt.charge else {
        unreachable!()
    };
    QuotePromise {
        v: crate::quote::VERSION,
        quote: receipt.quote,
        rider: receipt.rider,
        vehicle_class: receipt.vehicle_class,
        pickup: LatLng::from_e7(437_000_000, 74_000_000).unwrap(),
        waypoints: vec![],
        dropoff: LatLng::from_e7(438_000_000, 74_000_000).unwrap(),
        pickup_at: None,
        tariff: receipt.tariff,
        fare: compute(&tariff(), &quoted).unwrap(),
        facts: quoted,
        issued_at: at("2026-11-20T10:50:00Z"),
        expires_at: at("2026-11-20T10:55:00Z"),
    }
}

#[test]
fn a_receipt_keeps_its_promise() {
    receipt().check_promise(&promise()).unwrap();
}

#[test]
fn a_receipt_of_something_else_is_told_by_what_differs() {
    type Change = fn(&mut QuotePromise);
    let cases: [(Change, &str); 5] = [
        (
            |promise| promise.quote = QuoteId::from_uuid(Uuid::nil()),
            "quote",
        ),
        (
            |promise| promise.rider = RiderId::from_uuid(Uuid::nil()),
            "rider",
        ),
        (
            |promise| promise.vehicle_class = VehicleClass::Xl,
            "vehicle_class",
        ),
        (|promise| promise.tariff.version += 1, "tariff"),
        (|promise| promise.facts.distance_m -= 1, "plan"),
    ];
    for (change, field) in cases {
        let mut promise = promise();
        change(&mut promise);
        let refused = receipt().check_promise(&promise).unwrap_err();
        assert!(
            matches!(refused, ReceiptError::OtherPromise { field: told } if told == field),
            "{field}: {refused}"
        );
    }
}
