//! What somebody wants of a trip, who they are, and when it happened.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::pin::Pin;
use crate::id::{DriverId, RiderId, UserId, VehicleId};

/// Who gives a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "party", content = "id", rename_all = "snake_case")]
pub enum Actor {
    /// The rider with this id.
    Rider(RiderId),
    /// The driver with this id.
    Driver(DriverId),
    /// An admin.
    Admin(UserId),
    /// Wayfare itself: the dispatcher, a timeout.
    System,
}

impl Actor {
    /// The kind of actor, without saying which one.
    pub const fn party(self) -> Party {
        match self {
            Self::Rider(_) => Party::Rider,
            Self::Driver(_) => Party::Driver,
            Self::Admin(_) => Party::Admin,
            Self::System => Party::System,
        }
    }
}

/// The kinds of actors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The rider.
    Rider,
    /// The driver.
    Driver,
    /// An admin of the city.
    Admin,
    /// Wayfare itself.
    System,
}

impl Party {
    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rider => "rider",
            Self::Driver => "driver",
            Self::Admin => "admin",
            Self::System => "system",
        }
    }
}

/// Why a trip was called off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// Plans changed.
    ChangedMind,
    /// It takes too long.
    WaitTooLong,
    /// Pickup or dropoff was wrong.
    WrongPlace,
    /// The rider did not come to the pickup.
    RiderNoShow,
    /// The driver does not move or does not answer.
    DriverNotComing,
    /// The car has a problem.
    VehicleProblem,
    /// Somebody did not feel safe.
    Safety,
    /// Anything else; the note says what.
    Other,
}

impl CancelReason {
    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ChangedMind => "changed_mind",
            Self::WaitTooLong => "wait_too_long",
            Self::WrongPlace => "wrong_place",
            Self::RiderNoShow => "rider_no_show",
            Self::DriverNotComing => "driver_not_coming",
            Self::VehicleProblem => "vehicle_problem",
            Self::Safety => "safety",
            Self::Other => "other",
        }
    }
}

/// What somebody wants of a trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    /// A driver accepted the offer and is on the way.
    Assign {
        /// The driver.
        driver: DriverId,
        /// The vehicle that the driver drives.
        vehicle: VehicleId,
    },
    /// The driver is at the pickup.
    Arrive,
    /// The rider is in the car and told the PIN.
    Start {
        /// What the driver typed.
        pin: Pin,
    },
    /// The rider is at the dropoff.
    Complete,
    /// The trip is called off.
    Cancel {
        /// Why.
        reason: CancelReason,
    },
    /// No driver was found in time.
    Expire,
}

impl Command {
    /// The command without its contents.
    pub const fn kind(&self) -> CommandKind {
        match self {
            Self::Assign { .. } => CommandKind::Assign,
            Self::Arrive => CommandKind::Arrive,
            Self::Start { .. } => CommandKind::Start,
            Self::Complete => CommandKind::Complete,
            Self::Cancel { .. } => CommandKind::Cancel,
            Self::Expire => CommandKind::Expire,
        }
    }
}

/// The names of the commands, for refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CommandKind {
    /// See [`Command::Assign`].
    Assign,
    /// See [`Command::Arrive`].
    Arrive,
    /// See [`Command::Start`].
    Start,
    /// See [`Command::Complete`].
    Complete,
    /// See [`Command::Cancel`].
    Cancel,
    /// See [`Command::Expire`].
    Expire,
}

impl fmt::Display for CommandKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Assign => "assign",
            Self::Arrive => "arrive",
            Self::Start => "start",
            Self::Complete => "complete",
            Self::Cancel => "cancel",
            Self::Expire => "expire",
        })
    }
}

/// Who gives the command, and when it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandContext {
    /// Who.
    pub actor: Actor,
    /// When it happened, which is not when it reached the server.
    pub at: DateTime<Utc>,
}
