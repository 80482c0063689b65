//! The points that cars drove through during trips: one table with a partition per day.

mod late;
mod queries;
mod record;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use wayfare_core::geo::LatLng;
use wayfare_core::id::{DriverId, RiderId, TripId};
use wayfare_core::track::segment::SegmentPoint;
use wayfare_core::track::{POINTS_MAX, TrackPoint};
use wayfare_core::trip::TripState;
use wayfare_core::wire::{ErrorCode, LocationPoint};

use self::queries::{DrivenRow, TrackSpan};
use crate::platform::failure::Failure;
use crate::platform::partitions::DailyPartitions;

pub use late::{TrackOwner, keep_late, lock_track};
pub use record::{Recorded, Sent, record_tracks};

const TRACKS: DailyPartitions = DailyPartitions {
    table: "trips.tracks",
    default: "trips.track_points",
    column: "recorded_at",
};
/// A day gets its partition a whole day ahead: until then the program of before this one, which
/// writes to the default partition only, may run beside it.
const FIRST_DAY_AHEAD: TimeDelta = TimeDelta::days(2);
const LAST_DAY_AHEAD: TimeDelta = TimeDelta::days(5);

/// A point as it is kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StoredPoint {
    /// When it was measured, in whole microseconds.
    pub(super) recorded_at: DateTime<Utc>,
    pub(super) lat_e7: i32,
    pub(super) lng_e7: i32,
    pub(super) accuracy_m: f64,
    pub(super) speed_mps: Option<f64>,
    pub(super) heading_deg: Option<f32>,
}

impl TryFrom<&LocationPoint> for StoredPoint {
    type Error = Failure;

    fn try_from(point: &LocationPoint) -> Result<Self, Failure> {
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
        Ok(Self {
            // The database keeps no more, and equal moments must be seen as equal before it does.
            recorded_at: point.t.trunc_subsecs(6),
            lat_e7: position.lat_e7(),
            lng_e7: position.lng_e7(),
            accuracy_m: point.accuracy_m,
            speed_mps: point.speed_mps,
            heading_deg: point.heading_deg.map(short),
        })
    }
}

impl From<&SegmentPoint> for StoredPoint {
    fn from(measured: &SegmentPoint) -> Self {
        let point = &measured.point;
        let thousandths = |number: u32| f64::from(number) / 1000.0;
        Self {
            recorded_at: point.at(),
            lat_e7: point.position.lat_e7(),
            lng_e7: point.position.lng_e7(),
            accuracy_m: thousandths(point.accuracy_mm),
            speed_mps: point.speed_mm_s.map(thousandths),
            heading_deg: measured
                .heading_cdeg
                .map(|heading| f32::from(heading) / 100.0),
        }
    }
}

/// A point with its trip.
#[derive(Debug, Clone, Copy)]
struct TripPoint {
    trip: TripId,
    point: StoredPoint,
}

/// A trip that a driver was given and that is not over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrivenTrip {
    /// The trip.
    pub trip: TripId,
    /// Who waits for the car or rides in it.
    pub rider: RiderId,
    /// Who drives.
    pub driver: DriverId,
    /// The driver finishes another trip first.
    pub forward: bool,
    /// Since when it is the driver's.
    pub assigned_at: DateTime<Utc>,
}

impl TryFrom<DrivenRow> for DrivenTrip {
    type Error = Failure;

    fn try_from(row: DrivenRow) -> Result<Self, Failure> {
        let state: TripState = serde_json::from_value(row.state)
            .map_err(|error| Failure::broken("reading a trip's state", error))?;
        let assignment = state
            .assignment()
            .ok_or_else(|| Failure::broken("reading a trip", NoAssignment))?;
        Ok(Self {
            trip: TripId::from_uuid(row.id),
            rider: RiderId::from_uuid(row.rider_id),
            driver: DriverId::from_uuid(row.driver_id),
            forward: row.forward,
            assigned_at: assignment.assigned_at,
        })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a trip has a driver in its row and none in its state")]
struct NoAssignment;

/// All trips that a driver was given and that are not over.
pub async fn list_driven(connection: &mut PgConnection) -> Result<Vec<DrivenTrip>, Failure> {
    let rows = queries::list_driven(connection).await?;
    rows.into_iter().map(DrivenTrip::try_from).collect()
}

/// When the cars of these trips were last heard of, of those that were since `since`.
pub async fn list_last_points(
    connection: &mut PgConnection,
    trips: &[TripId],
    since: DateTime<Utc>,
) -> Result<Vec<(TripId, DateTime<Utc>)>, Failure> {
    let ids: Vec<Uuid> = trips.iter().map(|trip| trip.uuid()).collect();
    let rows = queries::list_last_points(connection, &ids, since).await?;
    let read = |row: queries::LastPoint| (TripId::from_uuid(row.trip_id), row.recorded_at);
    Ok(rows.into_iter().map(read).collect())
}

/// Makes the partitions of the days to come. Points are never dropped: receipts stand on them.
pub async fn create_track_partitions(pool: &PgPool, now: DateTime<Utc>) -> Result<u32, Failure> {
    let (first, last) = (now + FIRST_DAY_AHEAD, now + LAST_DAY_AHEAD);
    TRACKS
        .create(pool, first.date_naive()..=last.date_naive())
        .await
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
