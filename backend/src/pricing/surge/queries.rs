//! SQL of the surge.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;

/// One process at a time counts; this number names the lock.
const SURGE_LOCK: i64 = 0x53_55_52_47_45;

pub(super) struct SurgeRow {
    pub(super) cell: String,
    pub(super) state: Value,
}

pub(super) struct NewSurgeRows {
    pub(super) cells: Vec<String>,
    pub(super) surges: Vec<i64>,
    pub(super) states: Vec<Value>,
}

/// Takes the right to count until the transaction ends, unless another process has it.
pub(super) async fn try_lock_surge(connection: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT pg_try_advisory_xact_lock($1) AS "taken!""#,
        SURGE_LOCK
    )
    .fetch_one(connection)
    .await
}

/// When the last count was, if it left anything.
pub(super) async fn find_latest_count(
    connection: &mut PgConnection,
) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar!("SELECT max(observed_at) FROM pricing.surge_cells")
        .fetch_one(connection)
        .await
}

/// Cells that were counted since.
pub(super) async fn list_cells(
    connection: &mut PgConnection,
    since: DateTime<Utc>,
) -> sqlx::Result<Vec<SurgeRow>> {
    sqlx::query_as!(
        SurgeRow,
        "SELECT cell, state FROM pricing.surge_cells WHERE observed_at >= $1",
        since,
    )
    .fetch_all(connection)
    .await
}

/// Cells above no surge that were counted since.
pub(super) async fn list_surging(
    connection: &mut PgConnection,
    since: DateTime<Utc>,
) -> sqlx::Result<Vec<SurgeRow>> {
    sqlx::query_as!(
        SurgeRow,
        "SELECT cell, state FROM pricing.surge_cells
         WHERE surge_bps > 10000 AND observed_at >= $1 ORDER BY cell",
        since,
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn find_cell(
    connection: &mut PgConnection,
    cell: &str,
    since: DateTime<Utc>,
) -> sqlx::Result<Option<Value>> {
    sqlx::query_scalar!(
        "SELECT state FROM pricing.surge_cells
         WHERE cell = $1 AND surge_bps > 10000 AND observed_at >= $2",
        cell,
        since,
    )
    .fetch_optional(connection)
    .await
}

/// Puts these cells in the place of all that there were.
pub(super) async fn replace_cells(
    connection: &mut PgConnection,
    rows: NewSurgeRows,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "DELETE FROM pricing.surge_cells WHERE NOT cell = ANY($1)",
        &rows.cells,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "INSERT INTO pricing.surge_cells (cell, surge_bps, state, observed_at)
         SELECT n.cell, n.surge_bps, n.state, $4
         FROM unnest($1::text[], $2::bigint[], $3::jsonb[]) AS n (cell, surge_bps, state)
         ON CONFLICT (cell) DO UPDATE SET surge_bps = excluded.surge_bps,
             state = excluded.state, observed_at = excluded.observed_at",
        &rows.cells,
        &rows.surges,
        &rows.states,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
