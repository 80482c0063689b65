//! Measuring from one place to many.

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

    /// [`LatLng::distance_mm`] in whole metres, rounded down: exactly that, always.
    #[inline]
    pub(super) fn whole_m(&self, to: LatLng) -> u32 {
        let exact = || {
            let metres = self.position.distance_mm(to) / 1000;
            u32::try_from(metres).unwrap_or(u32::MAX)
        };
        // Distances are rounded to millimetres first, so a metre begins half a millimetre early.
        let Some(metres) = self.near_m(to).map(|near_m| near_m + 0.0005) else {
            return exact();
        };
        let rest_m = metres - metres.floor();
        if (ERROR_M..1.0 - ERROR_M).contains(&rest_m) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "rounding down is meant, and near by is less than 100 km"
            )]
            let whole_m = metres as u32;
            whole_m
        } else {
            exact()
        }
    }

    /// The haversine formula with polynomials for all sines; `None` where they would not do.
    #[inline]
    fn near_m(&self, to: LatLng) -> Option<f64> {
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
        let a = a.max(0.0);
        let arc = a.sqrt() * (1.0 + a * (1.0 / 6.0 + a * (3.0 / 40.0 + a * (15.0 / 336.0))));
        Some(2.0 * EARTH_RADIUS_M * arc)
    }
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
            prop_assert_eq!(u64::from(viewpoint.whole_m(to)), from.distance_mm(to) / 1000);
            prop_assert!((viewpoint.distance_m(to) - from.distance_m(to)).abs() < ERROR_M / 10.0);
        }
    }

    #[test]
    fn a_whole_metre_begins_where_the_core_says() {
        // Half a millimetre around each of the first metres to the north.
        let from = LatLng::from_e7(411_500_000, -86_100_000).unwrap();
        let viewpoint = Viewpoint::of(from);
        for units in 0..20_000 {
            let to = LatLng::from_e7(from.lat_e7() + units, from.lng_e7()).unwrap();
            let whole_m = u64::from(viewpoint.whole_m(to));
            assert_eq!(whole_m, from.distance_mm(to) / 1000, "{units}");
        }
    }
}
