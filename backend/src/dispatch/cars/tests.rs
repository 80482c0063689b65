use uuid::Uuid;
use wayfare_core::id::VehicleId;
use wayfare_core::vehicle::VehicleClass;
use wayfare_dispatch::{Capacity, FeatureSet};

use super::*;

/// 36 km/h: 100 seconds a kilometre.
const TRAVEL: StraightTravel = StraightTravel {
    detour_bps: 10_000,
    speed_kmh: 36,
};

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

/// So many metres north of where all rides end.
fn north(metres: i32) -> LatLng {
    LatLng::from_e7(metres * 90, 0).unwrap()
}

fn driver(number: u128) -> DriverId {
    DriverId::from_uuid(Uuid::from_u128(number))
}

fn online(number: u128) -> OnlineDriver {
    OnlineDriver {
        driver: driver(number),
        vehicle: VehicleId::from_uuid(Uuid::from_u128(1000 + number)),
        vehicle_class: VehicleClass::Standard,
        capacity: Capacity::default(),
        features: FeatureSet::default(),
    }
}

fn ride() -> Ride {
    Ride {
        dropoff: north(0),
        started_at: at(-600),
        duration_s: 700,
        last_leg: true,
    }
}

fn engagement(number: u128, ride: Option<Ride>, forward: bool) -> Engagement {
    Engagement {
        driver: driver(number),
        forward,
        ride,
    }
}

fn seen(position: LatLng, seconds: i64) -> Fix {
    Fix {
        position,
        heading_deg: None,
        speed_mps: None,
        at: at(seconds),
    }
}

fn fleet(online: Vec<OnlineDriver>, engagements: &[Engagement]) -> Fleet {
    let new = Standing {
        idle_since: at(0),
        rating_milli: None,
        cancel_bps: 0,
        home: None,
        queue: None,
    };
    Fleet {
        standing: online.iter().map(|online| (online.driver, new)).collect(),
        asked: HashSet::new(),
        tasks: tasks(engagements),
        online,
    }
}

/// What the driver of this ride is doing, if last seen there.
fn state(engagements: &[Engagement], fix: Option<Fix>, rules: &Rules) -> CarState {
    let index = LiveIndex::default();
    if let Some(fix) = fix {
        index.report(driver(1), fix);
    }
    let outlook = Outlook {
        now: at(0),
        rules,
        travel: &TRAVEL,
    };
    fleet(vec![online(1)], engagements).state(driver(1), &index, outlook)
}

fn finishing(seconds: i64) -> CarState {
    CarState::Finishing {
        at: north(0),
        free_at: at(seconds),
    }
}

#[test]
fn a_ride_ends_when_the_car_has_driven_what_is_left_of_the_way() {
    let rules = Rules::default();
    let rides = [engagement(1, Some(ride()), false)];
    let CarState::Finishing { at: place, free_at } =
        state(&rides, Some(seen(north(2000), 0)), &rules)
    else {
        panic!("two kilometres take 200 s");
    };
    assert_eq!(place, north(0));
    let left_s = (free_at - at(0)).num_seconds();
    assert!((199..=201).contains(&left_s), "{left_s}");
    // Later than drivers are asked, which a gate says with its numbers.
    assert!(matches!(
        state(&rides, Some(seen(north(4000), 0)), &rules),
        CarState::Finishing { free_at, .. } if free_at > at(390)
    ));
    let far = seen(north(20_000), 0);
    assert_eq!(state(&rides, Some(far), &rules), CarState::Driving);
}

#[test]
fn without_a_fresh_position_a_ride_ends_as_planned() {
    let rules = Rules::default();
    let rides = [engagement(1, Some(ride()), false)];
    assert_eq!(state(&rides, None, &rules), finishing(100));
    let stale = seen(north(2000), -61);
    assert_eq!(state(&rides, Some(stale), &rules), finishing(100));
    let late = Ride {
        started_at: at(-5000),
        ..ride()
    };
    assert_eq!(
        state(&[engagement(1, Some(late), false)], None, &rules),
        finishing(0)
    );
}

#[test]
fn drivers_are_not_finishing_before_their_last_stop_or_with_a_next_trip_or_a_rider_to_fetch() {
    let rules = Rules::default();
    let near = Some(seen(north(500), 0));
    let stop_ahead = Ride {
        last_leg: false,
        ..ride()
    };
    let rides = [engagement(1, Some(stop_ahead), false)];
    assert_eq!(state(&rides, near, &rules), CarState::Driving);
    let both = [
        engagement(1, None, true),
        engagement(1, Some(ride()), false),
    ];
    assert_eq!(state(&both, near, &rules), CarState::Driving);
    let fetches = [engagement(1, None, false)];
    assert_eq!(state(&fetches, near, &rules), CarState::Driving);
    assert_eq!(state(&[], near, &rules), CarState::Free);
}

#[test]
fn nobody_is_finishing_where_drivers_are_not_asked_ahead() {
    let rules = Rules {
        forward_within: TimeDelta::zero(),
        ..Rules::default()
    };
    let rides = [engagement(1, Some(ride()), false)];
    let near = Some(seen(north(500), 0));
    assert_eq!(state(&rides, near, &rules), CarState::Driving);
}

#[test]
fn the_index_knows_those_who_are_online_and_nobody_else() {
    let rules = Rules::default();
    let outlook = Outlook {
        now: at(0),
        rules: &rules,
        travel: &TRAVEL,
    };
    let index = LiveIndex::default();
    for number in 1..=3 {
        index.report(driver(number), seen(north(0), 0));
    }
    let mut both = fleet(vec![online(1), online(2)], &[]);
    both.asked.insert(driver(2));
    assert_eq!(both.enter(&index, outlook), 1);
    let state = |number| index.find(driver(number)).map(|car| car.state);
    assert_eq!(state(1), Some(CarState::Free));
    assert_eq!(state(2), Some(CarState::Asked));
    assert_eq!(state(3), None, "never online");

    assert_eq!(fleet(vec![online(2)], &[]).enter(&index, outlook), 1);
    assert_eq!(state(1), None, "offline by now");
    assert_eq!(state(2), Some(CarState::Free));
    assert!(index.find_fix(driver(3)).is_some(), "the position is kept");
}
