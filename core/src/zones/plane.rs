//! Exact geometry on whole numbers: longitude and latitude in units of 1e-7 degrees as a flat map.
//!
//! Nothing is rounded, so every machine sees the same sides and the same borders.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "coordinates are at most 3.6e9 in size even when doubled, so differences fit into \
              64 bits and products of two of them, and their sums, into 128"
)]

use std::cmp::Ordering;

use crate::geo::LatLng;

/// A place on the map: east and north in units of 1e-7 degrees, or of half of that when doubled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    pub(super) x: i64,
    pub(super) y: i64,
}

impl From<LatLng> for Spot {
    fn from(at: LatLng) -> Self {
        Self {
            x: i64::from(at.lng_e7()),
            y: i64::from(at.lat_e7()),
        }
    }
}

impl Spot {
    pub(super) fn doubled(self) -> Self {
        self.plus(self)
    }

    /// The sum: of two ends of an edge it is the doubled middle.
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            x: self.x + other.x,
            y: self.y + other.y,
        }
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self {
            x: self.x - other.x,
            y: self.y - other.y,
        }
    }
}

/// Twice the area between two directions; positive if `b` is to the left of `a`.
pub(super) fn cross(a: Spot, b: Spot) -> i128 {
    i128::from(a.x) * i128::from(b.y) - i128::from(a.y) * i128::from(b.x)
}

/// How far two directions agree.
pub(super) fn dot(a: Spot, b: Spot) -> i128 {
    i128::from(a.x) * i128::from(b.x) + i128::from(a.y) * i128::from(b.y)
}

/// A rectangle; its border belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) west: i64,
    pub(super) east: i64,
    pub(super) south: i64,
    pub(super) north: i64,
}

impl Bounds {
    /// The smallest rectangle that holds some places. Of no place at all it holds nothing.
    pub(super) fn of(spots: impl Iterator<Item = Spot>) -> Self {
        let nothing = Self {
            west: i64::MAX,
            east: i64::MIN,
            south: i64::MAX,
            north: i64::MIN,
        };
        spots.fold(nothing, |bounds, spot| Self {
            west: bounds.west.min(spot.x),
            east: bounds.east.max(spot.x),
            south: bounds.south.min(spot.y),
            north: bounds.north.max(spot.y),
        })
    }

    pub(super) fn holds(&self, spot: Spot) -> bool {
        (self.west..=self.east).contains(&spot.x) && (self.south..=self.north).contains(&spot.y)
    }

    pub(super) fn is_within(&self, other: &Self) -> bool {
        self.west >= other.west
            && self.east <= other.east
            && self.south >= other.south
            && self.north <= other.north
    }

    pub(super) fn meets(&self, other: &Self) -> bool {
        self.west <= other.east
            && other.west <= self.east
            && self.south <= other.north
            && other.south <= self.north
    }
}

/// A straight line between two different places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) from: Spot,
    pub(super) to: Spot,
}

/// How two edges meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meeting {
    /// Not at all.
    Apart,
    /// In one point, which is an end of at least one of them.
    Touch,
    /// In one point between the ends of both.
    Cross,
    /// In more than a point.
    Overlap,
}

impl Edge {
    pub(super) fn bounds(&self) -> Bounds {
        Bounds::of([self.from, self.to].into_iter())
    }

    pub(super) fn direction(&self) -> Spot {
        self.to.minus(self.from)
    }

    pub(super) fn doubled(self) -> Self {
        Self {
            from: self.from.doubled(),
            to: self.to.doubled(),
        }
    }

    /// On which side a place is: `Greater` to the left, `Less` to the right, `Equal` in line.
    pub(super) fn side(&self, spot: Spot) -> Ordering {
        cross(self.direction(), spot.minus(self.from)).cmp(&0)
    }

    /// Whether a place is on the edge, its ends included.
    pub(super) fn has(&self, spot: Spot) -> bool {
        self.bounds().holds(spot) && self.side(spot).is_eq()
    }

    pub(super) fn meeting(&self, other: &Self) -> Meeting {
        if !self.bounds().meets(&other.bounds()) {
            return Meeting::Apart;
        }
        let sides = (self.side(other.from), self.side(other.to));
        let other_sides = (other.side(self.from), other.side(self.to));
        if sides == (Ordering::Equal, Ordering::Equal) {
            return self.meeting_in_line(other);
        }
        if sides.0 == sides.1 || other_sides.0 == other_sides.1 {
            return Meeting::Apart;
        }
        let all = [sides.0, sides.1, other_sides.0, other_sides.1];
        if all.iter().all(|side| side.is_ne()) {
            Meeting::Cross
        } else {
            Meeting::Touch
        }
    }

    fn meeting_in_line(&self, other: &Self) -> Meeting {
        let direction = self.direction();
        let along = |spot: Spot| dot(direction, spot.minus(self.from));
        let length = dot(direction, direction);
        let (a, b) = (along(other.from), along(other.to));
        let (first, last) = (a.min(b), a.max(b));
        match (last.cmp(&0), first.cmp(&length)) {
            (Ordering::Less, _) | (_, Ordering::Greater) => Meeting::Apart,
            (Ordering::Equal, _) | (_, Ordering::Equal) => Meeting::Touch,
            _ => Meeting::Overlap,
        }
    }
}

/// The edges of a ring that does not repeat its first point.
pub(super) fn ring_edges(ring: &[LatLng]) -> impl Iterator<Item = Edge> + '_ {
    let next = ring.iter().skip(1).chain(ring.first());
    edges_between(ring.iter().zip(next))
}

/// The edges of a line.
pub(super) fn line_edges(line: &[LatLng]) -> impl Iterator<Item = Edge> + '_ {
    edges_between(line.iter().zip(line.iter().skip(1)))
}

fn edges_between<'a>(
    pairs: impl Iterator<Item = (&'a LatLng, &'a LatLng)>,
) -> impl Iterator<Item = Edge> {
    pairs.map(|(from, to)| Edge {
        from: Spot::from(*from),
        to: Spot::from(*to),
    })
}

/// Where a place is, seen from a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Inside,
    Border,
    Outside,
}

/// Where a place is: counts how many edges a line from it to the east crosses.
pub(super) fn place_in(ring: impl Iterator<Item = Edge>, spot: Spot) -> Place {
    let mut inside = false;
    for edge in ring {
        let (from_above, to_above) = (edge.from.y > spot.y, edge.to.y > spot.y);
        if from_above == to_above && edge.from.y != spot.y && edge.to.y != spot.y {
            continue;
        }
        if edge.has(spot) {
            return Place::Border;
        }
        let to_the_east = if to_above {
            edge.side(spot).is_gt()
        } else {
            edge.side(spot).is_lt()
        };
        if from_above != to_above && to_the_east {
            inside = !inside;
        }
    }
    if inside {
        Place::Inside
    } else {
        Place::Outside
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn edge(from: (i64, i64), to: (i64, i64)) -> Edge {
        Edge {
            from: Spot {
                x: from.0,
                y: from.1,
            },
            to: Spot { x: to.0, y: to.1 },
        }
    }

    #[test]
    fn edges_meet_in_every_way() {
        let base = edge((0, 0), (10, 0));
        for (other, meeting) in [
            (edge((5, -5), (5, 5)), Meeting::Cross),
            (edge((5, 0), (5, 5)), Meeting::Touch),
            (edge((10, 0), (20, 0)), Meeting::Touch),
            (edge((10, 0), (10, 9)), Meeting::Touch),
            (edge((-3, 0), (0, 0)), Meeting::Touch),
            (edge((9, 0), (20, 0)), Meeting::Overlap),
            (edge((2, 0), (4, 0)), Meeting::Overlap),
            (edge((11, 0), (20, 0)), Meeting::Apart),
            (edge((0, 1), (10, 1)), Meeting::Apart),
            (edge((11, -5), (11, 5)), Meeting::Apart),
            (edge((9, 4), (14, -1)), Meeting::Apart),
        ] {
            assert_eq!(base.meeting(&other), meeting, "{other:?}");
            assert_eq!(other.meeting(&base), meeting, "{other:?} turned");
        }
    }

    #[test]
    fn the_largest_map_does_not_overflow() {
        let corner = |x: i64, y: i64| Spot {
            x: 3_600_000_000 * x,
            y: 1_800_000_000 * y,
        };
        let diagonal = Edge {
            from: corner(-1, -1),
            to: corner(1, 1),
        };
        let other = Edge {
            from: corner(-1, 1),
            to: corner(1, -1),
        };
        assert_eq!(diagonal.meeting(&other), Meeting::Cross);
        assert!(diagonal.has(corner(0, 0)));
    }

    fn small() -> impl Strategy<Value = Edge> {
        ((0_i64..6, 0_i64..6), (0_i64..6, 0_i64..6))
            .prop_filter("an edge has a length", |(from, to)| from != to)
            .prop_map(|(from, to)| edge(from, to))
    }

    proptest! {
        #[test]
        fn an_edge_meets_as_many_points_as_it_shares(a in small(), b in small()) {
            // On a small grid every shared corner can be looked at.
            let grid = (0..6).flat_map(|x| (0..6).map(move |y| Spot { x, y }));
            let shared = grid.filter(|spot| a.has(*spot) && b.has(*spot)).count();
            match a.meeting(&b) {
                Meeting::Apart => prop_assert_eq!(shared, 0),
                Meeting::Touch => prop_assert_eq!(shared, 1),
                Meeting::Cross => prop_assert!(shared <= 1),
                Meeting::Overlap => prop_assert!(shared >= 2),
            }
        }
    }
}
