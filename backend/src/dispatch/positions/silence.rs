//! Tells riders once that their car is no longer heard.
//!
//! Every process looks now and then; a row per silent car makes sure that one of them says it. What
//! this process heard is asked first. A car that it did not hear may have been heard by another one,
//! or before this one started: the points of its trip tell, as every process writes them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use wayfare_core::id::TripId;
use wayfare_core::wire::StreamEvent;

use super::Presence;
use super::queries;
use crate::app::App;
use crate::platform::clock;
use crate::platform::failure::Failure;
use crate::realtime::Feed;
use crate::trips::{self, DrivenTrip};

/// How often it is looked at most rarely; more often when cars are fresh for a shorter time only.
const EVERY_MAX: Duration = Duration::from_secs(5);
const EVERY_MIN: Duration = Duration::from_millis(200);
/// Points that are older than this do not matter: before that, the assignment counts.
const POINTS_SINCE: TimeDelta = TimeDelta::days(1);

/// Looks now and then until it is told to stop.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let fresh = Duration::from_secs(app.config.dispatch.driver_fresh_s.into());
    let mut clock = tokio::time::interval((fresh / 4).clamp(EVERY_MIN, EVERY_MAX));
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = clock.tick() => {}
        }
        if let Err(error) = look(&app).await {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "silent cars were not looked for; it is tried again");
        }
    }
}

/// Looks once. Answers how many cars fell silent.
async fn look(app: &App) -> Result<usize, Failure> {
    let now = clock::now();
    let mut connection = app.pool.acquire().await?;
    let driven = trips::list_driven(&mut connection).await?;
    let known = queries::list_silent(&mut connection).await?;
    if driven.is_empty() && known.is_empty() {
        return Ok(0);
    }
    let known: HashSet<TripId> = known.into_iter().map(TripId::from_uuid).collect();
    let presence = Presence::after_s(app.config.dispatch.driver_fresh_s);
    let unheard: Vec<DrivenTrip> = driven
        .into_iter()
        .filter(|trip| presence.is_silent(heard_here(app, trip), now))
        .collect();
    let ids: Vec<TripId> = unheard.iter().map(|trip| trip.trip).collect();
    let points = trips::list_last_points(&mut connection, &ids, now - POINTS_SINCE).await?;
    drop(connection);
    let points: HashMap<TripId, DateTime<Utc>> = points.into_iter().collect();
    let silent = unheard.into_iter().filter_map(|trip| {
        let here = heard_here(app, &trip);
        let last_at = points.get(&trip.trip).map_or(here, |at| here.max(*at));
        presence.is_silent(last_at, now).then_some((trip, last_at))
    });
    let silent: Vec<(DrivenTrip, DateTime<Utc>)> = silent.collect();
    settle(app, &silent, &known).await
}

/// When the car was last heard of by what this process knows: at the latest when it got the trip.
fn heard_here(app: &App, trip: &DrivenTrip) -> DateTime<Utc> {
    let fix = app.index.find_fix(trip.driver);
    fix.map_or(trip.assigned_at, |fix| fix.at.max(trip.assigned_at))
}

async fn settle(
    app: &App,
    silent: &[(DrivenTrip, DateTime<Utc>)],
    known: &HashSet<TripId>,
) -> Result<usize, Failure> {
    let still: HashSet<TripId> = silent.iter().map(|(trip, _)| trip.trip).collect();
    let over: Vec<Uuid> = known.difference(&still).map(|trip| trip.uuid()).collect();
    let new: Vec<_> = silent
        .iter()
        .filter(|(trip, _)| !known.contains(&trip.trip))
        .collect();
    if over.is_empty() && new.is_empty() {
        return Ok(0);
    }
    let mut transaction = app.pool.begin().await?;
    queries::forget_silent(&mut transaction, &over).await?;
    let mut feed = Feed::default();
    let mut told = 0;
    for (trip, last_at) in new {
        if queries::note_silent(&mut transaction, trip.trip.uuid(), *last_at).await? {
            let event = StreamEvent::DriverSilent {
                trip_id: trip.trip,
                last_at: *last_at,
            };
            feed.push(trip.rider, event);
            told += 1;
        }
    }
    feed.write(&mut transaction).await?;
    transaction.commit().await?;
    if told > 0 {
        tracing::info!(cars = told, "cars of trips fell silent");
    }
    metrics::gauge!("wayfare_silent_cars")
        .set(f64::from(u32::try_from(silent.len()).unwrap_or(u32::MAX)));
    Ok(told)
}
