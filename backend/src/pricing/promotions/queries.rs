//! SQL of the promotions.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use wayfare_core::id::{RiderId, TripId, UserId};

pub(super) struct NewPromotionRow<'a> {
    pub(super) code: &'a str,
    pub(super) rule: Value,
    pub(super) uses_max: Option<i32>,
    pub(super) uses_per_rider_max: i32,
    pub(super) created_by: UserId,
    pub(super) now: DateTime<Utc>,
}

pub(super) struct PromotionRow {
    pub(super) rule: Value,
    pub(super) uses: i32,
    pub(super) created_at: DateTime<Utc>,
}

pub(super) async fn insert_promotion(
    connection: &mut PgConnection,
    row: NewPromotionRow<'_>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO pricing.promotions
             (code, rule, uses_max, uses_per_rider_max, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        row.code,
        row.rule,
        row.uses_max,
        row.uses_per_rider_max,
        row.created_by.uuid(),
        row.now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn find_promotion(
    connection: &mut PgConnection,
    code: &str,
) -> sqlx::Result<Option<PromotionRow>> {
    sqlx::query_as!(
        PromotionRow,
        "SELECT rule, uses, created_at FROM pricing.promotions WHERE code = $1",
        code,
    )
    .fetch_optional(connection)
    .await
}

pub(super) async fn list_promotions(
    connection: &mut PgConnection,
    limit: i64,
) -> sqlx::Result<Vec<PromotionRow>> {
    sqlx::query_as!(
        PromotionRow,
        "SELECT rule, uses, created_at FROM pricing.promotions
         ORDER BY created_at DESC, code LIMIT $1",
        limit,
    )
    .fetch_all(connection)
    .await
}

/// Counts a use of the code, and with it holds the code's row until the transaction ends. The
/// constraint `promotions_used_up` refuses one too many.
pub(super) async fn add_use(connection: &mut PgConnection, code: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE pricing.promotions SET uses = uses + 1 WHERE code = $1",
        code
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Counts a use of the code unless all are used up. Answers whether it was.
pub(super) async fn add_use_if_left(
    connection: &mut PgConnection,
    code: &str,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE pricing.promotions SET uses = uses + 1
         WHERE code = $1 AND (uses_max IS NULL OR uses < uses_max)",
        code
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// One use less, of a code that was just counted and not used.
pub(super) async fn take_use_back(connection: &mut PgConnection, code: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE pricing.promotions SET uses = uses - 1 WHERE code = $1",
        code
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn count_uses_by_rider(
    connection: &mut PgConnection,
    code: &str,
    rider: RiderId,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM pricing.promotion_uses
           WHERE code = $1 AND rider_id = $2"#,
        code,
        rider.uuid(),
    )
    .fetch_one(connection)
    .await
}

/// Notes a rider's use under the lowest free number, if that is not above what a rider may have.
/// Answers whether it was.
pub(super) async fn insert_use(
    connection: &mut PgConnection,
    code: &str,
    rider: RiderId,
    trip: TripId,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "INSERT INTO pricing.promotion_uses (code, rider_id, number, trip_id, used_at)
         SELECT p.code, $2, free.number, $3, $4
         FROM pricing.promotions p,
             LATERAL (SELECT number FROM generate_series(1, least(p.uses_per_rider_max, 1 +
                     (SELECT count(*) FROM pricing.promotion_uses u
                      WHERE u.code = p.code AND u.rider_id = $2)::integer)) AS s (number)
                 WHERE NOT EXISTS (SELECT FROM pricing.promotion_uses u
                     WHERE u.code = p.code AND u.rider_id = $2 AND u.number = s.number)
                 ORDER BY number LIMIT 1) free
         WHERE p.code = $1",
        code,
        rider.uuid(),
        trip.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives back the use of a trip that was called off, if it had one.
pub(super) async fn release_use(connection: &mut PgConnection, trip: TripId) -> sqlx::Result<()> {
    sqlx::query!(
        "WITH released AS (
             DELETE FROM pricing.promotion_uses WHERE trip_id = $1 RETURNING code
         )
         UPDATE pricing.promotions SET uses = uses - 1
         WHERE code IN (SELECT code FROM released)",
        trip.uuid(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
