//! Zones of a city: its boundary, queues at airports and stations, toll lines, and other geofences.

use crate::geo::LatLng;

/// What a zone is for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
pub enum ZoneKind {
    /// Trips start in here.
    CityBoundary,
    /// Drivers wait in a queue for trips from in here: an airport.
    AirportQueue,
    /// Drivers wait in a queue for trips from in here: a station, a rank.
    StationQueue,
    /// Crossing this line costs a toll.
    TollLine,
    /// Any other polygon that a tariff or a rule names.
    Geofence,
}

/// A zone: a polygon with holes, several of them, or lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    /// Short id that tariffs use: `airport`, `a8_la_turbie`. Unique in a city.
    pub id: String,
    /// For people.
    pub name: String,
    /// What it is for.
    pub kind: ZoneKind,
    /// Rings of each polygon, the outer one first, not repeating the first point; empty for lines.
    pub polygons: Vec<Vec<Vec<LatLng>>>,
    /// For toll lines; empty for polygons.
    pub lines: Vec<Vec<LatLng>>,
}

/// What is wrong with zones.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ZonesError {
    /// Not JSON, or no feature collection.
    #[error("not a GeoJSON feature collection: {0}")]
    NotGeoJson(String),
    /// A feature that cannot be a zone.
    #[error("zone {feature}: {problem}")]
    Feature {
        /// Id of the feature, or its position ("feature 3") when it has none.
        feature: String,
        /// What is wrong, in words.
        problem: String,
    },
}

/// The zones of a city.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Zones {
    zones: Vec<Zone>,
}

impl Zones {
    /// Reads and checks GeoJSON. One broken feature refuses all of it.
    pub fn parse(_geojson: &str) -> Result<Self, ZonesError> {
        Ok(Self::default()) // Stub
    }

    /// All zones.
    pub fn all(&self) -> &[Zone] {
        &self.zones
    }

    /// The GeoJSON that [`Zones::parse`] reads back.
    pub fn to_geojson(&self) -> String {
        String::new() // Stub
    }

    /// Whether trips may start here: inside a city boundary, or anywhere if none is given.
    pub fn serves(&self, _at: LatLng) -> bool {
        true // Stub
    }

    /// The polygons that hold a position.
    pub fn containing(&self, _at: LatLng) -> Vec<&Zone> {
        Vec::new() // Stub
    }

    /// Ids of toll lines in the order in which a way crosses them; twice if crossed twice.
    pub fn tolls_along(&self, _way: &[LatLng]) -> Vec<String> {
        Vec::new() // Stub
    }
}
