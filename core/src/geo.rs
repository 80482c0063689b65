//! Positions on the earth as fixed-point numbers, and the distance between them.
//!
//! A coordinate is a whole number of 1e-7 degrees (about a centimetre), so that every machine holds
//! the same position, and distances use `libm` instead of the platform's mathematics, so that every
//! machine computes the same length.

use serde::{Deserialize, Serialize};

/// Radius of the sphere that distances are computed on, in metres: the mean earth radius R1 of
/// WGS 84 as the IUGG defines it.
pub const EARTH_RADIUS_M: f64 = 6_371_008.8;

const UNITS_PER_DEGREE: f64 = 1e7;

/// A unit of 1e-7 degrees is 11.12 mm along a meridian.
const MM_PER_UNIT_AT_MOST: u64 = 12;

/// Why two numbers are not a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LatLngError {
    /// Not a number, or outside −90…90.
    #[error("latitude must be a number from -90 to 90")]
    Latitude,
    /// Not a number, or outside −180…180.
    #[error("longitude must be a number from -180 to 180")]
    Longitude,
}

/// A position: latitude and longitude in units of 1e-7 degrees (E7), WGS 84.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LatLng {
    lat_e7: i32,
    lng_e7: i32,
}

impl LatLng {
    /// Where the equator meets the prime meridian.
    #[cfg(feature = "routing")]
    pub(crate) const ZERO: Self = Self {
        lat_e7: 0,
        lng_e7: 0,
    };

    /// A position from degrees, rounded to the nearest 1e-7.
    pub fn from_degrees(lat: f64, lng: f64) -> Result<Self, LatLngError> {
        if !(-90.0..=90.0).contains(&lat) {
            return Err(LatLngError::Latitude);
        }
        if !(-180.0..=180.0).contains(&lng) {
            return Err(LatLngError::Longitude);
        }
        #[expect(clippy::cast_possible_truncation, reason = "180e7 fits into 32 bits")]
        let to_e7 = |degrees: f64| libm::round(degrees * UNITS_PER_DEGREE) as i32;
        Ok(Self {
            lat_e7: to_e7(lat),
            lng_e7: to_e7(lng),
        })
    }

    /// A position from units of 1e-7 degrees.
    pub const fn from_e7(lat_e7: i32, lng_e7: i32) -> Result<Self, LatLngError> {
        if lat_e7 < -900_000_000 || lat_e7 > 900_000_000 {
            return Err(LatLngError::Latitude);
        }
        if lng_e7 < -1_800_000_000 || lng_e7 > 1_800_000_000 {
            return Err(LatLngError::Longitude);
        }
        Ok(Self { lat_e7, lng_e7 })
    }

    /// Latitude in units of 1e-7 degrees.
    pub const fn lat_e7(self) -> i32 {
        self.lat_e7
    }

    /// Longitude in units of 1e-7 degrees.
    pub const fn lng_e7(self) -> i32 {
        self.lng_e7
    }

    /// Latitude in degrees.
    pub fn lat(self) -> f64 {
        f64::from(self.lat_e7) / UNITS_PER_DEGREE
    }

    /// Longitude in degrees.
    pub fn lng(self) -> f64 {
        f64::from(self.lng_e7) / UNITS_PER_DEGREE
    }

    /// Length of the great circle to `other` in metres, by the haversine formula.
    pub fn distance_m(self, other: Self) -> f64 {
        OnSphere::of(self).distance_m(&OnSphere::of(other))
    }

    /// The same length in whole millimetres, rounded to the nearest: what sums of lengths use.
    pub fn distance_mm(self, other: Self) -> u64 {
        OnSphere::of(self).distance_mm(&OnSphere::of(other))
    }

    /// A length in millimetres that [`LatLng::distance_mm`] never exceeds. It needs no
    /// trigonometry: it goes along the meridian first and then east or west as if at the equator.
    pub(crate) const fn distance_mm_at_most(self, other: Self) -> u64 {
        let north_e7 = self.lat_e7.abs_diff(other.lat_e7) as u64;
        let east_e7 = self.lng_e7.abs_diff(other.lng_e7) as u64;
        north_e7
            .saturating_add(east_e7)
            .saturating_mul(MM_PER_UNIT_AT_MOST)
    }

    /// Direction in which the great circle to `other` sets out: degrees clockwise from north,
    /// 0 ≤ bearing < 360. Towards itself it is 0.
    pub fn bearing_deg(self, other: Self) -> f64 {
        let (lat_a, lat_b) = (self.lat().to_radians(), other.lat().to_radians());
        let delta_lng = other.lng().to_radians() - self.lng().to_radians();
        let east = libm::sin(delta_lng) * libm::cos(lat_b);
        let north = libm::cos(lat_a) * libm::sin(lat_b)
            - libm::sin(lat_a) * libm::cos(lat_b) * libm::cos(delta_lng);
        let degrees = libm::atan2(east, north).to_degrees();
        if degrees < 0.0 {
            degrees + 360.0
        } else {
            degrees
        }
    }
}

/// A position prepared for measuring. Whoever measures from one position many times keeps it in
/// this form and computes its cosine once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OnSphere {
    lat_radians: f64,
    lng_radians: f64,
    cos_lat: f64,
}

impl OnSphere {
    pub(crate) fn of(position: LatLng) -> Self {
        let lat_radians = position.lat().to_radians();
        Self {
            lat_radians,
            lng_radians: position.lng().to_radians(),
            cos_lat: libm::cos(lat_radians),
        }
    }

    /// What [`LatLng::distance_mm`] says.
    pub(crate) fn distance_mm(&self, other: &Self) -> u64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "half the earth's girth is 2e10 mm, and a length is never negative"
        )]
        let millimetres = libm::round(self.distance_m(other) * 1000.0) as u64;
        millimetres
    }

    fn distance_m(&self, other: &Self) -> f64 {
        let half_lat = libm::sin((other.lat_radians - self.lat_radians) / 2.0);
        let half_lng = libm::sin((other.lng_radians - self.lng_radians) / 2.0);
        let a = half_lat * half_lat + self.cos_lat * other.cos_lat * half_lng * half_lng;
        2.0 * EARTH_RADIUS_M * libm::asin(libm::sqrt(a).min(1.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(lat: f64, lng: f64) -> LatLng {
        LatLng::from_degrees(lat, lng).unwrap()
    }

    #[test]
    fn a_position_outside_the_earth_is_refused() {
        for lat in [90.000_001, -91.0, f64::NAN, f64::INFINITY] {
            assert_eq!(
                LatLng::from_degrees(lat, 0.0),
                Err(LatLngError::Latitude),
                "{lat}"
            );
        }
        for lng in [180.1, -200.0, f64::NAN, f64::NEG_INFINITY] {
            assert_eq!(
                LatLng::from_degrees(0.0, lng),
                Err(LatLngError::Longitude),
                "{lng}"
            );
        }
        assert_eq!(LatLng::from_e7(i32::MAX, 0), Err(LatLngError::Latitude));
        assert_eq!(LatLng::from_e7(0, i32::MIN), Err(LatLngError::Longitude));
    }

    #[test]
    fn zero_is_a_position_like_any_other() {
        assert_eq!(at(0.0, 0.0).distance_mm(at(0.0, 0.0)), 0);
        assert!((at(0.0, 0.0).distance_m(at(0.0, 1.0)) - 111_195.08).abs() < 0.01);
    }

    #[test]
    fn distances_hold_across_the_date_line_and_to_the_other_side() {
        assert!((at(0.0, 179.5).distance_m(at(0.0, -179.5)) - 111_195.08).abs() < 0.01);
        let half_girth = std::f64::consts::PI * EARTH_RADIUS_M;
        assert!((at(90.0, 0.0).distance_m(at(-90.0, 0.0)) - half_girth).abs() < 0.001);
    }

    #[test]
    fn bearings_run_clockwise_from_north() {
        let porto = at(41.15, -8.61);
        assert!(porto.bearing_deg(at(42.0, -8.61)).abs() < 1e-9);
        assert!((porto.bearing_deg(at(40.0, -8.61)) - 180.0).abs() < 1e-9);
        assert!((at(0.0, 0.0).bearing_deg(at(0.0, 1.0)) - 90.0).abs() < 1e-9);
        assert!((at(0.0, 0.0).bearing_deg(at(0.0, -1.0)) - 270.0).abs() < 1e-9);
    }

    /// The haversine formula with nothing prepared.
    fn plain_distance_mm(from: LatLng, to: LatLng) -> f64 {
        let (lat_a, lat_b) = (from.lat().to_radians(), to.lat().to_radians());
        let half_lat = libm::sin((lat_b - lat_a) / 2.0);
        let half_lng = libm::sin((to.lng().to_radians() - from.lng().to_radians()) / 2.0);
        let a = half_lat * half_lat + libm::cos(lat_a) * libm::cos(lat_b) * half_lng * half_lng;
        let metres = 2.0 * EARTH_RADIUS_M * libm::asin(libm::sqrt(a).min(1.0));
        libm::round(metres * 1000.0)
    }

    fn anywhere() -> impl Strategy<Value = LatLng> {
        (-900_000_000..=900_000_000, -1_800_000_000..=1_800_000_000)
            .prop_map(|(lat_e7, lng_e7)| LatLng::from_e7(lat_e7, lng_e7).unwrap())
    }

    /// Two positions: anywhere, or near each other as those of a car are.
    fn pair() -> impl Strategy<Value = (LatLng, LatLng)> {
        let near = |at: LatLng, north_e7: i32, east_e7: i32| {
            let lat_e7 = (at.lat_e7() + north_e7).clamp(-900_000_000, 900_000_000);
            let lng_e7 = (at.lng_e7() + east_e7).clamp(-1_800_000_000, 1_800_000_000);
            LatLng::from_e7(lat_e7, lng_e7).unwrap()
        };
        prop_oneof![
            (anywhere(), anywhere()),
            (anywhere(), -50_000..50_000, -50_000..50_000)
                .prop_map(move |(at, north, east)| (at, near(at, north, east))),
            (anywhere(), -3..=3, -3..=3)
                .prop_map(move |(at, north, east)| (at, near(at, north, east))),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn a_prepared_position_measures_the_same((from, to) in pair()) {
            let prepared_mm = OnSphere::of(from).distance_mm(&OnSphere::of(to));
            prop_assert_eq!(prepared_mm as f64, plain_distance_mm(from, to));
            prop_assert_eq!(from.distance_mm(to), prepared_mm);
            prop_assert_eq!(to.distance_mm(from), prepared_mm);
        }

        #[test]
        fn no_distance_exceeds_its_bound((from, to) in pair()) {
            prop_assert!(from.distance_mm(to) <= from.distance_mm_at_most(to));
        }
    }

    #[test]
    fn the_bound_holds_to_the_other_side_of_the_earth() {
        for (from, to) in [
            (at(0.0, 0.0), at(0.0, 180.0)),
            (at(90.0, 0.0), at(-90.0, 0.0)),
            (at(45.0, -90.0), at(-45.0, 90.0)),
            (at(89.999_999, 10.0), at(89.999_999, -170.0)),
        ] {
            assert!(from.distance_mm(to) <= from.distance_mm_at_most(to));
        }
    }
}
