//! What a trip tells those who price it.

use chrono::{DateTime, Utc};

use super::actor::Party;
use super::command::CancelReason;
use super::history::Trip;
use super::state::TripState;
use super::stops::Visit;
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

    /// How long the car stood at each waypoint that it came to, in seconds and in their order.
    ///
    /// Where the driver never said that the car went on, it counts until `stood_until`, but not
    /// beyond the end of the ride; without it nobody saw the car there, and it is 0. While the ride
    /// is not over, such a stand is not in the list.
    pub fn waypoint_waits(&self, stood_until: Option<DateTime<Utc>>) -> Vec<i64> {
        self.visits
            .iter()
            .filter_map(|visit| {
                let until = visit.left_at.or_else(|| {
                    let completed_at = self.completed_at()?;
                    Some(stood_until.map_or(visit.arrived_at, |until| until.min(completed_at)))
                })?;
                Some(seconds_between(visit.arrived_at, until))
            })
            .collect()
    }

    /// The stand at a waypoint that the driver did not say to be over: the car is there, the ride
    /// ended there, or the driver forgot to say so. [`stand`](crate::track::stand()) tells them apart.
    pub fn open_stand(&self) -> Option<Visit> {
        self.visits
            .last()
            .copied()
            .filter(|visit| visit.left_at.is_none())
    }

    /// Ends the open stand, if there is one, because the track shows that the car went on: at this
    /// moment, but not before it came and not after the ride was over.
    ///
    /// It is for pricing the trip, and no event: the trip in the log stays as it is.
    pub fn end_stand(&mut self, at: DateTime<Utc>) {
        let completed_at = self.completed_at();
        if let Some(visit) = self.visits.last_mut()
            && visit.left_at.is_none()
        {
            let not_after_end = completed_at.map_or(at, |completed_at| at.min(completed_at));
            visit.left_at = Some(not_after_end.max(visit.arrived_at));
        }
    }

    /// How many stops a ride that is over left out: the waypoints it did not come to, and the
    /// dropoff if it ended in an open stand at a waypoint. 0 while the ride is not over.
    pub fn stops_skipped(&self) -> usize {
        if self.completed_at().is_none() {
            return 0;
        }
        self.stops
            .waypoints
            .len()
            .saturating_sub(self.visits.len())
            .saturating_add(usize::from(self.open_stand().is_some()))
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

    const fn completed_at(&self) -> Option<DateTime<Utc>> {
        match self.state {
            TripState::Completed { completed_at, .. } => Some(completed_at),
            _ => None,
        }
    }
}

/// Whole seconds from one moment to a later one; 0 if it is not later.
fn seconds_between(from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
    to.signed_duration_since(from).num_seconds().max(0)
}
