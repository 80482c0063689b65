//! The streets of the bent grid: avenues through all of the town, streets between them, narrow
//! one-way lanes in the old town, and the roads along the river.

use std::collections::BTreeMap;

use rand::RngExt;

use super::ground::{Bank, Ground, LINES, PARK, Spot};
use super::names::{Kind, Namer};
use super::roads::{Class, PieceId, Road, RoadId, Roads, crossed_at_m};
use super::sheet::{NodeId, Sheet};
use crate::chance::Chance;

pub(super) const STREET_EVERY: i32 = 2;
pub(super) const AVENUE_EVERY: i32 = 6;
/// Roads along the river are larger so near to the middle, in grid lines.
const INNER: i32 = 12;
/// Avenues that cross the river, counted in grid lines from the middle.
const BRIDGES: [i32; 3] = [-12, 0, 12];
/// A crossing this near to a road that has none is left out.
const CORRIDOR_M: f64 = 75.0;
/// Half of a bridge over such a road.
const BRIDGE_HALF_M: f64 = 30.0;
/// Bends of a street are so far apart.
const BEND_M: f64 = 70.0;
/// Column and row of a crossing, counted from the middle.
pub(super) type CornerKey = (i32, i32);

/// Where two lines cross.
#[derive(Debug, Clone, Copy)]
pub(super) struct Corner {
    pub(super) node: NodeId,
    pub(super) spot: Spot,
    /// Metres off the place that the ground gives it.
    pub(super) off: Spot,
}

/// What runs along a grid line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    Avenue,
    Street,
    Lane,
}

impl Line {
    pub(super) fn of(index: i32) -> Self {
        if index % AVENUE_EVERY == 0 {
            Self::Avenue
        } else if index % STREET_EVERY == 0 {
            Self::Street
        } else {
            Self::Lane
        }
    }

    fn reaches(self, ground: &Ground, spot: Spot) -> bool {
        match self {
            Self::Avenue | Self::Street => ground.is_suburb(spot),
            Self::Lane => spot.is_old_town(),
        }
    }

    fn class(self, is_old_town: bool) -> Class {
        match (self, is_old_town) {
            (Self::Avenue, _) => Class::Primary,
            (Self::Street, true) => Class::Tertiary,
            (Self::Street, false) | (Self::Lane, _) => Class::Residential,
        }
    }
}

/// An avenue that crosses the ring road or the motorway.
#[derive(Debug, Clone, Copy)]
pub(super) struct Overpass {
    pub(super) piece: PieceId,
    /// Metres along the piece.
    pub(super) along_m: f64,
    /// Which of the corridors.
    pub(super) corridor: usize,
}

/// What the grid is drawn with.
pub(super) struct Pen<'a> {
    pub(super) ground: &'a Ground,
    pub(super) chance: Chance,
    pub(super) names: &'a mut Namer,
    pub(super) sheet: &'a mut Sheet,
    pub(super) roads: &'a mut Roads,
    /// Lines that streets end at and avenues cross on bridges.
    pub(super) corridors: &'a [Vec<Spot>],
}

/// The grid as it was drawn.
#[derive(Debug, Default)]
pub(super) struct Grid {
    pub(super) corners: BTreeMap<CornerKey, Corner>,
    /// Pieces between neighbouring corners.
    pub(super) edges: BTreeMap<(CornerKey, CornerKey), PieceId>,
    pub(super) overpasses: Vec<Overpass>,
    quays: BTreeMap<(Bank, i32), Corner>,
}

/// A stop on a grid line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stop {
    /// Lines from the middle along this line.
    pub(super) along: f64,
    pub(super) corner: Corner,
    key: Option<(i32, i32)>,
    pub(super) is_quay: bool,
}

/// Which way a line runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Run {
    Column,
    Row,
}

impl Run {
    fn key(self, line: i32, along: i32) -> (i32, i32) {
        match self {
            Self::Column => (line, along),
            Self::Row => (along, line),
        }
    }

    pub(super) fn crossing(self, ground: &Ground, line: i32, along: f64) -> Spot {
        match self {
            Self::Column => ground.crossing(f64::from(line), along),
            Self::Row => ground.crossing(along, f64::from(line)),
        }
    }
}

impl Pen<'_> {
    pub(super) fn draw_grid(&mut self) -> Grid {
        let mut grid = Grid::default();
        self.draw_corners(&mut grid);
        self.draw_quays(&mut grid);
        for line in -LINES..=LINES {
            self.draw_line(&mut grid, line, Run::Column);
            self.draw_line(&mut grid, line, Run::Row);
        }
        self.draw_avenues(&mut grid);
        grid
    }

    fn draw_corners(&mut self, grid: &mut Grid) {
        for column in -LINES..=LINES {
            for row in -LINES..=LINES {
                let plain = self.ground.crossing(f64::from(column), f64::from(row));
                let (across, along) = (Line::of(column), Line::of(row));
                let range_m = if plain.is_old_town() { 17.0 } else { 24.0 };
                let mut off = || (self.chance.random::<f64>() - 0.5) * 2.0 * range_m;
                let off = Spot::new(off(), off());
                let spot = plain.plus(off);
                let in_park =
                    is_in_park(column, row) && (across != Line::Avenue || along != Line::Avenue);
                let reached =
                    across.reaches(self.ground, plain) && along.reaches(self.ground, plain);
                let exists = reached && !in_park;
                if exists && !self.ground.is_wet(spot) && !self.is_in_corridor(spot) {
                    let node = self.sheet.bend(spot);
                    grid.corners
                        .insert((column, row), Corner { node, spot, off });
                }
            }
        }
    }

    fn is_in_corridor(&self, spot: Spot) -> bool {
        let near = |corner: &Spot| corner.distance_m(spot) < CORRIDOR_M;
        self.corridors.iter().flatten().any(near)
    }

    /// The roads along the river, and where the columns meet them.
    fn draw_quays(&mut self, grid: &mut Grid) {
        for bank in [Bank::South, Bank::North] {
            for column in -LINES..=LINES {
                let row = self.ground.quay_row(f64::from(column), bank);
                let spot = self.ground.crossing(f64::from(column), row);
                let reaches = Line::of(column).reaches(self.ground, spot);
                if reaches && !self.is_in_corridor(spot) {
                    let node = self.sheet.bend(spot);
                    let off = Spot::MIDDLE;
                    grid.quays
                        .insert((bank, column), Corner { node, spot, off });
                }
            }
            self.draw_quay(grid, bank);
        }
    }

    fn draw_quay(&mut self, grid: &Grid, bank: Bank) {
        let stops: Vec<(i32, Corner)> = grid
            .quays
            .iter()
            .filter(|((of, _), _)| *of == bank)
            .map(|((_, column), corner)| (*column, *corner))
            .collect();
        let mut road = None;
        for ((west, from), (east, to)) in stops.iter().zip(stops.iter().skip(1)) {
            if (*west).rem_euclid(9) == 0 || road.is_none() {
                let class = if west.abs() <= INNER {
                    Class::Secondary
                } else {
                    Class::Tertiary
                };
                let name = self.names.name(Kind::Quay);
                road = Some(self.roads.road(Road::new(class, name)));
            }
            let (west, east) = (f64::from(*west), f64::from(*east));
            let bends = bends(from.spot.distance_m(to.spot));
            let mut nodes = vec![from.node];
            for bend in 1..bends {
                let column = west + (east - west) * f64::from(bend) / f64::from(bends);
                let row = self.ground.quay_row(column, bank);
                nodes.push(self.sheet.bend(self.ground.crossing(column, row)));
            }
            nodes.push(to.node);
            if let Some(road) = road {
                self.roads.piece(road, nodes);
            }
        }
    }

    pub(super) fn stops(&self, grid: &Grid, line: i32, run: Run) -> Vec<Stop> {
        let corner = |along: i32| {
            let key = run.key(line, along);
            let corner = *grid.corners.get(&key)?;
            Some(Stop {
                along: f64::from(along),
                corner,
                key: Some(key),
                is_quay: false,
            })
        };
        let mut stops: Vec<Stop> = (-LINES..=LINES).filter_map(corner).collect();
        if run == Run::Column {
            for bank in [Bank::South, Bank::North] {
                if let Some(corner) = grid.quays.get(&(bank, line)) {
                    stops.push(Stop {
                        along: self.ground.quay_row(f64::from(line), bank),
                        corner: *corner,
                        key: None,
                        is_quay: true,
                    });
                }
            }
            stops.sort_by(|a, b| a.along.total_cmp(&b.along));
        }
        stops
    }

    /// Joins the stops along one grid line.
    fn draw_line(&mut self, grid: &mut Grid, line: i32, run: Run) {
        let kind = Line::of(line);
        let mut stops = self.stops(grid, line, run);
        // One-ways alternate from line to line, so that there is a way round every block.
        if line.div_euclid(2) % 2 == 0 {
            stops.reverse();
        }
        let mut naming = Naming::default();
        for (from, to) in stops.iter().zip(stops.iter().skip(1)) {
            let crosses = self.ground.bank(from.corner.spot) != self.ground.bank(to.corner.spot);
            let is_bridge = crosses && BRIDGES.contains(&line) && from.is_quay && to.is_quay;
            let gap_max = match kind {
                Line::Avenue => 20.0,
                Line::Street | Line::Lane => 2.6,
            };
            let joins = if crosses {
                is_bridge
            } else {
                (to.along - from.along).abs() <= gap_max
            };
            let is_old_town = from.corner.spot.is_old_town() && to.corner.spot.is_old_town();
            let open = match (kind, is_old_town) {
                (Line::Avenue, _) => 1.0,
                (Line::Lane, _) => 0.84,
                (Line::Street, true) => 0.97,
                (Line::Street, false) => 0.93,
            };
            if !joins || self.chance.random::<f64>() > open {
                naming.interrupt();
                continue;
            }
            let class = kind.class(is_old_town);
            let one_way = is_old_town && kind != Line::Avenue;
            let road = self.road_of(&mut naming, kind, class, one_way);
            self.draw_block(grid, line, run, (*from, *to), road);
        }
    }

    fn road_of(&mut self, naming: &mut Naming, kind: Line, class: Class, one_way: bool) -> RoadId {
        if naming.blocks_left == 0 {
            let (of, blocks) = match kind {
                Line::Avenue => (Kind::Avenue, 8..16),
                Line::Street => (Kind::Street, 4..10),
                Line::Lane => (Kind::Lane, 2..6),
            };
            naming.name = self.names.name(of);
            naming.blocks_left = self.chance.random_range(blocks);
            naming.road = None;
        }
        naming.blocks_left -= 1;
        if let Some((road, of)) = naming.road
            && of == (class, one_way)
        {
            return road;
        }
        let mut road = Road::new(class, naming.name.clone());
        road.one_way = one_way;
        if kind != Line::Avenue && one_way {
            road = road.with("maxspeed", "30");
        } else if kind == Line::Avenue && self.chance.random::<f64>() < 0.5 {
            road = road.with("maxspeed", "50").with("lanes", "4");
        }
        let road = self.roads.road(road);
        naming.road = Some((road, (class, one_way)));
        road
    }

    fn draw_block(
        &mut self,
        grid: &mut Grid,
        line: i32,
        run: Run,
        (from, to): (Stop, Stop),
        road: RoadId,
    ) {
        let steps = bends(from.corner.spot.distance_m(to.corner.spot));
        let mut spots = vec![from.corner.spot];
        for step in 1..steps {
            let part = f64::from(step) / f64::from(steps);
            let along = from.along + (to.along - from.along) * part;
            let off = from.corner.off.toward(to.corner.off, part);
            spots.push(run.crossing(self.ground, line, along).plus(off));
        }
        spots.push(to.corner.spot);
        let is_bridge = from.is_quay && to.is_quay;
        let wet = |spot: &Spot| self.ground.off_river_m(*spot).abs() < 100.0;
        if !is_bridge && spots.iter().any(wet) {
            return;
        }
        let crossings = self.crossings(&spots);
        if Line::of(line) != Line::Avenue && !crossings.is_empty() {
            return;
        }
        let mut nodes = vec![from.corner.node];
        let inner = spots.get(1..spots.len().saturating_sub(1));
        nodes.extend(
            inner
                .unwrap_or_default()
                .iter()
                .map(|s| self.sheet.bend(*s)),
        );
        nodes.push(to.corner.node);
        let piece = self.roads.piece(road, nodes);
        if is_bridge {
            self.lift_all(piece);
        }
        for (along_m, corridor) in crossings {
            self.lift(piece, along_m);
            grid.overpasses.push(Overpass {
                piece,
                along_m,
                corridor,
            });
        }
        if let (Some(from), Some(to)) = (from.key, to.key) {
            grid.edges.insert((from.min(to), from.max(to)), piece);
        }
    }

    pub(super) fn crossings(&self, spots: &[Spot]) -> Vec<(f64, usize)> {
        let crossed =
            |(index, line): (usize, &Vec<Spot>)| Some((crossed_at_m(spots, line)?, index));
        self.corridors
            .iter()
            .enumerate()
            .filter_map(crossed)
            .collect()
    }

    /// The whole piece is a bridge.
    fn lift_all(&mut self, piece: PieceId) {
        let name = self.names.after();
        if let Some(piece) = self.roads.pieces.get_mut(piece)
            && let (Some(from), Some(to)) =
                (piece.nodes.first().copied(), piece.nodes.last().copied())
        {
            piece.spans.push(super::ring::bridge(from, to, 1));
            if let Some(span) = piece.spans.last_mut() {
                span.tags.push(("bridge:name", format!("Ponte {name}")));
            }
        }
    }

    /// The piece is a bridge around a place.
    fn lift(&mut self, piece: PieceId, along_m: f64) {
        let from = self
            .roads
            .node_along(self.sheet, piece, along_m - BRIDGE_HALF_M);
        let to = self
            .roads
            .node_along(self.sheet, piece, along_m + BRIDGE_HALF_M);
        if let Some(piece) = self.roads.pieces.get_mut(piece) {
            piece.spans.push(super::ring::bridge(from, to, 1));
        }
    }
}

/// The name that a street bears for some blocks.
#[derive(Debug, Default)]
struct Naming {
    name: String,
    blocks_left: u32,
    road: Option<(RoadId, (Class, bool))>,
}

impl Naming {
    /// The street begins anew after a gap.
    fn interrupt(&mut self) {
        *self = Self::default();
    }
}

fn is_in_park(column: i32, row: i32) -> bool {
    let [west, east, south, north] = PARK;
    (west..east).contains(&f64::from(column)) && (south..north).contains(&f64::from(row))
}

/// Into how many straight parts a street is cut.
pub(super) fn bends(distance_m: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a street is a few kilometres long"
    )]
    let parts = (distance_m / BEND_M).round().clamp(1.0, 60.0) as u32;
    parts
}
