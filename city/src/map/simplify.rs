//! Leaves out the points of a line that nobody would miss at a zoom.

use super::plane::{Path, Point};

/// The line without the points that lie within the tolerance (in units of the plane) of what
/// remains: Douglas and Peucker's way. The ends stay.
pub(super) fn simplified(line: &[Point], tolerance: f64) -> Path {
    let Some(last) = line.len().checked_sub(1) else {
        return Vec::new();
    };
    let mut kept = vec![false; line.len()];
    let mut open = vec![(0, last)];
    for end in [0, last] {
        if let Some(flag) = kept.get_mut(end) {
            *flag = true;
        }
    }
    while let Some((from, to)) = open.pop() {
        let Some((middle, off)) = farthest(line, from, to) else {
            continue;
        };
        if off > tolerance * tolerance {
            if let Some(flag) = kept.get_mut(middle) {
                *flag = true;
            }
            open.push((from, middle));
            open.push((middle, to));
        }
    }
    let points = line.iter().zip(kept);
    points.filter(|(_, kept)| *kept).map(|(p, _)| *p).collect()
}

/// The point between two that lies farthest from the line through them, and its squared distance.
fn farthest(line: &[Point], from: usize, to: usize) -> Option<(usize, f64)> {
    let (a, b) = (*line.get(from)?, *line.get(to)?);
    let between = line.get(from.checked_add(1)?..to)?;
    let mut best = None;
    let mut most = -1.0;
    for (step, p) in between.iter().enumerate() {
        let off = squared_offset(*p, a, b);
        if off > most {
            most = off;
            best = Some((from + 1 + step, off));
        }
    }
    best
}

fn squared_offset(p: Point, a: Point, b: Point) -> f64 {
    let (px, py) = (f64::from(p.x - a.x), f64::from(p.y - a.y));
    let (bx, by) = (f64::from(b.x - a.x), f64::from(b.y - a.y));
    let squared = bx * bx + by * by;
    let along = if squared > 0.0 {
        ((px * bx + py * by) / squared).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let (dx, dy) = (px - along * bx, py - along * by);
    dx * dx + dy * dy
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(x: i32, y: i32) -> Point {
        Point { x, y }
    }

    #[test]
    fn a_point_within_the_tolerance_goes_and_a_corner_stays() {
        let line = [p(0, 0), p(50, 1), p(100, 0), p(100, 100)];
        assert_eq!(simplified(&line, 2.0), [p(0, 0), p(100, 0), p(100, 100)]);
        assert_eq!(simplified(&line, 0.5), line);
    }

    #[test]
    fn a_ring_keeps_its_shape() {
        let ring = [p(0, 0), p(10, 0), p(20, 0), p(20, 20), p(0, 20), p(0, 0)];
        assert_eq!(
            simplified(&ring, 1.0),
            [p(0, 0), p(20, 0), p(20, 20), p(0, 20), p(0, 0)]
        );
    }

    #[test]
    fn nothing_stays_nothing() {
        assert!(simplified(&[], 1.0).is_empty());
        assert_eq!(simplified(&[p(3, 4)], 1.0), [p(3, 4)]);
    }
}
