//! SQL of the quotes.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::id::{QuoteId, RiderId};
use wayfare_core::quote::QuotePromise;

pub(super) struct NewQuote<'a> {
    pub(super) promise: &'a QuotePromise,
    pub(super) tariff_version: i32,
    pub(super) waypoints: Value,
    pub(super) facts: Value,
    pub(super) fare: Value,
    pub(super) promo_code: Option<&'a str>,
    pub(super) surge: Option<Value>,
    pub(super) signed: &'a str,
}

pub(super) struct QuoteRow {
    pub(super) id: Uuid,
    pub(super) vehicle_class: String,
    pub(super) pickup_lat_e7: i32,
    pub(super) pickup_lng_e7: i32,
    pub(super) dropoff_lat_e7: i32,
    pub(super) dropoff_lng_e7: i32,
    pub(super) waypoints: Value,
    pub(super) pickup_at: Option<DateTime<Utc>>,
    pub(super) promo_code: Option<String>,
    pub(super) facts: Value,
    pub(super) fare: Value,
    pub(super) tariff_id: String,
    pub(super) tariff_version: i32,
    pub(super) expires_at: DateTime<Utc>,
}

pub(super) async fn insert_quote(
    connection: &mut PgConnection,
    quote: NewQuote<'_>,
) -> sqlx::Result<()> {
    let promise = quote.promise;
    sqlx::query!(
        "INSERT INTO pricing.quotes
             (id, rider_id, vehicle_class, pickup_lat_e7, pickup_lng_e7, dropoff_lat_e7,
              dropoff_lng_e7, waypoints, pickup_at, distance_m, duration_s, facts, fare, tariff_id,
              tariff_version, promo_code, surge, signed, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
             $19, $20)",
        promise.quote.uuid(),
        promise.rider.uuid(),
        promise.vehicle_class.as_str(),
        promise.pickup.lat_e7(),
        promise.pickup.lng_e7(),
        promise.dropoff.lat_e7(),
        promise.dropoff.lng_e7(),
        quote.waypoints,
        promise.pickup_at,
        promise.facts.distance_m,
        promise.facts.duration_s,
        quote.facts,
        quote.fare,
        promise.tariff.id,
        quote.tariff_version,
        quote.promo_code,
        quote.surge,
        quote.signed,
        promise.issued_at,
        promise.expires_at,
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
             waypoints, pickup_at, promo_code, facts, fare, tariff_id, tariff_version, expires_at
         FROM pricing.quotes WHERE id = $1 AND rider_id = $2",
        id.uuid(),
        rider.uuid(),
    )
    .fetch_optional(connection)
    .await
}
