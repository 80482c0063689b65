//! What a city's ground makes of a ride.

use chrono::DateTime;
use chrono_tz::Tz;

use super::over::Ridden;
use crate::geo::LatLng;
use crate::pricing::RideLength;
use crate::track::{Reading, StraightLine, TrackPoint, measure};

/// What a track says on a city's ground.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrivenWay {
    /// Distance, duration and what became of the points. Without roads, gaps are straight lines.
    pub reading: Reading,
    /// The toll lines that were crossed, in order; `None` if this ground knows no tolls.
    pub tolls: Option<Vec<String>>,
}

/// Roads, zones and tolls, as far as somebody knows them. It blocks: reading a long track takes
/// milliseconds.
pub trait Ground {
    /// Reads a track.
    fn read(&self, track: &[TrackPoint]) -> DrivenWay;

    /// The zones that a place is in, those without a fee as well; `None` if this ground knows no zones.
    fn zones_at(&self, at: LatLng) -> Option<Vec<String>>;

    /// The planned length along these places, of a ride that begins then by the clock of its tariff;
    /// `None` if this ground finds no way.
    fn length_along(&self, places: &[LatLng], begins: DateTime<Tz>) -> Option<RideLength>;
}

/// No map: gaps are straight lines, tolls and zones are as quoted, and plans are straight lines made
/// longer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NoGround;

impl Ground for NoGround {
    fn read(&self, track: &[TrackPoint]) -> DrivenWay {
        DrivenWay {
            reading: measure(track, &StraightLine),
            tolls: None,
        }
    }

    fn zones_at(&self, _at: LatLng) -> Option<Vec<String>> {
        None
    }

    fn length_along(&self, _places: &[LatLng], _begins: DateTime<Tz>) -> Option<RideLength> {
        None
    }
}

/// What the ground says of a ride that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What the track says.
    pub way: DrivenWay,
    /// The zones of the pickup and of where the ride ended; `None` if they are not known.
    pub zones: Option<Vec<String>>,
    /// The planned length along the places that the car came to, if stops were left out and a way was
    /// found.
    pub made: Option<RideLength>,
}

impl Found {
    /// Asks the ground everything about a ride.
    pub fn of<G: Ground + ?Sized>(ridden: &Ridden<'_>, ground: &G) -> Self {
        let made = ridden.places_to_plan();
        Self {
            way: ground.read(&ridden.track),
            zones: zones_of(ground, ridden.ends()),
            made: made.and_then(|places| ground.length_along(&places, ridden.began_local())),
        }
    }
}

/// The zones of both ends of a ride.
fn zones_of<G: Ground + ?Sized>(ground: &G, ends: [LatLng; 2]) -> Option<Vec<String>> {
    let mut all = Vec::new();
    for end in ends {
        all.extend(ground.zones_at(end)?);
    }
    Some(all)
}
