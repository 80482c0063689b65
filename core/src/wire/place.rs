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
