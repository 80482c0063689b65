//! Made-up roads for tests, and a plain contraction for them.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "small made-up numbers"
)]

use std::collections::{BTreeMap, BTreeSet};

use super::data::{RoadClass, RoadData, Segment, SegmentFlags, TurnBan};
use super::hierarchy::{Contraction, ContractionInput};
use super::network::{RoadNetwork, encode};
use crate::city::PackBytes;
use crate::geo::LatLng;

/// A position.
pub(super) fn at(lat: f64, lng: f64) -> LatLng {
    LatLng::from_degrees(lat, lng).unwrap()
}

/// Numbers that look random and are the same on every machine.
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn seeded(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def0)
    }

    /// From 0 to `below - 1`.
    pub(super) fn below(&mut self, below: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let high = (self.0 >> 33) as u32;
        ((u64::from(high) * u64::from(below)) >> 31) as u32
    }

    pub(super) fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }
}

/// Random roads: a town of crossings with one-ways, dead ends, loops, several roads between the
/// same crossings, destination-only roads, lights, ferries, islands, and bans of all kinds.
#[derive(Debug, Clone)]
pub(super) struct RandomRoads {
    pub(super) seed: u64,
    pub(super) width: u32,
    pub(super) height: u32,
    /// Bans for each hundred crossings.
    pub(super) bans_percent: u32,
}

impl RandomRoads {
    pub(super) fn seeded(seed: u64) -> Self {
        Self {
            seed,
            width: 7,
            height: 6,
            bans_percent: 40,
        }
    }

    pub(super) fn build(&self) -> RoadData {
        let mut dice = Dice::seeded(self.seed);
        let mut data = RoadData {
            names: vec![String::new()],
            drives_on_left: self.seed % 5 == 4,
            ..RoadData::default()
        };
        for name in 0..self.width {
            data.names.push(format!("Rua de São Número {name}"));
        }
        for row in 0..self.height {
            for column in 0..self.width {
                let lat = 411_500_000 + row as i32 * 9_000 + dice.below(5_000) as i32;
                let lng = -86_100_000 + column as i32 * 12_000 + dice.below(7_000) as i32;
                data.junctions.push(LatLng::from_e7(lat, lng).unwrap());
            }
        }
        let crossing = |row: u32, column: u32| row * self.width + column;
        for row in 0..self.height {
            for column in 0..self.width {
                let here = crossing(row, column);
                if column + 1 < self.width && dice.chance(85) {
                    road(&mut data, &mut dice, here, here + 1);
                }
                if row + 1 < self.height && dice.chance(85) {
                    road(&mut data, &mut dice, here, here + self.width);
                }
                if dice.chance(6) {
                    road(&mut data, &mut dice, here, here);
                }
                if dice.chance(6) {
                    let other = dice.below(self.width * self.height);
                    road(&mut data, &mut dice, here, other);
                }
            }
        }
        if data.segments.is_empty() {
            road(&mut data, &mut dice, 0, 0);
        }
        let bans = self.width * self.height * self.bans_percent / 100;
        for _ in 0..bans {
            if let Some(ban) = ban(&data, &mut dice) {
                data.turn_bans.push(ban);
            }
        }
        data
    }
}

fn road(data: &mut RoadData, dice: &mut Dice, start: u32, end: u32) {
    let (from, to) = (data.junctions[start as usize], data.junctions[end as usize]);
    let bends = dice.below(4) + u32::from(start == end) * 2;
    let bend = |step: u32, dice: &mut Dice| {
        let part = |from: i32, to: i32| {
            from + (i64::from(to - from) * i64::from(step) / i64::from(bends + 1)) as i32
        };
        let lat = part(from.lat_e7(), to.lat_e7()) + dice.below(4_000) as i32 - 2_000;
        let lng = part(from.lng_e7(), to.lng_e7()) + dice.below(4_000) as i32 - 2_000;
        LatLng::from_e7(lat, lng).unwrap()
    };
    let bends = (1..=bends).map(|step| bend(step, dice)).collect();
    let classes = [
        RoadClass::Motorway,
        RoadClass::Primary,
        RoadClass::Tertiary,
        RoadClass::Residential,
        RoadClass::Service,
        RoadClass::Ferry,
    ];
    let speed = |dice: &mut Dice| 50 + dice.below(900) as u16;
    let (forward_dkmh, backward_dkmh) = match dice.below(10) {
        0 | 1 => (speed(dice), 0),
        2 => (0, speed(dice)),
        _ => (speed(dice), speed(dice)),
    };
    data.segments.push(Segment {
        start,
        end,
        bends,
        class: classes[dice.below(6) as usize],
        forward_dkmh,
        backward_dkmh,
        name: dice.below(data.names.len() as u32),
        flags: SegmentFlags {
            link: dice.chance(5),
            roundabout: dice.chance(5),
            toll: dice.chance(5),
            tunnel: dice.chance(5),
            destination_only: dice.chance(12),
            signals_at_end: dice.chance(10),
            signals_at_start: dice.chance(10),
        },
    });
}

/// A ban along a random walk of two to five segments.
fn ban(data: &RoadData, dice: &mut Dice) -> Option<TurnBan> {
    let first = dice.below(data.segments.len() as u32);
    let segment = &data.segments[first as usize];
    let first_via = if dice.chance(50) {
        segment.start
    } else {
        segment.end
    };
    let (mut segments, mut via) = (vec![first], first_via);
    for _ in 0..1 + dice.below(2) * dice.below(4) {
        let joined: Vec<u32> = (0..data.segments.len() as u32)
            .filter(|index| {
                let segment = &data.segments[*index as usize];
                segment.start == via || segment.end == via
            })
            .collect();
        let next = *joined.get(dice.below(joined.len() as u32) as usize)?;
        let segment = &data.segments[next as usize];
        via = if segment.start == via {
            segment.end
        } else {
            segment.start
        };
        segments.push(next);
    }
    Some(TurnBan {
        segments,
        first_via,
    })
}

/// Packs and opens roads.
pub(super) fn network(data: &RoadData) -> RoadNetwork {
    RoadNetwork::open(PackBytes::new(packed(data))).unwrap()
}

/// The bytes of roads.
pub(super) fn packed(data: &RoadData) -> Vec<u8> {
    let input = ContractionInput::of(data).unwrap();
    encode(data, &contract(&input)).unwrap()
}

/// A contraction that always takes a node with the fewest neighbours, and adds an edge for each way
/// through it that no way past it of one or two edges undercuts.
pub(super) fn contract(input: &ContractionInput) -> Contraction {
    let count = input.node_count;
    let mut out = vec![BTreeMap::new(); count as usize];
    let mut into = vec![BTreeSet::new(); count as usize];
    for (from, to, weight) in &input.edges {
        out[*from as usize].insert(*to, *weight);
        into[*to as usize].insert(*from);
    }
    let mut ranks = vec![0; count as usize];
    let mut shortcuts = BTreeSet::new();
    let mut left: BTreeSet<(usize, u32)> = (0..count)
        .map(|node| (out[node as usize].len() * into[node as usize].len(), node))
        .collect();
    for rank in 0..count {
        let (_, node) = left.pop_first().unwrap();
        ranks[node as usize] = rank;
        let targets = std::mem::take(&mut out[node as usize]);
        let sources = std::mem::take(&mut into[node as usize]);
        let key = |out: &[BTreeMap<u32, u32>], into: &[BTreeSet<u32>], node: u32| {
            (out[node as usize].len() * into[node as usize].len(), node)
        };
        let touched: BTreeSet<u32> = targets.keys().chain(&sources).copied().collect();
        for near in &touched {
            // The sizes before this node was taken out are not known any more, so look.
            left.retain(|(_, other)| other != near);
        }
        for source in &sources {
            let first = out[*source as usize].remove(&node).unwrap();
            for (target, second) in &targets {
                let weight = first.saturating_add(*second);
                if source == target || is_undercut(&out, *source, *target, weight) {
                    continue;
                }
                out[*source as usize].insert(*target, weight);
                into[*target as usize].insert(*source);
                shortcuts.insert((*source, *target));
            }
        }
        for target in targets.keys() {
            into[*target as usize].remove(&node);
        }
        left.extend(touched.iter().map(|near| key(&out, &into, *near)));
    }
    let is_turn: BTreeSet<(u32, u32)> = input.edges.iter().map(|(x, y, _)| (*x, *y)).collect();
    Contraction {
        ranks,
        shortcuts: shortcuts.difference(&is_turn).copied().collect(),
    }
}

fn is_undercut(out: &[BTreeMap<u32, u32>], from: u32, to: u32, weight: u32) -> bool {
    let edges = &out[from as usize];
    edges.get(&to).is_some_and(|direct| *direct <= weight)
        || edges.iter().any(|(over, first)| {
            let second = out[*over as usize].get(&to);
            second.is_some_and(|second| first.saturating_add(*second) <= weight)
        })
}
