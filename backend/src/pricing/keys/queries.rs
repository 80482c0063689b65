//! SQL of the signing keys.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

pub(super) struct KeyRow {
    pub(super) version: i32,
    pub(super) public_key: Vec<u8>,
}

pub(super) async fn list_keys(connection: &mut PgConnection) -> sqlx::Result<Vec<KeyRow>> {
    sqlx::query_as!(
        KeyRow,
        "SELECT version, public_key FROM pricing.signing_keys ORDER BY version",
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn find_version(
    connection: &mut PgConnection,
    public_key: &[u8],
) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "SELECT version FROM pricing.signing_keys WHERE public_key = $1",
        public_key,
    )
    .fetch_optional(connection)
    .await
}

pub(super) async fn get_version(
    connection: &mut PgConnection,
    public_key: &[u8],
) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "SELECT version FROM pricing.signing_keys WHERE public_key = $1",
        public_key,
    )
    .fetch_one(connection)
    .await
}

/// Lets one transaction at a time give out a version. Reading goes on.
pub(super) async fn lock_keys(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("LOCK TABLE pricing.signing_keys IN SHARE ROW EXCLUSIVE MODE")
        .execute(connection)
        .await?;
    Ok(())
}

/// Adds a key under the next version, unless it is there.
pub(super) async fn ensure_key(
    connection: &mut PgConnection,
    public_key: &[u8],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO pricing.signing_keys (version, public_key, created_at)
         SELECT coalesce(max(version), 0) + 1, $1, $2 FROM pricing.signing_keys
         ON CONFLICT (public_key) DO NOTHING",
        public_key,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
