//! Measuring from one place to many.

use std::f64::consts::FRAC_PI_2;

use wayfare_core::geo::{EARTH_RADIUS_M, LatLng};

const RADIANS_PER_UNIT: f64 = std::f64::consts::PI / 1.8e9;
const FULL_TURN_E7: i64 = 3_600_000_000;

/// Up to this difference of latitude and of longitude (0.57 degrees) the short polynomials below are
/// exact to the last digits.
const NEAR_RADIANS: f64 = 0.01;

/// The short way of measuring is this exact near by, with much to spare, in metres.
const ERROR_M: f64 = 1e-5;

/// A place that many distances are measured from. Near by it needs no trigonometry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Viewpoint {
    position: LatLng,
    sin_lat: f64,
    cos_lat: f64,
}

impl Viewpoint {
    pub(super) fn of(position: LatLng) -> Self {
        let (sin_lat, cos_lat) = position.lat().to_radians().sin_cos();
        Self {
            position,
            sin_lat,
            cos_lat,
        }
    }

    /// The distance in metres, within a hundredth of a millimetre of [`LatLng::distance_m`].
    #[inline]
    pub(super) fn distance_m(&self, to: LatLng) -> f64 {
        self.near_m(to)
            .unwrap_or_else(|| self.position.distance_m(to))
    }

    /// [`LatLng::distance_mm`] in whole metres, rounded down: exactly that, always. `None` if it
    /// exceeds the bound; by a hair more than the bound it may be told all the same.
    #[inline]
    pub(super) fn whole_m_within(&self, to: LatLng, bound: &Bound) -> Option<u32> {
        if self.north_e7(to) > bound.north_e7 || self.east_e7(to) > bound.east_e7 {
            return None;
        }
        let near = self.near_haversine(to);
        if near.is_some_and(|haversine| haversine > bound.haversine) {
            return None;
        }
        Some(self.whole_m(to, near.map(metres)))
    }

    /// How far a place is to the north or to the south, in metres: never more than the distance.
    #[inline]
    pub(super) fn north_m(&self, to: LatLng) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "fits into 32 bits")]
        let north = self.north_e7(to) as f64;
        north * (RADIANS_PER_UNIT * EARTH_RADIUS_M) - ERROR_M
    }

    /// A distance to compare with, in metres: that, and a hair more.
    pub(super) fn bound(&self, metres: f64) -> Bound {
        let metres = metres.max(0.0) * (1.0 + 1e-9) + ERROR_M;
        let half = (metres / EARTH_RADIUS_M / 2.0).min(FRAC_PI_2);
        let haversine = half.sin() * half.sin();
        // Of the haversine formula only the part for the way east, with the least cosine that a
        // place within the distance can have.
        let least_cos = (self.position.lat().to_radians().abs() + 2.0 * half).min(FRAC_PI_2);
        let cosines = self.cos_lat * least_cos.cos();
        let east = if haversine < cosines {
            2.0 * (haversine / cosines).sqrt().asin()
        } else {
            std::f64::consts::PI
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "at most half a turn, and never negative"
        )]
        let units = |radians: f64| (radians * (1.0 + 1e-9) / RADIANS_PER_UNIT) as u64 + 1;
        Bound {
            haversine,
            north_e7: units(2.0 * half),
            east_e7: units(east),
        }
    }

    #[inline]
    fn east_e7(&self, to: LatLng) -> u64 {
        let east = i64::from(to.lng_e7()) - i64::from(self.position.lng_e7());
        let east = east.unsigned_abs();
        east.min(FULL_TURN_E7.unsigned_abs() - east)
    }

    #[inline]
    fn north_e7(&self, to: LatLng) -> u64 {
        let north = i64::from(to.lat_e7()) - i64::from(self.position.lat_e7());
        north.unsigned_abs()
    }

    #[inline]
    fn whole_m(&self, to: LatLng, near_m: Option<f64>) -> u32 {
        let exact = || {
            let metres = self.position.distance_mm(to) / 1000;
            u32::try_from(metres).unwrap_or(u32::MAX)
        };
        // Distances are rounded to millimetres first, so a metre begins half a millimetre early.
        let Some(metres) = near_m.map(|near_m| near_m + 0.0005) else {
            return exact();
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "rounding down is meant, and near by is less than 100 km"
        )]
        let whole_m = metres as u32;
        let rest_m = metres - f64::from(whole_m);
        if (ERROR_M..1.0 - ERROR_M).contains(&rest_m) {
            whole_m
        } else {
            exact()
        }
    }

    #[inline]
    fn near_m(&self, to: LatLng) -> Option<f64> {
        self.near_haversine(to).map(metres)
    }

    /// The square of the sine of half the angle to a place, with polynomials for all sines; `None`
    /// where they would not do.
    #[inline]
    fn near_haversine(&self, to: LatLng) -> Option<f64> {
        let north = i64::from(to.lat_e7()) - i64::from(self.position.lat_e7());
        let mut east = i64::from(to.lng_e7()) - i64::from(self.position.lng_e7());
        if east > FULL_TURN_E7 / 2 {
            east -= FULL_TURN_E7;
        } else if east < -FULL_TURN_E7 / 2 {
            east += FULL_TURN_E7;
        }
        #[expect(clippy::cast_precision_loss, reason = "both fit into 33 bits")]
        let (north, east) = (
            north as f64 * RADIANS_PER_UNIT,
            east as f64 * RADIANS_PER_UNIT,
        );
        if north.abs() > NEAR_RADIANS || east.abs() > NEAR_RADIANS {
            return None;
        }
        let north_squared = north * north;
        let cos_north = 1.0 - north_squared / 2.0 + north_squared * north_squared / 24.0;
        let cos_to = self.cos_lat * cos_north - self.sin_lat * sin(north);
        let (half_north, half_east) = (sin(north / 2.0), sin(east / 2.0));
        let a = half_north * half_north + self.cos_lat * cos_to * half_east * half_east;
        // Nothing is nearer than nothing: at a pole the last digits could say otherwise.
        Some(a.max(0.0))
    }
}

/// The length of a short way.
#[inline]
fn metres(haversine: f64) -> f64 {
    let a = haversine;
    let arc = a.sqrt() * (1.0 + a * (1.0 / 6.0 + a * (3.0 / 40.0 + a * (15.0 / 336.0))));
    2.0 * EARTH_RADIUS_M * arc
}

/// A distance that others are compared with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound {
    haversine: f64,
    /// Whoever is within the distance is not farther north or south than this.
    north_e7: u64,
    /// Nor farther east or west.
    east_e7: u64,
}

/// The sine of a small angle.
#[inline]
fn sin(radians: f64) -> f64 {
    let squared = radians * radians;
    radians * (1.0 - squared * (1.0 / 6.0 - squared * (1.0 / 120.0 - squared / 5040.0)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::index::testing::{anywhere, near};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3_000))]

        #[test]
        fn the_short_way_measures_what_the_core_measures(
            from in anywhere(),
            steps in prop_oneof![Just(3), Just(500), Just(100_000), Just(10_000_000)],
            north in -1.0..1.0,
            east in -1.0..1.0,
        ) {
            let to = near(from, north * f64::from(steps), east * f64::from(steps));
            let viewpoint = Viewpoint::of(from);
            let (exact_m, whole_m) = (from.distance_m(to), from.distance_mm(to) / 1000);
            prop_assert!((viewpoint.distance_m(to) - exact_m).abs() < ERROR_M / 10.0);
            prop_assert!(viewpoint.north_m(to) <= exact_m);
            let within = |bound_m| viewpoint.whole_m_within(to, &viewpoint.bound(bound_m));
            for bound_m in [exact_m, exact_m + 1.0, exact_m * 2.0, 3e7] {
                prop_assert_eq!(within(bound_m).map(u64::from), Some(whole_m));
            }
            // Outside of the bound it may be told, and then rightly.
            for bound_m in [exact_m / 2.0, exact_m - 1.0, 0.0] {
                prop_assert!(within(bound_m).is_none_or(|told| u64::from(told) == whole_m));
            }
        }
    }

    #[test]
    fn what_is_outside_of_the_bound_is_left_out_near_by() {
        let from = LatLng::from_e7(411_500_000, -86_100_000).unwrap();
        let viewpoint = Viewpoint::of(from);
        for (north_m, east_m) in [(101.0, 0.0), (0.0, -101.0), (72.0, 72.0), (9e3, 9e3)] {
            let to = near(from, north_m, east_m);
            assert_eq!(viewpoint.whole_m_within(to, &viewpoint.bound(100.0)), None);
        }
    }

    #[test]
    fn a_whole_metre_begins_where_the_core_says() {
        // Half a millimetre around each of the first metres to the north.
        let from = LatLng::from_e7(411_500_000, -86_100_000).unwrap();
        let viewpoint = Viewpoint::of(from);
        for units in 0..20_000 {
            let to = LatLng::from_e7(from.lat_e7() + units, from.lng_e7()).unwrap();
            let whole_m = viewpoint
                .whole_m_within(to, &viewpoint.bound(1_000.0))
                .unwrap();
            assert_eq!(u64::from(whole_m), from.distance_mm(to) / 1000, "{units}");
        }
    }
}
