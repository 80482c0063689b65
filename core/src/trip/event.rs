//! What happened to a trip. Events are kept for ever, so their form on disk never changes its
//! meaning: a new meaning is a new kind or a new version, see [`Versioned`](super::Versioned).
//!
//! This is the current version, the only one that [`Trip::apply`](super::Trip::apply) knows. What is
//! kept is read as [`Versioned`](super::Versioned), which brings older versions up to it.
//!
//! Nothing in an event names a person other than by id: events cannot be erased, people can.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::actor::{Actor, Party};
use super::command::CancelReason;
use super::request::TripRequest;
use super::state::Assignment;
use crate::geo::LatLng;

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
    /// The driver gave it back or lost it, and the trip looks for another one.
    Released {
        /// Why.
        reason: CancelReason,
        /// The driver, or who took the trip away.
        by: Party,
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
    /// The car came to a waypoint.
    StopReached {
        /// Which one, from 0.
        stop: u8,
        /// When.
        at: DateTime<Utc>,
    },
    /// The car went on from a waypoint.
    StopLeft {
        /// Which one, from 0.
        stop: u8,
        /// When.
        at: DateTime<Utc>,
    },
    /// The trip leads elsewhere from now on.
    StopsChanged {
        /// All waypoints, those already reached as well.
        waypoints: Vec<LatLng>,
        /// Where the ride ends.
        dropoff: LatLng,
        /// Who wanted it.
        by: Party,
        /// When.
        at: DateTime<Utc>,
    },
    /// The ride is over.
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
    /// The ride of a trip that had been called off, given up or taken from its driver began all the
    /// same, with the rider's PIN.
    Resumed {
        /// Who drives it.
        assignment: Assignment,
        /// When that driver came to the pickup.
        arrived_at: DateTime<Utc>,
        /// When the ride began.
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
            | Self::StopReached { at, .. }
            | Self::StopLeft { at, .. }
            | Self::StopsChanged { at, .. }
            | Self::Completed { at }
            | Self::Cancelled { at, .. }
            | Self::Expired { at }
            | Self::Resumed { at, .. } => *at,
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
            Self::StopReached { .. } => "stop_reached",
            Self::StopLeft { .. } => "stop_left",
            Self::StopsChanged { .. } => "stops_changed",
            Self::Completed { .. } => "completed",
            Self::Cancelled { .. } => "cancelled",
            Self::Expired { .. } => "expired",
            Self::Resumed { .. } => "resumed",
        }
    }
}
