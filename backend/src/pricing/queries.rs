//! SQL of the schema `pricing`.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::geo::LatLng;
use wayfare_core::id::{QuoteId, RiderId};
use wayfare_core::pricing::TariffSpec;

pub(super) struct NewQuote<'a> {
    pub(super) id: QuoteId,
    pub(super) rider: RiderId,
    pub(super) pickup: LatLng,
    pub(super) dropoff: LatLng,
    pub(super) distance_m: i64,
    pub(super) duration_s: i64,
    pub(super) tariff: &'a TariffSpec,
    pub(super) facts: Value,
    pub(super) fare: Value,
    pub(super) now: DateTime<Utc>,
    pub(super) expires_at: DateTime<Utc>,
}

pub(super) struct QuoteRow {
    pub(super) id: Uuid,
    pub(super) vehicle_class: String,
    pub(super) pickup_lat_e7: i32,
    pub(super) pickup_lng_e7: i32,
    pub(super) dropoff_lat_e7: i32,
    pub(super) dropoff_lng_e7: i32,
    pub(super) distance_m: i64,
    pub(super) duration_s: i64,
    pub(super) facts: Value,
    pub(super) fare: Value,
    pub(super) tariff_id: String,
    pub(super) tariff_version: i32,
    pub(super) expires_at: DateTime<Utc>,
}

/// Adds a version of a tariff unless it is there.
pub(super) async fn ensure_tariff(
    connection: &mut PgConnection,
    spec: &TariffSpec,
    version: i32,
    json: Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO pricing.tariffs (id, version, vehicle_class, spec, valid_from)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (id, version) DO NOTHING",
        spec.id,
        version,
        spec.vehicle_class.as_str(),
        json,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn count_tariffs(connection: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM pricing.tariffs"#)
        .fetch_one(connection)
        .await
}

/// The newest tariff in force of each class of vehicle.
pub(super) async fn list_tariffs_in_force(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<Value>> {
    sqlx::query_scalar!(
        "SELECT DISTINCT ON (vehicle_class) spec FROM pricing.tariffs
         WHERE valid_from <= $1
         ORDER BY vehicle_class, valid_from DESC, version DESC",
        now,
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn get_tariff(
    connection: &mut PgConnection,
    id: &str,
    version: i32,
) -> sqlx::Result<Value> {
    sqlx::query_scalar!(
        "SELECT spec FROM pricing.tariffs WHERE id = $1 AND version = $2",
        id,
        version,
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn insert_quote(
    connection: &mut PgConnection,
    quote: NewQuote<'_>,
    tariff_version: i32,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO pricing.quotes
             (id, rider_id, vehicle_class, pickup_lat_e7, pickup_lng_e7, dropoff_lat_e7,
              dropoff_lng_e7, distance_m, duration_s, facts, fare, tariff_id, tariff_version,
              created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        quote.id.uuid(),
        quote.rider.uuid(),
        quote.tariff.vehicle_class.as_str(),
        quote.pickup.lat_e7(),
        quote.pickup.lng_e7(),
        quote.dropoff.lat_e7(),
        quote.dropoff.lng_e7(),
        quote.distance_m,
        quote.duration_s,
        quote.facts,
        quote.fare,
        quote.tariff.id,
        tariff_version,
        quote.now,
        quote.expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A rider's own quote.
pub(super) async fn find_quote(
    connection: &mut PgConnection,
    id: QuoteId,
    rider: RiderId,
) -> sqlx::Result<Option<QuoteRow>> {
    sqlx::query_as!(
        QuoteRow,
        "SELECT id, vehicle_class, pickup_lat_e7, pickup_lng_e7, dropoff_lat_e7, dropoff_lng_e7,
             distance_m, duration_s, facts, fare, tariff_id, tariff_version, expires_at
         FROM pricing.quotes WHERE id = $1 AND rider_id = $2",
        id.uuid(),
        rider.uuid(),
    )
    .fetch_optional(connection)
    .await
}
