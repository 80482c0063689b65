//! The places where a car may have been when its receiver said a position.

use super::likelihood::{emission, radius_m};
use super::line;
use super::thin::Kept;
use crate::geo::LatLng;
use crate::roads::hierarchy::Seed;
use crate::roads::network::RoadNetwork;
use crate::roads::snap::RoadPoint;

/// Roads near a point that are looked at; each is up to two places, one for each direction.
const SEGMENTS_MAX: usize = 8;

/// A place on an arc for a point of the track.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) seed: Seed,
    pub(super) along_mm: u32,
    pub(super) at: LatLng,
    /// Of the road, degrees clockwise from north.
    pub(super) bearing_deg: f64,
    /// Logarithm of how likely the point is here.
    pub(super) emission: f64,
}

impl Candidate {
    /// The place, for a point of the track at a position.
    pub(super) fn road_point(&self, point: LatLng) -> RoadPoint {
        RoadPoint {
            arc: self.seed.arc,
            at: self.at,
            along_mm: self.along_mm,
            distance_m: self.at.distance_m(point),
        }
    }
}

/// The places for a point, none if it is off every road.
pub(super) fn candidates(network: &RoadNetwork, kept: &Kept) -> Vec<Candidate> {
    let radius_m = radius_m(kept.sigma_m);
    let mut found = Vec::new();
    for snapped in network.nearby(kept.at, radius_m, SEGMENTS_MAX) {
        for seed in snapped.seeds {
            let along_mm = u32::try_from(seed.offset.length_mm.max(0)).unwrap_or(u32::MAX);
            let Some(arc) = network.arc(seed.arc) else {
                continue;
            };
            let shape = network.shape(seed.arc);
            found.push(Candidate {
                seed,
                along_mm,
                at: snapped.point.at,
                bearing_deg: line::bearing_deg(&shape, u64::from(along_mm)),
                emission: emission(snapped.point.distance_m, kept.sigma_m, arc.class),
            });
        }
    }
    found
}
