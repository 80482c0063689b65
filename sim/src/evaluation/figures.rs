//! What a day's journal and its rounds come to.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::journal::{Entry, What};
use super::journeys::Journeys;
use super::policy::Policy;
use super::simulation::Conditions;

/// What came of a day. Figures of nothing are `None`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// How drivers were chosen.
    pub policy: Policy,
    /// Cars.
    pub fleet: usize,
    /// Riders who asked.
    pub trips: u64,
    /// Riders who got where they wanted to.
    pub served: u64,
    /// Seconds from asking to being picked up, of those who were served.
    pub wait_s: WaitQuantiles,
    /// Metres by road to the pickup: from where the car stood, or from the dropoff before.
    pub pickup_m_mean: Option<f64>,
    /// Seconds by road to the pickup, likewise.
    pub pickup_s_mean: Option<f64>,
    /// Share of the cars' time in which a rider sat in them.
    pub utilisation: f64,
    /// Real milliseconds that a round with open requests took to plan.
    pub batch_ms: BatchQuantiles,
    /// Rounds with open requests.
    pub rounds: usize,
    /// Riders who gave up, as nobody took them in time.
    pub gave_up: u64,
    /// Riders whose trip was declined too often.
    pub expired: u64,
    /// Offers to drivers.
    pub offers: u64,
    /// Those that were declined.
    pub declined: u64,
    /// Those to drivers who had a rider in the car.
    pub forward: u64,
    /// Seconds that a car waited for its next trip. A car that drives on to one it has already does
    /// not wait.
    pub idle_s: WaitQuantiles,
    /// How unevenly riding time falls on the cars: 0 if all have the same, 1 if one has all (Gini).
    pub riding_gini: f64,
    /// Hours of demand.
    pub hours: f64,
    /// Trips that were left out: off the map, or no road leads there.
    pub left_out: usize,
    /// Rides that took as long as was recorded; the others took what the roads say.
    pub rides_recorded: usize,
    /// Of where cars begin and of what drivers answer.
    pub seed: u64,
    /// Seconds from one round to the next, of batch.
    pub window_s: f64,
}

/// What half of many and nearly all of them do not exceed, and their mean.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct WaitQuantiles {
    /// Half of them.
    pub p50: Option<f64>,
    /// 95 of 100.
    pub p95: Option<f64>,
    /// The mean.
    pub mean: Option<f64>,
}

/// What half of many and nearly all of them do not exceed.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct BatchQuantiles {
    /// Half of them.
    pub p50: Option<f64>,
    /// 99 of 100.
    pub p99: Option<f64>,
}

/// A day that is over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Day<'a> {
    pub(super) conditions: &'a Conditions,
    pub(super) journeys: &'a Journeys,
    pub(super) fleet: usize,
    pub(super) journal: &'a [Entry],
    /// How long rounds took.
    pub(super) rounds: &'a [Duration],
}

impl Figures {
    pub(super) fn of(day: &Day<'_>) -> Self {
        let count = |is: fn(&What) -> bool| {
            let entries = day.journal.iter();
            entries.map(|entry| u64::from(is(&entry.what))).sum::<u64>()
        };
        let pickups = Pickups::of(day);
        let cars = Cars::of(day);
        let rounds: Vec<f64> = day
            .rounds
            .iter()
            .map(|took| took.as_secs_f64() * 1e3)
            .collect();
        let rounds = Sorted::of(rounds);
        Self {
            policy: day.conditions.policy,
            fleet: day.fleet,
            trips: count(|what| matches!(what, What::Requested)),
            served: count(|what| matches!(what, What::DroppedOff { .. })),
            wait_s: pickups.waits.quantiles(),
            pickup_m_mean: pickups.metres.mean(),
            pickup_s_mean: pickups.seconds.mean(),
            utilisation: rounded(cars.utilisation(day), 4),
            batch_ms: BatchQuantiles {
                p50: rounds.quantile(50),
                p99: rounds.quantile(99),
            },
            rounds: day.rounds.len(),
            gave_up: count(|what| matches!(what, What::GaveUp)),
            expired: count(|what| matches!(what, What::Expired)),
            offers: count(|what| matches!(what, What::Asked { .. })),
            declined: count(|what| matches!(what, What::Declined { .. })),
            forward: count(|what| matches!(what, What::Asked { forward: true, .. })),
            riding_gini: rounded(gini(&cars.riding_s), 4),
            idle_s: cars.idle.quantiles(),
            hours: rounded(day.journeys.span.as_secs_f64() / 3600.0, 2),
            left_out: day.journeys.left_out,
            rides_recorded: day.journeys.recorded,
            seed: day.conditions.seed,
            window_s: day.conditions.window.as_secs_f64(),
        }
    }
}

/// How riders were picked up.
struct Pickups {
    waits: Sorted,
    seconds: Sorted,
    metres: Sorted,
}

impl Pickups {
    fn of(day: &Day<'_>) -> Self {
        let mut set_out = BTreeMap::new();
        let (mut waits, mut seconds, mut metres) = (Vec::new(), Vec::new(), Vec::new());
        for entry in day.journal {
            match entry.what {
                What::SetOut { way_m, .. } => {
                    set_out.insert(entry.rider, (entry.at, way_m));
                }
                What::PickedUp { .. } => {
                    let Some((left, way_m)) = set_out.remove(&entry.rider) else {
                        continue;
                    };
                    let asked = day.journeys.list.get(entry.rider);
                    let asked = asked.map_or(Duration::ZERO, |journey| journey.at);
                    waits.push((entry.at - asked).as_secs_f64());
                    seconds.push((entry.at - left).as_secs_f64());
                    metres.push(way_m as f64);
                }
                _ => {}
            }
        }
        Self {
            waits: Sorted::of(waits),
            seconds: Sorted::of(seconds),
            metres: Sorted::of(metres),
        }
    }
}

/// How cars spent the time in which there was demand.
struct Cars {
    riding_s: Vec<f64>,
    idle: Sorted,
}

impl Cars {
    fn of(day: &Day<'_>) -> Self {
        let span = day.journeys.span;
        let mut riding_s = vec![0.0; day.fleet];
        let mut free_since = vec![Some(Duration::ZERO); day.fleet];
        let mut left_at = vec![Duration::ZERO; day.fleet];
        let mut idle = Vec::new();
        for entry in day.journal {
            match entry.what {
                What::SetOut { car, .. } => {
                    let since = free_since.get_mut(car).and_then(Option::take);
                    idle.extend(since.map(|since| entry.at - since));
                }
                What::Left { car } => {
                    if let Some(left_at) = left_at.get_mut(car) {
                        *left_at = entry.at;
                    }
                }
                What::DroppedOff { car } => {
                    let left_at = left_at.get(car).copied().unwrap_or_default();
                    let rode = entry.at.min(span).saturating_sub(left_at);
                    if let Some(riding_s) = riding_s.get_mut(car) {
                        *riding_s += rode.as_secs_f64();
                    }
                    if let Some(free_since) = free_since.get_mut(car) {
                        *free_since = Some(entry.at);
                    }
                }
                _ => {}
            }
        }
        let still = free_since.into_iter().flatten();
        idle.extend(still.map(|since| span.saturating_sub(since)));
        // Whoever drives on to a trip that was taken before has not waited.
        let waited = idle.iter().filter(|time| !time.is_zero());
        Self {
            riding_s,
            idle: Sorted::of(waited.map(Duration::as_secs_f64).collect()),
        }
    }

    fn utilisation(&self, day: &Day<'_>) -> f64 {
        let all_s = day.journeys.span.as_secs_f64() * day.fleet as f64;
        self.riding_s.iter().sum::<f64>() / all_s.max(1.0)
    }
}

/// Numbers in order.
struct Sorted(Vec<f64>);

impl Sorted {
    fn of(mut numbers: Vec<f64>) -> Self {
        numbers.sort_by(f64::total_cmp);
        Self(numbers)
    }

    /// The smallest number that so many percent of all do not exceed.
    fn quantile(&self, percent: usize) -> Option<f64> {
        let place = (self.0.len() * percent).div_ceil(100);
        let number = self.0.get(place.saturating_sub(1));
        number.map(|number| rounded(*number, 3))
    }

    fn mean(&self) -> Option<f64> {
        let sum = self.0.iter().sum::<f64>();
        (!self.0.is_empty()).then(|| rounded(sum / self.0.len() as f64, 1))
    }

    fn quantiles(&self) -> WaitQuantiles {
        WaitQuantiles {
            p50: self.quantile(50),
            p95: self.quantile(95),
            mean: self.mean(),
        }
    }
}

/// Half of the mean difference between two of the numbers, against their mean.
fn gini(numbers: &[f64]) -> f64 {
    let sorted = Sorted::of(numbers.to_vec()).0;
    let (count, sum) = (sorted.len() as f64, sorted.iter().sum::<f64>());
    if sum <= 0.0 {
        return 0.0;
    }
    let ranked = sorted.iter().enumerate();
    let weighted: f64 = ranked
        .map(|(rank, number)| (rank as f64 + 1.0) * number)
        .sum();
    2.0 * weighted / (count * sum) - (count + 1.0) / count
}

fn rounded(number: f64, digits: i32) -> f64 {
    let unit = 10_f64.powi(digits);
    (number * unit).round() / unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_numbers_of_the_list() {
        let sorted = Sorted::of((1..=100).rev().map(f64::from).collect());
        assert_eq!(sorted.quantile(50), Some(50.0));
        assert_eq!(sorted.quantile(95), Some(95.0));
        assert_eq!(sorted.quantile(100), Some(100.0));
        assert_eq!(Sorted::of(vec![7.0]).quantile(1), Some(7.0));
        assert_eq!(Sorted::of(Vec::new()).quantile(50), None);
        assert_eq!(sorted.mean(), Some(50.5));
    }

    #[test]
    fn what_falls_on_one_alone_is_uneven() {
        let near = |numbers: &[f64], expected: f64| (gini(numbers) - expected).abs() < 1e-9;
        assert!(near(&[5.0, 5.0, 5.0, 5.0], 0.0));
        assert!(near(&[0.0, 0.0, 0.0, 8.0], 0.75));
        assert!(near(&[1.0, 3.0], 0.25));
        assert!(near(&[0.0, 0.0], 0.0));
    }
}
