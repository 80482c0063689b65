//! SQL of the schema `dispatch`.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::id::{DriverId, OfferId, TripId, VehicleId};

/// One process at a time makes offers; this number names the lock.
const TICK_LOCK: i64 = 0x57_41_59_46_41_52_45;

pub(super) struct OfferRow {
    pub(super) id: Uuid,
    pub(super) trip_id: Uuid,
    pub(super) driver_id: Uuid,
    pub(super) vehicle_id: Uuid,
    pub(super) status: String,
    pub(super) pickup_distance_m: i64,
    pub(super) driver_share_minor: i64,
    pub(super) expires_at: DateTime<Utc>,
}

pub(super) struct ClosedOffer {
    pub(super) id: Uuid,
    pub(super) driver_id: Uuid,
}

pub(super) struct NewOffer {
    pub(super) id: OfferId,
    pub(super) trip: TripId,
    pub(super) driver: DriverId,
    pub(super) vehicle: VehicleId,
    pub(super) pickup_distance_m: i64,
    pub(super) driver_share_minor: i64,
    pub(super) now: DateTime<Utc>,
    pub(super) expires_at: DateTime<Utc>,
}

/// A driver who was asked for a trip.
pub(super) struct Asked {
    pub(super) trip_id: Uuid,
    pub(super) driver_id: Uuid,
    pub(super) status: String,
}

/// Takes the right to make offers until the transaction ends, unless another process has it.
pub(super) async fn try_lock_tick(connection: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT pg_try_advisory_xact_lock($1) AS "taken!""#,
        TICK_LOCK
    )
    .fetch_one(connection)
    .await
}

/// Closes the offers that were not answered in time.
pub(super) async fn time_out_offers(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<ClosedOffer>> {
    sqlx::query_as!(
        ClosedOffer,
        "UPDATE dispatch.offers SET status = 'timed_out', closed_at = $1
         WHERE id IN (
             SELECT id FROM dispatch.offers
             WHERE status = 'open' AND expires_at <= $1
             FOR UPDATE SKIP LOCKED
         )
         RETURNING id, driver_id",
        now,
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn list_offers_of_trips(
    connection: &mut PgConnection,
    trips: &[Uuid],
) -> sqlx::Result<Vec<Asked>> {
    sqlx::query_as!(
        Asked,
        "SELECT trip_id, driver_id, status FROM dispatch.offers WHERE trip_id = ANY($1)",
        trips,
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn list_drivers_with_open_offer(
    connection: &mut PgConnection,
) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!("SELECT driver_id FROM dispatch.offers WHERE status = 'open'")
        .fetch_all(connection)
        .await
}

/// Answers false if the trip or the driver has an open offer already.
pub(super) async fn insert_offer(
    connection: &mut PgConnection,
    offer: &NewOffer,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "INSERT INTO dispatch.offers
             (id, trip_id, driver_id, vehicle_id, status, pickup_distance_m, driver_share_minor,
              created_at, expires_at)
         VALUES ($1, $2, $3, $4, 'open', $5, $6, $7, $8)
         ON CONFLICT DO NOTHING",
        offer.id.uuid(),
        offer.trip.uuid(),
        offer.driver.uuid(),
        offer.vehicle.uuid(),
        offer.pickup_distance_m,
        offer.driver_share_minor,
        offer.now,
        offer.expires_at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A driver's own offer.
pub(super) async fn find_offer_of(
    connection: &mut PgConnection,
    offer: OfferId,
    driver: DriverId,
) -> sqlx::Result<Option<OfferRow>> {
    sqlx::query_as!(
        OfferRow,
        "SELECT id, trip_id, driver_id, vehicle_id, status, pickup_distance_m, driver_share_minor,
             expires_at
         FROM dispatch.offers WHERE id = $1 AND driver_id = $2",
        offer.uuid(),
        driver.uuid(),
    )
    .fetch_optional(connection)
    .await
}

pub(super) async fn list_open_offers_of(
    connection: &mut PgConnection,
    driver: DriverId,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<OfferRow>> {
    sqlx::query_as!(
        OfferRow,
        "SELECT id, trip_id, driver_id, vehicle_id, status, pickup_distance_m, driver_share_minor,
             expires_at
         FROM dispatch.offers
         WHERE driver_id = $1 AND status = 'open' AND expires_at > $2
         ORDER BY created_at",
        driver.uuid(),
        now,
    )
    .fetch_all(connection)
    .await
}

/// Accepts an offer that is open and in time. Answers false if it is neither.
pub(super) async fn accept_offer(
    connection: &mut PgConnection,
    offer: OfferId,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE dispatch.offers SET status = 'accepted', closed_at = $2
         WHERE id = $1 AND status = 'open' AND expires_at > $2",
        offer.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Declines an offer that is open. Answers false if it is not.
pub(super) async fn decline_offer(
    connection: &mut PgConnection,
    offer: OfferId,
    reason: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE dispatch.offers SET status = 'declined', closed_at = $3, decline_reason = $2
         WHERE id = $1 AND status = 'open'",
        offer.uuid(),
        reason,
        now,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn withdraw_offers(
    connection: &mut PgConnection,
    trip: TripId,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<ClosedOffer>> {
    sqlx::query_as!(
        ClosedOffer,
        "UPDATE dispatch.offers SET status = 'withdrawn', closed_at = $2
         WHERE trip_id = $1 AND status = 'open'
         RETURNING id, driver_id",
        trip.uuid(),
        now,
    )
    .fetch_all(connection)
    .await
}

/// Notes what a driver gets for a trip that leads elsewhere now. Answers its open offer, if it has one.
pub(super) async fn renew_open_offer(
    connection: &mut PgConnection,
    trip: TripId,
    driver_share_minor: i64,
) -> sqlx::Result<Option<OfferRow>> {
    sqlx::query_as!(
        OfferRow,
        "UPDATE dispatch.offers SET driver_share_minor = $2
         WHERE trip_id = $1 AND status = 'open'
         RETURNING id, trip_id, driver_id, vehicle_id, status, pickup_distance_m,
             driver_share_minor, expires_at",
        trip.uuid(),
        driver_share_minor,
    )
    .fetch_optional(connection)
    .await
}

/// Closes the open offers of a driver who went offline.
pub(super) async fn withdraw_offers_of_driver(
    connection: &mut PgConnection,
    driver: DriverId,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<ClosedOffer>> {
    sqlx::query_as!(
        ClosedOffer,
        "UPDATE dispatch.offers SET status = 'withdrawn', closed_at = $2
         WHERE driver_id = $1 AND status = 'open'
         RETURNING id, driver_id",
        driver.uuid(),
        now,
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn release_accepted_offer(
    connection: &mut PgConnection,
    trip: TripId,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE dispatch.offers SET status = 'released'
         WHERE trip_id = $1 AND status = 'accepted'",
        trip.uuid(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Trips with more than one accepted offer. The index makes it impossible; this proves it.
pub(super) async fn count_double_offers(connection: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM (
             SELECT trip_id FROM dispatch.offers WHERE status = 'accepted'
             GROUP BY trip_id HAVING count(*) > 1
         ) twice"#,
    )
    .fetch_one(connection)
    .await
}
