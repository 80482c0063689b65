use std::collections::BTreeMap;

use proptest::prelude::*;

use super::testing::{anywhere, at, driver, fix, near, profile, second, standing};
use super::*;

fn index_of(places: &[LatLng]) -> LiveIndex {
    let index = LiveIndex::default();
    for (number, place) in (0..).zip(places) {
        index.set(driver(number), profile(), standing(), CarState::Free);
        assert!(index.report(driver(number), fix(*place, 0)));
    }
    index
}

/// What a search must answer: everything measured, everything sorted.
fn by_brute_force(index: &LiveIndex, nearby: Nearby, wants: impl Fn(&Car) -> bool) -> Vec<Near> {
    let mut near: Vec<Near> = index
        .all()
        .into_iter()
        .filter(|car| wants(car))
        .map(|car| Near {
            car,
            straight_m: u32::try_from(car.starts_at().distance_mm(nearby.center) / 1000).unwrap(),
        })
        .filter(|near| near.straight_m <= nearby.radius_m)
        .collect();
    near.sort_by_key(|near| (near.straight_m, near.car.driver));
    near.truncate(nearby.limit);
    near
}

fn even(car: &Car) -> bool {
    car.driver.uuid().as_u128().is_multiple_of(2)
}

/// Ways from a place, in metres: crowded, over a city, over a continent.
fn ways() -> impl Strategy<Value = Vec<(f64, f64)>> {
    let extent = prop_oneof![Just(0.4), Just(30.0), Just(900.0), Just(9e3), Just(2e6)];
    extent.prop_flat_map(|extent: f64| {
        let way = (-extent..extent, -extent..extent);
        prop::collection::vec(way, 0..120)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_search_finds_what_measuring_everything_finds(
        center in anywhere(),
        ways in ways(),
        (north, east) in prop_oneof![Just((0.0, 0.0)), (-9e3..9e3, -9e3..9e3)],
        radius_m in prop_oneof![0_u32..3, 50_u32..9_000, 9_000_u32..21_000_000, Just(u32::MAX)],
        limit in prop_oneof![0_usize..4, 15_usize..40, Just(usize::MAX)],
    ) {
        let places: Vec<LatLng> = ways.iter().map(|way| near(center, way.0, way.1)).collect();
        let index = index_of(&places);
        let nearby = Nearby { center: near(center, north, east), radius_m, limit };
        prop_assert_eq!(index.nearest(nearby, |_| true), by_brute_force(&index, nearby, |_| true));
        prop_assert_eq!(index.nearest(nearby, even), by_brute_force(&index, nearby, even));
    }

    #[test]
    fn cars_that_move_are_found_where_they_are(
        center in anywhere(),
        ways in ways(),
        moves in prop::collection::vec((0_u128..120, -400.0..400.0, -400.0..400.0), 0..200),
    ) {
        let places: Vec<LatLng> = ways.iter().map(|way| near(center, way.0, way.1)).collect();
        let index = index_of(&places);
        let mut now: BTreeMap<DriverId, LatLng> =
            (0..).map(driver).zip(places.iter().copied()).collect();
        for (time, (number, north, east)) in (1..).zip(moves) {
            let Some(place) = now.get_mut(&driver(number)) else { continue };
            *place = near(*place, north, east);
            prop_assert!(index.report(driver(number), fix(*place, time)));
        }
        let all: BTreeMap<DriverId, LatLng> =
            index.all().into_iter().map(|car| (car.driver, car.fix.position)).collect();
        prop_assert_eq!(&all, &now);
        let nearby = Nearby { center, radius_m: 5_000, limit: 20 };
        prop_assert_eq!(index.nearest(nearby, |_| true), by_brute_force(&index, nearby, |_| true));
    }
}

fn here() -> LatLng {
    at(41.15, -8.61)
}

#[test]
fn an_old_fix_never_moves_a_car_back() {
    let index = index_of(&[here()]);
    assert!(index.report(driver(0), fix(near(here(), 5.0, 0.0), 20)));
    for far in [2.0, 900.0, 90_000.0] {
        assert!(!index.report(driver(0), fix(near(here(), far, 0.0), 19)));
    }
    let known = fix(near(here(), 5.0, 0.0), 20);
    assert_eq!(index.find_fix(driver(0)), Some(known));
    assert_eq!(index.find(driver(0)).unwrap().fix, known);

    // Also of a driver of whom only the position is known.
    assert!(index.report(driver(1), fix(here(), 20)));
    assert!(!index.report(driver(1), fix(here(), 19)));
    assert_eq!(index.find_fix(driver(1)), Some(fix(here(), 20)));
}

#[test]
fn a_car_is_found_when_position_and_profile_are_there_in_either_order() {
    let index = LiveIndex::default();
    assert!(index.is_empty());
    index.set(driver(1), profile(), standing(), CarState::Free);
    assert_eq!((index.len(), index.find(driver(1))), (0, None));
    assert!(index.report(driver(1), fix(here(), 1)));
    assert!(index.report(driver(2), fix(here(), 1)));
    assert_eq!((index.len(), index.find(driver(2))), (2, None));
    index.set(driver(2), profile(), standing(), CarState::Asked);
    assert_eq!(index.find(driver(2)).unwrap().state, CarState::Asked);
    assert_eq!((index.len(), index.all().len()), (2, 2));

    index.remove(driver(1));
    index.remove(driver(1));
    assert_eq!((index.len(), index.find(driver(1))), (1, None));
    assert_eq!(index.find_fix(driver(1)), None);
    index.remove(driver(2));
    assert!(index.is_empty() && index.all().is_empty());
}

#[test]
fn a_car_that_finishes_a_trip_is_searched_where_the_trip_ends() {
    let index = index_of(&[here()]);
    let end = near(here(), 3_000.0, 0.0);
    let finishing = CarState::Finishing {
        at: end,
        free_at: second(60),
    };
    index.set(driver(0), profile(), standing(), finishing);
    let search = |center| Nearby {
        center,
        radius_m: 500,
        limit: 5,
    };
    assert!(index.nearest(search(here()), |_| true).is_empty());
    let found = index.nearest(search(end), |_| true);
    assert_eq!(found[0].straight_m, 0);

    // It drives on, and is still searched there; its position is what it reports.
    let on = near(here(), 700.0, 0.0);
    assert!(index.report(driver(0), fix(on, 9)));
    assert!(index.nearest(search(on), |_| true).is_empty());
    let found = index.nearest(search(end), |_| true);
    assert_eq!(found[0].car.fix, fix(on, 9));

    index.set(driver(0), profile(), standing(), CarState::Free);
    assert_eq!(index.nearest(search(on), |_| true).len(), 1);
}

#[test]
fn equally_near_cars_are_ordered_by_driver_and_no_car_in_between_is_lost() {
    // 300 cars on one spot: more than a circle takes at once.
    let index = index_of(&vec![here(); 300]);
    let nearby = Nearby {
        center: here(),
        radius_m: 5_000,
        limit: 7,
    };
    let ids = |found: Vec<Near>| -> Vec<u128> {
        let id = |near: &Near| near.car.driver.uuid().as_u128();
        found.iter().map(id).collect()
    };
    assert_eq!(ids(index.nearest(nearby, |_| true)), [0, 1, 2, 3, 4, 5, 6]);
    let wanted = index.nearest(nearby, |car| car.driver >= driver(290));
    assert_eq!(ids(wanted), [290, 291, 292, 293, 294, 295, 296]);
}

#[test]
fn the_nearest_are_asked_about_first_and_no_more_than_needed() {
    let places: Vec<LatLng> = (0..100)
        .map(|step| near(here(), f64::from(step) * 20.0, 0.0))
        .collect();
    let index = index_of(&places);
    let nearby = Nearby {
        center: here(),
        radius_m: 5_000,
        limit: 3,
    };
    let mut asked = Vec::new();
    let found = index.nearest(nearby, |car| {
        // Nothing is locked meanwhile.
        assert!(index.find(car.driver).is_some());
        asked.push(car.driver.uuid().as_u128());
        even(car)
    });
    assert_eq!(found.len(), 3);
    assert_eq!(asked, [0, 1, 2, 3, 4]);
}

#[test]
fn silent_cars_are_forgotten_and_are_there_again_when_heard_of() {
    let index = index_of(&[here(), here(), here()]);
    assert!(index.report(driver(1), fix(here(), 50)));
    assert!(index.report(driver(9), fix(here(), 3)));
    assert_eq!(index.forget_before(second(10)), 3);
    assert_eq!((index.len(), index.all().len()), (1, 1));
    assert_eq!(index.forget_before(second(10)), 0);
    assert!(index.find(driver(1)).is_some() && index.find(driver(0)).is_none());
    assert_eq!(index.find_fix(driver(9)), None);

    assert!(index.report(driver(0), fix(here(), 60)));
    assert!(index.find(driver(0)).is_some());
}

#[test]
fn fixes_go_from_one_instance_to_another() {
    let index = index_of(&[here(), near(here(), 10.0, 0.0)]);
    assert!(index.report(driver(5), fix(here(), 8)));
    let other = LiveIndex::default();
    assert!(other.report(driver(5), fix(here(), 9)));
    assert_eq!(other.report_all(index.all_fixes()), 2);
    assert_eq!(other.len(), 3);
    assert_eq!(other.find_fix(driver(5)), Some(fix(here(), 9)));
}

#[test]
fn memory_of_districts_that_were_left_is_given_back() {
    let index = index_of(&[here()]);
    for step in 0..200 {
        let there = near(here(), f64::from(step) * 5_000.0, 0.0);
        assert!(index.report(driver(0), fix(there, i64::from(step) + 1)));
    }
    assert_eq!(index.districts.count(), 1);
    index.remove(driver(0));
    assert_eq!(index.districts.count(), 0);
}

/// Writers drive their own cars through the city while readers search. Whatever is found is a car as
/// its driver reported it, and at the end every car is where it was last.
#[test]
fn many_threads_write_and_search_at_once() {
    const WRITERS: u128 = 4;
    const CARS: u128 = 40;
    const REPORTS: i64 = 120;
    let index = LiveIndex::default();
    let place = |car: u128, time: i64| {
        let turn = (car as f64) * 0.7 + (time as f64) * 0.05;
        near(here(), turn.sin() * 3_000.0, turn.cos() * 3_000.0)
    };
    let search = |center| Nearby {
        center,
        radius_m: 4_000,
        limit: 30,
    };
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let index = &index;
            scope.spawn(move || {
                let cars = (0..CARS).map(|car| writer * CARS + car);
                for time in 1..=REPORTS {
                    for car in cars.clone() {
                        index.set(driver(car), profile(), standing(), CarState::Free);
                        assert!(index.report(driver(car), fix(place(car, time), time)));
                        assert!(!index.report(driver(car), fix(here(), time - 1)));
                        if u128::try_from(time % 50) == Ok(car % 50) {
                            index.remove(driver(car));
                            assert!(index.report(driver(car), fix(place(car, time), time)));
                            index.set(driver(car), profile(), standing(), CarState::Free);
                        }
                    }
                }
            });
        }
        for reader in 0..2 {
            let index = &index;
            scope.spawn(move || {
                for turn in 0..300 {
                    let center = near(here(), f64::from(turn) * 10.0, f64::from(reader) * 500.0);
                    let found = index.nearest(search(center), |_| true);
                    assert!(found.is_sorted_by_key(|near| (near.straight_m, near.car.driver)));
                    let drivers = found.iter().map(|near| near.car.driver);
                    let drivers: std::collections::BTreeSet<DriverId> = drivers.collect();
                    assert_eq!(drivers.len(), found.len(), "nobody is found twice");
                    for near in found {
                        let car = near.car.driver.uuid().as_u128();
                        let time = near.car.fix.at.timestamp();
                        assert_eq!(near.car.fix.position, place(car, time));
                        let straight_m = center.distance_mm(near.car.fix.position) / 1000;
                        assert_eq!(u64::from(near.straight_m), straight_m);
                    }
                }
            });
        }
    });
    for car in 0..WRITERS * CARS {
        let last = index.find(driver(car)).unwrap().fix;
        assert_eq!(last, fix(place(car, REPORTS), REPORTS));
    }
    let all = search(here());
    let all = Nearby {
        radius_m: 20_000,
        limit: usize::MAX,
        ..all
    };
    assert_eq!(index.nearest(all, |_| true).len(), 160);
    assert_eq!((index.len(), index.all().len()), (160, 160));
}
