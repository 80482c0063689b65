//! What happened to a trip. Events are kept for ever, so their form on disk never changes its
//! meaning: a new meaning is a new kind.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::command::{Actor, CancelReason};
use super::state::{Assignment, TripRequest};

/// One thing that happened to a trip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// A rider asked for the trip.
    Requested(TripRequest),
    /// A driver is on the way.
    Assigned {
        /// Driver, vehicle and time of acceptance.
        assignment: Assignment,
    },
    /// The driver called it off, and the trip looks for another one.
    Released {
        /// The driver's reason.
        reason: CancelReason,
        /// When.
        at: DateTime<Utc>,
    },
    /// The driver is at the pickup.
    Arrived {
        /// When.
        at: DateTime<Utc>,
    },
    /// The rider is in the car.
    Started {
        /// When.
        at: DateTime<Utc>,
    },
    /// The rider is at the dropoff.
    Completed {
        /// When.
        at: DateTime<Utc>,
    },
    /// The trip was called off.
    Cancelled {
        /// Who called it off.
        by: Actor,
        /// Why.
        reason: CancelReason,
        /// When.
        at: DateTime<Utc>,
    },
    /// No driver was found in time.
    Expired {
        /// When the search was given up.
        at: DateTime<Utc>,
    },
}

impl Event {
    /// When it happened.
    pub const fn at(&self) -> DateTime<Utc> {
        match self {
            Self::Requested(request) => request.requested_at,
            Self::Assigned { assignment } => assignment.assigned_at,
            Self::Released { at, .. }
            | Self::Arrived { at }
            | Self::Started { at }
            | Self::Completed { at }
            | Self::Cancelled { at, .. }
            | Self::Expired { at } => *at,
        }
    }

    /// The name under which the event is kept.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Requested(_) => "requested",
            Self::Assigned { .. } => "assigned",
            Self::Released { .. } => "released",
            Self::Arrived { .. } => "arrived",
            Self::Started { .. } => "started",
            Self::Completed { .. } => "completed",
            Self::Cancelled { .. } => "cancelled",
            Self::Expired { .. } => "expired",
        }
    }
}
