//! SQL of the points of trips, and of whose they are.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::id::TripId;

use super::{StoredPoint, TripPoint};

/// A trip that a driver was given and that is not over.
pub(super) struct DrivenRow {
    pub(super) id: Uuid,
    pub(super) rider_id: Uuid,
    pub(super) driver_id: Uuid,
    /// The driver finishes another trip first.
    pub(super) forward: bool,
    pub(super) state: serde_json::Value,
}

/// Which points of a track are wanted.
pub(super) struct TrackSpan {
    pub(super) from: DateTime<Utc>,
    pub(super) to: DateTime<Utc>,
    pub(super) limit: i64,
}

/// When a trip's car was last heard of.
pub(super) struct LastPoint {
    pub(super) trip_id: Uuid,
    pub(super) recorded_at: DateTime<Utc>,
}

/// A point of a trip that was not there before.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct NewPoint {
    pub(super) trip_id: Uuid,
    pub(super) recorded_at: DateTime<Utc>,
}

/// The trips of these drivers that are not over. They do not end before the caller's transaction does.
pub(super) async fn lock_trips_of_drivers(
    connection: &mut PgConnection,
    drivers: &[Uuid],
) -> sqlx::Result<Vec<DrivenRow>> {
    sqlx::query_as!(
        DrivenRow,
        r#"SELECT id, rider_id, driver_id AS "driver_id!", forward, state FROM trips.trips
           WHERE driver_id = ANY($1) AND status IN ('assigned', 'arrived', 'in_progress')
           ORDER BY id
           FOR SHARE"#,
        drivers,
    )
    .fetch_all(connection)
    .await
}

/// The state of a trip. It does not change before the caller's transaction ends.
pub(super) async fn lock_state(
    connection: &mut PgConnection,
    trip: TripId,
) -> sqlx::Result<Option<serde_json::Value>> {
    sqlx::query_scalar!(
        "SELECT state FROM trips.trips WHERE id = $1 FOR NO KEY UPDATE",
        trip.uuid(),
    )
    .fetch_optional(connection)
    .await
}

/// All trips that a driver was given and that are not over.
pub(super) async fn list_driven(connection: &mut PgConnection) -> sqlx::Result<Vec<DrivenRow>> {
    sqlx::query_as!(
        DrivenRow,
        r#"SELECT id, rider_id, driver_id AS "driver_id!", forward, state FROM trips.trips
           WHERE status IN ('assigned', 'arrived', 'in_progress')"#,
    )
    .fetch_all(connection)
    .await
}

/// The newest point of each of these trips, of those since `since`.
pub(super) async fn list_last_points(
    connection: &mut PgConnection,
    trips: &[Uuid],
    since: DateTime<Utc>,
) -> sqlx::Result<Vec<LastPoint>> {
    sqlx::query_as!(
        LastPoint,
        r#"SELECT wanted.id AS "trip_id!", newest.recorded_at AS "recorded_at!"
           FROM unnest($1::uuid[]) AS wanted (id)
           CROSS JOIN LATERAL (
               SELECT recorded_at FROM trips.tracks
               WHERE trip_id = wanted.id AND recorded_at >= $2
               ORDER BY recorded_at DESC LIMIT 1
           ) newest"#,
        trips,
        since,
    )
    .fetch_all(connection)
    .await
}

/// Puts points into a table of the connection's own, by COPY, whose content ends with the transaction.
pub(super) async fn stage_points(
    connection: &mut PgConnection,
    points: &[TripPoint],
) -> sqlx::Result<()> {
    // It is there after the first time; that this is so is not worth a line in the log.
    sqlx::raw_sql(
        "SET LOCAL client_min_messages = warning;
         CREATE TEMPORARY TABLE IF NOT EXISTS staged_points (
             trip_id uuid NOT NULL,
             recorded_at timestamptz NOT NULL,
             lat_e7 integer NOT NULL,
             lng_e7 integer NOT NULL,
             accuracy_m double precision NOT NULL,
             speed_mps double precision,
             heading_deg real
         ) ON COMMIT DELETE ROWS",
    )
    .execute(&mut *connection)
    .await?;
    let mut copy = connection
        .copy_in_raw("COPY staged_points FROM STDIN")
        .await?;
    match copy.send(as_text(points).into_bytes()).await {
        Ok(_) => copy.finish().await.map(drop),
        Err(error) => {
            copy.abort("the points could not be sent").await?;
            Err(error)
        }
    }
}

/// One line per point, as COPY reads it. Numbers and times only: nothing needs escaping.
fn as_text(points: &[TripPoint]) -> String {
    const LINE_BYTES: usize = 128;
    let mut text = String::with_capacity(points.len().saturating_mul(LINE_BYTES));
    for TripPoint { trip, point } in points {
        let at = point.recorded_at.format("%Y-%m-%dT%H:%M:%S%.6fZ");
        let (lat, lng, accuracy) = (point.lat_e7, point.lng_e7, point.accuracy_m);
        let speed = or_null(point.speed_mps);
        let heading = or_null(point.heading_deg);
        let trip = trip.uuid();
        text += &format!("{trip}\t{at}\t{lat}\t{lng}\t{accuracy}\t{speed}\t{heading}\n");
    }
    text
}

fn or_null(number: Option<impl ToString>) -> String {
    number.map_or_else(|| "\\N".to_owned(), |number| number.to_string())
}

/// Keeps the staged points whose moments are new. Of several of one moment the first in the core's
/// order is kept.
pub(super) async fn insert_staged(connection: &mut PgConnection) -> sqlx::Result<Vec<NewPoint>> {
    sqlx::query_as(
        "INSERT INTO trips.tracks
             (trip_id, recorded_at, lat_e7, lng_e7, accuracy_m, speed_mps, heading_deg)
         SELECT DISTINCT ON (trip_id, recorded_at)
             trip_id, recorded_at, lat_e7, lng_e7, accuracy_m, speed_mps, heading_deg
         FROM staged_points
         ORDER BY trip_id, recorded_at, round(accuracy_m::numeric, 3), lat_e7, lng_e7,
             coalesce(speed_mps, -1)
         ON CONFLICT (trip_id, recorded_at) DO NOTHING
         RETURNING trip_id, recorded_at",
    )
    .fetch_all(connection)
    .await
}

/// Replaces points by staged ones of the same moment that come first in the core's order: so the same
/// one is kept in whatever order they come.
pub(super) async fn replace_by_staged(
    connection: &mut PgConnection,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE trips.tracks AS kept
         SET lat_e7 = sent.lat_e7, lng_e7 = sent.lng_e7, accuracy_m = sent.accuracy_m,
             speed_mps = sent.speed_mps, heading_deg = sent.heading_deg
         FROM (
             SELECT DISTINCT ON (trip_id, recorded_at)
                 trip_id, recorded_at, lat_e7, lng_e7, accuracy_m, speed_mps, heading_deg
             FROM staged_points
             ORDER BY trip_id, recorded_at, round(accuracy_m::numeric, 3), lat_e7, lng_e7,
                 coalesce(speed_mps, -1)
         ) sent
         WHERE kept.trip_id = sent.trip_id AND kept.recorded_at = sent.recorded_at
             AND kept.recorded_at BETWEEN $1 AND $2
             AND (round(sent.accuracy_m::numeric, 3), sent.lat_e7, sent.lng_e7,
                     coalesce(sent.speed_mps, -1))
                 < (round(kept.accuracy_m::numeric, 3), kept.lat_e7, kept.lng_e7,
                     coalesce(kept.speed_mps, -1))",
    )
    .bind(from)
    .bind(to)
    .execute(connection)
    .await?;
    Ok(())
}

/// The first points of this span, in the order of their times.
pub(super) async fn list_track_points(
    connection: &mut PgConnection,
    trip: TripId,
    span: TrackSpan,
) -> sqlx::Result<Vec<StoredPoint>> {
    sqlx::query_as!(
        StoredPoint,
        r#"SELECT recorded_at, lat_e7, lng_e7, accuracy_m, speed_mps, heading_deg
           FROM trips.tracks
           WHERE trip_id = $1 AND recorded_at BETWEEN $2 AND $3
           ORDER BY recorded_at
           LIMIT $4"#,
        trip.uuid(),
        span.from,
        span.to,
        span.limit,
    )
    .fetch_all(connection)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_a_line_and_what_is_unknown_is_null() {
        let point = StoredPoint {
            recorded_at: "2026-11-20T09:30:00.1234567Z".parse().unwrap(),
            lat_e7: -411_500_000,
            lng_e7: 0,
            accuracy_m: 4.25e-7,
            speed_mps: None,
            heading_deg: Some(359.5),
        };
        let trip = TripId::from_uuid(Uuid::from_u128(1));
        assert_eq!(
            as_text(&[TripPoint { trip, point }]),
            "00000000-0000-0000-0000-000000000001\t2026-11-20T09:30:00.123456Z\t-411500000\t0\t\
             0.000000425\t\\N\t359.5\n"
        );
    }
}
