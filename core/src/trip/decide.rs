//! The rules of a trip: which command is allowed to whom in which state.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::actor::{Actor, Party};
use super::command::{CancelReason, Command, CommandContext};
use super::event::Event;
use super::history::Trip;
use super::pin::Pin;
use super::state::{Assignment, TripState};
use super::stops::{Leg, Stops, WAYPOINTS_MAX};

mod refusal;

pub use refusal::Refusal;

/// Numbers that an operator sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// How many drivers may give a trip back before it ends as cancelled.
    pub releases_max: u32,
    /// How long a driver waits at the pickup before the rider did not come, in seconds.
    pub no_show_after_s: i64,
    /// How often the stops of a trip may be changed.
    pub stop_changes_max: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            releases_max: 5,
            no_show_after_s: 300,
            stop_changes_max: 20,
        }
    }
}

/// What a command does to a trip: the events, or why it is refused. Changes nothing.
pub fn decide(
    trip: &Trip,
    command: Command,
    context: CommandContext,
    rules: Rules,
) -> Result<Vec<Event>, Refusal> {
    check_actor(trip, &command, context.actor)?;
    let not_before = earliest(trip, &command, context.actor);
    let event = decide_event(trip, command, context, rules)?;
    if context.at < not_before {
        return Err(Refusal::OutOfOrder);
    }
    Ok(vec![event])
}

/// The time before which this cannot have happened. A driver may tell late what happened: that is
/// measured by what is known of the car, and not by what others did meanwhile.
fn earliest(trip: &Trip, command: &Command, actor: Actor) -> DateTime<Utc> {
    match (command, actor.party()) {
        (
            Command::Resume {
                assignment,
                arrived_at,
                ..
            },
            _,
        ) => assignment.assigned_at.max(*arrived_at),
        (_, Party::Driver) => trip.car_last_seen_at().unwrap_or(trip.last_event_at),
        _ => trip.last_event_at,
    }
}

fn check_actor(trip: &Trip, command: &Command, actor: Actor) -> Result<(), Refusal> {
    let party = actor.party();
    let allowed = match command {
        Command::Assign { .. } | Command::Expire => matches!(party, Party::System),
        Command::Arrive
        | Command::Start { .. }
        | Command::ReachStop
        | Command::LeaveStop
        | Command::Resume { .. } => matches!(party, Party::Driver),
        // An admin can end the ride of a driver whose phone died.
        Command::Complete => matches!(party, Party::Driver | Party::Admin),
        Command::ChangeStops { .. } => matches!(party, Party::Rider | Party::Admin),
        Command::Reassign { .. } => matches!(party, Party::Admin | Party::System),
        Command::Cancel { .. } => true,
    };
    let concerned = match actor {
        Actor::Rider(rider) => rider == trip.request.rider,
        Actor::Driver(driver) => {
            concerned_assignment(trip, command).is_some_and(|concerned| concerned.driver == driver)
        }
        Actor::Admin(_) | Actor::System => true,
    };
    if !concerned {
        Err(Refusal::NotYourTrip)
    } else if !allowed {
        Err(Refusal::NotAllowed {
            party,
            command: command.kind(),
        })
    } else if says_no_show(command) && party != Party::Driver {
        Err(Refusal::NoShowIsTheDrivers { party })
    } else {
        Ok(())
    }
}

/// The assignment by which a driver may speak: the one that the trip has or had last, or the one that
/// the trip is to be resumed with.
const fn concerned_assignment(trip: &Trip, command: &Command) -> Option<Assignment> {
    match command {
        Command::Resume { assignment, .. } => Some(*assignment),
        _ => trip.state.assignment(),
    }
}

const fn says_no_show(command: &Command) -> bool {
    matches!(
        command,
        Command::Cancel { reason } | Command::Reassign { reason }
            if matches!(reason, CancelReason::RiderNoShow)
    )
}

fn decide_event(
    trip: &Trip,
    command: Command,
    context: CommandContext,
    rules: Rules,
) -> Result<Event, Refusal> {
    let at = context.at;
    let wrong_state = Refusal::WrongState {
        stage: trip.state.stage(),
        command: command.kind(),
    };
    match (command, trip.state) {
        (Command::Assign { driver, vehicle }, TripState::Requested) => Ok(Event::Assigned {
            assignment: Assignment {
                driver,
                vehicle,
                assigned_at: at,
            },
        }),
        (Command::Arrive, TripState::Assigned { .. }) => Ok(Event::Arrived { at }),
        (Command::Start { pin }, TripState::Arrived { .. }) => {
            check_pin(trip, pin)?;
            Ok(Event::Started { at })
        }
        (
            Command::Resume {
                pin,
                assignment,
                arrived_at,
            },
            state,
        ) if state.can_resume(assignment.driver) => {
            check_pin(trip, pin)?;
            if arrived_at < assignment.assigned_at {
                return Err(Refusal::OutOfOrder);
            }
            Ok(Event::Resumed {
                assignment,
                arrived_at,
                at,
            })
        }
        (Command::ReachStop, TripState::InProgress { leg, .. }) => match leg {
            Leg::EnRoute { stop } if trip.stops.is_waypoint(stop) => {
                Ok(Event::StopReached { stop, at })
            }
            Leg::EnRoute { .. } => Err(Refusal::NoStopAhead),
            Leg::AtStop { .. } => Err(wrong_state),
        },
        (Command::LeaveStop, TripState::InProgress { leg, .. }) => match leg {
            Leg::AtStop { stop, .. } => Ok(Event::StopLeft { stop, at }),
            Leg::EnRoute { .. } => Err(wrong_state),
        },
        (
            Command::ChangeStops { waypoints, dropoff },
            TripState::Requested
            | TripState::Assigned { .. }
            | TripState::Arrived { .. }
            | TripState::InProgress { .. },
        ) => change_stops(trip, Stops { waypoints, dropoff }, context, rules),
        (Command::Reassign { reason }, TripState::Assigned { .. } | TripState::Arrived { .. }) => {
            Ok(Event::Released {
                reason,
                by: context.actor.party(),
                at,
            })
        }
        (Command::Complete, TripState::InProgress { .. }) => Ok(Event::Completed { at }),
        (
            Command::Cancel { reason },
            TripState::Requested | TripState::Assigned { .. } | TripState::Arrived { .. },
        ) => cancel(trip, reason, context, rules),
        (Command::Expire, TripState::Requested) => Ok(Event::Expired { at }),
        _ => Err(wrong_state),
    }
}

/// Where the PIN is not known no PIN is right.
fn check_pin(trip: &Trip, pin: Pin) -> Result<(), Refusal> {
    if trip.request.pin == Some(pin) {
        Ok(())
    } else {
        Err(Refusal::WrongPin)
    }
}

/// A driver who calls a trip off gives it back, unless that happened too often or the rider did not
/// come. Everybody else ends it.
fn cancel(
    trip: &Trip,
    reason: CancelReason,
    context: CommandContext,
    rules: Rules,
) -> Result<Event, Refusal> {
    let is_no_show = reason == CancelReason::RiderNoShow;
    if is_no_show {
        check_no_show(trip, context.at, rules)?;
    }
    let party = context.actor.party();
    let gives_back = party == Party::Driver && !is_no_show && trip.releases < rules.releases_max;
    Ok(if gives_back {
        Event::Released {
            reason,
            by: party,
            at: context.at,
        }
    } else {
        Event::Cancelled {
            by: context.actor,
            reason,
            at: context.at,
        }
    })
}

fn check_no_show(trip: &Trip, at: DateTime<Utc>, rules: Rules) -> Result<(), Refusal> {
    let Some(since) = trip.waiting_since() else {
        return Err(Refusal::NoShowBeforeArrival {
            stage: trip.state.stage(),
        });
    };
    let until = TimeDelta::try_seconds(rules.no_show_after_s)
        .and_then(|wait| since.checked_add_signed(wait))
        .unwrap_or(DateTime::<Utc>::MAX_UTC);
    if at < until {
        Err(Refusal::TooEarlyForNoShow { until })
    } else {
        Ok(())
    }
}

fn change_stops(
    trip: &Trip,
    stops: Stops,
    context: CommandContext,
    rules: Rules,
) -> Result<Event, Refusal> {
    let passed = trip.visits.len();
    let count = stops.waypoints.len();
    if count > WAYPOINTS_MAX {
        Err(Refusal::TooManyWaypoints {
            count,
            max: WAYPOINTS_MAX,
        })
    } else if stops == trip.stops {
        Err(Refusal::NothingChanged)
    } else if !stops.begin_alike(&trip.stops, passed) {
        Err(Refusal::StopsAlreadyPassed { passed })
    } else if trip.stop_changes >= rules.stop_changes_max {
        Err(Refusal::TooManyStopChanges {
            max: rules.stop_changes_max,
        })
    } else {
        Ok(Event::StopsChanged {
            waypoints: stops.waypoints,
            dropoff: stops.dropoff,
            by: context.actor.party(),
            at: context.at,
        })
    }
}

#[cfg(test)]
mod tests;
