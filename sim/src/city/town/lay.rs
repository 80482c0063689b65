//! Turns the roads into ways: with roundabouts, traffic lights and forbidden turns.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::f64::consts::{PI, TAU};

use rand::RngExt;

use super::grid::{AVENUE_EVERY, Grid};
use super::ground::{OLD_TOWN, Spot};
use super::names::{Kind, Namer};
use super::roads::{Class, Piece, Road, RoadId, Roads, Span, arms};
use super::sheet::{NodeId, Part, Sheet, Tags, WayId, tags};
use crate::chance::Chance;

const ROUNDABOUTS: f64 = 0.45;
const ROUNDABOUT_NODES: u32 = 14;
const ROUNDABOUT_M: f64 = 27.0;
/// Crossings of avenues where a turn is forbidden.
const FORBIDS: f64 = 0.5;
/// Streets in the middle of the old town that belong to walkers.
const WALKERS: usize = 4;
const WALKERS_M: f64 = 420.0;

/// A way that was laid.
#[derive(Debug, Clone, Copy)]
struct Laid {
    id: WayId,
    first: NodeId,
    last: NodeId,
    /// The node next to each end.
    beside: [NodeId; 2],
    one_way: bool,
    class: Class,
}

/// Gives streets of the old town to walkers.
pub(super) fn free_for_walkers(roads: &mut Roads, sheet: &Sheet) {
    let mut near: BTreeSet<RoadId> = BTreeSet::new();
    for piece in &roads.pieces {
        let middle = piece.nodes.get(piece.nodes.len() / 2);
        let is_near = middle.is_some_and(|node| sheet.at(*node).distance_m(OLD_TOWN) < WALKERS_M);
        let road = roads.all.get(piece.road);
        if is_near && road.is_some_and(|road| road.class == Class::Residential && road.one_way) {
            near.insert(piece.road);
        }
    }
    // Not neighbours: every second one of those there are.
    for road in near.into_iter().step_by(3).take(WALKERS) {
        if let Some(road) = roads.all.get_mut(road) {
            road.class = Class::Pedestrian;
            road.one_way = false;
            road.more.clear();
        }
    }
}

/// Puts roundabouts in place of some crossings of avenues, and lights on others. Gives the nodes
/// with lights where only avenues meet.
pub(super) fn shape_crossings(
    grid: &Grid,
    chance: &mut Chance,
    names: &mut Namer,
    sheet: &mut Sheet,
    roads: &mut Roads,
) -> Vec<NodeId> {
    let arms = arms(roads);
    let mut lit = Vec::new();
    for ((column, row), corner) in &grid.corners {
        let avenues = [column, row].map(|line| line % AVENUE_EVERY == 0);
        let pieces = arms.get(&corner.node).map_or(0, Vec::len);
        let is_old_town = corner.spot.is_old_town();
        let dice = chance.random::<f64>();
        match avenues {
            [true, true] if pieces >= 3 && !is_old_town && dice < ROUNDABOUTS => {
                draw_roundabout(corner.node, names, sheet, roads);
            }
            [true, true] if pieces >= 3 => {
                sheet.tag(corner.node, &[("highway", "traffic_signals")]);
                lit.push(corner.node);
            }
            [true, false] | [false, true] if is_old_town && pieces >= 3 && dice < 0.45 => {
                sheet.tag(corner.node, &[("highway", "traffic_signals")]);
            }
            _ => {}
        }
    }
    lit
}

fn draw_roundabout(node: NodeId, names: &mut Namer, sheet: &mut Sheet, roads: &mut Roads) {
    let middle = sheet.at(node);
    let ring: Vec<NodeId> = (0..ROUNDABOUT_NODES)
        .map(|step| {
            let angle = TAU * f64::from(step) / f64::from(ROUNDABOUT_NODES);
            sheet.bend(middle.polar(angle, ROUNDABOUT_M))
        })
        .collect();
    let nearest = |sheet: &Sheet, spot: Spot| {
        let distance_m = |node: &NodeId| sheet.at(*node).distance_m(spot);
        ring.iter()
            .min_by(|a, b| distance_m(a).total_cmp(&distance_m(b)))
            .copied()
    };
    for piece in &mut roads.pieces {
        let count = piece.nodes.len();
        let ends = [(0, 1), (count.saturating_sub(1), count.saturating_sub(2))];
        for (end, beside) in ends {
            let beside = piece.nodes.get(beside).map(|node| sheet.at(*node));
            if piece.nodes.get(end) == Some(&node)
                && let Some(gate) = beside.and_then(|spot| nearest(sheet, spot))
                && let Some(end) = piece.nodes.get_mut(end)
            {
                *end = gate;
            }
        }
    }
    let name = names.name(Kind::Square).replacen("Campo", "Rotunda", 1);
    let road = Road::new(Class::Primary, name).with("junction", "roundabout");
    let road = roads.road(road);
    let mut round = ring.clone();
    round.extend(ring.first().copied());
    roads.piece(road, round);
}

/// Lays all roads as ways, and forbids some turns at crossings with lights.
pub(super) fn lay(roads: &Roads, lit: &[NodeId], chance: &mut Chance, sheet: &mut Sheet) {
    let forbids: HashSet<NodeId> = lit
        .iter()
        .copied()
        .filter(|_| chance.random::<f64>() < FORBIDS)
        .collect();
    let mut laid = Vec::new();
    for chain in chains(&roads.pieces) {
        let Some(road) = roads.all.get(chain.road) else {
            continue;
        };
        for (nodes, span) in cut(&chain, &forbids) {
            let ends = (nodes.first().copied(), nodes.last().copied());
            let (Some(first), Some(last)) = ends else {
                continue;
            };
            let beside = [nodes.get(1), nodes.get(nodes.len().saturating_sub(2))]
                .map(|node| node.copied().unwrap_or(first));
            let id = sheet.way(nodes, way_tags(road, span.as_ref()));
            laid.push(Laid {
                id,
                first,
                last,
                beside,
                one_way: road.one_way,
                class: road.class,
            });
        }
    }
    for via in lit.iter().filter(|node| forbids.contains(node)) {
        forbid_turns(*via, &laid, chance, sheet);
    }
}

fn way_tags(road: &Road, span: Option<&Span>) -> Tags {
    let mut tags = tags(&[("highway", road.class.highway())]);
    let mut add = |key: &str, value: &str| tags.push((key.to_owned(), value.to_owned()));
    if let Some(name) = &road.name {
        add("name", name);
    }
    if road.one_way {
        add("oneway", "yes");
    }
    for (key, value) in road
        .more
        .iter()
        .chain(span.iter().flat_map(|span| &span.tags))
    {
        add(key, value);
    }
    tags
}

/// Pieces of one road that follow on each other.
struct Chain {
    road: RoadId,
    nodes: Vec<NodeId>,
    spans: Vec<Span>,
}

fn chains(pieces: &[Piece]) -> Vec<Chain> {
    let mut chains: Vec<Chain> = Vec::new();
    for piece in pieces {
        if let Some(chain) = chains.last_mut()
            && chain.road == piece.road
            && chain.nodes.last() == piece.nodes.first()
        {
            chain.nodes.extend(piece.nodes.iter().skip(1));
            chain.spans.extend(piece.spans.iter().cloned());
        } else {
            chains.push(Chain {
                road: piece.road,
                nodes: piece.nodes.clone(),
                spans: piece.spans.clone(),
            });
        }
    }
    chains
}

/// Cuts a chain where a bridge or a tunnel begins or ends, and at nodes where turns are forbidden.
fn cut(chain: &Chain, also_at: &HashSet<NodeId>) -> Vec<(Vec<NodeId>, Option<Span>)> {
    let mut parts: Vec<(Vec<NodeId>, Option<Span>)> = Vec::new();
    let mut current: Vec<NodeId> = Vec::new();
    let mut on: Option<Span> = None;
    for node in &chain.nodes {
        current.push(*node);
        let ends = on.as_ref().is_some_and(|span| span.to == *node);
        let begins = chain.spans.iter().find(|span| span.from == *node && !ends);
        if (ends || begins.is_some() || also_at.contains(node)) && current.len() > 1 {
            let next = vec![*node];
            parts.push((std::mem::replace(&mut current, next), on.clone()));
        }
        if ends {
            on = None;
        }
        if let Some(span) = begins {
            on = Some(span.clone());
        }
    }
    if current.len() > 1 {
        parts.push((current, on));
    }
    parts
}

/// A way that ends at a crossing, and the direction in which it leaves it.
#[derive(Debug, Clone, Copy)]
struct Arm {
    way: Laid,
    angle: f64,
}

fn forbid_turns(via: NodeId, laid: &[Laid], chance: &mut Chance, sheet: &mut Sheet) {
    let mut found: HashMap<WayId, Arm> = HashMap::new();
    for way in laid
        .iter()
        .filter(|way| way.class <= Class::Tertiary && !way.one_way)
    {
        for (end, beside) in [(way.first, way.beside[0]), (way.last, way.beside[1])] {
            if end == via {
                let angle = sheet.at(via).angle_to(sheet.at(beside));
                found.insert(way.id, Arm { way: *way, angle });
            }
        }
    }
    let mut arms: Vec<Arm> = found.into_values().collect();
    arms.sort_by_key(|arm| arm.way.id);
    if arms.len() < 4 {
        return;
    }
    let from = chance.random_range(0..arms.len());
    let Some(from) = arms.get(from).copied() else {
        return;
    };
    // Who comes from an arm and turns left leaves by the next arm clockwise.
    let turn_to = |wanted: f64| {
        arms.iter()
            .filter(|arm| arm.way.id != from.way.id)
            .min_by(|a, b| {
                let off =
                    |arm: &Arm| ((arm.angle - from.angle - wanted + PI).rem_euclid(TAU) - PI).abs();
                off(a).total_cmp(&off(b))
            })
            .copied()
    };
    let (kind, to) = match chance.random::<f64>() {
        ..0.6 => ("no_left_turn", turn_to(-PI / 2.0)),
        ..0.75 => ("no_right_turn", turn_to(PI / 2.0)),
        ..0.9 => ("no_u_turn", Some(from)),
        _ => ("only_straight_on", turn_to(PI)),
    };
    if let Some(to) = to {
        sheet.relation(
            vec![
                (Part::Way(from.way.id), "from"),
                (Part::Node(via), "via"),
                (Part::Way(to.way.id), "to"),
            ],
            tags(&[("type", "restriction"), ("restriction", kind)]),
        );
    }
}
