//! SQL of `trips.fare_claims`.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::id::TripId;

use super::NewClaim;

/// A claim whose track never came.
pub(super) struct MissingRow {
    pub(super) trip_id: Uuid,
    pub(super) driver_id: Uuid,
}

pub(super) async fn insert_claim(
    connection: &mut PgConnection,
    claim: NewClaim<'_>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO trips.fare_claims (trip_id, claim, status, detail, claimed_at, checked_at)
         VALUES ($1, $2, $3, $4, $5, CASE WHEN $3 <> 'accepted' THEN $5::timestamptz END)",
        claim.trip.uuid(),
        claim.claim,
        claim.status,
        claim.detail,
        claim.now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A claim that was charged and whose track was not here yet, locked.
pub(super) async fn find_unproven_for_update(
    connection: &mut PgConnection,
    trip: TripId,
) -> sqlx::Result<Option<Value>> {
    sqlx::query_scalar!(
        "SELECT claim FROM trips.fare_claims
         WHERE trip_id = $1 AND status IN ('accepted', 'missing')
         FOR UPDATE",
        trip.uuid(),
    )
    .fetch_optional(connection)
    .await
}

pub(super) async fn set_checked(
    connection: &mut PgConnection,
    trip: TripId,
    (status, detail): (&str, Option<&str>),
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE trips.fare_claims SET status = $2, detail = $3, checked_at = $4
         WHERE trip_id = $1",
        trip.uuid(),
        status,
        detail,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Gives up waiting for the tracks of some claims of before this moment. Another process that does the
/// same takes others.
pub(super) async fn give_up_tracks(
    connection: &mut PgConnection,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
    limit: i64,
) -> sqlx::Result<Vec<MissingRow>> {
    sqlx::query_as!(
        MissingRow,
        r#"WITH late AS (
               SELECT trip_id FROM trips.fare_claims
               WHERE status = 'accepted' AND claimed_at < $1
               ORDER BY claimed_at LIMIT $3
               FOR UPDATE SKIP LOCKED
           ), given_up AS (
               UPDATE trips.fare_claims SET status = 'missing', checked_at = $2
               WHERE trip_id IN (SELECT trip_id FROM late)
               RETURNING trip_id
           )
           SELECT t.id AS "trip_id!", t.driver_id AS "driver_id!"
           FROM given_up g JOIN trips.trips t ON t.id = g.trip_id
           ORDER BY t.id"#,
        before,
        now,
        limit,
    )
    .fetch_all(connection)
    .await
}
