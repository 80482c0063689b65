//! The hierarchy in a pack: the level of each node, and the bits of [`grow`].
//!
//! A node's level is one more than the highest of the less important nodes it has edges with. Nodes
//! of one level have no edges with each other, so their order does not matter, and levels take far
//! fewer bits than ranks.
//!
//! Arcs that are near each other in the pack make a block. A node is *local* if all less important
//! nodes that it has edges with are local and in its block. Local nodes come first, block by block,
//! so that contracting them, and searching from them, stays within a small part of the memory; the
//! others follow by level. A local node needs no other block, so this is an order of importance too.

use std::collections::HashSet;

use super::super::error::RoadsError;
use super::super::network::flat::{count_u32, index_of};
use super::super::network::turns::Turns;
use super::super::pack::coder::{Coder, Odds, Reader, Writer};
use super::super::pack::numbers::Numbers;
use super::Contraction;
use super::growth::grow;
use super::ways::{ArcCosts, TurnWays};
use super::weights::Weighted;

/// Levels of the node before that have odds of their own.
const LEVEL_CONTEXTS: usize = 16;
/// Levels that have odds of their own for being local.
const LOCAL_CONTEXTS: usize = 32;
/// Arcs in a block, as a power of two.
const BLOCK_BITS: u32 = 11;

/// Where a node belongs in the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Place {
    level: u32,
    is_local: bool,
}

/// The order of the nodes.
#[derive(Debug, Clone, Default)]
pub(super) struct Order {
    /// Rank of each node.
    pub(super) rank: Vec<u32>,
    /// Node of each rank.
    pub(super) node: Vec<u32>,
}

impl Order {
    /// Sorts nodes by block and level.
    fn of(places: &[Place], turns: &Turns) -> Result<Self, RoadsError> {
        let key = |(place, node): (&Place, u32)| {
            let block = if place.is_local {
                block_of(node, turns)
            } else {
                u32::MAX
            };
            (block, place.level, node)
        };
        count_u32(places.len())?;
        let mut keys: Vec<(u32, u32, u32)> = places.iter().zip(0..).map(key).collect();
        keys.sort_unstable();
        let node: Vec<u32> = keys.into_iter().map(|(_, _, node)| node).collect();
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
    let places = places(turns, contraction, &given);
    let order = Order::of(&places, turns)?;
    let mut writer = Writer::new();
    code_places(&mut writer, &places, places.len());
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
    let places = code_places(&mut reader, &[], index_of(turns.node_count()));
    if reader.is_past_end() {
        return Err(SHORT);
    }
    let order = Order::of(&places, turns)?;
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

fn code_places<C: Coder>(coder: &mut C, places: &[Place], count: usize) -> Vec<Place> {
    let mut numbers = vec![Numbers::new(); LEVEL_CONTEXTS];
    let mut local = [Odds::EVEN; LOCAL_CONTEXTS];
    let mut last = 0_u32;
    let context = |level: u32, contexts: usize| index_of(level).min(contexts.saturating_sub(1));
    (0..count)
        .map(|node| {
            let place = places.get(node).copied().unwrap_or_default();
            let numbers = numbers.get_mut(context(last, LEVEL_CONTEXTS));
            last = numbers.map_or(0, |numbers| numbers.code(coder, place.level));
            let odds = local.get_mut(context(last, LOCAL_CONTEXTS));
            Place {
                level: last,
                is_local: odds.is_some_and(|odds| coder.bit(odds, place.is_local)),
            }
        })
        .collect()
}

/// The block of the arc of a node.
fn block_of(node: u32, turns: &Turns) -> u32 {
    turns.arc_of(node) >> BLOCK_BITS
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

/// Where each node belongs.
fn places(turns: &Turns, contraction: &Contraction, order: &Order) -> Vec<Place> {
    // From the lower to the higher, the lowest first, so that each is final when it is used.
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
    let lowest = Place {
        level: 0,
        is_local: true,
    };
    let mut places = vec![lowest; order.node.len()];
    let node = |rank: u32| order.node.get(index_of(rank)).copied().unwrap_or(u32::MAX);
    for (low, high) in edges {
        let (low, high) = (node(low), node(high));
        let below = places.get(index_of(low)).copied().unwrap_or_default();
        if let Some(place) = places.get_mut(index_of(high)) {
            place.level = place.level.max(below.level.saturating_add(1));
            place.is_local &= below.is_local && block_of(low, turns) == block_of(high, turns);
        }
    }
    places
}
