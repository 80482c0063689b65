use uuid::Uuid;
use wayfare_core::geo::LatLng;
use wayfare_core::id::VehicleId;
use wayfare_dispatch::{Capacity, CarProfile, FeatureSet, Fix, Standing};

use super::*;

fn clock(seconds: i64) -> Clock {
    Clock {
        now: DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds),
        fresh_for: TimeDelta::seconds(60),
    }
}

/// A free car so many metres north of the equator, seen just now.
fn car(number: u128, north_m: i32, seen: Clock) -> Car {
    Car {
        driver: DriverId::from_uuid(Uuid::from_u128(number)),
        profile: CarProfile {
            vehicle: VehicleId::from_uuid(Uuid::from_u128(number)),
            vehicle_class: VehicleClass::Standard,
            capacity: Capacity::default(),
            features: FeatureSet::default(),
        },
        standing: Standing {
            idle_since: seen.now,
            rating_milli: None,
            cancel_bps: 0,
            home: None,
            queue: None,
        },
        state: CarState::Free,
        fix: Fix {
            position: LatLng::from_e7(north_m * 90, 0).unwrap(),
            heading_deg: None,
            speed_mps: None,
            at: seen.now,
        },
    }
}

fn rows(sightings: &Sightings, cars: &[Car], clock: Clock) -> Vec<(u128, &'static str)> {
    let rows = sightings.take(cars, clock).into_iter();
    rows.map(|row| (row.driver.uuid().as_u128(), row.doing.as_str()))
        .collect()
}

/// Rounds in which nothing is to be written, every two seconds.
fn nothing_until(sightings: &Sightings, cars: &[Car], from: i64, to: i64) {
    for second in (from..to).step_by(2) {
        assert_eq!(rows(sightings, cars, clock(second)), [], "second {second}");
    }
}

#[test]
fn a_car_that_stands_is_written_once_a_minute() {
    let (sightings, cars) = (Sightings::default(), [car(1, 0, clock(59))]);
    assert_eq!(rows(&sightings, &cars, clock(0)), [(1, "free")]);
    nothing_until(&sightings, &cars, 2, 60);
    assert_eq!(rows(&sightings, &cars, clock(60)), [(1, "free")]);
}

#[test]
fn a_car_that_moves_or_does_something_else_is_written_every_ten_seconds_at_most() {
    let sightings = Sightings::default();
    let standing = [car(1, 20, clock(0))];
    rows(&sightings, &standing, clock(0));
    let moved = [car(1, 150, clock(2))];
    nothing_until(&sightings, &moved, 2, 10);
    assert_eq!(rows(&sightings, &moved, clock(10)), [(1, "free")]);
    // Within the same cell.
    let a_bit = [car(1, 180, clock(2))];
    nothing_until(&sightings, &a_bit, 12, 24);
    let driving = [Car {
        state: CarState::Driving,
        ..a_bit[0]
    }];
    assert_eq!(rows(&sightings, &driving, clock(24)), [(1, "driving")]);
    nothing_until(&sightings, &driving, 26, 36);
    let mut larger = driving;
    larger[0].profile.vehicle_class = VehicleClass::Xl;
    assert_eq!(rows(&sightings, &larger, clock(36)), [(1, "driving")]);
}

#[test]
fn a_silent_car_is_written_as_silent_and_one_that_is_gone_as_offline_once() {
    let (sightings, cars) = (Sightings::default(), [car(1, 0, clock(0))]);
    assert_eq!(rows(&sightings, &cars, clock(0)), [(1, "free")]);
    nothing_until(&sightings, &cars, 2, 60);
    assert_eq!(rows(&sightings, &cars, clock(60)), [(1, "free")]);
    nothing_until(&sightings, &cars, 62, 70);
    assert_eq!(rows(&sightings, &cars, clock(70)), [(1, "silent")]);
    nothing_until(&sightings, &[], 72, 80);
    assert_eq!(rows(&sightings, &[], clock(80)), [(1, "offline")]);
    nothing_until(&sightings, &[], 82, 200);
}

#[test]
fn who_goes_and_comes_is_not_written_more_often() {
    let (sightings, cars) = (Sightings::default(), [car(1, 0, clock(0))]);
    rows(&sightings, &cars, clock(0));
    nothing_until(&sightings, &[], 2, 10);
    assert_eq!(rows(&sightings, &[], clock(10)), [(1, "offline")]);
    nothing_until(&sightings, &cars, 12, 20);
    assert_eq!(rows(&sightings, &cars, clock(20)), [(1, "free")]);
}

#[test]
fn after_a_pause_or_an_undone_round_all_cars_are_written_again() {
    let (sightings, cars) = (Sightings::default(), [car(1, 0, clock(0))]);
    rows(&sightings, &cars, clock(0));
    sightings.pass(clock(8).now);
    sightings.pass(clock(16).now);
    assert_eq!(rows(&sightings, &cars, clock(18)), []);
    assert_eq!(rows(&sightings, &cars, clock(29)), [(1, "free")]);
    assert_eq!(sightings.sample(), Some((cars[0].driver, clock(29).now)));
    sightings.forget();
    assert_eq!(sightings.sample(), None);
    assert_eq!(rows(&sightings, &cars, clock(31)), [(1, "free")]);
}

#[test]
fn rows_and_memory_are_limited_and_who_waits_longest_comes_first() {
    let sightings = Sightings {
        limits: Limits {
            drivers: 3,
            rows: 2,
        },
        memory: Mutex::default(),
    };
    let cars: Vec<Car> = (1..=4).map(|number| car(number, 0, clock(0))).collect();
    let numbers = |second| -> Vec<u128> {
        let rows = rows(&sightings, &cars, clock(second)).into_iter();
        rows.map(|(number, _)| number).collect()
    };
    assert_eq!(numbers(0), [1, 2]);
    assert_eq!(numbers(2), [3]);
    assert_eq!(numbers(4), [0; 0]);
    nothing_until(&sightings, &cars, 6, 60);
    // The fourth one waits for room that there is not; it takes no place from the others for long.
    assert_eq!(numbers(60), [1]);
}
