//! Positions of places: whole numbers of 1e-5 degrees, about a metre, and lengths between them in a
//! plane that touches the earth where somebody asks.

use crate::geo::{EARTH_RADIUS_M, LatLng};

/// Units of 1e-7 degrees in one of 1e-5.
const E7_PER_E5: i32 = 100;
/// Once around the earth.
const GIRTH_E5: i32 = 36_000_000;
const METRES_PER_E5: f64 = EARTH_RADIUS_M * std::f64::consts::PI / 18_000_000.0;

/// A position in units of 1e-5 degrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Spot {
    pub(super) lat_e5: i32,
    pub(super) lng_e5: i32,
}

impl Spot {
    pub(super) fn of(at: LatLng) -> Self {
        Self {
            lat_e5: rounded(at.lat_e7()),
            lng_e5: rounded(at.lng_e7()),
        }
    }

    /// Back to a position; beyond the date line it comes in again on the other side.
    pub(super) fn position(self) -> Option<LatLng> {
        let lng_e5 = east_of(self.lng_e5);
        LatLng::from_e7(
            self.lat_e5.checked_mul(E7_PER_E5)?,
            lng_e5.checked_mul(E7_PER_E5)?,
        )
        .ok()
    }

    pub(super) const fn moved(self, north_e5: i32, east_e5: i32) -> Self {
        Self {
            lat_e5: self.lat_e5.wrapping_add(north_e5),
            lng_e5: self.lng_e5.wrapping_add(east_e5),
        }
    }

    /// What leads from `from` here, the short way around the earth.
    pub(super) fn from(self, from: Self) -> (i32, i32) {
        (
            self.lat_e5.wrapping_sub(from.lat_e5),
            east_of(self.lng_e5.wrapping_sub(from.lng_e5)),
        )
    }
}

fn rounded(e7: i32) -> i32 {
    e7.wrapping_add(E7_PER_E5 / 2).div_euclid(E7_PER_E5)
}

/// A difference of longitudes between half the earth west and half the earth east.
const fn east_of(lng_e5: i32) -> i32 {
    let around = lng_e5
        .wrapping_add(GIRTH_E5 / 2)
        .wrapping_rem_euclid(GIRTH_E5);
    around.wrapping_sub(GIRTH_E5 / 2)
}

/// The plane around a position. Over a city it is as good as the sphere.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plane {
    centre: Spot,
    metres_per_east: f64,
}

impl Plane {
    pub(super) fn at(centre: Spot) -> Self {
        let radians = (f64::from(centre.lat_e5) / 100_000.0).to_radians();
        Self {
            centre,
            metres_per_east: METRES_PER_E5 * libm::cos(radians),
        }
    }

    /// Metres east and north of the centre.
    pub(super) fn metres(&self, spot: Spot) -> (f64, f64) {
        let (north, east) = spot.from(self.centre);
        (
            f64::from(east) * self.metres_per_east,
            f64::from(north) * METRES_PER_E5,
        )
    }

    /// From the centre in metres.
    pub(super) fn distance_m(&self, spot: Spot) -> f64 {
        let (x, y) = self.metres(spot);
        libm::sqrt(x * x + y * y)
    }

    /// From the centre to a straight line between two positions, in metres.
    pub(super) fn distance_to_line_m(&self, from: Spot, to: Spot) -> f64 {
        let ((ax, ay), (bx, by)) = (self.metres(from), self.metres(to));
        let (dx, dy) = (bx - ax, by - ay);
        let length_squared = dx * dx + dy * dy;
        let share = if length_squared > 0.0 {
            (-(ax * dx + ay * dy) / length_squared).clamp(0.0, 1.0)
        } else {
            0.0
        };
        let (x, y) = (ax + share * dx, ay + share * dy);
        libm::sqrt(x * x + y * y)
    }

    /// The position on a straight line that is nearest to the centre.
    pub(super) fn nearest_on_line(&self, from: Spot, to: Spot) -> Spot {
        let ((ax, ay), (bx, by)) = (self.metres(from), self.metres(to));
        let (dx, dy) = (bx - ax, by - ay);
        let length_squared = dx * dx + dy * dy;
        if length_squared <= 0.0 {
            return from;
        }
        let share = (-(ax * dx + ay * dy) / length_squared).clamp(0.0, 1.0);
        let (north, east) = to.from(from);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a share of a number of 32 bits"
        )]
        let part = |whole: i32| libm::round(share * f64::from(whole)) as i32;
        from.moved(part(north), part(east))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat: f64, lng: f64) -> LatLng {
        LatLng::from_degrees(lat, lng).unwrap()
    }

    #[test]
    fn a_spot_is_within_a_metre_of_its_position() {
        for position in [
            at(41.148_123_4, -8.611_098_7),
            at(-33.9, 151.2),
            at(0.0, 0.0),
        ] {
            let back = Spot::of(position).position().unwrap();
            assert!(position.distance_m(back) < 0.8, "{position:?}");
        }
    }

    #[test]
    fn the_plane_measures_as_the_sphere_does() {
        let here = at(41.15, -8.61);
        for there in [at(41.16, -8.60), at(41.10, -8.70), at(41.15, -8.61)] {
            let plane_m = Plane::at(Spot::of(here)).distance_m(Spot::of(there));
            let sphere_m = here.distance_m(there);
            assert!(
                (plane_m - sphere_m).abs() <= 0.002 * sphere_m,
                "{plane_m} {sphere_m}"
            );
        }
    }

    #[test]
    fn the_date_line_is_no_wall() {
        let plane = Plane::at(Spot::of(at(-17.0, 179.999)));
        let across = plane.distance_m(Spot::of(at(-17.0, -179.999)));
        assert!((across - 212.7).abs() < 2.0, "{across}");
        let moved = Spot::of(at(-17.0, 179.999)).moved(0, 200);
        assert_eq!(moved.position(), Some(at(-17.0, -179.999)));
    }

    #[test]
    fn a_line_is_as_far_as_its_nearest_point() {
        let plane = Plane::at(Spot::of(at(0.0, 0.0)));
        let (a, b) = (Spot::of(at(0.001, -0.01)), Spot::of(at(0.001, 0.01)));
        assert!((plane.distance_to_line_m(a, b) - 111.2).abs() < 0.1);
        assert!((plane.distance_to_line_m(b, b) - plane.distance_m(b)).abs() < 1e-9);
        assert_eq!(plane.nearest_on_line(a, b), Spot::of(at(0.001, 0.0)));
    }
}
