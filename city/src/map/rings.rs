//! Builds areas from rings and pieces of rings, as OpenStreetMap's multipolygons give them.

use super::chains::{Direction, joined};
use super::plane::{Path, Polygon, Window, distance, doubled_area, length, ring_holds};

/// Areas with more rings than this are not sorted into outer rings and holes ring by ring.
const RINGS_MAX: usize = 4_000;

/// A gap is closed straight if it is shorter than this part of the line that leaves it open: an
/// extract may lack a piece of a ring that runs along its border.
const GAP: f64 = 0.5;

/// Closes pieces of rings. What stays open is left out, unless the gap is small.
pub(super) fn closed(pieces: Vec<Path>) -> Vec<Path> {
    let mut rings = Vec::new();
    let mut rest = pieces;
    // A second pass joins what was paired badly at a point where rings touch.
    for _ in 0..2 {
        let (done, open): (Vec<Path>, Vec<Path>) = joined(rest, Direction::Free)
            .into_iter()
            .partition(|path| path.first() == path.last());
        rings.extend(done);
        rest = open;
    }
    rings.extend(rest.into_iter().filter_map(straight));
    rings.retain(|ring| ring.len() >= 4 && doubled_area(ring) != 0);
    rings
}

fn straight(mut path: Path) -> Option<Path> {
    let (first, last) = (*path.first()?, *path.last()?);
    (distance(first, last) < GAP * length(&path)).then(|| {
        path.push(first);
        path
    })
}

/// Sorts rings into areas by what lies in what: a ring in an even number of others is an outer one,
/// the rest are holes of the smallest ring around them. Roles are not needed, and often wrong.
pub(super) fn nested(mut rings: Vec<Path>) -> Vec<Polygon> {
    rings.sort_by_key(|ring| std::cmp::Reverse(doubled_area(ring).abs()));
    if rings.len() > RINGS_MAX {
        return rings.into_iter().map(|ring| vec![ring]).collect();
    }
    let windows: Vec<Option<Window>> = rings.iter().map(Window::around).collect();
    let mut areas: Vec<(usize, Polygon)> = Vec::new();
    for (index, ring) in rings.iter().enumerate() {
        let around: Vec<usize> = (0..index)
            .filter(|other| lies_in(ring, index, *other, &rings, &windows))
            .collect();
        let is_hole = around.len() % 2 == 1;
        let parent = around.iter().rev().copied();
        let mut parent = parent.filter_map(|p| areas.iter().position(|(outer, _)| *outer == p));
        match parent.next() {
            Some(position) if is_hole => {
                if let Some((_, area)) = areas.get_mut(position) {
                    area.push(ring.clone());
                }
            }
            _ => areas.push((index, vec![ring.clone()])),
        }
    }
    areas.into_iter().map(|(_, area)| area).collect()
}

fn lies_in(
    ring: &Path,
    index: usize,
    other: usize,
    rings: &[Path],
    windows: &[Option<Window>],
) -> bool {
    let (Some(Some(inner)), Some(Some(outer))) = (windows.get(index), windows.get(other)) else {
        return false;
    };
    let Some(around) = rings.get(other) else {
        return false;
    };
    // A corner may lie on the other's edge: most of a few decide.
    let step = (ring.len() / 5).max(1);
    let samples = ring.iter().step_by(step);
    let inside = samples.clone().filter(|p| ring_holds(around, **p)).count();
    outer.covers(inner) && inside * 2 > samples.count()
}

#[cfg(test)]
mod tests {
    use super::super::plane::Point;
    use super::*;

    fn square(x: i32, y: i32, size: i32) -> Path {
        let min = Point { x, y };
        let max = Point {
            x: x + size,
            y: y + size,
        };
        Window { min, max }.ring()
    }

    #[test]
    fn a_ring_in_pieces_closes() {
        let ring = square(0, 0, 10);
        let pieces = vec![ring[2..].to_vec(), ring[..3].to_vec()];
        let rings = closed(pieces);
        assert_eq!(rings.len(), 1);
        assert_eq!(doubled_area(&rings[0]).abs(), 200);
    }

    #[test]
    fn a_line_that_goes_nowhere_is_no_ring() {
        let line = vec![
            Point { x: 0, y: 0 },
            Point { x: 50, y: 3 },
            Point { x: 90, y: 0 },
        ];
        assert!(closed(vec![line]).is_empty());
    }

    #[test]
    fn an_island_in_a_lake_on_an_island_is_land_again() {
        let rings = vec![square(40, 40, 20), square(0, 0, 100), square(20, 20, 60)];
        let areas = nested(rings);
        let shape: Vec<usize> = areas.iter().map(Vec::len).collect();
        assert_eq!(shape, [2, 1], "an area with a hole, and the inner island");
    }

    #[test]
    fn two_areas_apart_stay_apart() {
        assert_eq!(nested(vec![square(0, 0, 5), square(10, 0, 5)]).len(), 2);
    }
}
