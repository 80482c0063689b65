//! The trip as its events made it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::actor::Party;
use super::event::Event;
use super::request::TripRequest;
use super::state::TripState;
use super::stops::{Leg, Stops, Visit};

/// A trip after all events so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trip {
    /// What the rider asked for.
    pub request: TripRequest,
    /// Where it stands.
    pub state: TripState,
    /// Where it leads now. It begins as requested.
    pub stops: Stops,
    /// How often the stops were changed.
    pub stop_changes: u32,
    /// The waypoints that the car came to, in their order: the first entry is waypoint 0.
    pub visits: Vec<Visit>,
    /// Number of events so far; the first one makes it 1.
    pub version: u32,
    /// How many drivers gave the trip back. A reassignment is not counted.
    pub releases: u32,
    /// The latest time at which something happened. What a driver tells late may have happened before.
    pub last_event_at: DateTime<Utc>,
}

impl Trip {
    /// A trip that was just asked for.
    pub fn requested(request: TripRequest) -> Self {
        let last_event_at = request.requested_at;
        Self {
            stops: request.stops(),
            request,
            state: TripState::Requested,
            stop_changes: 0,
            visits: Vec::new(),
            version: 1,
            releases: 0,
            last_event_at,
        }
    }

    /// The trip after all of these events, or `None` if they do not begin with
    /// [`Event::Requested`].
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a Event>) -> Option<Self> {
        let mut events = events.into_iter();
        let Some(Event::Requested(request)) = events.next() else {
            return None;
        };
        Some(
            events.fold(Self::requested(request.clone()), |mut trip, event| {
                trip.apply(event);
                trip
            }),
        )
    }

    /// Changes the trip by an event that [`decide`](super::decide) produced for it.
    ///
    /// An event that does not fit the state leaves the state as it is: it cannot have been decided.
    pub fn apply(&mut self, event: &Event) {
        if let Some(next) = self.next_state(event) {
            self.keep_beside_state(event);
            self.state = next;
        }
        self.version = self.version.saturating_add(1);
        self.last_event_at = self.last_event_at.max(event.at());
    }

    /// The last time at which the car is known to have done something; `None` while nobody has the
    /// trip. What its driver tells happened
    /// afterwards; what others did meanwhile a driver without a network cannot know.
    pub fn car_last_seen_at(&self) -> Option<DateTime<Utc>> {
        match self.state {
            TripState::Assigned { assignment } => Some(assignment.assigned_at),
            TripState::Arrived { arrived_at, .. } => Some(arrived_at),
            TripState::InProgress { started_at, .. } => {
                let visit = self.visits.last();
                let seen = visit.map(|visit| visit.left_at.unwrap_or(visit.arrived_at));
                Some(seen.map_or(started_at, |seen| seen.max(started_at)))
            }
            TripState::Requested
            | TripState::Completed { .. }
            | TripState::Cancelled { .. }
            | TripState::Expired { .. } => None,
        }
    }

    /// The state after this event, or `None` if the event does not fit.
    fn next_state(&self, event: &Event) -> Option<TripState> {
        let next = match (event, self.state) {
            (Event::Assigned { assignment }, TripState::Requested) => TripState::Assigned {
                assignment: *assignment,
            },
            (Event::Released { .. }, TripState::Assigned { .. } | TripState::Arrived { .. }) => {
                TripState::Requested
            }
            (Event::Arrived { at }, TripState::Assigned { assignment }) => TripState::Arrived {
                assignment,
                arrived_at: *at,
            },
            (
                Event::Started { at },
                TripState::Arrived {
                    assignment,
                    arrived_at,
                },
            ) => TripState::InProgress {
                assignment,
                arrived_at,
                started_at: *at,
                leg: Leg::FIRST,
            },
            (
                Event::Completed { at },
                TripState::InProgress {
                    assignment,
                    arrived_at,
                    started_at,
                    leg: _,
                },
            ) => TripState::Completed {
                assignment,
                arrived_at,
                started_at,
                completed_at: *at,
            },
            (
                Event::Cancelled { by, reason, at },
                TripState::Requested | TripState::Assigned { .. } | TripState::Arrived { .. },
            ) => TripState::Cancelled {
                assignment: self.state.assignment(),
                arrived_at: self.state.arrived_at(),
                by: *by,
                reason: *reason,
                cancelled_at: *at,
            },
            (Event::Expired { at }, TripState::Requested) => TripState::Expired { expired_at: *at },
            (
                Event::StopsChanged { .. },
                TripState::Requested
                | TripState::Assigned { .. }
                | TripState::Arrived { .. }
                | TripState::InProgress { .. },
            ) => self.state,
            (Event::StopReached { .. } | Event::StopLeft { .. }, _) => self.next_leg(event)?,
            (
                Event::Resumed {
                    assignment,
                    arrived_at,
                    at,
                },
                state,
            ) if state.can_resume(assignment.driver) => TripState::InProgress {
                assignment: *assignment,
                arrived_at: *arrived_at,
                started_at: *at,
                leg: Leg::FIRST,
            },
            _ => return None,
        };
        Some(next)
    }

    /// The state of the ride after it came to a waypoint or went on from one.
    fn next_leg(&self, event: &Event) -> Option<TripState> {
        let TripState::InProgress {
            assignment,
            arrived_at,
            started_at,
            leg,
        } = self.state
        else {
            return None;
        };
        let leg = match (event, leg) {
            (Event::StopReached { stop, at }, Leg::EnRoute { stop: ahead }) if *stop == ahead => {
                Leg::AtStop {
                    stop: ahead,
                    arrived_at: *at,
                }
            }
            (Event::StopLeft { stop, .. }, Leg::AtStop { stop: here, .. }) if *stop == here => {
                Leg::EnRoute {
                    stop: here.saturating_add(1),
                }
            }
            _ => return None,
        };
        Some(TripState::InProgress {
            assignment,
            arrived_at,
            started_at,
            leg,
        })
    }

    /// Keeps what an event that fits says beyond the state.
    fn keep_beside_state(&mut self, event: &Event) {
        match event {
            Event::Released {
                by: Party::Driver, ..
            } => self.releases = self.releases.saturating_add(1),
            Event::StopReached { stop, at } => self.visits.push(Visit {
                stop: *stop,
                arrived_at: *at,
                left_at: None,
            }),
            Event::StopLeft { at, .. } => {
                if let Some(visit) = self.visits.last_mut() {
                    visit.left_at = Some(*at);
                }
            }
            Event::StopsChanged {
                waypoints, dropoff, ..
            } => {
                self.stops = Stops {
                    waypoints: waypoints.clone(),
                    dropoff: *dropoff,
                };
                self.stop_changes = self.stop_changes.saturating_add(1);
            }
            _ => {}
        }
    }
}
