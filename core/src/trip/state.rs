//! The trip itself: what is known of it, and how events change it.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::command::{Actor, CancelReason};
use super::event::Event;
use super::pin::Pin;
use crate::geo::LatLng;
use crate::id::{DriverId, RiderId, TripId, VehicleId};
use crate::vehicle::VehicleClass;

/// What a rider asked for. It does not change during the trip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TripRequest {
    /// The trip.
    pub trip: TripId,
    /// Who rides.
    pub rider: RiderId,
    /// What kind of car.
    pub vehicle_class: VehicleClass,
    /// Where the rider waits.
    pub pickup: LatLng,
    /// Where the rider wants to go.
    pub dropoff: LatLng,
    /// What the driver must type to start.
    pub pin: Pin,
    /// When the rider asked.
    pub requested_at: DateTime<Utc>,
}

/// A driver who took the trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// The driver.
    pub driver: DriverId,
    /// The vehicle.
    pub vehicle: VehicleId,
    /// When the driver accepted.
    pub assigned_at: DateTime<Utc>,
}

/// Where a trip stands, with what is known only there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum TripState {
    /// Looking for a driver.
    Requested,
    /// A driver is on the way to the pickup.
    Assigned {
        /// The driver.
        assignment: Assignment,
    },
    /// The driver waits at the pickup.
    Arrived {
        /// The driver.
        assignment: Assignment,
        /// Since when.
        arrived_at: DateTime<Utc>,
    },
    /// The rider is in the car.
    InProgress {
        /// The driver.
        assignment: Assignment,
        /// When the driver came to the pickup.
        arrived_at: DateTime<Utc>,
        /// When the ride began.
        started_at: DateTime<Utc>,
    },
    /// The rider is there.
    Completed {
        /// The driver.
        assignment: Assignment,
        /// When the driver came to the pickup.
        arrived_at: DateTime<Utc>,
        /// When the ride began.
        started_at: DateTime<Utc>,
        /// When the ride ended.
        completed_at: DateTime<Utc>,
    },
    /// Called off.
    Cancelled {
        /// The driver who was on the way, if there was one.
        assignment: Option<Assignment>,
        /// Who called it off.
        by: Actor,
        /// Why.
        reason: CancelReason,
        /// When.
        cancelled_at: DateTime<Utc>,
    },
    /// No driver was found in time.
    Expired {
        /// When the search was given up.
        expired_at: DateTime<Utc>,
    },
}

impl TripState {
    /// The state's name.
    pub const fn status(&self) -> TripStatus {
        match self {
            Self::Requested => TripStatus::Requested,
            Self::Assigned { .. } => TripStatus::Assigned,
            Self::Arrived { .. } => TripStatus::Arrived,
            Self::InProgress { .. } => TripStatus::InProgress,
            Self::Completed { .. } => TripStatus::Completed,
            Self::Cancelled { .. } => TripStatus::Cancelled,
            Self::Expired { .. } => TripStatus::Expired,
        }
    }

    /// The driver who has or had the trip in this state.
    pub const fn assignment(&self) -> Option<Assignment> {
        match self {
            Self::Requested | Self::Expired { .. } => None,
            Self::Assigned { assignment }
            | Self::Arrived { assignment, .. }
            | Self::InProgress { assignment, .. }
            | Self::Completed { assignment, .. } => Some(*assignment),
            Self::Cancelled { assignment, .. } => *assignment,
        }
    }
}

/// The names of the states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum TripStatus {
    /// Looking for a driver.
    Requested,
    /// A driver is on the way to the pickup.
    Assigned,
    /// The driver waits at the pickup.
    Arrived,
    /// The rider is in the car.
    InProgress,
    /// The rider is there.
    Completed,
    /// Called off.
    Cancelled,
    /// No driver was found in time.
    Expired,
}

/// The text names no state of a trip.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a state of a trip")]
pub struct UnknownTripStatus(pub String);

impl TripStatus {
    /// All states, in the order of a trip's life.
    pub const ALL: [Self; 7] = [
        Self::Requested,
        Self::Assigned,
        Self::Arrived,
        Self::InProgress,
        Self::Completed,
        Self::Cancelled,
        Self::Expired,
    ];

    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Assigned => "assigned",
            Self::Arrived => "arrived",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// Whether the trip is over.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled | Self::Expired)
    }
}

impl fmt::Display for TripStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for TripStatus {
    type Err = UnknownTripStatus;

    fn from_str(text: &str) -> Result<Self, UnknownTripStatus> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| UnknownTripStatus(text.to_owned()))
    }
}

/// A trip after all events so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trip {
    /// What the rider asked for.
    pub request: TripRequest,
    /// Where it stands.
    pub state: TripState,
    /// Number of events so far; the first one makes it 1.
    pub version: u32,
    /// How many drivers gave the trip back.
    pub releases: u32,
    /// When the last event happened.
    pub last_event_at: DateTime<Utc>,
}

impl Trip {
    /// A trip that was just asked for.
    pub fn requested(request: TripRequest) -> Self {
        let last_event_at = request.requested_at;
        Self {
            request,
            state: TripState::Requested,
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
            self.state = next;
        }
        if matches!(event, Event::Released { .. }) {
            self.releases = self.releases.saturating_add(1);
        }
        self.version = self.version.saturating_add(1);
        self.last_event_at = event.at();
    }

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
            },
            (
                Event::Completed { at },
                TripState::InProgress {
                    assignment,
                    arrived_at,
                    started_at,
                },
            ) => TripState::Completed {
                assignment,
                arrived_at,
                started_at,
                completed_at: *at,
            },
            (Event::Cancelled { by, reason, at }, state) => TripState::Cancelled {
                assignment: state.assignment(),
                by: *by,
                reason: *reason,
                cancelled_at: *at,
            },
            (Event::Expired { at }, TripState::Requested) => TripState::Expired { expired_at: *at },
            _ => return None,
        };
        Some(next)
    }

    /// How long the driver waited at the pickup before the ride began, in seconds.
    pub fn wait_s(&self) -> i64 {
        match self.state {
            TripState::InProgress {
                arrived_at,
                started_at,
                ..
            }
            | TripState::Completed {
                arrived_at,
                started_at,
                ..
            } => started_at.signed_duration_since(arrived_at).num_seconds(),
            _ => 0,
        }
    }
}
