//! The one way in which a trip changes.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgConnection;
use wayfare_core::id::TripId;
use wayfare_core::sync::FareClaim;
use wayfare_core::trip::{Actor, Command, CommandContext, Event, Refusal, Versioned, decide};
use wayfare_core::wire::ErrorCode;

use super::consequences::{After, Before, give_kit, needs_kit, tell_all};
use super::queries::{self, ChangedTrip, NewEvent};
use super::rows::StoredTrip;
use super::{forward, reported, resume, service};
use crate::app::App;
use crate::platform::clock;
use crate::platform::failure::{Failure, on_constraint};
use crate::realtime::Feed;

/// What somebody wants of a trip.
#[derive(Debug, Clone)]
pub struct Change<'a> {
    /// The trip.
    pub trip: TripId,
    /// What is wanted.
    pub command: Command,
    /// Who wants it.
    pub actor: Actor,
    /// The version that the caller saw, if the caller minds.
    pub expected_version: Option<u32>,
    /// What the one who calls it off has to say.
    pub note: Option<&'a str>,
    /// Who takes it may finish another trip first.
    pub ahead: bool,
    /// When it happened, if not now: not later than now, and as a device without a network says.
    pub at: Option<DateTime<Utc>>,
    /// What a device computed that the trip costs, of one that completes it.
    pub claim: Option<&'a FareClaim>,
}

impl Change<'_> {
    /// Something that happens now.
    pub const fn now(trip: TripId, command: Command, actor: Actor) -> Self {
        Self {
            trip,
            command,
            actor,
            expected_version: None,
            note: None,
            ahead: false,
            at: None,
            claim: None,
        }
    }
}

/// What becomes of a driver who loses a trip by a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Afterwards {
    /// The driver's next trip comes first, or the driver is idle.
    Free,
    /// The driver drives another trip already.
    Drives,
}

/// Changes a trip in the caller's transaction, with everything that follows from it. Messages to
/// both sides are added to `feed`, which the caller writes at the end. Nothing is added if the change
/// is refused.
pub async fn change_trip(
    connection: &mut PgConnection,
    app: &App,
    change: Change<'_>,
    feed: &mut Feed,
) -> Result<StoredTrip, Failure> {
    if matches!(change.command, Command::Resume { .. }) {
        reported::hold_rider(connection, change.trip).await?;
    }
    change_as(connection, app, change, Afterwards::Free, feed).await
}

/// The same, where the driver who loses the trip may drive another one already.
pub(super) async fn change_as(
    connection: &mut PgConnection,
    app: &App,
    change: Change<'_>,
    afterwards: Afterwards,
    feed: &mut Feed,
) -> Result<StoredTrip, Failure> {
    let mut stored = lock(connection, change.trip).await?;
    let events = decided(app, &stored, &change)?;
    forward::check(&stored, &events)?;
    for event in &events {
        if let Event::Resumed { assignment, .. } = event {
            resume::make_way(connection, app, (&stored, assignment.driver), feed).await?;
        }
    }
    let now = clock::now();
    let before = Before::of(&stored);
    for event in &events {
        stored.trip.apply(event);
        let event = new_event(&stored, event, change.actor, now)?;
        queries::insert_event(connection, event).await?;
    }
    if matches!(change.command, Command::Cancel { .. }) {
        stored.cancel_note = change.note.map(str::to_owned);
    }
    stored.forward = forward::is_forward(connection, &stored, change.ahead).await?;
    let mut after = After {
        before,
        claim: change.claim,
        fee: None,
        now,
    };
    for event in &events {
        after.prepare(connection, app, &mut stored, event).await?;
    }
    write(connection, &stored).await?;
    // The driver's next trip is locked before offers, promotions and messages are.
    let freed = before.freed(&stored);
    let idle = match freed.filter(|_| afterwards == Afterwards::Free) {
        Some(driver) if !forward::come_first(connection, app, driver, feed).await? => Some(driver),
        _ => None,
    };
    for event in &events {
        after.follow_up(connection, &stored, event, feed).await?;
    }
    after.note_standing(connection, &events, idle).await?;
    tell_all(connection, &stored, before.driver(), feed).await?;
    if events.iter().any(needs_kit) {
        give_kit(connection, app, &stored, feed).await?;
    }
    for event in &events {
        metrics::counter!("wayfare_trip_events_total", "kind" => event.kind()).increment(1);
    }
    Ok(stored)
}

pub(super) async fn lock(
    connection: &mut PgConnection,
    trip: TripId,
) -> Result<StoredTrip, Failure> {
    let row = queries::find_trip_for_update(connection, trip).await?;
    StoredTrip::try_from(row.ok_or_else(|| Failure::not_found("trip"))?)
}

/// What the change does to the trip, or why it is refused.
fn decided(app: &App, stored: &StoredTrip, change: &Change<'_>) -> Result<Vec<Event>, Failure> {
    let now = clock::now();
    // Clocks of two servers may differ a little; what happens now is not before what happened.
    let at = change
        .at
        .map_or_else(|| now.max(stored.trip.last_event_at), |at| at.min(now));
    let context = CommandContext {
        actor: change.actor,
        at,
    };
    let command = change.command.clone();
    let events = decide(&stored.trip, command, context, service::rules(app)).map_err(refused)?;
    match change.expected_version {
        Some(version) if version != stored.trip.version => {
            let detail = format!("the trip is at version {}", stored.trip.version);
            Err(Failure::refused(ErrorCode::VersionMismatch, detail))
        }
        _ => Ok(events),
    }
}

async fn write(connection: &mut PgConnection, stored: &StoredTrip) -> Result<(), Failure> {
    let assignment = stored.trip.state.assignment();
    let trip = &stored.trip;
    let changed_stops = (trip.stop_changes > 0).then(|| to_json(&trip.stops));
    let row = ChangedTrip {
        trip,
        stops: changed_stops.transpose()?,
        stop_changes: database_count(trip.stop_changes)?,
        visits: to_json(&trip.visits)?,
        plan: &stored.plan,
        basis: stored.basis.as_ref().map(to_json).transpose()?,
        version: database_count(stored.trip.version)?,
        releases: database_count(stored.trip.releases)?,
        driver: assignment.map(|assignment| assignment.driver),
        vehicle: assignment.map(|assignment| assignment.vehicle),
        driver_card: stored.driver_card.as_ref().map(to_json).transpose()?,
        state: to_json(&stored.trip.state)?,
        cancel_note: stored.cancel_note.as_deref(),
        fare: to_json(&stored.fare)?,
        forward: stored.forward,
    };
    let one_each = if stored.forward {
        "trips_one_forward_per_driver"
    } else {
        "trips_one_driven_per_driver"
    };
    let busy = || {
        let detail = "the driver has a trip that is not over";
        Failure::refused(ErrorCode::DriverBusy, detail)
    };
    queries::update_trip(connection, row)
        .await
        .map_err(|error| on_constraint(error, one_each, busy))
}

pub(super) fn new_event(
    stored: &StoredTrip,
    event: &Event,
    actor: Actor,
    now: DateTime<Utc>,
) -> Result<NewEvent, Failure> {
    Ok(NewEvent {
        trip: stored.id(),
        version: database_count(stored.trip.version)?,
        kind: event.kind(),
        payload: to_json(&Versioned(event))?,
        actor: to_json(&actor)?,
        occurred_at: event.at(),
        recorded_at: now,
    })
}

/// What is told of a rule that forbids a change.
pub(super) fn refused(refusal: Refusal) -> Failure {
    let code = match refusal {
        Refusal::WrongState { .. } | Refusal::NoShowBeforeArrival { .. } | Refusal::NoStopAhead => {
            ErrorCode::WrongTripState
        }
        Refusal::NotAllowed { .. } | Refusal::NoShowIsTheDrivers { .. } => ErrorCode::Forbidden,
        // A stranger does not learn that the trip exists.
        Refusal::NotYourTrip => return Failure::not_found("trip"),
        Refusal::WrongPin => ErrorCode::WrongPin,
        Refusal::OutOfOrder => ErrorCode::OutOfOrder,
        Refusal::TooEarlyForNoShow { .. } => ErrorCode::TooEarlyForNoShow,
        Refusal::StopsAlreadyPassed { .. }
        | Refusal::TooManyWaypoints { .. }
        | Refusal::NothingChanged
        | Refusal::TooManyStopChanges { .. } => ErrorCode::StopsRefused,
    };
    Failure::refused(code, refusal.to_string())
}

pub(super) fn to_json(value: &impl Serialize) -> Result<serde_json::Value, Failure> {
    serde_json::to_value(value).map_err(|error| Failure::broken("keeping a trip", error))
}

fn database_count(count: u32) -> Result<i32, Failure> {
    i32::try_from(count).map_err(|error| Failure::broken("counting a trip's events", error))
}
