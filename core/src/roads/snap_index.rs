//! Finds the roads near a position: a packed R-tree over the boxes of road segments.
//!
//! The boxes lie in the order of a Hilbert curve, sixteen to a node, so that near ones share a node.
//! A search opens the nearest box first and yields roads in the order of their distance; it never
//! looks at a road that is farther away than the last one that the caller takes.
//!
//! Distances for comparing are measured on a plane that touches the earth at the position: exact to
//! a millimetre for roads nearby, and good enough to have a nearest road from anywhere. A search
//! from beyond the 180th meridian goes the short way.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::network::ArcId;
use crate::geo::LatLng;

/// Boxes in a node.
const FANOUT: usize = 16;
/// The Hilbert curve runs through a square of 2^16 by 2^16 cells.
const CURVE_BITS: u32 = 16;
const TURN_E7: i64 = 3_600_000_000;

/// A rectangle in units of 1e-7 degrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rectangle {
    pub(super) south: i32,
    pub(super) west: i32,
    pub(super) north: i32,
    pub(super) east: i32,
}

impl Rectangle {
    /// Holds nothing yet.
    const EMPTY: Self = Self {
        south: i32::MAX,
        west: i32::MAX,
        north: i32::MIN,
        east: i32::MIN,
    };

    /// The smallest that holds all positions.
    pub(super) fn around(positions: impl IntoIterator<Item = LatLng>) -> Self {
        positions.into_iter().fold(Self::EMPTY, |all, at| {
            all.with(&Self {
                south: at.lat_e7(),
                west: at.lng_e7(),
                north: at.lat_e7(),
                east: at.lng_e7(),
            })
        })
    }

    fn with(&self, other: &Self) -> Self {
        Self {
            south: self.south.min(other.south),
            west: self.west.min(other.west),
            north: self.north.max(other.north),
            east: self.east.max(other.east),
        }
    }

    /// Twice the middle, north and east.
    fn middle_doubled(&self) -> [i64; 2] {
        [
            i64::from(self.south).saturating_add(i64::from(self.north)),
            i64::from(self.west).saturating_add(i64::from(self.east)),
        ]
    }
}

/// The plane that touches the earth at a position, in units of 1e-7 degrees of latitude.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plane {
    lat: f64,
    /// May lie beyond 180 degrees, if that is nearer to the roads.
    lng: f64,
    cos_lat: f64,
}

impl Plane {
    /// Metres to a unit: 1e-7 degrees of a meridian.
    pub(super) const M_PER_UNIT: f64 = 0.011_119_508;

    /// The plane at a position.
    pub(super) fn at(position: LatLng) -> Self {
        Self {
            lat: f64::from(position.lat_e7()),
            lng: f64::from(position.lng_e7()),
            cos_lat: libm::cos(position.lat().to_radians()).max(1e-6),
        }
    }

    /// The plane at a position, from where roads that may be beyond the 180th meridian are near.
    fn facing(position: LatLng, roads: &Rectangle) -> Self {
        let lng = i64::from(position.lng_e7());
        let [_, middle] = roads.middle_doubled();
        let off = |lng: i64| lng.saturating_mul(2).abs_diff(middle);
        let nearest = [
            lng,
            lng.saturating_sub(TURN_E7),
            lng.saturating_add(TURN_E7),
        ]
        .into_iter()
        .min_by_key(|lng| off(*lng))
        .unwrap_or(lng);
        #[expect(clippy::cast_precision_loss, reason = "three turns are far below 2^53")]
        let lng = nearest as f64;
        Self {
            lng,
            ..Self::at(position)
        }
    }

    /// Length of a straight line.
    pub(super) fn length(&self, from: LatLng, to: LatLng) -> f64 {
        let ([ax, ay], [bx, by]) = (self.place(from), self.place(to));
        libm::sqrt((bx - ax) * (bx - ax) + (by - ay) * (by - ay))
    }

    /// East and north of the position.
    fn place(&self, at: LatLng) -> [f64; 2] {
        [
            (f64::from(at.lng_e7()) - self.lng) * self.cos_lat,
            f64::from(at.lat_e7()) - self.lat,
        ]
    }

    /// Square of the distance to the nearest point between two positions, and how far along the
    /// line it lies: from 0 at the first to 1 at the second.
    pub(super) fn nearest_between(&self, first: LatLng, second: LatLng) -> (f64, f64) {
        let [ax, ay] = self.place(first);
        let [bx, by] = self.place(second);
        let (dx, dy) = (bx - ax, by - ay);
        let squared_length = dx * dx + dy * dy;
        let part = if squared_length > 0.0 {
            (-(ax * dx + ay * dy) / squared_length).clamp(0.0, 1.0)
        } else {
            0.0
        };
        let (x, y) = (ax + part * dx, ay + part * dy);
        (x * x + y * y, part)
    }

    /// Square of the distance to a box; 0 inside.
    fn squared_to(&self, rectangle: &Rectangle) -> f64 {
        let outside =
            |low: i32, high: i32, at: f64| (f64::from(low) - at).max(at - f64::from(high)).max(0.0);
        let x = outside(rectangle.west, rectangle.east, self.lng) * self.cos_lat;
        let y = outside(rectangle.south, rectangle.north, self.lat);
        x * x + y * y
    }
}

/// What a search has yet to look at. The order of the variants matters: of what is equally far, the
/// boxes are opened before a road is yielded, so that the road with the lowest id comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Waiting {
    /// A box of a level (0 is the lowest) by its position in the level.
    Box(usize, usize),
    /// A road whose distance is known.
    Road(ArcId),
}

/// Boxes around the segments of a network, for finding near ones. A segment is named by one of its
/// arcs.
#[derive(Debug, Clone, Default)]
pub(super) struct SnapIndex {
    /// By position in the lowest level.
    arcs: Vec<ArcId>,
    /// Level by level, the lowest first, the single root last.
    levels: Vec<Vec<Rectangle>>,
}

impl SnapIndex {
    /// Takes one arc of each segment with the box around it.
    pub(super) fn new(segments: impl IntoIterator<Item = (ArcId, Rectangle)>) -> Self {
        let segments: Vec<(ArcId, Rectangle)> = segments.into_iter().collect();
        let all = segments
            .iter()
            .fold(Rectangle::EMPTY, |all, (_, rectangle)| all.with(rectangle));
        let mut order: Vec<(u32, u32)> = segments
            .iter()
            .zip(0..)
            .map(|((_, rectangle), position)| (on_curve(rectangle, &all), position))
            .collect();
        order.sort_unstable();
        let sorted = order.iter().filter_map(|(_, position)| {
            segments.get(usize::try_from(*position).unwrap_or(usize::MAX))
        });
        let (arcs, lowest): (Vec<ArcId>, Vec<Rectangle>) = sorted.copied().unzip();
        Self {
            arcs,
            levels: levels_above(lowest),
        }
    }

    /// The roads in the order of their distance from a position, the lowest id first of equally far
    /// ones. `squared_distance` measures one on the plane that it is given, or leaves it out.
    pub(super) fn by_distance<F>(&self, position: LatLng, squared_distance: F) -> ByDistance<'_, F>
    where
        F: FnMut(&Plane, ArcId) -> Option<f64>,
    {
        let root = self.levels.last().and_then(|level| level.first());
        let plane = Plane::facing(position, root.unwrap_or(&Rectangle::EMPTY));
        let mut waiting = BinaryHeap::with_capacity(FANOUT.saturating_mul(8));
        if let Some(root) = root {
            let top = self.levels.len().saturating_sub(1);
            let far = ordered(plane.squared_to(root));
            waiting.push(Reverse((far, Waiting::Box(top, 0))));
        }
        ByDistance {
            index: self,
            plane,
            waiting,
            squared_distance,
        }
    }
}

/// The roads in the order of their distance: pairs of an arc and the square of its distance in the
/// units of the [`Plane`].
pub(super) struct ByDistance<'a, F> {
    index: &'a SnapIndex,
    pub(super) plane: Plane,
    waiting: BinaryHeap<Reverse<(u64, Waiting)>>,
    squared_distance: F,
}

impl<F> Iterator for ByDistance<'_, F>
where
    F: FnMut(&Plane, ArcId) -> Option<f64>,
{
    type Item = (ArcId, f64);

    fn next(&mut self) -> Option<(ArcId, f64)> {
        loop {
            let Reverse((distance, nearest)) = self.waiting.pop()?;
            match nearest {
                Waiting::Road(arc) => return Some((arc, f64::from_bits(distance))),
                Waiting::Box(0, position) => {
                    let Some(arc) = self.index.arcs.get(position) else {
                        continue;
                    };
                    if let Some(squared) = (self.squared_distance)(&self.plane, *arc) {
                        let road = Waiting::Road(*arc);
                        self.waiting.push(Reverse((ordered(squared), road)));
                    }
                }
                Waiting::Box(level, position) => self.open(level, position),
            }
        }
    }
}

impl<F> ByDistance<'_, F> {
    fn open(&mut self, level: usize, position: usize) {
        let below = level.saturating_sub(1);
        let start = position.saturating_mul(FANOUT);
        let boxes = self.index.levels.get(below).map_or(&[][..], Vec::as_slice);
        let end = start.saturating_add(FANOUT).min(boxes.len());
        let children = boxes.get(start..end).unwrap_or_default();
        for (rectangle, child) in children.iter().zip(start..) {
            let far = ordered(self.plane.squared_to(rectangle));
            self.waiting
                .push(Reverse((far, Waiting::Box(below, child))));
        }
    }
}

/// Numbers that are not negative have the order of their bits.
fn ordered(squared: f64) -> u64 {
    squared.max(0.0).to_bits()
}

/// The lowest level and those above it, up to the one with a single box.
fn levels_above(lowest: Vec<Rectangle>) -> Vec<Vec<Rectangle>> {
    let mut levels = Vec::new();
    let mut level = lowest;
    while level.len() > 1 {
        let above = level
            .chunks(FANOUT)
            .map(|chunk| {
                chunk
                    .iter()
                    .fold(Rectangle::EMPTY, |all, one| all.with(one))
            })
            .collect();
        levels.push(std::mem::replace(&mut level, above));
    }
    // The root; for a lone segment its own box, and for none an empty level.
    levels.push(level);
    levels
}

/// Where on the Hilbert curve through a box the middle of a smaller one lies.
fn on_curve(rectangle: &Rectangle, all: &Rectangle) -> u32 {
    let [north, east] = rectangle.middle_doubled();
    let side = |at: i64, low: i32, high: i32| {
        let (low, high) = (i64::from(low), i64::from(high));
        let length = high.saturating_sub(low).max(1).saturating_mul(2);
        let from_low = at.saturating_sub(low.saturating_mul(2)).clamp(0, length);
        let cells = (1_i64 << CURVE_BITS).saturating_sub(1);
        let cell = from_low.saturating_mul(cells).checked_div(length);
        cell.and_then(|cell| u32::try_from(cell).ok())
            .unwrap_or_default()
    };
    hilbert(
        side(east, all.west, all.east),
        side(north, all.south, all.north),
    )
}

/// Position on the Hilbert curve of a cell (the classic walk down the quadrants).
pub(super) fn hilbert(mut x: u32, mut y: u32) -> u32 {
    let mask = u32::MAX >> (u32::BITS - CURVE_BITS);
    let mut position = 0_u32;
    for bit in (0..CURVE_BITS).rev() {
        let right = (x >> bit) & 1;
        let upper = (y >> bit) & 1;
        position = (position << 2) | ((right.wrapping_mul(3)) ^ upper);
        if upper == 0 {
            if right == 1 {
                x = !x & mask;
                y = !y & mask;
            }
            std::mem::swap(&mut x, &mut y);
        }
    }
    position
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn position(lat_e7: i32, lng_e7: i32) -> LatLng {
        LatLng::from_e7(lat_e7, lng_e7).unwrap()
    }

    fn index_of(lines: &[[LatLng; 2]]) -> SnapIndex {
        let boxes = lines.iter().zip(0..);
        SnapIndex::new(boxes.map(|(line, id)| (ArcId(id), Rectangle::around(*line))))
    }

    fn order_from(at: LatLng, lines: &[[LatLng; 2]]) -> Vec<(ArcId, f64)> {
        index_of(lines)
            .by_distance(at, |plane, arc| {
                let [first, second] = lines[arc.0 as usize];
                Some(plane.nearest_between(first, second).0)
            })
            .collect()
    }

    fn near_porto() -> impl Strategy<Value = LatLng> {
        (410_000_000..411_000_000, -87_000_000..-86_000_000)
            .prop_map(|(lat_e7, lng_e7)| position(lat_e7, lng_e7))
    }

    fn lines() -> impl Strategy<Value = Vec<[LatLng; 2]>> {
        let line =
            (near_porto(), -20_000..20_000, -20_000..20_000).prop_map(|(at, north, east)| {
                let there = position(at.lat_e7() + north, at.lng_e7() + east);
                [at, there]
            });
        prop::collection::vec(line, 0..400)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_road_comes_in_the_order_of_its_distance(lines in lines(), at in near_porto()) {
            let found = order_from(at, &lines);
            let plane = Plane::facing(at, &Rectangle::around(lines.iter().flatten().copied()));
            let mut expected: Vec<(u64, ArcId)> = lines
                .iter()
                .zip(0..)
                .map(|([a, b], id)| (ordered(plane.nearest_between(*a, *b).0), ArcId(id)))
                .collect();
            expected.sort_unstable();
            let found: Vec<(u64, ArcId)> =
                found.iter().map(|(arc, far)| (ordered(*far), *arc)).collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn of_equally_near_roads_the_lowest_id_is_first() {
        let line = [position(0, 0), position(0, 1_000)];
        let found = order_from(position(500, 500), &[line; 40]);
        let ids: Vec<u32> = found.iter().map(|(arc, _)| arc.0).collect();
        assert_eq!(ids, (0..40).collect::<Vec<_>>());
    }

    #[test]
    fn a_road_beyond_the_date_line_is_near() {
        let here = [
            position(-170_000_000, 1_799_000_000),
            position(-170_000_000, 1_799_100_000),
        ];
        let far = [
            position(-170_000_000, 1_700_000_000),
            position(-170_000_000, 1_700_100_000),
        ];
        let found = order_from(position(-170_000_000, -1_799_900_000), &[far, here]);
        assert_eq!(found[0].0, ArcId(1));
        let metres = found[0].1.sqrt() * Plane::M_PER_UNIT;
        assert!((metres - 10_634.0).abs() < 1.0, "{metres}");
    }

    #[test]
    fn no_roads_are_near_nothing() {
        assert_eq!(order_from(position(0, 0), &[]), []);
        let lone = [position(0, 0), position(0, 1_000)];
        assert_eq!(order_from(position(0, 500), &[lone]), [(ArcId(0), 0.0)]);
    }

    #[test]
    fn the_curve_visits_every_cell_once_and_goes_to_a_neighbour_each_time() {
        let mut cells: Vec<(u32, [i64; 2])> = (0..32_u32)
            .flat_map(|x| (0..32_u32).map(move |y| (hilbert(x, y), [x.into(), y.into()])))
            .collect();
        cells.sort_unstable();
        for (expected, (found, _)) in cells.iter().enumerate() {
            assert_eq!(*found as usize, expected);
        }
        for pair in cells.windows(2) {
            let ([ax, ay], [bx, by]) = (pair[0].1, pair[1].1);
            assert_eq!((ax - bx).abs() + (ay - by).abs(), 1, "{pair:?}");
        }
    }
}
