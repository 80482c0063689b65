//! A ride that is over, as its trip and its track tell it.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::price::RideError;
use super::straight::StraightPlan;
use crate::geo::LatLng;
use crate::pricing::{Facts, RideLength, Tariff};
use crate::track::{TrackPoint, stand};
use crate::trip::{Trip, TripState};

/// A ride that is over, and what it is priced by.
#[derive(Debug, Clone, Copy)]
pub struct RideOver<'a> {
    /// The trip, completed.
    pub trip: &'a Trip,
    /// The facts of its quote.
    pub quoted: &'a Facts,
    /// The tariff of its quote.
    pub tariff: &'a Tariff,
    /// The plan along the stops as they are now.
    pub plan: RideLength,
    /// How to plan where nobody finds a way.
    pub straight: StraightPlan,
    /// The points of the trip, in any order. Only those of the ride count.
    pub track: &'a [TrackPoint],
}

/// What the trip and the track say of a ride, before anybody asks the ground.
#[derive(Debug, Clone)]
pub struct Ridden<'a> {
    /// What it is priced by.
    pub over: RideOver<'a>,
    /// The trip. If the track shows that the car left a stop and nobody said so, it says so here.
    pub trip: Trip,
    /// Until when the car stood at a stop that nobody said it left, if it did.
    pub stood_until: Option<DateTime<Utc>>,
    /// When the ride began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub completed_at: DateTime<Utc>,
    /// The points between the two, both included, by whole milliseconds.
    pub track: Vec<TrackPoint>,
}

impl<'a> Ridden<'a> {
    /// Refuses a trip that is not completed.
    pub fn of(over: &RideOver<'a>) -> Result<Self, RideError> {
        let TripState::Completed {
            started_at,
            completed_at,
            ..
        } = over.trip.state
        else {
            return Err(RideError::NotCompleted);
        };
        let span = started_at.timestamp_millis()..=completed_at.timestamp_millis();
        let points = over.track.iter();
        let track: Vec<TrackPoint> = points
            .filter(|point| span.contains(&point.at_ms))
            .copied()
            .collect();
        let mut trip = over.trip.clone();
        let stood_until = end_stand(&mut trip, &track);
        Ok(Self {
            over: *over,
            trip,
            stood_until,
            started_at,
            completed_at,
            track,
        })
    }

    /// Where the ride began and where it ended.
    pub fn ends(&self) -> [LatLng; 2] {
        let made = self.places_made();
        let end = made.last().copied().unwrap_or(self.trip.stops.dropoff);
        [self.trip.request.pickup, end]
    }

    /// The places that a plan of what was driven leads along; `None` if no stop was left out, because
    /// then there is a plan.
    pub fn places_to_plan(&self) -> Option<Vec<LatLng>> {
        (self.trip.stops_skipped() > 0).then(|| self.places_made())
    }

    /// How long the ride took, in seconds.
    pub(super) fn whole_s(&self) -> i64 {
        let whole = self.completed_at.signed_duration_since(self.started_at);
        whole.num_seconds()
    }

    /// When the ride began, by the clock of its tariff.
    pub fn began_local(&self) -> DateTime<Tz> {
        self.started_at.with_timezone(&self.over.tariff.timezone())
    }

    /// The places that the ride went to.
    pub(super) fn places_made(&self) -> Vec<LatLng> {
        let mut places = places_reached(&self.trip);
        if self.trip.open_stand().is_none() {
            places.push(self.trip.stops.dropoff);
        }
        places
    }
}

/// The pickup and the stops that the car came to.
pub fn places_reached(trip: &Trip) -> Vec<LatLng> {
    let reached = trip.visits.iter();
    let mut places = vec![trip.request.pickup];
    places.extend(reached.filter_map(|visit| trip.stops.position(visit.stop)));
    places
}

/// Until when the car stood at the last stop, if the driver did not say that it left: the track knows.
fn end_stand(ridden: &mut Trip, track: &[TrackPoint]) -> Option<DateTime<Utc>> {
    let visit = ridden.open_stand()?;
    let place = ridden.stops.position(visit.stop)?;
    let stand = stand(track, place, visit.arrived_at);
    if stand.left {
        ridden.end_stand(stand.until);
    }
    Some(stand.until)
}
