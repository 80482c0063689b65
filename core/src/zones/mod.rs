//! Zones of a city: its boundary, queues at airports and stations, toll lines, and other geofences.
//!
//! They come from GeoJSON ([`Zones::parse`]). A feature that is broken in any way refuses the whole
//! file, with the feature's id: a geofence that is silently missing costs somebody money.
//!
//! Edges are straight lines between longitudes and latitudes, as GeoJSON defines them, and every
//! question is decided in whole numbers of 1e-7 degrees.

mod error;
mod pairs;
mod parse;
mod plane;
mod rings;
#[cfg(test)]
mod tests;
mod toll;
mod write;

use crate::geo::LatLng;
use plane::{Bounds, Place, Spot, place_in, ring_edges};

pub use error::{ZoneProblem, ZonesError};

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

impl ZoneKind {
    /// What GeoJSON calls it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CityBoundary => "city_boundary",
            Self::AirportQueue => "airport_queue",
            Self::StationQueue => "station_queue",
            Self::TollLine => "toll_line",
            Self::Geofence => "geofence",
        }
    }
}

impl std::fmt::Display for ZoneKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A zone: a polygon with holes, several of them, or lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// Short id that tariffs use: `airport`, `a8_la_turbie`. Unique in a city; 1 to 40 of a-z, 0-9
    /// and `_`.
    pub id: String,
    /// For people; the id if the file has no name.
    pub name: String,
    /// What it is for.
    pub kind: ZoneKind,
    /// Rings of each polygon, the outer one first, not repeating the first point; empty for lines.
    pub polygons: Vec<Vec<Vec<LatLng>>>,
    /// For toll lines; empty for polygons.
    pub lines: Vec<Vec<LatLng>>,
}

/// The zones of a city.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Zones {
    zones: Vec<Zone>,
    /// The rectangle round each polygon of each zone.
    bounds: Vec<Vec<Bounds>>,
}

impl Zones {
    /// Longer GeoJSON is refused.
    pub const BYTES_MAX: usize = 16_000_000;
    /// More zones are refused.
    pub const FEATURES_MAX: usize = 10_000;
    /// More points in all zones are refused.
    pub const POINTS_MAX: usize = 1_000_000;

    /// Reads and checks GeoJSON. One broken feature refuses all of it.
    ///
    /// Every feature needs the properties `kind` (see [`ZoneKind`]) and `id`, and may have `name`.
    /// The id may also be that of the feature; the property comes first. Toll lines are a
    /// `LineString` or `MultiLineString`, all others a `Polygon` or `MultiPolygon`.
    pub fn parse(geojson: &str) -> Result<Self, ZonesError> {
        Self::parse_as(geojson, None, None)
    }

    /// Reads and checks GeoJSON that others made, whose features do not say what they are here.
    ///
    /// `default_kind` is the kind of features without one. With an `id_prefix`, features without an
    /// id, or with a feature id that tariffs could not name (`relation/3459013`), get the prefix as
    /// their id, followed by `_1`, `_2` … if there is more than one feature. A malformed *property*
    /// `id` remains an error: somebody has written it for this purpose.
    pub fn parse_as(
        geojson: &str,
        default_kind: Option<ZoneKind>,
        id_prefix: Option<&str>,
    ) -> Result<Self, ZonesError> {
        Self::new(parse::parse(geojson, default_kind, id_prefix)?)
    }

    /// Puts the zones of several files together. Ids have to differ.
    pub fn merge(parts: impl IntoIterator<Item = Self>) -> Result<Self, ZonesError> {
        let zones: Vec<Zone> = parts.into_iter().flat_map(|part| part.zones).collect();
        let mut ids: Vec<&str> = zones.iter().map(|zone| zone.id.as_str()).collect();
        ids.sort_unstable();
        let twice = ids.iter().zip(ids.iter().skip(1)).find(|(a, b)| a == b);
        if let Some((id, _)) = twice {
            return Err(ZonesError::Feature {
                feature: (*id).to_owned(),
                problem: ZoneProblem::SameId,
            });
        }
        Self::new(zones)
    }

    /// Takes checked zones. Together they must not exceed what [`Zones::parse`] reads back.
    fn new(zones: Vec<Zone>) -> Result<Self, ZonesError> {
        at_most("features", zones.len(), Self::FEATURES_MAX)?;
        let rings = zones.iter().flat_map(|zone| zone.polygons.iter().flatten());
        let lines = zones.iter().flat_map(|zone| &zone.lines);
        // A ring repeats its first point.
        let ring_points: usize = rings.map(|ring| ring.len().saturating_add(1)).sum();
        let points = ring_points.saturating_add(lines.map(Vec::len).sum());
        at_most("points", points, Self::POINTS_MAX)?;
        let bounds = zones
            .iter()
            .map(|zone| zone.polygons.iter().map(|rings| bounds_of(rings)).collect())
            .collect();
        let zones = Self { zones, bounds };
        let bytes = zones.to_geojson().len();
        if bytes > Self::BYTES_MAX {
            return Err(ZonesError::TooLarge {
                bytes,
                max: Self::BYTES_MAX,
            });
        }
        Ok(zones)
    }

    /// All zones, in the order of the file.
    pub fn all(&self) -> &[Zone] {
        &self.zones
    }

    /// The GeoJSON that [`Zones::parse`] reads back.
    pub fn to_geojson(&self) -> String {
        write::write(&self.zones)
    }

    /// Whether trips may start here: inside a city boundary, or anywhere if none is given.
    pub fn serves(&self, at: LatLng) -> bool {
        let is_boundary = |zone: &Zone| zone.kind == ZoneKind::CityBoundary;
        let mut boundaries = self.with_bounds().filter(|(zone, _)| is_boundary(zone));
        !self.zones.iter().any(is_boundary)
            || boundaries.any(|(zone, bounds)| holds(zone, bounds, at))
    }

    /// The polygons that hold a position, in the order of the file. A border, that of a hole too,
    /// belongs to its polygon.
    pub fn containing(&self, at: LatLng) -> Vec<&Zone> {
        self.with_bounds()
            .filter(|(zone, bounds)| holds(zone, bounds, at))
            .map(|(zone, _)| zone)
            .collect()
    }

    /// The first wanted polygon that holds a position, with its place in [`Zones::all`].
    pub fn find_containing(
        &self,
        at: LatLng,
        wants: impl Fn(&Zone) -> bool,
    ) -> Option<(usize, &Zone)> {
        let mut zones = self.with_bounds().enumerate();
        let found = zones.find(|(_, (zone, bounds))| wants(zone) && holds(zone, bounds, at));
        found.map(|(position, (zone, _))| (position, zone))
    }

    /// Ids of toll lines in the order in which a way crosses them; twice if crossed twice. A way
    /// that only touches a line does not cross it.
    pub fn tolls_along(&self, way: &[LatLng]) -> Vec<String> {
        let drive = toll::edges_of_way(way);
        let mut crossings: Vec<(toll::Along, usize)> = Vec::new();
        for (index, zone) in self.zones.iter().enumerate() {
            for line in &zone.lines {
                let found = toll::crossings(&drive, line);
                crossings.extend(found.into_iter().map(|along| (along, index)));
            }
        }
        crossings.sort_by(|a, b| a.0.order(&b.0).then(a.1.cmp(&b.1)));
        // Where two lines of one zone meet, both are crossed at once.
        crossings.dedup();
        let zones = crossings
            .iter()
            .filter_map(|(_, index)| self.zones.get(*index));
        zones.map(|zone| zone.id.clone()).collect()
    }

    fn with_bounds(&self) -> impl Iterator<Item = (&Zone, &[Bounds])> {
        self.zones.iter().zip(self.bounds.iter().map(Vec::as_slice))
    }
}

fn at_most(what: &'static str, found: usize, max: usize) -> Result<(), ZonesError> {
    if found > max {
        return Err(ZonesError::TooMany { what, found, max });
    }
    Ok(())
}

/// The rectangle round a polygon: that of its outer ring.
fn bounds_of(rings: &[Vec<LatLng>]) -> Bounds {
    let outer = rings.first().into_iter().flatten();
    Bounds::of(outer.map(|at| Spot::from(*at)))
}

fn holds(zone: &Zone, bounds: &[Bounds], at: LatLng) -> bool {
    let spot = Spot::from(at);
    let mut near = zone
        .polygons
        .iter()
        .zip(bounds)
        .filter(|(_, bounds)| bounds.holds(spot));
    near.any(|(rings, _)| polygon_holds(rings, spot))
}

fn polygon_holds(rings: &[Vec<LatLng>], spot: Spot) -> bool {
    let Some((outer, holes)) = rings.split_first() else {
        return false;
    };
    place_in(ring_edges(outer), spot) != Place::Outside
        && holes
            .iter()
            .all(|hole| place_in(ring_edges(hole), spot) != Place::Inside)
}
