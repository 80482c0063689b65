//! The points that a car drove through during a trip.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use wayfare_core::geo::LatLng;
use wayfare_core::id::{DriverId, RiderId, TripId};
use wayfare_core::track::{POINTS_MAX, TrackPoint};
use wayfare_core::wire::{ErrorCode, LocationPoint};

use super::forward;
use super::queries::{self, TrackPoint as StoredPoint, TrackSpan};
use crate::platform::failure::Failure;

/// A trip whose car moved.
#[derive(Debug, Clone, Copy)]
pub struct TrackedTrip {
    /// The trip.
    pub trip: TripId,
    /// Who waits for the car or rides in it.
    pub rider: RiderId,
    /// How many of the points are new.
    pub kept: u32,
}

/// Keeps the points of a driver's running trip with it. Without a running trip nothing is kept.
pub async fn record_track(
    connection: &mut PgConnection,
    driver: DriverId,
    points: &[LocationPoint],
) -> Result<Option<TrackedTrip>, Failure> {
    let Some(stored) = forward::find_driven(connection, driver).await? else {
        return Ok(None);
    };
    let Some(assignment) = stored.trip.state.assignment() else {
        return Ok(None);
    };
    let of_trip = points
        .iter()
        .filter(|point| point.t >= assignment.assigned_at);
    let points = of_trip.map(track_point).collect::<Result<Vec<_>, _>>()?;
    let kept = queries::insert_track_points(connection, stored.id(), &points).await?;
    let kept = u32::try_from(kept).unwrap_or(u32::MAX);
    Ok(Some(TrackedTrip {
        trip: stored.id(),
        rider: stored.rider(),
        kept,
    }))
}

fn track_point(point: &LocationPoint) -> Result<StoredPoint, Failure> {
    let position: LatLng = point.point().try_into().map_err(|error| {
        Failure::refused(
            ErrorCode::InvalidRequest,
            format!("a point's position: {error}"),
        )
    })?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "degrees need no more than seven digits, and nothing is computed with them"
    )]
    let short = |number: f64| number as f32;
    Ok(StoredPoint {
        recorded_at: point.t,
        lat_e7: position.lat_e7(),
        lng_e7: position.lng_e7(),
        accuracy_m: point.accuracy_m,
        speed_mps: point.speed_mps,
        heading_deg: point.heading_deg.map(short),
    })
}

/// The points of a trip between two moments, both included.
pub(super) async fn list_track(
    connection: &mut PgConnection,
    trip: TripId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<TrackPoint>, Failure> {
    let limit = i64::try_from(POINTS_MAX).unwrap_or(i64::MAX);
    let span = TrackSpan { from, to, limit };
    let stored = queries::list_track_points(connection, trip, span).await?;
    stored.iter().map(read_point).collect()
}

fn read_point(stored: &StoredPoint) -> Result<TrackPoint, Failure> {
    let position = LatLng::from_e7(stored.lat_e7, stored.lng_e7)
        .map_err(|error| Failure::broken("reading a point's position", error))?;
    TrackPoint::new(
        stored.recorded_at,
        position,
        stored.accuracy_m,
        stored.speed_mps,
    )
    .map_err(|error| Failure::broken("reading a point", error))
}
