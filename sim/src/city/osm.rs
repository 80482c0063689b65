//! A city of real roads, read from an OpenStreetMap extract (`.osm.pbf`).
//!
//! The file is read twice: ways first, to know which nodes matter, then those nodes. Kept are the
//! roads that a car may drive on, cut to the largest part in which every place can be reached from
//! every other. Zones come from the map as well: people go where the streets are densest, and to
//! the airport if there is one.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use osmpbf::{Element, ElementReader, Way};
use wayfare_core::geo::LatLng;
use wayfare_core::routing::{BuildError, NewEdge, NodeId, RoadGraph, RoadGraphBuilder};

use super::{City, CityError, Plane, Water, Zone};
use road::{Direction, Road};

mod road;
#[cfg(test)]
mod tests;

/// Side of the squares in which streets are counted to find the centre.
const SQUARE_M: f64 = 500.0;
/// An airport farther than this from any road is not of this map.
const AIRPORT_M_MAX: f64 = 1500.0;
/// More lines of water than this make no better picture.
const WATER_LINES_MAX: usize = 2000;

/// The city of a map file.
pub fn read(path: &Path) -> Result<City, CityError> {
    check_file(path)?;
    let ways = read_ways(path)?;
    if ways.roads.is_empty() {
        return Err(CityError::NoRoads {
            path: path.to_owned(),
        });
    }
    let positions = read_positions(path, ways.needed_nodes())?;
    let name = city_name(path);
    let graph = build_graph(&ways.roads, &positions)
        .and_then(|graph| graph.largest_strong_component())
        .map_err(|source| match source {
            BuildError::Empty => CityError::NoRoads {
                path: path.to_owned(),
            },
            source => CityError::Graph {
                name: name.clone(),
                source,
            },
        })?;
    let zones = zones(&graph, airport(&ways.airport_nodes, &positions));
    let line = |refs: &Vec<i64>| Water {
        line: refs
            .iter()
            .filter_map(|id| positions.get(id).copied())
            .collect(),
    };
    Ok(City {
        name,
        graph,
        zones,
        water: ways.rivers.iter().map(line).collect(),
    })
}

/// A road and the nodes it runs through.
#[derive(Debug, Clone)]
struct RoadWay {
    road: Road,
    nodes: Vec<i64>,
}

/// What the ways of the map say.
#[derive(Debug, Default)]
struct Ways {
    roads: Vec<RoadWay>,
    rivers: Vec<Vec<i64>>,
    airport_nodes: Vec<i64>,
}

impl Ways {
    fn add(&mut self, way: &Way<'_>) {
        let tags: Vec<(&str, &str)> = way.tags().collect();
        if let Some(road) = Road::of(&tags) {
            self.roads.push(RoadWay {
                road,
                nodes: way.refs().collect(),
            });
            return;
        }
        for (key, value) in tags {
            match (key, value) {
                ("waterway", "river") if self.rivers.len() < WATER_LINES_MAX => {
                    self.rivers.push(way.refs().collect());
                }
                ("aeroway", "terminal") => self.airport_nodes.extend(way.refs()),
                _ => {}
            }
        }
    }

    fn needed_nodes(&self) -> HashMap<i64, LatLng> {
        let roads = self.roads.iter().flat_map(|way| &way.nodes);
        let other = self.rivers.iter().flatten().chain(&self.airport_nodes);
        // Filled by the second reading; the south pole stands for a node that is not in the file.
        roads.chain(other).map(|id| (*id, NOT_READ)).collect()
    }
}

const NOT_READ: LatLng = match LatLng::from_e7(-900_000_000, 0) {
    Ok(pole) => pole,
    Err(_) => panic!("the pole is on earth"),
};

fn check_file(path: &Path) -> Result<(), CityError> {
    let open = |source| CityError::Open {
        path: path.to_owned(),
        source,
    };
    let metadata = std::fs::metadata(path).map_err(open)?;
    if metadata.is_dir() {
        return Err(open(std::io::ErrorKind::IsADirectory.into()));
    }
    if metadata.len() == 0 {
        return Err(CityError::Empty {
            path: path.to_owned(),
        });
    }
    std::fs::File::open(path).map(|_| ()).map_err(open)
}

fn for_each_element(path: &Path, each: impl for<'a> FnMut(Element<'a>)) -> Result<(), CityError> {
    ElementReader::from_path(path)
        .and_then(|reader| reader.for_each(each))
        .map_err(|source| CityError::Read {
            path: path.to_owned(),
            source,
        })
}

fn read_ways(path: &Path) -> Result<Ways, CityError> {
    let mut ways = Ways::default();
    for_each_element(path, |element| {
        if let Element::Way(way) = element {
            ways.add(&way);
        }
    })?;
    Ok(ways)
}

/// Positions of the nodes that are asked for and in the file.
fn read_positions(
    path: &Path,
    mut needed: HashMap<i64, LatLng>,
) -> Result<HashMap<i64, LatLng>, CityError> {
    let mut place = |id: i64, lat_e7: i32, lng_e7: i32| {
        // A position off the globe is the map's mistake; the node counts as missing.
        if let (Some(slot), Ok(at)) = (needed.get_mut(&id), LatLng::from_e7(lat_e7, lng_e7)) {
            *slot = at;
        }
    };
    for_each_element(path, |element| match element {
        Element::DenseNode(node) => place(node.id(), node.decimicro_lat(), node.decimicro_lon()),
        Element::Node(node) => place(node.id(), node.decimicro_lat(), node.decimicro_lon()),
        Element::Way(_) | Element::Relation(_) => {}
    })?;
    needed.retain(|_, at| *at != NOT_READ);
    Ok(needed)
}

fn build_graph(
    roads: &[RoadWay],
    positions: &HashMap<i64, LatLng>,
) -> Result<RoadGraph, BuildError> {
    let mut builder = RoadGraphBuilder::new();
    let mut nodes: HashMap<i64, NodeId> = HashMap::new();
    for RoadWay { road, nodes: refs } in roads {
        let mut last: Option<NodeId> = None;
        for id in refs {
            // An extract is cut at its border: the road ends where its nodes do.
            let Some(at) = positions.get(id) else {
                last = None;
                continue;
            };
            let node = match nodes.get(id) {
                Some(node) => *node,
                None => {
                    let node = builder.add_node(*at)?;
                    nodes.insert(*id, node);
                    node
                }
            };
            if let Some(last) = last.filter(|last| *last != node) {
                add_stretch(&mut builder, road, last, node)?;
            }
            last = Some(node);
        }
    }
    builder.build()
}

fn add_stretch(
    builder: &mut RoadGraphBuilder,
    road: &Road,
    from: NodeId,
    to: NodeId,
) -> Result<(), BuildError> {
    let edge = NewEdge {
        from,
        to,
        speed_kmh: road.speed_kmh,
        class: road.class,
        length_mm: None,
        shape: Vec::new(),
    };
    match road.direction {
        Direction::Both => builder.add_road(&edge),
        Direction::Forward => builder.add_edge(&edge),
        Direction::Backward => builder.add_edge(&edge.reversed()),
    }
}

/// `porto/metro.osm.pbf` is the city "metro".
fn city_name(path: &Path) -> String {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    name.split('.')
        .next()
        .filter(|stem| !stem.is_empty())
        .unwrap_or("map")
        .to_owned()
}

/// The middle of the terminals.
fn airport(nodes: &[i64], positions: &HashMap<i64, LatLng>) -> Option<LatLng> {
    let places: Vec<LatLng> = nodes
        .iter()
        .filter_map(|id| positions.get(id).copied())
        .collect();
    let first = *places.first()?;
    let count = places.len() as f64;
    let plane = Plane::around(first);
    let (east_m, north_m) = places
        .iter()
        .map(|place| plane.metres(*place))
        .fold((0.0, 0.0), |(east_m, north_m), place| {
            (east_m + place.0 / count, north_m + place.1 / count)
        });
    Some(plane.at(east_m, north_m))
}

fn zones(graph: &RoadGraph, airport: Option<LatLng>) -> Vec<Zone> {
    let centre = densest_place(graph);
    let zone = |name: &str, centre, spread_m, pickup_weight, dropoff_weight| Zone {
        name: name.to_owned(),
        centre,
        spread_m,
        pickup_weight,
        dropoff_weight,
    };
    let mut zones = vec![
        zone("Centre", centre, 900.0, 50.0, 48.0),
        zone("Inner city", centre, 2500.0, 40.0, 42.0),
    ];
    let reachable = |at: &LatLng| graph.find_node_within(*at, AIRPORT_M_MAX).is_some();
    if let Some(airport) = airport.filter(reachable) {
        zones.push(zone("Airport", airport, 150.0, 10.0, 10.0));
    }
    zones
}

/// The middle of the square kilometre and a half with the most road nodes.
fn densest_place(graph: &RoadGraph) -> LatLng {
    let plane = Plane::around(graph.bounds().south_west);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "squares of half a kilometre fit 32 bits"
    )]
    let square_of = |at: LatLng| {
        let (east_m, north_m) = plane.metres(at);
        (
            (east_m / SQUARE_M).floor() as i32,
            (north_m / SQUARE_M).floor() as i32,
        )
    };
    let mut counts: BTreeMap<(i32, i32), u32> = BTreeMap::new();
    for node in graph.nodes() {
        *counts.entry(square_of(*node)).or_default() += 1;
    }
    let around = |(east, north): (i32, i32)| -> u32 {
        (east - 1..=east + 1)
            .flat_map(|east| (north - 1..=north + 1).map(move |north| (east, north)))
            .filter_map(|square| counts.get(&square))
            .sum()
    };
    let densest = counts
        .keys()
        .copied()
        .max_by_key(|square| around(*square))
        .unwrap_or((0, 0));
    let middle_m = |index: i32| (f64::from(index) + 0.5) * SQUARE_M;
    plane.at(middle_m(densest.0), middle_m(densest.1))
}
