//! What a command of a device means when the world went on meanwhile: the conflict table.
//!
//! Physical facts win over intentions. Stub: see the table in `docs/offline.md`.

use chrono::{DateTime, Utc};

use super::command::DeviceAction;
use crate::id::DriverId;
use crate::trip::{Actor, Event, Refusal, Rules, Trip};
use crate::wire::ErrorCode;

/// What the server knows beyond the trip when a command comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// Who says it.
    pub actor: Actor,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The last assignment that this driver had of the trip, if the trip was taken away since.
    pub earlier: Option<crate::trip::Assignment>,
}

/// What a command comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// These events happen. `resumed` says that a fact undid what the server had decided meanwhile.
    Apply {
        /// In their order; they may be none, where what was wanted is so already.
        events: Vec<Event>,
        /// What was undone, for the records.
        resumed: bool,
    },
    /// It does not count, for this reason.
    Refuse {
        /// For programs.
        code: ErrorCode,
        /// The rule.
        refusal: Option<Refusal>,
    },
}

/// Decides a step of a trip that a device reports. Only actions that are steps of a trip come here:
/// arrive, start, stops, complete, cancel. Changes nothing.
pub fn judge(_trip: &Trip, _action: &DeviceAction, _told: Told, _rules: Rules) -> Verdict {
    // Stub
    Verdict::Refuse {
        code: ErrorCode::Internal,
        refusal: None,
    }
}

/// The driver that an action of this actor is by.
pub const fn driver_of(actor: Actor) -> Option<DriverId> {
    match actor {
        Actor::Driver(driver) => Some(driver),
        _ => None,
    }
}
