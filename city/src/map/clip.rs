//! Cuts lines and areas to tiles: halves the tiles that a shape touches until each has its part.

use super::plane::{Path, Point, Polygon, WORLD_BITS, Window, rounded};

/// One tile of a zoom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Tile {
    pub(super) x: i32,
    pub(super) y: i32,
}

/// The tiles of a zoom and how far a shape reaches beyond the edge of its tile.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    pub(super) zoom: u8,
    /// In units of the plane.
    pub(super) buffer: i32,
    /// What is drawn at this zoom; shapes end at its edge.
    pub(super) limits: Window,
}

impl Grid {
    /// Width and height of a tile in units of the plane.
    pub(super) fn tile_size(&self) -> i32 {
        1 << (WORLD_BITS - self.zoom)
    }

    /// The tile that a point lies in.
    pub(super) fn tile_of(&self, p: Point) -> Tile {
        let shift = WORLD_BITS - self.zoom;
        let last = (1 << self.zoom) - 1;
        Tile {
            x: (p.x >> shift).clamp(0, last),
            y: (p.y >> shift).clamp(0, last),
        }
    }

    /// The tiles that a window touches, with the buffers of their neighbours.
    fn tiles_of(&self, window: Window) -> Block {
        let grown = window.grown(self.buffer);
        Block {
            min: self.tile_of(grown.min),
            max: self.tile_of(grown.max),
        }
    }

    /// Hands each tile its part of the lines.
    pub(super) fn spread_lines(&self, line: Path, emit: &mut impl FnMut(Tile, Vec<Path>)) {
        self.spread(vec![line], cut_lines, emit);
    }

    /// Hands each tile its part of an area.
    pub(super) fn spread_area(&self, area: Polygon, emit: &mut impl FnMut(Tile, Polygon)) {
        self.spread(area, cut_area, emit);
    }

    fn spread(&self, mut paths: Vec<Path>, cut: Cut, emit: &mut impl FnMut(Tile, Vec<Path>)) {
        let Some(window) = Window::around(paths.iter().flatten()) else {
            return;
        };
        if !self.limits.covers(&window) {
            for edge in edges(self.limits) {
                paths = cut(paths, edge);
            }
        }
        let Some(window) = Window::around(paths.iter().flatten()) else {
            return;
        };
        let mut open = vec![(self.tiles_of(window), paths)];
        while let Some((block, paths)) = open.pop() {
            if paths.is_empty() {
                continue;
            }
            let Some((axis, low, high)) = block.halves() else {
                emit(block.min, paths);
                continue;
            };
            let border = high.start(axis).saturating_mul(self.tile_size());
            let below = Edge {
                axis,
                limit: border.saturating_add(self.buffer),
                keeps: Side::Below,
            };
            let above = Edge {
                axis,
                limit: border.saturating_sub(self.buffer),
                keeps: Side::Above,
            };
            open.push((high, cut(paths.clone(), above)));
            open.push((low, cut(paths, below)));
        }
    }
}

type Cut = fn(Vec<Path>, Edge) -> Vec<Path>;

/// A rectangle of tiles, both corners included.
#[derive(Debug, Clone, Copy)]
struct Block {
    min: Tile,
    max: Tile,
}

impl Block {
    /// Both halves along its longer side; none when it is one tile.
    fn halves(self) -> Option<(Axis, Self, Self)> {
        let (wide, high) = (self.max.x - self.min.x, self.max.y - self.min.y);
        let (mut low, mut upper) = (self, self);
        if wide == 0 && high == 0 {
            return None;
        }
        if wide >= high {
            low.max.x = self.min.x + wide / 2;
            upper.min.x = low.max.x + 1;
            Some((Axis::X, low, upper))
        } else {
            low.max.y = self.min.y + high / 2;
            upper.min.y = low.max.y + 1;
            Some((Axis::Y, low, upper))
        }
    }

    fn start(self, axis: Axis) -> i32 {
        match axis {
            Axis::X => self.min.x,
            Axis::Y => self.min.y,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Axis {
    X,
    Y,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Below,
    Above,
}

/// A straight edge along an axis, and the side of it that stays.
#[derive(Debug, Clone, Copy)]
struct Edge {
    axis: Axis,
    limit: i32,
    keeps: Side,
}

impl Edge {
    fn keeps(self, p: Point) -> bool {
        let at = match self.axis {
            Axis::X => p.x,
            Axis::Y => p.y,
        };
        match self.keeps {
            Side::Below => at <= self.limit,
            Side::Above => at >= self.limit,
        }
    }

    /// Where a line from a to b meets the edge.
    fn crossing(self, a: Point, b: Point) -> Point {
        let limit = f64::from(self.limit);
        let (ax, ay) = (f64::from(a.x), f64::from(a.y));
        let (bx, by) = (f64::from(b.x), f64::from(b.y));
        match self.axis {
            Axis::X => Point {
                x: self.limit,
                y: rounded(ay + (by - ay) * (limit - ax) / (bx - ax)),
            },
            Axis::Y => Point {
                x: rounded(ax + (bx - ax) * (limit - ay) / (by - ay)),
                y: self.limit,
            },
        }
    }
}

fn edges(window: Window) -> [Edge; 4] {
    let edge = |axis, limit, keeps| Edge { axis, limit, keeps };
    [
        edge(Axis::X, window.min.x, Side::Above),
        edge(Axis::X, window.max.x, Side::Below),
        edge(Axis::Y, window.min.y, Side::Above),
        edge(Axis::Y, window.max.y, Side::Below),
    ]
}

fn cut_lines(lines: Vec<Path>, edge: Edge) -> Vec<Path> {
    let mut parts = Vec::with_capacity(lines.len());
    for line in lines {
        if line.iter().all(|p| edge.keeps(*p)) {
            parts.push(line);
        } else {
            cut_line(&line, edge, &mut parts);
        }
    }
    parts
}

fn cut_line(line: &[Point], edge: Edge, parts: &mut Vec<Path>) {
    let mut part = Path::new();
    for pair in line.windows(2) {
        let [a, b] = *pair else { continue };
        match (edge.keeps(a), edge.keeps(b)) {
            (true, true) => {
                if part.is_empty() {
                    part.push(a);
                }
                part.push(b);
            }
            (true, false) => {
                if part.is_empty() {
                    part.push(a);
                }
                part.push(edge.crossing(a, b));
                parts.push(std::mem::take(&mut part));
            }
            (false, true) => part = vec![edge.crossing(a, b), b],
            (false, false) => {}
        }
    }
    if part.len() > 1 {
        parts.push(part);
    }
}

/// Sutherland and Hodgman's way, one edge at a time. A ring that falls into several parts stays one
/// that runs along the edge between them, outside of what is seen of the tile.
fn cut_area(rings: Vec<Path>, edge: Edge) -> Vec<Path> {
    let mut parts = Vec::with_capacity(rings.len());
    for (index, ring) in rings.into_iter().enumerate() {
        let part = if ring.iter().all(|p| edge.keeps(*p)) {
            ring
        } else {
            cut_ring(&ring, edge)
        };
        if part.len() >= 4 {
            parts.push(part);
        } else if index == 0 {
            // Without the outer ring there is nothing for the holes to be in.
            return Vec::new();
        }
    }
    parts
}

fn cut_ring(ring: &[Point], edge: Edge) -> Path {
    let mut part = Path::with_capacity(ring.len());
    for pair in ring.windows(2) {
        let [a, b] = *pair else { continue };
        match (edge.keeps(a), edge.keeps(b)) {
            (true, true) => part.push(b),
            (true, false) => part.push(edge.crossing(a, b)),
            (false, true) => part.extend([edge.crossing(a, b), b]),
            (false, false) => {}
        }
    }
    part.dedup();
    if let Some(first) = part.first().copied()
        && part.last() != Some(&first)
    {
        part.push(first);
    }
    part
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::plane::doubled_area;
    use super::*;

    fn p(x: i32, y: i32) -> Point {
        Point { x, y }
    }

    fn grid(buffer: i32) -> Grid {
        Grid {
            zoom: 10,
            buffer,
            limits: Window {
                min: p(0, 0),
                max: p(1 << 30, 1 << 30),
            },
        }
    }

    const SIZE: i32 = 1 << 20;

    #[test]
    fn a_line_through_three_tiles_is_in_each() {
        let mut seen = BTreeMap::new();
        let line = vec![p(SIZE / 2, 9), p(SIZE * 5 / 2, 9)];
        grid(100).spread_lines(line, &mut |tile, parts| {
            seen.insert(tile.x, parts);
        });
        assert_eq!(seen.keys().copied().collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(seen[&1], [vec![p(SIZE - 100, 9), p(2 * SIZE + 100, 9)]]);
    }

    #[test]
    fn the_parts_of_an_area_add_up_to_it() {
        let window = Window {
            min: p(SIZE / 3, SIZE / 3),
            max: p(SIZE * 4, SIZE * 3),
        };
        let mut sum = 0;
        grid(0).spread_area(vec![window.ring()], &mut |_, part| {
            sum += part.iter().map(|ring| doubled_area(ring)).sum::<i64>();
        });
        assert_eq!(sum, doubled_area(&window.ring()));
    }

    #[test]
    fn a_line_that_leaves_and_comes_back_falls_into_two_parts() {
        let mut count = 0;
        let line = vec![p(10, 10), p(SIZE + 500, 10), p(SIZE + 500, 90), p(10, 90)];
        grid(4).spread_lines(line, &mut |tile, parts| {
            if tile.x == 0 {
                count = parts.len();
            }
        });
        assert_eq!(count, 2);
    }
}
