//! SQL of the schema `platform`.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use wayfare_core::id::UserId;

pub(super) struct NewKey<'a> {
    pub(super) user: UserId,
    pub(super) key: &'a str,
    pub(super) operation: &'a str,
    pub(super) hash: &'a [u8],
    pub(super) now: DateTime<Utc>,
}

pub(super) struct KeyRow {
    pub(super) request_hash: Vec<u8>,
    pub(super) response: Option<serde_json::Value>,
}

/// Answers false if the key exists. Waits for another transaction that is just inserting it.
pub(super) async fn insert_idempotency_key(
    connection: &mut PgConnection,
    row: NewKey<'_>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "INSERT INTO platform.idempotency_keys (user_id, key, operation, request_hash, created_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (user_id, key) DO NOTHING",
        row.user.uuid(),
        row.key,
        row.operation,
        row.hash,
        row.now,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn get_idempotency_key(
    connection: &mut PgConnection,
    user: UserId,
    key: &str,
) -> sqlx::Result<KeyRow> {
    sqlx::query_as!(
        KeyRow,
        "SELECT request_hash, response FROM platform.idempotency_keys
         WHERE user_id = $1 AND key = $2",
        user.uuid(),
        key,
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn set_idempotency_response(
    connection: &mut PgConnection,
    user: UserId,
    key: &str,
    response: serde_json::Value,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE platform.idempotency_keys SET response = $3 WHERE user_id = $1 AND key = $2",
        user.uuid(),
        key,
        response,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets keys that nobody will send again. Answers how many.
pub(super) async fn delete_idempotency_keys_before(
    connection: &mut PgConnection,
    before: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "DELETE FROM platform.idempotency_keys WHERE created_at < $1",
        before
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
