//! The fastest way from one node to another: A* with the straight line at the highest speed of the
//! graph as the bound.
//!
//! The bound never says more than the rest of the way takes, because no edge is shorter than the
//! straight line between its ends and none is faster than the fastest. A node may be taken up again
//! when a faster way to it turns up, so the result is the optimum even where rounding makes the
//! bound a millisecond uneven.

use super::graph::{EdgeId, NodeId, RoadGraph, duration_ms, squared_m};
use crate::geo::LatLng;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

const NOT_REACHED: u64 = u64::MAX;
const NO_EDGE: u32 = u32::MAX;

/// There is no way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoRoute {
    /// One of the nodes is not of this graph.
    #[error("node {0} is not in the road graph")]
    UnknownNode(usize),
    /// The roads do not connect the two.
    #[error("no road leads from node {from} to node {to}")]
    NotConnected {
        /// Index of the node to start from.
        from: usize,
        /// Index of the node that cannot be reached.
        to: usize,
    },
}

/// The fastest way between two nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The nodes in driving order, with both ends; one node when start and end are the same.
    pub nodes: Vec<NodeId>,
    /// The edges between them: one less than the nodes.
    pub edges: Vec<EdgeId>,
    /// The line to draw: the nodes and the bends between them.
    pub geometry: Vec<LatLng>,
    /// Length in whole metres, rounded down once.
    pub distance_m: u64,
    /// The same length in millimetres: what sums of lengths use.
    pub distance_mm: u64,
    /// Driving time in whole seconds, rounded up once.
    pub duration_s: u64,
    /// Driving time in milliseconds: what the search makes least.
    pub duration_ms: u64,
}

impl RoadGraph {
    /// The fastest way from one node to another.
    pub fn route(&self, from: NodeId, to: NodeId) -> Result<Route, NoRoute> {
        let target = *self
            .in_space
            .get(to.index())
            .ok_or(NoRoute::UnknownNode(to.index()))?;
        if from.index() >= self.nodes.len() {
            return Err(NoRoute::UnknownNode(from.index()));
        }
        let arrived_by = self.search(from, to, |node| self.bound_ms(node, &target));
        self.trace(from, to, &arrived_by)
    }

    /// For each node the edge that the fastest way found so far arrives by.
    fn search(&self, from: NodeId, to: NodeId, bound_ms: impl Fn(NodeId) -> u64) -> Vec<u32> {
        let mut reached_ms = vec![NOT_REACHED; self.nodes.len()];
        let mut arrived_by = vec![NO_EDGE; self.nodes.len()];
        let mut open = BinaryHeap::new();
        if let Some(start_ms) = reached_ms.get_mut(from.index()) {
            *start_ms = 0;
        }
        open.push(Reverse((bound_ms(from), 0_u64, from)));
        while let Some(Reverse((_, node_ms, node))) = open.pop() {
            if node == to {
                break;
            }
            if reached_ms
                .get(node.index())
                .is_none_or(|best_ms| *best_ms < node_ms)
            {
                continue;
            }
            for (id, edge) in self.edges_from(node) {
                let next_ms = node_ms.saturating_add(edge.duration_ms());
                let Some(best_ms) = reached_ms.get_mut(edge.to.index()) else {
                    continue;
                };
                if next_ms >= *best_ms {
                    continue;
                }
                *best_ms = next_ms;
                if let Some(by) = arrived_by.get_mut(edge.to.index()) {
                    *by = id.0;
                }
                open.push(Reverse((
                    next_ms.saturating_add(bound_ms(edge.to)),
                    next_ms,
                    edge.to,
                )));
            }
        }
        arrived_by
    }

    fn trace(&self, from: NodeId, to: NodeId, arrived_by: &[u32]) -> Result<Route, NoRoute> {
        let no_route = NoRoute::NotConnected {
            from: from.index(),
            to: to.index(),
        };
        let mut edges = Vec::new();
        let mut at = to;
        while at != from {
            let id = arrived_by
                .get(at.index())
                .copied()
                .filter(|id| *id != NO_EDGE);
            let id = EdgeId(id.ok_or(no_route)?);
            edges.push(id);
            at = self.edge(id).ok_or(no_route)?.from;
        }
        edges.reverse();
        self.along(from, edges).ok_or(no_route)
    }

    /// The way that starts at a node and follows edges that each begin where the last one ended.
    fn along(&self, from: NodeId, edges: Vec<EdgeId>) -> Option<Route> {
        let mut nodes = vec![from];
        let mut geometry = vec![self.position(from)?];
        let (mut length_mm, mut duration_ms) = (0_u64, 0_u64);
        for id in &edges {
            let edge = self.edge(*id)?;
            nodes.push(edge.to);
            geometry.extend_from_slice(self.shape(edge));
            geometry.push(self.position(edge.to)?);
            length_mm = length_mm.saturating_add(u64::from(edge.length_mm));
            duration_ms = duration_ms.saturating_add(edge.duration_ms());
        }
        Some(Route {
            nodes,
            edges,
            geometry,
            distance_m: length_mm.div_euclid(1000),
            distance_mm: length_mm,
            duration_s: duration_ms.div_ceil(1000),
            duration_ms,
        })
    }

    /// No way from a node to the target takes less than this.
    fn bound_ms(&self, node: NodeId, target: &[f64; 3]) -> u64 {
        let Some(at) = self.in_space.get(node.index()) else {
            return 0;
        };
        let straight_mm = squared_m(at, target).sqrt() * 1000.0;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the earth's diameter is 1.3e10 mm, and a length is never negative"
        )]
        let straight_mm = straight_mm as u64;
        // Rounded up by `duration_ms`, so one millisecond is taken off.
        duration_ms(straight_mm, self.speed_kmh_max).saturating_sub(1)
    }

    /// The same search without a bound: what the tests hold the other against.
    #[cfg(test)]
    pub(super) fn route_by_dijkstra(&self, from: NodeId, to: NodeId) -> Result<Route, NoRoute> {
        let arrived_by = self.search(from, to, |_| 0);
        self.trace(from, to, &arrived_by)
    }
}
