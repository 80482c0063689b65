//! SQL of the record of decisions.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::id::{DriverId, TripId};

use super::sightings::Sighting;

/// The decisions of a round, column by column.
#[derive(Debug, Default)]
pub(super) struct NewDecisions {
    pub(super) at: Vec<DateTime<Utc>>,
    pub(super) trip_ids: Vec<Uuid>,
    pub(super) waves: Vec<i32>,
    pub(super) radius_m: Vec<i64>,
    pub(super) outcomes: Vec<&'static str>,
    pub(super) left_out: Vec<i64>,
    pub(super) considered: Vec<Vec<u8>>,
    /// For each decision its drivers as text, as arrays of arrays must be of one length.
    pub(super) drivers: Vec<String>,
}

/// A kept decision.
#[derive(Debug)]
pub(super) struct DecisionRow {
    pub(super) trip_id: Uuid,
    pub(super) at: DateTime<Utc>,
    pub(super) waves: i32,
    pub(super) radius_m: i64,
    pub(super) outcome: String,
    pub(super) left_out: i64,
    pub(super) considered: Vec<u8>,
}

/// Which decisions about a trip are wanted: the newest ones until then.
pub(super) struct DecisionsUntil {
    pub(super) trip: TripId,
    pub(super) until: Option<DateTime<Utc>>,
    pub(super) limit: i64,
}

/// Which decisions are wanted: the newest ones since then in which the driver may have been looked
/// at.
pub(super) struct DecisionsNear {
    pub(super) driver_bits: i32,
    pub(super) since: DateTime<Utc>,
    pub(super) limit: i64,
}

/// The last sighting before a moment.
#[derive(Debug)]
pub(super) struct SightingRow {
    pub(super) before: DateTime<Utc>,
    pub(super) at: DateTime<Utc>,
    pub(super) lat_e7: i32,
    pub(super) lng_e7: i32,
    pub(super) fix_at: DateTime<Utc>,
    pub(super) state: String,
    pub(super) vehicle_class: String,
}

/// What became of an offer.
#[derive(Debug)]
pub(super) struct OfferRow {
    pub(super) driver_id: Uuid,
    pub(super) status: String,
    pub(super) created_at: DateTime<Utc>,
    pub(super) closed_at: Option<DateTime<Utc>>,
}

pub(super) async fn insert_decisions(
    connection: &mut PgConnection,
    market: &str,
    new: &NewDecisions,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO dispatch.decisions
             (market, at, trip_id, waves, radius_m, outcome, left_out, considered, drivers)
         SELECT $1, at, trip_id, waves, radius_m, outcome, left_out, considered,
             drivers::integer[]
         FROM unnest($2::timestamptz[], $3::uuid[], $4::integer[], $5::bigint[], $6::text[],
             $7::bigint[], $8::bytea[], $9::text[])
             AS new (at, trip_id, waves, radius_m, outcome, left_out, considered, drivers)
         ON CONFLICT DO NOTHING",
        market,
        &new.at,
        &new.trip_ids,
        &new.waves,
        &new.radius_m,
        &new.outcomes as &[&str],
        &new.left_out,
        &new.considered,
        &new.drivers,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn insert_sightings(
    connection: &mut PgConnection,
    at: DateTime<Utc>,
    rows: &[Sighting],
) -> sqlx::Result<()> {
    let drivers: Vec<Uuid> = rows.iter().map(|row| row.driver.uuid()).collect();
    let lats: Vec<i32> = rows.iter().map(|row| row.lat_e7).collect();
    let lngs: Vec<i32> = rows.iter().map(|row| row.lng_e7).collect();
    let fixes: Vec<DateTime<Utc>> = rows.iter().map(|row| row.fix_at).collect();
    let states: Vec<&str> = rows.iter().map(|row| row.doing.as_str()).collect();
    let classes: Vec<&str> = rows.iter().map(|row| row.vehicle_class.as_str()).collect();
    sqlx::query!(
        "INSERT INTO dispatch.sightings
             (driver_id, at, lat_e7, lng_e7, fix_at, state, vehicle_class)
         SELECT driver_id, $1, lat_e7, lng_e7, fix_at, state, vehicle_class
         FROM unnest($2::uuid[], $3::integer[], $4::integer[], $5::timestamptz[], $6::text[],
             $7::text[])
             AS new (driver_id, lat_e7, lng_e7, fix_at, state, vehicle_class)
         ON CONFLICT DO NOTHING",
        at,
        &drivers,
        &lats,
        &lngs,
        &fixes,
        &states as &[&str],
        &classes as &[&str],
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn sighting_exists(
    connection: &mut PgConnection,
    driver: DriverId,
    at: DateTime<Utc>,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (
             SELECT FROM dispatch.sightings WHERE driver_id = $1 AND at = $2
         ) AS "exists!""#,
        driver.uuid(),
        at,
    )
    .fetch_one(connection)
    .await
}

/// The newest first.
pub(super) async fn list_decisions(
    connection: &mut PgConnection,
    wanted: DecisionsUntil,
) -> sqlx::Result<Vec<DecisionRow>> {
    sqlx::query_as!(
        DecisionRow,
        "SELECT trip_id, at, waves, radius_m, outcome, left_out, considered
         FROM dispatch.decisions
         WHERE trip_id = $1 AND at <= coalesce($2, 'infinity'::timestamptz)
         ORDER BY at DESC LIMIT $3",
        wanted.trip.uuid(),
        wanted.until,
        wanted.limit,
    )
    .fetch_all(connection)
    .await
}

/// The newest first. Some may be about other drivers with the same last bits.
pub(super) async fn list_decisions_near(
    connection: &mut PgConnection,
    wanted: DecisionsNear,
) -> sqlx::Result<Vec<DecisionRow>> {
    sqlx::query_as!(
        DecisionRow,
        "SELECT trip_id, at, waves, radius_m, outcome, left_out, considered
         FROM dispatch.decisions
         WHERE drivers @> ARRAY[$1::integer] AND at >= $2
         ORDER BY at DESC LIMIT $3",
        wanted.driver_bits,
        wanted.since,
        wanted.limit,
    )
    .fetch_all(connection)
    .await
}

/// For each of these moments the last sighting of the driver, if there is any.
pub(super) async fn list_last_sightings(
    connection: &mut PgConnection,
    driver: DriverId,
    moments: &[DateTime<Utc>],
) -> sqlx::Result<Vec<SightingRow>> {
    sqlx::query_as!(
        SightingRow,
        r#"SELECT moments.before AS "before!", last.at, last.lat_e7, last.lng_e7, last.fix_at,
             last.state, last.vehicle_class
         FROM unnest($2::timestamptz[]) AS moments (before)
         CROSS JOIN LATERAL (
             SELECT at, lat_e7, lng_e7, fix_at, state, vehicle_class
             FROM dispatch.sightings
             WHERE driver_id = $1 AND at <= moments.before
             ORDER BY at DESC LIMIT 1
         ) last"#,
        driver.uuid(),
        moments,
    )
    .fetch_all(connection)
    .await
}

/// The offers of a trip, the newest first.
pub(super) async fn list_offers(
    connection: &mut PgConnection,
    trip: TripId,
    limit: i64,
) -> sqlx::Result<Vec<OfferRow>> {
    sqlx::query_as!(
        OfferRow,
        "SELECT driver_id, status, created_at, closed_at
         FROM dispatch.offers WHERE trip_id = $1
         ORDER BY created_at DESC LIMIT $2",
        trip.uuid(),
        limit,
    )
    .fetch_all(connection)
    .await
}
