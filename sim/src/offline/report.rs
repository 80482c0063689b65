//! What came of many seeds.

use std::collections::BTreeMap;

use serde::Serialize;

use super::trouble::Faults;

/// What came of one seed, or of several.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Seen {
    pub(super) faults: Faults,
    pub(super) shifts: u64,
    pub(super) commands: u64,
    pub(super) points: u64,
    pub(super) blobs: u64,
    pub(super) completed: u64,
    pub(super) claimed: u64,
    pub(super) corrected: u64,
    pub(super) rejected: u64,
    pub(super) refused_here: u64,
    pub(super) resumed: u64,
    pub(super) lost: u64,
    pub(super) duplicated: u64,
    pub(super) diverged: u64,
    pub(super) fare_mismatches: u64,
    pub(super) ledger_imbalance: u64,
    pub(super) untold: u64,
    pub(super) unsettled: u64,
    pub(super) wrong_times: u64,
    pub(super) other: u64,
    pub(super) virtual_ms: u64,
    pub(super) fares_compared: u64,
    pub(super) unaware: u64,
    pub(super) converge_ms: Vec<u64>,
    pub(super) commands_ms: Vec<u64>,
    pub(super) wrong: Vec<String>,
}

impl Seen {
    /// Counts what an admin was told.
    pub(super) fn flags(&mut self, kinds: &BTreeMap<String, u64>) {
        self.resumed += kinds.get("trip_resumed").copied().unwrap_or_default();
    }
}

/// Counts over all seeds that were run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// How many seeds were run.
    pub seeds: u64,
    /// Shifts of drivers in them.
    pub shifts: u64,
    /// What people did on their devices.
    pub commands: u64,
    /// Positions that devices recorded.
    pub points: u64,
    /// Commands, points and files that a device had kept and the server has not.
    pub lost: u64,
    /// Commands that took effect more than once, and points that are there more than once.
    pub duplicated: u64,
    /// Differences between what devices and the server know at rest.
    pub diverged: u64,
    /// Fares that the device and the server do not agree on, or that do not come of the points.
    pub fare_mismatches: u64,
    /// What the ledger does not sum to zero by, in minor units.
    pub ledger_imbalance: u64,
    /// Virtual milliseconds from the healing of the network until everything is quiet, in 99 of 100.
    pub converge_ms_p99: u64,
    /// The same, until every command is answered: tracks are packed every five minutes.
    pub commands_ms_p99: u64,
    /// Refusals that the driver was not told.
    pub untold: u64,
    /// Seeds that did not become quiet.
    pub unsettled: u64,
    /// Commands that happened at another time than their device claims to know.
    pub wrong_times: u64,
    /// Seeds with a panic.
    pub panics: u64,
    /// Files that devices kept.
    pub blobs: u64,
    /// Trips that were completed.
    pub completed: u64,
    /// Those whose fare a device had computed.
    pub claimed: u64,
    /// Claims that were not taken.
    pub corrected: u64,
    /// Fares that were compared with what the device shows.
    pub fares_compared: u64,
    /// Claims that were taken although the device did not know of a change of the stops.
    pub unaware: u64,
    /// Commands that the server refused.
    pub rejected: u64,
    /// What devices refused at once.
    pub refused_here: u64,
    /// Trips that went on although they had been called off or given away.
    pub resumed: u64,
    /// Virtual hours in all.
    pub virtual_hours: u64,
    /// What went wrong on purpose.
    pub faults: Faults,
    /// The least seed with which something went wrong that must not.
    pub first_failing_seed: Option<u64>,
    /// What went wrong there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub first_failures: Vec<String>,
}

/// The most failures of a seed that are told.
const FAILURES_TOLD: usize = 5;
const MS_PER_HOUR: u64 = 3_600_000;

/// Adds up what came of seeds, in whatever order they come.
#[derive(Debug, Default)]
pub(super) struct Tally {
    seen: Seen,
    seeds: u64,
    panics: u64,
    first: Option<(u64, Vec<String>)>,
}

impl Tally {
    /// Adds a seed.
    pub(super) fn add(&mut self, seed: u64, result: Result<Seen, String>) {
        self.seeds += 1;
        let wrong = match result {
            Ok(mut seen) => {
                let wrong = std::mem::take(&mut seen.wrong);
                self.seen.add(seen);
                wrong
            }
            Err(panic) => {
                self.panics += 1;
                vec![format!("panic: {panic}")]
            }
        };
        let earlier = self.first.as_ref().is_none_or(|(first, _)| seed < *first);
        if !wrong.is_empty() && earlier {
            self.first = Some((seed, wrong));
        }
    }

    /// The two together.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.seen.add(other.seen);
        self.seeds += other.seeds;
        self.panics += other.panics;
        let firsts = [self.first, other.first].into_iter().flatten();
        self.first = firsts.min_by_key(|(seed, _)| *seed);
        self
    }

    /// What came of all.
    pub(super) fn report(self) -> Report {
        let Seen {
            faults,
            shifts,
            commands,
            points,
            blobs,
            completed,
            claimed,
            corrected,
            rejected,
            refused_here,
            resumed,
            lost,
            duplicated,
            diverged,
            fare_mismatches,
            ledger_imbalance,
            untold,
            unsettled,
            wrong_times,
            other: _,
            virtual_ms,
            fares_compared,
            unaware,
            mut converge_ms,
            mut commands_ms,
            wrong: _,
        } = self.seen;
        converge_ms.sort_unstable();
        commands_ms.sort_unstable();
        let (first_failing_seed, mut first_failures) = self
            .first
            .map_or((None, Vec::new()), |(seed, wrong)| (Some(seed), wrong));
        first_failures.truncate(FAILURES_TOLD);
        Report {
            seeds: self.seeds,
            shifts,
            commands,
            points,
            lost,
            duplicated,
            diverged,
            fare_mismatches,
            ledger_imbalance,
            converge_ms_p99: percentile_99(&converge_ms),
            commands_ms_p99: percentile_99(&commands_ms),
            untold,
            unsettled,
            wrong_times,
            panics: self.panics,
            blobs,
            completed,
            claimed,
            corrected,
            fares_compared,
            unaware,
            rejected,
            refused_here,
            resumed,
            virtual_hours: virtual_ms / MS_PER_HOUR,
            faults,
            first_failing_seed,
            first_failures,
        }
    }
}

impl Seen {
    fn add(&mut self, other: Self) {
        self.faults = self.faults.and(other.faults);
        self.shifts += other.shifts;
        self.commands += other.commands;
        self.points += other.points;
        self.blobs += other.blobs;
        self.completed += other.completed;
        self.claimed += other.claimed;
        self.corrected += other.corrected;
        self.rejected += other.rejected;
        self.refused_here += other.refused_here;
        self.resumed += other.resumed;
        self.lost += other.lost;
        self.duplicated += other.duplicated;
        self.diverged += other.diverged;
        self.fare_mismatches += other.fare_mismatches;
        self.ledger_imbalance += other.ledger_imbalance;
        self.untold += other.untold;
        self.unsettled += other.unsettled;
        self.wrong_times += other.wrong_times;
        self.other += other.other;
        self.virtual_ms += other.virtual_ms;
        self.fares_compared += other.fares_compared;
        self.unaware += other.unaware;
        self.converge_ms.extend(other.converge_ms);
        self.commands_ms.extend(other.commands_ms);
    }
}

/// The least number that 99 of 100 do not exceed; 0 of none.
fn percentile_99(sorted: &[u64]) -> u64 {
    let place = (sorted.len() * 99).div_ceil(100).saturating_sub(1);
    sorted.get(place).copied().unwrap_or_default()
}

impl Report {
    /// Whether nothing went wrong that must not.
    pub const fn holds(&self) -> bool {
        self.first_failing_seed.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::percentile_99;

    #[test]
    fn of_a_hundred_the_last_but_one_counts() {
        let hundred: Vec<u64> = (1..=100).collect();
        assert_eq!(percentile_99(&hundred), 99);
        assert_eq!(percentile_99(&[7]), 7);
        assert_eq!(percentile_99(&[]), 0);
    }
}
