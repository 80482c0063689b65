//! What a command of a device means when the world went on meanwhile: the conflict table.
//!
//! Facts come before intentions: a car that drove has driven, whatever somebody wanted meanwhile. The
//! proof that the rider is in the car is the PIN, which nobody else knows. The table is data
//! ([`TABLE`]): a [`Situation`] and an action have a [`Resolution`]. [`judge`] finds the situation of a
//! trip and does what its row says. The server, the simulated server and a device that begins again
//! from the server's state all call it. For offers, cash, ratings and availability the server knows
//! the situation and asks for the [`resolution`].
//!
//! Times are the nearest that are possible. A device's clock may say that the car arrived before the
//! driver had the trip: then it arrived at that moment, and [`Verdict::Apply`] says that it was
//! retimed. A wrong clock must not cost a driver a ride.

mod situation;
mod table;

use chrono::{DateTime, Utc};

pub use situation::Situation;
pub use table::{Resolution, Row, TABLE, resolution, row_of};

use super::command::DeviceAction;
use crate::id::DriverId;
use crate::trip::{
    Actor, Assignment, Command, CommandContext, Event, Party, Pin, Refusal, Rules, Trip, decide,
};
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
    /// What the events of a trip say of this driver. `events` is the whole log, oldest first.
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
/// arrive, start, stops, complete, cancel; any other is refused as [`ErrorCode::Internal`]. Changes
/// nothing. Admins and Wayfare itself do not speak through devices: for them the plain rules decide.
///
/// The trip must be the server's, which knows the PIN. On a device, where
/// [`TripRequest::pin`](crate::trip::TripRequest::pin) is `None`, every start is refused as
/// [`Refusal::WrongPin`]; one whose PIN was right has to bring it along.
pub fn judge(trip: &Trip, action: &DeviceAction, told: Told, rules: Rules) -> Verdict {
    let Some(command) = command_of(action) else {
        return refuse(ErrorCode::Internal);
    };
    let step = Step {
        trip,
        told,
        rules,
        command,
    };
    let Some(situation) = situation::of_trip(trip, action, &told) else {
        return step.as_usual(told.at);
    };
    match resolution(action.kind(), situation) {
        Resolution::AsUsual => step.as_usual(step.possible_at()),
        Resolution::Already => Verdict::Apply {
            events: Vec::new(),
            resumed: false,
            retimed: false,
        },
        Resolution::WithArrival => step.with_arrival(action),
        Resolution::Resume => step.resume(action),
        Resolution::Refuse(ErrorCode::WrongTripState) => refuse_for(step.wrong_state()),
        Resolution::Refuse(code) => refuse(code),
    }
}

/// The row by which [`judge`] decides: for logs, and to tell people why. `None` for what the table
/// does not know, such as a command of an admin.
pub fn row_for(trip: &Trip, action: &DeviceAction, told: &Told) -> Option<&'static Row> {
    let situation = situation::of_trip(trip, action, told)?;
    row_of(action.kind(), situation)
}

/// The driver that an action of this actor is by.
pub const fn driver_of(actor: Actor) -> Option<DriverId> {
    match actor {
        Actor::Driver(driver) => Some(driver),
        _ => None,
    }
}

/// A step of a trip that somebody reports.
struct Step<'a> {
    trip: &'a Trip,
    told: Told,
    rules: Rules,
    command: Command,
}

/// What a start says, with times that are possible.
struct Begun {
    pin: Pin,
    arrived_at: DateTime<Utc>,
    at: DateTime<Utc>,
    retimed: bool,
}

impl Step<'_> {
    /// The nearest time at which it can have happened. What a driver did comes after the last thing
    /// that is known of the car. What a rider wants comes after all that happened.
    fn possible_at(&self) -> DateTime<Utc> {
        let known = match self.told.actor {
            Actor::Driver(_) => self.trip.car_last_seen_at(),
            _ => Some(self.trip.last_event_at),
        };
        known.map_or(self.told.at, |known| self.told.at.max(known))
    }

    fn as_usual(&self, at: DateTime<Utc>) -> Verdict {
        let is_driver = driver_of(self.told.actor).is_some();
        match self.decide(self.trip, self.command.clone(), at) {
            Ok(events) => Verdict::Apply {
                events,
                resumed: false,
                // A rider's wish just comes when it is heard.
                retimed: is_driver && at != self.told.at,
            },
            Err(refusal) => refuse_for(refusal),
        }
    }

    fn with_arrival(&self, action: &DeviceAction) -> Verdict {
        let Some((begun, _)) = self.begun(action) else {
            return refuse(ErrorCode::Internal);
        };
        let both = || {
            let mut trip = self.trip.clone();
            let mut events = self.decide(&trip, Command::Arrive, begun.arrived_at)?;
            events.iter().for_each(|event| trip.apply(event));
            let start = Command::Start { pin: begun.pin };
            events.extend(self.decide(&trip, start, begun.at)?);
            Ok(events)
        };
        both().map_or_else(refuse_for, |events| Verdict::Apply {
            events,
            resumed: false,
            retimed: begun.retimed,
        })
    }

    fn resume(&self, action: &DeviceAction) -> Verdict {
        let Some((begun, assignment)) = self.begun(action) else {
            return refuse(ErrorCode::Internal);
        };
        let command = Command::Resume {
            pin: begun.pin,
            assignment,
            arrived_at: begun.arrived_at,
        };
        match self.decide(self.trip, command, begun.at) {
            Ok(events) => Verdict::Apply {
                events,
                resumed: true,
                retimed: begun.retimed,
            },
            Err(refusal) => refuse_for(refusal),
        }
    }

    /// What a start says, and the assignment by which this driver has or had the trip. The driver had
    /// the trip, then came, then began.
    fn begun(&self, action: &DeviceAction) -> Option<(Begun, Assignment)> {
        let DeviceAction::Start {
            pin, arrived_at, ..
        } = action
        else {
            return None;
        };
        let assignment = self.assignment()?;
        let at = self.told.at.max(assignment.assigned_at);
        let possible = (*arrived_at).max(assignment.assigned_at).min(at);
        let begun = Begun {
            pin: *pin,
            arrived_at: possible,
            at,
            retimed: at != self.told.at || possible != *arrived_at,
        };
        Some((begun, assignment))
    }

    /// How this driver has the trip, or had it.
    fn assignment(&self) -> Option<Assignment> {
        let driver = driver_of(self.told.actor)?;
        let held = self.trip.state.assignment();
        held.filter(|held| held.driver == driver)
            .or(match self.told.earlier {
                Earlier::TakenAway(assignment) => Some(assignment),
                Earlier::Never | Earlier::GaveBack => None,
            })
    }

    fn wrong_state(&self) -> Refusal {
        Refusal::WrongState {
            stage: self.trip.state.stage(),
            command: self.command.kind(),
        }
    }

    fn decide(
        &self,
        trip: &Trip,
        command: Command,
        at: DateTime<Utc>,
    ) -> Result<Vec<Event>, Refusal> {
        let actor = self.told.actor;
        decide(trip, command, CommandContext { actor, at }, self.rules)
    }
}

/// The command that an action is, if it is a step of a trip.
const fn command_of(action: &DeviceAction) -> Option<Command> {
    Some(match action {
        DeviceAction::Arrive { .. } => Command::Arrive,
        DeviceAction::Start { pin, .. } => Command::Start { pin: *pin },
        DeviceAction::ReachStop { .. } => Command::ReachStop,
        DeviceAction::LeaveStop { .. } => Command::LeaveStop,
        DeviceAction::Complete { .. } => Command::Complete,
        DeviceAction::Cancel { reason, .. } => Command::Cancel { reason: *reason },
        DeviceAction::GoOnline { .. }
        | DeviceAction::GoOffline
        | DeviceAction::AcceptOffer { .. }
        | DeviceAction::DeclineOffer { .. }
        | DeviceAction::TakeCash { .. }
        | DeviceAction::Rate { .. } => return None,
    })
}

const fn refuse(code: ErrorCode) -> Verdict {
    Verdict::Refuse {
        code,
        refusal: None,
    }
}

fn refuse_for(refusal: Refusal) -> Verdict {
    Verdict::Refuse {
        code: refusal.into(),
        refusal: Some(refusal),
    }
}

#[cfg(test)]
mod tests;
