//! The plane the map is drawn on: web Mercator in whole units, so that equal inputs give equal
//! tiles on every machine.

use std::f64::consts::PI;

use wayfare_core::geo::LatLng;

/// The world is 2³⁰ units wide and high: one unit is 3.7 cm at the equator.
pub(super) const WORLD_BITS: u8 = 30;

/// Web Mercator ends here, where the world becomes a square.
const LATITUDE_MAX: f64 = 85.051_128;

/// A place on the plane: x grows to the east, y to the south.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(super) struct Point {
    pub(super) x: i32,
    pub(super) y: i32,
}

/// A line, or a ring whose last point repeats the first.
pub(super) type Path = Vec<Point>;

/// An area: its outer ring, then its holes.
pub(super) type Polygon = Vec<Path>;

/// Puts a position on the plane.
pub(super) fn project(at: LatLng) -> Point {
    let world = f64::from(1_u32 << WORLD_BITS);
    let lat = at.lat().clamp(-LATITUDE_MAX, LATITUDE_MAX).to_radians();
    let y = 0.5 - (lat.tan() + 1.0 / lat.cos()).ln() / (2.0 * PI);
    Point {
        x: rounded((at.lng() / 360.0 + 0.5) * world),
        y: rounded(y * world),
    }
}

/// Longitude and latitude of a point in degrees.
pub(super) fn unproject(point: Point) -> (f64, f64) {
    let world = f64::from(1_u32 << WORLD_BITS);
    let (x, y) = (f64::from(point.x) / world, f64::from(point.y) / world);
    let lat = ((0.5 - y) * 2.0 * PI).sinh().atan().to_degrees();
    ((x - 0.5) * 360.0, lat)
}

/// The nearest whole number; ends of the range stand for what lies beyond.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a cast of a float saturates, which is what is meant"
)]
pub(super) fn rounded(value: f64) -> i32 {
    value.round() as i32
}

/// Twice the signed area of a ring: positive when it runs clockwise as drawn.
pub(super) fn doubled_area(ring: &[Point]) -> i64 {
    let Some(origin) = ring.first() else { return 0 };
    let from_origin = |p: &Point| {
        (
            i64::from(p.x) - i64::from(origin.x),
            i64::from(p.y) - i64::from(origin.y),
        )
    };
    ring.windows(2)
        .filter_map(|pair| match pair {
            [a, b] => Some((from_origin(a), from_origin(b))),
            _ => None,
        })
        .map(|((ax, ay), (bx, by))| ax * by - bx * ay)
        .sum()
}

/// Length of a line in units.
pub(super) fn length(line: &[Point]) -> f64 {
    line.windows(2)
        .map(|pair| match pair {
            [a, b] => distance(*a, *b),
            _ => 0.0,
        })
        .sum()
}

/// Distance of two points in units.
pub(super) fn distance(a: Point, b: Point) -> f64 {
    let dx = f64::from(a.x) - f64::from(b.x);
    let dy = f64::from(a.y) - f64::from(b.y);
    dx.hypot(dy)
}

/// A rectangle with its edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) min: Point,
    pub(super) max: Point,
}

impl Window {
    /// The smallest that holds all points; none without a point.
    pub(super) fn around<'a>(points: impl IntoIterator<Item = &'a Point>) -> Option<Self> {
        let mut points = points.into_iter();
        let first = *points.next()?;
        let start = Self {
            min: first,
            max: first,
        };
        Some(points.fold(start, |window, p| Self {
            min: Point {
                x: window.min.x.min(p.x),
                y: window.min.y.min(p.y),
            },
            max: Point {
                x: window.max.x.max(p.x),
                y: window.max.y.max(p.y),
            },
        }))
    }

    /// Larger by a margin on each side, within the world.
    pub(super) fn grown(self, margin: i32) -> Self {
        let world = 1_i32 << WORLD_BITS;
        let less = |v: i32| v.saturating_sub(margin).max(0);
        let more = |v: i32| v.saturating_add(margin).min(world);
        Self {
            min: Point {
                x: less(self.min.x),
                y: less(self.min.y),
            },
            max: Point {
                x: more(self.max.x),
                y: more(self.max.y),
            },
        }
    }

    /// Whether a point lies in it or on its edge.
    pub(super) fn holds(&self, p: Point) -> bool {
        (self.min.x..=self.max.x).contains(&p.x) && (self.min.y..=self.max.y).contains(&p.y)
    }

    /// Whether the other lies in it altogether.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.holds(other.min) && self.holds(other.max)
    }

    /// Its edge as a ring, clockwise as drawn.
    pub(super) fn ring(&self) -> Path {
        let (a, b) = (self.min, self.max);
        vec![a, Point { x: b.x, y: a.y }, b, Point { x: a.x, y: b.y }, a]
    }
}

/// Whether a ring holds a point, by the number of edges that a ray to the east crosses.
pub(super) fn ring_holds(ring: &[Point], p: Point) -> bool {
    let (px, py) = (i64::from(p.x), i64::from(p.y));
    let mut inside = false;
    for pair in ring.windows(2) {
        let [a, b] = pair else { continue };
        if (a.y > p.y) == (b.y > p.y) {
            continue;
        }
        let (ax, ay, bx, by) = (
            i64::from(a.x),
            i64::from(a.y),
            i64::from(b.x),
            i64::from(b.y),
        );
        let turn = (px - ax) * (by - ay) - (bx - ax) * (py - ay);
        if (turn < 0) == (by > ay) {
            inside = !inside;
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_comes_back_from_the_plane() {
        let at = LatLng::from_degrees(41.1496, -8.6109).unwrap();
        let (lng, lat) = unproject(project(at));
        assert!((lat - at.lat()).abs() < 1e-6 && (lng - at.lng()).abs() < 1e-6);
    }

    #[test]
    fn a_clockwise_ring_has_a_positive_area() {
        let window = Window {
            min: Point { x: 10, y: 10 },
            max: Point { x: 13, y: 14 },
        };
        assert_eq!(doubled_area(&window.ring()), 24);
    }

    #[test]
    fn a_ring_holds_what_is_inside_and_not_what_is_in_its_bay() {
        let p = |x, y| Point { x, y };
        let bay = [p(6, 9), p(5, 3), p(4, 9)];
        let ring = [&[p(0, 0), p(9, 0), p(9, 9)][..], &bay, &[p(0, 9), p(0, 0)]].concat();
        assert!(ring_holds(&ring, p(2, 5)) && ring_holds(&ring, p(7, 8)));
        assert!(!ring_holds(&ring, p(5, 8)));
        assert!(!ring_holds(&ring, p(12, 5)));
    }
}
