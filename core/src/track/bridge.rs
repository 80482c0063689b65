//! How a gap in a track is bridged.

use std::sync::Arc;

use crate::geo::LatLng;
#[cfg(feature = "routing")]
use crate::roads::RoadNetwork;
#[cfg(feature = "routing")]
use crate::routing::RoadGraph;

/// A position farther than this from every road, or from every node of a road graph, is not on its
/// roads.
#[cfg(feature = "routing")]
const OFF_ROAD_M_MAX: f64 = 500.0;

/// Knows how long the way by road is between two places.
pub trait Roads {
    /// Length of the way in millimetres, or `None` if these roads do not know one.
    fn length_mm(&self, from: LatLng, to: LatLng) -> Option<u64>;
}

/// No road graph: every gap is bridged in a straight line.
#[derive(Debug, Clone, Copy, Default)]
pub struct StraightLine;

impl Roads for StraightLine {
    fn length_mm(&self, _from: LatLng, _to: LatLng) -> Option<u64> {
        None
    }
}

impl<R: Roads + ?Sized> Roads for &R {
    fn length_mm(&self, from: LatLng, to: LatLng) -> Option<u64> {
        (**self).length_mm(from, to)
    }
}

impl<R: Roads + ?Sized> Roads for Arc<R> {
    fn length_mm(&self, from: LatLng, to: LatLng) -> Option<u64> {
        (**self).length_mm(from, to)
    }
}

/// The fastest way between the nodes nearest to the two places, with the straight legs to and from
/// them.
///
/// `None` if no road connects them, if a place is more than 500 m from the nearest node, or if both
/// are nearest to the same node: then the graph knows nothing finer than the straight line.
#[cfg(feature = "routing")]
impl Roads for RoadGraph {
    fn length_mm(&self, from: LatLng, to: LatLng) -> Option<u64> {
        let start = self.find_node_within(from, OFF_ROAD_M_MAX)?.node;
        let end = self.find_node_within(to, OFF_ROAD_M_MAX)?.node;
        if start == end {
            return None;
        }
        let route = self.route(start, end).ok()?;
        let legs_mm = from
            .distance_mm(self.position(start)?)
            .saturating_add(self.position(end)?.distance_mm(to));
        Some(route.distance_mm.saturating_add(legs_mm))
    }
}

/// The fastest way between the nearest places on roads, with the straight legs to and from them.
///
/// `None` if no road connects them, if a place is more than 500 m from the nearest road, or if both
/// are nearest to the same place: then the roads know nothing finer than the straight line.
#[cfg(feature = "routing")]
impl Roads for RoadNetwork {
    fn length_mm(&self, from: LatLng, to: LatLng) -> Option<u64> {
        self.bridge_mm([from, to], OFF_ROAD_M_MAX)
    }
}

#[cfg(test)]
#[cfg(feature = "routing")]
mod tests {
    use super::*;
    use crate::roads::town::{Town, road};
    use crate::routing::{NewEdge, RoadClass, RoadGraphBuilder};

    fn at(lat: f64, lng: f64) -> LatLng {
        LatLng::from_degrees(lat, lng).unwrap()
    }

    const BEND: (f64, f64) = (41.01, -8.59);

    /// One way from west to east with a bend in the north.
    fn graph() -> RoadGraph {
        let mut builder = RoadGraphBuilder::new();
        let west = builder.add_node(at(41.0, -8.60)).unwrap();
        let east = builder.add_node(at(41.0, -8.58)).unwrap();
        let edge = NewEdge {
            from: west,
            to: east,
            speed_kmh: 50,
            class: RoadClass::Primary,
            length_mm: None,
            shape: vec![at(BEND.0, BEND.1)],
        };
        builder.add_edge(&edge).unwrap();
        builder.build().unwrap()
    }

    fn way_mm(roads: impl Roads, from: LatLng, to: LatLng) -> Option<u64> {
        roads.length_mm(from, to)
    }

    #[test]
    fn the_way_is_the_road_and_the_legs_to_it() {
        let bend = at(BEND.0, BEND.1);
        let by_road_mm = at(41.0, -8.60).distance_mm(bend) + bend.distance_mm(at(41.0, -8.58));
        let (from, to) = (at(40.999, -8.60), at(41.0, -8.579));
        let legs_mm = from.distance_mm(at(41.0, -8.60)) + at(41.0, -8.58).distance_mm(to);
        let roads = graph();
        assert_eq!(roads.length_mm(from, to), Some(by_road_mm + legs_mm));
        let shared: Arc<dyn Roads> = Arc::new(roads);
        assert_eq!(way_mm(&shared, from, to), Some(by_road_mm + legs_mm));
    }

    #[test]
    fn where_there_is_no_road_there_is_no_way() {
        let roads = graph();
        let (west, east) = (at(41.0, -8.60), at(41.0, -8.58));
        assert_eq!(roads.length_mm(east, west), None, "against the one-way");
        assert_eq!(roads.length_mm(at(40.995, -8.60), east), None, "556 m off");
        assert_eq!(roads.length_mm(west, at(41.0, -8.57)), None, "839 m off");
        assert_eq!(roads.length_mm(at(40.999, -8.60), west), None, "one node");
    }

    /// One way from west to east with a bend in the north, and a street that it does not reach.
    fn roads() -> RoadNetwork {
        let mut town = Town::new();
        let main = road("Avenida").one_way().bends();
        town.add(main, &[(0, 0), (800, 1_000), (1_600, 0)]);
        town.add(road("Rua"), &[(3_000, 0), (3_000, 100)]);
        town.open()
    }

    #[test]
    fn the_way_is_along_the_road_from_where_it_is_nearest() {
        let (town, roads) = (Town::new(), roads());
        let (from, to) = (town.at(-30, -40), town.at(1_600, -20));
        let by_road_m = 2.0 * 1_280.625;
        let way_m = roads.length_mm(from, to).unwrap() as f64 / 1_000.0;
        assert!((way_m - by_road_m - 70.0).abs() < 1.0, "{way_m}");
        let shared: Arc<dyn Roads> = Arc::new(roads);
        assert!(way_mm(&shared, from, to).is_some());
    }

    #[test]
    fn where_no_road_leads_there_is_no_way() {
        let (town, roads) = (Town::new(), roads());
        let (west, east) = (town.at(0, 0), town.at(1_600, 0));
        assert_eq!(roads.length_mm(east, west), None, "against the one-way");
        assert_eq!(
            roads.length_mm(west, town.at(3_000, 50)),
            None,
            "not joined"
        );
        assert!(roads.length_mm(town.at(0, -490), east).is_some());
        assert_eq!(roads.length_mm(town.at(0, -510), east), None, "510 m off");
        assert_eq!(
            roads.length_mm(west, town.at(1_600, -510)),
            None,
            "510 m off"
        );
        assert_eq!(roads.length_mm(town.at(0, -20), west), None, "one place");
    }
}
