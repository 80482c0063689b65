//! Ways cut into segments at junctions.
//!
//! A junction is where ways meet or end, where a way meets itself, and where a light or a gate
//! stands. At a barrier every way ends by itself: it is a junction for each of them.

use std::collections::HashMap;

use wayfare_core::geo::LatLng;
use wayfare_core::roads::{JunctionIndex, NameIndex, Segment};

use super::car::{self, Drive};
use super::obstacles::Obstacle;
use crate::osm::{Extract, NodeIndex};

/// Passing a gate takes a minute: half of it on each side.
const HALF_GATE_S: f64 = 30.0;
const DKMH_PER_M_S: f64 = 36.0;

/// A segment of a way: from which of the way's junctions to which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) segment: u32,
    pub(super) from: JunctionIndex,
    pub(super) to: JunctionIndex,
}

/// The ways as segments.
#[derive(Debug, Default)]
pub(super) struct Network {
    pub(super) junctions: Vec<LatLng>,
    pub(super) segments: Vec<Segment>,
    pub(super) names: Vec<String>,
    /// The segments of each way, in its order, by the way's position in the extract.
    pub(super) pieces: HashMap<u32, Vec<Piece>>,
    /// The junction at a node.
    pub(super) at_node: HashMap<NodeIndex, JunctionIndex>,
}

/// A way that cars use.
struct DrivenWay<'a> {
    index: u32,
    /// Without nodes on the spot of the one before.
    nodes: Vec<NodeIndex>,
    drive: Drive,
    name: &'a str,
}

/// A stretch of a way between two places where it is cut.
struct Stretch<'a> {
    nodes: &'a [NodeIndex],
    length_m: f64,
}

/// Cuts the ways that cars use.
pub(super) fn cut(extract: &Extract, obstacles: &HashMap<NodeIndex, Obstacle>) -> Network {
    let same_spot = SameSpot::of(extract);
    let obstacles: HashMap<NodeIndex, Obstacle> = obstacles
        .iter()
        .map(|(node, obstacle)| (same_spot.first(*node), *obstacle))
        .collect();
    let ways = driven_ways(extract, &same_spot);
    let is_cut = cuts(extract, &ways, &obstacles);
    let mut cutter = Cutter {
        extract,
        obstacles: &obstacles,
        names: HashMap::from([(String::new(), 0)]),
        network: Network {
            names: vec![String::new()],
            ..Network::default()
        },
    };
    for way in &ways {
        cutter.add(way, &is_cut);
    }
    let mut network = cutter.network;
    for (node, first) in &same_spot.first_of {
        if let Some(junction) = network.at_node.get(first).copied() {
            network.at_node.insert(*node, junction);
        }
    }
    network
}

fn driven_ways<'a>(extract: &'a Extract, same_spot: &SameSpot) -> Vec<DrivenWay<'a>> {
    let mut ways = Vec::new();
    for (index, way) in (0_u32..).zip(extract.ways()) {
        let Some(drive) = car::drive(way.tags) else {
            continue;
        };
        let mut nodes: Vec<NodeIndex> = way
            .nodes
            .iter()
            .map(|node| same_spot.first(*node))
            .collect();
        nodes.dedup();
        if nodes.len() >= 2 {
            ways.push(DrivenWay {
                index,
                nodes,
                drive,
                name: car::name(way.tags),
            });
        }
    }
    ways
}

/// Whether ways are cut at each node.
fn cuts(
    extract: &Extract,
    ways: &[DrivenWay],
    obstacles: &HashMap<NodeIndex, Obstacle>,
) -> Vec<bool> {
    let mut uses = vec![0_u8; extract.positions().len()];
    let mut is_cut = vec![false; extract.positions().len()];
    for way in ways {
        for (position, node) in way.nodes.iter().enumerate() {
            let is_end = position == 0 || position + 1 == way.nodes.len();
            if let Some(uses) = uses.get_mut(slot(*node)) {
                *uses = uses.saturating_add(if is_end { 2 } else { 1 });
            }
            let Some(obstacle) = obstacles.get(node) else {
                continue;
            };
            // The wait at a gate is on the way to it from the next nodes.
            let reach = usize::from(obstacle.gate);
            for near in position.saturating_sub(reach)..=position + reach {
                let near = way.nodes.get(near).copied().unwrap_or(*node);
                if let Some(is_cut) = is_cut.get_mut(slot(near)) {
                    *is_cut = true;
                }
            }
        }
    }
    for (is_cut, uses) in is_cut.iter_mut().zip(uses) {
        *is_cut |= uses >= 2;
    }
    is_cut
}

struct Cutter<'a> {
    extract: &'a Extract,
    obstacles: &'a HashMap<NodeIndex, Obstacle>,
    names: HashMap<String, NameIndex>,
    network: Network,
}

impl Cutter<'_> {
    fn add(&mut self, way: &DrivenWay, is_cut: &[bool]) {
        let name = self.name(way.name);
        let whole_m = self.length_m(&way.nodes);
        let speed_of_duration = way.drive.duration_s.map(|seconds| whole_m / seconds);
        let mut pieces = Vec::new();
        let mut start = 0;
        for position in 1..way.nodes.len() {
            let node = way.nodes.get(position).copied().unwrap_or_default();
            if !is_cut.get(slot(node)).copied().unwrap_or(true) {
                continue;
            }
            let nodes = way.nodes.get(start..=position).unwrap_or_default();
            start = position;
            let stretch = Stretch {
                nodes,
                length_m: self.length_m(nodes),
            };
            pieces.extend(self.add_segment(way, &stretch, name, speed_of_duration));
        }
        self.network.pieces.insert(way.index, pieces);
    }

    fn add_segment(
        &mut self,
        way: &DrivenWay,
        stretch: &Stretch,
        name: NameIndex,
        speed_of_duration: Option<f64>,
    ) -> Option<Piece> {
        let [first, bends @ .., last] = stretch.nodes else {
            return None;
        };
        let (from, to) = (self.junction(*first)?, self.junction(*last)?);
        let ends = [first, last].map(|node| self.obstacles.get(node).copied().unwrap_or_default());
        let gates = ends.iter().filter(|end| end.gate).count();
        let speed = |kmh: f64| {
            let metres_per_second = match speed_of_duration {
                _ if kmh <= 0.0 => return 0,
                Some(speed) => speed,
                None => kmh / 3.6,
            };
            let seconds = stretch.length_m / metres_per_second + gate_s(gates);
            dkmh(stretch.length_m / seconds)
        };
        let mut flags = way.drive.flags;
        flags.signals_at_start = ends[0].lights.backward;
        flags.signals_at_end = ends[1].lights.forward;
        let segment = u32::try_from(self.network.segments.len()).ok()?;
        self.network.segments.push(Segment {
            start: from,
            end: to,
            bends: bends
                .iter()
                .filter_map(|node| self.extract.position(*node))
                .collect(),
            class: way.drive.class,
            forward_dkmh: speed(way.drive.speed_kmh.forward),
            backward_dkmh: speed(way.drive.speed_kmh.backward),
            name,
            flags,
        });
        Some(Piece { segment, from, to })
    }

    /// The junction at a node. A barrier is another one each time.
    fn junction(&mut self, node: NodeIndex) -> Option<JunctionIndex> {
        let blocks = self.obstacles.get(&node).is_some_and(|found| found.blocks);
        let known = self.network.at_node.get(&node).copied();
        if let Some(known) = known.filter(|_| !blocks) {
            return Some(known);
        }
        let junction = JunctionIndex::try_from(self.network.junctions.len()).ok()?;
        self.network.junctions.push(self.extract.position(node)?);
        if !blocks {
            self.network.at_node.insert(node, junction);
        }
        Some(junction)
    }

    fn name(&mut self, name: &str) -> NameIndex {
        if let Some(index) = self.names.get(name) {
            return *index;
        }
        let index = NameIndex::try_from(self.network.names.len()).unwrap_or(0);
        self.network.names.push(name.to_owned());
        self.names.insert(name.to_owned(), index);
        index
    }

    fn length_m(&self, nodes: &[NodeIndex]) -> f64 {
        nodes
            .iter()
            .zip(nodes.iter().skip(1))
            .filter_map(|(from, to)| {
                let from = self.extract.position(*from)?;
                Some(from.distance_m(self.extract.position(*to)?))
            })
            .sum()
    }
}

fn gate_s(gates: usize) -> f64 {
    match gates {
        0 => 0.0,
        1 => HALF_GATE_S,
        _ => 2.0 * HALF_GATE_S,
    }
}

/// A speed that is not 0, as segments have it.
fn dkmh(metres_per_second: f64) -> u16 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to what fits"
    )]
    let tenths = (metres_per_second * DKMH_PER_M_S)
        .round()
        .clamp(1.0, f64::from(u16::MAX)) as u16;
    tenths
}

fn slot(node: NodeIndex) -> usize {
    usize::try_from(node).unwrap_or(usize::MAX)
}

/// Nodes that follow each other on a way but are at the same place: for driving they are one.
#[derive(Debug, Default)]
struct SameSpot {
    /// Another node at the place, closer to the first one.
    first_of: HashMap<NodeIndex, NodeIndex>,
}

impl SameSpot {
    fn of(extract: &Extract) -> Self {
        let mut same = Self::default();
        let ways = extract.ways().filter(|way| car::drive(way.tags).is_some());
        for way in ways {
            for (a, b) in way.nodes.iter().zip(way.nodes.iter().skip(1)) {
                let (a, b) = (same.first(*a), same.first(*b));
                if a != b && extract.position(a) == extract.position(b) {
                    same.first_of.insert(a.max(b), a.min(b));
                }
            }
        }
        let all: Vec<NodeIndex> = same.first_of.keys().copied().collect();
        for node in all {
            let first = same.first(node);
            same.first_of.insert(node, first);
        }
        same
    }

    /// Always towards smaller numbers, so it comes to an end.
    fn first(&self, node: NodeIndex) -> NodeIndex {
        let mut node = node;
        while let Some(closer) = self.first_of.get(&node) {
            node = *closer;
        }
        node
    }
}
