//! SQL of the schema `realtime`.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use wayfare_core::id::UserId;

pub(super) const CHANNEL: &str = "wayfare_feed";

/// A feed with one of its messages.
pub(super) struct ReadRow {
    pub(super) last_cursor: i64,
    pub(super) trimmed_to: i64,
    pub(super) cursor: Option<i64>,
    pub(super) payload: Option<serde_json::Value>,
}

pub(super) struct FeedRow {
    pub(super) last_cursor: i64,
    pub(super) trimmed_to: i64,
}

/// Takes the person's next cursor and locks the feed until the transaction ends.
pub(super) async fn next_cursor(connection: &mut PgConnection, user: UserId) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "INSERT INTO realtime.feeds (user_id, last_cursor) VALUES ($1, 1)
         ON CONFLICT (user_id) DO UPDATE SET last_cursor = feeds.last_cursor + 1
         RETURNING last_cursor",
        user.uuid(),
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn insert_message(
    connection: &mut PgConnection,
    user: UserId,
    cursor: i64,
    payload: serde_json::Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO realtime.messages (user_id, cursor, payload, created_at)
         VALUES ($1, $2, $3, $4)",
        user.uuid(),
        cursor,
        payload,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Tells every process that the person's feed grew. PostgreSQL delivers it at commit.
pub(super) async fn notify(connection: &mut PgConnection, user: UserId) -> sqlx::Result<()> {
    sqlx::query!("SELECT pg_notify($1, $2)", CHANNEL, user.uuid().to_string())
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn find_feed(
    connection: &mut PgConnection,
    user: UserId,
) -> sqlx::Result<Option<FeedRow>> {
    sqlx::query_as!(
        FeedRow,
        "SELECT last_cursor, trimmed_to FROM realtime.feeds WHERE user_id = $1",
        user.uuid(),
    )
    .fetch_optional(connection)
    .await
}

/// A feed and its next messages, as they are at one moment: one statement sees one moment. Without
/// messages there is one row that has none.
pub(super) async fn read_feed_after(
    pool: &PgPool,
    user: UserId,
    cursor: i64,
    limit: i64,
) -> sqlx::Result<Vec<ReadRow>> {
    sqlx::query_as!(
        ReadRow,
        r#"SELECT f.last_cursor, f.trimmed_to, m.cursor AS "cursor?", m.payload AS "payload?"
           FROM realtime.feeds f
           LEFT JOIN LATERAL (
               SELECT cursor, payload FROM realtime.messages
               WHERE user_id = f.user_id AND cursor > $2
               ORDER BY cursor
               LIMIT $3
           ) m ON true
           WHERE f.user_id = $1
           ORDER BY m.cursor"#,
        user.uuid(),
        cursor,
        limit,
    )
    .fetch_all(pool)
    .await
}

/// Removes old messages and notes in each feed how far. A feed that is being written to is left
/// for the next time.
pub(super) async fn trim_before(
    connection: &mut PgConnection,
    before: DateTime<Utc>,
    limit: i64,
) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "WITH due AS (
             SELECT f.user_id, (
                 SELECT max(m.cursor) FROM realtime.messages m
                 WHERE m.user_id = f.user_id AND m.created_at < $1
             ) AS upto
             FROM realtime.feeds f
             WHERE EXISTS (
                 SELECT FROM realtime.messages m
                 WHERE m.user_id = f.user_id AND m.created_at < $1
             )
             LIMIT $2
             FOR UPDATE OF f SKIP LOCKED
         ), gone AS (
             DELETE FROM realtime.messages m USING due
             WHERE m.user_id = due.user_id AND m.cursor <= due.upto
         )
         UPDATE realtime.feeds f SET trimmed_to = due.upto FROM due
         WHERE f.user_id = due.user_id
         RETURNING f.user_id",
        before,
        limit,
    )
    .fetch_all(connection)
    .await
}
