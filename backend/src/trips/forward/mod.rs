//! Drivers who take a trip ahead of the end of another one.
//!
//! A driver drives one trip and may have taken one that comes after it. That one is assigned and
//! marked as forward; nothing can be done about it on the way but giving it back. When the first trip
//! is over or gone, the same transaction takes the mark away and tells both sides. Indexes see to it
//! that nobody drives two trips and nobody has two that come after.

mod queries;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::geo::LatLng;
use wayfare_core::id::{DriverId, TripId};
use wayfare_core::trip::{Event, Leg, Stops, TripState};
use wayfare_core::wire::ErrorCode;

use self::queries::EngagementRow;
use super::consequences::{give_kit, tell_all};
use super::rows::{StoredTrip, broken, read};
use crate::app::App;
use crate::dispatch::offers;
use crate::platform::failure::Failure;
use crate::realtime::Feed;

/// A trip that a driver has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Engagement {
    /// The driver.
    pub driver: DriverId,
    /// It comes after another one.
    pub forward: bool,
    /// Present while the rider is in the car.
    pub ride: Option<Ride>,
}

/// How far a ride is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ride {
    /// Where it ends.
    pub dropoff: LatLng,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// How long it was planned to take, in seconds.
    pub duration_s: i64,
    /// The car drives to the dropoff and to nowhere else before.
    pub last_leg: bool,
}

/// Which trips a driver has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Engaged {
    /// One to drive.
    pub driven: bool,
    /// One that comes after it.
    pub forward: bool,
}

/// All trips that have a driver and are not over.
pub async fn list_engagements(connection: &mut PgConnection) -> Result<Vec<Engagement>, Failure> {
    let rows = queries::list_engagements(connection).await?;
    rows.into_iter().map(engagement).collect()
}

/// Which trips these drivers have. Who is not in the answer has none.
pub async fn list_engaged(
    connection: &mut PgConnection,
    drivers: &[DriverId],
) -> Result<HashMap<DriverId, Engaged>, Failure> {
    let ids: Vec<Uuid> = drivers.iter().map(|driver| driver.uuid()).collect();
    let mut engaged: HashMap<DriverId, Engaged> = HashMap::new();
    for row in queries::list_engaged(connection, &ids).await? {
        let has = engaged
            .entry(DriverId::from_uuid(row.driver_id))
            .or_default();
        has.forward |= row.forward;
        has.driven |= !row.forward;
    }
    Ok(engaged)
}

/// The trip that a driver is on. It does not end before the caller's transaction does.
pub(super) async fn find_driven(
    connection: &mut PgConnection,
    driver: DriverId,
) -> Result<Option<StoredTrip>, Failure> {
    let row = queries::find_driven_trip(connection, driver).await?;
    row.map(StoredTrip::try_from).transpose()
}

fn engagement(row: EngagementRow) -> Result<Engagement, Failure> {
    let state: Option<TripState> = row.state.map(read).transpose()?;
    let ride = match state {
        Some(TripState::InProgress {
            started_at, leg, ..
        }) => {
            let stops = match row.stops {
                Some(stops) => read(stops)?,
                None => Stops {
                    waypoints: read(row.waypoints)?,
                    dropoff: LatLng::from_e7(row.dropoff_lat_e7, row.dropoff_lng_e7)
                        .map_err(broken)?,
                },
            };
            Some(Ride {
                dropoff: stops.dropoff,
                started_at,
                duration_s: row.duration_s,
                last_leg: matches!(leg, Leg::EnRoute { stop } if !stops.is_waypoint(stop)),
            })
        }
        _ => None,
    };
    Ok(Engagement {
        driver: DriverId::from_uuid(row.driver_id),
        forward: row.forward,
        ride,
    })
}

/// Refuses steps of a trip whose driver has another one to finish.
pub(super) fn check(stored: &StoredTrip, events: &[Event]) -> Result<(), Failure> {
    let moves_on = |event: &Event| matches!(event, Event::Arrived { .. });
    if stored.forward && events.iter().any(moves_on) {
        let detail = "finish your other trip first";
        return Err(Failure::refused(ErrorCode::DriverBusy, detail));
    }
    Ok(())
}

/// Whether the trip comes after another one of its driver. Of a trip that is just being assigned the
/// other one is looked for, and does not end before the caller's transaction does.
pub(super) async fn is_forward(
    connection: &mut PgConnection,
    stored: &StoredTrip,
    ahead: bool,
) -> Result<bool, Failure> {
    match stored.trip.state {
        TripState::Assigned { assignment } if ahead => {
            let driven = find_driven(connection, assignment.driver).await?;
            Ok(driven.is_some())
        }
        TripState::Assigned { .. } => Ok(stored.forward),
        _ => Ok(false),
    }
}

/// A trip that its driver had taken ahead comes after another one again, because that one goes on all
/// the same. Answers whether: one that was taken to be driven at once does not wait, nor one whose
/// driver is there already.
pub(super) async fn comes_after(
    connection: &mut PgConnection,
    trip: TripId,
    feed: &mut Feed,
) -> Result<bool, Failure> {
    if !offers::was_taken_ahead(connection, trip).await? {
        return Ok(false);
    }
    let Some(row) = queries::begin_forward(connection, trip).await? else {
        return Ok(false);
    };
    let stored = StoredTrip::try_from(row)?;
    tell_all(connection, &stored, None, feed).await?;
    Ok(true)
}

/// The trip that this driver took ahead is the one to drive now, if there is one. Answers whether.
pub(super) async fn come_first(
    connection: &mut PgConnection,
    app: &App,
    driver: DriverId,
    feed: &mut Feed,
) -> Result<bool, Failure> {
    let Some(row) = queries::find_forward_trip_for_update(connection, driver).await? else {
        return Ok(false);
    };
    let mut stored = StoredTrip::try_from(row)?;
    queries::end_forward(connection, stored.id()).await?;
    stored.forward = false;
    tell_all(connection, &stored, Some(driver), feed).await?;
    give_kit(connection, app, &stored, feed).await?;
    metrics::counter!("wayfare_forward_trips_total", "outcome" => "came_first").increment(1);
    Ok(true)
}
