//! Facts of trips: most of them in order, some beyond all measure, a few that are refused.

use chrono::{DateTime, FixedOffset, Utc};
use wayfare_core::pricing::{Facts, Promo, TariffSpec, WaypointFacts};

use crate::dice::Dice;

/// Moments lie between the beginnings of 2000 and 2040, in milliseconds since 1970.
const MOMENTS_MS: (i64, i64) = (946_684_800_000, 2_208_988_800_000);

/// Offsets from UTC are quarters of an hour up to this many.
const OFFSET_QUARTERS_MAX: i32 = 56;
const QUARTER_S: i32 = 900;

/// Facts of a trip under this tariff. About one of thirty is refused.
pub(crate) fn of_a_trip(dice: &mut Dice, tariff: &TariffSpec) -> Facts {
    let mut facts = Facts {
        wait_s: dice.magnitude(3600),
        waypoints: waypoints(dice),
        tolls: some_of(dice, tariff.tolls.keys()),
        zones: some_of(dice, tariff.zones.keys()),
        surge_bps: surge_bps(dice),
        promo: promo(dice),
        weight_kg: dice.magnitude(20_000),
        loading_s: dice.magnitude(7200),
        unloading_s: dice.magnitude(7200),
        tip_minor: dice.magnitude(5000),
        ..Facts::ride(dice.magnitude(400_000), dice.magnitude(40_000), local(dice))
    };
    if dice.permille(30) {
        spoil(dice, &mut facts);
    }
    facts
}

/// Some of these names, in any order and possibly twice.
pub(crate) fn some_of<'a>(dice: &mut Dice, names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let names: Vec<&String> = names.collect();
    if names.is_empty() {
        return Vec::new();
    }
    (0..dice.below(4))
        .map(|_| (*dice.pick(&names)).clone())
        .collect()
}

/// The stops on the way.
pub(crate) fn waypoints(dice: &mut Dice) -> Vec<WaypointFacts> {
    (0..dice.below(4))
        .map(|_| WaypointFacts {
            wait_s: dice.magnitude(1800),
        })
        .collect()
}

/// A moment to the millisecond.
pub(crate) fn moment(dice: &mut Dice) -> DateTime<Utc> {
    let at_ms = dice.between(MOMENTS_MS.0, MOMENTS_MS.1);
    DateTime::from_timestamp_millis(at_ms).unwrap_or_default()
}

/// A moment on a clock somewhere.
pub(crate) fn local(dice: &mut Dice) -> DateTime<FixedOffset> {
    let quarters = dice.between_32(-OFFSET_QUARTERS_MAX, OFFSET_QUARTERS_MAX);
    let moment = moment(dice);
    FixedOffset::east_opt(quarters * QUARTER_S)
        .map_or_else(|| moment.fixed_offset(), |zone| moment.with_timezone(&zone))
}

fn surge_bps(dice: &mut Dice) -> i64 {
    if dice.permille(500) {
        10_000
    } else {
        dice.between(10_000, 60_000)
    }
}

fn promo(dice: &mut Dice) -> Option<Promo> {
    match dice.below(4) {
        0 => Some(Promo::Fixed {
            amount_minor: dice.magnitude(3000),
        }),
        1 => Some(Promo::Percent {
            bps: dice.between(0, 10_000),
            cap_minor: dice.magnitude(3000),
        }),
        _ => None,
    }
}

/// Makes one of the facts wrong or far too large.
fn spoil(dice: &mut Dice, facts: &mut Facts) {
    match dice.below(8) {
        0 => facts.distance_m = i64::MAX - dice.between(0, 3),
        1 => facts.duration_s = i64::MAX - dice.between(0, 3),
        2 => facts.weight_kg = i64::MAX,
        3 => facts.wait_s = -1 - dice.magnitude(i64::MAX - 1),
        4 => facts.surge_bps = dice.between(-1, 9999),
        5 => facts.tolls.push("nowhere".to_owned()),
        6 => facts.zones.push("nowhere".to_owned()),
        _ => {
            facts.promo = Some(Promo::Percent {
                bps: 10_001,
                cap_minor: 1,
            });
        }
    }
}
