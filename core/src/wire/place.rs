//! Positions on the wire: degrees.

use serde::{Deserialize, Serialize};

use crate::geo::{LatLng, LatLngError};

/// A position in degrees, WGS 84.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(deny_unknown_fields))]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// Latitude, -90 to 90.
    #[cfg_attr(
        feature = "openapi",
        oai(validator(minimum(value = "-90"), maximum(value = "90")))
    )]
    pub lat: f64,
    /// Longitude, -180 to 180.
    #[cfg_attr(
        feature = "openapi",
        oai(validator(minimum(value = "-180"), maximum(value = "180")))
    )]
    pub lng: f64,
}

impl From<LatLng> for Point {
    fn from(position: LatLng) -> Self {
        Self {
            lat: position.lat(),
            lng: position.lng(),
        }
    }
}

impl TryFrom<Point> for LatLng {
    type Error = LatLngError;

    fn try_from(point: Point) -> Result<Self, LatLngError> {
        Self::from_degrees(point.lat, point.lng)
    }
}

/// A street, an address or another place that was found.
#[cfg(feature = "routing")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct PlaceView {
    /// What it is.
    pub kind: crate::places::PlaceKind,
    /// What to show.
    pub name: String,
    /// Short id of what it is; may be empty.
    pub category: String,
    /// District and town; may be empty.
    pub context: String,
    /// Where.
    pub at: Point,
    /// From the position that was given, in metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance_m: Option<f64>,
}

/// Places, the best first.
#[cfg(feature = "routing")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct PlaceList {
    /// The places.
    pub places: Vec<PlaceView>,
}
