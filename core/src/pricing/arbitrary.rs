//! Random tariffs and facts for property tests.

use chrono::{DateTime, FixedOffset, Utc};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::{
    CancellationFees, ClockTime, Commission, DistanceTier, Facts, LineKind, Night, NightWindow,
    Promo, Rounding, RoundingMode, Tariff, TariffSpec, Tax, TimeTier, WaypointFacts,
};
use crate::money::Currency;
use crate::vehicle::VehicleClass;

/// The kinds of lines that may go to the platform or be under commission.
const SHARED: [LineKind; 13] = [
    LineKind::Base,
    LineKind::Distance,
    LineKind::Time,
    LineKind::Waiting,
    LineKind::Waypoints,
    LineKind::Loading,
    LineKind::Weight,
    LineKind::Night,
    LineKind::Surge,
    LineKind::MinimumTopUp,
    LineKind::Toll,
    LineKind::Zone,
    LineKind::BookingFee,
];
/// What only a tax may name beyond those.
const TAXED_TOO: [LineKind; 3] = [LineKind::Promo, LineKind::Cancellation, LineKind::NoShow];
const PLACES: [&str; 3] = ["airport", "bridge", "tunnel"];

/// Amounts and lengths as they occur.
pub(super) fn usual() -> BoxedStrategy<i64> {
    prop_oneof![Just(0_i64), 0..=1000_i64, 0..=100_000_i64].boxed()
}

/// Whatever is not below zero.
pub(super) fn not_negative() -> BoxedStrategy<i64> {
    prop_oneof![usual(), 0..=i64::MAX, Just(i64::MAX)].boxed()
}

/// Any number at all, the outermost ones often.
pub(super) fn any_number() -> BoxedStrategy<i64> {
    let outermost = select(vec![i64::MIN, i64::MIN + 1, -1, i64::MAX - 1, i64::MAX]);
    prop_oneof![2 => usual(), 1 => any::<i64>(), 1 => outermost].boxed()
}

/// A moment between 1970 and 2100.
pub(super) fn moment() -> impl Strategy<Value = DateTime<Utc>> {
    (0..=4_102_444_800_000_i64).prop_map(|ms| DateTime::from_timestamp_millis(ms).unwrap())
}

/// A moment on the clock of some zone; now and then the first or the last there is.
pub(super) fn local_moment() -> impl Strategy<Value = DateTime<FixedOffset>> {
    let outermost = select(vec![DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC]);
    let utc = prop_oneof![20 => moment(), 1 => outermost];
    (utc, -86_399..=86_399_i32)
        .prop_map(|(utc, offset_s)| utc.with_timezone(&FixedOffset::east_opt(offset_s).unwrap()))
}

/// Facts of which each number comes from `number`, for tariffs with [`PLACES`].
pub(super) fn facts(number: &BoxedStrategy<i64>) -> impl Strategy<Value = Facts> + use<> {
    let n = || number.clone();
    let place = || subsequence(PLACES.to_vec(), 0..=PLACES.len());
    let waypoints = proptest::collection::vec(n(), 0..4);
    let extras = (waypoints, place(), place(), promo(number));
    let surge_bps = prop_oneof![10_000..=40_000_i64, n()];
    let lengths = (n(), n(), n(), n(), n(), n(), n());
    (lengths, extras, surge_bps, local_moment()).prop_map(
        |(lengths, (waypoints, tolls, zones, promo), surge_bps, started_at)| {
            let (distance_m, duration_s, wait_s, weight_kg, loading_s, unloading_s, tip) = lengths;
            let waypoint = |wait_s| WaypointFacts { wait_s };
            Facts {
                distance_m,
                duration_s,
                wait_s,
                waypoints: waypoints.into_iter().map(waypoint).collect(),
                started_at,
                tolls: tolls.into_iter().map(str::to_owned).collect(),
                zones: zones.into_iter().map(str::to_owned).collect(),
                surge_bps,
                promo,
                weight_kg,
                loading_s,
                unloading_s,
                tip_minor: tip,
            }
        },
    )
}

/// Facts as they occur, which every tariff of [`tariff`] can price.
pub(super) fn usual_facts() -> impl Strategy<Value = Facts> {
    facts(&usual()).prop_map(|facts| Facts {
        surge_bps: facts.surge_bps.max(10_000),
        ..facts
    })
}

fn promo(number: &BoxedStrategy<i64>) -> impl Strategy<Value = Option<Promo>> + use<> {
    let fixed = number.clone();
    let fixed = fixed.prop_map(|amount_minor| Promo::Fixed { amount_minor });
    let percent = (0..=10_000_i64, number.clone());
    let percent = percent.prop_map(|(bps, cap_minor)| Promo::Percent { bps, cap_minor });
    proptest::option::of(prop_oneof![fixed, percent])
}

/// A valid tariff of which each amount comes from `amount`.
pub(super) fn tariff(amount: &BoxedStrategy<i64>) -> impl Strategy<Value = Tariff> + use<> {
    (prices(amount), extras(amount), shares()).prop_map(|(prices, extras, shares)| {
        let spec = with_shares(with_extras(prices, extras), shares);
        Tariff::new(spec).unwrap()
    })
}

/// A spec with prices and nothing else.
fn prices(amount: &BoxedStrategy<i64>) -> impl Strategy<Value = TariffSpec> + use<> {
    let a = || amount.clone();
    let tiers = || proptest::collection::btree_map(1..=50_000_i64, amount.clone(), 0..3);
    let zone = select(vec!["Europe/Monaco", "Asia/Kathmandu", "America/St_Johns"]);
    let fees = (a(), a(), a(), a(), a(), a());
    let free = (a(), a(), a(), a());
    ((a(), tiers()), (a(), tiers()), fees, free, zone).prop_map(
        |((first_km, km), (first_min, min), fees, free, zone)| {
            let km = std::iter::once((0, first_km)).chain(km);
            let min = std::iter::once((0, first_min)).chain(min);
            let (base_minor, wait, per_waypoint_minor, loading, per_extra_kg_minor, booking) = fees;
            let (free_wait_s, waypoint_free_wait_s, free_loading_s, included_weight_kg) = free;
            let distance = |(from_m, per_km_minor)| DistanceTier {
                from_m,
                per_km_minor,
            };
            let time = |(from_s, per_min_minor)| TimeTier {
                from_s,
                per_min_minor,
            };
            TariffSpec {
                id: "tariff_any".into(),
                version: 1,
                currency: Currency::EUR,
                timezone: zone.into(),
                vehicle_class: VehicleClass::Standard,
                base_minor,
                distance_tiers: km.map(distance).collect(),
                time_tiers: min.map(time).collect(),
                free_wait_s,
                waypoint_free_wait_s,
                wait_per_min_minor: wait,
                per_waypoint_minor,
                free_loading_s,
                loading_per_min_minor: loading,
                included_weight_kg,
                per_extra_kg_minor,
                night: Night {
                    windows: Vec::new(),
                    bps: 0,
                },
                surge_cap_bps: 10_000,
                minimum_minor: 0,
                tolls: [].into(),
                zones: [].into(),
                booking_fee_minor: booking,
                platform_lines: Vec::new(),
                taxes: Vec::new(),
                rounding: Rounding {
                    unit_minor: 1,
                    mode: RoundingMode::HalfEven,
                },
                commission: Commission {
                    bps: 0,
                    on: Vec::new(),
                },
                requote_over_m: 1200,
                cancellation: None,
            }
        },
    )
}

type Extras = (Night, (i64, i64, i64), [i64; 3], Option<CancellationFees>);

fn extras(amount: &BoxedStrategy<i64>) -> impl Strategy<Value = Extras> + use<> {
    let window = (0..1440_u32, 1..1440_u32).prop_map(|(start, length)| NightWindow {
        start: clock(start),
        end: clock((start + length) % 1440),
    });
    let night = (proptest::collection::vec(window, 0..3), 0..=10_000_i64)
        .prop_map(|(windows, bps)| Night { windows, bps });
    let a = || amount.clone();
    let limits = (10_000..=100_000_i64, a(), a());
    let fees = (a(), a(), a(), a(), a(), 0..=10_000_i64).prop_map(
        |(free_s, fee_minor, late, scheduled, no_show_fee_minor, driver_share_bps)| {
            CancellationFees {
                free_s,
                fee_minor,
                free_if_late_s: late,
                scheduled_free_s: scheduled,
                no_show_fee_minor,
                driver_share_bps,
            }
        },
    );
    let cancellation = proptest::option::of(fees);
    (night, limits, [a(), a(), a()], cancellation)
}

fn clock(minute: u32) -> ClockTime {
    format!("{:02}:{:02}", minute / 60, minute % 60)
        .parse()
        .unwrap()
}

fn with_extras(spec: TariffSpec, extras: Extras) -> TariffSpec {
    let (night, (surge_cap_bps, minimum_minor, requote_over_m), prices, cancellation) = extras;
    let places = || PLACES.map(str::to_owned).into_iter().zip(prices).collect();
    TariffSpec {
        night,
        surge_cap_bps,
        minimum_minor,
        requote_over_m,
        tolls: places(),
        zones: places(),
        cancellation,
        ..spec
    }
}

type Shares = (Vec<Tax>, Rounding, Vec<usize>, i64);

fn shares() -> impl Strategy<Value = Shares> {
    let kinds = [SHARED.as_slice(), TAXED_TOO.as_slice()].concat();
    let all = kinds.len();
    let tax = (0..=10_000_i64, subsequence(kinds, 0..=all)).prop_map(|(bps, on)| Tax {
        name: "VAT".into(),
        bps,
        on,
    });
    let mode = select(vec![
        RoundingMode::HalfEven,
        RoundingMode::Up,
        RoundingMode::Down,
    ]);
    let rounding = (select(vec![1_i64, 5, 10, 100]), mode)
        .prop_map(|(unit_minor, mode)| Rounding { unit_minor, mode });
    let taxes = proptest::collection::vec(tax, 0..3);
    let parts = proptest::collection::vec(0..3_usize, SHARED.len());
    (taxes, rounding, parts, 0..=10_000_i64)
}

/// Part 0 is the platform's, 1 is under commission, the rest is the driver's.
fn with_shares(spec: TariffSpec, (taxes, rounding, parts, bps): Shares) -> TariffSpec {
    let of_part = |part: usize| {
        let named = SHARED.into_iter().zip(&parts);
        named
            .filter(move |(_, p)| **p == part)
            .map(|(kind, _)| kind)
    };
    TariffSpec {
        taxes,
        rounding,
        platform_lines: of_part(0).collect(),
        commission: Commission {
            bps,
            on: of_part(1).collect(),
        },
        ..spec
    }
}
