//! Points that come later than they were driven, when the trip may be over.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use wayfare_core::id::{DriverId, TripId};
use wayfare_core::trip::TripState;

use super::record::keep;
use super::{StoredPoint, TripPoint, queries};
use crate::platform::failure::Failure;

/// Who drives a trip, or drove it in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrackOwner {
    /// The trip.
    pub trip: TripId,
    /// The driver, if there is or was one.
    pub driver: Option<DriverId>,
    /// Since when the trip is the driver's.
    pub assigned_at: Option<DateTime<Utc>>,
}

/// Who drives the trip; that does not change before the caller's transaction ends. `None` if there is
/// no such trip.
///
/// The lock is stronger than that of live points: what is done about the trip once they are in must
/// not wait for another who does the same.
pub async fn lock_track(
    connection: &mut PgConnection,
    trip: TripId,
) -> Result<Option<TrackOwner>, Failure> {
    let Some(state) = queries::lock_state(connection, trip).await? else {
        return Ok(None);
    };
    let state: TripState = serde_json::from_value(state)
        .map_err(|error| Failure::broken("reading a trip's state", error))?;
    let assignment = state.assignment();
    Ok(Some(TrackOwner {
        trip,
        driver: assignment.map(|assignment| assignment.driver),
        assigned_at: assignment.map(|assignment| assignment.assigned_at),
    }))
}

/// Keeps the driver's points with the trip, from when it was given to the driver until `until`. A
/// point that is there is kept once. Answers how many are new.
pub async fn keep_late(
    connection: &mut PgConnection,
    owner: TrackOwner,
    points: impl IntoIterator<Item = StoredPoint>,
    until: DateTime<Utc>,
) -> Result<usize, Failure> {
    let Some(assigned_at) = owner.assigned_at else {
        return Ok(0);
    };
    let span = assigned_at..=until;
    let points: Vec<TripPoint> = points
        .into_iter()
        .filter(|point| span.contains(&point.recorded_at))
        .map(|point| TripPoint {
            trip: owner.trip,
            point,
        })
        .collect();
    Ok(keep(connection, &points).await?.len())
}
