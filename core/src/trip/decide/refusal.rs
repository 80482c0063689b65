//! Why a command is not carried out.

use chrono::{DateTime, Utc};

use crate::trip::{CommandKind, Party, TripStage};

/// Why a command was not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The command does not fit where the trip stands.
    #[error("a trip that is {stage} cannot {command}")]
    WrongState {
        /// Where the trip stands.
        stage: TripStage,
        /// What was wanted.
        command: CommandKind,
    },
    /// This party may never give this command.
    #[error("the {} may not {command} a trip", .party.as_str())]
    NotAllowed {
        /// Who wanted it.
        party: Party,
        /// What was wanted.
        command: CommandKind,
    },
    /// The rider or driver has nothing to do with this trip.
    #[error("this trip belongs to somebody else")]
    NotYourTrip,
    /// The PIN is not the rider's.
    #[error("the PIN is not the one the rider has")]
    WrongPin,
    /// The command claims to have happened before the trip's last event.
    #[error("this cannot have happened before the trip's last event")]
    OutOfOrder,
    /// Somebody else than the driver says that the rider did not come.
    #[error("only the driver can say that the rider did not come, not the {}", .party.as_str())]
    NoShowIsTheDrivers {
        /// Who said it.
        party: Party,
    },
    /// The driver says that the rider did not come, but is not at the pickup.
    #[error("the rider of a trip that is {stage} cannot have missed it: the driver is not there")]
    NoShowBeforeArrival {
        /// Where the trip stands.
        stage: TripStage,
    },
    /// The rider of a driver who has arrived still has time to come.
    #[error("the driver has arrived, and the rider may come until {}", .until.to_rfc3339())]
    TooEarlyForNoShow {
        /// From then on the rider did not come.
        until: DateTime<Utc>,
    },
    /// The car is on its way to the dropoff, where the ride ends.
    #[error("a trip that is en_route to its dropoff has no waypoint ahead")]
    NoStopAhead,
    /// A stop that the car came to already is missing, moved or no longer in its place.
    #[error("the first {passed} waypoints are passed and cannot change any more")]
    StopsAlreadyPassed {
        /// How many waypoints the car came to.
        passed: usize,
    },
    /// More stops on the way than a trip may have.
    #[error("a trip has at most {max} waypoints, and these are {count}")]
    TooManyWaypoints {
        /// How many were wanted.
        count: usize,
        /// How many there may be.
        max: usize,
    },
    /// The stops are these already.
    #[error("the trip has these stops already")]
    NothingChanged,
    /// The stops were changed too often.
    #[error("the stops of a trip can be changed at most {max} times")]
    TooManyStopChanges {
        /// How often they may be.
        max: u32,
    },
}
