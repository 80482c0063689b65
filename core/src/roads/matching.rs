//! A noisy track laid onto the roads (hidden Markov model).

use super::hierarchy::Search;
use super::network::{ArcId, RoadNetwork};
use super::snap::RoadPoint;
use crate::geo::LatLng;

/// A point of a track to match.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrackFix {
    /// Where the receiver said it was.
    pub at: LatLng,
    /// When, in milliseconds of any clock that does not jump.
    pub at_ms: i64,
    /// How exact the receiver thinks it is, in metres, if it says so.
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

/// One unbroken drive of a track.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchedDrive {
    /// The arcs in driving order.
    pub arcs: Vec<ArcId>,
    /// Along the roads.
    pub geometry: Vec<LatLng>,
    /// Length in millimetres.
    pub length_mm: u64,
    /// The first and the last point, as positions in the track.
    pub points: (usize, usize),
}

/// A track on the roads.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MatchedTrack {
    /// One for each point that was given.
    pub points: Vec<MatchedPoint>,
    /// The drives; several if the track has gaps that no road explains.
    pub drives: Vec<MatchedDrive>,
    /// From 0 (guesswork) to 1: how much of the track is explained, and how closely.
    pub confidence: f64,
}

impl RoadNetwork {
    /// Lays a track onto the roads: the most likely sequence of places on roads, given that
    /// receivers err and that cars drive by road.
    pub fn match_track(&self, _search: &mut Search, _track: &[TrackFix]) -> MatchedTrack {
        MatchedTrack::default() // Stub
    }
}
