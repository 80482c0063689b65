//! What ways cost: from the start of an arc to the start of another.

use super::super::network::flat::index_of;
use super::super::network::turns::{Turn, Turns};
use super::stored::Order;
use super::{ENTRY_SURCHARGE_MS, NO_NODE};

/// What a way costs besides its weight.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Extent {
    pub(super) duration_ms: u32,
    pub(super) length_mm: u32,
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

/// A way between two nodes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Way {
    pub(super) weight: u32,
    pub(super) extent: Extent,
    /// The most important node between the two, less important than both; [`NO_NODE`] for a turn.
    pub(super) middle: u32,
}

impl Way {
    /// This way to a node and another one from there.
    pub(super) fn then(self, other: Self, middle: u32) -> Self {
        Self {
            weight: self.weight.saturating_add(other.weight),
            extent: self.extent.plus(other.extent),
            middle,
        }
    }
}

/// What arcs cost, by arc.
#[derive(Debug, Clone, Copy)]
pub(in crate::roads) struct ArcCosts<'a> {
    pub(in crate::roads) durations_ms: &'a [u32],
    pub(in crate::roads) lengths_mm: &'a [u32],
}

impl ArcCosts<'_> {
    /// The way along an arc and through a turn at its end.
    pub(super) fn way(&self, arc: u32, turn: &Turn) -> Way {
        let of_arc = |costs: &[u32]| costs.get(index_of(arc)).copied().unwrap_or(0);
        let duration_ms = of_arc(self.durations_ms).saturating_add(u32::from(turn.cost_ms));
        let surcharge_ms = if turn.enters { ENTRY_SURCHARGE_MS } else { 0 };
        Way {
            weight: duration_ms.saturating_add(surcharge_ms),
            extent: Extent {
                duration_ms,
                length_mm: of_arc(self.lengths_mm),
            },
            middle: NO_NODE,
        }
    }
}

/// The turns between nodes by rank, with what they cost.
#[derive(Debug, Clone, Copy)]
pub(super) struct TurnWays<'a> {
    pub(super) turns: &'a Turns,
    pub(super) order: &'a Order,
    pub(super) costs: ArcCosts<'a>,
}

impl TurnWays<'_> {
    pub(super) fn node_count(&self) -> u32 {
        self.turns.node_count()
    }

    /// Calls `visit` with the ranks of both nodes and the way of each turn, except turns of loops
    /// into themselves.
    pub(super) fn for_each(&self, mut visit: impl FnMut(u32, u32, Way)) {
        for (node, from) in (0_u32..).zip(&self.order.rank) {
            let arc = self.turns.arc_of(node);
            for turn in self.turns.from(node) {
                let to = self.order.rank_of(turn.node);
                if to != *from {
                    visit(*from, to, self.costs.way(arc, turn));
                }
            }
        }
    }
}
