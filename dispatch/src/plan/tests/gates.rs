//! A test per gate: who does not pass it, and who just does.

use super::*;

/// A car and a request that fit, before something about them is changed.
fn pair(change: impl FnOnce(&mut Car, &mut Request)) -> Verdict {
    let mut car = car(1, place(100, 0));
    let mut request = request(1, place(0, 0));
    change(&mut car, &mut request);
    verdict(car, request)
}

fn assert_asked(change: impl FnOnce(&mut Car, &mut Request)) {
    let verdict = pair(change);
    assert!(matches!(verdict, Verdict::Asked { .. }), "{verdict:?}");
}

fn assert_dropped(gate: Gate, change: impl FnOnce(&mut Car, &mut Request)) {
    assert_eq!(pair(change), Verdict::Dropped(gate));
}

#[test]
fn a_car_and_a_request_that_fit_are_brought_together() {
    assert_asked(|_, _| {});
}

#[test]
fn a_silent_car_is_not_asked() {
    assert_asked(|car, _| car.fix.at = now() - TimeDelta::seconds(60));
    let gate = Gate::Silent {
        age_s: 61,
        limit_s: 60,
    };
    assert_dropped(gate, |car, _| car.fix.at = now() - TimeDelta::seconds(61));
}

#[test]
fn a_fix_from_the_future_is_fresh() {
    assert_asked(|car, _| car.fix.at = now() + TimeDelta::days(1));
}

#[test]
fn a_driver_with_a_trip_is_not_asked() {
    assert_dropped(Gate::Driving, |car, _| car.state = CarState::Driving);
}

#[test]
fn a_driver_with_an_offer_is_not_asked() {
    assert_dropped(Gate::HasOffer, |car, _| car.state = CarState::Asked);
}

#[test]
fn a_driver_who_finishes_late_is_not_asked() {
    let finishing = |seconds| CarState::Finishing {
        at: place(100, 0),
        free_at: now() + TimeDelta::seconds(seconds),
    };
    assert_asked(|car, _| car.state = finishing(120));
    let gate = Gate::FinishesLate {
        free_in_s: 241,
        limit_s: 120,
    };
    assert_dropped(gate, |car, _| car.state = finishing(241));
}

#[test]
fn a_driver_of_another_class_is_not_asked() {
    let gate = Gate::OtherClass {
        has: VehicleClass::Standard,
        wanted: VehicleClass::Xl,
    };
    assert_dropped(gate, |_, request| request.vehicle_class = VehicleClass::Xl);
}

#[test]
fn a_vehicle_with_too_few_seats_is_not_asked() {
    assert_asked(|_, request| request.needs.seats = 4);
    let gate = Gate::TooFewSeats { has: 4, needed: 5 };
    assert_dropped(gate, |_, request| request.needs.seats = 5);
}

#[test]
fn a_vehicle_for_too_small_a_load_is_not_asked() {
    assert_asked(|_, request| request.needs.load_kg = 400);
    let gate = Gate::TooSmallLoad {
        has_kg: 400,
        needed_kg: 401,
    };
    assert_dropped(gate, |_, request| request.needs.load_kg = 401);
}

#[test]
fn a_vehicle_that_lacks_a_feature_is_not_asked() {
    let both = FeatureSet::of([VehicleFeature::Pets, VehicleFeature::ChildSeat]);
    assert_asked(|car, request| {
        request.needs.features = both;
        car.profile.features = FeatureSet::of(VehicleFeature::ALL);
    });
    let gate = Gate::MissingFeature {
        feature: VehicleFeature::ChildSeat,
    };
    assert_dropped(gate, |car, request| {
        request.needs.features = both;
        car.profile.features = FeatureSet::of([VehicleFeature::Pets]);
    });
}

#[test]
fn a_driver_who_is_excluded_is_not_asked() {
    for (exclusion, gate) in [
        (Exclusion::Asked, Gate::AskedBefore),
        (Exclusion::GaveBack, Gate::GaveBack),
        (Exclusion::OwnTrip, Gate::OwnTrip),
        (Exclusion::Blocked, Gate::Blocked),
    ] {
        assert_dropped(gate, |car, request| {
            request.excluded.insert(car.driver, exclusion);
        });
    }
}

#[test]
fn thousands_of_excluded_drivers_are_left_out_and_no_other() {
    let everybody_else = (2..5_000).map(|number| (driver(number), Exclusion::Asked));
    assert_asked(|_, request| request.excluded = everybody_else.collect());
}

#[test]
fn a_driver_who_goes_home_is_asked_only_for_trips_that_lead_there() {
    // 10 km from home: three quarters of that may be left, 7,500 m.
    let home = |car: &mut Car| {
        car.standing.home = Some(GoingHome {
            to: place(100, 10_000),
        });
    };
    assert_asked(|car, request| {
        home(car);
        request.dropoff = place(100, 2_510);
    });
    // As far on the other side is as near.
    assert_asked(|car, request| {
        home(car);
        request.dropoff = place(100, 17_490);
    });
    let verdict = pair(|car, request| {
        home(car);
        request.dropoff = place(100, 2_490);
    });
    assert!(
        matches!(
            verdict,
            Verdict::Dropped(Gate::NotOnTheWayHome { before_m, after_m })
                if (9_990..=10_030).contains(&before_m) && (7_500..=7_540).contains(&after_m)
        ),
        "{verdict:?}"
    );
}

#[test]
fn a_driver_who_is_home_already_is_asked_for_nothing() {
    let verdict = pair(|car, _| {
        car.standing.home = Some(GoingHome {
            to: car.fix.position,
        });
    });
    assert!(matches!(
        verdict,
        Verdict::Dropped(Gate::NotOnTheWayHome { before_m: 0, .. })
    ));
}

#[test]
fn a_driver_in_a_queue_is_not_asked_for_other_pickups() {
    let queue = Some(QueuePlace {
        zone: 3,
        since: now(),
    });
    assert_asked(|car, request| {
        car.standing.queue = queue;
        request.queue = Some(3);
    });
    for zone in [None, Some(4)] {
        assert_dropped(Gate::WaitsInQueue, |car, request| {
            car.standing.queue = queue;
            request.queue = zone;
        });
    }
}

#[test]
fn a_car_outside_the_radius_is_not_looked_at() {
    let town = Town {
        cars: vec![car(1, place(5_200, 0))],
        requests: vec![request(1, place(0, 0))],
        ..Town::default()
    };
    let plan = town.plan();
    assert_eq!(plan.decisions[0].outcome, Outcome::NobodyFits);
    assert!(plan.decisions[0].considered.is_empty());
    assert_eq!(plan.decisions[0].radius_m, 5_000);
}

#[test]
fn a_car_that_is_too_far_by_road_is_not_asked() {
    let town = Town {
        cars: vec![car(1, place(4_000, 0))],
        requests: vec![request(1, place(0, 0))],
        ..Town::default()
    };
    let winding = StraightTravel {
        detour_bps: 15_000,
        ..TRAVEL
    };
    let plan = town.planned_with(plan, &winding);
    let verdict = plan.decisions[0].verdict_of(driver(1));
    assert!(
        matches!(
            verdict,
            Some(Verdict::Dropped(Gate::TooFarByRoad { road_m, radius_m: 5_000 }))
                if (6_000..6_020).contains(road_m)
        ),
        "{verdict:?}"
    );
}

#[test]
fn a_car_without_a_road_to_the_pickup_is_not_asked() {
    let town = Town {
        cars: vec![car(1, place(100, 0))],
        requests: vec![request(1, place(0, 0))],
        ..Town::default()
    };
    for lost in [Lost::NoRoads, Lost::NoAnswer] {
        let plan = town.planned_with(plan, &lost);
        assert_eq!(
            plan.decisions[0].verdict_of(driver(1)),
            Some(&Verdict::Dropped(Gate::NoRoad))
        );
        assert_eq!(plan.decisions[0].outcome, Outcome::NobodyFits);
    }
}

#[test]
fn enough_cars_are_enough() {
    let town = Town {
        rules: Rules {
            candidates_max: 2,
            ..Rules::default()
        },
        cars: (1..=4).map(|n| car(n, place(100 * small(n), 0))).collect(),
        requests: vec![request(1, place(0, 0))],
    };
    let decision = &town.plan().decisions[0];
    assert!(matches!(
        decision.verdict_of(driver(2)),
        Some(Verdict::Lost { .. })
    ));
    for number in [3, 4] {
        assert_eq!(
            decision.verdict_of(driver(number)),
            Some(&Verdict::Dropped(Gate::EnoughNearer { nearer: 2 }))
        );
    }
}

#[test]
fn the_first_gate_in_their_order_is_told() {
    // Nothing about this car fits; repairing one thing after the other brings up the next gate.
    let mut car = car(1, place(4_000, 0));
    let mut request = request(1, place(0, 0));
    car.fix.at = now() - TimeDelta::days(1);
    car.state = CarState::Driving;
    car.profile.vehicle_class = VehicleClass::Xl;
    car.standing.home = Some(GoingHome { to: place(0, 0) });
    car.standing.queue = Some(QueuePlace {
        zone: 1,
        since: now(),
    });
    request.needs.seats = 5;
    request.needs.load_kg = 500;
    request.needs.features = FeatureSet::of([VehicleFeature::Pets]);
    request.excluded.insert(car.driver, Exclusion::Blocked);
    let mut told = Vec::new();
    let repairs: [fn(&mut Car, &mut Request); 9] = [
        |car, _| car.fix.at = now(),
        |car, _| car.state = CarState::Free,
        |car, _| car.profile.vehicle_class = VehicleClass::Standard,
        |_, request| request.needs.seats = 1,
        |_, request| request.needs.load_kg = 1,
        |_, request| request.needs.features = FeatureSet::default(),
        |_, request| request.excluded.clear(),
        |car, _| car.standing.home = None,
        |car, _| car.standing.queue = None,
    ];
    for repair in repairs {
        told.push(verdict(car, request.clone()));
        repair(&mut car, &mut request);
    }
    assert!(
        matches!(
            told[..],
            [
                Verdict::Dropped(Gate::Silent { .. }),
                Verdict::Dropped(Gate::Driving),
                Verdict::Dropped(Gate::OtherClass { .. }),
                Verdict::Dropped(Gate::TooFewSeats { .. }),
                Verdict::Dropped(Gate::TooSmallLoad { .. }),
                Verdict::Dropped(Gate::MissingFeature { .. }),
                Verdict::Dropped(Gate::Blocked),
                Verdict::Dropped(Gate::NotOnTheWayHome { .. }),
                Verdict::Dropped(Gate::WaitsInQueue),
            ]
        ),
        "{told:?}"
    );
    assert!(matches!(verdict(car, request), Verdict::Asked { .. }));
}
