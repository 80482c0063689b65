//! What came of many interleavings.

use serde::Serialize;

/// Counts over all interleavings that were run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// How many were run, one per seed.
    pub interleavings: u64,
    /// Steps that somebody made in them.
    pub steps: u64,
    /// Offers that were accepted, also those given back later.
    pub accepted: u64,
    /// Of those, offers of a trip that comes after another one.
    pub taken_ahead: u64,
    /// Offers that were declined.
    pub declined: u64,
    /// Offers that nobody answered in time.
    pub timed_out: u64,
    /// Trips that were called off.
    pub cancelled: u64,
    /// How often a trip was given back and looked for another driver.
    pub reassigned: u64,
    /// Interleavings in which a trip or a driver was given away twice, or a promise was broken.
    pub double_assignments: u64,
    /// Interleavings in which a trip was not looked after any more.
    pub lost_trips: u64,
    /// Interleavings in which two transactions waited for each other.
    pub deadlocks: u64,
    /// Interleavings in which something else was not as it must be.
    pub other_violations: u64,
    /// The least seed with which something went wrong.
    pub first_failing_seed: Option<u64>,
}

impl Report {
    /// Whether nothing went wrong.
    pub const fn holds(&self) -> bool {
        self.first_failing_seed.is_none()
    }

    /// The two together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let seeds = [self.first_failing_seed, other.first_failing_seed];
        Self {
            interleavings: self.interleavings + other.interleavings,
            steps: self.steps + other.steps,
            accepted: self.accepted + other.accepted,
            taken_ahead: self.taken_ahead + other.taken_ahead,
            declined: self.declined + other.declined,
            timed_out: self.timed_out + other.timed_out,
            cancelled: self.cancelled + other.cancelled,
            reassigned: self.reassigned + other.reassigned,
            double_assignments: self.double_assignments + other.double_assignments,
            lost_trips: self.lost_trips + other.lost_trips,
            deadlocks: self.deadlocks + other.deadlocks,
            other_violations: self.other_violations + other.other_violations,
            first_failing_seed: seeds.into_iter().flatten().min(),
        }
    }
}
