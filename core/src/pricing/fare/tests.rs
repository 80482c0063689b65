//! The example that was checked by hand, every line by itself, and what is refused.

use super::*;
use crate::pricing::{Facts, Promo, Tariff, TariffSpec, WaypointFacts};

const DEMO_TARIFF: &str = include_str!("../../../../docs/examples/tariff.json");

fn spec() -> TariffSpec {
    serde_json::from_str(DEMO_TARIFF).unwrap()
}

fn tariff() -> Tariff {
    Tariff::new(spec()).unwrap()
}

fn noon_ride(distance_m: i64, duration_s: i64) -> Facts {
    Facts::ride(
        distance_m,
        duration_s,
        "2026-11-20T12:00:00+01:00".parse().unwrap(),
    )
}

fn lines(fare: &Fare) -> Vec<(LineKind, i64)> {
    fare.lines
        .iter()
        .map(|line| (line.kind, line.amount_minor))
        .collect()
}

fn amount(kind: LineKind, facts: &Facts) -> i64 {
    compute(&tariff(), facts).unwrap().sum_minor(kind)
}

#[test]
fn the_example_comes_to_exactly_its_numbers() {
    let facts = Facts {
        surge_bps: 12_500,
        ..noon_ride(7345, 912)
    };
    let fare = compute(&tariff(), &facts).unwrap();
    assert_eq!(
        lines(&fare),
        [
            (LineKind::Base, 250),
            (LineKind::Distance, 811),
            (LineKind::Time, 380),
            (LineKind::Surge, 360),
            (LineKind::BookingFee, 100),
            (LineKind::Tax, 190),
            (LineKind::Rounding, -1),
        ]
    );
    assert_eq!(fare.total_minor, 2090);
    // 2090 − 190 tax − 100 booking fee − round(1801 × 20 %) = 360 commission
    assert_eq!(fare.driver_share_minor, 1440);
}

#[test]
fn a_fare_prints_as_documented() {
    let facts = Facts {
        tolls: vec!["a8_la_turbie".into()],
        ..noon_ride(0, 0)
    };
    let json = serde_json::to_value(compute(&tariff(), &facts).unwrap()).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "currency": "EUR",
            "lines": [
                {"kind": "base", "amount_minor": 250},
                {"kind": "minimum_top_up", "amount_minor": 250},
                {"kind": "toll", "detail": "a8_la_turbie", "amount_minor": 350},
                {"kind": "booking_fee", "amount_minor": 100},
                {"kind": "tax", "detail": "VAT", "amount_minor": 60},
            ],
            "total_minor": 1010,
            "tip_minor": 0,
            // 1010 − 60 − 100 − round(250 × 20 %)
            "driver_share_minor": 800,
        })
    );
}

#[test]
fn waiting_is_paid_after_the_free_minutes_at_each_place() {
    let wait = |wait_s, stops: &[i64]| {
        let waypoints = stops
            .iter()
            .map(|wait_s| WaypointFacts { wait_s: *wait_s })
            .collect();
        amount(
            LineKind::Waiting,
            &Facts {
                wait_s,
                waypoints,
                ..noon_ride(1000, 60)
            },
        )
    };
    assert_eq!(wait(180, &[]), 0);
    assert_eq!(wait(240, &[]), 30);
    assert_eq!(wait(181, &[]), 0); // 0.5 goes to the even neighbour
    assert_eq!(wait(183, &[]), 2); // 1.5 as well
    assert_eq!(wait(0, &[40, 120]), 30);
    assert_eq!(wait(240, &[120]), 60);
    assert_eq!(
        amount(
            LineKind::Waypoints,
            &Facts {
                waypoints: vec![WaypointFacts { wait_s: 0 }; 3],
                ..noon_ride(1000, 60)
            }
        ),
        300
    );
}

#[test]
fn freight_pays_for_loading_and_for_weight() {
    let facts = Facts {
        loading_s: 500,
        unloading_s: 220,
        weight_kg: 25,
        ..noon_ride(1000, 60)
    };
    assert_eq!(amount(LineKind::Loading, &facts), 40);
    assert_eq!(amount(LineKind::Weight, &facts), 25);
}

#[test]
fn the_night_begins_and_ends_on_the_minute_of_the_local_clock() {
    let night_at = |started_at: &str| {
        let facts = Facts::ride(10_000, 600, started_at.parse().unwrap());
        amount(LineKind::Night, &facts)
    };
    // base 250 + distance 1050 + time 250 = 1550; a fifth of it is 310.
    assert_eq!(night_at("2026-11-20T21:59:59+01:00"), 0);
    assert_eq!(night_at("2026-11-20T22:00:00+01:00"), 310);
    assert_eq!(night_at("2026-11-20T05:59:59+01:00"), 310);
    assert_eq!(night_at("2026-11-20T06:00:00+01:00"), 0);
    // The same instant written with another offset; summer time in July.
    assert_eq!(night_at("2026-11-20T21:30:00Z"), 310);
    assert_eq!(night_at("2026-07-20T20:00:00Z"), 310);
    assert_eq!(night_at("2026-07-20T19:59:59Z"), 0);
}

#[test]
fn surge_is_capped_and_rises_with_the_night() {
    let facts = Facts {
        surge_bps: 90_000,
        ..noon_ride(10_000, 600)
    };
    assert_eq!(amount(LineKind::Surge, &facts), 1550);
    let night: Facts = Facts {
        surge_bps: 20_000,
        ..Facts::ride(10_000, 600, "2026-11-20T23:00:00+01:00".parse().unwrap())
    };
    assert_eq!(amount(LineKind::Surge, &night), 1860);
}

#[test]
fn a_promo_takes_off_no_more_than_the_ride_or_its_cap() {
    let promo = |promo| {
        let facts = Facts {
            promo: Some(promo),
            zones: vec!["airport".into()],
            ..noon_ride(0, 0)
        };
        compute(&tariff(), &facts).unwrap()
    };
    let fixed = promo(Promo::Fixed {
        amount_minor: 10_000,
    });
    assert_eq!(fixed.sum_minor(LineKind::Promo), -500);
    assert_eq!(
        promo(Promo::Percent {
            bps: 1000,
            cap_minor: 300
        })
        .sum_minor(LineKind::Promo),
        -50
    );
    assert_eq!(
        promo(Promo::Percent {
            bps: 1000,
            cap_minor: 20
        })
        .sum_minor(LineKind::Promo),
        -20
    );
    // The platform bears it: the driver keeps what a ride without promo brings.
    let without = compute(
        &tariff(),
        &Facts {
            zones: vec!["airport".into()],
            ..noon_ride(0, 0)
        },
    );
    assert_eq!(
        fixed.driver_share_minor,
        without.unwrap().driver_share_minor
    );
}

fn negative(field: &str) -> FareError {
    FareError::Negative {
        field: field.into(),
    }
}

#[test]
fn facts_that_cannot_be_are_refused() {
    let refused = |facts: Facts| compute(&tariff(), &facts).unwrap_err();
    let ride = noon_ride(1000, 60);
    let cases = [
        (
            Facts {
                distance_m: -1,
                ..ride.clone()
            },
            negative("distance_m"),
        ),
        (
            Facts {
                duration_s: -1,
                ..ride.clone()
            },
            negative("duration_s"),
        ),
        (
            Facts {
                waypoints: vec![WaypointFacts { wait_s: 0 }, WaypointFacts { wait_s: -1 }],
                ..ride.clone()
            },
            negative("waypoints[1].wait_s"),
        ),
        (
            Facts {
                surge_bps: 9_999,
                ..ride.clone()
            },
            FareError::SurgeBelowOne,
        ),
        (
            Facts {
                promo: Some(Promo::Percent {
                    bps: 10_001,
                    cap_minor: 1,
                }),
                ..ride.clone()
            },
            FareError::PromoAboveWhole,
        ),
        (
            Facts {
                promo: Some(Promo::Fixed { amount_minor: -1 }),
                ..ride.clone()
            },
            negative("promo.amount_minor"),
        ),
        (
            Facts {
                tolls: vec!["m25".into()],
                ..ride.clone()
            },
            FareError::UnknownToll("m25".into()),
        ),
        (
            Facts {
                zones: vec!["moon".into()],
                ..ride.clone()
            },
            FareError::UnknownZone("moon".into()),
        ),
        (
            Facts {
                distance_m: i64::MAX,
                surge_bps: i64::MAX,
                ..ride
            },
            FareError::Overflow,
        ),
    ];
    let mut dear = spec();
    dear.distance_tiers[1].per_km_minor = i64::MAX;
    for (facts, error) in cases {
        if error == FareError::Overflow {
            let tariff = Tariff::new(dear.clone()).unwrap();
            assert_eq!(compute(&tariff, &facts), Err(error));
        } else {
            assert_eq!(refused(facts), error);
        }
    }
}

#[test]
fn a_broken_tariff_is_refused_at_its_field() {
    let fields = |change: fn(&mut TariffSpec)| {
        let mut broken = spec();
        change(&mut broken);
        let problems = Tariff::new(broken).unwrap_err();
        problems
            .into_iter()
            .map(|problem| problem.field)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        fields(|t| t.timezone = "Europe/Atlantis".into()),
        ["timezone"]
    );
    assert_eq!(
        fields(|t| t.distance_tiers[1].from_m = 0),
        ["distance_tiers[1].from_m"]
    );
    assert_eq!(
        fields(|t| t.distance_tiers[0].from_m = 1),
        ["distance_tiers[0].from_m"]
    );
    assert_eq!(fields(|t| t.time_tiers.clear()), ["time_tiers"]);
    assert_eq!(fields(|t| t.base_minor = -1), ["base_minor"]);
    assert_eq!(fields(|t| t.surge_cap_bps = 9_999), ["surge_cap_bps"]);
    assert_eq!(
        fields(|t| t.rounding.unit_minor = 0),
        ["rounding.unit_minor"]
    );
    assert_eq!(fields(|t| t.taxes[0].bps = 10_001), ["taxes[0].bps"]);
    assert_eq!(
        fields(|t| t.taxes[0].on.push(LineKind::Tax)),
        ["taxes[0].on[9]"]
    );
    assert_eq!(
        fields(|t| t.commission.on.push(LineKind::Promo)),
        ["commission.on[6]"]
    );
    assert_eq!(
        fields(|t| t.night.windows[0].end = t.night.windows[0].start),
        ["night.windows[0]"]
    );
    assert_eq!(fields(|t| t.version = 0), ["version"]);
}

#[test]
fn unknown_fields_are_refused() {
    let with_extra = DEMO_TARIFF.replacen("\"version\"", "\"versions\": 1, \"version\"", 1);
    assert!(serde_json::from_str::<TariffSpec>(&with_extra).is_err());
    let facts =
        r#"{"distance_m": 1, "duration_s": 1, "started_at": "2026-01-01T00:00:00Z", "x": 1}"#;
    assert!(serde_json::from_str::<Facts>(facts).is_err());
}
