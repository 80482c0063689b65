//! Costs from some places to one.
//!
//! A search from the end upwards leaves its costs at the nodes it settles. What is left of the way
//! from any node is then the least of what that search left there and of what the edges up from the
//! node lead to, and it is computed once. Starts near each other share most of the nodes above them,
//! so a handful of them costs little more than one, and no start needs a search of its own.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "the innermost loop of every round of dispatch: ranks and edges come from the hierarchy, \
              and there is a place for each rank; weights are added saturating"
)]

use super::super::network::RoadNetwork;
use super::super::network::flat::index_of;
use super::search::Search;
use super::shortest::{Start, is_behind, starts};
use super::ways::Extent;
use super::weights::Half;
use super::{Cost, NO_NODE, Seed, UNREACHABLE};

/// What is left of the way from a node to the end.
#[derive(Debug, Clone, Copy)]
struct Rest {
    /// The round it is of, and whether it is final.
    stage: u32,
    weight: u32,
    extent: Extent,
}

impl Rest {
    const NONE: Self = Self {
        stage: 0,
        weight: UNREACHABLE,
        extent: Extent {
            duration_ms: 0,
            length_mm: 0,
        },
    };
}

/// What is left of the ways to one end, by node.
#[derive(Debug, Default)]
pub(super) struct Rests {
    rests: Vec<Rest>,
    /// What the search from the end left in this round. The next number is that of what is final.
    left: u32,
    /// Nodes that wait for those above them.
    waiting: Vec<Waiting>,
}

/// A node some of whose edges have been looked at.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    rank: u32,
    /// The next edge.
    edge: u32,
    /// The edge after the last.
    end: u32,
    /// The least that is left of the way so far.
    weight: u32,
    /// The edge that leads there, or [`NO_NODE`] if it is what the search from the end left.
    best: u32,
}

impl RoadNetwork {
    /// The least cost from each of the starts to one end (each a list of seeds of one place): what
    /// [`RoadNetwork::costs`] says of them, faster if most pairs are not wanted. `None` where there
    /// is no way.
    pub fn costs_toward(
        &self,
        search: &mut Search,
        from: &[&[Seed]],
        to: &[Seed],
    ) -> Vec<Option<Cost>> {
        let ends = starts(self, to);
        self.search_back(search, &ends);
        let rests = &mut search.rests;
        let cost = |seeds: &&[Seed]| self.least_cost(rests, &starts(self, seeds), &ends);
        from.iter().map(cost).collect()
    }

    /// Searches from the end.
    fn search_back(&self, search: &mut Search, ends: &[Start]) {
        let nodes = index_of(self.node_turns().node_count());
        let Search {
            backward, rests, ..
        } = search;
        backward.begin(nodes);
        rests.begin(nodes);
        for (position, end) in (0_u32..).zip(ends) {
            for node in self.node_turns().nodes_of(end.arc) {
                if let Some(rank) = self.hierarchy().rank(node) {
                    backward.reach(rank, end.offset.weight, NO_NODE, position);
                }
            }
        }
        let weighted = &self.hierarchy().weighted;
        while let Some((rank, weight, goes_on)) = backward.settle(&weighted.out) {
            let Some(label) = backward.label(rank) else {
                continue;
            };
            let extent = if label.parent == NO_NODE {
                let end = ends.get(index_of(label.edge));
                end.map_or_else(Extent::default, |end| end.offset.extent())
            } else {
                let before = rests.rests[index_of(label.parent)].extent;
                before.plus(weighted.into.extent(label.edge))
            };
            rests.leave(rank, weight, extent);
            if goes_on {
                backward.relax(&weighted.into, rank, weight);
            }
        }
    }

    /// The least cost from one of the starts.
    fn least_cost(&self, rests: &mut Rests, starts: &[Start], ends: &[Start]) -> Option<Cost> {
        let costs = starts
            .iter()
            .filter_map(|start| self.cost_from(rests, start, ends));
        let least = costs.min_by_key(|cost| cost.weight)?;
        Some(Cost {
            weight: least.weight.max(0),
            duration_ms: least.duration_ms.max(0),
            length_mm: least.length_mm.max(0),
        })
    }

    /// The least cost from a start, on its arc or through the turns at the end of it.
    fn cost_from(&self, rests: &mut Rests, start: &Start, ends: &[Start]) -> Option<Cost> {
        let edges = &self.hierarchy().weighted.out;
        let mut rest_of = |node: u32| {
            let rank = self.hierarchy().rank(node)?;
            let rest = rests.settle(edges, rank);
            (rest.weight != UNREACHABLE).then_some(rest)
        };
        if !ends.iter().any(|end| is_behind(start, end)) {
            return rest_of(start.arc).map(|rest| start.leaves(rest.weight, rest.extent));
        }
        let round_the_block = self.node_turns().from(start.arc).iter().filter_map(|turn| {
            let way = self.costs_of_arcs().way(start.arc, turn);
            let rest = rest_of(turn.node)?;
            let weight = rest.weight.saturating_add(way.weight);
            Some(start.leaves(weight, rest.extent.plus(way.extent)))
        });
        let is_ahead = |end: &&Start| end.arc == start.arc && !is_behind(start, end);
        let ahead = ends.iter().filter(is_ahead);
        let straight_on = ahead.map(|end| start.offset.cost_to(end.offset));
        round_the_block
            .chain(straight_on)
            .min_by_key(|cost| cost.weight)
    }
}

impl Start {
    /// The cost of a way from the start of the arc, without the part of the arc before this place.
    fn leaves(&self, weight: u32, extent: Extent) -> Cost {
        let less = |whole: u32, part: u32| i64::from(whole).saturating_sub(i64::from(part));
        Cost {
            weight: less(weight, self.offset.weight),
            duration_ms: less(extent.duration_ms, self.offset.duration_ms),
            length_mm: less(extent.length_mm, self.offset.length_mm),
        }
    }
}

impl Rests {
    /// Forgets the last end and makes room for that many nodes.
    fn begin(&mut self, nodes: usize) {
        self.left = self.left.wrapping_add(2);
        if self.left == 0 || self.rests.len() < nodes {
            self.rests.clear();
            self.rests.resize(nodes, Rest::NONE);
            self.left = 2;
        }
    }

    /// Notes what the search from the end found.
    #[inline]
    fn leave(&mut self, rank: u32, weight: u32, extent: Extent) {
        self.rests[index_of(rank)] = Rest {
            stage: self.left,
            weight,
            extent,
        };
    }

    const fn settled(&self) -> u32 {
        self.left.wrapping_add(1)
    }

    /// What is left of the way from a node.
    fn settle(&mut self, edges: &Half, rank: u32) -> Rest {
        let settled = self.settled();
        let known = self.rests[index_of(rank)];
        if known.stage == settled {
            return known;
        }
        self.waiting.clear();
        let mut node = self.open(edges, rank);
        loop {
            if let Some(above) = self.look(edges, &mut node) {
                self.waiting.push(node);
                node = self.open(edges, above);
                continue;
            }
            let rest = self.close(edges, &node);
            match self.waiting.pop() {
                Some(below) => node = below,
                None => return rest,
            }
        }
    }

    /// Begins with a node, with what the search from the end left there.
    #[inline]
    fn open(&self, edges: &Half, rank: u32) -> Waiting {
        let known = self.rests[index_of(rank)];
        let weight = if known.stage == self.left {
            known.weight
        } else {
            UNREACHABLE
        };
        let (edge, end) = edges.bounds(rank);
        Waiting {
            rank,
            edge,
            end,
            weight,
            best: NO_NODE,
        }
    }

    /// Looks along the edges of a node, up to one that leads to a node that has to be settled first.
    #[inline]
    fn look(&self, edges: &Half, node: &mut Waiting) -> Option<u32> {
        let settled = self.settled();
        while node.edge < node.end {
            let step = edges.edge(node.edge);
            // Whatever is left behind a longer edge, it is no better way.
            if step.weight < node.weight {
                let rest = &self.rests[index_of(step.to)];
                if rest.stage != settled {
                    return Some(step.to);
                }
                let weight = rest.weight.saturating_add(step.weight);
                if weight < node.weight {
                    (node.weight, node.best) = (weight, node.edge);
                }
            }
            node.edge += 1;
        }
        None
    }

    /// Notes what is left of the way from a node.
    #[inline]
    fn close(&mut self, edges: &Half, node: &Waiting) -> Rest {
        let extent = if node.best != NO_NODE {
            let above = edges.edge(node.best).to;
            let rest = self.rests[index_of(above)].extent;
            rest.plus(edges.extent(node.best))
        } else if node.weight != UNREACHABLE {
            self.rests[index_of(node.rank)].extent
        } else {
            Extent::default()
        };
        let rest = Rest {
            stage: self.settled(),
            weight: node.weight,
            extent,
        };
        self.rests[index_of(node.rank)] = rest;
        rest
    }
}
