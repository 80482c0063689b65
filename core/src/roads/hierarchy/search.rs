//! A search upwards from some nodes, in one direction.
#![expect(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    reason = "the innermost loop of every query: ranks come from the hierarchy, whose edges lead to \
              ranks only, and there is a label for each; weights are added saturating, and \
              the halves of keys have 32 bits"
)]

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::super::network::flat::index_of;
use super::weights::Half;
use super::{NO_NODE, UNREACHABLE};

/// Memory that searches use and leave for the next one. One per thread.
#[derive(Debug, Default)]
pub struct Search {
    pub(super) forward: Side,
    pub(super) backward: Side,
    pub(super) buckets: super::costs::Buckets,
    pub(super) rests: super::toward::Rests,
}

/// What is known of a node: the least weight found so far, and where from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label {
    /// The search it is of.
    round: u32,
    pub(super) weight: u32,
    /// Rank of the node before, or [`NO_NODE`] if the search started here.
    pub(super) parent: u32,
    /// The edge from there, or the position of the start.
    pub(super) edge: u32,
}

/// One direction of a search.
#[derive(Debug, Default)]
pub(super) struct Side {
    labels: Vec<Label>,
    round: u32,
    /// Weight and rank of nodes to look at, some of them outdated.
    heap: BinaryHeap<Reverse<u64>>,
}

impl Side {
    /// Forgets the last search and makes room for that many nodes.
    pub(super) fn begin(&mut self, nodes: usize) {
        const NEVER: Label = Label {
            round: 0,
            weight: UNREACHABLE,
            parent: NO_NODE,
            edge: 0,
        };
        self.heap.clear();
        self.round = self.round.wrapping_add(1);
        if self.round == 0 || self.labels.len() < nodes {
            self.labels.clear();
            self.labels.resize(nodes, NEVER);
            self.round = 1;
        }
    }

    /// The label of a node that was reached.
    #[inline]
    pub(super) fn label(&self, rank: u32) -> Option<&Label> {
        let label = &self.labels[index_of(rank)];
        (label.round == self.round).then_some(label)
    }

    #[inline]
    fn weight(&self, rank: u32) -> u32 {
        let label = &self.labels[index_of(rank)];
        if label.round == self.round {
            label.weight
        } else {
            UNREACHABLE
        }
    }

    /// Offers a way to a node.
    #[inline]
    pub(super) fn reach(&mut self, rank: u32, weight: u32, parent: u32, edge: u32) {
        if weight < self.weight(rank) {
            self.labels[index_of(rank)] = Label {
                round: self.round,
                weight,
                parent,
                edge,
            };
            self.heap
                .push(Reverse(u64::from(weight) << 32 | u64::from(rank)));
        }
    }

    /// The least weight that is still to be looked at.
    #[inline]
    pub(super) fn next_weight(&self) -> Option<u32> {
        self.heap.peek().map(|Reverse(key)| (key >> 32) as u32)
    }

    /// The next node, its weight, and whether it is worth going on from. A node that is reached
    /// more cheaply from a more important one, against the direction of this search, is not: no
    /// cheapest way leads up through it.
    #[inline]
    pub(super) fn settle(&mut self, against: &Half) -> Option<(u32, u32, bool)> {
        loop {
            let Reverse(key) = self.heap.pop()?;
            let (weight, rank) = ((key >> 32) as u32, key as u32);
            if weight > self.labels[index_of(rank)].weight {
                continue;
            }
            let (_, edges) = against.edges(rank);
            let is_stalled = edges
                .iter()
                .any(|edge| self.weight(edge.to).saturating_add(edge.weight) < weight);
            return Some((rank, weight, !is_stalled));
        }
    }

    /// Looks along the edges of a node.
    #[inline]
    pub(super) fn relax(&mut self, along: &Half, rank: u32, weight: u32) {
        let (first, edges) = along.edges(rank);
        for (edge, step) in (first..).zip(edges) {
            self.reach(step.to, weight.saturating_add(step.weight), rank, edge);
        }
    }
}
