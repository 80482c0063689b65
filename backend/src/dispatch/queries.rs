//! SQL of the schema `dispatch`.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::id::{DriverId, OfferId, TripId, VehicleId};

/// Selects whole offers, or answers them from a change. The columns stand in one place.
macro_rules! offer_rows {
    ($before:literal, $after:literal $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            OfferRow,
            $before
                + " id, trip_id, driver_id, vehicle_id, status, wave, forward, pickup_distance_m,
                 pickup_duration_s, driver_share_minor, expires_at "
                + $after
            $(, $argument)*
        )
    };
}

pub(super) struct OfferRow {
    pub(super) id: Uuid,
    pub(super) trip_id: Uuid,
    pub(super) driver_id: Uuid,
    pub(super) vehicle_id: Uuid,
    pub(super) status: String,
    pub(super) wave: i32,
    pub(super) forward: bool,
    pub(super) pickup_distance_m: i64,
    pub(super) pickup_duration_s: Option<i64>,
    pub(super) driver_share_minor: i64,
    pub(super) expires_at: DateTime<Utc>,
}

pub(super) struct ClosedOffer {
    pub(super) id: Uuid,
    pub(super) driver_id: Uuid,
}

/// A driver to be asked for a trip.
pub(super) struct NewOffer {
    pub(super) id: OfferId,
    pub(super) trip: TripId,
    pub(super) driver: DriverId,
    pub(super) vehicle: VehicleId,
    pub(super) wave: i32,
    pub(super) forward: bool,
    pub(super) pickup_distance_m: i64,
    pub(super) pickup_duration_s: i64,
    pub(super) driver_share_minor: i64,
}

/// What all offers of a round have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct OfferTerms {
    pub(super) broadcast: bool,
    pub(super) now: DateTime<Utc>,
    pub(super) expires_at: DateTime<Utc>,
}

/// A driver who was asked for a trip.
pub(super) struct Asked {
    pub(super) trip_id: Uuid,
    pub(super) driver_id: Uuid,
    pub(super) status: String,
    pub(super) wave: i32,
    pub(super) created_at: DateTime<Utc>,
}

/// Closes the offers that were not answered in time. An offer that is just being answered is left out.
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

/// Who was asked for these trips, in the order in which they were asked.
pub(super) async fn list_offers_of_trips(
    connection: &mut PgConnection,
    trips: &[Uuid],
) -> sqlx::Result<Vec<Asked>> {
    sqlx::query_as!(
        Asked,
        "SELECT trip_id, driver_id, status, wave, created_at FROM dispatch.offers
         WHERE trip_id = ANY($1)
         ORDER BY trip_id, created_at, id",
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

/// Makes offers. A trip or a driver that has an open one gets no other; in a broadcast a trip may have
/// several. Answers those that were made.
pub(super) async fn insert_offers(
    connection: &mut PgConnection,
    offers: &[NewOffer],
    terms: OfferTerms,
) -> sqlx::Result<Vec<Uuid>> {
    let ids: Vec<_> = offers.iter().map(|offer| offer.id.uuid()).collect();
    let trips: Vec<_> = offers.iter().map(|offer| offer.trip.uuid()).collect();
    let drivers: Vec<_> = offers.iter().map(|offer| offer.driver.uuid()).collect();
    let vehicles: Vec<_> = offers.iter().map(|offer| offer.vehicle.uuid()).collect();
    let waves: Vec<_> = offers.iter().map(|offer| offer.wave).collect();
    let forwards: Vec<_> = offers.iter().map(|offer| offer.forward).collect();
    let distances: Vec<_> = offers.iter().map(|offer| offer.pickup_distance_m).collect();
    let durations: Vec<_> = offers.iter().map(|offer| offer.pickup_duration_s).collect();
    let shares: Vec<_> = offers
        .iter()
        .map(|offer| offer.driver_share_minor)
        .collect();
    sqlx::query_scalar!(
        "INSERT INTO dispatch.offers
             (id, trip_id, driver_id, vehicle_id, status, wave, forward, pickup_distance_m,
              pickup_duration_s, driver_share_minor, broadcast, created_at, expires_at)
         SELECT n.id, n.trip_id, n.driver_id, n.vehicle_id, 'open', n.wave, n.forward,
             n.pickup_distance_m, n.pickup_duration_s, n.driver_share_minor, $10, $11, $12
         FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::integer[], $6::boolean[],
             $7::bigint[], $8::bigint[], $9::bigint[])
             AS n (id, trip_id, driver_id, vehicle_id, wave, forward, pickup_distance_m,
                 pickup_duration_s, driver_share_minor)
         ON CONFLICT DO NOTHING
         RETURNING id",
        &ids,
        &trips,
        &drivers,
        &vehicles,
        &waves,
        &forwards,
        &distances,
        &durations,
        &shares,
        terms.broadcast,
        terms.now,
        terms.expires_at,
    )
    .fetch_all(connection)
    .await
}

/// A driver's own offer.
pub(super) async fn find_offer_of(
    connection: &mut PgConnection,
    offer: OfferId,
    driver: DriverId,
) -> sqlx::Result<Option<OfferRow>> {
    offer_rows!(
        "SELECT",
        "FROM dispatch.offers WHERE id = $1 AND driver_id = $2",
        offer.uuid(),
        driver.uuid(),
    )
    .fetch_optional(connection)
    .await
}

pub(super) async fn was_offered(
    connection: &mut PgConnection,
    trip: TripId,
    driver: DriverId,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT FROM dispatch.offers WHERE trip_id = $1 AND driver_id = $2
           ) AS "was!""#,
        trip.uuid(),
        driver.uuid(),
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn list_open_offers_of(
    connection: &mut PgConnection,
    driver: DriverId,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<OfferRow>> {
    offer_rows!(
        "SELECT",
        "FROM dispatch.offers
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

/// Notes what a driver gets for a trip that leads elsewhere now. Answers its open offers.
pub(super) async fn renew_open_offers(
    connection: &mut PgConnection,
    trip: TripId,
    driver_share_minor: i64,
) -> sqlx::Result<Vec<OfferRow>> {
    offer_rows!(
        "UPDATE dispatch.offers SET driver_share_minor = $2
         WHERE trip_id = $1 AND status = 'open'
         RETURNING",
        "",
        trip.uuid(),
        driver_share_minor,
    )
    .fetch_all(connection)
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

/// Whether the offer by which the trip has its driver was for after another trip.
pub(super) async fn was_accepted_forward(
    connection: &mut PgConnection,
    trip: TripId,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (
             SELECT FROM dispatch.offers WHERE trip_id = $1 AND status = 'accepted' AND forward
         ) AS "forward!""#,
        trip.uuid(),
    )
    .fetch_one(connection)
    .await
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
