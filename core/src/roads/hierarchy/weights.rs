//! Weights for the edges of a hierarchy: customisation.
//!
//! An edge costs what its turn costs, or less if a way through a less important node is cheaper.
//! Nodes are looked at from the least important up, so the edges of such a way are final when they
//! are used.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "looks at millions of ways when a pack is opened: ranks, rows and edges are those of the \
              topology, whose arrays were made together; costs are added saturating"
)]

use super::super::network::flat::index_of;
use super::super::network::turns::Turns;
use super::growth::{Topology, Upward};
use super::stored::Order;
use super::{NO_NODE, UNREACHABLE};

/// What an edge leads to and weighs: all that a search looks at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    /// Rank of the more important node.
    pub(super) to: u32,
    pub(super) weight: u32,
}

/// The rest of what an edge costs.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Extent {
    pub(super) duration_ms: u32,
    pub(super) length_mm: u32,
}

/// The edges between each node and more important ones, in one direction.
#[derive(Debug, Clone, Default)]
pub(super) struct Half {
    first: Vec<u32>,
    edges: Vec<Edge>,
    extents: Vec<Extent>,
    /// The less important node that the edge leads through, or [`NO_NODE`].
    middles: Vec<u32>,
}

impl Half {
    fn of(upward: Upward) -> Self {
        let edge = |to| Edge {
            to,
            weight: UNREACHABLE,
        };
        Self {
            edges: upward.neighbours.iter().map(|to| edge(*to)).collect(),
            extents: vec![Extent::default(); upward.neighbours.len()],
            middles: vec![NO_NODE; upward.neighbours.len()],
            first: upward.first,
        }
    }

    fn clear(&mut self) {
        for edge in &mut self.edges {
            edge.weight = UNREACHABLE;
        }
        self.extents.fill(Extent::default());
        self.middles.fill(NO_NODE);
    }

    pub(super) fn len(&self) -> usize {
        self.edges.len()
    }

    #[inline]
    fn range(&self, node: u32) -> std::ops::Range<usize> {
        index_of(self.first[index_of(node)])..index_of(self.first[index_of(node) + 1])
    }

    /// Where the edges of a node start, and the edges.
    #[inline]
    pub(super) fn edges(&self, node: u32) -> (u32, &[Edge]) {
        let first = self.first[index_of(node)];
        (first, &self.edges[self.range(node)])
    }

    #[inline]
    pub(super) fn extent(&self, edge: u32) -> Extent {
        self.extents[index_of(edge)]
    }

    /// The node that the edge between a node and a more important one leads through.
    pub(super) fn middle(&self, low: u32, high: u32) -> Option<u32> {
        let middle = self.middles[self.find(low, high)?];
        (middle != NO_NODE).then_some(middle)
    }

    #[inline]
    fn find(&self, low: u32, high: u32) -> Option<usize> {
        let range = self.range(low);
        let start = range.start;
        let edges = &self.edges[range];
        // Sorted, but mostly short.
        let position = if edges.len() < 16 {
            edges.iter().position(|edge| edge.to == high)
        } else {
            edges.binary_search_by_key(&high, |edge| edge.to).ok()
        };
        position.map(|position| start + position)
    }

    fn improve(&mut self, index: usize, weight: u32, extent: Extent, middle: u32) {
        if weight < self.edges[index].weight {
            self.edges[index].weight = weight;
            self.extents[index] = extent;
            self.middles[index] = middle;
        }
    }
}

/// What one arc costs.
#[derive(Debug, Clone, Copy)]
pub(in crate::roads) struct ArcCosts<'a> {
    pub(in crate::roads) durations_ms: &'a [u32],
    pub(in crate::roads) lengths_mm: &'a [u32],
}

/// A hierarchy with weights.
#[derive(Debug, Clone, Default)]
pub(super) struct Weighted {
    /// Edges from each node up.
    pub(super) out: Half,
    /// Edges into each node from above.
    pub(super) into: Half,
}

impl Weighted {
    pub(super) fn of(topology: Topology) -> Self {
        Self {
            out: Half::of(topology.out),
            into: Half::of(topology.into),
        }
    }

    /// Computes all weights anew.
    pub(super) fn customise(&mut self, turns: &Turns, order: &Order, costs: ArcCosts<'_>) {
        self.out.clear();
        self.into.clear();
        self.set_turns(turns, order, costs);
        for (rank, _) in (0_u32..).zip(&order.node) {
            self.relax_through(rank);
        }
    }

    fn set_turns(&mut self, turns: &Turns, order: &Order, costs: ArcCosts<'_>) {
        for (rank, node) in (0_u32..).zip(&order.node) {
            let arc = index_of(turns.arc_of(*node));
            let duration_ms = costs.durations_ms[arc];
            let length_mm = costs.lengths_mm[arc];
            for turn in turns.from(*node) {
                let to = order.rank[index_of(turn.node)];
                let weight = turn.weight(duration_ms);
                let extent = Extent {
                    duration_ms: duration_ms.saturating_add(u32::from(turn.cost_ms)),
                    length_mm,
                };
                let (half, low, high) = if rank < to {
                    (&mut self.out, rank, to)
                } else {
                    (&mut self.into, to, rank)
                };
                if let Some(index) = half.find(low, high) {
                    half.improve(index, weight, extent, NO_NODE);
                }
            }
        }
    }

    /// Offers every way through a node to the edge from its start to its end.
    fn relax_through(&mut self, node: u32) {
        for first in self.into.range(node) {
            let source = self.into.edges[first];
            if source.weight == UNREACHABLE {
                continue;
            }
            let before = self.into.extents[first];
            for second in self.out.range(node) {
                let target = self.out.edges[second];
                let (half, low, high) = match source.to.cmp(&target.to) {
                    std::cmp::Ordering::Less => (&mut self.out, source.to, target.to),
                    std::cmp::Ordering::Greater => (&mut self.into, target.to, source.to),
                    std::cmp::Ordering::Equal => continue,
                };
                let Some(index) = half.find(low, high) else {
                    continue;
                };
                let weight = source.weight.saturating_add(target.weight);
                if weight < half.edges[index].weight {
                    let after = self.out.extents[second];
                    let half = if source.to < target.to {
                        &mut self.out
                    } else {
                        &mut self.into
                    };
                    half.improve(index, weight, before.plus(after), node);
                }
            }
        }
    }
}

impl Extent {
    #[inline]
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            duration_ms: self.duration_ms.saturating_add(other.duration_ms),
            length_mm: self.length_mm.saturating_add(other.length_mm),
        }
    }
}
