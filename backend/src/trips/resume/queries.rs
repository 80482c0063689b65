//! SQL of what stands in the way of a trip that goes on.

use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::id::{DriverId, RiderId, TripId};

/// Another trip that is in the way.
pub(super) struct OtherTrip {
    pub(super) id: Uuid,
    pub(super) status: String,
}

/// The rider's trip for now that is not over and not this one, locked.
pub(super) async fn find_live_of_rider(
    connection: &mut PgConnection,
    rider: RiderId,
    but: TripId,
) -> sqlx::Result<Option<OtherTrip>> {
    sqlx::query_as!(
        OtherTrip,
        "SELECT id, status FROM trips.trips
         WHERE rider_id = $1 AND id <> $2 AND pickup_at IS NULL AND NOT for_someone_else
             AND status IN ('requested', 'assigned', 'arrived', 'in_progress')
         FOR UPDATE",
        rider.uuid(),
        but.uuid(),
    )
    .fetch_optional(connection)
    .await
}

/// The trip that the driver is on and that is not this one, locked.
pub(super) async fn find_driven_by(
    connection: &mut PgConnection,
    driver: DriverId,
    but: TripId,
) -> sqlx::Result<Option<OtherTrip>> {
    sqlx::query_as!(
        OtherTrip,
        "SELECT id, status FROM trips.trips
         WHERE driver_id = $1 AND id <> $2 AND NOT forward
             AND status IN ('assigned', 'arrived', 'in_progress')
         FOR UPDATE",
        driver.uuid(),
        but.uuid(),
    )
    .fetch_optional(connection)
    .await
}
