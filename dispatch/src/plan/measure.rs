//! What asking each candidate costs: the way by road, and what weighs for and against the driver.

use chrono::TimeDelta;

use super::Round;
use super::field::{Driver, Field, Look};
use crate::car::{Car, CarState};
use crate::decision::Cost;
use crate::gate::Gate;
use crate::travel::{Reach, Wanted};

/// No term of a cost counts more than a week, so that sums stay far from their limits.
const TERM_MAX_MS: i64 = 7 * 24 * 60 * 60 * 1000;

fn term(milliseconds: i64) -> i64 {
    milliseconds.clamp(0, TERM_MAX_MS)
}

/// A length of time, weighed in basis points.
pub(super) fn weighed(time: TimeDelta, weight_bps: u32) -> i64 {
    let weighed = time.num_milliseconds().saturating_mul(weight_bps.into());
    term(weighed / 10_000)
}

/// What asking a driver costs apart from the way.
pub(super) fn standing(round: &Round<'_>, car: &Car) -> Cost {
    let (rules, standing) = (round.rules, &car.standing);
    let is_idle = !matches!(car.state, CarState::Finishing { .. });
    let idle = if is_idle {
        (round.at - standing.idle_since).min(rules.idle_counts_for)
    } else {
        TimeDelta::zero()
    };
    let missing_milli = 5000 - i64::from(standing.rating_milli.unwrap_or(5000).min(5000));
    let cancel_bps = i64::from(standing.cancel_bps.min(10_000));
    Cost {
        way_ms: 0,
        finishing_ms: match car.state {
            CarState::Finishing { free_at, .. } => term((free_at - round.at).num_milliseconds()),
            CarState::Free | CarState::Asked | CarState::Driving => 0,
        },
        idle_ms: -weighed(idle, rules.idle_weight_bps),
        rating_ms: term(missing_milli * i64::from(rules.star_cost_ms) / 1000),
        cancel_ms: term(cancel_bps * i64::from(rules.cancel_cost_ms) / 10_000),
        way_m: 0,
    }
}

impl Driver {
    fn cost(&self, way: Reach) -> Cost {
        Cost {
            way_ms: term(i64::try_from(way.duration_ms).unwrap_or(i64::MAX)),
            way_m: way.length_m,
            ..self.standing
        }
    }
}

impl Field<'_> {
    /// Asks for all ways at once, and lets the candidates pass the gates that need a road.
    pub(super) fn measure(&mut self, round: &Round<'_>) {
        let cars: Vec<_> = self.drivers.iter().map(|driver| driver.starts_at).collect();
        let looks = self.looks.iter();
        let wanted: Vec<Wanted> = looks
            .filter(|look| !look.candidates.is_empty())
            .map(|look| Wanted {
                pickup: look.request.pickup,
                cars: look.candidates.iter().map(|one| one.driver).collect(),
            })
            .collect();
        if wanted.is_empty() {
            return;
        }
        let ways = round.travel.reach(&cars, &wanted);
        let looks = self.looks.iter_mut();
        let looks = looks.filter(|look| !look.candidates.is_empty());
        for (look, ways) in looks.zip(ways) {
            for (candidate, way) in ways.into_iter().enumerate() {
                if let Some(way) = way {
                    look.note_way(&self.drivers, candidate, way);
                }
            }
        }
    }
}

impl Look<'_> {
    /// Where no way is noted, it stays at [`Gate::NoRoad`].
    fn note_way(&mut self, drivers: &[Driver], candidate: usize, way: Reach) {
        let radius_m = self.radius_m;
        if way.length_m > radius_m {
            let road_m = way.length_m;
            self.drop_candidate(candidate, Gate::TooFarByRoad { road_m, radius_m });
        } else if let Some(candidate) = self.candidates.get_mut(candidate) {
            let driver = usize::try_from(candidate.driver).ok();
            let driver = driver.and_then(|driver| drivers.get(driver));
            candidate.cost = driver.map(|driver| driver.cost(way));
        }
    }
}
