//! Avenues beyond the grid: boulevards aslant through blocks, and the roads that leave the town.

use super::grid::{Corner, Grid, Line, Pen, Run, STREET_EVERY, bends};
use super::ground::Spot;
use super::names::Kind;
use super::roads::{Class, Road, RoadId};

/// Avenues so near to the middle leave the town as country roads, to the edge of the map.
const COUNTRY: i32 = 12;
const COUNTRY_M: f64 = 6600.0;
/// Boulevards that run aslant, from crossing to crossing.
const ASLANT: [[(i32, i32); 2]; 6] = [
    [(-8, -2), (-18, -12)],
    [(6, 0), (14, -8)],
    [(6, 6), (18, 18)],
    [(0, 0), (-6, 6)],
    [(-6, -12), (-18, -24)],
    [(6, -12), (16, -22)],
];

impl Pen<'_> {
    /// Draws boulevards and country roads into a grid that is drawn.
    pub(super) fn draw_avenues(&mut self, grid: &mut Grid) {
        for [from, to] in ASLANT {
            self.draw_aslant(grid, from, to);
        }
        for line in (-COUNTRY..=COUNTRY).filter(|line| Line::of(*line) == Line::Avenue) {
            for run in [Run::Column, Run::Row] {
                self.draw_country(grid, line, run, 1);
                self.draw_country(grid, line, run, -1);
            }
        }
    }

    /// The road that an avenue becomes behind the last house.
    fn draw_country(&mut self, grid: &Grid, line: i32, run: Run, side: i32) {
        let stops = self.stops(grid, line, run);
        let last = if side > 0 {
            stops.last()
        } else {
            stops.first()
        };
        let Some(last) = last.filter(|stop| !stop.is_quay) else {
            return;
        };
        let mut spots = vec![last.corner.spot];
        let out = run.crossing(self.ground, line, last.along + f64::from(side) * 14.0);
        let course = last.corner.spot.angle_to(out);
        for step in 1..60_u32 {
            let bend_m = 60.0 * (f64::from(step) / 5.0 + f64::from(line)).sin();
            let ahead = last.corner.spot.polar(course, f64::from(step) * 90.0);
            let spot = ahead.polar(course + std::f64::consts::FRAC_PI_2, bend_m);
            if spot.distance_m(Spot::MIDDLE) > COUNTRY_M || self.ground.is_wet(spot) {
                break;
            }
            spots.push(spot);
        }
        if spots.len() < 4 || !self.crossings(&spots).is_empty() {
            return;
        }
        let number = 100 + 2 * line + side;
        let road = Road::new(Class::Secondary, self.names.name(Kind::Road))
            .with("ref", format!("N {number}"))
            .with("maxspeed", "70");
        let road = self.roads.road(road);
        let mut nodes = vec![last.corner.node];
        nodes.extend(spots.iter().skip(1).map(|spot| self.sheet.bend(*spot)));
        self.roads.piece(road, nodes);
    }

    /// A boulevard from crossing to crossing, through the middle of blocks.
    fn draw_aslant(&mut self, grid: &mut Grid, from: (i32, i32), to: (i32, i32)) {
        let step = ((to.0 - from.0).signum(), (to.1 - from.1).signum());
        let (mut last, mut at) = (None, from);
        let road = Road::new(Class::Secondary, self.names.name(Kind::Avenue));
        let road = self.roads.road(road.with("maxspeed", "50"));
        for _ in 0..=(to.0 - from.0).abs() {
            if let Some(corner) = grid.corners.get(&at).copied() {
                if let Some((key, before)) = last
                    && self.is_clear(at, key, before, corner)
                {
                    self.join_aslant(grid, (key, before), (at, corner), road);
                }
                last = Some((at, corner));
            }
            at = (at.0 + step.0, at.1 + step.1);
        }
    }

    fn is_clear(&self, at: (i32, i32), before: (i32, i32), from: Corner, to: Corner) -> bool {
        let spots = [from.spot, to.spot];
        (at.0 - before.0).abs() <= STREET_EVERY
            && self.crossings(&spots).is_empty()
            && self.ground.bank(from.spot) == self.ground.bank(to.spot)
    }

    fn join_aslant(
        &mut self,
        grid: &mut Grid,
        (from_key, from): ((i32, i32), Corner),
        (to_key, to): ((i32, i32), Corner),
        road: RoadId,
    ) {
        let steps = bends(from.spot.distance_m(to.spot));
        let between = |a: i32, b: i32, part: f64| f64::from(a) + f64::from(b - a) * part;
        let mut nodes = vec![from.node];
        for step in 1..steps {
            let part = f64::from(step) / f64::from(steps);
            let column = between(from_key.0, to_key.0, part);
            let row = between(from_key.1, to_key.1, part);
            let spot = self.ground.crossing(column, row);
            nodes.push(self.sheet.bend(spot.plus(from.off.toward(to.off, part))));
        }
        nodes.push(to.node);
        let piece = self.roads.piece(road, nodes);
        let key = (from_key.min(to_key), from_key.max(to_key));
        grid.edges.insert(key, piece);
    }
}
