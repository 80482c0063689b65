//! The names of where a trip stands: seven on the wire, eight for the rules.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

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

    /// Whether the trip is over. Unless it was completed it may still be
    /// [resumed](super::Command::Resume).
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

/// The places in a trip's life that the rules tell apart: the statuses, with the ride in two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TripStage {
    /// Looking for a driver.
    Requested,
    /// A driver is on the way to the pickup.
    Assigned,
    /// The driver waits at the pickup.
    Arrived,
    /// The rider is in the car, on the way to a waypoint or to the dropoff.
    EnRoute,
    /// The rider is in the car or close to it, and the car stands at a waypoint.
    AtStop,
    /// The rider is there.
    Completed,
    /// Called off.
    Cancelled,
    /// No driver was found in time.
    Expired,
}

impl TripStage {
    /// All stages, in the order of a trip's life.
    pub const ALL: [Self; 8] = [
        Self::Requested,
        Self::Assigned,
        Self::Arrived,
        Self::EnRoute,
        Self::AtStop,
        Self::Completed,
        Self::Cancelled,
        Self::Expired,
    ];

    /// The status that this stage belongs to.
    pub const fn status(self) -> TripStatus {
        match self {
            Self::Requested => TripStatus::Requested,
            Self::Assigned => TripStatus::Assigned,
            Self::Arrived => TripStatus::Arrived,
            Self::EnRoute | Self::AtStop => TripStatus::InProgress,
            Self::Completed => TripStatus::Completed,
            Self::Cancelled => TripStatus::Cancelled,
            Self::Expired => TripStatus::Expired,
        }
    }
}

impl fmt::Display for TripStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EnRoute => "en_route",
            Self::AtStop => "at_stop",
            stage => stage.status().as_str(),
        })
    }
}
