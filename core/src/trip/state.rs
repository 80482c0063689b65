//! Where a trip stands, with what is known only there.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::command::CancelReason;
use super::status::{TripStage, TripStatus};
use super::stops::Leg;
use crate::id::{DriverId, VehicleId};

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
        /// How far along it is.
        #[serde(default)]
        leg: Leg,
    },
    /// The ride is over.
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
        /// When that driver came to the pickup, if at all.
        #[serde(default)]
        arrived_at: Option<DateTime<Utc>>,
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
    /// The state's name on the wire.
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

    /// The state's name among the stages, which tell a ride's driving from its standing at a stop.
    pub const fn stage(&self) -> TripStage {
        match self {
            Self::Requested => TripStage::Requested,
            Self::Assigned { .. } => TripStage::Assigned,
            Self::Arrived { .. } => TripStage::Arrived,
            Self::InProgress { leg, .. } => match leg {
                Leg::EnRoute { .. } => TripStage::EnRoute,
                Leg::AtStop { .. } => TripStage::AtStop,
            },
            Self::Completed { .. } => TripStage::Completed,
            Self::Cancelled { .. } => TripStage::Cancelled,
            Self::Expired { .. } => TripStage::Expired,
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

    /// Whether the ride may begin here all the same, if the rider told this driver the PIN. Not if it
    /// began already, and not against this driver's own will. The driver who waits at the pickup
    /// just starts.
    pub(super) fn can_resume(&self, driver: DriverId) -> bool {
        match self {
            Self::Requested | Self::Assigned { .. } | Self::Expired { .. } => true,
            Self::Arrived { assignment, .. } => assignment.driver != driver,
            Self::Cancelled { by, .. } => *by != Actor::Driver(driver),
            Self::InProgress { .. } | Self::Completed { .. } => false,
        }
    }

    /// When the driver who has or had the trip came to the pickup.
    pub const fn arrived_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Requested | Self::Assigned { .. } | Self::Expired { .. } => None,
            Self::Arrived { arrived_at, .. }
            | Self::InProgress { arrived_at, .. }
            | Self::Completed { arrived_at, .. } => Some(*arrived_at),
            Self::Cancelled { arrived_at, .. } => *arrived_at,
        }
    }
}
