//! The contraction of the turns of a network, by the library `fast_paths`.
//!
//! Of what the library finds only the order of the nodes and the shortcuts are kept: the core
//! computes all weights again when a pack opens.

use fast_paths::{FastGraph32, InputGraph, Params};
use wayfare_core::roads::{Contraction, ContractionInput};

/// Marks an edge that replaces no others.
const NO_EDGE: u32 = u32::MAX;

/// Weight of the depth of a node's hierarchy, against the edges that contracting it adds.
const HIERARCHY_DEPTH_FACTOR: f32 = 0.1;
/// Nodes that a search for a witness settles: when first ranking, when ranking again, and when
/// contracting. Turns make more nodes than junctions do, so the last is smaller than the library's
/// own.
const SETTLED_MAX: [usize; 3] = [500, 100, 500];

/// Contracts the turns of a network. The library does all of it in one call, so `progress` hears of
/// the beginning and the end only.
pub fn contract(input: &ContractionInput, progress: &mut dyn FnMut(f64)) -> Contraction {
    progress(0.0);
    let [initial, periodic, contraction] = SETTLED_MAX;
    let params = Params::new(HIERARCHY_DEPTH_FACTOR, initial, periodic, contraction);
    let graph = FastGraph32::new(&fast_paths::prepare_with_params(&graph_of(input), &params));
    // The library does not know of nodes behind the last one that has an edge.
    let known = u32::try_from(graph.ranks.len()).unwrap_or(u32::MAX);
    let ranks = (graph.ranks.iter().copied())
        .chain(known..input.node_count)
        .collect();
    let upward = (graph.edges_fwd.iter())
        .filter(|edge| edge.replaced_in_edge != NO_EDGE)
        .map(|edge| (edge.base_node, edge.adj_node));
    let downward = (graph.edges_bwd.iter())
        .filter(|edge| edge.replaced_in_edge != NO_EDGE)
        .map(|edge| (edge.adj_node, edge.base_node));
    let shortcuts = upward.chain(downward).collect();
    progress(1.0);
    Contraction { ranks, shortcuts }
}

fn graph_of(input: &ContractionInput) -> InputGraph {
    let mut graph = InputGraph::new();
    let index = |node: u32| usize::try_from(node).unwrap_or(usize::MAX);
    for (from, to, weight) in &input.edges {
        graph.add_edge(index(*from), index(*to), index(*weight));
    }
    graph.freeze();
    graph
}
