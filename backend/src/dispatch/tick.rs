//! The dispatcher: every two seconds, trips that look for a driver meet drivers who are free.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use wayfare_core::id::{DriverId, OfferId, TripId};
use wayfare_core::trip::{Actor, Command, Trip};
use wayfare_core::wire::{OfferOutcome, StreamEvent};

use super::plan::{FreeDriver, Pair, Request, plan_offers};
use super::queries::{self, NewOffer};
use super::{offers, service};
use crate::app::App;
use crate::fleet;
use crate::platform::clock;
use crate::platform::config::DispatchConfig;
use crate::platform::failure::Failure;
use crate::platform::health::Heartbeat;
use crate::realtime::Feed;
use crate::trips::{self, Change, StoredTrip, change_trip};

/// The most trips that are looked at in one tick; the others wait for the next one.
const REQUESTS_MAX: i64 = 1000;

/// Dispatches until it is told to stop. A tick that fails is logged, and the next one tries again.
pub async fn run(app: Arc<App>, heartbeat: Heartbeat, stop: CancellationToken) {
    let mut clock = tokio::time::interval(Duration::from_millis(app.config.dispatch.tick_ms));
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = clock.tick() => {}
        }
        let started = Instant::now();
        match tick(&app).await {
            Ok(offered) if offered > 0 => tracing::info!(offered, "offers made"),
            Ok(_) => {}
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "a dispatch tick failed");
            }
        }
        metrics::histogram!("wayfare_dispatch_tick_seconds")
            .record(started.elapsed().as_secs_f64());
        heartbeat.beat();
    }
}

/// One round. Answers how many offers were made.
pub(super) async fn tick(app: &App) -> Result<usize, Failure> {
    let config = &app.config.dispatch;
    let now = clock::now();
    let mut transaction = app.pool.begin().await?;
    if !queries::try_lock_tick(&mut transaction).await? {
        return Ok(0);
    }
    let mut feed = Feed::default();
    let timed_out = queries::time_out_offers(&mut transaction, now).await?;
    offers::tell_closed(timed_out, OfferOutcome::TimedOut, &mut feed);

    let lead = TimeDelta::seconds(app.config.trips.schedule_search_s.into());
    let waiting =
        trips::service::list_requested(&mut transaction, now + lead, REQUESTS_MAX).await?;
    let given_up = now - TimeDelta::seconds(config.search_timeout_s.into());
    let (hopeless, waiting): (Vec<_>, Vec<_>) = waiting
        .into_iter()
        .partition(|stored| gives_up_from(&stored.trip, lead) <= given_up);
    for stored in hopeless {
        expire(&mut transaction, app, stored.id(), &mut feed).await?;
    }
    let requests = requests(&mut transaction, config, lead, &waiting, now).await?;
    let drivers = free_drivers(&mut transaction, app, now).await?;
    let pairs = plan_offers(&requests, &drivers);
    let offered = offer(&mut transaction, config, &waiting, &pairs, now, &mut feed).await?;
    feed.write(&mut transaction).await?;
    transaction.commit().await?;
    metrics::gauge!("wayfare_dispatch_waiting_trips").set(small_count(requests.len()));
    metrics::gauge!("wayfare_dispatch_free_drivers").set(small_count(drivers.len()));
    Ok(offered)
}

fn small_count(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// When the search for a driver began: at the request, or for a trip for later when its time was
/// near.
fn search_began(trip: &Trip, lead: TimeDelta) -> DateTime<Utc> {
    let requested_at = trip.request.requested_at;
    trip.request
        .pickup_at
        .map_or(requested_at, |pickup_at| requested_at.max(pickup_at - lead))
}

/// From when on the patience of the search runs: the last event, but for a trip for later not before
/// the time of its pickup.
fn gives_up_from(trip: &Trip, lead: TimeDelta) -> DateTime<Utc> {
    let began = trip
        .request
        .pickup_at
        .unwrap_or_else(|| search_began(trip, lead));
    began.max(trip.last_event_at)
}

async fn expire(
    connection: &mut PgConnection,
    app: &App,
    trip: TripId,
    feed: &mut Feed,
) -> Result<(), Failure> {
    let change = Change {
        trip,
        command: Command::Expire,
        actor: Actor::System,
        expected_version: None,
        note: None,
    };
    change_trip(connection, app, change, feed).await?;
    Ok(())
}

/// The trips that nobody is asked for at the moment.
async fn requests(
    connection: &mut PgConnection,
    config: &DispatchConfig,
    lead: TimeDelta,
    waiting: &[StoredTrip],
    now: DateTime<Utc>,
) -> Result<Vec<Request>, Failure> {
    let ids: Vec<Uuid> = waiting.iter().map(|stored| stored.id().uuid()).collect();
    let mut asked: HashMap<TripId, HashSet<DriverId>> = HashMap::new();
    let mut open = HashSet::new();
    for row in queries::list_offers_of_trips(connection, &ids).await? {
        let trip = TripId::from_uuid(row.trip_id);
        asked
            .entry(trip)
            .or_default()
            .insert(DriverId::from_uuid(row.driver_id));
        if row.status == "open" {
            open.insert(trip);
        }
    }
    let unasked = waiting.iter().filter(|stored| !open.contains(&stored.id()));
    let request = |stored: &StoredTrip| {
        let mut excluded = asked.remove(&stored.id()).unwrap_or_default();
        excluded.insert(DriverId::from_uuid(stored.rider().uuid()));
        Request {
            trip: stored.id(),
            pickup: stored.trip.request.pickup,
            vehicle_class: stored.trip.request.vehicle_class,
            radius_m: radius_m(config, now - search_began(&stored.trip, lead)),
            excluded,
        }
    };
    Ok(unasked.map(request).collect())
}

/// The longer a rider waits, the farther the drivers may be.
fn radius_m(config: &DispatchConfig, waited: TimeDelta) -> u64 {
    let tick_ms = i64::try_from(config.tick_ms.max(1)).unwrap_or(i64::MAX);
    let steps = u64::try_from(waited.num_milliseconds() / tick_ms).unwrap_or(0);
    let grown = steps.saturating_mul(config.radius_step_m.into());
    grown
        .saturating_add(config.radius_start_m.into())
        .min(config.radius_max_m.into())
}

/// The drivers who want offers, have none, have no trip, and were seen lately.
pub(super) async fn free_drivers(
    connection: &mut PgConnection,
    app: &App,
    now: DateTime<Utc>,
) -> Result<Vec<FreeDriver>, Failure> {
    let oldest = now - TimeDelta::seconds(app.config.dispatch.driver_fresh_s.into());
    let mut busy = trips::service::list_busy_drivers(connection).await?;
    let asked = queries::list_drivers_with_open_offer(connection).await?;
    busy.extend(asked.into_iter().map(DriverId::from_uuid));
    let online = fleet::service::online_drivers(connection).await?;
    let free = online
        .into_iter()
        .filter(|online| !busy.contains(&online.driver));
    let seen = free.filter_map(|online| {
        let fix = app
            .index
            .find_fix(online.driver)
            .filter(|fix| fix.at >= oldest)?;
        Some(FreeDriver {
            driver: online.driver,
            vehicle: online.vehicle,
            vehicle_class: online.vehicle_class,
            position: fix.position,
        })
    });
    Ok(seen.collect())
}

async fn offer(
    connection: &mut PgConnection,
    config: &DispatchConfig,
    waiting: &[StoredTrip],
    pairs: &[Pair],
    now: DateTime<Utc>,
    feed: &mut Feed,
) -> Result<usize, Failure> {
    let by_id: HashMap<TripId, &StoredTrip> =
        waiting.iter().map(|stored| (stored.id(), stored)).collect();
    let mut offered = 0;
    for pair in pairs {
        let Some(stored) = by_id.get(&pair.trip) else {
            continue;
        };
        let offer = NewOffer {
            id: OfferId::from_uuid(Uuid::now_v7()),
            trip: pair.trip,
            driver: pair.driver,
            vehicle: pair.vehicle,
            pickup_distance_m: i64::try_from(pair.distance_m).unwrap_or(i64::MAX),
            driver_share_minor: stored.fare.driver_share_minor,
            now,
            expires_at: now + TimeDelta::seconds(config.offer_timeout_s.into()),
        };
        if queries::insert_offer(connection, &offer).await? {
            let shown = service::show_offer(stored, &offer);
            feed.push(
                pair.driver,
                StreamEvent::OfferCreated {
                    offer: Box::new(shown),
                },
            );
            offered += 1;
        }
    }
    metrics::counter!("wayfare_offers_total", "outcome" => "made")
        .increment(u64::try_from(offered).unwrap_or_default());
    Ok(offered)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::config::{Config, Sources};

    #[test]
    fn the_radius_grows_with_the_wait_up_to_its_limit() {
        let config = Config::load(&Sources::default()).unwrap().dispatch;
        let radius = |seconds| radius_m(&config, TimeDelta::seconds(seconds));
        assert_eq!(radius(-5), 5000);
        assert_eq!(radius(1), 5000);
        assert_eq!(radius(4), 6000);
        assert_eq!(radius(60), 7000);
    }
}
