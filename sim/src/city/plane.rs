//! Metres east and north of a place, for the few kilometres of a city.

use wayfare_core::geo::{EARTH_RADIUS_M, LatLng};

/// The flat map around a place.
#[derive(Debug, Clone, Copy)]
pub struct Plane {
    origin: LatLng,
    metres_per_degree_lat: f64,
    metres_per_degree_lng: f64,
}

impl Plane {
    /// The plane that touches the earth at `origin`.
    pub fn around(origin: LatLng) -> Self {
        let metres_per_degree_lat = EARTH_RADIUS_M.to_radians();
        // Near the poles a degree of longitude is nothing; a metre keeps the division sound.
        let metres_per_degree_lng =
            (metres_per_degree_lat * origin.lat().to_radians().cos()).max(1.0);
        Self {
            origin,
            metres_per_degree_lat,
            metres_per_degree_lng,
        }
    }

    /// The position so many metres east and north; what would leave the globe stays at the origin.
    pub fn at(&self, east_m: f64, north_m: f64) -> LatLng {
        let lat = self.origin.lat() + north_m / self.metres_per_degree_lat;
        let lng = self.origin.lng() + east_m / self.metres_per_degree_lng;
        LatLng::from_degrees(lat, lng).unwrap_or(self.origin)
    }

    /// Metres east and north of the origin.
    pub fn metres(&self, at: LatLng) -> (f64, f64) {
        (
            (at.lng() - self.origin.lng()) * self.metres_per_degree_lng,
            (at.lat() - self.origin.lat()) * self.metres_per_degree_lat,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metres_there_and_back_are_the_same() {
        let plane = Plane::around(LatLng::from_degrees(41.15, -8.61).unwrap());
        let at = plane.at(1200.0, -3400.0);
        let (east_m, north_m) = plane.metres(at);
        assert!((east_m - 1200.0).abs() < 0.02 && (north_m + 3400.0).abs() < 0.02);
        let straight_m = plane.at(0.0, 0.0).distance_m(at);
        assert!(
            (straight_m - 1200_f64.hypot(3400.0)).abs() < 3.0,
            "{straight_m}"
        );
    }
}
