//! The fare that was checked by hand, and each refusal, as they cross the border.

use serde_json::{Value, json};

use super::*;

fn tariff() -> Value {
    let vat = ["base", "distance", "time", "surge", "booking_fee"];
    json!({
        "id": "tariff_demo", "version": 3, "currency": "EUR", "timezone": "Europe/Monaco",
        "vehicle_class": "standard", "base_minor": 250,
        "distance_tiers": [
            { "from_m": 0, "per_km_minor": 120 }, { "from_m": 5000, "per_km_minor": 90 }
        ],
        "time_tiers": [{ "from_s": 0, "per_min_minor": 25 }],
        "free_wait_s": 180, "waypoint_free_wait_s": 60, "wait_per_min_minor": 30,
        "per_waypoint_minor": 100, "free_loading_s": 600, "loading_per_min_minor": 20,
        "included_weight_kg": 20, "per_extra_kg_minor": 5,
        "night": { "windows": [], "bps": 0 },
        "surge_cap_bps": 20000, "minimum_minor": 500, "tolls": {}, "zones": {},
        "booking_fee_minor": 100, "platform_lines": ["booking_fee"],
        "taxes": [{ "name": "VAT", "bps": 1000, "on": vat }],
        "rounding": { "unit_minor": 10, "mode": "half_even" },
        "commission": { "bps": 2000, "on": ["base", "distance", "time", "surge"] },
        "requote_over_m": 1200
    })
}

fn facts() -> Value {
    json!({
        "distance_m": 7345, "duration_s": 912, "surge_bps": 12500,
        "started_at": "2026-11-20T12:00:00+01:00"
    })
}

fn with(mut whole: Value, field: &str, value: Value) -> Value {
    whole[field] = value;
    whole
}

fn fare(tariff: &Value, facts: &Value) -> Result<Fare, FareError> {
    compute_fare(&tariff.to_string(), &facts.to_string())
}

#[test]
fn the_example_comes_to_exactly_its_numbers() {
    let fare = fare(&tariff(), &facts()).unwrap();
    let lines: Vec<_> = fare
        .lines
        .iter()
        .map(|line| (line.kind, line.amount_minor))
        .collect();
    assert_eq!(
        lines,
        [
            (FareLineKind::Base, 250),
            (FareLineKind::Distance, 811),
            (FareLineKind::Time, 380),
            (FareLineKind::Surge, 360),
            (FareLineKind::BookingFee, 100),
            (FareLineKind::Tax, 190),
            (FareLineKind::Rounding, -1),
        ]
    );
    assert_eq!((fare.currency.as_str(), fare.total_minor), ("EUR", 2090));
    assert_eq!(fare.lines[5].detail.as_deref(), Some("VAT"));
}

#[test]
fn each_refusal_keeps_its_kind_and_its_field() {
    let cases = [
        (
            with(facts(), "distance_m", json!(-1)),
            FareError::Negative {
                field: "distance_m".to_owned(),
            },
        ),
        (
            with(facts(), "surge_bps", json!(9999)),
            FareError::SurgeBelowOne,
        ),
        (
            with(facts(), "tolls", json!(["moon"])),
            FareError::UnknownToll {
                id: "moon".to_owned(),
            },
        ),
        (
            with(facts(), "zones", json!(["moon"])),
            FareError::UnknownZone {
                id: "moon".to_owned(),
            },
        ),
        (
            with(
                facts(),
                "promo",
                json!({ "kind": "percent", "bps": 10001, "cap_minor": 1 }),
            ),
            FareError::PromoAboveWhole,
        ),
        (
            with(facts(), "weight_kg", json!(i64::MAX)),
            FareError::Overflow,
        ),
    ];
    for (facts, failure) in cases {
        assert_eq!(fare(&tariff(), &facts), Err(failure));
    }
}

#[test]
fn what_is_wrong_with_a_tariff_is_named_by_field() {
    let Err(FareError::TariffInvalid { problems }) =
        fare(&with(tariff(), "timezone", json!("Moon/Sea")), &facts())
    else {
        panic!("a tariff on the moon was taken");
    };
    assert_eq!(
        problems
            .iter()
            .map(|problem| problem.field.as_str())
            .collect::<Vec<_>>(),
        ["timezone"]
    );
}

#[test]
fn what_cannot_be_read_says_which_of_the_two_it_is() {
    assert!(matches!(
        compute_fare("{", "{}"),
        Err(FareError::TariffUnreadable { .. })
    ));
    let unknown = fare(&tariff(), &with(facts(), "colour", json!("red")));
    assert!(
        matches!(unknown, Err(FareError::FactsUnreadable { reason }) if reason.contains("colour"))
    );
}
