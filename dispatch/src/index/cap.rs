//! Discs on the earth: where the cars of a cell are.

use h3o::CellIndex;
use wayfare_core::geo::{EARTH_RADIUS_M, LatLng};

const FULL_TURN_E7: i64 = 3_600_000_000;
const M_PER_UNIT: f64 = EARTH_RADIUS_M * std::f64::consts::PI / 1.8e9;

/// A disc around a cell, and a little more, that holds all cars which the cell keeps. A car on the
/// border of two cells stays in the one that it came from, so that standing in a queue there does not
/// move it to and fro; and whether it stays is told without trigonometry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cap {
    center: LatLng,
    radius_m: f32,
    /// What the square of a way east counts at most, against a way east at the equator.
    east: f32,
}

impl Cap {
    /// The disc around a cell. `None` if the cell's center is no position, which does not happen.
    pub(super) fn around(cell: CellIndex) -> Option<Self> {
        let center = position(h3o::LatLng::from(cell))?;
        let corners = cell.boundary();
        let corners = corners.iter().filter_map(|corner| position(*corner));
        let farthest_m = corners.map(|corner| center.distance_m(corner));
        let farthest_m = farthest_m.fold(0.0, f64::max);
        Some(Self::new(center, farthest_m * 1.02 + 1.0))
    }

    fn new(center: LatLng, radius_m: f64) -> Self {
        // The cosine of the latitude within the disc that is nearest to the equator.
        let lat = center.lat().to_radians();
        let least_lat = (lat.abs() - radius_m / EARTH_RADIUS_M).max(0.0);
        let east = lat.cos() * least_lat.cos();
        Self {
            center,
            radius_m: single(radius_m),
            east: single(east * 1.000_001),
        }
    }

    pub(super) const fn center(&self) -> LatLng {
        self.center
    }

    /// No car of the cell is farther from the center, in metres.
    pub(super) fn radius_m(&self) -> f64 {
        f64::from(self.radius_m) * 1.000_001
    }

    /// Whether a position is in the disc. Near its border and near the poles it may say no although
    /// it is; it never says yes although it is not.
    #[inline]
    pub(super) fn holds(&self, position: LatLng) -> bool {
        self.off_center(position).is_some()
    }

    /// The square of the distance from the center, roughly and rather too much, if the disc holds the
    /// position: of the haversine formula it takes each sine for its angle, and for the position's
    /// cosine the greatest of the disc.
    #[inline]
    pub(super) fn off_center(&self, position: LatLng) -> Option<f32> {
        let units = |to: i32, from: i32| i64::from(to) - i64::from(from);
        let metres = |units: i64| single(M_PER_UNIT) * single_of(units);
        let north_m = metres(units(position.lat_e7(), self.center.lat_e7()));
        let east = units(position.lng_e7(), self.center.lng_e7()).abs();
        let east_m = metres(east.min(FULL_TURN_E7 - east));
        let squared = north_m * north_m + self.east * east_m * east_m;
        (squared <= self.radius_m * self.radius_m).then_some(squared)
    }

    /// Grows so that it holds the position.
    pub(super) fn cover(&mut self, position: LatLng) {
        self.cover_disc(position, 0.0);
    }

    /// Grows so that it holds a disc.
    pub(super) fn cover_disc(&mut self, center: LatLng, radius_m: f64) {
        let needed_m = (self.center.distance_m(center) + radius_m) * 1.000_001 + 0.01;
        if needed_m > self.radius_m() {
            *self = Self::new(self.center, needed_m);
        }
    }
}

/// The cell that a position is in.
pub(super) fn cell_of(position: LatLng, resolution: h3o::Resolution) -> Option<CellIndex> {
    let position = h3o::LatLng::new(position.lat(), position.lng()).ok()?;
    Some(position.to_cell(resolution))
}

/// A position that H3 says.
pub(super) fn position(of: h3o::LatLng) -> Option<LatLng> {
    // H3 may say a little more than half a turn.
    LatLng::from_degrees(of.lat().clamp(-90.0, 90.0), of.lng().clamp(-180.0, 180.0)).ok()
}

#[expect(clippy::cast_possible_truncation, reason = "callers leave room for it")]
const fn single(number: f64) -> f32 {
    number as f32
}

#[expect(clippy::cast_precision_loss, reason = "exact for what a disc can hold")]
const fn single_of(units: i64) -> f32 {
    units as f32
}

#[cfg(test)]
mod tests {
    use h3o::Resolution;
    use proptest::prelude::*;

    use super::*;
    use crate::index::testing::{anywhere, near};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn what_a_disc_holds_is_within_its_radius(
            at in anywhere(),
            north in -40_000.0..40_000.0,
            east in -40_000.0..40_000.0,
        ) {
            let cap = Cap::around(cell_of(at, Resolution::Nine).unwrap()).unwrap();
            let to = near(at, north, east);
            if cap.holds(to) {
                prop_assert!(cap.center().distance_m(to) <= cap.radius_m());
            }
        }

        #[test]
        fn a_disc_holds_its_cell_away_from_the_poles(at in anywhere()) {
            let at = LatLng::from_e7(at.lat_e7() / 10 * 8, at.lng_e7() / 100 * 99).unwrap();
            let cap = Cap::around(cell_of(at, Resolution::Nine).unwrap()).unwrap();
            prop_assert!(cap.holds(at));
        }
    }
}
