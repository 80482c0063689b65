//! Directions as a driver sees them at a junction: some metres before and after it.

use super::super::drive::Part;
use super::super::snap::part_of_the_way;
use crate::geo::LatLng;

/// A direction is measured to the point this far from the junction.
const SIGHT_M: f64 = 15.0;
/// An arc shorter than this shows no direction of its own; its neighbour helps.
const SHORT_M: f64 = 5.0;

/// Degrees clockwise from north, of the start of a line; `None` if it has no length.
pub(super) fn bearing_ahead(line: impl IntoIterator<Item = LatLng>) -> Option<f64> {
    let mut points = line.into_iter();
    let start = points.next()?;
    let (mut before, mut rest_m) = (start, SIGHT_M);
    let mut seen = None;
    for point in points {
        let piece_m = before.distance_m(point);
        if piece_m > rest_m {
            seen = Some(part_of_the_way(before, point, rest_m / piece_m));
            break;
        }
        if piece_m > 0.0 {
            seen = Some(point);
        }
        rest_m -= piece_m;
        before = point;
    }
    let seen = seen.filter(|seen| *seen != start)?;
    Some(start.bearing_deg(seen))
}

/// The direction of the first of these parts at its start. A very short one leaves it to the next.
pub(super) fn bearing_into(parts: &[Part]) -> Option<f64> {
    let (first, rest) = parts.split_first()?;
    let line = first.shape.iter();
    if is_short(first) {
        let next = rest.first().map_or(&[][..], |part| part.shape.as_slice());
        bearing_ahead(line.chain(next).copied())
    } else {
        bearing_ahead(line.copied())
    }
}

/// The direction of the last of these parts at its end. A very short one leaves it to the one
/// before.
pub(super) fn bearing_out_of(parts: &[Part]) -> Option<f64> {
    let (last, before) = parts.split_last()?;
    let line = last.shape.iter().rev();
    let back = if is_short(last) {
        let shape = before.last().map_or(&[][..], |part| part.shape.as_slice());
        bearing_ahead(line.chain(shape.iter().rev()).copied())
    } else {
        bearing_ahead(line.copied())
    };
    back.map(opposite)
}

fn is_short(part: &Part) -> bool {
    f64::from(part.arc.length_mm) < SHORT_M * 1000.0
}

/// The other way.
pub(super) fn opposite(bearing_deg: f64) -> f64 {
    if bearing_deg < 180.0 {
        bearing_deg + 180.0
    } else {
        bearing_deg - 180.0
    }
}

/// How far one turns from one direction to another: more than -180 (left) to 180 (right) degrees.
pub(super) fn turned(from_deg: f64, to_deg: f64) -> f64 {
    let angle = to_deg - from_deg;
    if angle > 180.0 {
        angle - 360.0
    } else if angle <= -180.0 {
        angle + 360.0
    } else {
        angle
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat_e7: i32, lng_e7: i32) -> LatLng {
        LatLng::from_e7(lat_e7, lng_e7).unwrap()
    }

    #[test]
    fn a_direction_is_that_of_the_first_metres() {
        // 10 m to the north, then east.
        let line = [at(0, 0), at(900, 0), at(900, 90_000)];
        let bearing = bearing_ahead(line).unwrap();
        assert!((20.0..40.0).contains(&bearing), "{bearing}");
        let straight = [at(0, 0), at(2_000, 0), at(2_000, 90_000)];
        assert_eq!(bearing_ahead(straight), Some(0.0));
    }

    #[test]
    fn a_line_without_length_has_no_direction() {
        assert_eq!(bearing_ahead([]), None);
        assert_eq!(bearing_ahead([at(5, 5)]), None);
        assert_eq!(bearing_ahead([at(5, 5), at(5, 5)]), None);
    }

    #[test]
    fn a_turn_is_left_or_right_across_north() {
        assert_eq!(turned(350.0, 20.0), 30.0);
        assert_eq!(turned(20.0, 350.0), -30.0);
        assert_eq!(turned(0.0, 180.0), 180.0);
        assert_eq!(turned(180.0, 0.0), 180.0);
        assert_eq!(turned(90.0, 90.0), 0.0);
    }
}
