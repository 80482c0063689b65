//! The hierarchy in a pack: the level of each node, and the bits of [`grow`].
//!
//! A node's level is one more than the highest of the less important nodes it has edges with. Nodes
//! of one level have no edges with each other, so their order does not matter, and levels take far
//! fewer bits than ranks.

use std::collections::HashSet;

use super::super::error::RoadsError;
use super::super::network::flat::{count_u32, index_of};
use super::super::network::turns::Turns;
use super::super::pack::coder::{Coder, Reader, Writer};
use super::super::pack::numbers::Numbers;
use super::Contraction;
use super::growth::{Topology, grow};

/// Levels of the node before that have odds of their own.
const LEVEL_CONTEXTS: usize = 16;

/// The order of the nodes.
#[derive(Debug, Clone, Default)]
pub(super) struct Order {
    /// Rank of each node.
    pub(super) rank: Vec<u32>,
    /// Node of each rank.
    pub(super) node: Vec<u32>,
}

impl Order {
    /// Sorts nodes by level, those of one level by number.
    fn by_level(levels: &[u32]) -> Result<Self, RoadsError> {
        let mut node: Vec<u32> = (0..count_u32(levels.len())?).collect();
        node.sort_by_key(|node| levels.get(index_of(*node)));
        let mut rank = vec![0; node.len()];
        for (position, node) in (0_u32..).zip(&node) {
            if let Some(rank) = rank.get_mut(index_of(*node)) {
                *rank = position;
            }
        }
        Ok(Self { rank, node })
    }

    fn rank_of(&self, node: u32) -> u32 {
        self.rank.get(index_of(node)).copied().unwrap_or(u32::MAX)
    }
}

/// Writes the section.
pub(in crate::roads) fn write(
    turns: &Turns,
    contraction: &Contraction,
) -> Result<Vec<u8>, RoadsError> {
    let given = checked(turns, contraction)?;
    let levels = levels(turns, contraction, &given);
    let order = Order::by_level(&levels)?;
    let mut writer = Writer::new();
    code_levels(&mut writer, &levels, levels.len());
    let edges = edges_by_rank(turns, &order);
    let missing: HashSet<(u32, u32)> = contraction
        .shortcuts
        .iter()
        .map(|(from, to)| (order.rank_of(*from), order.rank_of(*to)))
        .collect();
    let wanted = |from, to| missing.contains(&(from, to));
    let topology = grow(&mut writer, turns.node_count(), &edges, wanted)?;
    let known: HashSet<&(u32, u32)> = edges.iter().collect();
    let added = missing.iter().filter(|edge| !known.contains(edge)).count();
    let grown = topology
        .out
        .neighbours
        .len()
        .saturating_add(topology.into.neighbours.len());
    if grown != edges.len().saturating_add(added) {
        return Err(RoadsError::Unfit(
            "a shortcut does not stand for ways through lesser nodes",
        ));
    }
    Ok(writer.finish())
}

/// Reads the section.
pub(super) fn read(bytes: &[u8], turns: &Turns) -> Result<(Order, Topology), RoadsError> {
    let mut reader = Reader::new(bytes);
    let levels = code_levels(&mut reader, &[], index_of(turns.node_count()));
    if reader.is_past_end() {
        return Err(RoadsError::Damaged("they end early"));
    }
    let order = Order::by_level(&levels)?;
    let edges = edges_by_rank(turns, &order);
    let topology = grow(&mut reader, turns.node_count(), &edges, |_, _| false)?;
    if reader.is_past_end() {
        return Err(RoadsError::Damaged("they end early"));
    }
    Ok((order, topology))
}

fn code_levels<C: Coder>(coder: &mut C, levels: &[u32], count: usize) -> Vec<u32> {
    let mut numbers = vec![Numbers::new(); LEVEL_CONTEXTS];
    let mut last = 0_u32;
    (0..count)
        .map(|node| {
            let context = index_of(last).min(LEVEL_CONTEXTS.saturating_sub(1));
            let level = levels.get(node).copied().unwrap_or(0);
            last = numbers.get_mut(context).map_or(0, |n| n.code(coder, level));
            last
        })
        .collect()
}

/// The turns by rank, without those from a node into itself.
fn edges_by_rank(turns: &Turns, order: &Order) -> Vec<(u32, u32)> {
    let mut edges = Vec::with_capacity(turns.count());
    for (node, rank) in (0_u32..).zip(&order.rank) {
        let targets = turns.from(node).iter().map(|turn| order.rank_of(turn.node));
        edges.extend(targets.filter(|to| to != rank).map(|to| (*rank, to)));
    }
    edges
}

/// The order that a contraction states, if it states one.
fn checked(turns: &Turns, contraction: &Contraction) -> Result<Order, RoadsError> {
    const NO_ORDER: RoadsError = RoadsError::Unfit("the ranks are no order of the nodes");
    let count = index_of(turns.node_count());
    if contraction.ranks.len() != count {
        return Err(NO_ORDER);
    }
    let mut node = vec![u32::MAX; count];
    for (index, rank) in (0_u32..).zip(&contraction.ranks) {
        match node.get_mut(index_of(*rank)) {
            Some(place) if *place == u32::MAX => *place = index,
            _ => return Err(NO_ORDER),
        }
    }
    let is_node = |node: &u32| index_of(*node) < count;
    if !contraction
        .shortcuts
        .iter()
        .all(|(x, y)| is_node(x) && is_node(y) && x != y)
    {
        return Err(RoadsError::Unfit("a shortcut leads from or to no node"));
    }
    Ok(Order {
        rank: contraction.ranks.clone(),
        node,
    })
}

/// The level of each node.
fn levels(turns: &Turns, contraction: &Contraction, order: &Order) -> Vec<u32> {
    let mut edges = edges_by_rank(turns, order);
    let by_rank = |(from, to): &(u32, u32)| (order.rank_of(*from), order.rank_of(*to));
    edges.extend(contraction.shortcuts.iter().map(by_rank));
    // From the lower to the higher, the lowest first, so that each level is final when it is used.
    for edge in &mut edges {
        *edge = (edge.0.min(edge.1), edge.0.max(edge.1));
    }
    edges.sort_unstable();
    let mut levels = vec![0_u32; order.node.len()];
    let node = |rank: u32| order.node.get(index_of(rank)).copied().unwrap_or(u32::MAX);
    for (low, high) in edges {
        let low = levels.get(index_of(node(low))).copied().unwrap_or(0);
        if let Some(level) = levels.get_mut(index_of(node(high))) {
            *level = (*level).max(low.saturating_add(1));
        }
    }
    levels
}
