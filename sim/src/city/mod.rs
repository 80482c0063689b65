//! A city: its roads and places, as a city pack has them, and where people want to go.

mod demand_zones;
mod plane;
#[cfg(test)]
pub(crate) mod testing;
pub mod town;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rand::RngExt;
use wayfare_core::city::{CityPack, PackError};
use wayfare_core::geo::LatLng;
use wayfare_core::places::PlaceIndex;
use wayfare_core::roads::{
    ArcId, NoRoute, RoadArc, RoadClass, RoadNetwork, Route, RouteRequest, Search, Snapped,
};
use wayfare_core::zones::Zones;

use crate::chance::{Chance, normal, weighted};
pub use plane::Plane;

/// Trips shorter than this are walked.
const TRIP_M_MIN: f64 = 800.0;
const DRAWS_MAX: usize = 20;
/// A car waits on a street where it may stop, if there is one so near; among so many.
const STREET_M: f64 = 350.0;
const STREETS: usize = 12;

/// Why there is no city.
#[derive(Debug, thiserror::Error)]
pub enum CityError {
    /// The folder holds no pack that can be used.
    #[error("the city pack {path} cannot be used: {}", with_causes(source))]
    Pack {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<PackError>,
    },
}

/// A part of the city that people come from and go to.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    /// What people call it.
    pub name: String,
    /// Its middle.
    pub centre: LatLng,
    /// Standard deviation of the places around the middle.
    pub spread_m: f64,
    /// How many trips start here, against the other zones.
    pub pickup_weight: f64,
    /// How many trips end here, against the other zones.
    pub dropoff_weight: f64,
}

/// Which end of a trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Where the rider waits.
    Pickup,
    /// Where the rider goes.
    Dropoff,
}

/// Roads, places and zones.
#[derive(Debug)]
pub struct City {
    /// What it is called.
    pub name: String,
    /// What cars drive on.
    pub roads: Arc<RoadNetwork>,
    /// What people know by name.
    pub places: PlaceIndex,
    /// Where people come from and go to. Never empty.
    pub zones: Vec<Zone>,
    /// Memory of searches that are over, for the next ones.
    searches: Mutex<Vec<Search>>,
}

impl City {
    /// The city of a pack's folder.
    pub fn open(path: &Path) -> Result<Self, CityError> {
        let pack = CityPack::open(path).map_err(|source| CityError::Pack {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        let name = pack.manifest.name;
        Ok(Self::new(name, pack.roads, pack.places, &pack.zones))
    }

    /// A city of roads, places and zones.
    pub fn new(name: String, roads: Arc<RoadNetwork>, places: PlaceIndex, zones: &Zones) -> Self {
        let zones = demand_zones::of(&roads, &places, zones);
        Self {
            name,
            roads,
            places,
            zones,
            searches: Mutex::default(),
        }
    }

    /// The fastest way from one place to another, with its geometry.
    pub fn route(&self, from: LatLng, to: LatLng) -> Result<Route, NoRoute> {
        let request = RouteRequest {
            steps: false,
            ..RouteRequest::through(vec![from, to])
        };
        let searches = || {
            let searches = self.searches.lock();
            searches.unwrap_or_else(PoisonError::into_inner)
        };
        let mut search = searches().pop().unwrap_or_default();
        let route = self.roads.route(&mut search, &request);
        searches().push(search);
        route
    }

    /// A place on a street where a trip may start or end, as often as the weights of the zones say.
    pub fn draw_place(&self, chance: &mut Chance, end: End) -> LatLng {
        let weights = self.zones.iter().map(|zone| match end {
            End::Pickup => zone.pickup_weight,
            End::Dropoff => zone.dropoff_weight,
        });
        let zone = weighted(chance, weights).and_then(|index| self.zones.get(index));
        let Some(zone) = zone else {
            return self.draw_street(chance);
        };
        let plane = Plane::around(zone.centre);
        let (east_m, north_m) = (
            zone.spread_m * normal(chance),
            zone.spread_m * normal(chance),
        );
        let at = plane.at(east_m, north_m);
        self.nearest_street(at).unwrap_or(zone.centre)
    }

    /// Two places that are worth a drive.
    pub fn draw_trip(&self, chance: &mut Chance) -> (LatLng, LatLng) {
        let mut trip = self.draw_ends(chance);
        for _ in 0..DRAWS_MAX {
            if trip.0.distance_m(trip.1) >= TRIP_M_MIN {
                break;
            }
            trip = self.draw_ends(chance);
        }
        trip
    }

    /// Where a car can stop near a place: on a street that leads everywhere and is no ramp or
    /// motorway, else on any road that leads everywhere.
    fn nearest_street(&self, at: LatLng) -> Option<LatLng> {
        let is_street = |snapped: &Snapped| {
            let arc = snapped.point.arc;
            let is_street = self.roads.arc(arc).is_some_and(|arc| is_street(&arc));
            is_street && self.roads.is_well_connected(arc)
        };
        let near = self.roads.nearby(at, STREET_M, STREETS);
        let street = near.into_iter().find(is_street);
        let street = street.or_else(|| self.roads.nearest(at, true));
        street.map(|snapped| snapped.point.at)
    }

    fn draw_ends(&self, chance: &mut Chance) -> (LatLng, LatLng) {
        let pickup = self.draw_place(chance, End::Pickup);
        (pickup, self.draw_place(chance, End::Dropoff))
    }

    fn draw_street(&self, chance: &mut Chance) -> LatLng {
        let arc = ArcId(chance.random_range(0..self.roads.arc_count().max(1)));
        let at = self.roads.shape(arc).first().copied();
        let at = at.unwrap_or_else(|| self.roads.bounds().0);
        self.nearest_street(at).unwrap_or(at)
    }
}

/// Whether people live, work or shop along it.
fn is_street(arc: &RoadArc) -> bool {
    let flags = arc.flags;
    let is_through = !flags.link && !flags.tunnel && !flags.roundabout && !flags.destination_only;
    is_through && (RoadClass::Primary..=RoadClass::LivingStreet).contains(&arc.class)
}

/// Each stretch of road once, whichever way it is driven.
pub(crate) fn stretches(roads: &RoadNetwork) -> impl Iterator<Item = (ArcId, RoadArc)> + '_ {
    (0..roads.arc_count()).map(ArcId).filter_map(|id| {
        let arc = roads.arc(id)?;
        (arc.forward || roads.reverse(id).is_none()).then_some((id, arc))
    })
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::{Stream, chance};

    #[test]
    fn every_trip_that_is_drawn_can_be_driven() {
        let city = testing::city();
        let mut chance = chance(3, Stream::Demand);
        for _ in 0..100 {
            let (pickup, dropoff) = city.draw_trip(&mut chance);
            let route = city.route(pickup, dropoff).unwrap();
            let kmh = route.length_mm as f64 * 3.6 / route.duration_ms as f64;
            assert!(
                route.length_mm >= 800_000 && (8.0..90.0).contains(&kmh),
                "{pickup:?} {dropoff:?}: {kmh} km/h"
            );
        }
    }

    #[test]
    fn trips_start_and_end_on_streets() {
        let city = testing::city();
        let mut chance = chance(4, Stream::Demand);
        let on_street = (0..200)
            .filter(|_| {
                let at = city.draw_place(&mut chance, End::Pickup);
                let near = city.roads.nearby(at, 1.0, 5);
                near.iter()
                    .filter_map(|snapped| city.roads.arc(snapped.point.arc))
                    .any(|arc| is_street(&arc))
            })
            .count();
        assert!(on_street > 190, "{on_street} of 200");
    }

    #[test]
    fn a_folder_that_is_no_pack_is_refused_with_its_name() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_owned(), folder.path().join("gone")] {
            let error = City::open(&path).unwrap_err().to_string();
            assert!(error.contains(&path.display().to_string()), "{error}");
        }
    }
}
