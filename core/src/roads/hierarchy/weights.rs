//! The edges of a hierarchy with their weights, and other weights for the same edges.
//!
//! An edge costs what its turn costs, or less if a way through a less important node is cheaper.
//! Nodes are looked at from the least important up, so the edges of such a way are final when they
//! are used.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "looks at millions of ways: ranks, rows and edges are those of the \
              topology, whose arrays were made together and have fewer than 2^30 rows"
)]

use super::super::network::flat::index_of;
use super::ways::{Extent, TurnWays, Way};
use super::{NO_NODE, UNREACHABLE};

/// A node has about this many edges in either direction.
const EDGES_PER_NODE: usize = 3;

/// What an edge leads to and weighs: all that a search looks at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    /// Rank of the more important node.
    pub(super) to: u32,
    pub(super) weight: u32,
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
    fn with_room(nodes: usize) -> Self {
        let edges = nodes.saturating_mul(EDGES_PER_NODE);
        Self {
            first: Vec::with_capacity(nodes.saturating_add(1)),
            edges: Vec::with_capacity(edges),
            extents: Vec::with_capacity(edges),
            middles: Vec::with_capacity(edges),
        }
    }

    /// Adds the edges of the next node, sorted by the other node.
    pub(super) fn add_node(&mut self, neighbours: &[(u32, Way)]) {
        self.first.push(self.edges.len() as u32);
        for (to, way) in neighbours {
            self.edges.push(Edge {
                to: *to,
                weight: way.weight,
            });
            self.extents.push(way.extent);
            self.middles.push(way.middle);
        }
    }

    /// After the last node.
    pub(super) fn end(&mut self) {
        self.first.push(self.edges.len() as u32);
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

    /// Where the edges of a node start, and where they end.
    #[inline]
    pub(super) fn bounds(&self, node: u32) -> (u32, u32) {
        (self.first[index_of(node)], self.first[index_of(node) + 1])
    }

    #[inline]
    pub(super) fn edge(&self, edge: u32) -> Edge {
        self.edges[index_of(edge)]
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

    fn improve(&mut self, index: usize, way: Way) {
        if way.weight < self.edges[index].weight {
            self.edges[index].weight = way.weight;
            self.extents[index] = way.extent;
            self.middles[index] = way.middle;
        }
    }

    fn way(&self, index: usize) -> Way {
        Way {
            weight: self.edges[index].weight,
            extent: self.extents[index],
            middle: self.middles[index],
        }
    }
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
    pub(super) fn with_room(nodes: usize) -> Self {
        Self {
            out: Half::with_room(nodes),
            into: Half::with_room(nodes),
        }
    }

    pub(super) fn edge_count(&self) -> usize {
        self.out.len().saturating_add(self.into.len())
    }

    /// Computes all weights anew.
    pub(super) fn customise(&mut self, turns: &TurnWays<'_>) {
        self.out.clear();
        self.into.clear();
        turns.for_each(|from, to, way| self.offer(from, to, way));
        for node in 0..turns.node_count() {
            for first in self.into.range(node) {
                let from = self.into.edges[first].to;
                let before = self.into.way(first);
                for second in self.out.range(node) {
                    let to = self.out.edges[second].to;
                    let after = self.out.way(second);
                    self.offer(from, to, before.then(after, node));
                }
            }
        }
    }

    /// Offers a way to the edge between its ends, if there is one.
    fn offer(&mut self, from: u32, to: u32, way: Way) {
        let (half, low, high) = match from.cmp(&to) {
            std::cmp::Ordering::Less => (&mut self.out, from, to),
            std::cmp::Ordering::Greater => (&mut self.into, to, from),
            std::cmp::Ordering::Equal => return,
        };
        if let Some(index) = half.find(low, high) {
            half.improve(index, way);
        }
    }
}
