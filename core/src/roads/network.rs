//! The roads, ready for queries.

use super::data::{NameIndex, RoadClass, RoadData, SegmentFlags};
use super::error::RoadsError;
use super::hierarchy::Contraction;
use crate::city::PackBytes;
use crate::geo::LatLng;

/// One segment in one direction in which it may be driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ArcId(pub u32);

/// What is known of an arc.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoadArc {
    /// The segment it belongs to.
    pub segment: u32,
    /// Whether it runs from the segment's start to its end.
    pub forward: bool,
    /// Junction where it starts.
    pub from: u32,
    /// Junction where it ends.
    pub to: u32,
    /// Length in millimetres.
    pub length_mm: u32,
    /// Time to drive it in milliseconds, lights and turns not counted. Never 0.
    pub duration_ms: u32,
    /// Kind of road.
    pub class: RoadClass,
    /// Name of the street.
    pub name: NameIndex,
    /// The rest.
    pub flags: SegmentFlags,
}

/// The roads of a city with everything that makes queries fast. Never empty.
#[derive(Debug)]
pub struct RoadNetwork {
    pub(super) snap_index: super::snap_index::SnapIndex,
    pub(super) searches: super::search_pool::SearchPool,
}

/// The bytes of a pack's `roads.bin`.
pub fn encode(_data: &RoadData, _contraction: &Contraction) -> Result<Vec<u8>, RoadsError> {
    Err(RoadsError::Empty) // Stub
}

impl RoadNetwork {
    /// Makes packed roads ready.
    pub fn open(_bytes: PackBytes) -> Result<Self, RoadsError> {
        Err(RoadsError::Empty) // Stub
    }

    /// How many arcs there are; ids run from 0.
    pub fn arc_count(&self) -> u32 {
        0 // Stub
    }

    /// An arc. `None` when the id belongs to a larger network.
    pub fn arc(&self, _id: ArcId) -> Option<RoadArc> {
        None // Stub
    }

    /// The arc of the same segment in the other direction, if it may be driven.
    pub fn reverse(&self, _id: ArcId) -> Option<ArcId> {
        None // Stub
    }

    /// Positions along an arc in driving order, both ends included: at least two. Empty when the id
    /// belongs to a larger network.
    pub fn shape(&self, _id: ArcId) -> Vec<LatLng> {
        Vec::new() // Stub
    }

    /// The arcs that one may turn into at the end of an arc, with the time for the turn in
    /// milliseconds (bends, lights, turning round). Bans through several segments are not in here.
    pub fn turns(&self, _from: ArcId) -> Vec<(ArcId, u32)> {
        Vec::new() // Stub
    }

    /// A name; empty for no name.
    pub fn name(&self, _name: NameIndex) -> &str {
        "" // Stub
    }

    /// Whether a way leads from this arc to most others and back.
    pub fn is_well_connected(&self, _id: ArcId) -> bool {
        true // Stub
    }

    /// South-west and north-east corner of the rectangle that holds every road.
    pub fn bounds(&self) -> (LatLng, LatLng) {
        let zero = LatLng::from_e7(0, 0).unwrap_or_else(|_| unreachable!());
        (zero, zero) // Stub
    }

    /// Whether traffic keeps left.
    pub fn drives_on_left(&self) -> bool {
        false // Stub
    }
}
