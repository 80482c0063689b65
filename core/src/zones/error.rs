//! What is wrong with zones.

use super::ZoneKind;
use crate::geo::LatLng;

/// Why a text holds no zones. One broken feature refuses all of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ZonesError {
    /// More bytes than are read.
    #[error("{bytes} bytes of GeoJSON; at most {max} are read")]
    TooLarge {
        /// How many there are.
        bytes: usize,
        /// How many there may be.
        max: usize,
    },
    /// Not JSON, or no feature collection.
    #[error("not a GeoJSON feature collection: {0}")]
    NotGeoJson(String),
    /// More features or points than are read.
    #[error("{found} {what}; at most {max} are read")]
    TooMany {
        /// Features or points.
        what: &'static str,
        /// How many there are, at least.
        found: usize,
        /// How many there may be.
        max: usize,
    },
    /// A feature that cannot be a zone.
    #[error("zone {feature}: {problem}")]
    Feature {
        /// Id of the feature, or its position ("feature 3", counted from 1) when it has none.
        feature: String,
        /// What is wrong.
        problem: ZoneProblem,
    },
}

/// Why a feature cannot be a zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ZoneProblem {
    /// It is not what RFC 7946 calls a feature.
    #[error("not a GeoJSON feature: {0}")]
    NotAFeature(String),
    /// It has no `kind`.
    #[error(
        "it has no kind; add \"kind\" to its properties: city_boundary, airport_queue, \
         station_queue, toll_line or geofence"
    )]
    NoKind,
    /// Its `kind` is none that is known.
    #[error(
        "{0} is no kind of zone; \"kind\" is one of city_boundary, airport_queue, station_queue, \
         toll_line, geofence"
    )]
    UnknownKind(String),
    /// It has no id.
    #[error(
        "it has no id; add \"id\" to its properties: the name that tariffs call it by, 1 to 40 of \
         a-z, 0-9 and _"
    )]
    NoId,
    /// Its id is not of the form that tariffs can name.
    #[error("the id {0} is not made of 1 to 40 of a-z, 0-9 and _")]
    BadId(String),
    /// Another feature has the same id.
    #[error("another zone has the same id")]
    SameId,
    /// Its name is no text, or longer than 200 characters.
    #[error("its name is not a text of at most 200 characters")]
    BadName,
    /// It has no geometry, or one that its kind cannot have.
    #[error("a zone of kind {kind} is a {wanted}, not {found}")]
    WrongGeometry {
        /// What it is for.
        kind: ZoneKind,
        /// Which geometries it may have.
        wanted: &'static str,
        /// Which it has.
        found: &'static str,
    },
    /// A geometry without any part.
    #[error("its geometry is empty")]
    Empty,
    /// A position that is not on earth.
    #[error("[{0}] is no longitude and latitude in degrees")]
    OffEarth(String),
    /// A ring whose last position is not its first.
    #[error("a ring does not end where it starts, at {}", show(*.0))]
    NotClosed(LatLng),
    /// A ring with fewer than three different corners, or a line with fewer than two.
    #[error("a ring or a line has too few different points, near {}", show(*.0))]
    TooFewPoints(LatLng),
    /// An edge that is longer than half way round the earth.
    #[error("it crosses the date line near {}; cut it there in two", show(*.0))]
    DateLine(LatLng),
    /// An edge that lies on the edge before it.
    #[error("a ring goes back on itself (a spike, or no area) at {}", show(*.0))]
    Spike(LatLng),
    /// A ring that crosses or touches itself.
    #[error("a ring crosses or touches itself near {}", show(*.0))]
    SelfIntersection(LatLng),
    /// Two rings that cross each other.
    #[error("two rings cross each other near {}", show(*.0))]
    RingsCross(LatLng),
    /// Two rings that share more than points.
    #[error("two rings run along each other near {}", show(*.0))]
    RingsOverlap(LatLng),
    /// A hole that is not inside its polygon.
    #[error("a hole is not inside its polygon, near {}", show(*.0))]
    HoleOutside(LatLng),
    /// Two holes, one inside the other.
    #[error("a hole is inside another hole, near {}", show(*.0))]
    HoleInHole(LatLng),
    /// Two polygons of one zone that cover the same ground.
    #[error("two polygons cover the same ground near {}", show(*.0))]
    PolygonsOverlap(LatLng),
    /// So many edges side by side that checking them would take minutes.
    #[error("it is too intricate to be checked; simplify it")]
    TooIntricate,
}

fn show(at: LatLng) -> String {
    format!("latitude {}, longitude {}", at.lat(), at.lng())
}
