//! From what was seen to the surge of every cell.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::cell::Cell;
use super::rules::SurgeRules;
use super::state::{CellSurge, Observation};
use crate::pricing::check::InvalidField;
use crate::pricing::exact::{BPS, Exact};
use crate::pricing::facts::NO_SURGE_BPS;
use crate::pricing::fare::FareError;
use crate::pricing::tariff::RoundingMode;

/// The most cells that can be observed at once: 74,000 km², more than any city.
pub const CELLS_MAX: usize = 100_000;

const MILLI: i128 = 1000;
/// 10000 basis points in one thousandth of a rider or car.
const BPS_PER_MILLI: i128 = 10;

/// Why surge was not brought up to date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SurgeError {
    /// More cells were observed than any city has.
    #[error("{cells} cells were observed, and at most {CELLS_MAX} can be")]
    TooManyCells {
        /// How many.
        cells: usize,
    },
    /// The rules contradict themselves.
    #[error("the rules of surge are not valid: {}", listed(.0))]
    Rules(Vec<InvalidField>),
}

fn listed(problems: &[InvalidField]) -> String {
    let each: Vec<String> = problems.iter().map(ToString::to_string).collect();
    each.join("; ")
}

/// Brings the surge of all cells up to date with what was observed since `previous`.
///
/// The answer holds the cells that were observed or had a surge; those that are back to normal and
/// in which nothing was seen are left out. A cell that is not in it has no surge.
pub fn update_surge(
    previous: &BTreeMap<Cell, CellSurge>,
    observed: &BTreeMap<Cell, Observation>,
    rules: &SurgeRules,
    now: DateTime<Utc>,
) -> Result<BTreeMap<Cell, CellSurge>, SurgeError> {
    rules.check().map_err(SurgeError::Rules)?;
    if observed.len() > CELLS_MAX {
        let cells = observed.len();
        return Err(SurgeError::TooManyCells { cells });
    }
    let cells: BTreeSet<Cell> = previous.keys().chain(observed.keys()).copied().collect();
    let updated = cells.into_iter().filter_map(|cell| {
        let here = observed.get(&cell).copied().unwrap_or_default();
        let pressure = Pressure::around(cell, here, observed, rules);
        let surge = next(previous.get(&cell), pressure, rules, now);
        let normal = surge.surge_bps == NO_SURGE_BPS && surge.smoothed_bps == NO_SURGE_BPS;
        let gone = normal && here == Observation::default();
        (!gone).then_some((cell, surge))
    });
    Ok(updated.collect())
}

/// What presses on the price of a cell.
#[derive(Clone, Copy)]
struct Pressure {
    demand_milli: i64,
    supply_milli: i64,
    /// `None` without supply.
    ratio_milli: Option<i64>,
}

impl Pressure {
    fn around(
        cell: Cell,
        here: Observation,
        observed: &BTreeMap<Cell, Observation>,
        rules: &SurgeRules,
    ) -> Self {
        let (mut demand, mut supply) = (0_i64, 0_i64);
        if rules.neighbour_weight_bps > 0 {
            for neighbour in cell.neighbours() {
                let there = observed.get(&neighbour).copied().unwrap_or_default();
                demand = demand.saturating_add(there.demand.into());
                supply = supply.saturating_add(there.supply.into());
            }
        }
        let demand_milli = weighted_milli(here.demand, demand, rules);
        let supply_milli = weighted_milli(here.supply, supply, rules);
        let ratio_milli = (supply_milli > 0).then(|| {
            let ratio = Exact::from(demand_milli).times(MILLI);
            at_most_i64(ratio.and_then(|scaled| scaled.round_div(supply_milli.into())))
        });
        Self {
            demand_milli,
            supply_milli,
            ratio_milli,
        }
    }

    /// The surge that this alone would ask for.
    fn raw_bps(self, rules: &SurgeRules) -> i64 {
        let demand_min_milli = i64::from(rules.demand_min).saturating_mul(1000);
        if self.demand_milli == 0 || self.demand_milli < demand_min_milli {
            return NO_SURGE_BPS;
        }
        let Some(ratio_milli) = self.ratio_milli else {
            return rules.cap_bps;
        };
        let over_milli = ratio_milli.saturating_sub(rules.free_ratio_milli).max(0);
        let added = Exact::from(over_milli).times(rules.slope_bps);
        let added_bps = at_most_i64(added.and_then(|added| added.round_div(MILLI)));
        NO_SURGE_BPS.saturating_add(added_bps).min(rules.cap_bps)
    }
}

/// Own plus the weighted sum of the neighbours, in thousandths, rounded half to even.
fn weighted_milli(own: u32, neighbours: i64, rules: &SurgeRules) -> i64 {
    let own_bps = Exact::from(i64::from(own)).times(BPS);
    let neighbours_bps = Exact::from(neighbours).times(rules.neighbour_weight_bps);
    let both = own_bps.and_then(|own| own.add(neighbours_bps?));
    at_most_i64(both.and_then(|sum| sum.round_div(BPS_PER_MILLI)))
}

/// A number that is never below zero; one that is too large is as large as it can be.
fn at_most_i64(number: Result<Exact, FareError>) -> i64 {
    number.and_then(Exact::minor).unwrap_or(i64::MAX)
}

fn next(
    previous: Option<&CellSurge>,
    pressure: Pressure,
    rules: &SurgeRules,
    now: DateTime<Utc>,
) -> CellSurge {
    let raw_bps = pressure.raw_bps(rules);
    let in_range = |bps: i64| bps.clamp(NO_SURGE_BPS, rules.cap_bps);
    let before = |bps: fn(&CellSurge) -> i64| previous.map_or(NO_SURGE_BPS, bps);
    let smoothed_bps = smoothed(in_range(before(|p| p.smoothed_bps)), raw_bps, rules);
    let surge_bps = shown(in_range(before(|p| p.surge_bps)), smoothed_bps, rules);
    let changed_at = match previous {
        Some(previous) if previous.surge_bps == surge_bps => previous.changed_at,
        _ => now,
    };
    CellSurge {
        surge_bps,
        smoothed_bps,
        raw_bps,
        demand_milli: pressure.demand_milli,
        supply_milli: pressure.supply_milli,
        ratio_milli: pressure.ratio_milli,
        observed_at: now,
        changed_at,
    }
}

/// The part of the way from `before` to `raw`, and at least one basis point of it, so that it
/// arrives.
fn smoothed(before: i64, raw: i64, rules: &SurgeRules) -> i64 {
    let way = raw.saturating_sub(before);
    let part = Exact::from(way).times(rules.smoothing_bps);
    let part = part.and_then(|part| part.round_div(BPS)?.minor());
    match part.unwrap_or(way) {
        0 => before.saturating_add(way.signum()),
        part => before.saturating_add(part),
    }
}

/// What is shown moves only if it is far from the smoothed value, and then to the nearest step.
fn shown(before: i64, smoothed: i64, rules: &SurgeRules) -> i64 {
    let above = smoothed.saturating_sub(NO_SURGE_BPS);
    if above.saturating_mul(2) < rules.hysteresis_bps {
        return NO_SURGE_BPS;
    }
    if smoothed.abs_diff(before) < rules.hysteresis_bps.unsigned_abs() {
        return before;
    }
    let steps = Exact::from(above).to_multiple_of(rules.step_bps, RoundingMode::HalfEven);
    let nearest = steps.and_then(Exact::minor).unwrap_or(above);
    NO_SURGE_BPS.saturating_add(nearest).min(rules.cap_bps)
}
