//! The road nearest to a position.

use super::hierarchy::Seed;
use super::network::{ArcId, RoadNetwork};
use crate::geo::LatLng;

/// A place on an arc.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoadPoint {
    /// The arc.
    pub arc: ArcId,
    /// Where on it.
    pub at: LatLng,
    /// From the arc's start along the road, in millimetres.
    pub along_mm: u32,
    /// From the position that was asked for, in metres.
    pub distance_m: f64,
}

/// A position brought onto the roads: everything a search may start or end with.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapped {
    /// The place on the road.
    pub point: RoadPoint,
    /// The arcs of the segment at that place, one or two.
    pub seeds: Vec<Seed>,
}

impl RoadNetwork {
    /// The nearest place on a road, however far; of a well-connected road if that is asked for.
    pub fn nearest(&self, _at: LatLng, _well_connected: bool) -> Option<Snapped> {
        None // Stub
    }

    /// Places on roads within a radius in metres, the nearest of each segment, nearest first, at
    /// most `limit`.
    pub fn nearby(&self, _at: LatLng, _radius_m: f64, _limit: usize) -> Vec<Snapped> {
        Vec::new() // Stub
    }
}
