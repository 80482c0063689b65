//! SQL of the pieces of tracks.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use wayfare_core::id::{DriverId, TripId};
use wayfare_core::sync::ChainHash;

pub(super) struct NewSegment<'a> {
    pub(super) driver: DriverId,
    pub(super) name: ChainHash,
    pub(super) trip: Option<TripId>,
    pub(super) content: &'a [u8],
    pub(super) points: i32,
    pub(super) first_at: DateTime<Utc>,
    pub(super) last_at: DateTime<Utc>,
    pub(super) now: DateTime<Utc>,
}

/// A piece that is kept.
pub(super) struct SegmentRow {
    pub(super) sha256: Vec<u8>,
    pub(super) content: Vec<u8>,
}

/// Keeps a piece, unless the driver has it here already. Answers whether it is new. Of two requests
/// with the same piece the second waits for the first.
pub(super) async fn insert_segment(
    connection: &mut PgConnection,
    new: NewSegment<'_>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "INSERT INTO sync.segments
             (user_id, sha256, trip_id, content, points, first_at, last_at, received_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (user_id, sha256) DO NOTHING",
        new.driver.uuid(),
        &new.name.bytes()[..],
        new.trip.map(TripId::uuid),
        new.content,
        new.points,
        new.first_at,
        new.last_at,
        new.now,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// How many pieces a driver sent since; counting ends at `limit`.
pub(super) async fn count_segments_since(
    connection: &mut PgConnection,
    driver: DriverId,
    since: DateTime<Utc>,
    limit: i64,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM (
               SELECT FROM sync.segments WHERE user_id = $1 AND received_at > $2 LIMIT $3
           ) sent"#,
        driver.uuid(),
        since,
        limit,
    )
    .fetch_one(connection)
    .await
}

/// The next pieces that a driver sent of a trip, by their names.
pub(super) async fn list_segments_of(
    connection: &mut PgConnection,
    trip: TripId,
    driver: DriverId,
    after: &[u8],
    limit: i64,
) -> sqlx::Result<Vec<SegmentRow>> {
    sqlx::query_as!(
        SegmentRow,
        "SELECT sha256, content FROM sync.segments
         WHERE trip_id = $1 AND user_id = $2 AND sha256 > $3
         ORDER BY sha256 LIMIT $4",
        trip.uuid(),
        driver.uuid(),
        after,
        limit,
    )
    .fetch_all(connection)
    .await
}
