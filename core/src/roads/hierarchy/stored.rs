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
use super::growth::grow;
use super::ways::{ArcCosts, TurnWays};
use super::weights::Weighted;

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

    #[inline]
    pub(super) fn rank_of(&self, node: u32) -> u32 {
        self.rank.get(index_of(node)).copied().unwrap_or(u32::MAX)
    }
}

/// Writes the section.
pub(in crate::roads) fn write(
    turns: &Turns,
    costs: ArcCosts<'_>,
    contraction: &Contraction,
) -> Result<Vec<u8>, RoadsError> {
    let given = checked(turns, contraction)?;
    let levels = levels(turns, contraction, &given);
    let order = Order::by_level(&levels)?;
    let mut writer = Writer::new();
    code_levels(&mut writer, &levels, levels.len());
    let by_rank = |(from, to): &(u32, u32)| (order.rank_of(*from), order.rank_of(*to));
    let shortcuts: HashSet<(u32, u32)> = contraction.shortcuts.iter().map(by_rank).collect();
    let turns = TurnWays {
        turns,
        order: &order,
        costs,
    };
    let grown = grow(&mut writer, &turns, |from, to| {
        shortcuts.contains(&(from, to))
    })?;
    let mut wanted = shortcuts;
    turns.for_each(|from, to, _| {
        wanted.insert((from, to));
    });
    if grown.edge_count() != wanted.len() {
        return Err(RoadsError::Unfit(
            "a shortcut does not stand for ways through lesser nodes",
        ));
    }
    Ok(writer.finish())
}

/// Reads the section.
pub(super) fn read(
    bytes: &[u8],
    turns: &Turns,
    costs: ArcCosts<'_>,
) -> Result<(Order, Weighted), RoadsError> {
    const SHORT: RoadsError = RoadsError::Damaged("they end early");
    let mut reader = Reader::new(bytes);
    let levels = code_levels(&mut reader, &[], index_of(turns.node_count()));
    if reader.is_past_end() {
        return Err(SHORT);
    }
    let order = Order::by_level(&levels)?;
    let turns = TurnWays {
        turns,
        order: &order,
        costs,
    };
    let weighted = grow(&mut reader, &turns, |_, _| false)?;
    if reader.is_past_end() {
        return Err(SHORT);
    }
    Ok((order, weighted))
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
    // From the lower to the higher, the lowest first, so that each level is final when it is used.
    let upwards = |(from, to): (u32, u32)| {
        let (from, to) = (order.rank_of(from), order.rank_of(to));
        (from.min(to), from.max(to))
    };
    let nodes = 0..turns.node_count();
    let turned = nodes.flat_map(|node| turns.from(node).iter().map(move |turn| (node, turn.node)));
    let turned = turned.filter(|(from, to)| from != to);
    let mut edges: Vec<(u32, u32)> = turned
        .chain(contraction.shortcuts.iter().copied())
        .map(upwards)
        .collect();
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
