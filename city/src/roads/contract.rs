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
/// contracting. On the 147,605 arcs of Porto this adds 494,000 edges in 4.4 s; the library's own
/// settings (500, 100, 500) take twice as long, add 3 % fewer, and find routes no faster.
const SETTLED_MAX: [usize; 3] = [100, 20, 100];

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

#[cfg(test)]
mod tests {
    use wayfare_core::city::PackBytes;
    use wayfare_core::geo::LatLng;
    use wayfare_core::roads::{
        ArcId, Cost, RoadClass, RoadData, RoadNetwork, Search, Seed, Segment, SegmentFlags, encode,
    };

    use super::*;

    /// Crossings in rows and columns, joined by two-way and one-way streets of different speeds.
    fn grid(side: u32) -> RoadData {
        let mut data = RoadData {
            names: vec![String::new()],
            ..RoadData::default()
        };
        for row in 0..side {
            for column in 0..side {
                let lat = 41.0 + f64::from(row) * 1e-3;
                let lng = -8.0 + f64::from(column) * 1.3e-3;
                data.junctions.push(LatLng::from_degrees(lat, lng).unwrap());
                let here = row * side + column;
                let mut street = |line: u32, end: u32| {
                    data.segments.push(Segment {
                        start: here,
                        end,
                        bends: Vec::new(),
                        class: RoadClass::Residential,
                        forward_dkmh: if line % 4 == 1 { 0 } else { 300 },
                        backward_dkmh: if line % 4 == 2 { 0 } else { 470 },
                        name: 0,
                        flags: SegmentFlags::default(),
                    });
                };
                if column + 1 < side {
                    street(row, here + 1);
                }
                if row + 1 < side {
                    street(column, here + side);
                }
            }
        }
        data
    }

    fn network(data: &RoadData) -> RoadNetwork {
        let mut told = Vec::new();
        let contraction = contract(&ContractionInput::of(data).unwrap(), &mut |share| {
            told.push(share);
        });
        assert_eq!(told, [0.0, 1.0]);
        RoadNetwork::open(PackBytes::new(encode(data, &contraction).unwrap())).unwrap()
    }

    /// Least time from the start of an arc to that of each, by looking at all turns again and again.
    fn plain_ms(network: &RoadNetwork, from: ArcId) -> Vec<Option<u32>> {
        let mut best: Vec<Option<u32>> = vec![None; network.arc_count() as usize];
        best[from.0 as usize] = Some(0);
        let mut changed = true;
        while changed {
            changed = false;
            for arc in (0..network.arc_count()).map(ArcId) {
                let Some(here_ms) = best[arc.0 as usize] else {
                    continue;
                };
                let drive_ms = network.arc(arc).unwrap().duration_ms;
                for (into, turn_ms) in network.turns(arc) {
                    let total_ms = here_ms + drive_ms + turn_ms;
                    let known = &mut best[into.0 as usize];
                    if known.is_none_or(|known| total_ms < known) {
                        *known = Some(total_ms);
                        changed = true;
                    }
                }
            }
        }
        best
    }

    #[test]
    fn contracted_roads_give_the_cheapest_ways() {
        let network = network(&grid(12).in_packing_order());
        let mut search = Search::default();
        let seed = |arc: ArcId| {
            [Seed {
                arc,
                offset: Cost::default(),
            }]
        };
        for from in [0, 17, 200].map(ArcId) {
            let plain = plain_ms(&network, from);
            for to in (0..network.arc_count()).map(ArcId) {
                let path = network.shortest(&mut search, &seed(from), &seed(to));
                let found_ms = path.map(|path| path.cost.duration_ms);
                let plain_ms = plain[to.0 as usize].map(i64::from);
                assert_eq!(found_ms, plain_ms, "{from:?} {to:?}");
            }
        }
    }

    #[test]
    fn roads_without_any_turn_are_contracted() {
        // Two one-way streets that do not meet.
        let mut data = grid(2);
        data.segments
            .retain(|street| street.start + 2 == street.end);
        for street in &mut data.segments {
            (street.forward_dkmh, street.backward_dkmh) = (300, 0);
        }
        let network = network(&data);
        assert_eq!(network.arc_count(), 2);
        assert!(network.turns(ArcId(0)).is_empty());
    }
}
