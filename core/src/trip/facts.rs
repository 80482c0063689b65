//! What a trip tells those who price it.

use chrono::{DateTime, Utc};

use super::actor::Party;
use super::command::CancelReason;
use super::history::Trip;
use super::state::TripState;
use crate::pricing::CancellationFacts;

impl Trip {
    /// Since when the rider lets the driver wait: from the driver's arrival, but not before the
    /// agreed time of a scheduled trip. `None` if no driver came.
    pub fn waiting_since(&self) -> Option<DateTime<Utc>> {
        let arrived_at = self.state.arrived_at()?;
        Some(
            self.request
                .pickup_at
                .map_or(arrived_at, |pickup_at| pickup_at.max(arrived_at)),
        )
    }

    /// How long the driver waited at the pickup before the ride began, in seconds; 0 if the ride
    /// did not begin, or began before the agreed time.
    pub fn wait_s(&self) -> i64 {
        let (TripState::InProgress { started_at, .. } | TripState::Completed { started_at, .. }) =
            self.state
        else {
            return 0;
        };
        self.waiting_since()
            .map_or(0, |since| seconds_between(since, started_at))
    }

    /// How long the car stood at each waypoint that it came to, in seconds and in their order: until
    /// it went on, or until the ride ended there. A stand that is not over is not in the list.
    pub fn waypoint_waits(&self) -> Vec<i64> {
        let ended_at = match self.state {
            TripState::Completed { completed_at, .. } => Some(completed_at),
            _ => None,
        };
        self.visits
            .iter()
            .filter_map(|visit| {
                let left_at = visit.left_at.or(ended_at)?;
                Some(seconds_between(visit.arrived_at, left_at))
            })
            .collect()
    }

    /// How many stops a ride that is over left out: the waypoints it did not come to, and the
    /// dropoff if it ended while the car stood at a waypoint. 0 while the ride is not over.
    pub fn stops_skipped(&self) -> usize {
        if !matches!(self.state, TripState::Completed { .. }) {
            return 0;
        }
        let ended_at_waypoint = self
            .visits
            .last()
            .is_some_and(|visit| visit.left_at.is_none());
        self.stops
            .waypoints
            .len()
            .saturating_sub(self.visits.len())
            .saturating_add(usize::from(ended_at_waypoint))
    }

    /// Whether the ride leads, or led, elsewhere than what was priced: its stops are not those of the
    /// request, or it left some out. Stops that were changed and changed back are not a change.
    pub fn stops_changed(&self) -> bool {
        self.stops != self.request.stops() || self.stops_skipped() > 0
    }

    /// What the price of calling this trip off depends on. It can be asked before the trip is called
    /// off, to show the fee first, and after that with what the state says.
    pub fn cancellation_facts(
        &self,
        by: Party,
        reason: CancelReason,
        at: DateTime<Utc>,
    ) -> CancellationFacts {
        CancellationFacts {
            by,
            no_show: by == Party::Driver && reason == CancelReason::RiderNoShow,
            assigned_at: self
                .state
                .assignment()
                .map(|assignment| assignment.assigned_at),
            arrived_at: self.state.arrived_at(),
            pickup_at: self.request.pickup_at,
            cancelled_at: at,
        }
    }
}

/// Whole seconds from one moment to a later one; 0 if it is not later.
fn seconds_between(from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
    to.signed_duration_since(from).num_seconds().max(0)
}
