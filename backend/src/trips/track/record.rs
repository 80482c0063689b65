//! Keeps the points of many drivers at once.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::id::{DriverId, RiderId, TripId};

use super::queries;
use super::{DrivenTrip, StoredPoint, TripPoint};
use crate::platform::failure::Failure;

/// What the phone of a driver sent.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Whose phone.
    pub driver: DriverId,
    /// Where it was.
    pub points: Vec<StoredPoint>,
}

/// What became of what a phone sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recorded {
    /// How many of the points are new and belong to the trip that is driven.
    pub kept: u32,
    /// Who waits for the car or rides in it, with their trips.
    pub watched_by: Vec<(TripId, RiderId)>,
}

/// Keeps the points of drivers with the trips that they drive; without such a trip nothing is kept. A
/// point that several of them bring counts for the first. The answers are in the order of what was
/// sent.
pub async fn record_tracks(
    connection: &mut PgConnection,
    sent: &[Sent],
) -> Result<Vec<Recorded>, Failure> {
    let drivers: HashSet<Uuid> = sent.iter().map(|sent| sent.driver.uuid()).collect();
    let drivers: Vec<Uuid> = drivers.into_iter().collect();
    let rows = queries::lock_trips_of_drivers(connection, &drivers).await?;
    let mut trips: HashMap<DriverId, Vec<DrivenTrip>> = HashMap::new();
    for row in rows {
        let trip = DrivenTrip::try_from(row)?;
        trips.entry(trip.driver).or_default().push(trip);
    }
    let of_trips: Vec<Vec<TripPoint>> = sent
        .iter()
        .map(|sent| points_of_trip(sent, trips.get(&sent.driver)))
        .collect();
    let mut new = keep(connection, &of_trips.concat()).await?;
    let answers = sent.iter().zip(of_trips).map(|(sent, points)| {
        let counted = points.iter().filter(|point| new.remove(&moment(point)));
        Recorded {
            kept: u32::try_from(counted.count()).unwrap_or(u32::MAX),
            watched_by: watchers(trips.get(&sent.driver)),
        }
    });
    Ok(answers.collect())
}

/// The points that belong to the trip that the driver is on. The next trip, which begins where this
/// one ends, has none yet.
fn points_of_trip(sent: &Sent, trips: Option<&Vec<DrivenTrip>>) -> Vec<TripPoint> {
    let mut trips = trips.into_iter().flatten();
    let Some(driven) = trips.find(|trip| !trip.forward) else {
        return Vec::new();
    };
    let points = sent.points.iter();
    points
        .filter(|point| point.recorded_at >= driven.assigned_at)
        .map(|point| TripPoint {
            trip: driven.trip,
            point: *point,
        })
        .collect()
}

fn watchers(trips: Option<&Vec<DrivenTrip>>) -> Vec<(TripId, RiderId)> {
    let trips = trips.into_iter().flatten();
    trips.map(|trip| (trip.trip, trip.rider)).collect()
}

pub(super) type Moment = (Uuid, DateTime<Utc>);

fn moment(of: &TripPoint) -> Moment {
    (of.trip.uuid(), of.point.recorded_at)
}

/// Writes the points. Answers the moments that are new.
pub(super) async fn keep(
    connection: &mut PgConnection,
    points: &[TripPoint],
) -> Result<HashSet<Moment>, Failure> {
    let moments: HashSet<Moment> = points.iter().map(moment).collect();
    let times = moments.iter().map(|(_, at)| *at);
    let Some((from, to)) = times.clone().min().zip(times.max()) else {
        return Ok(HashSet::new());
    };
    queries::stage_points(connection, points).await?;
    let new = queries::insert_staged(connection).await?;
    if new.len() < points.len() {
        queries::replace_by_staged(connection, from, to).await?;
    }
    let new = new.into_iter();
    Ok(new
        .map(|point| (point.trip_id, point.recorded_at))
        .collect())
}
