//! SQL of `dispatch.queue_places`.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::id::DriverId;

use super::plan::Changes;

pub(super) struct PlaceRow {
    pub(super) driver_id: Uuid,
    pub(super) zone: String,
    pub(super) since: DateTime<Utc>,
    pub(super) away_since: Option<DateTime<Utc>>,
}

/// A driver's own place.
pub(super) struct OwnPlaceRow {
    pub(super) zone: String,
    pub(super) since: DateTime<Utc>,
    pub(super) away_since: Option<DateTime<Utc>>,
    pub(super) before: i64,
    pub(super) waiting: i64,
}

/// One of the first places of a zone.
pub(super) struct FirstPlaceRow {
    pub(super) driver_id: Uuid,
    pub(super) zone: String,
    pub(super) since: DateTime<Utc>,
    pub(super) away_since: Option<DateTime<Utc>>,
    pub(super) waiting: i64,
}

pub(super) async fn list_places(connection: &mut PgConnection) -> sqlx::Result<Vec<PlaceRow>> {
    sqlx::query_as!(
        PlaceRow,
        "SELECT driver_id, zone, since, away_since FROM dispatch.queue_places",
    )
    .fetch_all(connection)
    .await
}

/// Writes all changes of a round at once; a driver is in one of the lists at most. Who answered an
/// offer since the places were read keeps what the answer led to: nobody's turn is written here.
pub(super) async fn write_changes(
    connection: &mut PgConnection,
    changes: &Changes,
) -> sqlx::Result<()> {
    let Changes { joined, away, lost } = changes;
    let joined_drivers: Vec<Uuid> = joined.iter().map(|place| place.driver.uuid()).collect();
    let zones: Vec<String> = joined.iter().map(|place| place.zone.clone()).collect();
    let since: Vec<_> = joined.iter().map(|place| place.since).collect();
    let away_drivers: Vec<Uuid> = away.iter().map(|away| away.driver.uuid()).collect();
    let away_since: Vec<_> = away.iter().map(|away| away.since).collect();
    let lost: Vec<Uuid> = lost.iter().map(|driver| driver.uuid()).collect();
    sqlx::query!(
        "WITH lost AS (DELETE FROM dispatch.queue_places WHERE driver_id = ANY($6)),
         away AS (
             UPDATE dispatch.queue_places AS kept SET away_since = changed.away_since
             FROM unnest($4::uuid[], $5::timestamptz[]) AS changed (driver_id, away_since)
             WHERE kept.driver_id = changed.driver_id
         )
         INSERT INTO dispatch.queue_places (driver_id, zone, since)
         SELECT driver_id, zone, since
         FROM unnest($1::uuid[], $2::text[], $3::timestamptz[])
             AS joined (driver_id, zone, since)
         ON CONFLICT (driver_id) DO NOTHING",
        &joined_drivers,
        &zones,
        &since,
        &away_drivers,
        &away_since as &[Option<DateTime<Utc>>],
        &lost,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn move_to_end(
    connection: &mut PgConnection,
    drivers: &[Uuid],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE dispatch.queue_places SET since = $2
         WHERE driver_id IN (
             SELECT driver_id FROM dispatch.queue_places WHERE driver_id = ANY($1)
             ORDER BY driver_id FOR UPDATE
         )",
        drivers,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn delete_places(
    connection: &mut PgConnection,
    drivers: &[Uuid],
) -> sqlx::Result<()> {
    sqlx::query!(
        "DELETE FROM dispatch.queue_places WHERE driver_id = ANY($1)",
        drivers,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A driver's place, with how many who are not away stand before it and in the whole queue.
pub(super) async fn find_own_place(
    connection: &mut PgConnection,
    driver: DriverId,
) -> sqlx::Result<Option<OwnPlaceRow>> {
    sqlx::query_as!(
        OwnPlaceRow,
        r#"SELECT own.zone, own.since, own.away_since,
               (SELECT count(*) FROM dispatch.queue_places q
                WHERE q.zone = own.zone AND q.away_since IS NULL
                    AND (q.since, q.driver_id) < (own.since, own.driver_id)) AS "before!",
               (SELECT count(*) FROM dispatch.queue_places q
                WHERE q.zone = own.zone AND q.away_since IS NULL) AS "waiting!"
           FROM dispatch.queue_places own WHERE own.driver_id = $1"#,
        driver.uuid(),
    )
    .fetch_optional(connection)
    .await
}

/// The first places of each zone, in their order.
pub(super) async fn list_first_places(
    connection: &mut PgConnection,
    per_zone: i64,
) -> sqlx::Result<Vec<FirstPlaceRow>> {
    sqlx::query_as!(
        FirstPlaceRow,
        r#"SELECT driver_id AS "driver_id!", zone AS "zone!", since AS "since!", away_since,
               waiting AS "waiting!"
           FROM (
               SELECT driver_id, zone, since, away_since,
                   row_number() OVER (PARTITION BY zone ORDER BY since, driver_id) AS place,
                   count(*) OVER (PARTITION BY zone) AS waiting
               FROM dispatch.queue_places
           ) places
           WHERE place <= $1
           ORDER BY zone, place"#,
        per_zone,
    )
    .fetch_all(connection)
    .await
}
