//! Housekeeping: what will be needed is made ahead, and what no longer is needed is removed, a little
//! at a time.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::dispatch::decisions;
use crate::platform::clock;
use crate::platform::failure::Failure;
use crate::platform::idempotency;
use crate::sync::blobs;
use crate::{identity, realtime, trips};

const EVERY: Duration = Duration::from_secs(600);
/// Nobody repeats a request after this.
const IDEMPOTENCY_KEPT_FOR: TimeDelta = TimeDelta::days(2);
/// Nobody asks where a car was longer ago, and drivers who only ever reported leave the index.
const POSITIONS_KEPT_FOR: TimeDelta = TimeDelta::days(1);

/// Cleans up now and then until it is told to stop. Two processes may do it at once.
pub(crate) async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut clock = tokio::time::interval(EVERY);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = clock.tick() => {}
        }
        if let Err(error) = clean(&app).await {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "housekeeping failed; it is tried again");
        }
    }
}

/// Makes what the days to come need. The first time is when the server starts.
async fn prepare(app: &App) -> Result<(), Failure> {
    let partitions = trips::create_track_partitions(&app.pool, clock::now()).await?;
    if partitions > 0 {
        tracing::info!(partitions, "days of tracks were prepared");
    }
    Ok(())
}

async fn clean(app: &App) -> Result<(), Failure> {
    let now = clock::now();
    // First: a day without its partition fills the default one.
    prepare(app).await?;
    let feeds = realtime::service::trim(&app.pool).await?;
    let keys = idempotency::forget_before(&app.pool, now - IDEMPOTENCY_KEPT_FOR).await?;
    let sign_ins = identity::service::delete_stale(&app.pool, now).await?;
    let unfinished = blobs::forget_unfinished(&app.pool, now).await?;
    let kept_days = app.config.dispatch.decisions_kept_days;
    decisions::tidy(&app.pool, kept_days, now).await?;
    let tracks = trips::give_up_tracks(&app.pool, now).await?;
    let positions = app.index.forget_before(now - POSITIONS_KEPT_FOR);
    tracing::info!(
        feeds,
        keys,
        sign_ins,
        unfinished,
        tracks,
        positions,
        "housekeeping"
    );
    Ok(())
}
