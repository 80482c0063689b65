//! Every rule at its limits, the lines of the fee, and times that contradict each other.

use proptest::prelude::*;

use super::*;
use crate::pricing::arbitrary::{moment, not_negative, tariff, usual};
use crate::pricing::{TariffError, TariffSpec};

const DEMO_TARIFF: &str = include_str!("../../../../docs/examples/tariff.json");

const FEES: CancellationFees = CancellationFees {
    free_s: 120,
    fee_minor: 503,
    free_if_late_s: 600,
    scheduled_free_s: 3600,
    no_show_fee_minor: 805,
    driver_share_bps: 7500,
};

fn spec(cancellation: Option<CancellationFees>) -> TariffSpec {
    let spec = serde_json::from_str(DEMO_TARIFF).unwrap();
    TariffSpec {
        cancellation,
        ..spec
    }
}

fn tariff_with(fees: CancellationFees) -> Tariff {
    Tariff::new(spec(Some(fees))).unwrap()
}

/// A moment so many milliseconds after a driver took the trip at noon.
fn after_ms(ms: i64) -> DateTime<Utc> {
    let noon: DateTime<Utc> = "2026-11-20T12:00:00Z".parse().unwrap();
    noon + TimeDelta::milliseconds(ms)
}

/// The rider calls off so many milliseconds after a driver took the trip.
fn rider_after_ms(ms: i64) -> CancellationFacts {
    CancellationFacts {
        by: Party::Rider,
        no_show: false,
        assigned_at: Some(after_ms(0)),
        arrived_at: None,
        pickup_at: None,
        cancelled_at: after_ms(ms),
    }
}

#[test]
fn the_first_rule_that_fits_decides() {
    use CancellationRule as Rule;
    let hour_ms = 3_600_000;
    let by = |by| CancellationFacts {
        by,
        ..rider_after_ms(300_000)
    };
    let arrived = |facts| CancellationFacts {
        arrived_at: Some(after_ms(60_000)),
        ..facts
    };
    let scheduled = |pickup_ms, facts| CancellationFacts {
        pickup_at: Some(after_ms(pickup_ms)),
        ..facts
    };
    let no_show = |facts| CancellationFacts {
        no_show: true,
        ..arrived(facts)
    };
    let no_driver = CancellationFacts {
        assigned_at: None,
        ..rider_after_ms(0)
    };
    let cases = [
        (no_show(by(Party::Driver)), Rule::NoShow),
        (no_show(by(Party::Admin)), Rule::NotTheRider),
        (no_show(by(Party::Rider)), Rule::TooLate),
        (by(Party::Driver), Rule::NotTheRider),
        (by(Party::Admin), Rule::NotTheRider),
        (by(Party::System), Rule::NotTheRider),
        (no_driver, Rule::NoDriver),
        (scheduled(60_000, no_driver), Rule::NoDriver),
        (rider_after_ms(0), Rule::JustAssigned),
        (rider_after_ms(120_000), Rule::JustAssigned),
        (rider_after_ms(120_001), Rule::TooLate),
        (rider_after_ms(600_000), Rule::TooLate),
        (rider_after_ms(600_001), Rule::DriverLate),
        (arrived(rider_after_ms(600_001)), Rule::TooLate),
        // Scheduled for two hours after a driver took it: free until an hour before.
        (
            scheduled(2 * hour_ms, rider_after_ms(hour_ms)),
            Rule::InGoodTime,
        ),
        (
            scheduled(2 * hour_ms, rider_after_ms(hour_ms + 1)),
            Rule::TooLate,
        ),
        // The driver is late from the agreed time on, not from when the trip was taken.
        (
            scheduled(2 * hour_ms, rider_after_ms(2 * hour_ms + 600_000)),
            Rule::TooLate,
        ),
        (
            scheduled(2 * hour_ms, rider_after_ms(2 * hour_ms + 600_001)),
            Rule::DriverLate,
        ),
        // Taken after the agreed time: late from then on.
        (scheduled(-hour_ms, rider_after_ms(600_000)), Rule::TooLate),
        (
            scheduled(-hour_ms, rider_after_ms(600_001)),
            Rule::DriverLate,
        ),
    ];
    for (facts, rule) in cases {
        let charge = cancellation_charge(&tariff_with(FEES), &facts).unwrap();
        assert_eq!(charge.rule, rule, "{facts:?}");
        let costs = matches!(rule, Rule::TooLate | Rule::NoShow);
        assert_eq!(charge.fare.is_some(), costs, "{facts:?}");
    }
    let without = Tariff::new(spec(None)).unwrap();
    let charge = cancellation_charge(&without, &no_show(by(Party::Driver))).unwrap();
    assert_eq!(charge, CancellationCharge::free(Rule::NoFees));
}

#[test]
fn the_fee_is_taxed_rounded_and_shared() {
    let mut spec = spec(Some(FEES));
    spec.taxes[0].on.push(LineKind::Cancellation);
    let tariff = Tariff::new(spec).unwrap();
    let late = cancellation_charge(&tariff, &rider_after_ms(300_000)).unwrap();
    assert_eq!(
        serde_json::to_value(late).unwrap(),
        serde_json::json!({
            "rule": "too_late",
            "fare": {
                "currency": "EUR",
                "lines": [
                    {"kind": "cancellation", "amount_minor": 503},
                    {"kind": "tax", "detail": "VAT", "amount_minor": 50},
                    {"kind": "rounding", "amount_minor": -3},
                ],
                "total_minor": 550,
                "tip_minor": 0,
                // round(503 × 75 %) = 377.25
                "driver_share_minor": 377,
            },
        })
    );
    let no_show = CancellationFacts {
        by: Party::Driver,
        no_show: true,
        arrived_at: Some(after_ms(1000)),
        ..rider_after_ms(300_000)
    };
    let fare = cancellation_charge(&tariff, &no_show)
        .unwrap()
        .fare
        .unwrap();
    let lines: Vec<_> = fare
        .lines
        .iter()
        .map(|l| (l.kind, l.amount_minor))
        .collect();
    // The tax does not name this kind; 805 goes to the even ten.
    assert_eq!(lines, [(LineKind::NoShow, 805), (LineKind::Rounding, -5)]);
    assert_eq!(fare.driver_share_minor, 604); // 603.75
}

#[test]
fn a_fee_of_zero_is_no_fare() {
    let free = CancellationFees {
        fee_minor: 0,
        ..FEES
    };
    let charge = cancellation_charge(&tariff_with(free), &rider_after_ms(300_000)).unwrap();
    assert_eq!(charge, CancellationCharge::free(CancellationRule::TooLate));
}

#[test]
fn times_that_contradict_each_other_are_refused() {
    let backwards = |field, earlier| Err(FareError::Backwards { field, earlier });
    let late = rider_after_ms(300_000);
    let cases = [
        (rider_after_ms(-1), backwards("cancelled_at", "assigned_at")),
        (
            CancellationFacts {
                arrived_at: Some(after_ms(300_001)),
                ..late
            },
            backwards("cancelled_at", "arrived_at"),
        ),
        (
            CancellationFacts {
                arrived_at: Some(after_ms(-1)),
                ..late
            },
            backwards("arrived_at", "assigned_at"),
        ),
    ];
    for tariff in [Tariff::new(spec(None)).unwrap(), tariff_with(FEES)] {
        for (facts, refusal) in cases.clone() {
            assert_eq!(cancellation_charge(&tariff, &facts), refusal);
        }
    }
}

#[test]
fn a_tariff_names_the_fees_that_cannot_be() {
    let fields = |change: fn(&mut TariffSpec)| {
        let mut broken = spec(Some(FEES));
        change(&mut broken);
        let problems: Vec<TariffError> = Tariff::new(broken).unwrap_err();
        problems.into_iter().map(|p| p.field).collect::<Vec<_>>()
    };
    let negative = CancellationFees {
        free_s: -1,
        fee_minor: -1,
        free_if_late_s: -1,
        scheduled_free_s: -1,
        no_show_fee_minor: -1,
        driver_share_bps: -1,
    };
    let all = [
        "cancellation.free_s",
        "cancellation.fee_minor",
        "cancellation.free_if_late_s",
        "cancellation.scheduled_free_s",
        "cancellation.no_show_fee_minor",
        "cancellation.driver_share_bps",
    ];
    let mut broken = spec(Some(negative));
    let problems = Tariff::new(broken.clone()).unwrap_err();
    assert_eq!(
        problems.iter().map(|p| &p.field).collect::<Vec<_>>(),
        all.each_ref()
    );
    broken.cancellation = Some(CancellationFees {
        driver_share_bps: 10_001,
        ..FEES
    });
    assert_eq!(Tariff::new(broken).unwrap_err().len(), 1);
    assert_eq!(
        fields(|t| t.platform_lines.push(LineKind::Cancellation)),
        ["platform_lines[1]"]
    );
    assert_eq!(
        fields(|t| t.commission.on.push(LineKind::NoShow)),
        ["commission.on[6]"]
    );
}

#[test]
fn a_tariff_without_fees_is_written_as_before() {
    let written = serde_json::to_value(spec(None)).unwrap();
    assert_eq!(
        written,
        serde_json::from_str::<serde_json::Value>(DEMO_TARIFF).unwrap()
    );
    let with_fees = serde_json::to_string(&spec(Some(FEES))).unwrap();
    assert_eq!(
        serde_json::from_str::<TariffSpec>(&with_fees).unwrap(),
        spec(Some(FEES))
    );
}

fn any_facts() -> impl Strategy<Value = CancellationFacts> {
    let party = proptest::sample::select(vec![
        Party::Rider,
        Party::Driver,
        Party::Admin,
        Party::System,
    ]);
    let maybe = || proptest::option::of(moment());
    (party, any::<bool>(), maybe(), maybe(), maybe(), moment()).prop_map(
        |(by, no_show, assigned_at, arrived_at, pickup_at, cancelled_at)| CancellationFacts {
            by,
            no_show,
            assigned_at,
            arrived_at,
            pickup_at,
            cancelled_at,
        },
    )
}

proptest! {
    #[test]
    fn the_lines_of_a_fee_sum_to_a_round_total(
        tariff in tariff(&usual()),
        facts in any_facts(),
    ) {
        let Ok(charge) = cancellation_charge(&tariff, &facts) else {
            return Ok(());
        };
        if let Some(fare) = charge.fare {
            let sum: i64 = fare.lines.iter().map(|line| line.amount_minor).sum();
            prop_assert_eq!(sum, fare.total_minor);
            prop_assert_eq!(sum % tariff.spec().rounding.unit_minor, 0);
            prop_assert!((0..=fare.lines[0].amount_minor).contains(&fare.driver_share_minor));
        }
    }

    #[test]
    fn any_fees_are_charged_or_refused(tariff in tariff(&not_negative()), facts in any_facts()) {
        match cancellation_charge(&tariff, &facts) {
            Ok(_) | Err(FareError::Overflow | FareError::Backwards { .. }) => {}
            Err(other) => prop_assert!(false, "{}", other),
        }
    }
}
