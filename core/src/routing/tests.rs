//! Behaviour of the road graph. Random graphs come from a seed that a failure prints.

use super::*;
use crate::geo::LatLng;

fn at(lat: f64, lng: f64) -> LatLng {
    LatLng::from_degrees(lat, lng).unwrap()
}

fn edge(from: NodeId, to: NodeId, speed_kmh: u16) -> NewEdge {
    NewEdge {
        from,
        to,
        speed_kmh,
        class: RoadClass::Residential,
        length_mm: None,
        shape: vec![],
    }
}

/// SplitMix64: enough for shuffling, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn random_graph(random: &mut Random, nodes: usize, edges: usize) -> RoadGraph {
    let mut builder = RoadGraphBuilder::new();
    let ids: Vec<NodeId> = (0..nodes)
        .map(|_| {
            let (north, east) = (random.unit(), random.unit());
            builder
                .add_node(at(41.0 + 0.1 * north, -8.7 + 0.1 * east))
                .unwrap()
        })
        .collect();
    for _ in 0..edges {
        let (from, to) = (ids[random.below(nodes)], ids[random.below(nodes)]);
        if from == to {
            continue;
        }
        let mut new = edge(from, to, u16::try_from(10 + random.below(120)).unwrap());
        if random.below(4) == 0 {
            new.shape = vec![at(41.05 + 0.1 * random.unit(), -8.65)];
        }
        builder.add_edge(&new).unwrap();
    }
    builder.build().unwrap()
}

/// A square whose northern way is longer and faster than the southern one.
fn square() -> (RoadGraph, [NodeId; 4]) {
    let mut builder = RoadGraphBuilder::new();
    let west = builder.add_node(at(41.0, -8.60)).unwrap();
    let east = builder.add_node(at(41.0, -8.58)).unwrap();
    let north = builder.add_node(at(41.01, -8.59)).unwrap();
    let island = builder.add_node(at(41.02, -8.50)).unwrap();
    builder.add_road(&edge(west, east, 20)).unwrap();
    builder.add_road(&edge(west, north, 100)).unwrap();
    builder.add_edge(&edge(north, east, 100)).unwrap();
    builder.add_edge(&edge(east, island, 50)).unwrap();
    (builder.build().unwrap(), [west, east, north, island])
}

#[test]
fn the_fastest_way_wins_over_the_shortest() {
    let (graph, [west, east, north, _]) = square();
    let route = graph.route(west, east).unwrap();
    assert_eq!(route.nodes, [west, north, east]);
    assert_eq!(
        route.geometry,
        [at(41.0, -8.60), at(41.01, -8.59), at(41.0, -8.58)]
    );
    // 2 × 1,393 m at 100 km/h.
    assert_eq!((route.distance_m, route.duration_s), (2786, 101));
}

#[test]
fn a_one_way_is_not_driven_backwards() {
    let (graph, [_, east, north, _]) = square();
    let back = graph.route(east, north).unwrap();
    assert_eq!(back.nodes.len(), 3, "the way back goes round by the west");
}

#[test]
fn a_node_that_no_road_leaves_has_no_route() {
    let (graph, [west, _, _, island]) = square();
    assert!(graph.route(west, island).is_ok());
    assert_eq!(
        graph.route(island, west),
        Err(NoRoute::NotConnected {
            from: island.index(),
            to: west.index()
        })
    );
}

#[test]
fn a_node_of_another_graph_is_refused() {
    let (graph, [west, ..]) = square();
    assert_eq!(graph.route(NodeId(99), west), Err(NoRoute::UnknownNode(99)));
    assert_eq!(graph.route(west, NodeId(4)), Err(NoRoute::UnknownNode(4)));
    assert_eq!(graph.edges_from(NodeId(99)).count(), 0);
}

#[test]
fn the_way_to_the_same_place_takes_no_time() {
    let (graph, [west, ..]) = square();
    let route = graph.route(west, west).unwrap();
    assert_eq!(
        (route.nodes, route.duration_ms, route.distance_m),
        (vec![west], 0, 0)
    );
}

#[test]
fn bends_count_for_length_and_are_drawn() {
    let mut builder = RoadGraphBuilder::new();
    let south = builder.add_node(at(41.0, -8.6)).unwrap();
    let north = builder.add_node(at(41.01, -8.6)).unwrap();
    let bend = at(41.005, -8.59);
    builder
        .add_road(&NewEdge {
            shape: vec![bend],
            ..edge(south, north, 36)
        })
        .unwrap();
    let graph = builder.build().unwrap();
    let route = graph.route(north, south).unwrap();
    assert_eq!(route.geometry, [at(41.01, -8.6), bend, at(41.0, -8.6)]);
    let length_m = at(41.0, -8.6).distance_m(bend) + bend.distance_m(at(41.01, -8.6));
    assert!((graph.edges()[0].length_m() - length_m).abs() < 0.01);
    // 36 km/h is 10 m/s.
    assert!(
        (route.duration_s as f64 - (length_m / 10.0).ceil()).abs() < 0.1,
        "{route:?}"
    );
}

#[test]
fn what_cannot_be_a_road_is_refused() {
    let mut builder = RoadGraphBuilder::new();
    let a = builder.add_node(at(41.0, -8.6)).unwrap();
    let b = builder.add_node(at(41.01, -8.6)).unwrap();
    assert_eq!(builder.add_edge(&edge(a, b, 0)), Err(BuildError::Speed(0)));
    assert_eq!(
        builder.add_edge(&edge(a, b, 201)),
        Err(BuildError::Speed(201))
    );
    assert_eq!(builder.add_edge(&edge(a, a, 30)), Err(BuildError::Loop(0)));
    assert_eq!(
        builder.add_edge(&edge(a, NodeId(7), 30)),
        Err(BuildError::UnknownNode(7))
    );
    let short = NewEdge {
        length_mm: Some(500_000),
        ..edge(a, b, 30)
    };
    assert_eq!(
        builder.add_edge(&short),
        Err(BuildError::TooShort {
            given_mm: 500_000,
            straight_mm: 1_111_951 + 1
        })
    );
    let long = NewEdge {
        length_mm: Some(u64::MAX),
        ..edge(a, b, 30)
    };
    assert!(matches!(
        builder.add_edge(&long),
        Err(BuildError::TooLong(_))
    ));
    assert!(matches!(builder.build(), Err(BuildError::Empty)));
}

#[test]
fn a_graph_over_the_date_line_is_refused() {
    let mut builder = RoadGraphBuilder::new();
    let a = builder.add_node(at(0.0, 179.9)).unwrap();
    let b = builder.add_node(at(0.0, -179.9)).unwrap();
    builder.add_road(&edge(a, b, 30)).unwrap();
    assert!(matches!(builder.build(), Err(BuildError::TooWide)));
}

#[test]
fn the_bounded_search_finds_what_the_plain_one_finds() {
    for seed in 0..60 {
        let mut random = Random(seed);
        let nodes = 2 + random.below(150);
        let graph = random_graph(&mut random, nodes, nodes * 3);
        for _ in 0..20 {
            let from = graph.find_node(random.below(nodes)).unwrap();
            let to = graph.find_node(random.below(nodes)).unwrap();
            let (fast, plain) = (graph.route(from, to), graph.route_by_dijkstra(from, to));
            match (fast, plain) {
                (Ok(fast), Ok(plain)) => {
                    assert_eq!(fast.duration_ms, plain.duration_ms, "seed {seed}");
                    assert_is_drivable(&graph, &fast);
                }
                (fast, plain) => assert_eq!(fast, plain, "seed {seed}"),
            }
        }
    }
}

fn assert_is_drivable(graph: &RoadGraph, route: &Route) {
    let mut duration_ms = 0;
    for (pair, id) in route.nodes.windows(2).zip(&route.edges) {
        let edge = graph.edge(*id).unwrap();
        assert_eq!([edge.from, edge.to], pair);
        duration_ms += edge.duration_ms();
    }
    assert_eq!(duration_ms, route.duration_ms);
    assert_eq!(route.nodes.len(), route.edges.len() + 1);
}

#[test]
fn the_grid_finds_the_node_that_comparing_all_finds() {
    for seed in 0..40 {
        let mut random = Random(1000 + seed);
        let nodes = 2 + random.below(400);
        let graph = random_graph(&mut random, nodes, nodes * 2);
        for _ in 0..50 {
            // A third of the positions lies outside of the graph.
            let target = at(40.97 + 0.16 * random.unit(), -8.73 + 0.16 * random.unit());
            let found = graph.nearest_node(target);
            let least_m = graph
                .nodes()
                .iter()
                .map(|node| node.distance_m(target))
                .fold(f64::INFINITY, f64::min);
            assert!(
                (found.distance_m - least_m).abs() < 1e-6,
                "seed {seed}: {found:?} {least_m}"
            );
        }
    }
}

#[test]
fn a_node_that_is_too_far_is_not_found() {
    let (graph, [west, ..]) = square();
    let near = at(41.0001, -8.60);
    assert_eq!(graph.find_node_within(near, 20.0).unwrap().node, west);
    assert_eq!(graph.find_node_within(near, 5.0), None);
    assert_eq!(graph.find_node_within(at(-33.0, 151.0), 300.0), None);
}

#[test]
fn every_pair_of_the_strong_component_has_a_route() {
    for seed in 0..20 {
        let mut random = Random(7000 + seed);
        let graph = random_graph(&mut random, 60, 90);
        let Ok(strong) = graph.largest_strong_component() else {
            continue;
        };
        for from in strong.node_ids() {
            for to in strong.node_ids() {
                assert!(
                    strong.route(from, to).is_ok(),
                    "seed {seed}: {from:?} {to:?}"
                );
            }
        }
    }
}

#[test]
fn the_strong_component_leaves_dead_ends_out() {
    let (graph, _) = square();
    let strong = graph.largest_strong_component().unwrap();
    assert_eq!(strong.nodes().len(), 3);
    assert!(!strong.nodes().contains(&at(41.02, -8.50)));
    let mut builder = RoadGraphBuilder::new();
    let a = builder.add_node(at(41.0, -8.6)).unwrap();
    let b = builder.add_node(at(41.01, -8.6)).unwrap();
    builder.add_edge(&edge(a, b, 30)).unwrap();
    let one_way = builder.build().unwrap();
    assert!(matches!(
        one_way.largest_strong_component(),
        Err(BuildError::Empty)
    ));
}
