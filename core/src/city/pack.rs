//! A pack that is open.

use std::sync::Arc;

use super::manifest::Manifest;
use crate::places::PlaceIndex;
use crate::roads::RoadNetwork;
use crate::zones::{ZoneKind, Zones};

/// A city's roads, places and zones, ready for use. [`CityPack::open`] makes it from a folder; a
/// program that has the bytes in another way fills it in itself.
#[derive(Debug, Clone)]
pub struct CityPack {
    /// What the pack says of itself.
    pub manifest: Manifest,
    /// Routes, tables, the nearest road.
    pub roads: Arc<RoadNetwork>,
    /// Search and reverse geocoding.
    pub places: PlaceIndex,
    /// Boundary, queues, tolls.
    pub zones: Zones,
}

impl CityPack {
    /// Whether there is a line whose crossing costs a toll.
    pub fn has_tolls(&self) -> bool {
        let mut zones = self.zones.all().iter();
        zones.any(|zone| zone.kind == ZoneKind::TollLine)
    }
}
