//! Finds the node nearest to a position.
//!
//! The nodes lie in the cells of a grid over their rectangle. The search goes through the cells in
//! rings around the position until no cell farther out can hold a nearer node. A position outside
//! the rectangle is compared with every node: that is rare, and exact everywhere on earth.

use super::graph::{Bounds, NodeId, RoadGraph, as_index, as_u32, in_space, squared_m};
use crate::geo::LatLng;

/// A cell holds about this many nodes where the nodes are spread evenly.
const NODES_PER_CELL: usize = 3;
const CELLS_PER_SIDE_MAX: i64 = 2048;
const METRES_PER_E7_OF_LATITUDE: f64 = 0.011_119_508;

/// A node and how far away it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nearest {
    /// The node.
    pub node: NodeId,
    /// Distance in a straight line.
    pub distance_m: f64,
}

/// Node ids by cell.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    bounds: Bounds,
    /// Size of a cell in units of 1e-7 degrees.
    cell_e7: [i64; 2],
    /// Cells from south to north and from west to east.
    count: [i64; 2],
    /// A lower bound of the shorter side of any cell in metres.
    cell_m: f64,
    first_item: Vec<u32>,
    items: Vec<u32>,
}

impl Grid {
    pub(super) fn new(nodes: &[LatLng], bounds: Bounds) -> Self {
        let extent_e7 = [
            i64::from(bounds.north_east.lat_e7())
                .saturating_sub(i64::from(bounds.south_west.lat_e7())),
            i64::from(bounds.north_east.lng_e7())
                .saturating_sub(i64::from(bounds.south_west.lng_e7())),
        ];
        let per_side = cells_per_side(nodes.len());
        let cell_e7 = extent_e7.map(|extent| extent.div_euclid(per_side).saturating_add(1));
        let mut grid = Self {
            bounds,
            cell_e7,
            count: [per_side, per_side],
            cell_m: shorter_side_m(bounds, cell_e7),
            first_item: Vec::new(),
            items: Vec::new(),
        };
        let mut by_cell: Vec<(usize, u32)> = nodes
            .iter()
            .enumerate()
            .filter_map(|(index, node)| {
                let [row, column] = grid.cell_of(*node);
                Some((grid.cell_index(row, column)?, as_u32(index)))
            })
            .collect();
        by_cell.sort_unstable();
        let cells = usize::try_from(per_side.saturating_mul(per_side)).unwrap_or(0);
        for (position, (cell, _)) in by_cell.iter().enumerate() {
            while grid.first_item.len() <= *cell {
                grid.first_item.push(as_u32(position));
            }
        }
        while grid.first_item.len() <= cells {
            grid.first_item.push(as_u32(by_cell.len()));
        }
        grid.items = by_cell.into_iter().map(|(_, node)| node).collect();
        grid
    }

    fn cell_of(&self, at: LatLng) -> [i64; 2] {
        let [lat_e7, lng_e7] = self.cell_e7;
        let along = |value: i32, start: i32, size: i64| {
            i64::from(value)
                .saturating_sub(i64::from(start))
                .div_euclid(size.max(1))
        };
        [
            along(at.lat_e7(), self.bounds.south_west.lat_e7(), lat_e7),
            along(at.lng_e7(), self.bounds.south_west.lng_e7(), lng_e7),
        ]
    }

    fn cell_index(&self, row: i64, column: i64) -> Option<usize> {
        let [rows, columns] = self.count;
        if !(0..rows).contains(&row) || !(0..columns).contains(&column) {
            return None;
        }
        usize::try_from(row.saturating_mul(columns).saturating_add(column)).ok()
    }

    fn nodes_in(&self, row: i64, column: i64) -> &[u32] {
        let Some(cell) = self.cell_index(row, column) else {
            return &[];
        };
        let start = self.first_item.get(cell).copied().unwrap_or(0);
        let end = self
            .first_item
            .get(cell.saturating_add(1))
            .copied()
            .unwrap_or(start);
        self.items
            .get(as_index(start)..as_index(end))
            .unwrap_or_default()
    }
}

impl RoadGraph {
    /// The node nearest to a position, in a straight line.
    pub fn nearest_node(&self, at: LatLng) -> Nearest {
        let target = in_space(at);
        let found = if self.bounds.contains(at) {
            self.nearest_by_rings(at, &target)
        } else {
            self.nearest_of(0..as_u32(self.nodes.len()), &target)
        };
        let (node, _) = found.unwrap_or((NodeId(0), 0.0));
        let distance_m = self
            .position(node)
            .map_or(f64::INFINITY, |found| found.distance_m(at));
        Nearest { node, distance_m }
    }

    /// The node nearest to a position, when it is at most so far away.
    pub fn find_node_within(&self, at: LatLng, distance_m_max: f64) -> Option<Nearest> {
        Some(self.nearest_node(at)).filter(|nearest| nearest.distance_m <= distance_m_max)
    }

    fn nearest_by_rings(&self, at: LatLng, target: &[f64; 3]) -> Option<(NodeId, f64)> {
        let [row, column] = self.grid.cell_of(at);
        let [rows, columns] = self.grid.count;
        let mut best: Option<(NodeId, f64)> = None;
        let mut clear_m = 0.0;
        for ring in 0..=rows.max(columns) {
            // Whatever lies in this ring is at least `clear_m` away.
            if best.is_some_and(|(_, squared)| squared < clear_m * clear_m) {
                break;
            }
            for (row, column) in cells_of_ring(row, column, ring) {
                let nodes = self.grid.nodes_in(row, column).iter().copied();
                best = nearer(best, self.nearest_of(nodes, target));
            }
            if ring > 0 {
                clear_m += self.grid.cell_m;
            }
        }
        best
    }

    fn nearest_of(
        &self,
        nodes: impl Iterator<Item = u32>,
        target: &[f64; 3],
    ) -> Option<(NodeId, f64)> {
        nodes
            .filter_map(|node| {
                Some((
                    NodeId(node),
                    squared_m(self.in_space.get(as_index(node))?, target),
                ))
            })
            .fold(None, |best, next| nearer(best, Some(next)))
    }
}

/// The nearer of two; of two at the same distance the one with the smaller id.
fn nearer(a: Option<(NodeId, f64)>, b: Option<(NodeId, f64)>) -> Option<(NodeId, f64)> {
    match (a, b) {
        (Some(a), Some(b)) => {
            let b_is_nearer = b.1.total_cmp(&a.1).then(b.0.cmp(&a.0)).is_lt();
            Some(if b_is_nearer { b } else { a })
        }
        (a, b) => a.or(b),
    }
}

/// The cells at so many steps from a cell: the border of a square.
fn cells_of_ring(row: i64, column: i64, ring: i64) -> impl Iterator<Item = (i64, i64)> {
    let side = ring.saturating_neg()..=ring;
    side.clone().flat_map(move |down| {
        let is_border_row = down.saturating_abs() == ring;
        let step = if is_border_row {
            1
        } else {
            ring.saturating_mul(2).max(1)
        };
        side.clone()
            .step_by(usize::try_from(step).unwrap_or(1))
            .map(move |right| (row.saturating_add(down), column.saturating_add(right)))
    })
}

fn cells_per_side(nodes: usize) -> i64 {
    let cells = nodes.div_euclid(NODES_PER_CELL).max(1);
    i64::try_from(cells.isqrt())
        .unwrap_or(CELLS_PER_SIDE_MAX)
        .clamp(1, CELLS_PER_SIDE_MAX)
}

/// Cells are narrowest where the rectangle is nearest to a pole.
fn shorter_side_m(bounds: Bounds, cell_e7: [i64; 2]) -> f64 {
    let [lat_e7, lng_e7] = cell_e7.map(|size| size as f64);
    let lat_max = bounds
        .south_west
        .lat()
        .abs()
        .max(bounds.north_east.lat().abs());
    let height_m = lat_e7 * METRES_PER_E7_OF_LATITUDE;
    let width_m = lng_e7 * METRES_PER_E7_OF_LATITUDE * libm::cos(lat_max.to_radians());
    // A grid line of latitude is no great circle, so a little is taken off.
    height_m.min(width_m) * 0.99
}
