//! The ring road with its junctions, and the motorway to the airport.
//!
//! The ring is two one-way carriageways. Avenues cross it on bridges; some of them have ramps down
//! to it: an off-ramp and an on-ramp for each carriageway, which meet the avenue on either side.

use std::f64::consts::{PI, TAU};

use super::grid::{Grid, Overpass};
use super::ground::{Ground, QUAY_M, Spot};
use super::names::Namer;
use super::roads::{Class, Road, Roads, crossed_at_m, length_m};
use super::sheet::{NodeId, Sheet};

/// Where the terminal stands.
pub(super) const AIRPORT: Spot = Spot::new(5500.0, 2450.0);
/// Where the motorway ends before the terminal.
const FORECOURT: Spot = Spot::new(5330.0, 2430.0);
/// Direction from the middle of the town in which the way to the airport leaves.
const AIRPORT_ANGLE: f64 = 0.42;
/// Middle of the ring to the middle of a carriageway.
const CARRIAGEWAY_M: f64 = 9.0;
const RING_STEPS: u32 = 170;
/// Avenues meet ramps so far from the middle of the ring.
const RAMP_FOOT_M: f64 = 72.0;
/// Ramps leave the ring so far before the avenue.
const RAMP_M: f64 = 230.0;
/// Junctions are at least so far apart.
const JUNCTIONS_M: f64 = 1150.0;

fn ring_radius_m(angle: f64) -> f64 {
    3500.0 + 150.0 * (3.0 * angle).sin() + 60.0 * (5.0 * angle + 1.0).cos()
}

fn on_ring(angle: f64, off_m: f64) -> Spot {
    Spot::MIDDLE.polar(angle, ring_radius_m(angle) + off_m)
}

/// Lines that streets end at: the ring, and the way to the airport.
pub(super) fn corridors() -> Vec<Vec<Spot>> {
    let ring = (0..=RING_STEPS)
        .map(|step| on_ring(TAU * f64::from(step) / f64::from(RING_STEPS), 0.0))
        .collect();
    vec![ring, airport_way()]
}

/// From inside the ring to the forecourt.
fn airport_way() -> Vec<Spot> {
    const STEPS: u32 = 26;
    let from = on_ring(AIRPORT_ANGLE, -190.0);
    (0..=STEPS)
        .map(|step| {
            let part = f64::from(step) / f64::from(STEPS);
            let bend_m = 150.0 * (PI * part).sin() * (2.2 * PI * part).cos();
            from.toward(FORECOURT, part).plus(Spot::new(0.0, bend_m))
        })
        .collect()
}

/// A stretch above the ground.
pub(super) fn bridge(from: NodeId, to: NodeId, layer: i32) -> super::roads::Span {
    super::roads::Span {
        from,
        to,
        tags: vec![("bridge", "yes".to_owned()), ("layer", layer.to_string())],
    }
}

fn tunnel(from: NodeId, to: NodeId, name: &str) -> super::roads::Span {
    super::roads::Span {
        from,
        to,
        tags: vec![
            ("tunnel", "yes".to_owned()),
            ("layer", "-1".to_owned()),
            ("tunnel:name", name.to_owned()),
        ],
    }
}

/// Where ramps meet an avenue, inside and outside of the ring.
#[derive(Debug, Clone, Copy)]
struct Junction {
    angle: f64,
    inside: NodeId,
    outside: NodeId,
}

/// What the ring is drawn with.
pub(super) struct RingPen<'a> {
    pub(super) ground: &'a Ground,
    pub(super) names: &'a mut Namer,
    pub(super) sheet: &'a mut Sheet,
    pub(super) roads: &'a mut Roads,
}

impl RingPen<'_> {
    pub(super) fn draw(&mut self, grid: &Grid) {
        let mut overpasses: Vec<Overpass> = self.draw_airport(grid).into_iter().collect();
        overpasses.extend(grid.overpasses.iter().filter(|pass| pass.corridor == 0));
        let junctions = self.junctions(&overpasses);
        let outer = self.draw_carriageway(&junctions, CARRIAGEWAY_M);
        let inner = self.draw_carriageway(&junctions, -CARRIAGEWAY_M);
        for junction in &junctions {
            self.draw_ramps(*junction, &outer, &inner);
        }
    }

    fn junctions(&mut self, overpasses: &[Overpass]) -> Vec<Junction> {
        let mut junctions: Vec<Junction> = Vec::new();
        for pass in overpasses {
            let spots = self.roads.spots(self.sheet, pass.piece);
            let room_m = RAMP_FOOT_M + 20.0;
            if pass.along_m < room_m || length_m(&spots) - pass.along_m < room_m {
                continue;
            }
            let mut foot = |off_m: f64| {
                self.roads
                    .node_along(self.sheet, pass.piece, pass.along_m + off_m)
            };
            let (before, after) = (foot(-RAMP_FOOT_M), foot(RAMP_FOOT_M));
            let out_m = |node| self.sheet.at(node).distance_m(Spot::MIDDLE);
            let (inside, outside) = if out_m(before) < out_m(after) {
                (before, after)
            } else {
                (after, before)
            };
            let middle = self.sheet.at(inside).toward(self.sheet.at(outside), 0.5);
            let angle = Spot::MIDDLE.angle_to(middle).rem_euclid(TAU);
            let room = JUNCTIONS_M / ring_radius_m(angle);
            if junctions
                .iter()
                .all(|other| apart(other.angle, angle) > room)
            {
                junctions.push(Junction {
                    angle,
                    inside,
                    outside,
                });
            }
        }
        junctions.sort_by(|a, b| a.angle.total_cmp(&b.angle));
        junctions
    }

    /// A carriageway and its nodes by angle. The outer one runs counterclockwise: traffic keeps
    /// right.
    fn draw_carriageway(&mut self, junctions: &[Junction], off_m: f64) -> Vec<(f64, NodeId)> {
        let ramps: Vec<f64> = junctions
            .iter()
            .flat_map(|junction| {
                let off = ramp_angle(junction.angle);
                [junction.angle - off, junction.angle + off]
            })
            .map(|angle| angle.rem_euclid(TAU))
            .collect();
        let plain = (0..RING_STEPS).map(|step| TAU * f64::from(step) / f64::from(RING_STEPS));
        let mut angles: Vec<f64> = plain
            .filter(|angle| ramps.iter().all(|ramp| apart(*ramp, *angle) > 0.01))
            .chain(ramps.iter().copied())
            .collect();
        angles.sort_by(f64::total_cmp);
        let nodes: Vec<(f64, NodeId)> = angles
            .iter()
            .map(|angle| (*angle, self.sheet.bend(on_ring(*angle, off_m))))
            .collect();
        let mut round: Vec<NodeId> = nodes.iter().map(|(_, node)| *node).collect();
        round.extend(round.first().copied());
        if off_m < 0.0 {
            round.reverse();
        }
        let road = Road::new(Class::Trunk, "Circular Externa".to_owned())
            .one_way()
            .with("ref", "IC 31")
            .with("maxspeed", "80")
            .with("lanes", "2");
        let road = self.roads.road(road);
        let piece = self.roads.piece(road, round);
        let spans = self.spans(&nodes, &ramps, off_m < 0.0);
        if let Some(piece) = self.roads.pieces.get_mut(piece) {
            piece.spans = spans;
        }
        nodes
    }

    /// Bridges over the river, and a tunnel through the hill in the north.
    fn spans(
        &self,
        nodes: &[(f64, NodeId)],
        ramps: &[f64],
        reversed: bool,
    ) -> Vec<super::roads::Span> {
        let over_river =
            |angle: f64| self.ground.off_river_m(on_ring(angle, 0.0)).abs() < QUAY_M + 45.0;
        let in_hill = |angle: f64| {
            (1.2..2.3).contains(&angle) && ramps.iter().all(|ramp| apart(*ramp, angle) > 0.06)
        };
        let mut spans = Vec::new();
        let turned = |from, to| if reversed { (to, from) } else { (from, to) };
        for (from, to) in runs(nodes, over_river) {
            let (from, to) = turned(from, to);
            spans.push(bridge(from, to, 1));
        }
        let longest = runs(nodes, in_hill).into_iter().next();
        if let Some((from, to)) = longest {
            let (from, to) = turned(from, to);
            spans.push(tunnel(from, to, "Túnel da Serra"));
        }
        spans
    }

    fn draw_ramps(&mut self, junction: Junction, outer: &[(f64, NodeId)], inner: &[(f64, NodeId)]) {
        let off = ramp_angle(junction.angle);
        let road = Road::new(Class::TrunkLink, None)
            .one_way()
            .with("maxspeed", "50");
        let road = self.roads.road(road);
        let (before, after) = (junction.angle - off, junction.angle + off);
        for (carriageway, side, foot) in [
            (outer, 1.0, junction.outside),
            (inner, -1.0, junction.inside),
        ] {
            for (angle, is_before) in [(before, true), (after, false)] {
                let Some(on_ring) = node_at(carriageway, angle) else {
                    continue;
                };
                let mut nodes = vec![on_ring];
                for (part, aside_m) in [(0.3, 20.0), (0.6, 34.0)] {
                    let angle = angle + (junction.angle - angle) * part;
                    nodes.push(self.sheet.bend(self::on_ring(angle, side * aside_m)));
                }
                nodes.push(foot);
                // Counterclockwise one leaves before the avenue, clockwise behind it.
                if is_before != (side > 0.0) {
                    nodes.reverse();
                }
                self.roads.piece(road, nodes);
            }
        }
    }

    /// The way to the airport: an avenue over the ring, then a motorway, then a loop before the
    /// terminal. Gives the place where it crosses the ring.
    fn draw_airport(&mut self, grid: &Grid) -> Option<Overpass> {
        const AVENUE_STEPS: usize = 9;
        let way = airport_way();
        let (avenue, motorway) = way.split_at_checked(AVENUE_STEPS)?;
        let start = *avenue.first()?;
        let near = grid
            .corners
            .values()
            .min_by(|a, b| {
                a.spot
                    .distance_m(start)
                    .total_cmp(&b.spot.distance_m(start))
            })
            .copied()?;
        let road = Road::new(Class::Primary, "Avenida do Aeroporto".to_owned());
        let road = self.roads.road(road.with("maxspeed", "60"));
        let mut nodes = vec![near.node];
        nodes.extend(avenue.iter().map(|spot| self.sheet.bend(*spot)));
        let split = *nodes.last()?;
        let piece = self.roads.piece(road, nodes);
        let spots = self.roads.spots(self.sheet, piece);
        let along_m = crossed_at_m(&spots, corridors().first()?)?;
        let (from, to) = (
            self.roads.node_along(self.sheet, piece, along_m - 32.0),
            self.roads.node_along(self.sheet, piece, along_m + 32.0),
        );
        self.roads
            .pieces
            .get_mut(piece)?
            .spans
            .push(bridge(from, to, 1));
        self.draw_motorway(split, motorway);
        Some(Overpass {
            piece,
            along_m,
            corridor: 0,
        })
    }

    fn draw_motorway(&mut self, split: NodeId, middle: &[Spot]) {
        let Some((end, inner)) = middle.split_last() else {
            return;
        };
        let end = self.sheet.bend(*end);
        let link = |ramp: Class| {
            Road::new(ramp, "Autoestrada do Aeroporto".to_owned())
                .one_way()
                .with("ref", "A 41")
        };
        let mut line = vec![self.sheet.at(split)];
        line.extend_from_slice(middle);
        for out in [true, false] {
            let side = if out { -CARRIAGEWAY_M } else { CARRIAGEWAY_M };
            let mut nodes = vec![split];
            for index in 1..=inner.len() {
                if let (Some(before), Some(here), Some(after)) =
                    (line.get(index - 1), line.get(index), line.get(index + 1))
                {
                    let across = before.angle_to(*after) + PI / 2.0;
                    nodes.push(self.sheet.bend(here.polar(across, side)));
                }
            }
            nodes.push(end);
            if !out {
                nodes.reverse();
            }
            let last = nodes.len() - 1;
            let main = link(Class::Motorway)
                .with("maxspeed", "100")
                .with("lanes", "2");
            let (main, ramp) = (
                self.roads.road(main),
                self.roads
                    .road(link(Class::MotorwayLink).with("maxspeed", "60")),
            );
            for (road, part) in [(ramp, 0..=1), (main, 1..=last - 1), (ramp, last - 1..=last)] {
                self.roads
                    .piece(road, nodes.get(part).unwrap_or_default().to_vec());
            }
        }
        self.draw_forecourt(end);
    }

    fn draw_forecourt(&mut self, end: NodeId) {
        let name = format!("Terminal {}", self.names.family());
        let road = Road::new(Class::Service, name)
            .one_way()
            .with("maxspeed", "30");
        let road = self.roads.road(road);
        let mut nodes = vec![end];
        for step in 0..=10 {
            let angle = PI * (1.15 + 1.7 * f64::from(step) / 10.0);
            nodes.push(
                self.sheet
                    .bend(AIRPORT.plus(Spot::new(150.0 * angle.cos(), 95.0 * angle.sin()))),
            );
        }
        nodes.push(end);
        self.roads.piece(road, nodes);
    }
}

fn ramp_angle(angle: f64) -> f64 {
    RAMP_M / ring_radius_m(angle)
}

/// The smaller angle between two directions.
fn apart(one: f64, other: f64) -> f64 {
    let off = (one - other).rem_euclid(TAU);
    off.min(TAU - off)
}

fn node_at(carriageway: &[(f64, NodeId)], angle: f64) -> Option<NodeId> {
    carriageway
        .iter()
        .min_by(|a, b| apart(a.0, angle).total_cmp(&apart(b.0, angle)))
        .map(|(_, node)| *node)
}

/// First and last node of each run of nodes whose angle is as wanted, the longest run first.
fn runs(nodes: &[(f64, NodeId)], wanted: impl Fn(f64) -> bool) -> Vec<(NodeId, NodeId)> {
    let mut runs: Vec<Vec<NodeId>> = vec![Vec::new()];
    for (angle, node) in nodes {
        match (wanted(*angle), runs.last_mut()) {
            (true, Some(run)) => run.push(*node),
            (false, Some(run)) if !run.is_empty() => runs.push(Vec::new()),
            _ => {}
        }
    }
    runs.sort_by_key(|run| std::cmp::Reverse(run.len()));
    runs.iter()
        .filter(|run| run.len() >= 2)
        .filter_map(|run| Some((*run.first()?, *run.last()?)))
        .collect()
}
