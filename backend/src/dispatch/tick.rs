//! The dispatcher: in rounds, trips that look for a driver meet drivers.
//!
//! A round reads what there is, plans without holding any lock, and writes what came of it in one
//! transaction. What changed in between is left alone: a trip that moved on, and a driver who went
//! offline or took something else, get no offer. The next round sees them as they are then.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgTransaction};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use wayfare_core::id::TripId;
use wayfare_core::trip::{Actor, Command};
use wayfare_core::wire::OfferOutcome;
use wayfare_dispatch::{Decision, Plan, PlanTimes, Round};

use super::cars::{self, Fleet, Outlook};
use super::lease::{Epoch, Lease};
use super::requests::{self, Waiting};
use super::{decisions, making, offers, queries, queues, rules};
use crate::app::App;
use crate::platform::clock;
use crate::platform::failure::Failure;
use crate::platform::health::Heartbeat;
use crate::realtime::Feed;
use crate::trips::{self, Change, StoredTrip, change_trip};

/// A round that takes longer is broken off. Nothing of it is written then.
const ROUND_MAX: Duration = Duration::from_secs(30);

/// Dispatches, whenever this process is the leader of its market, until it is told to stop; then the
/// lease is given back. A round that fails is logged, and the next one tries again.
pub async fn run(app: Arc<App>, heartbeat: Heartbeat, stop: CancellationToken) {
    let lease = Lease::new(&app.config.dispatch);
    let keep = lease.keep(&app.pool, &stop);
    let rounds = go_round(&app, &lease, &heartbeat, &stop);
    tokio::join!(keep, rounds);
    if let Err(error) = lease.give_back(&app.pool).await {
        let error: &dyn std::error::Error = &error;
        tracing::warn!(error, "the lease of the market could not be given back");
    }
}

async fn go_round(app: &Arc<App>, lease: &Lease, heartbeat: &Heartbeat, stop: &CancellationToken) {
    let mut held = lease.watch();
    let mut clock = tokio::time::interval(Duration::from_millis(app.config.dispatch.tick_ms));
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = clock.tick() => {}
            // A new leader does not wait for its next round.
            Ok(()) = held.changed() => clock.reset(),
        }
        let leads = *held.borrow_and_update();
        if let Some(epoch) = leads {
            dispatch(app, lease, epoch).await;
        }
        heartbeat.beat();
    }
}

async fn dispatch(app: &Arc<App>, lease: &Lease, epoch: Epoch) {
    let started = Instant::now();
    match tokio::time::timeout(ROUND_MAX, round(app, lease, epoch)).await {
        Ok(Ok(offered)) if offered > 0 => tracing::info!(offered, "offers made"),
        Ok(Ok(_)) => {}
        Ok(Err(error)) => {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "a round of dispatch failed");
        }
        Err(_) => tracing::warn!("a round of dispatch took too long and was broken off"),
    }
    took("all", started.elapsed());
}

/// One round. Answers how many offers were made.
async fn round(app: &Arc<App>, lease: &Lease, epoch: Epoch) -> Result<usize, Failure> {
    let now = clock::now();
    let started = Instant::now();
    let Some((waiting, fleet)) = read(app, lease, epoch, now).await? else {
        return Ok(0);
    };
    took("read", started.elapsed());
    let (waiting, plan) = think(app, waiting, fleet, now).await?;
    let started = Instant::now();
    let offered = write(app, (lease, epoch), &waiting, plan).await?;
    took("write", started.elapsed());
    Ok(offered)
}

/// Begins a transaction that only the leader can finish, or nothing if it is somebody else by now.
async fn begin(
    app: &App,
    lease: &Lease,
    epoch: Epoch,
) -> Result<Option<PgTransaction<'static>>, Failure> {
    let mut transaction = app.pool.begin().await?;
    let leads = lease.lock(&mut transaction, epoch).await?;
    Ok(leads.then_some(transaction))
}

/// Closes what was not answered in time and reads what there is.
async fn read(
    app: &App,
    lease: &Lease,
    epoch: Epoch,
    now: DateTime<Utc>,
) -> Result<Option<(Waiting, Fleet)>, Failure> {
    let Some(mut transaction) = begin(app, lease, epoch).await? else {
        return Ok(None);
    };
    let mut feed = Feed::default();
    time_out(&mut transaction, now, &mut feed).await?;
    queues::refresh(&mut transaction, app, now).await?;
    let waiting = requests::read(&mut transaction, app, now).await?;
    let fleet = cars::read(&mut transaction, app, now).await?;
    feed.write(&mut transaction).await?;
    transaction.commit().await?;
    Ok(Some((waiting, fleet)))
}

async fn time_out(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    feed: &mut Feed,
) -> Result<(), Failure> {
    let timed_out = queries::time_out_offers(connection, now).await?;
    offers::note_timed_out(connection, &timed_out, now).await?;
    offers::tell_closed(timed_out, OfferOutcome::TimedOut, feed);
    Ok(())
}

/// Brings the index up to date and plans, in a thread that may take its time.
async fn think(
    app: &Arc<App>,
    waiting: Waiting,
    fleet: Fleet,
    now: DateTime<Utc>,
) -> Result<(Waiting, Plan), Failure> {
    let app = Arc::clone(app);
    let work = move || {
        let rules = rules::rules(&app.config.dispatch);
        let travel = cars::travel(&app, now);
        let started = Instant::now();
        let outlook = Outlook {
            now,
            rules: &rules,
            travel: travel.as_ref(),
        };
        let free = fleet.enter(&app.index, outlook);
        took("index", started.elapsed());
        metrics::gauge!("wayfare_dispatch_free_drivers").set(small_count(free));
        metrics::gauge!("wayfare_dispatch_waiting_trips").set(small_count(waiting.trips.len()));
        let plan = wayfare_dispatch::plan(&Round {
            at: now,
            rules: &rules,
            requests: &waiting.requests,
            index: &app.index,
            travel: travel.as_ref(),
        });
        let PlanTimes {
            candidates,
            table,
            solve,
        } = plan.times;
        took("candidates", candidates);
        took("table", table);
        took("solve", solve);
        (waiting, plan)
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Failure::broken("planning a round", error))
}

/// Writes what came of a round. Answers how many offers were made.
async fn write(
    app: &App,
    (lease, epoch): (&Lease, Epoch),
    waiting: &Waiting,
    mut plan: Plan,
) -> Result<usize, Failure> {
    if plan.decisions.is_empty() && waiting.hopeless.is_empty() {
        return Ok(0);
    }
    let Some(mut transaction) = begin(app, lease, epoch).await? else {
        return Ok(0);
    };
    let now = clock::now();
    let mut feed = Feed::default();
    let unchanged = lock_unchanged(&mut transaction, waiting, &plan.decisions).await?;
    plan.decisions
        .retain(|decision| unchanged.contains(&decision.trip));
    plan.proposals
        .retain(|proposal| unchanged.contains(&proposal.trip));
    let made = making::make(&mut transaction, app, waiting, &plan.proposals, &mut feed).await?;
    for trip in &waiting.hopeless {
        if unchanged.contains(trip) {
            expire(&mut transaction, app, *trip, &mut feed).await?;
        }
    }
    made.correct(&plan.proposals, &mut plan.decisions);
    decisions::keep(&mut transaction, app, &plan.decisions, now).await?;
    feed.write(&mut transaction).await?;
    transaction.commit().await?;
    Ok(made.count())
}

/// Locks the trips that something was decided about, as far as they are still what they were.
async fn lock_unchanged(
    connection: &mut PgConnection,
    waiting: &Waiting,
    decisions: &[Decision],
) -> Result<HashSet<TripId>, Failure> {
    let decided = decisions.iter().map(|decision| decision.trip);
    let concerned: HashSet<TripId> = decided.chain(waiting.hopeless.iter().copied()).collect();
    let trips: Vec<&StoredTrip> = waiting
        .trips
        .iter()
        .filter(|stored| concerned.contains(&stored.id()))
        .collect();
    trips::service::lock_unchanged(connection, &trips).await
}

async fn expire(
    connection: &mut PgConnection,
    app: &App,
    trip: TripId,
    feed: &mut Feed,
) -> Result<(), Failure> {
    let change = Change::now(trip, Command::Expire, Actor::System);
    change_trip(connection, app, change, feed).await?;
    Ok(())
}

fn took(part: &'static str, time: Duration) {
    metrics::histogram!("wayfare_dispatch_round_seconds", "part" => part)
        .record(time.as_secs_f64());
}

fn small_count(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
