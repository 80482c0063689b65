//! The one way in which a trip changes.

use chrono::Utc;
use serde::Serialize;
use sqlx::PgConnection;
use wayfare_core::id::{DriverId, TripId, VehicleId};
use wayfare_core::trip::{
    Actor, Command, CommandContext, Event, Refusal, Rules, TripState, decide,
};
use wayfare_core::wire::{ErrorCode, StreamEvent, TripDriver};

use super::queries::{self, ChangedTrip, NewEvent};
use super::rows::{DriverCard, StoredTrip};
use super::view;
use crate::dispatch::offers;
use crate::fleet;
use crate::payments::service::{Charge, charge_trip};
use crate::platform::clock;
use crate::platform::failure::{Failure, on_constraint};
use crate::pricing;
use crate::realtime::Feed;

/// What somebody wants of a trip.
#[derive(Debug, Clone, Copy)]
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
}

/// Changes a trip in the caller's transaction, with everything that follows from it. Messages to
/// both sides are added to `feed`, which the caller writes at the end.
pub async fn change_trip(
    connection: &mut PgConnection,
    rules: Rules,
    change: Change<'_>,
    feed: &mut Feed,
) -> Result<StoredTrip, Failure> {
    let row = queries::find_trip_for_update(connection, change.trip).await?;
    let mut stored = StoredTrip::try_from(row.ok_or_else(|| Failure::not_found("trip"))?)?;
    let now = clock::now();
    // Clocks of two servers may differ a little; a trip's events never run backwards.
    let at = now.max(stored.trip.last_event_at);
    let context = CommandContext {
        actor: change.actor,
        at,
    };
    let events = decide(&stored.trip, change.command, context, rules).map_err(refused)?;
    if change
        .expected_version
        .is_some_and(|version| version != stored.trip.version)
    {
        let detail = format!("the trip is at version {}", stored.trip.version);
        return Err(Failure::refused(ErrorCode::VersionMismatch, detail));
    }
    let driver_before = stored
        .trip
        .state
        .assignment()
        .map(|assignment| assignment.driver);
    for event in &events {
        stored.trip.apply(event);
        let event = new_event(&stored, event, change.actor, now)?;
        queries::insert_event(connection, event).await?;
    }
    if matches!(change.command, Command::Cancel { .. }) {
        stored.cancel_note = change.note.map(str::to_owned);
    }
    for event in &events {
        prepare(connection, &mut stored, event).await?;
    }
    write(connection, &stored).await?;
    for event in &events {
        follow_up(connection, &stored, event, feed).await?;
    }
    tell_both(connection, &stored, driver_before, feed).await?;
    for event in &events {
        metrics::counter!("wayfare_trip_events_total", "kind" => event.kind()).increment(1);
    }
    Ok(stored)
}

/// What a trip's row needs to know before it is written.
async fn prepare(
    connection: &mut PgConnection,
    stored: &mut StoredTrip,
    event: &Event,
) -> Result<(), Failure> {
    match event {
        Event::Assigned { assignment } => {
            let card = driver_card(connection, assignment.driver, assignment.vehicle).await?;
            stored.driver_card = Some(card);
        }
        Event::Released { .. } => stored.driver_card = None,
        Event::Completed { .. } => {
            let (rider, wait_s) = (stored.rider(), stored.trip.wait_s());
            stored.fare =
                pricing::service::final_fare(connection, stored.quote, rider, wait_s).await?;
        }
        _ => {}
    }
    Ok(())
}

/// What happens elsewhere because of an event.
async fn follow_up(
    connection: &mut PgConnection,
    stored: &StoredTrip,
    event: &Event,
    feed: &mut Feed,
) -> Result<(), Failure> {
    match (event, stored.trip.state) {
        (Event::Released { .. }, _) => offers::release_accepted(connection, stored.id()).await,
        (Event::Cancelled { .. } | Event::Expired { .. }, _) => {
            offers::withdraw_open(connection, stored.id(), feed).await
        }
        (Event::Completed { at }, TripState::Completed { assignment, .. }) => {
            let charge = Charge {
                trip: stored.id(),
                rider: stored.rider(),
                driver: assignment.driver,
                fare: &stored.fare,
            };
            charge_trip(connection, charge, *at).await
        }
        _ => Ok(()),
    }
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
    let row = ChangedTrip {
        trip: &stored.trip,
        version: database_count(stored.trip.version)?,
        releases: database_count(stored.trip.releases)?,
        driver: assignment.map(|assignment| assignment.driver),
        vehicle: assignment.map(|assignment| assignment.vehicle),
        driver_card: stored.driver_card.as_ref().map(to_json).transpose()?,
        state: to_json(&stored.trip.state)?,
        cancel_note: stored.cancel_note.as_deref(),
        fare: to_json(&stored.fare)?,
    };
    queries::update_trip(connection, row)
        .await
        .map_err(|error| {
            on_constraint(error, "trips_one_active_per_driver", || {
                Failure::refused(
                    ErrorCode::DriverBusy,
                    "the driver has a trip that is not over",
                )
            })
        })
}

async fn tell_both(
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
    now: chrono::DateTime<Utc>,
) -> Result<NewEvent, Failure> {
    Ok(NewEvent {
        trip: stored.id(),
        version: database_count(stored.trip.version)?,
        kind: event.kind(),
        payload: to_json(event)?,
        actor: to_json(&actor)?,
        occurred_at: event.at(),
        recorded_at: now,
    })
}

fn refused(refusal: Refusal) -> Failure {
    let code = match refusal {
        Refusal::WrongState { .. } => ErrorCode::WrongTripState,
        Refusal::NotAllowed { .. } => ErrorCode::Forbidden,
        // A stranger does not learn that the trip exists.
        Refusal::NotYourTrip => return Failure::not_found("trip"),
        Refusal::WrongPin => ErrorCode::WrongPin,
        Refusal::OutOfOrder => ErrorCode::OutOfOrder,
    };
    Failure::refused(code, refusal.to_string())
}

pub(super) fn to_json(value: &impl Serialize) -> Result<serde_json::Value, Failure> {
    serde_json::to_value(value).map_err(|error| Failure::broken("keeping a trip", error))
}

fn database_count(count: u32) -> Result<i32, Failure> {
    i32::try_from(count).map_err(|error| Failure::broken("counting a trip's events", error))
}
