//! The contraction hierarchy: its form, its weights and the searches on it.
//!
//! A node of the hierarchy is an arc of the network, an edge a turn from one arc into the next, so
//! that turns cost and signs forbid. The cost of an edge is the time for the first arc and the turn:
//! costs are measured at the *start* of arcs. Arcs in the middle of a ban have several nodes, see
//! `network/bans.rs`.

mod costs;
mod growth;
mod search;
mod shortest;
mod stored;
#[cfg(test)]
mod tests;
mod toward;
mod ways;
mod weights;

use super::data::RoadData;
use super::error::RoadsError;
use super::network::flat::{FlatRoads, index_of};
use super::network::{ArcId, Ground, turns::Turns};

pub use self::search::Search;
pub(super) use self::stored::write;
pub(super) use self::ways::ArcCosts;

use self::stored::Order;
use self::ways::TurnWays;
use self::weights::Weighted;

/// Driving from other roads onto destination-only roads weighs this much more, in milliseconds, so
/// that nobody drives through them who need not.
const ENTRY_SURCHARGE_MS: u32 = 3_600_000;
/// The weight of what cannot be reached. Sums saturate at it: ways of more than 49 days are none.
const UNREACHABLE: u32 = u32::MAX;
/// No node.
const NO_NODE: u32 = u32::MAX;

/// What it costs to get somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// What the search minimises: milliseconds, with a surcharge for driving into destination-only
    /// roads.
    pub weight: i64,
    /// Milliseconds.
    pub duration_ms: i64,
    /// Millimetres.
    pub length_mm: i64,
}

/// A place on an arc where a search starts or ends. `offset` is the cost from the start of the arc
/// to the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed {
    /// The arc.
    pub arc: ArcId,
    /// From its start to the place. What is negative counts as 0, and more than 2^28 as that.
    pub offset: Cost,
}

/// The cheapest way between seeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// From place to place.
    pub cost: Cost,
    /// Position in the list of starts.
    pub from: usize,
    /// Position in the list of ends.
    pub to: usize,
    /// The arcs in driving order, the first and the last included; one if both places are on it.
    pub arcs: Vec<ArcId>,
}

/// The turns that a contraction has to keep the ways of: one edge `(from, to, weight)` each. Nodes
/// are numbered from 0 to `node_count - 1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractionInput {
    /// How many nodes.
    pub node_count: u32,
    /// Edges with their weight, none of them 0, none twice, none from a node to itself.
    pub edges: Vec<(u32, u32, u32)>,
}

/// What a contraction found: the order of the nodes and the edges it had to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contraction {
    /// Rank of each node; a permutation of 0 to `node_count - 1`, the least important first.
    pub ranks: Vec<u32>,
    /// Added edges `(from, to)`, each standing for a way through nodes of lower rank than both.
    pub shortcuts: Vec<(u32, u32)>,
}

impl ContractionInput {
    /// What has to be contracted for these roads.
    pub fn of(data: &RoadData) -> Result<Self, RoadsError> {
        let ground = Ground::of(FlatRoads::of(data)?)?;
        let costs = ground.costs();
        let mut edges = Vec::with_capacity(ground.turns.count());
        for node in 0..ground.turns.node_count() {
            let arc = ground.turns.arc_of(node);
            let turns = ground.turns.from(node).iter();
            for turn in turns.filter(|turn| turn.node != node) {
                edges.push((node, turn.node, costs.way(arc, turn).weight));
            }
        }
        Ok(Self {
            node_count: ground.turns.node_count(),
            edges,
        })
    }
}

/// The hierarchy of a network, ready for searches.
#[derive(Debug, Clone)]
pub(super) struct Hierarchy {
    order: Order,
    weighted: Weighted,
}

impl Hierarchy {
    /// Reads it from its section and computes its weights.
    pub(super) fn read(
        section: &[u8],
        turns: &Turns,
        costs: ArcCosts<'_>,
    ) -> Result<Self, RoadsError> {
        let (order, weighted) = stored::read(section, turns, costs)?;
        Ok(Self { order, weighted })
    }

    /// The same edges with other weights.
    pub(super) fn reweighted(&self, turns: &Turns, costs: ArcCosts<'_>) -> Self {
        let mut other = self.clone();
        other.weighted.customise(&TurnWays {
            turns,
            order: &self.order,
            costs,
        });
        other
    }

    /// How many edges there are, in either direction.
    pub(super) fn edge_count(&self) -> usize {
        self.weighted.edge_count()
    }

    /// The rank of a node.
    fn rank(&self, node: u32) -> Option<u32> {
        self.order.rank.get(index_of(node)).copied()
    }
}
