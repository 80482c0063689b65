//! Requests and free cars all over a city, drawn by a seed: most of them around a few centres.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;
use wayfare_core::geo::LatLng;
use wayfare_core::id::{DriverId, TripId, VehicleId};
use wayfare_core::roads::RoadNetwork;
use wayfare_core::vehicle::VehicleClass;
use wayfare_dispatch::{
    Capacity, CarProfile, CarState, FeatureSet, Fix, LiveIndex, Needs, Request, Standing,
};

use crate::city_command::Draw;

const CENTRES: usize = 8;
/// This share of everybody is around a centre, the others are anywhere beside a road.
const AROUND_CENTRES: f64 = 0.75;
/// Most of a centre's people are within this, in metres, or within an eighth of a smaller city.
const CENTRE_RADIUS_M: f64 = 2_500.0;
/// Nobody is farther from a road, in metres.
const ROAD_WITHIN_M: f64 = 60.0;
/// Places that are tried before one beside any road is taken.
const TRIES: usize = 20;
const METRES_PER_DEGREE: f64 = 111_195.08;

/// How long the oldest request waits, the longest idle driver idles, and how old the oldest fix is.
const WAITED_S: f64 = 10.0;
const IDLE_S: f64 = 1_800.0;
const FIX_AGE_S: f64 = 10.0;

/// How many of each.
#[derive(Debug, Clone, Copy)]
pub(super) struct SceneSize {
    pub(super) requests: usize,
    pub(super) drivers: usize,
}

/// What a round is planned with.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) now: DateTime<Utc>,
    pub(super) requests: Vec<Request>,
    pub(super) index: LiveIndex,
}

impl Scene {
    pub(super) fn drawn(roads: &RoadNetwork, size: SceneSize, seed: u64) -> Self {
        let now = DateTime::UNIX_EPOCH;
        let mut crowd = Crowd::drawn(roads, seed);
        let requests = (0..size.requests).map(|_| crowd.request(now)).collect();
        let index = LiveIndex::default();
        for _ in 0..size.drivers {
            crowd.add_car(now, &index);
        }
        Self {
            now,
            requests,
            index,
        }
    }
}

/// Draws people.
struct Crowd<'a> {
    roads: &'a RoadNetwork,
    draw: Draw,
    centres: Vec<LatLng>,
    radius_m: f64,
}

impl<'a> Crowd<'a> {
    fn drawn(roads: &'a RoadNetwork, seed: u64) -> Self {
        let mut draw = Draw::seeded(seed);
        let (south_west, north_east) = roads.bounds();
        Self {
            roads,
            // Roads are dense where people are.
            centres: (0..CENTRES).map(|_| draw.near_road(roads)).collect(),
            draw,
            radius_m: CENTRE_RADIUS_M.min(south_west.distance_m(north_east) / 8.0),
        }
    }

    fn place(&mut self) -> LatLng {
        if self.draw.share() < AROUND_CENTRES {
            for _ in 0..TRIES {
                if let Some(place) = self.around_centre() {
                    return place;
                }
            }
        }
        self.draw.near_road(self.roads)
    }

    /// A place around a centre, if it is in the city and near a road that leads anywhere.
    fn around_centre(&mut self) -> Option<LatLng> {
        let centre = *self.centres.get(self.draw.below(CENTRES))?;
        let (north, east) = (self.aside(), self.aside());
        let degrees = self.radius_m / METRES_PER_DEGREE;
        let cos_lat = centre.lat().to_radians().cos().max(0.01);
        let (lat, lng) = (
            centre.lat() + north * degrees,
            centre.lng() + east * degrees / cos_lat,
        );
        let place = LatLng::from_degrees(lat, lng).ok()?;
        let (south_west, north_east) = self.roads.bounds();
        let is_inside = (south_west.lat()..=north_east.lat()).contains(&lat)
            && (south_west.lng()..=north_east.lng()).contains(&lng);
        let road = self.roads.nearest(place, true)?;
        (is_inside && road.point.distance_m <= ROAD_WITHIN_M).then_some(place)
    }

    /// From -1.5 to 1.5, mostly near 0.
    fn aside(&mut self) -> f64 {
        (0..3).map(|_| self.draw.share() - 0.5).sum()
    }

    fn uuid(&mut self) -> Uuid {
        Uuid::from_u64_pair(self.draw.number(), self.draw.number())
    }

    /// An instant before another, by so many seconds at most.
    fn before(&mut self, now: DateTime<Utc>, seconds_max: f64) -> DateTime<Utc> {
        #[expect(clippy::cast_possible_truncation, reason = "at most half an hour")]
        let milliseconds = (self.draw.share() * seconds_max * 1000.0) as i64;
        now - TimeDelta::milliseconds(milliseconds)
    }

    fn request(&mut self, now: DateTime<Utc>) -> Request {
        Request {
            trip: TripId::from_uuid(self.uuid()),
            pickup: self.place(),
            dropoff: self.place(),
            vehicle_class: VehicleClass::Standard,
            needs: Needs {
                seats: 1,
                ..Needs::default()
            },
            since: self.before(now, WAITED_S),
            waves: 0,
            queue: None,
            excluded: BTreeMap::new(),
        }
    }

    fn add_car(&mut self, now: DateTime<Utc>, index: &LiveIndex) {
        let driver = DriverId::from_uuid(self.uuid());
        let profile = CarProfile {
            vehicle: VehicleId::from_uuid(self.uuid()),
            vehicle_class: VehicleClass::Standard,
            capacity: Capacity {
                seats: 4,
                load_kg: 300,
            },
            features: FeatureSet::default(),
        };
        let standing = Standing {
            idle_since: self.before(now, IDLE_S),
            rating_milli: u32::try_from(4_000 + self.draw.below(1_001)).ok(),
            cancel_bps: u32::try_from(self.draw.below(1_000)).unwrap_or(0),
            home: None,
            queue: None,
        };
        index.set(driver, profile, standing, CarState::Free);
        let fix = Fix {
            position: self.place(),
            heading_deg: None,
            speed_mps: None,
            at: self.before(now, FIX_AGE_S),
        };
        index.report(driver, fix);
    }
}
