//! A small town to plan rounds in.

mod asking;
mod costs;
mod gates;
mod properties;
mod queues;

use std::collections::BTreeMap;

use uuid::Uuid;
use wayfare_core::geo::LatLng;
use wayfare_core::vehicle::{VehicleClass, VehicleFeature};

use super::*;
use crate::car::{
    Capacity, Car, CarProfile, CarState, FeatureSet, Fix, GoingHome, QueuePlace, Standing,
};
use crate::decision::{Outcome, Verdict};
use crate::gate::Gate;
use crate::request::{Exclusion, Needs};
use crate::rules::Mode;
use crate::travel::{Reach, StraightTravel, Wanted};

/// Straight roads at 36 km/h: 100 ms a metre.
const TRAVEL: StraightTravel = StraightTravel {
    detour_bps: 10_000,
    speed_kmh: 36,
};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

/// A number of a car or a request as a length.
fn small(number: u128) -> i32 {
    number.try_into().unwrap()
}

/// So many metres east and north of the middle of the town, on the equator.
fn place(east_m: i32, north_m: i32) -> LatLng {
    let e7 = |metres: i32| metres * 90;
    LatLng::from_e7(e7(north_m), e7(east_m)).unwrap()
}

fn driver(number: u128) -> DriverId {
    DriverId::from_uuid(Uuid::from_u128(number))
}

fn trip(number: u128) -> TripId {
    TripId::from_uuid(Uuid::from_u128(1_000_000 + number))
}

/// A free car that was just seen, whose driver has just had a trip.
fn car(number: u128, position: LatLng) -> Car {
    Car {
        driver: driver(number),
        profile: CarProfile {
            vehicle: VehicleId::from_uuid(Uuid::from_u128(2_000_000 + number)),
            vehicle_class: VehicleClass::Standard,
            capacity: Capacity {
                seats: 4,
                load_kg: 400,
            },
            features: FeatureSet::default(),
        },
        standing: Standing {
            idle_since: now(),
            rating_milli: None,
            cancel_bps: 0,
            home: None,
            queue: None,
        },
        state: CarState::Free,
        fix: Fix {
            position,
            heading_deg: None,
            speed_mps: None,
            at: now(),
        },
    }
}

/// A request that has just come.
fn request(number: u128, pickup: LatLng) -> Request {
    Request {
        trip: trip(number),
        pickup,
        dropoff: place(0, 20_000),
        vehicle_class: VehicleClass::Standard,
        needs: Needs::default(),
        since: now(),
        waves: 0,
        queue: None,
        excluded: BTreeMap::new(),
    }
}

/// A small town.
#[derive(Debug, Default)]
struct Town {
    rules: Rules,
    cars: Vec<Car>,
    requests: Vec<Request>,
}

impl Town {
    fn index(&self) -> LiveIndex {
        let index = LiveIndex::default();
        for car in &self.cars {
            index.set(car.driver, car.profile, car.standing, car.state);
            index.report(car.driver, car.fix);
        }
        index
    }

    fn planned_with(&self, policy: fn(&Round<'_>) -> Plan, travel: &dyn Travel) -> Plan {
        policy(&Round {
            at: now(),
            rules: &self.rules,
            requests: &self.requests,
            index: &self.index(),
            travel,
        })
    }

    fn planned_by(&self, policy: fn(&Round<'_>) -> Plan) -> Plan {
        self.planned_with(policy, &TRAVEL)
    }

    fn plan(&self) -> Plan {
        self.planned_by(plan)
    }
}

fn pairs(plan: &Plan) -> Vec<(TripId, DriverId)> {
    let proposals = plan.proposals.iter();
    proposals.map(|one| (one.trip, one.driver)).collect()
}

/// A map without roads, and one that says too little.
#[derive(Debug, Clone, Copy)]
enum Lost {
    NoRoads,
    NoAnswer,
}

impl Travel for Lost {
    fn reach(&self, _: &[LatLng], wanted: &[Wanted]) -> Vec<Vec<Option<Reach>>> {
        match self {
            Self::NoRoads => wanted
                .iter()
                .map(|one| vec![None; one.cars.len()])
                .collect(),
            Self::NoAnswer => Vec::new(),
        }
    }
}

/// What a round says about one car and one request.
fn verdict(car: Car, request: Request) -> Verdict {
    let driver = car.driver;
    let town = Town {
        cars: vec![car],
        requests: vec![request],
        ..Town::default()
    };
    *town.plan().decisions[0]
        .verdict_of(driver)
        .expect("a verdict")
}
