//! A person's own trips, for a device that keeps a copy of them, and which trips were ever theirs.

mod queries;

use sqlx::PgConnection;
use wayfare_core::id::{DriverId, RiderId, TripId, UserId};
use wayfare_core::wire::Trip;

use super::rows::StoredTrip;
use super::view;
use crate::platform::failure::Failure;

/// The person's newest trips on either side, newest first.
pub async fn list_newest(
    connection: &mut PgConnection,
    user: UserId,
    limit: i64,
) -> Result<Vec<StoredTrip>, Failure> {
    let rows = queries::list_newest_of(connection, user, limit).await?;
    rows.into_iter().map(StoredTrip::try_from).collect()
}

/// The trips that a driver was given and that are not over.
pub async fn list_open_of_driver(
    connection: &mut PgConnection,
    driver: DriverId,
) -> Result<Vec<StoredTrip>, Failure> {
    let rows = queries::list_open_of_driver(connection, driver).await?;
    rows.into_iter().map(StoredTrip::try_from).collect()
}

/// These trips as this person sees them.
pub async fn show(
    connection: &mut PgConnection,
    trips: &[StoredTrip],
    viewer: UserId,
) -> Result<Vec<Trip>, Failure> {
    view::many(connection, trips, viewer).await
}

/// Whether the driver drives the trip, or had it to drive once.
pub async fn was_driver_of(
    connection: &mut PgConnection,
    trip: TripId,
    driver: DriverId,
) -> Result<bool, Failure> {
    let name = driver.to_string();
    Ok(queries::was_driver_of(connection, trip, driver, &name).await?)
}

/// Whether the person asked for the trip.
pub async fn is_rider_of(
    connection: &mut PgConnection,
    trip: TripId,
    rider: RiderId,
) -> Result<bool, Failure> {
    Ok(queries::is_rider_of(connection, trip, rider).await?)
}
