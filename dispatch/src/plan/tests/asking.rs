//! Who is asked, in all.

use super::*;

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
fn a_round_without_requests_or_cars_decides_nothing() {
    let mut town = Town::default();
    assert!(town.plan().decisions.is_empty());
    town.requests.push(request(1, place(0, 0)));
    let plan = town.plan();
    assert!(plan.proposals.is_empty());
    assert_eq!(plan.decisions[0].outcome, Outcome::NobodyFits);
    town.cars.push(car(1, place(0, 0)));
    town.requests.clear();
    let plan = town.plan();
    assert!(plan.proposals.is_empty() && plan.decisions.is_empty());
}

#[test]
fn as_many_requests_as_possible_are_served() {
    // Driver 1 is next to trip 1, but only driver 1 reaches trip 2.
    let town = Town {
        cars: vec![car(1, place(0, 0)), car(2, place(-4_900, 0))],
        requests: vec![request(1, place(10, 0)), request(2, place(4_900, 0))],
        ..Town::default()
    };
    assert_eq!(
        pairs(&town.plan()),
        [(trip(1), driver(2)), (trip(2), driver(1))]
    );
    let nearest = town.planned_by(plan_nearest);
    assert_eq!(pairs(&nearest), [(trip(1), driver(1))]);
    assert_eq!(nearest.decisions[1].outcome, Outcome::PassedOver);
}

#[test]
fn of_requests_that_compete_the_one_that_waits_longer_is_served() {
    let mut town = Town {
        cars: vec![car(1, place(0, 0))],
        requests: vec![request(1, place(100, 0)), request(2, place(500, 0))],
        ..Town::default()
    };
    assert_eq!(pairs(&town.plan()), [(trip(1), driver(1))]);
    // 400 m are 40 s; half of the waiting counts.
    town.requests[1].since = now() - TimeDelta::seconds(78);
    assert_eq!(pairs(&town.plan()), [(trip(1), driver(1))]);
    town.requests[1].since = now() - TimeDelta::seconds(82);
    let plan = town.plan();
    assert_eq!(pairs(&plan), [(trip(2), driver(1))]);
    assert_eq!(plan.decisions[0].outcome, Outcome::PassedOver);
    assert_eq!(plan.decisions[1].outcome, Outcome::Asked);
}

#[test]
fn in_turn_one_driver_is_asked_and_in_broadcast_mode_several() {
    let mut town = Town {
        cars: (1..=9).map(|n| car(n, place(100 * small(n), 0))).collect(),
        requests: vec![request(1, place(0, 0))],
        ..Town::default()
    };
    town.requests[0].waves = 3;
    let plan = town.plan();
    assert_eq!(pairs(&plan), [(trip(1), driver(1))]);
    assert_eq!(plan.proposals[0].wave, 4);
    assert_eq!(plan.decisions[0].waves, 3);
    town.rules.mode = Mode::Broadcast;
    let expected: Vec<_> = (1..=5).map(|n| (trip(1), driver(n))).collect();
    let plan = town.plan();
    assert_eq!(pairs(&plan), expected);
    assert!(plan.proposals.iter().all(|proposal| proposal.wave == 4));
    town.rules.broadcast_offers = u32::MAX;
    assert_eq!(town.plan().proposals.len(), 9);
    town.rules.broadcast_offers = 0;
    assert_eq!(town.plan().proposals.len(), 0);
}

#[test]
fn in_broadcast_mode_nobody_is_asked_twice_and_all_get_a_first_driver() {
    let town = Town {
        rules: Rules {
            mode: Mode::Broadcast,
            broadcast_offers: 3,
            ..Rules::default()
        },
        cars: (1..=4).map(|n| car(n, place(100 * small(n), 0))).collect(),
        requests: vec![request(1, place(0, 0)), request(2, place(0, 0))],
    };
    let plan = town.plan();
    let mut drivers: Vec<_> = plan.proposals.iter().map(|one| one.driver).collect();
    drivers.sort_unstable();
    assert_eq!(drivers, [driver(1), driver(2), driver(3), driver(4)]);
    let first = plan.proposals.iter().filter(|one| one.trip == trip(1));
    assert_eq!(first.count(), 2);
}

#[test]
fn the_nearest_policy_takes_requests_in_their_order_and_free_cars_only() {
    let mut finishing = car(1, place(10, 0));
    finishing.state = CarState::Finishing {
        at: place(10, 0),
        free_at: now() - TimeDelta::seconds(10),
    };
    let mut town = Town {
        cars: vec![finishing, car(2, place(300, 0)), car(3, place(-400, 0))],
        requests: vec![request(1, place(0, 0)), request(2, place(0, 0))],
        ..Town::default()
    };
    town.requests[1].since = now() - TimeDelta::seconds(1);
    let plan = town.planned_by(plan_nearest);
    assert_eq!(pairs(&plan), [(trip(1), driver(3)), (trip(2), driver(2))]);
    assert!(matches!(
        plan.decisions[0].verdict_of(driver(1)),
        Some(Verdict::Dropped(Gate::FinishesLate { .. }))
    ));
}

#[test]
fn decisions_come_in_the_order_of_the_requests_with_the_nearest_cars_first() {
    let town = Town {
        cars: vec![
            car(1, place(500, 0)),
            car(2, place(100, 0)),
            car(3, place(-300, 0)),
        ],
        requests: vec![
            request(9, place(0, 0)),
            request(2, place(0, 0)),
            request(5, place(50_000, 0)),
        ],
        ..Town::default()
    };
    let plan = town.plan();
    let trips: Vec<_> = plan.decisions.iter().map(|one| one.trip).collect();
    assert_eq!(trips, [trip(9), trip(2), trip(5)]);
    let considered = plan.decisions[0].considered.iter();
    let drivers: Vec<_> = considered.map(|one| one.driver).collect();
    assert_eq!(drivers, [driver(2), driver(3), driver(1)]);
    assert_eq!(plan.decisions[2].outcome, Outcome::NobodyFits);
}

#[test]
fn a_decision_remembers_the_nearest_cars_and_counts_the_others() {
    let free = Decision::CONSIDERED_MAX as u128 + 50;
    let mut town = Town {
        cars: (1..=free).map(|n| car(n, place(small(n), 0))).collect(),
        requests: vec![request(1, place(0, 0))],
        ..Town::default()
    };
    // All but the farthest three drive: they are found nevertheless.
    for car in &mut town.cars[..free as usize - 3] {
        car.state = CarState::Driving;
    }
    let plan = town.plan();
    let decision = &plan.decisions[0];
    assert_eq!(pairs(&plan), [(trip(1), driver(free - 2))]);
    assert_eq!(decision.considered.len(), Decision::CONSIDERED_MAX);
    assert_eq!(decision.left_out, 50);
    assert!(
        decision
            .verdict_of(driver(Decision::CONSIDERED_MAX as u128 - 3))
            .is_some()
    );
    assert!(
        decision
            .verdict_of(driver(Decision::CONSIDERED_MAX as u128 - 2))
            .is_none()
    );
}

#[test]
fn a_trip_that_is_listed_twice_is_planned_once() {
    let town = Town {
        cars: vec![car(1, place(100, 0)), car(2, place(200, 0))],
        requests: vec![request(1, place(0, 0)), request(1, place(0, 0))],
        ..Town::default()
    };
    let plan = town.plan();
    assert_eq!(pairs(&plan), [(trip(1), driver(1))]);
    assert_eq!(plan.decisions.len(), 2);
    assert_eq!(plan.decisions[0], plan.decisions[1]);
}

#[test]
fn absurd_input_has_an_answer() {
    let corners = [
        LatLng::from_e7(900_000_000, 0).unwrap(),
        LatLng::from_e7(-900_000_000, 1_800_000_000).unwrap(),
        LatLng::from_e7(0, -1_800_000_000).unwrap(),
        place(0, 0),
    ];
    let times = [DateTime::<Utc>::MIN_UTC, now(), DateTime::<Utc>::MAX_UTC];
    let rules = Rules {
        mode: Mode::Broadcast,
        broadcast_offers: u32::MAX,
        radius_start_m: u32::MAX,
        radius_step_m: u32::MAX,
        radius_max_m: u32::MAX,
        radius_step_every: TimeDelta::MIN,
        fresh_for: TimeDelta::MAX,
        candidates_max: usize::MAX,
        forward_within: TimeDelta::MAX,
        idle_weight_bps: u32::MAX,
        idle_counts_for: TimeDelta::MAX,
        star_cost_ms: u32::MAX,
        cancel_cost_ms: u32::MAX,
        waiting_weight_bps: u32::MAX,
        home_left_bps: u32::MAX,
    };
    let mut town = Town {
        rules,
        ..Town::default()
    };
    for (number, (position, at)) in corners
        .into_iter()
        .flat_map(|corner| times.map(|at| (corner, at)))
        .enumerate()
    {
        let number = number as u128;
        let mut car = car(number, position);
        car.fix.at = at;
        car.standing.idle_since = at;
        car.standing.rating_milli = Some(0);
        car.standing.cancel_bps = u32::MAX;
        car.standing.home = (number.is_multiple_of(2)).then_some(GoingHome { to: position });
        car.state = CarState::Finishing {
            at: position,
            free_at: at,
        };
        town.cars.push(car);
        let mut request = request(number, position);
        request.since = at;
        request.waves = u32::MAX;
        town.requests.push(request);
    }
    for policy in [plan, plan_nearest] {
        assert_eq!(town.planned_by(policy).decisions.len(), 12);
    }
    assert!(!town.plan().proposals.is_empty());
}
