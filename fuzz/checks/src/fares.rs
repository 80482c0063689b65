//! What must hold for every fare, and tariffs and trips that meet everything there is.

use std::sync::LazyLock;

use wayfare_core::pricing::{
    Facts, Fare, FareError, LineKind, Promo, Tariff, TariffSpec, WaypointFacts, compute,
};

use crate::assert_reads_back;

/// A tariff with a price for everything.
#[expect(clippy::expect_used, reason = "the file is committed and tested")]
pub(crate) static EVERYTHING: LazyLock<Tariff> = LazyLock::new(|| {
    let json = include_str!("../../seeds/tariff/everything.json");
    let spec: TariffSpec = serde_json::from_str(json).expect("the seed is a tariff");
    Tariff::new(spec).expect("the seed is valid")
});

/// A trip that meets every kind of line of that tariff.
#[expect(clippy::expect_used, reason = "the file is committed and tested")]
pub(crate) static EVERYTHING_HAPPENED: LazyLock<Facts> = LazyLock::new(|| {
    let json = include_str!("../../seeds/facts/everything.json");
    serde_json::from_str(json).expect("the seed is a trip's facts")
});

/// Trips for a tariff: nothing at all, everything, and far too much of each.
pub(crate) fn trips_for(spec: &TariffSpec) -> Vec<Facts> {
    let started_at = EVERYTHING_HAPPENED.started_at;
    let nothing = Facts::ride(0, 0, started_at);
    let everything = Facts {
        tolls: spec.tolls.keys().cloned().collect(),
        zones: spec.zones.keys().cloned().collect(),
        ..EVERYTHING_HAPPENED.clone()
    };
    let too_much = Facts {
        distance_m: i64::MAX,
        duration_s: i64::MAX,
        wait_s: i64::MAX,
        waypoints: vec![WaypointFacts { wait_s: i64::MAX }; 3],
        surge_bps: i64::MAX,
        promo: Some(Promo::Percent {
            bps: 10_000,
            cap_minor: i64::MAX,
        }),
        weight_kg: i64::MAX,
        loading_s: i64::MAX,
        unloading_s: i64::MAX,
        tip_minor: i64::MAX,
        ..everything.clone()
    };
    let far = Facts::ride(i64::MAX, 0, started_at);
    let long = Facts::ride(0, i64::MAX, started_at);
    let heavy = Facts {
        weight_kg: i64::MAX,
        ..nothing.clone()
    };
    let given_away = Facts {
        promo: Some(Promo::Fixed {
            amount_minor: i64::MAX,
        }),
        ..everything.clone()
    };
    vec![nothing, everything, too_much, far, long, heavy, given_away]
}

/// Prices a trip and checks the fare.
pub(crate) fn price(tariff: &Tariff, facts: &Facts) -> Result<Fare, FareError> {
    let fare = compute(tariff, facts);
    assert_eq!(fare, compute(tariff, facts), "a second time");
    if let Ok(fare) = &fare {
        check(tariff.spec(), facts, fare);
    }
    fare
}

fn check(spec: &TariffSpec, facts: &Facts, fare: &Fare) {
    let sum: i128 = fare
        .lines
        .iter()
        .map(|line| i128::from(line.amount_minor))
        .sum();
    assert_eq!(
        sum,
        i128::from(fare.total_minor),
        "the lines sum to the total"
    );
    assert_eq!(
        fare.total_minor.checked_rem(spec.rounding.unit_minor),
        Some(0),
        "the total is rounded"
    );
    assert_eq!(fare.currency, spec.currency);
    assert_eq!(fare.tip_minor, facts.tip_minor);
    assert!(fare.driver_share_minor >= 0, "the driver never pays");
    assert_eq!(
        fare.lines.first().map(|line| line.kind),
        Some(LineKind::Base)
    );
    assert!(
        fare.lines.is_sorted_by_key(|line| line.kind as u8),
        "the lines stand in their order"
    );
    for line in &fare.lines {
        let may_be_zero = line.kind == LineKind::Base;
        assert!(may_be_zero || line.amount_minor != 0, "{line:?} is zero");
        let may_be_negative = matches!(line.kind, LineKind::Promo | LineKind::Rounding);
        assert!(
            may_be_negative || line.amount_minor >= 0,
            "{line:?} is negative"
        );
    }
    assert_reads_back(fare);
}
