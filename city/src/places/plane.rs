//! A flat picture of an extract in metres, good enough for lengths within a city.

use geo::{Coord, LineString};
use wayfare_core::geo::{EARTH_RADIUS_M, LatLng};

use crate::osm::{Extract, NodeIndex};

/// Metres east and north of the middle of an extract.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plane {
    lat: f64,
    lng: f64,
    north_m: f64,
    east_m: f64,
}

impl Plane {
    pub(super) fn of(extract: &Extract) -> Self {
        let (mut lat, mut lng) = (0.0, 0.0);
        for position in extract.positions() {
            lat += position.lat();
            lng += position.lng();
        }
        #[expect(clippy::cast_precision_loss, reason = "a number of nodes")]
        let count = extract.positions().len().max(1) as f64;
        let north_m = EARTH_RADIUS_M.to_radians();
        let lat: f64 = lat / count;
        Self {
            lat,
            lng: lng / count,
            north_m,
            east_m: north_m * lat.to_radians().cos(),
        }
    }

    pub(super) fn spot(&self, at: LatLng) -> Coord<f64> {
        Coord {
            x: (at.lng() - self.lng) * self.east_m,
            y: (at.lat() - self.lat) * self.north_m,
        }
    }

    /// Back to a position; `None` beyond a pole or the date line.
    pub(super) fn position(&self, spot: Coord<f64>) -> Option<LatLng> {
        let lat = self.lat + spot.y / self.north_m;
        LatLng::from_degrees(lat, self.lng + spot.x / self.east_m).ok()
    }

    pub(super) fn line(&self, extract: &Extract, nodes: &[NodeIndex]) -> LineString<f64> {
        let spots = nodes.iter().filter_map(|node| extract.position(*node));
        spots.map(|at| self.spot(at)).collect()
    }
}

pub(super) fn distance_m(a: Coord<f64>, b: Coord<f64>) -> f64 {
    (a.x - b.x).hypot(a.y - b.y)
}

/// From a spot to the nearest spot of a straight line.
pub(super) fn distance_to_line_m(spot: Coord<f64>, from: Coord<f64>, to: Coord<f64>) -> f64 {
    let along = to - from;
    let length_squared = along.x * along.x + along.y * along.y;
    if length_squared <= 0.0 {
        return distance_m(spot, from);
    }
    let behind = spot - from;
    let share = (behind.x * along.x + behind.y * along.y) / length_squared;
    distance_m(spot, from + along * share.clamp(0.0, 1.0))
}
