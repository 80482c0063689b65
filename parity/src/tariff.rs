//! Tariffs that keep every rule, from nearly empty to one with everything in it.

use std::collections::BTreeMap;

use wayfare_core::money::Currency;
use wayfare_core::pricing::{
    CancellationFees, ClockTime, Commission, DistanceTier, LineKind, Night, NightWindow, Rounding,
    RoundingMode, TariffSpec, Tax, TimeTier,
};
use wayfare_core::vehicle::VehicleClass;

use crate::dice::Dice;

const CURRENCIES: [&str; 5] = ["EUR", "JPY", "KWD", "USD", "XOF"];

/// Zones with whole and broken offsets, with and without summer time, on both sides of the date
/// line.
const ZONES: [&str; 16] = [
    "Africa/Casablanca",
    "Africa/Nairobi",
    "America/Caracas",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Europe/Lisbon",
    "Europe/Monaco",
    "Pacific/Apia",
    "Pacific/Chatham",
    "UTC",
];

/// Lines that a commission, a tax or the platform may have.
const SHAREABLE: [LineKind; 13] = [
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

/// A valid tariff.
pub(crate) fn spec(dice: &mut Dice) -> TariffSpec {
    let (platform_lines, commission_on) = split_lines(dice);
    TariffSpec {
        id: format!("tariff_{}", dice.below(1000)),
        version: u32::try_from(dice.between(1, 9999)).unwrap_or(1),
        currency: dice.pick(&CURRENCIES).parse().unwrap_or(Currency::EUR),
        timezone: (*dice.pick(&ZONES)).to_owned(),
        vehicle_class: *dice.pick(&VehicleClass::ALL),
        base_minor: dice.magnitude(5000),
        distance_tiers: tiers(dice, 5000)
            .map(|(from_m, per_km_minor)| DistanceTier {
                from_m,
                per_km_minor,
            })
            .collect(),
        time_tiers: tiers(dice, 1800)
            .map(|(from_s, per_min_minor)| TimeTier {
                from_s,
                per_min_minor,
            })
            .collect(),
        free_wait_s: dice.magnitude(600),
        waypoint_free_wait_s: dice.magnitude(600),
        wait_per_min_minor: dice.magnitude(200),
        per_waypoint_minor: dice.magnitude(500),
        free_loading_s: dice.magnitude(3600),
        loading_per_min_minor: dice.magnitude(200),
        included_weight_kg: dice.magnitude(2000),
        per_extra_kg_minor: dice.magnitude(50),
        night: night(dice),
        surge_cap_bps: dice.between(10_000, 100_000),
        minimum_minor: dice.magnitude(4000),
        tolls: prices(dice, "toll"),
        zones: prices(dice, "zone"),
        booking_fee_minor: dice.magnitude(500),
        platform_lines,
        taxes: taxes(dice),
        rounding: Rounding {
            unit_minor: *dice.pick(&[1, 2, 5, 10, 25, 50, 100, 1000]),
            mode: *dice.pick(&[RoundingMode::HalfEven, RoundingMode::Up, RoundingMode::Down]),
        },
        commission: Commission {
            bps: dice.between(0, 10_000),
            on: commission_on,
        },
        requote_over_m: dice.magnitude(5000),
        cancellation: dice.permille(900).then(|| cancellation(dice)),
    }
}

fn cancellation(dice: &mut Dice) -> CancellationFees {
    CancellationFees {
        free_s: dice.magnitude(600),
        fee_minor: dice.magnitude(1000),
        free_if_late_s: dice.magnitude(3600),
        scheduled_free_s: dice.magnitude(7200),
        no_show_fee_minor: dice.magnitude(1000),
        driver_share_bps: dice.between(0, 10_000),
    }
}

/// Up to four tiers: where each begins, ascending from 0, and its price.
fn tiers(dice: &mut Dice, apart_max: i64) -> impl Iterator<Item = (i64, i64)> + use<> {
    let mut tiers = vec![(0, dice.magnitude(400))];
    let mut from = 0;
    for _ in 0..dice.below(4) {
        from += dice.between(1, apart_max);
        tiers.push((from, dice.magnitude(400)));
    }
    tiers.into_iter()
}

fn night(dice: &mut Dice) -> Night {
    let windows = (0..dice.below(4)).filter_map(|_| {
        let start = clock(dice)?;
        let end = clock(dice)?;
        (start != end).then_some(NightWindow { start, end })
    });
    Night {
        windows: windows.collect(),
        bps: dice.between(0, 10_000),
    }
}

fn clock(dice: &mut Dice) -> Option<ClockTime> {
    let (hour, minute) = (dice.below(24), dice.below(60));
    format!("{hour:02}:{minute:02}").parse().ok()
}

fn prices(dice: &mut Dice, name: &str) -> BTreeMap<String, i64> {
    (0..dice.below(4))
        .map(|index| (format!("{name}_{index}"), dice.magnitude(1000)))
        .collect()
}

/// The platform's own lines and those under commission: no line is both.
fn split_lines(dice: &mut Dice) -> (Vec<LineKind>, Vec<LineKind>) {
    let (mut platform, mut commission) = (Vec::new(), Vec::new());
    for kind in SHAREABLE {
        match dice.below(8) {
            0 => platform.push(kind),
            1..=4 => commission.push(kind),
            _ => {}
        }
    }
    (platform, commission)
}

fn taxes(dice: &mut Dice) -> Vec<Tax> {
    let others = [LineKind::Promo, LineKind::Cancellation, LineKind::NoShow];
    let kinds = SHAREABLE.into_iter().chain(others);
    (0..dice.below(3))
        .map(|index| Tax {
            name: format!("tax {index}"),
            bps: dice.between(0, 3000),
            on: kinds.clone().filter(|_| dice.permille(600)).collect(),
        })
        .collect()
}
