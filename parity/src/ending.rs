//! How trips end: driven to the end, or called off.

use chrono::{DateTime, TimeDelta, Utc};
use wayfare_core::pricing::{CancellationFacts, Driven, Facts, RideLength, TariffSpec};
use wayfare_core::trip::Party;

use crate::dice::Dice;
use crate::facts::{local, moment, some_of, waypoints};

const PARTIES: [Party; 4] = [Party::Rider, Party::Driver, Party::Admin, Party::System];

/// What happened on a trip that was quoted with these facts; `proven` is what its track proves.
pub(crate) fn driven(
    dice: &mut Dice,
    tariff: &TariffSpec,
    quoted: &Facts,
    proven: Option<RideLength>,
) -> Driven {
    let ride = match dice.below(4) {
        0 => None,
        1 => proven,
        _ => Some(near_the_plan(dice, tariff, quoted)),
    };
    Driven {
        ride,
        replanned: dice
            .permille(250)
            .then(|| near_the_plan(dice, tariff, quoted)),
        started_at: local(dice),
        wait_s: dice.magnitude(3600),
        waypoints: waypoints(dice),
        tolls: some_of(dice, tariff.tolls.keys()),
        zones: some_of(dice, tariff.zones.keys()),
        loading_s: dice.magnitude(7200),
        unloading_s: dice.magnitude(7200),
        tip_minor: dice.magnitude(5000),
    }
}

/// A ride about as far from the plan as decides whether the quote holds.
fn near_the_plan(dice: &mut Dice, tariff: &TariffSpec, quoted: &Facts) -> RideLength {
    let limit_m = tariff.requote_over_m;
    let apart_m = match dice.below(4) {
        0 => limit_m,
        1 => limit_m.saturating_add(1),
        _ => dice.magnitude(10_000),
    };
    let sign = if dice.permille(500) { 1 } else { -1 };
    RideLength {
        distance_m: quoted.distance_m.saturating_add(sign * apart_m).max(0),
        duration_s: dice.magnitude(40_000),
    }
}

/// A trip that is called off, sooner or later; of a hundred one with times that contradict each other.
pub(crate) fn cancelled(dice: &mut Dice) -> CancellationFacts {
    let cancelled_at = moment(dice);
    let arrived_at = dice.permille(400).then(|| before(dice, cancelled_at));
    let assigned_before = if dice.permille(20) {
        cancelled_at
    } else {
        arrived_at.unwrap_or(cancelled_at)
    };
    CancellationFacts {
        by: *dice.pick(&PARTIES),
        no_show: dice.permille(200),
        assigned_at: dice.permille(800).then(|| before(dice, assigned_before)),
        arrived_at,
        pickup_at: dice
            .permille(300)
            .then(|| cancelled_at + TimeDelta::seconds(dice.between(-3600, 7200))),
        cancelled_at,
    }
}

fn before(dice: &mut Dice, moment: DateTime<Utc>) -> DateTime<Utc> {
    moment - TimeDelta::milliseconds(dice.magnitude(3_600_000))
}
