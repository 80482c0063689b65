//! How a gap in a track is bridged.

use std::sync::Arc;

use crate::geo::LatLng;
#[cfg(feature = "routing")]
use crate::roads::RoadNetwork;

/// A position farther than this from every road is not on the roads.
#[cfg(feature = "routing")]
const OFF_ROAD_M_MAX: f64 = 500.0;

/// Knows how long the way by road is between two places.
pub trait Roads {
    /// Length of the way in millimetres, or `None` if these roads do not know one.
    fn length_mm(&self, from: LatLng, to: LatLng) -> Option<u64>;
}

/// No roads: every gap is bridged in a straight line.
#[derive(Debug, Clone, Copy, Default)]
pub struct StraightLine;

impl Roads for StraightLine {
    fn length_mm(&self, _from: LatLng, _to: LatLng) -> Option<u64> {
        None
    }
}

impl<R: Roads + ?Sized> Roads for &R {
    fn length_mm(&self, from: LatLng, to: LatLng) -> Option<u64> {
        (**self).length_mm(from, to)
    }
}

impl<R: Roads + ?Sized> Roads for Arc<R> {
    fn length_mm(&self, from: LatLng, to: LatLng) -> Option<u64> {
        (**self).length_mm(from, to)
    }
}

/// The fastest way between the nearest places on roads, with the straight legs to and from them.
///
/// `None` if no road connects them, if a place is more than 500 m from the nearest road, or if both
/// are nearest to the same place: then the roads know nothing finer than the straight line.
#[cfg(feature = "routing")]
impl Roads for RoadNetwork {
    fn length_mm(&self, from: LatLng, to: LatLng) -> Option<u64> {
        self.bridge_mm([from, to], OFF_ROAD_M_MAX)
    }
}
