//! SQL of `sync.flags`.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::id::{CommandId, DeviceId, TripId, UserId};

use super::NewFlag;

pub(super) struct FlagRow {
    pub(super) id: i64,
    pub(super) kind: String,
    pub(super) user_id: Uuid,
    pub(super) device_id: Option<Uuid>,
    pub(super) command_id: Option<Uuid>,
    pub(super) trip_id: Option<Uuid>,
    pub(super) detail: String,
    pub(super) created_at: DateTime<Utc>,
    pub(super) resolved_at: Option<DateTime<Utc>>,
}

/// Which part of all flags is wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub(super) older_than: Option<i64>,
    pub(super) open: Option<bool>,
    pub(super) limit: i64,
}

pub(super) async fn insert_flag(
    connection: &mut PgConnection,
    flag: &NewFlag,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO sync.flags
             (kind, user_id, device_id, command_id, trip_id, detail, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        flag.kind.as_str(),
        flag.user.uuid(),
        flag.device.map(DeviceId::uuid),
        flag.command.map(CommandId::uuid),
        flag.trip.map(TripId::uuid),
        flag.detail,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Answers false if an open one of this kind and device is there. Two at the same moment may both be
/// written, which does no harm.
pub(super) async fn insert_flag_once(
    connection: &mut PgConnection,
    flag: &NewFlag,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "INSERT INTO sync.flags
             (kind, user_id, device_id, command_id, trip_id, detail, created_at)
         SELECT $1, $2, $3, $4, $5, $6, $7
         WHERE NOT EXISTS (
             SELECT FROM sync.flags
             WHERE kind = $1 AND user_id = $2 AND device_id IS NOT DISTINCT FROM $3
                 AND resolved_at IS NULL
         )",
        flag.kind.as_str(),
        flag.user.uuid(),
        flag.device.map(DeviceId::uuid),
        flag.command.map(CommandId::uuid),
        flag.trip.map(TripId::uuid),
        flag.detail,
        now,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn list_flags(
    connection: &mut PgConnection,
    wanted: Wanted,
) -> sqlx::Result<Vec<FlagRow>> {
    sqlx::query_as!(
        FlagRow,
        "SELECT id, kind, user_id, device_id, command_id, trip_id, detail, created_at, resolved_at
         FROM sync.flags
         WHERE ($1::bigint IS NULL OR id < $1)
             AND ($2::boolean IS NULL OR (resolved_at IS NULL) = $2)
         ORDER BY id DESC
         LIMIT $3",
        wanted.older_than,
        wanted.open,
        wanted.limit,
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn find_flag(
    connection: &mut PgConnection,
    id: i64,
) -> sqlx::Result<Option<FlagRow>> {
    sqlx::query_as!(
        FlagRow,
        "SELECT id, kind, user_id, device_id, command_id, trip_id, detail, created_at, resolved_at
         FROM sync.flags WHERE id = $1",
        id,
    )
    .fetch_optional(connection)
    .await
}

/// One that an admin is done with stays as it is.
pub(super) async fn resolve_flag(
    connection: &mut PgConnection,
    id: i64,
    admin: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE sync.flags SET resolved_at = $3, resolved_by = $2
         WHERE id = $1 AND resolved_at IS NULL",
        id,
        admin.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
