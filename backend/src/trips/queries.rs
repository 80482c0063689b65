//! SQL of the schema `trips`.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::id::{DriverId, RiderId, TripId, UserId, VehicleId};
use wayfare_core::pricing::RideLength;
use wayfare_core::wire::{NewRating, Passenger, TripSide};

use super::rows::TripRow;

/// Selects whole trips. The columns stand in one place; what follows the table is the caller's.
macro_rules! select_trip {
    ($rest:literal $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            TripRow,
            "SELECT id, rider_id, quote_id, vehicle_class, pickup_lat_e7, pickup_lng_e7,
                 dropoff_lat_e7, dropoff_lng_e7, distance_m, duration_s, rider_name, pin, version,
                 releases, driver_card, state, cancel_note, requested_at, last_event_at, fare,
                 waypoints, pickup_at, passenger_name, passenger_phone, for_someone_else, stops,
                 stop_changes, visits, basis, forward, needs
             FROM trips.trips "
                + $rest
            $(, $argument)*
        )
    };
}

pub(super) use select_trip;

pub(super) struct NewTripRow<'a> {
    pub(super) trip: &'a wayfare_core::trip::Trip,
    pub(super) quote_id: Uuid,
    pub(super) plan: &'a RideLength,
    pub(super) rider_name: Option<&'a str>,
    pub(super) passenger: Option<&'a Passenger>,
    pub(super) waypoints: Value,
    pub(super) state: Value,
    pub(super) fare: Value,
    pub(super) needs: Value,
}

pub(super) struct ChangedTrip<'a> {
    pub(super) trip: &'a wayfare_core::trip::Trip,
    pub(super) version: i32,
    pub(super) releases: i32,
    pub(super) driver: Option<DriverId>,
    pub(super) vehicle: Option<VehicleId>,
    pub(super) driver_card: Option<Value>,
    pub(super) state: Value,
    pub(super) stops: Option<Value>,
    pub(super) stop_changes: i32,
    pub(super) visits: Value,
    pub(super) plan: &'a RideLength,
    pub(super) cancel_note: Option<&'a str>,
    pub(super) fare: Value,
    pub(super) basis: Option<Value>,
    pub(super) forward: bool,
}

pub(super) struct NewEvent {
    pub(super) trip: TripId,
    pub(super) version: i32,
    pub(super) kind: &'static str,
    pub(super) payload: Value,
    pub(super) actor: Value,
    pub(super) occurred_at: DateTime<Utc>,
    pub(super) recorded_at: DateTime<Utc>,
}

/// A trip that was locked, as it is then.
pub(super) struct LockedTrip {
    pub(super) id: Uuid,
    pub(super) version: i32,
}

pub(super) struct RatingRow {
    pub(super) trip_id: Uuid,
    pub(super) side: String,
    pub(super) stars: i16,
}

pub(super) struct PickupRow {
    pub(super) pickup_lat_e7: i32,
    pub(super) pickup_lng_e7: i32,
}

/// Where and from when on a driver was looked for.
pub(super) struct SearchRow {
    pub(super) id: Uuid,
    pub(super) pickup_lat_e7: i32,
    pub(super) pickup_lng_e7: i32,
    pub(super) requested_at: DateTime<Utc>,
    pub(super) pickup_at: Option<DateTime<Utc>>,
}

pub(super) struct StatusCount {
    pub(super) status: String,
    pub(super) count: i64,
}

pub(super) async fn insert_trip(
    connection: &mut PgConnection,
    row: NewTripRow<'_>,
) -> sqlx::Result<()> {
    let request = &row.trip.request;
    sqlx::query!(
        "INSERT INTO trips.trips
             (id, rider_id, quote_id, vehicle_class, pickup_lat_e7, pickup_lng_e7, dropoff_lat_e7,
              dropoff_lng_e7, distance_m, duration_s, rider_name, pin, status, version, releases,
              state, requested_at, last_event_at, fare, waypoints, pickup_at, passenger_name,
              passenger_phone, for_someone_else, needs)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'requested', 1, 0,
             $13, $14, $14, $15, $16, $17, $18, $19, $20, $21)",
        request.trip.uuid(),
        request.rider.uuid(),
        row.quote_id,
        request.vehicle_class.as_str(),
        request.pickup.lat_e7(),
        request.pickup.lng_e7(),
        request.dropoff.lat_e7(),
        request.dropoff.lng_e7(),
        row.plan.distance_m,
        row.plan.duration_s,
        row.rider_name,
        request.pin.map(|pin| pin.to_string()),
        row.state,
        request.requested_at,
        row.fare,
        row.waypoints,
        request.pickup_at,
        row.passenger.map(|passenger| passenger.name.as_str()),
        row.passenger.map(|passenger| passenger.phone.to_string()),
        request.for_someone_else,
        row.needs,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn update_trip(
    connection: &mut PgConnection,
    row: ChangedTrip<'_>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE trips.trips
         SET status = $2, version = $3, releases = $4, driver_id = $5, vehicle_id = $6,
             driver_card = $7, state = $8, cancel_note = $9, last_event_at = $10, fare = $11,
             stops = $12, stop_changes = $13, visits = $14, distance_m = $15, duration_s = $16,
             basis = $17::jsonb #>> '{}', forward = $18
         WHERE id = $1",
        row.trip.request.trip.uuid(),
        row.trip.state.status().as_str(),
        row.version,
        row.releases,
        row.driver.map(DriverId::uuid),
        row.vehicle.map(VehicleId::uuid),
        row.driver_card,
        row.state,
        row.cancel_note,
        row.trip.last_event_at,
        row.fare,
        row.stops,
        row.stop_changes,
        row.visits,
        row.plan.distance_m,
        row.plan.duration_s,
        row.basis,
        row.forward,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn insert_event(
    connection: &mut PgConnection,
    event: NewEvent,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO trips.events
             (trip_id, version, kind, payload, actor, occurred_at, recorded_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        event.trip.uuid(),
        event.version,
        event.kind,
        event.payload,
        event.actor,
        event.occurred_at,
        event.recorded_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn find_trip_for_update(
    connection: &mut PgConnection,
    trip: TripId,
) -> sqlx::Result<Option<TripRow>> {
    select_trip!("WHERE id = $1 FOR UPDATE", trip.uuid())
        .fetch_optional(connection)
        .await
}

pub(super) async fn find_trip(
    connection: &mut PgConnection,
    trip: TripId,
) -> sqlx::Result<Option<TripRow>> {
    select_trip!("WHERE id = $1", trip.uuid())
        .fetch_optional(connection)
        .await
}

/// A trip that the person rides in or drives.
pub(super) async fn find_trip_of(
    connection: &mut PgConnection,
    trip: TripId,
    user: UserId,
) -> sqlx::Result<Option<TripRow>> {
    select_trip!(
        "WHERE id = $1 AND (rider_id = $2 OR driver_id = $2)",
        trip.uuid(),
        user.uuid(),
    )
    .fetch_optional(connection)
    .await
}

/// The person's trips on one side, newest first, older than `before`.
pub(super) async fn list_trips_of(
    connection: &mut PgConnection,
    user: UserId,
    side: TripSide,
    before: Option<TripId>,
    limit: i64,
) -> sqlx::Result<Vec<TripRow>> {
    select_trip!(
        "WHERE (($2 = 'rider' AND rider_id = $1) OR ($2 = 'driver' AND driver_id = $1))
             AND ($3::uuid IS NULL OR id < $3)
         ORDER BY id DESC
         LIMIT $4",
        user.uuid(),
        side.as_str(),
        before.map(TripId::uuid),
        limit,
    )
    .fetch_all(connection)
    .await
}

/// Trips that look for a driver, oldest first. Trips for later look for one when their time is near.
pub(super) async fn list_requested(
    connection: &mut PgConnection,
    pickup_before: DateTime<Utc>,
    limit: i64,
) -> sqlx::Result<Vec<TripRow>> {
    select_trip!(
        "WHERE status = 'requested' AND (pickup_at IS NULL OR pickup_at <= $1)
         ORDER BY requested_at
         LIMIT $2",
        pickup_before,
        limit,
    )
    .fetch_all(connection)
    .await
}

/// Those of the trips that still look for a driver, locked. A trip that somebody is just changing is
/// left out: it comes again with the next batch.
pub(super) async fn lock_requested(
    connection: &mut PgConnection,
    trips: &[Uuid],
) -> sqlx::Result<Vec<LockedTrip>> {
    sqlx::query_as!(
        LockedTrip,
        "SELECT id, version FROM trips.trips
         WHERE id = ANY($1) AND status = 'requested'
         ORDER BY id
         FOR UPDATE SKIP LOCKED",
        trips,
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn find_requested_trip(
    connection: &mut PgConnection,
    trip: TripId,
) -> sqlx::Result<Option<TripRow>> {
    select_trip!("WHERE id = $1 AND status = 'requested'", trip.uuid())
        .fetch_optional(connection)
        .await
}

/// How many trips of a rider are not over.
pub(super) async fn count_open_of_rider(
    connection: &mut PgConnection,
    rider: RiderId,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM trips.trips
           WHERE rider_id = $1 AND status IN ('requested', 'assigned', 'arrived', 'in_progress')"#,
        rider.uuid(),
    )
    .fetch_one(connection)
    .await
}

/// The same for the rider of this trip, if there is one.
pub(super) async fn lock_rider_of(connection: &mut PgConnection, trip: TripId) -> sqlx::Result<()> {
    // As `RiderId` is written.
    sqlx::query!(
        r#"SELECT pg_advisory_xact_lock(
               hashtextextended('rider_' || replace(rider_id::text, '-', ''), 0)
           ) AS "locked: String"
           FROM trips.trips WHERE id = $1"#,
        trip.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(())
}

/// Lets one request at a time make a trip of this rider.
pub(super) async fn lock_rider(connection: &mut PgConnection, rider: RiderId) -> sqlx::Result<()> {
    sqlx::query!(
        r#"SELECT pg_advisory_xact_lock(hashtextextended($1, 0)) AS "locked: String""#,
        rider.to_string(),
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

pub(super) async fn count_completed_of_rider(
    connection: &mut PgConnection,
    rider: RiderId,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM trips.trips
           WHERE rider_id = $1 AND status = 'completed'"#,
        rider.uuid(),
    )
    .fetch_one(connection)
    .await
}

/// Where trips for now were asked for since, newest first.
pub(super) async fn list_pickups_since(
    connection: &mut PgConnection,
    since: DateTime<Utc>,
    limit: i64,
) -> sqlx::Result<Vec<PickupRow>> {
    sqlx::query_as!(
        PickupRow,
        "SELECT pickup_lat_e7, pickup_lng_e7 FROM trips.trips
         WHERE requested_at >= $1 AND pickup_at IS NULL
         ORDER BY requested_at DESC LIMIT $2",
        since,
        limit,
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn list_searches(
    connection: &mut PgConnection,
    trips: &[Uuid],
) -> sqlx::Result<Vec<SearchRow>> {
    sqlx::query_as!(
        SearchRow,
        "SELECT id, pickup_lat_e7, pickup_lng_e7, requested_at, pickup_at
         FROM trips.trips WHERE id = ANY($1)",
        trips,
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn insert_rating(
    connection: &mut PgConnection,
    trip: TripId,
    side: TripSide,
    about: UserId,
    rating: &NewRating,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO trips.ratings (trip_id, side, about_user_id, stars, comment, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        trip.uuid(),
        side.as_str(),
        about.uuid(),
        i16::from(rating.stars),
        rating.comment,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn list_ratings(
    connection: &mut PgConnection,
    trips: &[Uuid],
) -> sqlx::Result<Vec<RatingRow>> {
    sqlx::query_as!(
        RatingRow,
        "SELECT trip_id, side, stars FROM trips.ratings WHERE trip_id = ANY($1)",
        trips,
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn find_mean_rating(
    connection: &mut PgConnection,
    about: UserId,
) -> sqlx::Result<Option<f64>> {
    sqlx::query_scalar!(
        "SELECT avg(stars)::double precision FROM trips.ratings WHERE about_user_id = $1",
        about.uuid(),
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn count_by_status(
    connection: &mut PgConnection,
) -> sqlx::Result<Vec<StatusCount>> {
    sqlx::query_as!(
        StatusCount,
        r#"SELECT status, count(*) AS "count!" FROM trips.trips GROUP BY status"#,
    )
    .fetch_all(connection)
    .await
}

/// Drivers with more than one trip to drive, or more than one after it. The indexes make it impossible;
/// this proves it.
pub(super) async fn count_double_drivers(connection: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM (
             SELECT driver_id FROM trips.trips
             WHERE status IN ('assigned', 'arrived', 'in_progress')
             GROUP BY driver_id, forward HAVING count(*) > 1
         ) twice"#,
    )
    .fetch_one(connection)
    .await
}

/// The events that say who had a trip and how it was lost, in their order.
pub(super) async fn list_handovers(
    connection: &mut PgConnection,
    trip: TripId,
) -> sqlx::Result<Vec<Value>> {
    sqlx::query_scalar!(
        "SELECT payload FROM trips.events
         WHERE trip_id = $1 AND kind IN ('assigned', 'released', 'resumed', 'cancelled')
         ORDER BY version",
        trip.uuid(),
    )
    .fetch_all(connection)
    .await
}
