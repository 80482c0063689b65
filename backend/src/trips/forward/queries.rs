//! SQL about the trips that drivers have.

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::id::{DriverId, TripId};

use crate::trips::queries::select_trip;
use crate::trips::rows::TripRow;

/// What a driver has to do.
pub(super) struct EngagementRow {
    pub(super) driver_id: Uuid,
    pub(super) forward: bool,
    pub(super) dropoff_lat_e7: i32,
    pub(super) dropoff_lng_e7: i32,
    pub(super) duration_s: i64,
    pub(super) state: Option<Value>,
    pub(super) stops: Option<Value>,
    pub(super) waypoints: Value,
}

pub(super) struct EngagedRow {
    pub(super) driver_id: Uuid,
    pub(super) forward: bool,
}

/// The trip that a driver is on, and not the one that comes after it. It does not end before the
/// caller's transaction does.
pub(super) async fn find_driven_trip(
    connection: &mut PgConnection,
    driver: DriverId,
) -> sqlx::Result<Option<TripRow>> {
    select_trip!(
        "WHERE driver_id = $1 AND status IN ('assigned', 'arrived', 'in_progress') AND NOT forward
         FOR SHARE",
        driver.uuid(),
    )
    .fetch_optional(connection)
    .await
}

/// The trip that a driver took ahead of the end of another one, locked.
pub(super) async fn find_forward_trip_for_update(
    connection: &mut PgConnection,
    driver: DriverId,
) -> sqlx::Result<Option<TripRow>> {
    select_trip!("WHERE driver_id = $1 AND forward FOR UPDATE", driver.uuid())
        .fetch_optional(connection)
        .await
}

/// The trip waits until its driver has finished another one, if the driver is still on the way and has
/// nothing else that waits. Answers the trip then.
pub(super) async fn begin_forward(
    connection: &mut PgConnection,
    trip: TripId,
) -> sqlx::Result<Option<TripRow>> {
    let done = sqlx::query!(
        "UPDATE trips.trips AS t SET forward = true
         WHERE id = $1 AND status = 'assigned' AND NOT EXISTS (
             SELECT FROM trips.trips o WHERE o.driver_id = t.driver_id AND o.forward)",
        trip.uuid(),
    )
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(None);
    }
    select_trip!("WHERE id = $1", trip.uuid())
        .fetch_optional(connection)
        .await
}

/// The driver has nothing to finish before this trip any more.
pub(super) async fn end_forward(connection: &mut PgConnection, trip: TripId) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE trips.trips SET forward = false WHERE id = $1",
        trip.uuid(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// All trips that have a driver and are not over. How far they are is told for rides only.
pub(super) async fn list_engagements(
    connection: &mut PgConnection,
) -> sqlx::Result<Vec<EngagementRow>> {
    sqlx::query_as!(
        EngagementRow,
        r#"SELECT driver_id AS "driver_id!", forward, dropoff_lat_e7, dropoff_lng_e7, duration_s,
               CASE WHEN status = 'in_progress' THEN state END AS state, stops, waypoints
           FROM trips.trips
           WHERE status IN ('assigned', 'arrived', 'in_progress')"#,
    )
    .fetch_all(connection)
    .await
}

/// Which of these drivers have trips, a row for each trip.
pub(super) async fn list_engaged(
    connection: &mut PgConnection,
    drivers: &[Uuid],
) -> sqlx::Result<Vec<EngagedRow>> {
    sqlx::query_as!(
        EngagedRow,
        r#"SELECT driver_id AS "driver_id!", forward FROM trips.trips
           WHERE driver_id = ANY($1) AND status IN ('assigned', 'arrived', 'in_progress')"#,
        drivers,
    )
    .fetch_all(connection)
    .await
}
