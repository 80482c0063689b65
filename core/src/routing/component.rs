//! The largest part of a graph in which every node can be driven to from every other.
//!
//! Maps are full of islands: car parks behind a footway, a one-way street that leads out of the
//! extract. Tarjan's algorithm finds the parts in one pass; it keeps its own stack, because a road
//! can be longer than the program's.

use super::builder::{BuildError, NewEdge, RoadGraphBuilder};
use super::graph::{NodeId, RoadGraph, as_u32};

const NOT_SEEN: u32 = u32::MAX;

impl RoadGraph {
    /// A graph of the largest strongly connected part alone, with node ids of its own.
    ///
    /// It fails with [`BuildError::Empty`] when no two nodes can be driven between both ways.
    pub fn largest_strong_component(&self) -> Result<RoadGraph, BuildError> {
        let component_of = self.strong_components();
        let mut sizes: Vec<u32> = Vec::new();
        for component in &component_of {
            let index = super::graph::as_index(*component);
            while sizes.len() <= index {
                sizes.push(0);
            }
            if let Some(size) = sizes.get_mut(index) {
                *size = size.saturating_add(1);
            }
        }
        // The first of the largest, so that the same graph always gives the same part.
        let largest = sizes
            .iter()
            .enumerate()
            .max_by_key(|(index, size)| (**size, std::cmp::Reverse(*index)))
            .map_or(0, |(index, _)| as_u32(index));
        self.only(|node| component_of.get(node.index()) == Some(&largest))
    }

    fn only(&self, keep: impl Fn(NodeId) -> bool) -> Result<RoadGraph, BuildError> {
        let mut builder = RoadGraphBuilder::new();
        let mut new_ids = vec![None; self.nodes.len()];
        for (node, new_id) in self.node_ids().zip(new_ids.iter_mut()) {
            if let Some(at) = self.position(node).filter(|_| keep(node)) {
                *new_id = Some(builder.add_node(at)?);
            }
        }
        for edge in &self.edges {
            let ends = (new_ids.get(edge.from.index()), new_ids.get(edge.to.index()));
            if let (Some(Some(from)), Some(Some(to))) = ends {
                builder.add_edge(&NewEdge {
                    from: *from,
                    to: *to,
                    speed_kmh: edge.speed_kmh,
                    class: edge.class,
                    length_mm: Some(u64::from(edge.length_mm)),
                    shape: self.shape(edge).to_vec(),
                })?;
            }
        }
        builder.build()
    }

    /// Number of the strongly connected component of each node.
    fn strong_components(&self) -> Vec<u32> {
        let mut tarjan = Tarjan::new(self.nodes.len());
        for root in self.node_ids() {
            tarjan.visit_from(self, root);
        }
        tarjan.component
    }
}

/// The bookkeeping of Tarjan's algorithm, by node index.
struct Tarjan {
    order: Vec<u32>,
    low: Vec<u32>,
    component: Vec<u32>,
    path: Vec<NodeId>,
    next_order: u32,
    next_component: u32,
}

impl Tarjan {
    fn new(nodes: usize) -> Self {
        Self {
            order: vec![NOT_SEEN; nodes],
            low: vec![NOT_SEEN; nodes],
            component: vec![NOT_SEEN; nodes],
            path: Vec::new(),
            next_order: 0,
            next_component: 0,
        }
    }

    fn visit_from(&mut self, graph: &RoadGraph, root: NodeId) {
        if read(&self.order, root) != NOT_SEEN {
            return;
        }
        // A node and how many of its edges have been looked at.
        let mut stack: Vec<(NodeId, usize)> = vec![(root, 0)];
        self.enter(root);
        while let Some((node, looked_at)) = stack.pop() {
            let Some((_, edge)) = graph.edges_from(node).nth(looked_at) else {
                self.leave(node);
                if let Some((parent, _)) = stack.last() {
                    self.lower(*parent, read(&self.low, node));
                }
                continue;
            };
            stack.push((node, looked_at.saturating_add(1)));
            if read(&self.order, edge.to) == NOT_SEEN {
                self.enter(edge.to);
                stack.push((edge.to, 0));
            } else if read(&self.component, edge.to) == NOT_SEEN {
                self.lower(node, read(&self.order, edge.to));
            }
        }
    }

    fn enter(&mut self, node: NodeId) {
        write(&mut self.order, node, self.next_order);
        write(&mut self.low, node, self.next_order);
        self.next_order = self.next_order.saturating_add(1);
        self.path.push(node);
    }

    /// Closes a component when the node is the first one of it that was entered.
    fn leave(&mut self, node: NodeId) {
        if read(&self.low, node) != read(&self.order, node) {
            return;
        }
        while let Some(member) = self.path.pop() {
            write(&mut self.component, member, self.next_component);
            if member == node {
                break;
            }
        }
        self.next_component = self.next_component.saturating_add(1);
    }

    fn lower(&mut self, node: NodeId, to: u32) {
        if to < read(&self.low, node) {
            write(&mut self.low, node, to);
        }
    }
}

fn read(values: &[u32], node: NodeId) -> u32 {
    values.get(node.index()).copied().unwrap_or(NOT_SEEN)
}

fn write(values: &mut [u32], node: NodeId, value: u32) {
    if let Some(slot) = values.get_mut(node.index()) {
        *slot = value;
    }
}
