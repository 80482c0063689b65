//! The town on paper: it is large, in one piece, and says in tags what it is.

mod pack;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::*;
use crate::city::town::ground::Ground;
use sheet::Tags;

const SEEDS: std::ops::Range<u64> = 0..5;

fn tag<'a>(tags: &'a Tags, key: &str) -> Option<&'a str> {
    tags.iter()
        .find(|(k, _)| k == key)
        .map(|(_, value)| value.as_str())
}

fn is_drivable(way: &Way) -> bool {
    let class = tag(&way.tags, "highway");
    class.is_some_and(|class| !matches!(class, "footway" | "pedestrian"))
}

fn streets(town: &Town) -> impl Iterator<Item = &Way> {
    town.sheet.ways.iter().filter(|way| is_drivable(way))
}

/// Where one may drive from each node.
fn arcs(town: &Town) -> HashMap<NodeId, Vec<NodeId>> {
    let mut arcs: HashMap<NodeId, Vec<NodeId>> = HashMap::new();
    for way in streets(town) {
        let one_way = tag(&way.tags, "oneway") == Some("yes")
            || tag(&way.tags, "junction") == Some("roundabout");
        for (from, to) in way.nodes.iter().zip(way.nodes.iter().skip(1)) {
            arcs.entry(*from).or_default().push(*to);
            arcs.entry(*to).or_default();
            if !one_way {
                arcs.entry(*to).or_default().push(*from);
            }
        }
    }
    arcs
}

fn reached(arcs: &HashMap<NodeId, Vec<NodeId>>, from: NodeId) -> HashSet<NodeId> {
    let (mut reached, mut open) = (HashSet::from([from]), vec![from]);
    while let Some(node) = open.pop() {
        for next in arcs.get(&node).into_iter().flatten() {
            if reached.insert(*next) {
                open.push(*next);
            }
        }
    }
    reached
}

#[test]
fn a_seed_draws_the_same_town_twice_and_another_seed_another() {
    let (one, two, other) = (draw(7), draw(7), draw(8));
    assert_eq!(one, two);
    assert_ne!(one.sheet.nodes, other.sheet.nodes);
}

#[test]
fn almost_all_roads_lead_everywhere() {
    for seed in SEEDS {
        let town = draw(seed);
        let arcs = arcs(&town);
        let mut back: HashMap<NodeId, Vec<NodeId>> = HashMap::new();
        for (from, next) in &arcs {
            for to in next {
                back.entry(*to).or_default().push(*from);
            }
        }
        let middle = arcs
            .keys()
            .min_by(|a, b| {
                let off_m = |node: NodeId| town.sheet.at(node).distance_m(Spot::MIDDLE);
                off_m(**a).total_cmp(&off_m(**b))
            })
            .copied()
            .unwrap();
        let (there, here) = (reached(&arcs, middle), reached(&back, middle));
        let both = there.intersection(&here).count();
        let share = both as f64 / arcs.len() as f64;
        assert!(arcs.len() > 5000, "seed {seed}: {}", arcs.len());
        assert!(share > 0.96, "seed {seed}: {share}");
    }
}

#[test]
fn the_classes_of_a_town_are_there() {
    for seed in SEEDS {
        let town = draw(seed);
        let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
        for way in streets(&town) {
            *classes
                .entry(tag(&way.tags, "highway").unwrap())
                .or_default() += 1;
        }
        for class in [
            "motorway",
            "motorway_link",
            "trunk",
            "trunk_link",
            "primary",
            "secondary",
            "tertiary",
            "residential",
            "living_street",
            "service",
        ] {
            assert!(classes.contains_key(class), "seed {seed}: no {class}");
        }
        let count = |key: &str, value: &str| {
            let ways = town.sheet.ways.iter().map(|way| &way.tags);
            let nodes = town.sheet.nodes.iter().map(|node| &node.tags);
            let relations = town.sheet.relations.iter().map(|relation| &relation.tags);
            ways.chain(nodes)
                .chain(relations)
                .filter(|tags| tag(tags, key) == Some(value))
                .count()
        };
        for (key, value, min) in [
            ("junction", "roundabout", 5),
            ("highway", "traffic_signals", 30),
            ("type", "restriction", 5),
            ("bridge", "yes", 10),
            ("tunnel", "yes", 3),
            ("natural", "water", 2),
            ("leisure", "park", 5),
            ("aeroway", "terminal", 1),
            ("building", "train_station", 1),
            ("amenity", "taxi", 5),
            ("amenity", "restaurant", 20),
            ("place", "suburb", 5),
            ("boundary", "administrative", 1),
        ] {
            let found = count(key, value);
            assert!(found >= min, "seed {seed}: {found} of {key}={value}");
        }
    }
}

#[test]
fn every_address_is_on_a_street_and_stands_once() {
    let town = draw(2);
    let streets: BTreeSet<&str> = town
        .sheet
        .ways
        .iter()
        .filter(|way| tag(&way.tags, "highway").is_some())
        .filter_map(|way| tag(&way.tags, "name"))
        .collect();
    let houses = town.sheet.ways.iter().map(|way| &way.tags);
    let plots = town.sheet.nodes.iter().map(|node| &node.tags);
    let shop = |tags: &Tags| tag(tags, "name").is_some();
    let mut known = BTreeSet::new();
    for tags in houses.chain(plots).filter(|tags| !shop(tags)) {
        let (Some(street), Some(number)) =
            (tag(tags, "addr:street"), tag(tags, "addr:housenumber"))
        else {
            continue;
        };
        assert!(streets.contains(street), "{street}");
        assert!(known.insert((street, number)), "{street} {number} twice");
    }
    assert!((3000..9000).contains(&known.len()), "{}", known.len());
    assert!((400..1200).contains(&streets.len()), "{}", streets.len());
}

#[test]
fn only_bridges_cross_the_river() {
    for seed in SEEDS {
        let town = draw(seed);
        let ground = Ground::draw(&mut {
            let mut dice = chance(seed, Stream::Streets);
            dice.random_range(0..NAMES.len());
            dice
        });
        let mut bridges = 0;
        for way in streets(&town) {
            let spots: Vec<Spot> = way.nodes.iter().map(|node| town.sheet.at(*node)).collect();
            let crosses = spots
                .iter()
                .zip(spots.iter().skip(1))
                .any(|(from, to)| ground.bank(*from) != ground.bank(*to));
            if crosses {
                bridges += 1;
                assert_eq!(tag(&way.tags, "bridge"), Some("yes"), "seed {seed}");
            }
        }
        // Three avenues, and the ring twice with two carriageways.
        assert!((5..=7).contains(&bridges), "seed {seed}: {bridges}");
    }
}

#[test]
fn forbidden_turns_name_ways_that_meet() {
    for seed in SEEDS {
        let town = draw(seed);
        for relation in &town.sheet.relations {
            if tag(&relation.tags, "type") != Some("restriction") {
                continue;
            }
            let ends = |part: Part| match part {
                Part::Way(way) => {
                    let way = &town.sheet.ways[usize::try_from(way).unwrap() - 1];
                    vec![way.nodes[0], way.nodes[way.nodes.len() - 1]]
                }
                Part::Node(node) => vec![node],
            };
            let [from, via, to] = relation.members.as_slice() else {
                panic!("{relation:?}")
            };
            let via = ends(via.0)[0];
            assert!(ends(from.0).contains(&via) && ends(to.0).contains(&via));
        }
    }
}

#[test]
fn the_file_is_small_and_can_be_read_back() {
    let town = draw(1);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("town.osm.pbf");
    write(&town.sheet, &path).unwrap();
    assert!(path.metadata().unwrap().len() < 3_000_000);
    let extract = wayfare_city::osm::read(&path, &mut |_| {}).unwrap();
    assert_eq!(extract.way_count(), town.sheet.ways.len());
    let gone = folder.path().join("gone/town.osm.pbf");
    let error = write(&town.sheet, &gone).unwrap_err().to_string();
    assert!(error.contains("gone"), "{error}");
}
