//! A trip as the server shows it beside the trip as the rules make it: whether they are the same, and
//! what happened if not.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::geo::LatLng;
use crate::id::UserId;
use crate::trip::{Actor, Event, Leg, Party, Stops, Trip, TripState, TripStatus};
use crate::wire;

/// Whether this may be the trip that is shown, though the server may count other times than the
/// device.
pub(super) fn is_alike(trip: &Trip, shown: &wire::Trip) -> bool {
    let (stop, stands) = match trip.state {
        TripState::InProgress { leg, .. } => (Some(leg.stop()), stands_since(leg).is_some()),
        _ => (None, false),
    };
    let called_off = match trip.state {
        TripState::Cancelled { by, reason, .. } => Some((by.party(), reason)),
        _ => None,
    };
    let shown_off = shown.cancelled.as_ref().map(|off| (off.by, off.reason));
    trip.version == shown.version
        && trip.state.status() == shown.status
        && shown_off == called_off
        && shown.leg.map(|leg| leg.stop) == stop
        && shown.leg.is_some_and(|leg| leg.arrived_at.is_some()) == stands
}

/// Whether this is the trip that is shown, in everything that is shown.
pub(super) fn is_same(trip: &Trip, shown: &wire::Trip) -> bool {
    let state = &trip.state;
    let (mut started, mut ended, mut stands) = (None, None, None);
    match *state {
        TripState::InProgress {
            started_at, leg, ..
        } => (started, stands) = (Some(started_at), stands_since(leg)),
        TripState::Completed {
            started_at,
            completed_at,
            ..
        } => (started, ended) = (Some(started_at), Some(completed_at)),
        TripState::Cancelled { cancelled_at, .. } => ended = Some(cancelled_at),
        _ => {}
    }
    let assigned = state.assignment().map(|assignment| assignment.assigned_at);
    let shown_end = shown.cancelled.as_ref().map(|cancelled| cancelled.at);
    is_alike(trip, shown)
        && is_unless_hidden(shown.assigned_at, assigned)
        && is_unless_hidden(shown.arrived_at, state.arrived_at())
        && is_unless_hidden(shown.started_at, started)
        && is_unless_hidden(shown.leg.and_then(|leg| leg.arrived_at), stands)
        && is_unless_hidden(shown.completed_at.or(shown_end), ended)
        && stops(shown).as_ref() == Some(&trip.stops)
}

/// The trip after what others did, as far as it is shown; `None` if that cannot be told from it.
///
/// Which admin it was is not shown to a driver, and stays open.
pub(super) fn follow(trip: &Trip, shown: &wire::Trip) -> Option<Trip> {
    let event = match shown.status {
        TripStatus::Cancelled => {
            let cancelled = shown.cancelled.as_ref()?;
            Event::Cancelled {
                by: match cancelled.by {
                    Party::Rider => Actor::Rider(trip.request.rider),
                    Party::Driver => Actor::Driver(trip.state.assignment()?.driver),
                    Party::Admin => Actor::Admin(UserId::from_uuid(Uuid::nil())),
                    Party::System => Actor::System,
                },
                reason: cancelled.reason,
                at: cancelled.at,
            }
        }
        TripStatus::Completed => Event::Completed {
            at: shown.completed_at?,
        },
        _ => return None,
    };
    let mut next = trip.clone();
    next.apply(&event);
    if next.state.status() != shown.status || trip.state.status() == shown.status {
        return None;
    }
    next.version = shown.version;
    next.stops = stops(shown)?;
    Some(next)
}

/// Degrees are rounded to the nearest position: a text of them may be off in its last digit.
fn stops(shown: &wire::Trip) -> Option<Stops> {
    let place = |shown: &wire::Point| LatLng::from_degrees(shown.lat, shown.lng).ok();
    Some(Stops {
        waypoints: shown.waypoints.iter().map(place).collect::<Option<_>>()?,
        dropoff: place(&shown.dropoff)?,
    })
}

fn is_unless_hidden(shown: Option<DateTime<Utc>>, own: Option<DateTime<Utc>>) -> bool {
    shown.is_none() || shown == own
}

const fn stands_since(leg: Leg) -> Option<DateTime<Utc>> {
    match leg {
        Leg::AtStop { arrived_at, .. } => Some(arrived_at),
        Leg::EnRoute { .. } => None,
    }
}
