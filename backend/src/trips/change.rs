//! The one way in which a trip changes.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgConnection;
use wayfare_core::id::{DriverId, TripId, VehicleId};
use wayfare_core::pricing::Fare;
use wayfare_core::sync::FareClaim;
use wayfare_core::trip::{
    Actor, CancelReason, Command, CommandContext, Event, Party, Refusal, TripState, Versioned,
    decide,
};
use wayfare_core::wire::{ErrorCode, StreamEvent, TripDriver};

use super::queries::{self, ChangedTrip, NewEvent};
use super::rows::{DriverCard, StoredTrip};
use super::{ending, forward, plans, service, view};
use crate::app::App;
use crate::dispatch::{offers, standing};
use crate::fleet;
use crate::payments::service::{Charge, charge_cancellation, charge_trip};
use crate::platform::clock;
use crate::platform::failure::{Failure, on_constraint};
use crate::pricing::promotions;
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

/// Changes a trip in the caller's transaction, with everything that follows from it. Messages to
/// both sides are added to `feed`, which the caller writes at the end.
pub async fn change_trip(
    connection: &mut PgConnection,
    app: &App,
    change: Change<'_>,
    feed: &mut Feed,
) -> Result<StoredTrip, Failure> {
    let row = queries::find_trip_for_update(connection, change.trip).await?;
    let mut stored = StoredTrip::try_from(row.ok_or_else(|| Failure::not_found("trip"))?)?;
    let now = clock::now();
    // Clocks of two servers may differ a little; what happens now is not before what happened.
    let at = change
        .at
        .map_or_else(|| now.max(stored.trip.last_event_at), |at| at.min(now));
    let context = CommandContext {
        actor: change.actor,
        at,
    };
    let is_cancel = matches!(change.command, Command::Cancel { .. });
    let rules = service::rules(app);
    let events = decide(&stored.trip, change.command, context, rules).map_err(refused)?;
    if change
        .expected_version
        .is_some_and(|version| version != stored.trip.version)
    {
        let detail = format!("the trip is at version {}", stored.trip.version);
        return Err(Failure::refused(ErrorCode::VersionMismatch, detail));
    }
    forward::check(&stored, &events)?;
    let before = Before::of(&stored);
    for event in &events {
        stored.trip.apply(event);
        let event = new_event(&stored, event, change.actor, now)?;
        queries::insert_event(connection, event).await?;
    }
    if is_cancel {
        stored.cancel_note = change.note.map(str::to_owned);
    }
    stored.forward = forward::is_forward(connection, &stored, change.ahead).await?;
    let mut fee = None;
    for event in &events {
        fee = prepare(connection, app, &mut stored, event).await?.or(fee);
    }
    write(connection, &stored).await?;
    // The driver's next trip is locked before offers, promotions and messages are.
    let idle = match before.freed(&stored) {
        Some(driver) if !forward::come_first(connection, driver, feed).await? => Some(driver),
        _ => None,
    };
    for event in &events {
        follow_up(connection, &stored, event, fee.as_ref(), feed).await?;
    }
    note_standing(connection, &before, &events, idle).await?;
    tell_both(connection, &stored, before.driver, feed).await?;
    for event in &events {
        metrics::counter!("wayfare_trip_events_total", "kind" => event.kind()).increment(1);
    }
    Ok(stored)
}

/// Who had the trip before it changed.
struct Before {
    driver: Option<DriverId>,
    forward: bool,
}

impl Before {
    fn of(stored: &StoredTrip) -> Self {
        let assignment = stored.trip.state.assignment();
        Self {
            driver: assignment.map(|assignment| assignment.driver),
            forward: stored.forward,
        }
    }

    /// The driver who drove this trip and does not any more.
    fn freed(&self, stored: &StoredTrip) -> Option<DriverId> {
        let goes_on = matches!(
            stored.trip.state,
            TripState::Assigned { .. } | TripState::Arrived { .. } | TripState::InProgress { .. }
        );
        self.driver.filter(|_| !self.forward && !goes_on)
    }
}

/// Notes what the events say about the driver who had the trip, and who has none from now on.
async fn note_standing(
    connection: &mut PgConnection,
    before: &Before,
    events: &[Event],
    idle: Option<DriverId>,
) -> Result<(), Failure> {
    for event in events {
        if let Some(driver) = before.driver
            && gives_back(event)
        {
            standing::note_gave_back(connection, driver, event.at()).await?;
        }
        if let Some(driver) = idle {
            standing::note_idle(connection, driver, event.at()).await?;
        }
    }
    Ok(())
}

/// Whether the driver did not want the trip any more, for whatever became of it.
const fn gives_back(event: &Event) -> bool {
    match event {
        Event::Released { by, .. } => matches!(by, Party::Driver),
        Event::Cancelled { by, reason, .. } => {
            matches!(by, Actor::Driver(_)) && !matches!(reason, CancelReason::RiderNoShow)
        }
        _ => false,
    }
}

/// What a trip's row needs to know before it is written. Answers what a trip that is called off
/// costs, if it costs anything.
async fn prepare(
    connection: &mut PgConnection,
    app: &App,
    stored: &mut StoredTrip,
    event: &Event,
) -> Result<Option<Fare>, Failure> {
    match event {
        Event::Assigned { assignment } => {
            let card = driver_card(connection, assignment.driver, assignment.vehicle).await?;
            stored.driver_card = Some(card);
        }
        Event::Released { .. } => stored.driver_card = None,
        Event::StopsChanged { .. } => plans::replan(connection, app, stored).await?,
        Event::Completed { .. } => ending::settle(connection, app, stored).await?,
        Event::Cancelled { .. } => {
            return ending::settle_cancellation(connection, app, stored).await;
        }
        _ => {}
    }
    Ok(None)
}

/// What happens elsewhere because of an event.
async fn follow_up(
    connection: &mut PgConnection,
    stored: &StoredTrip,
    event: &Event,
    fee: Option<&Fare>,
    feed: &mut Feed,
) -> Result<(), Failure> {
    match event {
        Event::Released { .. } => offers::release_accepted(connection, stored.id()).await,
        Event::Cancelled { at, .. } => {
            if let Some(charge) = charge(stored, fee) {
                charge_cancellation(connection, charge, *at).await?;
            }
            does_not_take_place(connection, stored, feed).await
        }
        Event::Expired { .. } => does_not_take_place(connection, stored, feed).await,
        Event::StopsChanged { .. } => offers::renew_open(connection, stored, feed).await,
        Event::Completed { at } => match charge(stored, Some(&stored.fare)) {
            Some(charge) => charge_trip(connection, charge, *at).await,
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// What is charged for a trip that had a driver.
fn charge<'a>(stored: &StoredTrip, fare: Option<&'a Fare>) -> Option<Charge<'a>> {
    let (TripState::Completed { assignment, .. }
    | TripState::Cancelled {
        assignment: Some(assignment),
        ..
    }) = stored.trip.state
    else {
        return None;
    };
    Some(Charge {
        trip: stored.id(),
        rider: stored.rider(),
        driver: assignment.driver,
        fare: fare?,
    })
}

async fn does_not_take_place(
    connection: &mut PgConnection,
    stored: &StoredTrip,
    feed: &mut Feed,
) -> Result<(), Failure> {
    // Offers before promotions: the dispatcher takes them in this order as well.
    offers::withdraw_open(connection, stored.id(), feed).await?;
    promotions::release(connection, stored.id()).await
}

async fn driver_card(
    connection: &mut PgConnection,
    driver: DriverId,
    vehicle: VehicleId,
) -> Result<DriverCard, Failure> {
    let card = fleet::service::driver_card(connection, driver, vehicle).await?;
    let rating = queries::find_mean_rating(connection, driver.into()).await?;
    Ok(DriverCard {
        driver: TripDriver {
            id: driver,
            name: card.name,
            rating,
        },
        vehicle: card.vehicle,
    })
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

pub(super) async fn tell_both(
    connection: &mut PgConnection,
    stored: &StoredTrip,
    driver_before: Option<DriverId>,
    feed: &mut Feed,
) -> Result<(), Failure> {
    let driver_now = stored
        .trip
        .state
        .assignment()
        .map(|assignment| assignment.driver);
    let rider = Some(stored.rider().into());
    for user in [rider, driver_now.or(driver_before).map(Into::into)]
        .into_iter()
        .flatten()
    {
        let trip = Box::new(view::one(connection, stored, user).await?);
        feed.push(user, StreamEvent::TripUpdated { trip });
    }
    Ok(())
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

fn refused(refusal: Refusal) -> Failure {
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
