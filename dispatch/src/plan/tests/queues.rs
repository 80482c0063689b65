//! Zones with a queue.

use super::*;

const ZONE: u16 = 7;

/// A driver who has waited in the queue for so many minutes.
fn queued(number: u128, east_m: i32, minutes: i64) -> Car {
    let mut car = car(number, place(east_m, 0));
    car.standing.queue = Some(QueuePlace {
        zone: ZONE,
        since: now() - TimeDelta::minutes(minutes),
    });
    car
}

/// A request at the zone that has waited for so many seconds.
fn at_zone(number: u128, seconds: i64) -> Request {
    let mut request = request(number, place(0, 0));
    request.queue = Some(ZONE);
    request.since = now() - TimeDelta::seconds(seconds);
    request
}

#[test]
fn whoever_came_first_is_asked_first_wherever_the_car_stands() {
    let town = Town {
        cars: vec![
            queued(1, 100, 10),
            queued(2, 900, 30),
            queued(3, 200, 20),
            car(4, place(10, 0)),
        ],
        requests: vec![at_zone(1, 0)],
        ..Town::default()
    };
    let plan = town.plan();
    assert_eq!(pairs(&plan), [(trip(1), driver(2))]);
    let verdict = |number| *plan.decisions[0].verdict_of(driver(number)).unwrap();
    let behind = |before| Verdict::Dropped(Gate::BehindInQueue { before });
    assert_eq!(verdict(3), behind(1));
    assert_eq!(verdict(1), behind(2));
    assert_eq!(
        verdict(4),
        behind(3),
        "whoever is not in the queue is behind all"
    );
}

#[test]
fn the_longest_waiting_request_gets_the_longest_waiting_driver() {
    let town = Town {
        cars: vec![queued(1, 100, 10), queued(2, 900, 30)],
        requests: vec![at_zone(1, 5), at_zone(2, 50)],
        ..Town::default()
    };
    let plan = town.plan();
    assert_eq!(pairs(&plan), [(trip(1), driver(1)), (trip(2), driver(2))]);
    assert!(matches!(
        plan.decisions[0].verdict_of(driver(2)),
        Some(Verdict::Lost { asked_for: Some(other), .. }) if *other == trip(2)
    ));
    assert_eq!(
        plan.decisions[1].verdict_of(driver(1)),
        Some(&Verdict::Dropped(Gate::BehindInQueue { before: 1 }))
    );
}

#[test]
fn the_first_one_who_may_be_asked_is_asked() {
    let mut town = Town {
        cars: vec![queued(1, 100, 30), queued(2, 200, 20), queued(3, 300, 10)],
        requests: vec![at_zone(1, 0)],
        ..Town::default()
    };
    town.requests[0]
        .excluded
        .insert(driver(1), Exclusion::Asked);
    town.cars[1].profile.vehicle_class = VehicleClass::Xl;
    assert_eq!(pairs(&town.plan()), [(trip(1), driver(3))]);
}

#[test]
fn a_request_that_nobody_waits_for_takes_part_in_the_ordinary_assignment() {
    let mut town = Town {
        cars: vec![queued(1, 100, 10), car(2, place(10, 0))],
        requests: vec![at_zone(1, 50), at_zone(2, 5)],
        ..Town::default()
    };
    assert_eq!(
        pairs(&town.plan()),
        [(trip(1), driver(1)), (trip(2), driver(2))]
    );
    town.cars.remove(0);
    town.requests.remove(0);
    assert_eq!(pairs(&town.plan()), [(trip(2), driver(2))]);
}

#[test]
fn a_queue_serves_more_requests_than_have_candidates() {
    let town = Town {
        rules: Rules {
            candidates_max: 1,
            ..Rules::default()
        },
        cars: (1..=20)
            .map(|n| queued(n, 10 * small(n), 100 - i64::from(small(n))))
            .collect(),
        requests: (1..=20)
            .map(|n| at_zone(n, 100 - i64::from(small(n))))
            .collect(),
    };
    let expected: Vec<_> = (1..=20).map(|n| (trip(n), driver(n))).collect();
    let plan = town.plan();
    assert_eq!(pairs(&plan), expected);
    assert_eq!(
        plan.decisions[0].verdict_of(driver(20)),
        Some(&Verdict::Dropped(Gate::BehindInQueue { before: 19 }))
    );
}

#[test]
fn a_queue_goes_before_the_nearest_as_well() {
    let town = Town {
        cars: vec![queued(1, 100, 10), queued(2, 900, 30), car(3, place(10, 0))],
        requests: vec![at_zone(1, 0)],
        ..Town::default()
    };
    assert_eq!(
        pairs(&town.planned_by(plan_nearest)),
        [(trip(1), driver(2))]
    );
}

#[test]
fn a_queue_is_asked_one_by_one_in_broadcast_mode_too() {
    let town = Town {
        rules: Rules {
            mode: Mode::Broadcast,
            ..Rules::default()
        },
        cars: vec![queued(1, 100, 10), queued(2, 900, 30), car(3, place(10, 0))],
        requests: vec![at_zone(1, 0)],
    };
    assert_eq!(pairs(&town.plan()), [(trip(1), driver(2))]);
}
