//! SQL about the trips of one person.

use sqlx::PgConnection;
use wayfare_core::id::{DriverId, RiderId, TripId, UserId};

use crate::trips::queries::select_trip;
use crate::trips::rows::TripRow;

/// Two short walks along indexes instead of one along all trips.
pub(super) async fn list_newest_of(
    connection: &mut PgConnection,
    user: UserId,
    limit: i64,
) -> sqlx::Result<Vec<TripRow>> {
    select_trip!(
        "WHERE id IN (
             (SELECT id FROM trips.trips WHERE rider_id = $1 ORDER BY id DESC LIMIT $2)
             UNION
             (SELECT id FROM trips.trips WHERE driver_id = $1 ORDER BY id DESC LIMIT $2)
         )
         ORDER BY id DESC
         LIMIT $2",
        user.uuid(),
        limit,
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn list_open_of_driver(
    connection: &mut PgConnection,
    driver: DriverId,
) -> sqlx::Result<Vec<TripRow>> {
    select_trip!(
        "WHERE driver_id = $1 AND status IN ('assigned', 'arrived', 'in_progress')
         ORDER BY id",
        driver.uuid(),
    )
    .fetch_all(connection)
    .await
}

/// Events are kept for ever, so they know also who gave the trip back.
pub(super) async fn was_driver_of(
    connection: &mut PgConnection,
    trip: TripId,
    driver: DriverId,
    name: &str,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM trips.trips WHERE id = $1 AND driver_id = $2)
               OR EXISTS (
                   SELECT FROM trips.events
                   WHERE trip_id = $1 AND payload #>> '{assignment,driver}' = $3
               ) AS "was!""#,
        trip.uuid(),
        driver.uuid(),
        name,
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn is_rider_of(
    connection: &mut PgConnection,
    trip: TripId,
    rider: RiderId,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM trips.trips WHERE id = $1 AND rider_id = $2) AS "is!""#,
        trip.uuid(),
        rider.uuid(),
    )
    .fetch_one(connection)
    .await
}
