//! What holds in any small town.

use std::collections::{HashMap, HashSet};

use pathfinding::kuhn_munkres::kuhn_munkres_min;
use pathfinding::matrix::Matrix;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::*;
use crate::plan::gates::Gates;

/// A town in which anything may be the case.
fn random_town(seed: u64) -> Town {
    let mut random = Pcg64::seed_from_u64(seed);
    let width_m = [50, 3_000, 12_000][random.random_range(0..3)];
    let mut somewhere = {
        let mut random = Pcg64::seed_from_u64(seed + 1_000_000);
        move || {
            place(
                random.random_range(0..width_m),
                random.random_range(0..width_m),
            )
        }
    };
    let zone = |random: &mut Pcg64| random.random_bool(0.2).then(|| random.random_range(0..2));
    let cars = (0..random.random_range(0..30_u128)).map(|number| {
        let mut car = car(number, somewhere());
        car.fix.at = now() - TimeDelta::seconds(random.random_range(-5..70));
        car.state = match random.random_range(0..10) {
            0 => CarState::Asked,
            1 => CarState::Driving,
            2 | 3 => CarState::Finishing {
                at: somewhere(),
                free_at: now() + TimeDelta::seconds(random.random_range(-20..300)),
            },
            _ => CarState::Free,
        };
        if random.random_bool(0.1) {
            car.profile.vehicle_class = VehicleClass::Xl;
        }
        car.standing.idle_since = now() - TimeDelta::seconds(random.random_range(0..3_000));
        car.standing.rating_milli = random
            .random_bool(0.7)
            .then(|| random.random_range(3_000..=5_000));
        car.standing.cancel_bps = random.random_range(0..3_000);
        car.standing.home = random
            .random_bool(0.1)
            .then(|| GoingHome { to: somewhere() });
        car.standing.queue = zone(&mut random).map(|zone| QueuePlace {
            zone,
            since: now() - TimeDelta::seconds(random.random_range(0..5)),
        });
        car
    });
    let cars: Vec<Car> = cars.collect();
    let requests = (0..random.random_range(0..20_u128)).map(|number| {
        let mut request = request(number, somewhere());
        request.dropoff = somewhere();
        request.since = now() - TimeDelta::seconds(random.random_range(0..20));
        request.queue = zone(&mut random);
        request.waves = random.random_range(0..4);
        for _ in 0..random.random_range(0..3) {
            let excluded = driver(random.random_range(0..30));
            request.excluded.insert(excluded, Exclusion::Asked);
        }
        request
    });
    let requests: Vec<Request> = requests.collect();
    Town {
        rules: Rules {
            mode: [Mode::Sequential, Mode::Broadcast][random.random_range(0..2)],
            broadcast_offers: random.random_range(1..4),
            candidates_max: [2, 30][random.random_range(0..2)],
            ..Rules::default()
        },
        cars,
        requests,
    }
}

fn towns() -> impl Iterator<Item = (u64, Town)> {
    (0..300).map(|seed| (seed, random_town(seed)))
}

#[test]
fn no_driver_is_asked_twice_and_no_trip_beyond_its_offers() {
    let mut asked = 0;
    for (seed, town) in towns() {
        for policy in [plan, plan_nearest] {
            let plan = town.planned_by(policy);
            let drivers: HashSet<_> = plan.proposals.iter().map(|one| one.driver).collect();
            assert_eq!(drivers.len(), plan.proposals.len(), "seed {seed}");
            let most = match town.rules.mode {
                Mode::Sequential => 1,
                Mode::Broadcast => town.rules.broadcast_offers as usize,
            };
            for request in &town.requests {
                let offers = plan.proposals.iter().filter(|one| one.trip == request.trip);
                assert!(offers.count() <= most, "seed {seed}");
            }
            asked += plan.proposals.len();
        }
    }
    assert!(asked > 1_000, "{asked} proposals in all");
}

#[test]
fn whoever_is_asked_passes_all_gates_and_no_other_verdict_contradicts_it() {
    for (seed, town) in towns() {
        let index = town.index();
        let round = Round {
            at: now(),
            rules: &town.rules,
            requests: &town.requests,
            index: &index,
            travel: &TRAVEL,
        };
        let plan = plan(&round);
        let trips: HashMap<_, _> = town.requests.iter().map(|one| (one.trip, one)).collect();
        for proposal in &plan.proposals {
            let request = trips[&proposal.trip];
            let car = index.find(proposal.driver).expect("a car");
            assert_eq!(Gates::new(&round, request).first(&car), None, "seed {seed}");
            let radius_m = town.rules.radius_m(request.waited(now()));
            assert!(proposal.cost.way_m <= radius_m, "seed {seed}");
            assert_eq!(proposal.vehicle, car.profile.vehicle);
            assert_eq!(proposal.wave, request.waves + 1);
        }
        let asked_for: HashMap<_, _> = plan
            .proposals
            .iter()
            .map(|one| (one.driver, one.trip))
            .collect();
        for decision in &plan.decisions {
            for one in &decision.considered {
                let asked_for = asked_for.get(&one.driver).copied();
                let here = asked_for == Some(decision.trip);
                match one.verdict {
                    Verdict::Asked { .. } => assert!(here, "seed {seed}"),
                    Verdict::Lost {
                        asked_for: told, ..
                    } => {
                        assert!(!here && told == asked_for, "seed {seed}");
                    }
                    Verdict::Dropped(_) => assert!(!here, "seed {seed}"),
                }
            }
        }
    }
}

#[test]
fn a_round_costs_what_another_solver_finds() {
    let mut compared = 0;
    for (seed, mut town) in towns() {
        town.rules.mode = Mode::Sequential;
        for request in &mut town.requests {
            request.queue = None;
        }
        let plan = town.plan();
        // What passed the gates, with its costs, is in the decisions.
        let drivers = town.cars.len();
        let (rows, never) = (town.requests.len(), 1 << 50);
        if rows == 0 {
            continue;
        }
        let mut matrix = Matrix::new(rows, drivers + rows, never);
        for (row, decision) in plan.decisions.iter().enumerate() {
            for one in &decision.considered {
                let place = town.cars.iter().position(|car| car.driver == one.driver);
                if let Verdict::Asked { cost } | Verdict::Lost { cost, .. } = one.verdict {
                    matrix[(row, place.expect("a car"))] = cost.total_ms();
                }
            }
            matrix[(row, drivers + row)] = left_out_ms(&town, row);
        }
        let (least, _) = kuhn_munkres_min(&matrix);
        let asked: HashMap<_, _> = plan.proposals.iter().map(|one| (one.trip, one)).collect();
        let ours = town.requests.iter().enumerate().map(|(row, request)| {
            let asked = asked.get(&request.trip);
            asked.map_or(left_out_ms(&town, row), |one| one.cost.total_ms())
        });
        assert_eq!(ours.sum::<i64>(), least, "seed {seed}");
        compared += plan.proposals.len();
    }
    assert!(compared > 500, "{compared} proposals in all");
}

/// What leaving a request out costs: more than all ways of the town together, and half of the waiting.
fn left_out_ms(town: &Town, row: usize) -> i64 {
    let waited = town.requests[row].waited(now());
    1 << 32 | (waited.num_milliseconds() / 2)
}

#[test]
fn the_order_of_requests_and_cars_changes_nothing() {
    for (seed, mut town) in towns() {
        let mut random = Pcg64::seed_from_u64(seed);
        // Many ties: everybody stands at one of two places.
        if seed % 2 == 0 {
            for car in &mut town.cars {
                car.fix.position = place(i32::from(seed % 4 == 0) * 10, 0);
            }
            for request in &mut town.requests {
                request.pickup = place(0, 0);
            }
        }
        for policy in [plan, plan_nearest] {
            let before = town.planned_by(policy);
            town.cars.shuffle(&mut random);
            town.requests.shuffle(&mut random);
            let mut after = town.planned_by(policy);
            assert_eq!(after.proposals, before.proposals, "seed {seed}");
            let mut decisions = before.decisions;
            decisions.sort_by_key(|one| one.trip);
            after.decisions.sort_by_key(|one| one.trip);
            assert_eq!(after.decisions, decisions, "seed {seed}");
        }
    }
}
