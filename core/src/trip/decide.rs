//! The rules of a trip: which command is allowed to whom in which state.

use super::command::{Actor, Command, CommandContext, CommandKind, Party};
use super::event::Event;
use super::state::{Assignment, Trip, TripState, TripStatus};

/// Numbers that an operator sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// How many drivers may give a trip back before it ends as cancelled.
    pub releases_max: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self { releases_max: 5 }
    }
}

/// Why a command was not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The command does not fit where the trip stands.
    #[error("a trip that is {status} cannot {command}")]
    WrongState {
        /// Where the trip stands.
        status: TripStatus,
        /// What was wanted.
        command: CommandKind,
    },
    /// This party may never give this command.
    #[error("a {} may not {command} a trip", .party.as_str())]
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
}

/// What a command does to a trip: the events, or why it is refused. Changes nothing.
pub fn decide(
    trip: &Trip,
    command: Command,
    context: CommandContext,
    rules: Rules,
) -> Result<Vec<Event>, Refusal> {
    check_actor(trip, command, context.actor)?;
    let at = context.at;
    let event = match (command, trip.state) {
        (Command::Assign { driver, vehicle }, TripState::Requested) => Event::Assigned {
            assignment: Assignment {
                driver,
                vehicle,
                assigned_at: at,
            },
        },
        (Command::Arrive, TripState::Assigned { .. }) => Event::Arrived { at },
        (Command::Start { pin }, TripState::Arrived { .. }) => {
            if pin != trip.request.pin {
                return Err(Refusal::WrongPin);
            }
            Event::Started { at }
        }
        (Command::Complete, TripState::InProgress { .. }) => Event::Completed { at },
        (
            Command::Cancel { reason },
            TripState::Requested | TripState::Assigned { .. } | TripState::Arrived { .. },
        ) => {
            let driver_gives_back = context.actor.party() == Party::Driver
                && reason != super::CancelReason::RiderNoShow
                && trip.releases < rules.releases_max;
            if driver_gives_back {
                Event::Released { reason, at }
            } else {
                Event::Cancelled {
                    by: context.actor,
                    reason,
                    at,
                }
            }
        }
        (Command::Expire, TripState::Requested) => Event::Expired { at },
        _ => {
            return Err(Refusal::WrongState {
                status: trip.state.status(),
                command: command.kind(),
            });
        }
    };
    if at < trip.last_event_at {
        return Err(Refusal::OutOfOrder);
    }
    Ok(vec![event])
}

fn check_actor(trip: &Trip, command: Command, actor: Actor) -> Result<(), Refusal> {
    let allowed = match command {
        Command::Assign { .. } | Command::Expire => matches!(actor.party(), Party::System),
        Command::Arrive | Command::Start { .. } | Command::Complete => {
            matches!(actor.party(), Party::Driver)
        }
        Command::Cancel { .. } => true,
    };
    let concerned = match actor {
        Actor::Rider(rider) => rider == trip.request.rider,
        Actor::Driver(driver) => trip
            .state
            .assignment()
            .is_some_and(|assignment| assignment.driver == driver),
        Actor::Admin(_) | Actor::System => true,
    };
    if !concerned {
        Err(Refusal::NotYourTrip)
    } else if !allowed {
        Err(Refusal::NotAllowed {
            party: actor.party(),
            command: command.kind(),
        })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
