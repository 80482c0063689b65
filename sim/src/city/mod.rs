//! A city: its roads, its water, and where people want to go.

pub mod generated;
pub mod osm;
mod plane;
pub mod town;

use std::path::PathBuf;

use rand::RngExt;
use wayfare_core::geo::LatLng;
use wayfare_core::routing::{BuildError, NodeId, RoadGraph};

use crate::chance::{Chance, normal, weighted};
pub use plane::Plane;

/// Trips shorter than this are walked.
const TRIP_M_MIN: f64 = 800.0;
const DRAWS_MAX: usize = 20;

/// Why there is no city.
#[derive(Debug, thiserror::Error)]
pub enum CityError {
    /// The file cannot be opened.
    #[error("cannot open the map {path}: {source}")]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Not a map, or a broken one.
    #[error(
        "{path} is not a readable OpenStreetMap file in the .osm.pbf format: {source}. \
         Is it complete, and not .osm XML or another kind of file?"
    )]
    Read {
        /// The file.
        path: PathBuf,
        /// What the reader says.
        source: osmpbf::Error,
    },
    /// The file has no bytes.
    #[error("the map {path} is empty")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A map without a road for cars.
    #[error("the map {path} holds no road that a car may drive on")]
    NoRoads {
        /// The file.
        path: PathBuf,
    },
    /// The roads do not make a graph.
    #[error("the roads of {name} do not make a network: {source}")]
    Graph {
        /// Name of the city.
        name: String,
        /// What is wrong with them.
        source: BuildError,
    },
}

/// A part of the city that people come from and go to.
#[derive(Debug, Clone)]
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

/// A line of water to draw.
#[derive(Debug, Clone)]
pub struct Water {
    /// Along its middle.
    pub line: Vec<LatLng>,
}

/// Roads, water and zones.
#[derive(Debug)]
pub struct City {
    /// What it is called.
    pub name: String,
    /// Roads on which every place can be driven to from every other.
    pub graph: RoadGraph,
    /// Never empty.
    pub zones: Vec<Zone>,
    /// May be empty.
    pub water: Vec<Water>,
}

impl City {
    /// A node where a trip may start or end, as often as the weights of the zones say.
    pub fn draw_place(&self, chance: &mut Chance, end: End) -> NodeId {
        let weights = self.zones.iter().map(|zone| match end {
            End::Pickup => zone.pickup_weight,
            End::Dropoff => zone.dropoff_weight,
        });
        let zone = weighted(chance, weights).and_then(|index| self.zones.get(index));
        let Some(zone) = zone else {
            return self.draw_node(chance);
        };
        let plane = Plane::around(zone.centre);
        let (east_m, north_m) = (
            zone.spread_m * normal(chance),
            zone.spread_m * normal(chance),
        );
        self.graph.nearest_node(plane.at(east_m, north_m)).node
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

    /// Where a node is; the middle of the first zone for a node of another city.
    pub fn position(&self, node: NodeId) -> LatLng {
        self.graph
            .position(node)
            .unwrap_or_else(|| self.graph.bounds().south_west)
    }

    fn draw_ends(&self, chance: &mut Chance) -> (LatLng, LatLng) {
        let pickup = self.draw_place(chance, End::Pickup);
        let dropoff = self.draw_place(chance, End::Dropoff);
        (self.position(pickup), self.position(dropoff))
    }

    fn draw_node(&self, chance: &mut Chance) -> NodeId {
        let index = chance.random_range(0..self.graph.nodes().len());
        self.graph
            .find_node(index)
            .unwrap_or_else(|| self.graph.nearest_node(self.graph.bounds().south_west).node)
    }
}
