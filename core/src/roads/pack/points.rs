//! Positions as differences from where they are expected.

use super::coder::Coder;
use super::numbers::SignedNumbers;
use crate::geo::LatLng;
use crate::roads::error::RoadsError;

/// Sizes of expected steps that have odds of their own: powers of two of 1e-7 degrees.
const STEP_CLASSES: usize = 24;

/// Learns how far positions are from where they are expected.
#[derive(Debug)]
pub(super) struct PointCoder {
    lat: Vec<SignedNumbers>,
    lng: Vec<SignedNumbers>,
    hint: (i32, i32),
}

/// Where the next position is expected.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected {
    lat_e7: i32,
    lng_e7: i32,
    step_class: usize,
}

impl Expected {
    /// Near a position.
    pub(super) fn near(at: LatLng) -> Self {
        Self {
            lat_e7: at.lat_e7(),
            lng_e7: at.lng_e7(),
            step_class: 0,
        }
    }

    /// The next of `steps` equal steps from one position to another.
    pub(super) fn on_the_way(from: LatLng, to: LatLng, steps: u32) -> Self {
        let step = |from: i32, to: i32| {
            let whole = i64::from(to).saturating_sub(i64::from(from));
            let step = whole.checked_div(i64::from(steps)).unwrap_or(0);
            i32::try_from(step).unwrap_or(0)
        };
        let north = step(from.lat_e7(), to.lat_e7());
        let east = step(from.lng_e7(), to.lng_e7());
        let size = north.unsigned_abs().max(east.unsigned_abs());
        let class = size.checked_ilog2().map_or(1, |log| log.saturating_add(2));
        Self {
            lat_e7: from.lat_e7().wrapping_add(north),
            lng_e7: from.lng_e7().wrapping_add(east),
            step_class: usize::try_from(class).unwrap_or(STEP_CLASSES),
        }
    }
}

impl PointCoder {
    pub(super) fn new() -> Self {
        Self {
            lat: vec![SignedNumbers::new(); STEP_CLASSES],
            lng: vec![SignedNumbers::new(); STEP_CLASSES],
            hint: (0, 0),
        }
    }

    /// Codes a position.
    pub(super) fn code<C: Coder>(
        &mut self,
        coder: &mut C,
        expected: Expected,
        at: LatLng,
    ) -> Result<LatLng, RoadsError> {
        let class = expected.step_class.min(STEP_CLASSES.saturating_sub(1));
        let (Some(lat), Some(lng)) = (self.lat.get_mut(class), self.lng.get_mut(class)) else {
            return Err(RoadsError::Damaged("a position has no odds"));
        };
        let north = at.lat_e7().wrapping_sub(expected.lat_e7);
        let north = lat.code(coder, north, self.hint.0);
        let east = at.lng_e7().wrapping_sub(expected.lng_e7);
        let east = lng.code(coder, east, self.hint.1);
        self.hint = (north, east);
        LatLng::from_e7(
            expected.lat_e7.wrapping_add(north),
            expected.lng_e7.wrapping_add(east),
        )
        .map_err(|_| RoadsError::Damaged("a position is not on the earth"))
    }
}
