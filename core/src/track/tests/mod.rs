//! Behaviour of the meter: each rule with its limit, and what must hold for every track.

use super::TrackPoint;
use crate::geo::LatLng;

mod properties;
mod rules;
mod stand;

/// Millimetres along a meridian in units of 1e-7 degrees, rounded to the nearest unit.
fn north_e7(mm: i64) -> i32 {
    let unit_nm = 11_119_508;
    i32::try_from((mm * 1_000_000 + unit_nm / 2).div_euclid(unit_nm)).unwrap()
}

/// A place north of the start, on the meridian of Porto.
fn place(north_mm: i64) -> LatLng {
    LatLng::from_e7(411_500_000 + north_e7(north_mm), -86_100_000).unwrap()
}

/// A good point of a device that does not know its speed.
fn point(at_s: i64, north_m: i64) -> TrackPoint {
    TrackPoint {
        at_ms: at_s * 1000,
        accuracy_mm: 5_000,
        position: place(north_m * 1000),
        speed_mm_s: None,
    }
}
