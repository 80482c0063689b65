//! Hand-made streets for tests, drawn in metres east and north of a corner.
#![expect(clippy::cast_possible_truncation, reason = "small made-up numbers")]

use std::collections::HashMap;

use super::data::{RoadClass, RoadData, Segment, SegmentFlags};
use super::network::RoadNetwork;
use super::route::{Route, RouteRequest};
use super::sample;
use crate::geo::LatLng;

/// East and north in metres.
pub(crate) type Spot = (i32, i32);

/// A kind of road to draw.
#[derive(Debug, Clone)]
pub(crate) struct Road {
    name: &'static str,
    class: RoadClass,
    one_way: bool,
    joins_at_ends_only: bool,
    flags: SegmentFlags,
    dkmh: u16,
}

/// A residential street with two directions.
pub(crate) fn road(name: &'static str) -> Road {
    Road {
        name,
        class: RoadClass::Residential,
        one_way: false,
        joins_at_ends_only: false,
        flags: SegmentFlags::default(),
        dkmh: 360,
    }
}

impl Road {
    pub(crate) fn class(mut self, class: RoadClass) -> Self {
        self.class = class;
        self
    }

    /// Only in the direction in which it is drawn.
    pub(crate) fn one_way(mut self) -> Self {
        self.one_way = true;
        self
    }

    pub(crate) fn link(mut self) -> Self {
        self.flags.link = true;
        self.one_way()
    }

    pub(crate) fn roundabout(mut self) -> Self {
        self.flags.roundabout = true;
        self.one_way()
    }

    pub(crate) fn toll(mut self) -> Self {
        self.flags.toll = true;
        self
    }

    /// All spots but the first and the last are bends, no junctions.
    pub(crate) fn bends(mut self) -> Self {
        self.joins_at_ends_only = true;
        self
    }
}

/// Streets that meet where they share a spot.
#[derive(Debug, Clone)]
pub(crate) struct Town {
    pub(crate) data: RoadData,
    junctions: HashMap<Spot, u32>,
}

impl Town {
    pub(crate) fn new() -> Self {
        Self {
            data: RoadData {
                names: vec![String::new()],
                ..RoadData::default()
            },
            junctions: HashMap::new(),
        }
    }

    /// Enough streets in the north-east that they are no island: 8 by 8 blocks of 100 m, those to
    /// the north named "N0" to "N8", those to the east "E0" to "E8".
    pub(crate) fn with_streets() -> Self {
        const NORTH: [&str; 9] = ["N0", "N1", "N2", "N3", "N4", "N5", "N6", "N7", "N8"];
        const EAST: [&str; 9] = ["E0", "E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8"];
        let mut town = Self::new();
        for (index, (north, east)) in (0..).zip(NORTH.into_iter().zip(EAST)) {
            let up: Vec<Spot> = (0..9).map(|step| (index * 100, step * 100)).collect();
            let right: Vec<Spot> = (0..9).map(|step| (step * 100, index * 100)).collect();
            town.add(road(north), &up);
            town.add(road(east), &right);
        }
        town
    }

    pub(crate) fn at(&self, east: i32, north: i32) -> LatLng {
        let lat = 41.15 + f64::from(north) / 111_195.08;
        let lng = -8.61 + f64::from(east) / (111_195.08 * 41.15_f64.to_radians().cos());
        LatLng::from_degrees(lat, lng).unwrap()
    }

    fn junction(&mut self, spot: Spot) -> u32 {
        let at = self.at(spot.0, spot.1);
        let junctions = &mut self.data.junctions;
        *self.junctions.entry(spot).or_insert_with(|| {
            junctions.push(at);
            junctions.len() as u32 - 1
        })
    }

    /// Draws a road. Returns the first of its segments.
    pub(crate) fn add(&mut self, road: Road, spots: &[Spot]) -> u32 {
        let first = self.data.segments.len() as u32;
        let names = &mut self.data.names;
        let name = names
            .iter()
            .position(|name| name == road.name)
            .unwrap_or_else(|| {
                names.push(road.name.to_owned());
                names.len() - 1
            });
        let pieces: Vec<&[Spot]> = if road.joins_at_ends_only {
            vec![spots]
        } else {
            spots.windows(2).collect()
        };
        for piece in pieces {
            let [start, bends @ .., end] = piece else {
                panic!("a road has two ends");
            };
            let segment = Segment {
                start: self.junction(*start),
                end: self.junction(*end),
                bends: bends
                    .iter()
                    .map(|(east, north)| self.at(*east, *north))
                    .collect(),
                class: road.class,
                forward_dkmh: road.dkmh,
                backward_dkmh: if road.one_way { 0 } else { road.dkmh },
                name: name as u32,
                flags: road.flags,
            };
            self.data.segments.push(segment);
        }
        first
    }

    pub(crate) fn open(&self) -> RoadNetwork {
        sample::network(&self.data)
    }

    /// The route through spots.
    pub(crate) fn route(&self, spots: &[Spot]) -> Route {
        let stops = spots.iter().map(|(east, north)| self.at(*east, *north));
        let request = RouteRequest::through(stops.collect());
        let roads = self.open();
        roads
            .with_search(|search| roads.route(search, &request))
            .unwrap()
    }

    /// What the driver is told on the way.
    pub(crate) fn told(&self, from: Spot, to: Spot) -> Vec<String> {
        let route = self.route(&[from, to]);
        route.steps.iter().map(|step| step.in_words()).collect()
    }
}
