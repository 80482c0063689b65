//! Lengths of segments and the directions of their ends.
//!
//! A city has hundreds of thousands of bends and opens in a blink, so short steps are measured as if
//! the earth were flat around them, with the cosine of the latitude out of a table. Up to 1.4 km
//! that errs by less than a hundredth of a millimetre.

use super::flat::{FlatRoads, index_of};
use crate::geo::{EARTH_RADIUS_M, LatLng};

/// Directions are measured this far into a segment, or at its other end if it is shorter.
const LOOK_AHEAD_M: f64 = 10.0;
/// Longer steps, in 1e-7 degrees, follow the great circle.
const FLAT_STEP_E7: u32 = 1 << 17;
/// Steps of the table of cosines.
const COSINES: u32 = 1 << 10;
const HALF_TURN: u16 = 1 << 15;

/// What turns and times need to know of a segment. Directions are clockwise from north in 2^-16 of
/// a full turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SegmentShape {
    pub(super) length_mm: u32,
    /// Direction in which it leaves its start.
    leaves: u16,
    /// Direction in which it arrives at its end.
    arrives: u16,
}

impl SegmentShape {
    /// Direction at the start of the segment, driven forward or backward.
    pub(super) fn leaves(&self, forward: bool) -> u16 {
        if forward {
            self.leaves
        } else {
            self.arrives.wrapping_add(HALF_TURN)
        }
    }

    /// Direction at the end of the segment, driven forward or backward.
    pub(super) fn arrives(&self, forward: bool) -> u16 {
        self.leaves(!forward).wrapping_add(HALF_TURN)
    }
}

/// Measures every segment.
pub(super) fn measure(roads: &FlatRoads) -> Vec<SegmentShape> {
    let plane = Plane::of(roads);
    let count = u32::try_from(roads.segments.len()).unwrap_or(u32::MAX);
    let junction = |index: u32| roads.junctions.get(index_of(index)).copied();
    (0..count)
        .zip(&roads.segments)
        .map(|(index, segment)| {
            let ends = junction(segment.start).zip(junction(segment.end));
            ends.map_or(SegmentShape::NOWHERE, |(start, end)| {
                plane.measure(start, roads.bends_of(index), end)
            })
        })
        .collect()
}

impl SegmentShape {
    const NOWHERE: Self = Self {
        length_mm: 0,
        leaves: 0,
        arrives: 0,
    };
}

/// The ground around the roads.
struct Plane {
    lat_min_e7: f64,
    steps_per_e7: f64,
    cosines: Vec<f64>,
}

/// East and north in metres, and how long that is.
#[derive(Debug, Clone, Copy)]
struct Step {
    east_m: f64,
    north_m: f64,
    length_m: f64,
}

const M_PER_E7: f64 = EARTH_RADIUS_M * std::f64::consts::PI / 180.0 * 1e-7;

impl Plane {
    fn of(roads: &FlatRoads) -> Self {
        let (mut south, mut north) = (i32::MAX, i32::MIN);
        for at in roads.junctions.iter().chain(&roads.bends) {
            south = south.min(at.lat_e7());
            north = north.max(at.lat_e7());
        }
        let (south, north) = (f64::from(south), f64::from(north));
        let height = (north - south).max(1.0);
        let cosine = |step: u32| {
            let lat_e7 = south + height * f64::from(step) / f64::from(COSINES);
            libm::cos((lat_e7 * 1e-7).to_radians())
        };
        Self {
            lat_min_e7: south,
            steps_per_e7: f64::from(COSINES) / height,
            cosines: (0..=COSINES).map(cosine).collect(),
        }
    }

    /// The cosine of a latitude, from the two nearest of the table.
    fn cosine(&self, lat_e7: f64) -> f64 {
        let position = ((lat_e7 - self.lat_min_e7) * self.steps_per_e7).max(0.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not negative, and cut off at the end of the table"
        )]
        let index = (position as usize).min(self.cosines.len().saturating_sub(2));
        let share = position - index as f64;
        match self.cosines.get(index..) {
            Some([low, high, ..]) => low + (high - low) * share,
            _ => 1.0,
        }
    }

    #[inline]
    fn step(&self, from: LatLng, to: LatLng) -> Step {
        let north_e7 = to.lat_e7().wrapping_sub(from.lat_e7());
        let mut east_e7 = f64::from(to.lng_e7()) - f64::from(from.lng_e7());
        if east_e7.abs() > 1.8e9 {
            east_e7 -= 3.6e9_f64.copysign(east_e7);
        }
        let middle_e7 = f64::from(from.lat_e7()) + f64::from(north_e7) / 2.0;
        let north_m = f64::from(north_e7) * M_PER_E7;
        let east_m = east_e7 * M_PER_E7 * self.cosine(middle_e7);
        let is_flat =
            north_e7.unsigned_abs() < FLAT_STEP_E7 && east_e7.abs() < f64::from(FLAT_STEP_E7);
        let length_m = if is_flat {
            (north_m * north_m + east_m * east_m).sqrt()
        } else {
            from.distance_m(to)
        };
        Step {
            east_m,
            north_m,
            length_m,
        }
    }

    fn measure(&self, start: LatLng, bends: &[LatLng], end: LatLng) -> SegmentShape {
        let mut length_m = 0.0;
        let mut at = start;
        for next in bends.iter().chain([&end]) {
            length_m += self.step(at, *next).length_m;
            at = *next;
        }
        let forward = bends.iter().chain([&end]).copied();
        let backward = bends.iter().rev().chain([&start]).copied();
        SegmentShape {
            length_mm: whole_mm(length_m),
            leaves: self.direction(start, forward),
            arrives: self.direction(end, backward).wrapping_add(HALF_TURN),
        }
    }

    /// Direction from a position to the place a few metres along the way.
    fn direction(&self, from: LatLng, way: impl Iterator<Item = LatLng>) -> u16 {
        let (mut east_m, mut north_m, mut left_m) = (0.0, 0.0, LOOK_AHEAD_M);
        let mut at = from;
        for next in way {
            let step = self.step(at, next);
            let share = if step.length_m > left_m {
                left_m / step.length_m
            } else {
                1.0
            };
            east_m += step.east_m * share;
            north_m += step.north_m * share;
            left_m -= step.length_m;
            if left_m <= 0.0 {
                break;
            }
            at = next;
        }
        let turns = libm::atan2(east_m, north_m) / std::f64::consts::TAU;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from -2^15 to 2^15; a half turn to either side is the same"
        )]
        let direction = libm::round(turns * 65_536.0) as i32 as u16;
        direction
    }
}

fn whole_mm(length_m: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a length is not negative, and the cast saturates"
    )]
    let millimetres = libm::round(length_m * 1000.0) as u32;
    millimetres
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roads::sample::{RandomRoads, at};

    #[test]
    fn lengths_are_those_of_great_circles() {
        let roads = FlatRoads::of(&RandomRoads::seeded(3).build()).unwrap();
        for (index, shape) in (0..).zip(measure(&roads)) {
            let segment = &roads.segments[index as usize];
            let mut way = vec![roads.junctions[segment.start as usize]];
            way.extend_from_slice(roads.bends_of(index));
            way.push(roads.junctions[segment.end as usize]);
            let length_m: f64 = way.windows(2).map(|w| w[0].distance_m(w[1])).sum();
            assert!(
                (length_m * 1000.0 - f64::from(shape.length_mm)).abs() <= 0.6,
                "{index}"
            );
        }
    }

    #[test]
    fn long_steps_follow_great_circles() {
        let roads = FlatRoads {
            junctions: vec![at(0.0, 0.0), at(60.0, 170.0), at(61.0, -170.0)],
            ..FlatRoads::default()
        };
        let plane = Plane::of(&roads);
        let [_, a, b] = roads.junctions[..] else {
            panic!()
        };
        assert!((plane.step(a, b).length_m - a.distance_m(b)).abs() < 1e-6);
        assert!(plane.step(a, b).east_m > 0.0);
    }

    #[test]
    fn directions_look_past_the_first_bend() {
        // One metre east, then far to the north.
        let (start, bend, end) = (at(41.0, -8.0), at(41.0, -7.999_988), at(41.01, -7.999_988));
        let roads = FlatRoads {
            junctions: vec![start, end],
            ..FlatRoads::default()
        };
        let shape = Plane::of(&roads).measure(start, &[bend], end);
        let eighth = HALF_TURN / 4;
        assert!(shape.leaves(true) < eighth / 4, "{shape:?}");
        assert!(shape.leaves(true) > 0);
        assert_eq!(shape.arrives(true), 0);
        assert_eq!(shape.leaves(false), HALF_TURN);
        assert_eq!(
            shape.arrives(false),
            shape.leaves(true).wrapping_add(HALF_TURN)
        );
    }
}
