//! How long cars take to pickups.

use std::sync::Arc;

use wayfare_core::geo::LatLng;
use wayfare_core::roads::{ReachRequest, ReachTo, RoadNetwork};

/// Cars and pickups farther than this from the nearest road, in metres, are not on it.
const ROAD_WITHIN_M: f64 = 2_000.0;

/// A way from a car to a pickup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// Milliseconds.
    pub duration_ms: u64,
    /// Metres.
    pub length_m: u32,
}

/// A pickup, and which cars the way to it is wanted from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The pickup.
    pub pickup: LatLng,
    /// Positions in the list of cars.
    pub cars: Vec<u32>,
}

/// Knows how long cars take to pickups.
pub trait Travel: std::fmt::Debug + Send + Sync {
    /// For each pickup the way from each of its cars, in the order in which they were wanted; `None`
    /// where no road leads.
    fn reach(&self, cars: &[LatLng], wanted: &[Wanted]) -> Vec<Vec<Option<Reach>>>;
}

/// By the roads of a city pack, from the road nearest to each place. Places without a road nearby are
/// reached by none.
#[derive(Debug, Clone)]
pub struct RoadTravel {
    /// The roads.
    pub roads: Arc<RoadNetwork>,
    /// Durations against free traffic in basis points, as in
    /// [`RouteRequest`](wayfare_core::roads::RouteRequest).
    pub slowness_bps: u32,
}

impl Travel for RoadTravel {
    fn reach(&self, cars: &[LatLng], wanted: &[Wanted]) -> Vec<Vec<Option<Reach>>> {
        let ends: Vec<ReachTo<'_>> = wanted
            .iter()
            .map(|wanted| ReachTo {
                to: wanted.pickup,
                from: &wanted.cars,
            })
            .collect();
        let request = ReachRequest {
            from: cars,
            to: &ends,
            slowness_bps: self.slowness_bps,
            road_within_m: ROAD_WITHIN_M,
        };
        let roads = &self.roads;
        let ways = roads.with_search(|search| roads.reach(search, &request));
        let reach = |way: Option<(u64, u64)>| {
            let (duration_ms, length_mm) = way?;
            let length_m = u32::try_from(length_mm / 1000).unwrap_or(u32::MAX);
            Some(Reach {
                duration_ms,
                length_m,
            })
        };
        let to_pickup = |ways: Vec<_>| ways.into_iter().map(reach).collect();
        ways.into_iter().map(to_pickup).collect()
    }
}

/// In straight lines, where there are no roads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StraightTravel {
    /// Road length taken for a straight line, in basis points.
    pub detour_bps: u32,
    /// Kilometres per hour.
    pub speed_kmh: u32,
}

impl Travel for StraightTravel {
    fn reach(&self, cars: &[LatLng], wanted: &[Wanted]) -> Vec<Vec<Option<Reach>>> {
        let reach = |car: LatLng, pickup: LatLng| {
            let length_mm = car
                .distance_mm(pickup)
                .saturating_mul(self.detour_bps.into())
                / 10_000;
            // Millimetres by kilometres per hour: 3.6 milliseconds each.
            let duration_ms =
                length_mm.saturating_mul(36) / (u64::from(self.speed_kmh.max(1)) * 10);
            let length_m = u32::try_from(length_mm / 1000).unwrap_or(u32::MAX);
            Reach {
                duration_ms,
                length_m,
            }
        };
        let of_pickup = |wanted: &Wanted| {
            let position = |car: &u32| cars.get(usize::try_from(*car).ok()?).copied();
            let cars = wanted.cars.iter();
            cars.map(|car| Some(reach(position(car)?, wanted.pickup)))
                .collect()
        };
        wanted.iter().map(of_pickup).collect()
    }
}
