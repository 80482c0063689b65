//! What is inside the blocks of the suburbs: small streets, courts, and ground for other things.

use rand::RngExt;

use super::grid::{Grid, Pen};
use super::ground::Spot;
use super::landmarks::has_landmark;
use super::names::Kind;
use super::roads::{Class, PieceId, Road};
use super::sheet::{NodeId, tags};

/// What a block is used for when it is not for houses alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Houses,
    Park,
    School,
    Sports,
    Shops,
    Works,
    Gardens,
    /// Something that is known in all of the town.
    Landmark,
}

/// A block between streets.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub(super) uses: Use,
    /// Corners in order, counterclockwise.
    pub(super) corners: [Spot; 4],
    pub(super) middle: Spot,
}

/// Something that is drawn into a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pattern {
    Through,
    Cross,
    Court,
    TwoCourts,
    Crescent,
}

const PATTERNS: [(Pattern, f64); 5] = [
    (Pattern::Through, 0.30),
    (Pattern::Crescent, 0.24),
    (Pattern::Court, 0.16),
    (Pattern::TwoCourts, 0.16),
    (Pattern::Cross, 0.14),
];

impl Pen<'_> {
    /// Fills the blocks and tells what they are used for.
    pub(super) fn fill_cells(&mut self, grid: &Grid) -> Vec<Cell> {
        let mut cells = Vec::new();
        for (column, row) in grid.corners.keys().copied() {
            for size in [1, 2] {
                if size == 2 && (column % 2 != 0 || row % 2 != 0) {
                    continue;
                }
                if let Some((cell, edges)) = self.cell(grid, (column, row), size) {
                    if size == 2 {
                        self.fill(&cell, &edges);
                    }
                    cells.push(cell);
                }
            }
        }
        cells
    }

    /// The block north-east of a corner, if streets run on all its sides and none through it.
    fn cell(&mut self, grid: &Grid, key: (i32, i32), size: i32) -> Option<(Cell, [PieceId; 4])> {
        let keys = [
            key,
            (key.0 + size, key.1),
            (key.0 + size, key.1 + size),
            (key.0, key.1 + size),
        ];
        let [a, b, c, d] = keys;
        let edge = |from: (i32, i32), to: (i32, i32)| {
            grid.edges.get(&(from.min(to), from.max(to))).copied()
        };
        if edge(a, c).is_some() || edge(b.min(d), b.max(d)).is_some() {
            return None;
        }
        let edges = [edge(a, b)?, edge(b, c)?, edge(d, c)?, edge(a, d)?];
        let spot = |key| grid.corners.get(&key).map(|corner| corner.spot);
        let corners = [spot(a)?, spot(b)?, spot(c)?, spot(d)?];
        let [south_west, _, north_east, _] = corners;
        let middle = south_west.toward(north_east, 0.5);
        let uses = if has_landmark(&corners) {
            Use::Landmark
        } else {
            self.draw_use(middle, size)
        };
        Some((
            Cell {
                uses,
                corners,
                middle,
            },
            edges,
        ))
    }

    fn draw_use(&mut self, middle: Spot, size: i32) -> Use {
        let dice = self.chance.random::<f64>();
        let is_works = middle.east_m > 1900.0 && middle.north_m < -1500.0;
        match dice {
            _ if size == 1 && dice < 0.05 => Use::Park,
            _ if size == 1 => Use::Houses,
            _ if is_works && dice < 0.8 => Use::Works,
            ..0.07 => Use::Park,
            ..0.11 => Use::School,
            ..0.14 => Use::Sports,
            ..0.17 => Use::Shops,
            ..0.21 => Use::Gardens,
            _ => Use::Houses,
        }
    }

    fn fill(&mut self, cell: &Cell, edges: &[PieceId; 4]) {
        match cell.uses {
            Use::Houses => self.fill_with_streets(cell, edges),
            Use::Works | Use::Shops => self.draw_yard(cell, edges),
            Use::Park | Use::School | Use::Sports | Use::Gardens | Use::Landmark => {}
        }
    }

    fn fill_with_streets(&mut self, cell: &Cell, edges: &[PieceId; 4]) {
        let weights = PATTERNS.iter().map(|(_, weight)| *weight);
        let drawn = crate::chance::weighted(&mut self.chance, weights);
        let pattern = drawn.and_then(|index| PATTERNS.get(index));
        let first = self.chance.random_range(0..4_usize);
        match pattern.map_or(Pattern::Through, |(pattern, _)| *pattern) {
            Pattern::Through => {
                self.join(edges, (first, first + 2), cell.middle, Class::Residential);
            }
            Pattern::Crescent => {
                self.join(edges, (first, first + 1), cell.middle, Class::Residential);
            }
            Pattern::Cross => self.draw_cross(cell, edges),
            Pattern::Court => self.draw_court(cell, edges, first),
            Pattern::TwoCourts => {
                self.draw_court(cell, edges, first);
                self.draw_court(cell, edges, first + 2);
            }
        }
    }

    /// A node somewhere on one side of the block.
    fn gate(&mut self, edges: &[PieceId; 4], side: usize) -> Option<NodeId> {
        let part = self.chance.random_range(0.3..0.7);
        let edge = *edges.get(side % 4)?;
        Some(self.roads.node_at(self.sheet, edge, part))
    }

    /// A place in the middle of the block, more or less.
    fn inside(&mut self, middle: Spot, range_m: f64) -> Spot {
        let mut off = || (self.chance.random::<f64>() - 0.5) * 2.0 * range_m;
        middle.plus(Spot::new(off(), off()))
    }

    fn join(
        &mut self,
        edges: &[PieceId; 4],
        (from, to): (usize, usize),
        middle: Spot,
        class: Class,
    ) -> Option<PieceId> {
        let (from, to) = (self.gate(edges, from)?, self.gate(edges, to)?);
        let turn = self.inside(middle, 26.0);
        let mut nodes = vec![from];
        let (start, end) = (self.sheet.at(from), self.sheet.at(to));
        // Two bends instead of a sharp corner.
        for spot in [
            start.toward(turn, 0.5),
            turn.toward(start, 0.18),
            turn.toward(end, 0.18),
            end.toward(turn, 0.5),
        ] {
            nodes.push(self.sheet.bend(spot));
        }
        nodes.push(to);
        let mut road = Road::new(class, self.names.name(Kind::Court));
        if self.chance.random::<f64>() < 0.3 {
            road = road.with("maxspeed", "30");
        }
        let road = self.roads.road(road);
        Some(self.roads.piece(road, nodes))
    }

    fn draw_cross(&mut self, cell: &Cell, edges: &[PieceId; 4]) {
        let Some(first) = self.join(edges, (0, 2), cell.middle, Class::Residential) else {
            return;
        };
        let middle = self.roads.node_at(self.sheet, first, 0.5);
        for side in [1, 3] {
            let Some(gate) = self.gate(edges, side) else {
                continue;
            };
            let (start, end) = (self.sheet.at(gate), self.sheet.at(middle));
            let bend = start.toward(end, 0.5);
            let bend = self.inside(bend, 12.0);
            let bend = self.sheet.bend(bend);
            let road = Road::new(Class::Residential, self.names.name(Kind::Court));
            let road = self.roads.road(road);
            self.roads.piece(road, vec![gate, bend, middle]);
        }
    }

    fn draw_court(&mut self, cell: &Cell, edges: &[PieceId; 4], side: usize) {
        let Some(gate) = self.gate(edges, side) else {
            return;
        };
        let start = self.sheet.at(gate);
        let reach = self.chance.random_range(0.55..0.8);
        let end = self.inside(start.toward(cell.middle, reach), 10.0);
        let bend = self.inside(start.toward(end, 0.5), 9.0);
        let bend = self.sheet.bend(bend);
        let turning = tags(&[("highway", "turning_circle")]);
        let end = self.sheet.point(end, turning);
        let class = if self.chance.random::<f64>() < 0.35 {
            Class::Living
        } else {
            Class::Residential
        };
        let road = Road::new(class, self.names.name(Kind::Court));
        let road = self.roads.road(road);
        self.roads.piece(road, vec![gate, bend, end]);
    }

    /// A way to the halls of a block.
    fn draw_yard(&mut self, cell: &Cell, edges: &[PieceId; 4]) {
        let first = self.chance.random_range(0..4_usize);
        let class = Class::Service;
        if let Some(piece) = self.join(edges, (first, first + 1), cell.middle, class)
            && let Some(road) = self.roads.pieces.get(piece).map(|piece| piece.road)
            && let Some(road) = self.roads.all.get_mut(road)
        {
            road.name = None;
            if cell.uses == Use::Works {
                road.more.push(("access", "destination".to_owned()));
            }
        }
    }
}
