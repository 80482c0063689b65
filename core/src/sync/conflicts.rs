//! What a command of a device means when the world went on meanwhile: the conflict table.
//!
//! Physical facts win over intentions. Stub: see the table in `docs/offline.md`.

use chrono::{DateTime, Utc};

use super::command::DeviceAction;
use crate::id::DriverId;
use crate::trip::{Actor, Assignment, Event, Party, Refusal, Rules, Trip};
use crate::wire::ErrorCode;

/// What the server knows beyond the trip when a command comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// Who says it.
    pub actor: Actor,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// How this driver had the trip before, if somebody else or nobody has it now. It is not looked
    /// at while the driver has the trip.
    pub earlier: Earlier,
}

/// How a driver had a trip that another one or nobody has now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Earlier {
    /// Not at all.
    #[default]
    Never,
    /// By this assignment, and the trip was taken away, called off or given up by others.
    TakenAway(Assignment),
    /// The driver gave it back.
    GaveBack,
}

impl Earlier {
    /// What the events of a trip say of this driver.
    pub fn of<'a>(driver: DriverId, events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut earlier = Self::Never;
        let mut holder = None;
        for event in events {
            match event {
                Event::Assigned { assignment } | Event::Resumed { assignment, .. } => {
                    holder = Some(assignment.driver);
                    if assignment.driver == driver {
                        earlier = Self::TakenAway(*assignment);
                    }
                }
                Event::Released {
                    by: Party::Driver, ..
                } if holder.take() == Some(driver) => earlier = Self::GaveBack,
                Event::Released { .. } => holder = None,
                Event::Cancelled { by, .. } if *by == Actor::Driver(driver) => {
                    earlier = Self::GaveBack;
                }
                _ => {}
            }
        }
        earlier
    }
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
        /// The time that was told is not possible, and the nearest one that is was taken: a clock was
        /// wrong.
        retimed: bool,
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
