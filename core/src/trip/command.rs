//! What somebody wants of a trip, and when it happened.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::pin::Pin;
use super::state::Assignment;
use crate::geo::LatLng;
use crate::id::{DriverId, VehicleId};

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
    /// All reasons.
    pub const ALL: [Self; 8] = [
        Self::ChangedMind,
        Self::WaitTooLong,
        Self::WrongPlace,
        Self::RiderNoShow,
        Self::DriverNotComing,
        Self::VehicleProblem,
        Self::Safety,
        Self::Other,
    ];

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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The car is at the waypoint that it was on the way to.
    ReachStop,
    /// The car goes on from a waypoint.
    LeaveStop,
    /// The ride goes elsewhere.
    ChangeStops {
        /// All waypoints, those already reached as well.
        waypoints: Vec<LatLng>,
        /// Where the ride ends.
        dropoff: LatLng,
    },
    /// The trip is taken from its driver and looks for another one.
    Reassign {
        /// Why.
        reason: CancelReason,
    },
    /// The ride is over.
    Complete,
    /// The trip is called off.
    Cancel {
        /// Why.
        reason: CancelReason,
    },
    /// No driver was found in time.
    Expire,
    /// The rider has been in this driver's car and told the PIN, while the trip was called off, given
    /// up or taken from the driver, who could not know.
    Resume {
        /// What the driver typed.
        pin: Pin,
        /// How this driver had the trip before.
        assignment: Assignment,
        /// When the driver came to the pickup.
        arrived_at: DateTime<Utc>,
    },
}

impl Command {
    /// The command without its contents.
    pub const fn kind(&self) -> CommandKind {
        match self {
            Self::Assign { .. } => CommandKind::Assign,
            Self::Arrive => CommandKind::Arrive,
            Self::Start { .. } => CommandKind::Start,
            Self::ReachStop => CommandKind::ReachStop,
            Self::LeaveStop => CommandKind::LeaveStop,
            Self::ChangeStops { .. } => CommandKind::ChangeStops,
            Self::Reassign { .. } => CommandKind::Reassign,
            Self::Complete => CommandKind::Complete,
            Self::Cancel { .. } => CommandKind::Cancel,
            Self::Expire => CommandKind::Expire,
            Self::Resume { .. } => CommandKind::Resume,
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
    /// See [`Command::ReachStop`].
    ReachStop,
    /// See [`Command::LeaveStop`].
    LeaveStop,
    /// See [`Command::ChangeStops`].
    ChangeStops,
    /// See [`Command::Reassign`].
    Reassign,
    /// See [`Command::Complete`].
    Complete,
    /// See [`Command::Cancel`].
    Cancel,
    /// See [`Command::Expire`].
    Expire,
    /// See [`Command::Resume`].
    Resume,
}

impl CommandKind {
    /// All kinds of commands.
    pub const ALL: [Self; 11] = [
        Self::Assign,
        Self::Arrive,
        Self::Start,
        Self::ReachStop,
        Self::LeaveStop,
        Self::ChangeStops,
        Self::Reassign,
        Self::Complete,
        Self::Cancel,
        Self::Expire,
        Self::Resume,
    ];

    /// The name under which the command is kept.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Assign => "assign",
            Self::Arrive => "arrive",
            Self::Start => "start",
            Self::ReachStop => "reach_stop",
            Self::LeaveStop => "leave_stop",
            Self::ChangeStops => "change_stops",
            Self::Reassign => "reassign",
            Self::Complete => "complete",
            Self::Cancel => "cancel",
            Self::Expire => "expire",
            Self::Resume => "resume",
        }
    }
}

impl fmt::Display for CommandKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
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
