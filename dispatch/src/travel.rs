//! How long cars take to pickups.

use std::sync::Arc;

use wayfare_core::geo::LatLng;
use wayfare_core::roads::RoadNetwork;

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

/// By the roads of a city pack.
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
        let pickups: Vec<LatLng> = wanted.iter().map(|wanted| wanted.pickup).collect();
        let table = self
            .roads
            .with_search(|search| self.roads.table(search, cars, &pickups, self.slowness_bps));
        let cell = |car: u32, column: usize| {
            let row = usize::try_from(car).ok()?;
            let (duration_ms, length_mm) = (*table.cells.get(row * table.columns + column)?)?;
            let length_m = u32::try_from(length_mm / 1000).unwrap_or(u32::MAX);
            Some(Reach {
                duration_ms,
                length_m,
            })
        };
        let of_pickup = |(column, wanted): (usize, &Wanted)| {
            wanted.cars.iter().map(|car| cell(*car, column)).collect()
        };
        wanted.iter().enumerate().map(of_pickup).collect()
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
