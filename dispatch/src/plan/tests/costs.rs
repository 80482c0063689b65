//! What weighs, and how much.

use super::*;
use crate::decision::Cost;

/// What asking the driver of this car costs for a pickup in the middle of the town.
fn cost_of(car: Car, rules: Rules) -> Cost {
    let town = Town {
        rules,
        cars: vec![car],
        requests: vec![request(1, place(0, 0))],
    };
    town.plan().proposals[0].cost
}

#[test]
fn the_way_costs_its_duration() {
    let cost = cost_of(car(1, place(1_000, 0)), Rules::default());
    assert!((999..=1_003).contains(&cost.way_m), "{cost:?}");
    assert_eq!(cost.way_ms / 100, i64::from(cost.way_m));
    assert_eq!(cost.total_ms(), cost.way_ms);
}

#[test]
fn a_driver_who_finishes_starts_from_there_and_the_time_until_then_counts() {
    let mut car = car(1, place(3_000, 0));
    car.state = CarState::Finishing {
        at: place(500, 0),
        free_at: now() + TimeDelta::seconds(100),
    };
    let cost = cost_of(car, Rules::default());
    assert!((499..=502).contains(&cost.way_m), "{cost:?}");
    assert_eq!(cost.finishing_ms, 100_000);
    car.state = CarState::Finishing {
        at: place(500, 0),
        free_at: now() - TimeDelta::seconds(100),
    };
    assert_eq!(cost_of(car, Rules::default()).finishing_ms, 0);
}

#[test]
fn a_proposal_says_whether_the_driver_finishes_first() {
    let mut finishing = car(1, place(0, 0));
    finishing.state = CarState::Finishing {
        at: place(100, 0),
        free_at: now(),
    };
    let mut town = Town {
        cars: vec![finishing],
        requests: vec![request(1, place(0, 0))],
        ..Town::default()
    };
    assert!(town.plan().proposals[0].forward);
    town.cars[0].state = CarState::Free;
    assert!(!town.plan().proposals[0].forward);
}

#[test]
fn time_without_a_trip_counts_up_to_a_limit() {
    let rules = || Rules {
        idle_weight_bps: 500,
        idle_counts_for: TimeDelta::minutes(10),
        ..Rules::default()
    };
    for (idle_s, idle_ms) in [
        (-50, 0),
        (0, 0),
        (200, -10_000),
        (600, -30_000),
        (9_999, -30_000),
    ] {
        let mut car = car(1, place(100, 0));
        car.standing.idle_since = now() - TimeDelta::seconds(idle_s);
        assert_eq!(cost_of(car, rules()).idle_ms, idle_ms, "{idle_s} s");
    }
}

#[test]
fn of_two_as_near_the_one_who_waits_longer_is_asked() {
    let mut town = Town {
        cars: vec![car(1, place(100, 0)), car(2, place(-100, 0))],
        requests: vec![request(1, place(0, 0))],
        ..Town::default()
    };
    for number in [1, 2] {
        let waits = &mut town.cars[number - 1].standing.idle_since;
        *waits = now() - TimeDelta::minutes(20);
        let asked = town.plan().proposals[0].driver;
        town.cars[number - 1].standing.idle_since = now();
        assert_eq!(asked, driver(number as u128));
    }
}

#[test]
fn ratings_below_five_stars_cost() {
    for (rating_milli, rating_ms) in [
        (None, 0),
        (Some(5_000), 0),
        (Some(4_800), 2_000),
        (Some(0), 50_000),
        (Some(u32::MAX), 0),
    ] {
        let mut car = car(1, place(100, 0));
        car.standing.rating_milli = rating_milli;
        assert_eq!(cost_of(car, Rules::default()).rating_ms, rating_ms);
    }
}

#[test]
fn trips_that_were_given_back_cost() {
    for (cancel_bps, cancel_ms) in [(0, 0), (500, 6_000), (10_000, 120_000), (u32::MAX, 120_000)] {
        let mut car = car(1, place(100, 0));
        car.standing.cancel_bps = cancel_bps;
        assert_eq!(cost_of(car, Rules::default()).cancel_ms, cancel_ms);
    }
}

#[test]
fn the_radius_grows_with_waiting_up_to_a_limit() {
    let rules = Rules::default();
    for (waited_ms, radius_m) in [
        (-5_000, 5_000),
        (0, 5_000),
        (1_999, 5_000),
        (2_000, 5_500),
        (4_000, 6_000),
        (8_000, 7_000),
        (3_600_000, 7_000),
        (i64::MAX, 7_000),
    ] {
        let waited = TimeDelta::milliseconds(waited_ms);
        assert_eq!(rules.radius_m(waited), radius_m, "{waited_ms} ms");
    }
}

#[test]
fn a_radius_without_steps_is_the_first_or_the_largest() {
    let waited = TimeDelta::seconds(100);
    let without_steps = Rules {
        radius_step_m: 0,
        ..Rules::default()
    };
    assert_eq!(without_steps.radius_m(waited), 5_000);
    for every in [TimeDelta::zero(), TimeDelta::MIN] {
        let at_once = Rules {
            radius_step_every: every,
            ..Rules::default()
        };
        assert_eq!(at_once.radius_m(TimeDelta::zero()), 7_000);
    }
    let beyond_the_limit = Rules {
        radius_start_m: u32::MAX,
        radius_step_m: u32::MAX,
        ..Rules::default()
    };
    assert_eq!(beyond_the_limit.radius_m(waited), 7_000);
}

#[test]
fn a_car_is_found_once_the_rider_has_waited() {
    let mut town = Town {
        cars: vec![car(1, place(5_300, 0))],
        requests: vec![request(1, place(0, 0))],
        ..Town::default()
    };
    assert!(town.plan().proposals.is_empty());
    town.requests[0].since = now() - TimeDelta::seconds(2);
    assert_eq!(pairs(&town.plan()), [(trip(1), driver(1))]);
}
