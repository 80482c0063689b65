use std::collections::BTreeMap;

use uuid::Uuid;
use wayfare_core::geo::LatLng;
use wayfare_core::vehicle::VehicleClass;

use super::*;
use crate::car::{Capacity, Car, CarProfile, CarState, FeatureSet, Fix, Standing};
use crate::decision::{Outcome, Verdict};
use crate::gate::Gate;
use crate::request::Needs;
use crate::travel::StraightTravel;

/// Straight roads at 36 km/h: 100 ms a metre.
const TRAVEL: StraightTravel = StraightTravel {
    detour_bps: 10_000,
    speed_kmh: 36,
};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
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

    fn planned_by(&self, policy: fn(&Round<'_>) -> Plan) -> Plan {
        policy(&Round {
            at: now(),
            rules: &self.rules,
            requests: &self.requests,
            index: &self.index(),
            travel: &TRAVEL,
        })
    }

    fn plan(&self) -> Plan {
        self.planned_by(plan)
    }
}

fn pairs(plan: &Plan) -> Vec<(TripId, DriverId)> {
    let proposals = plan.proposals.iter();
    proposals.map(|one| (one.trip, one.driver)).collect()
}

#[test]
fn the_sum_of_the_ways_decides_and_not_who_is_nearest() {
    // The first request's nearest car is the only one that the second can have at a reasonable cost.
    let town = Town {
        cars: vec![car(1, place(100, 0)), car(2, place(-300, 0))],
        requests: vec![request(1, place(0, 0)), request(2, place(500, 0))],
        ..Town::default()
    };
    assert_eq!(
        pairs(&town.plan()),
        [(trip(1), driver(2)), (trip(2), driver(1))]
    );
    assert_eq!(
        pairs(&town.planned_by(plan_nearest)),
        [(trip(1), driver(1)), (trip(2), driver(2))]
    );
}

#[test]
fn whoever_is_asked_elsewhere_is_told_where() {
    let town = Town {
        cars: vec![car(1, place(100, 0)), car(2, place(-300, 0))],
        requests: vec![request(1, place(0, 0)), request(2, place(500, 0))],
        ..Town::default()
    };
    let plan = town.plan();
    assert_eq!(plan.decisions[0].outcome, Outcome::Asked);
    assert!(matches!(
        plan.decisions[0].verdict_of(driver(1)),
        Some(Verdict::Lost { asked_for: Some(other), .. }) if *other == trip(2)
    ));
    assert!(matches!(
        plan.decisions[0].verdict_of(driver(2)),
        Some(Verdict::Asked { cost }) if cost.way_m == 300
    ));
}

#[test]
fn a_busy_driver_is_not_asked() {
    let mut busy = car(1, place(100, 0));
    busy.state = CarState::Driving;
    let town = Town {
        cars: vec![busy],
        requests: vec![request(1, place(0, 0))],
        ..Town::default()
    };
    let plan = town.plan();
    assert!(plan.proposals.is_empty());
    assert_eq!(plan.decisions[0].outcome, Outcome::NobodyFits);
    assert_eq!(
        plan.decisions[0].verdict_of(driver(1)),
        Some(&Verdict::Dropped(Gate::Driving))
    );
}
