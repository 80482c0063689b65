//! A noisy track laid onto the roads.
//!
//! A hidden Markov model after Newson and Krumm, "Hidden Markov Map Matching Through Noise and
//! Sparseness" (2009): a car is on one of the roads near each point, the nearer the likelier
//! (`likelihood`), and it came there from the roads of the point before by the fastest way, the
//! likelier the better that way's length fits the distance between the points. The most likely
//! sequence of places (`lattice`) is then joined by the ways between them (`drive`).
//!
//! A place is a position on an *arc*, so it has a direction, and turning round costs what it costs
//! on the road. A car that stands still drifts about in the eyes of its receiver: points that are
//! closer together than the noise are one (`thin`), and drifting backwards on one arc is standing.

mod candidate;
mod drive;
mod lattice;
mod likelihood;
mod line;
#[cfg(test)]
pub(super) mod tests;
mod thin;

use super::hierarchy::Search;
use super::network::{ArcId, RoadNetwork};
use super::snap::RoadPoint;
use crate::geo::LatLng;
use drive::Drive;

/// A point of a track to match.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrackFix {
    /// Where the receiver said it was.
    pub at: LatLng,
    /// When, in milliseconds of any clock that does not jump.
    pub at_ms: i64,
    /// How exact the receiver thinks it is, in metres: the radius that holds it two times of three.
    /// `None`, like anything that is not a positive number, is an ordinary receiver under open sky.
    pub accuracy_m: Option<f64>,
}

/// What became of a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MatchedPoint {
    /// Position of the point in the track.
    pub index: usize,
    /// Where it most likely was; `None` if it is an outlier or off every road.
    pub on_road: Option<RoadPoint>,
}

/// When a drive was how far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passage {
    /// Position of the point in the track.
    pub point: usize,
    /// When, on the track's clock, in milliseconds.
    pub at_ms: i64,
    /// Driven since the start of the drive, in millimetres.
    pub driven_mm: u64,
}

/// One unbroken drive of a track. A place where the car only stood makes no drive.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchedDrive {
    /// The arcs in driving order.
    pub arcs: Vec<ArcId>,
    /// Where on the first arc it starts, in millimetres from the arc's start.
    pub start_along_mm: u32,
    /// Along the roads.
    pub geometry: Vec<LatLng>,
    /// Length in millimetres.
    pub length_mm: u64,
    /// The first and the last point by time, as positions in the track.
    pub points: (usize, usize),
    /// Every point on this drive, by time: neither the times nor the lengths ever decrease.
    pub passages: Vec<Passage>,
}

/// A track on the roads.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MatchedTrack {
    /// One for each point that was given, in the order they were given.
    pub points: Vec<MatchedPoint>,
    /// The drives by time; several if the track has gaps that no road explains.
    pub drives: Vec<MatchedDrive>,
    /// From 0 (guesswork) to 1: how much of the track is explained, and how closely.
    pub confidence: f64,
}

impl RoadNetwork {
    /// Points of a track beyond this number are not matched.
    pub const TRACK_POINTS_MAX: usize = crate::track::POINTS_MAX;

    /// Lays a track onto the roads: the most likely sequence of places on roads, given that
    /// receivers err and that cars drive by road.
    ///
    /// The points may come in any order: they are taken by their times, equal times in the order
    /// given. Silence of up to ten minutes (a tunnel, a dead phone) is bridged by road where a car
    /// could have driven that way in that time; otherwise one drive ends and another begins. The
    /// work is bounded by the number of points, of which [`RoadNetwork::TRACK_POINTS_MAX`] count.
    pub fn match_track(&self, search: &mut Search, track: &[TrackFix]) -> MatchedTrack {
        let counted = track.get(..Self::TRACK_POINTS_MAX).unwrap_or(track);
        let kept = thin::thin(counted);
        let mut matched = MatchedTrack {
            points: (0..track.len()).map(MatchedPoint::unmatched).collect(),
            ..MatchedTrack::default()
        };
        let mut fit = Fit::default();
        for chain in lattice::chains(self, search, &kept) {
            for drive in drive::join(self, search, &kept, chain) {
                matched.take(drive, &mut fit);
            }
        }
        matched.confidence = fit.confidence(track.len());
        matched
    }
}

impl MatchedPoint {
    fn unmatched(index: usize) -> Self {
        Self {
            index,
            on_road: None,
        }
    }
}

impl MatchedTrack {
    fn take(&mut self, drive: Drive, fit: &mut Fit) {
        for place in &drive.places {
            fit.add(place.on_road.distance_m, place.sigma_m);
            if let Some(point) = self.points.get_mut(place.index) {
                point.on_road = Some(place.on_road);
            }
        }
        self.drives.extend(drive.into_matched());
    }
}

/// How closely points lie to their roads.
#[derive(Debug, Default)]
struct Fit {
    closeness: f64,
}

impl Fit {
    fn add(&mut self, distance_m: f64, sigma_m: f64) {
        let z = distance_m / (3.0 * sigma_m);
        self.closeness += libm::exp(-0.5 * z * z);
    }

    #[expect(clippy::cast_precision_loss, reason = "a track is short")]
    fn confidence(&self, points: usize) -> f64 {
        if points == 0 {
            return 0.0;
        }
        (self.closeness / points as f64).clamp(0.0, 1.0)
    }
}
