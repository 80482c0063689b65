//! SQL of `dispatch.blocks`.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::id::{BlockId, DriverId, RiderId, UserId};
use wayfare_core::wire::WishedBy;

pub(super) struct NewBlock<'a> {
    pub(super) id: BlockId,
    pub(super) rider: RiderId,
    pub(super) driver: DriverId,
    pub(super) wished_by: WishedBy,
    pub(super) called: Option<&'a str>,
    pub(super) now: DateTime<Utc>,
}

pub(super) struct BlockRow {
    pub(super) id: Uuid,
    pub(super) rider_id: Uuid,
    pub(super) driver_id: Uuid,
    pub(super) wished_by: String,
    pub(super) called: Option<String>,
    pub(super) created_at: DateTime<Utc>,
}

/// Which part of all blocks is wanted.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wanted {
    pub(super) rider: Option<RiderId>,
    pub(super) driver: Option<DriverId>,
    pub(super) older_than: Option<BlockId>,
    pub(super) limit: i64,
}

pub(super) struct PairRow {
    pub(super) rider_id: Uuid,
    pub(super) driver_id: Uuid,
}

/// Lets the wishes of one person come one after the other, so that they can be counted.
pub(super) async fn lock_wishes(connection: &mut PgConnection, user: UserId) -> sqlx::Result<()> {
    sqlx::query!(
        r#"SELECT pg_advisory_xact_lock(hashtextextended('blocks ' || $1::text, 0))
             AS "locked: String""#,
        user.to_string(),
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

/// How many blocks a person wished, on either side.
pub(super) async fn count_wished(connection: &mut PgConnection, user: UserId) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM dispatch.blocks
           WHERE (rider_id = $1 AND wished_by = 'rider')
               OR (driver_id = $1 AND wished_by = 'driver')"#,
        user.uuid(),
    )
    .fetch_one(connection)
    .await
}

/// The same wish of the same side, if there is one.
pub(super) async fn find_block(
    connection: &mut PgConnection,
    rider: RiderId,
    driver: DriverId,
    wished_by: WishedBy,
) -> sqlx::Result<Option<BlockRow>> {
    sqlx::query_as!(
        BlockRow,
        "SELECT id, rider_id, driver_id, wished_by, called, created_at FROM dispatch.blocks
         WHERE rider_id = $1 AND driver_id = $2 AND wished_by = $3",
        rider.uuid(),
        driver.uuid(),
        wished_by.as_str(),
    )
    .fetch_optional(connection)
    .await
}

/// A wish that is there already stays as it is.
pub(super) async fn insert_block(
    connection: &mut PgConnection,
    block: &NewBlock<'_>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO dispatch.blocks (id, rider_id, driver_id, wished_by, called, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (rider_id, driver_id, wished_by) DO NOTHING",
        block.id.uuid(),
        block.rider.uuid(),
        block.driver.uuid(),
        block.wished_by.as_str(),
        block.called,
        block.now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What a person wished, on either side, newest first.
pub(super) async fn list_wished(
    connection: &mut PgConnection,
    user: UserId,
    older_than: Option<BlockId>,
    limit: i64,
) -> sqlx::Result<Vec<BlockRow>> {
    sqlx::query_as!(
        BlockRow,
        "SELECT id, rider_id, driver_id, wished_by, called, created_at FROM dispatch.blocks
         WHERE ((rider_id = $1 AND wished_by = 'rider')
                 OR (driver_id = $1 AND wished_by = 'driver'))
             AND ($2::uuid IS NULL OR id < $2)
         ORDER BY id DESC
         LIMIT $3",
        user.uuid(),
        older_than.map(BlockId::uuid),
        limit,
    )
    .fetch_all(connection)
    .await
}

/// All blocks that are wanted, newest first.
pub(super) async fn list_blocks(
    connection: &mut PgConnection,
    wanted: Wanted,
) -> sqlx::Result<Vec<BlockRow>> {
    sqlx::query_as!(
        BlockRow,
        "SELECT id, rider_id, driver_id, wished_by, called, created_at FROM dispatch.blocks
         WHERE ($1::uuid IS NULL OR rider_id = $1)
             AND ($2::uuid IS NULL OR driver_id = $2)
             AND ($3::uuid IS NULL OR id < $3)
         ORDER BY id DESC
         LIMIT $4",
        wanted.rider.map(RiderId::uuid),
        wanted.driver.map(DriverId::uuid),
        wanted.older_than.map(BlockId::uuid),
        wanted.limit,
    )
    .fetch_all(connection)
    .await
}

/// Takes a person's own wish back. Answers false if there is none with this id.
pub(super) async fn delete_wished(
    connection: &mut PgConnection,
    user: UserId,
    id: BlockId,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "DELETE FROM dispatch.blocks
         WHERE id = $2 AND ((rider_id = $1 AND wished_by = 'rider')
             OR (driver_id = $1 AND wished_by = 'driver'))",
        user.uuid(),
        id.uuid(),
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Answers false if there is no block with this id.
pub(super) async fn delete_block(connection: &mut PgConnection, id: BlockId) -> sqlx::Result<bool> {
    let done = sqlx::query!("DELETE FROM dispatch.blocks WHERE id = $1", id.uuid())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// The pairs of these riders, each once.
pub(super) async fn list_pairs(
    connection: &mut PgConnection,
    riders: &[Uuid],
) -> sqlx::Result<Vec<PairRow>> {
    sqlx::query_as!(
        PairRow,
        "SELECT DISTINCT rider_id, driver_id FROM dispatch.blocks WHERE rider_id = ANY($1)",
        riders,
    )
    .fetch_all(connection)
    .await
}
