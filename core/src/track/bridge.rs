//! How a gap in a track is bridged.

use std::sync::Arc;

use crate::geo::LatLng;
#[cfg(feature = "routing")]
use crate::roads::RoadNetwork;

/// A position farther than this from every road is not on the roads.
#[cfg(feature = "routing")]
const OFF_ROAD_M_MAX: f64 = 500.0;

/// Knows how long the way by road is between two places.
pub trait Roads {
    /// Length of the way in millimetres, or `None` if these roads do not know one.
    fn length_mm(&self, from: LatLng, to: LatLng) -> Option<u64>;
}

/// No roads: every gap is bridged in a straight line.
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

    fn way_mm(roads: impl Roads, from: LatLng, to: LatLng) -> Option<u64> {
        roads.length_mm(from, to)
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
