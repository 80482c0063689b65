//! Surge in this city: now and then, requests and free drivers are counted cell by cell, the core
//! says what follows, and quotes take it from the table.
//!
//! A count that is too old counts for nothing, so a job that stopped never leaves a price high.

mod queries;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use wayfare_core::geo::LatLng;
use wayfare_core::pricing::surge::{Cell, CellSurge, Observation, SurgeRules, update_surge};
use wayfare_core::wire::{CellSurgeView, SurgeArea, SurgeMap};

use self::queries::{NewSurgeRows, SurgeRow};
use super::json::{from_json, to_json};
use crate::app::App;
use crate::platform::clock;
use crate::platform::config::SurgeConfig;
use crate::platform::failure::Failure;
use crate::{dispatch, trips};

/// A count older than this counts for nothing.
const FRESH_FOR: TimeDelta = TimeDelta::minutes(10);

/// The rules as this city set them.
fn rules(config: &SurgeConfig) -> SurgeRules {
    SurgeRules {
        cap_bps: config.cap_bps.into(),
        demand_min: config.demand_min,
        free_ratio_milli: config.free_ratio_milli.into(),
        slope_bps: config.slope_bps.into(),
        smoothing_bps: config.smoothing_bps.into(),
        neighbour_weight_bps: config.neighbour_weight_bps.into(),
        step_bps: config.step_bps.into(),
        hysteresis_bps: config.hysteresis_bps.into(),
    }
}

/// Counts until it is told to stop. A round that fails is logged, and the next one tries again.
///
/// The first round comes after a while: a server that just started does not know yet where the
/// drivers are, and would take that for a city without cars.
pub(crate) async fn run(app: Arc<App>, stop: CancellationToken) {
    if !app.config.surge.enabled {
        return;
    }
    let every = Duration::from_secs(app.config.surge.every_s.into());
    let mut clock = tokio::time::interval_at(Instant::now() + every, every);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = clock.tick() => {}
        }
        if let Err(error) = observe(&app).await {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "surge could not be counted; it is tried again");
        }
    }
}

/// One round: counts requests and free drivers and writes what follows, unless another process does
/// it at this moment or did it less than half a round ago.
pub async fn observe(app: &App) -> Result<(), Failure> {
    let now = clock::now();
    let mut transaction = app.pool.begin().await?;
    if !queries::try_lock_surge(&mut transaction).await? {
        return Ok(());
    }
    let half_a_round = TimeDelta::seconds(app.config.surge.every_s.into()) / 2;
    let latest = queries::find_latest_count(&mut transaction).await?;
    if latest.is_some_and(|latest| (now - latest).abs() < half_a_round) {
        return Ok(());
    }
    let since = now - TimeDelta::seconds(app.config.surge.window_s.into());
    let pickups = trips::service::list_pickups_since(&mut transaction, since).await?;
    let free = dispatch::service::list_free_positions(&mut transaction, app, now).await?;
    let observed = count(&pickups, &free);
    let fresh = queries::list_cells(&mut transaction, now - FRESH_FOR).await?;
    let previous = read_all(fresh)?;
    let rules = rules(&app.config.surge);
    let next = update_surge(&previous, &observed, &rules, now)
        .map_err(|error| Failure::broken("computing surge", error))?;
    let surging = next.values().filter(|cell| cell.surge_bps > 10_000).count();
    write_all(&mut transaction, &next, now).await?;
    transaction.commit().await?;
    metrics::gauge!("wayfare_surge_cells")
        .set(f64::from(u32::try_from(surging).unwrap_or(u32::MAX)));
    Ok(())
}

fn count(pickups: &[LatLng], free: &[LatLng]) -> BTreeMap<Cell, Observation> {
    let mut observed: BTreeMap<Cell, Observation> = BTreeMap::new();
    for pickup in pickups {
        let cell = observed.entry(Cell::of(*pickup)).or_default();
        cell.demand = cell.demand.saturating_add(1);
    }
    for driver in free {
        let cell = observed.entry(Cell::of(*driver)).or_default();
        cell.supply = cell.supply.saturating_add(1);
    }
    observed
}

/// Surge in this cell with the numbers behind it, or nothing if there is none.
pub(super) async fn find(
    connection: &mut PgConnection,
    cell: Cell,
) -> Result<Option<CellSurgeView>, Failure> {
    let since = clock::now() - FRESH_FOR;
    let found = queries::find_cell(connection, &cell.to_string(), since).await?;
    let Some(state) = found else { return Ok(None) };
    let surge: CellSurge = from_json(state)?;
    Ok(Some(CellSurgeView {
        cell,
        explanation: surge.explain(),
        surge,
    }))
}

/// All cells above no surge.
pub async fn map(connection: &mut PgConnection) -> Result<SurgeMap, Failure> {
    let since = clock::now() - FRESH_FOR;
    let surging = read_all(queries::list_surging(connection, since).await?)?;
    let area = |(cell, surge): (Cell, CellSurge)| SurgeArea {
        cell,
        surge,
        outline: cell.boundary().into_iter().map(Into::into).collect(),
    };
    Ok(SurgeMap {
        areas: surging.into_iter().map(area).collect(),
    })
}

fn read_all(rows: Vec<SurgeRow>) -> Result<BTreeMap<Cell, CellSurge>, Failure> {
    let read = |row: SurgeRow| {
        let cell = row
            .cell
            .parse()
            .map_err(|error| Failure::broken("reading a cell", error))?;
        Ok((cell, from_json(row.state)?))
    };
    rows.into_iter().map(read).collect()
}

async fn write_all(
    connection: &mut PgConnection,
    cells: &BTreeMap<Cell, CellSurge>,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let rows = NewSurgeRows {
        cells: cells.keys().map(ToString::to_string).collect(),
        surges: cells.values().map(|cell| cell.surge_bps).collect(),
        states: cells.values().map(to_json).collect::<Result<_, _>>()?,
    };
    Ok(queries::replace_cells(connection, rows, now).await?)
}
