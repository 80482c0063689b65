//! SQL of `sync.devices`.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::id::{DeviceId, UserId};

pub(super) struct DeviceRow {
    pub(super) id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) public_key: Vec<u8>,
    pub(super) last_seq: i64,
    pub(super) head: Vec<u8>,
    pub(super) registered_at: DateTime<Utc>,
}

pub(super) struct NewDeviceRow<'a> {
    pub(super) device: DeviceId,
    pub(super) user: UserId,
    pub(super) name: &'a str,
    pub(super) public_key: &'a [u8],
    pub(super) head: &'a [u8],
    pub(super) now: DateTime<Utc>,
}

/// Lets the devices of one person come one after the other, so that they can be counted.
pub(super) async fn lock_devices(connection: &mut PgConnection, user: UserId) -> sqlx::Result<()> {
    sqlx::query!(
        r#"SELECT pg_advisory_xact_lock(hashtextextended('devices ' || $1::text, 0))
             AS "locked: String""#,
        user.to_string(),
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

pub(super) async fn count_devices(
    connection: &mut PgConnection,
    user: UserId,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM sync.devices WHERE user_id = $1"#,
        user.uuid(),
    )
    .fetch_one(connection)
    .await
}

/// One that is there already stays as it is.
pub(super) async fn insert_device(
    connection: &mut PgConnection,
    row: NewDeviceRow<'_>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO sync.devices
             (id, user_id, name, public_key, head, registered_at, last_seen_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6)
         ON CONFLICT (id) DO NOTHING",
        row.device.uuid(),
        row.user.uuid(),
        row.name,
        row.public_key,
        row.head,
        row.now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn find_device(
    connection: &mut PgConnection,
    device: DeviceId,
) -> sqlx::Result<Option<DeviceRow>> {
    sqlx::query_as!(
        DeviceRow,
        "SELECT id, user_id, public_key, last_seq, head, registered_at
         FROM sync.devices WHERE id = $1",
        device.uuid(),
    )
    .fetch_optional(connection)
    .await
}

pub(super) async fn find_device_for_update(
    connection: &mut PgConnection,
    device: DeviceId,
    user: UserId,
) -> sqlx::Result<Option<DeviceRow>> {
    sqlx::query_as!(
        DeviceRow,
        "SELECT id, user_id, public_key, last_seq, head, registered_at
         FROM sync.devices WHERE id = $1 AND user_id = $2
         FOR NO KEY UPDATE",
        device.uuid(),
        user.uuid(),
    )
    .fetch_optional(connection)
    .await
}

pub(super) async fn rename_device(
    connection: &mut PgConnection,
    device: DeviceId,
    name: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE sync.devices SET name = $2, last_seen_at = $3 WHERE id = $1",
        device.uuid(),
        name,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn advance_device(
    connection: &mut PgConnection,
    device: DeviceId,
    last_seq: i64,
    head: &[u8],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE sync.devices SET last_seq = $2, head = $3, last_seen_at = $4 WHERE id = $1",
        device.uuid(),
        last_seq,
        head,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
