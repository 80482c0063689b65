//! SQL of `sync.commands`.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::id::{DeviceId, UserId};

pub(super) struct KeptRow {
    pub(super) id: Uuid,
    pub(super) device_id: Uuid,
    pub(super) answer: Value,
}

/// Commands to keep: the columns of the table, each with an entry per command.
#[derive(Debug, Default)]
pub(super) struct NewRows {
    pub(super) ids: Vec<Uuid>,
    pub(super) seqs: Vec<i64>,
    pub(super) kinds: Vec<String>,
    pub(super) trips: Vec<Option<Uuid>>,
    pub(super) bodies: Vec<String>,
    pub(super) hashes: Vec<Vec<u8>>,
    pub(super) occurred_at: Vec<DateTime<Utc>>,
    pub(super) outcomes: Vec<String>,
    pub(super) answers: Vec<Value>,
}

/// Those of the commands that came before, from whatever device.
pub(super) async fn list_kept(
    connection: &mut PgConnection,
    commands: &[Uuid],
) -> sqlx::Result<Vec<KeptRow>> {
    sqlx::query_as!(
        KeptRow,
        "SELECT id, device_id, answer FROM sync.commands WHERE id = ANY($1)",
        commands,
    )
    .fetch_all(connection)
    .await
}

/// Keeps commands of one device with their answers.
pub(super) async fn insert_commands(
    connection: &mut PgConnection,
    (user, device): (UserId, DeviceId),
    rows: &NewRows,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO sync.commands
             (id, device_id, user_id, seq, kind, trip_id, body, hash, occurred_at, received_at,
              outcome, answer)
         SELECT n.id, $1, $2, n.seq, n.kind, n.trip_id, n.body, n.hash, n.occurred_at, $3,
             n.outcome, n.answer
         FROM unnest($4::uuid[], $5::bigint[], $6::text[], $7::uuid[], $8::text[], $9::bytea[],
             $10::timestamptz[], $11::text[], $12::jsonb[])
             AS n (id, seq, kind, trip_id, body, hash, occurred_at, outcome, answer)",
        device.uuid(),
        user.uuid(),
        now,
        &rows.ids,
        &rows.seqs,
        &rows.kinds,
        &rows.trips as &[Option<Uuid>],
        &rows.bodies,
        &rows.hashes,
        &rows.occurred_at,
        &rows.outcomes,
        &rows.answers,
    )
    .execute(connection)
    .await?;
    Ok(())
}
