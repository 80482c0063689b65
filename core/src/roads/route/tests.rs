use super::*;
use crate::roads::sample::{Dice, RandomRoads, network};
use crate::roads::town::{Town, road};

fn somewhere(dice: &mut Dice) -> LatLng {
    let lat_e7 = 411_480_000 + dice.below(80_000) as i32;
    let lng_e7 = -86_120_000 + dice.below(110_000) as i32;
    LatLng::from_e7(lat_e7, lng_e7).unwrap()
}

fn length_mm(line: &[LatLng]) -> u64 {
    line.windows(2)
        .map(|pair| pair[0].distance_mm(pair[1]))
        .sum()
}

#[test]
fn random_routes_follow_the_roads() {
    let mut found = 0;
    for seed in 0..40 {
        let roads = network(&RandomRoads::seeded(seed).build());
        let mut dice = Dice::seeded(seed + 100);
        for _ in 0..12 {
            let stops = vec![
                somewhere(&mut dice),
                somewhere(&mut dice),
                somewhere(&mut dice),
            ];
            let request = RouteRequest::through(stops);
            let Ok(route) = roads.with_search(|search| roads.route(search, &request)) else {
                continue;
            };
            found += 1;
            check(&roads, &route);
        }
    }
    assert!(found > 200, "{found}");
}

fn check(roads: &RoadNetwork, route: &Route) {
    let sums = route
        .legs
        .iter()
        .fold((0, 0), |sum, leg| (sum.0 + leg.0, sum.1 + leg.1));
    assert_eq!(sums, (route.length_mm, route.duration_ms));
    assert_eq!(route.stops.len(), 3);
    assert_eq!(route.geometry.first(), route.stops.first());
    assert_eq!(route.geometry.last(), route.stops.last());
    assert!(route.geometry.contains(&route.stops[1]));
    assert!(route.geometry.windows(2).all(|pair| pair[0] != pair[1]));
    // Each stop is rounded to a centimetre, each arc to a millimetre.
    let tolerance_mm = 60 + route.geometry.len() as u64;
    let drawn_mm = length_mm(&route.geometry);
    assert!(
        drawn_mm.abs_diff(route.length_mm) <= tolerance_mm,
        "{route:?}"
    );
    for pair in route.arcs.windows(2) {
        let is_turn = roads.turns(pair[0]).iter().any(|(arc, _)| *arc == pair[1]);
        let turns_at_stop = roads.reverse(pair[0]) == Some(pair[1]);
        assert!(is_turn || turns_at_stop, "{pair:?} of {route:?}");
    }
    // Every line of the drawing lies on an arc that is driven, in its direction.
    let whole: Vec<LatLng> = route
        .arcs
        .iter()
        .flat_map(|arc| roads.shape(*arc))
        .collect();
    let bends = route
        .geometry
        .iter()
        .filter(|point| !route.stops.contains(point));
    let mut rest = whole.iter();
    for bend in bends {
        assert!(rest.any(|point| point == bend), "{bend:?} of {route:?}");
    }
}

#[test]
fn a_route_begins_and_ends_within_its_arcs() {
    let mut town = Town::new();
    town.add(road("Rua A").bends(), &[(0, 0), (0, 50), (0, 100)]);
    town.add(road("Rua B").bends(), &[(0, 100), (50, 100), (100, 100)]);
    let route = town.route(&[(3, 20), (60, 103)]);
    let expected = [(0, 20), (0, 50), (0, 100), (50, 100), (60, 100)];
    assert_eq!(route.geometry.len(), expected.len());
    for (found, (east, north)) in route.geometry.iter().zip(expected) {
        assert!(found.distance_m(town.at(east, north)) < 0.02);
    }
    assert!(route.length_mm.abs_diff(140_000) < 30);
    assert_eq!(route.arcs.len(), 2);
    // 36 km/h: 14 s, and the turn.
    assert!((14_000..25_000).contains(&route.duration_ms), "{route:?}");
    assert!(!route.has_toll);
}

#[test]
fn two_places_on_one_street_are_joined_in_both_directions() {
    let mut town = Town::new();
    town.add(road("Rua A").bends(), &[(0, 0), (0, 50), (0, 100)]);
    let (there, back) = (
        town.route(&[(0, 20), (0, 70)]),
        town.route(&[(0, 70), (0, 20)]),
    );
    assert_eq!(there.length_mm, back.length_mm);
    assert_eq!(
        there.geometry.iter().rev().copied().collect::<Vec<_>>(),
        back.geometry
    );
    assert_eq!(there.geometry.len(), 3);
    assert_ne!(there.arcs, back.arcs);
}

#[test]
fn a_place_behind_on_a_one_way_is_reached_round_the_block() {
    let mut town = Town::new();
    town.add(road("Rua A").one_way(), &[(0, 0), (0, 100)]);
    town.add(
        road("Rua B").bends(),
        &[(0, 100), (100, 100), (100, 0), (0, 0)],
    );
    let route = town.route(&[(0, 70), (0, 20)]);
    assert!(route.length_mm.abs_diff(350_000) < 50, "{route:?}");
    assert_eq!(route.arcs.len(), 3);
    assert_eq!(route.arcs.first(), route.arcs.last());
    assert_eq!(route.geometry.len(), 6);
}

#[test]
fn one_place_twice_is_no_way() {
    let town = Town::with_streets();
    let route = town.route(&[(130, 1), (130, 1), (130, 1)]);
    assert_eq!((route.length_mm, route.duration_ms), (0, 0));
    assert_eq!(route.legs, [(0, 0), (0, 0)]);
    assert_eq!(route.geometry.len(), 1);
    assert_eq!(route.stops, [route.geometry[0]; 3]);
    assert_eq!(route.arcs.len(), 1);
    assert_eq!(route.steps.len(), 4);
}

#[test]
fn a_car_may_leave_a_stop_the_way_it_came() {
    let mut town = Town::new();
    town.add(road("Rua A"), &[(0, 0), (0, 1000)]);
    let route = town.route(&[(0, 100), (0, 300), (0, 200)]);
    assert!(route.length_mm.abs_diff(300_000) < 30, "{route:?}");
    assert_eq!(route.arcs.len(), 2);
    assert_eq!(route.geometry.len(), 3);
}

#[test]
fn durations_grow_with_slowness_and_lengths_do_not() {
    let town = Town::with_streets();
    let roads = town.open();
    let mut request = RouteRequest::through(vec![town.at(20, 0), town.at(450, 730)]);
    let mut ask = |bps| {
        request.slowness_bps = bps;
        roads
            .with_search(|search| roads.route(search, &request))
            .unwrap()
    };
    let (free, slow) = (ask(10_000), ask(15_000));
    assert_eq!(slow.length_mm, free.length_mm);
    assert_eq!(slow.duration_ms, (free.duration_ms * 3).div_ceil(2));
}

#[test]
fn what_was_not_asked_for_is_left_out() {
    let town = Town::with_streets();
    let roads = town.open();
    let mut request = RouteRequest::through(vec![town.at(20, 0), town.at(450, 730)]);
    let mut ask = |geometry, steps| {
        (request.geometry, request.steps) = (geometry, steps);
        roads
            .with_search(|search| roads.route(search, &request))
            .unwrap()
    };
    let all = ask(true, true);
    let (lines, words, neither) = (ask(true, false), ask(false, true), ask(false, false));
    assert_eq!(
        (&lines.geometry, &lines.steps),
        (&all.geometry, &Vec::new())
    );
    assert_eq!((&words.geometry, &words.steps), (&Vec::new(), &all.steps));
    assert_eq!((neither.geometry, neither.steps), (Vec::new(), Vec::new()));
    assert_eq!(neither.legs, all.legs);
    assert_eq!(neither.arcs, all.arcs);
}

#[test]
fn a_number_of_stops_that_makes_no_route_is_refused() {
    let town = Town::with_streets();
    let roads = town.open();
    for count in [0, 1, 26] {
        let request = RouteRequest::through(vec![town.at(20, 0); count]);
        let refusal = roads.with_search(|search| roads.route(search, &request));
        assert_eq!(refusal, Err(NoRoute::Stops(count)));
    }
}

#[test]
fn a_toll_on_the_way_is_known() {
    let mut town = Town::new();
    town.add(road("Rua A"), &[(0, 0), (0, 100)]);
    town.add(road("Ponte").toll(), &[(0, 100), (0, 200)]);
    assert!(town.route(&[(0, 20), (0, 150)]).has_toll);
    assert!(!town.route(&[(0, 20), (0, 80)]).has_toll);
}

#[test]
fn an_island_is_used_by_those_on_it_and_left_alone_by_others() {
    let mut town = Town::with_streets();
    town.add(road("Island"), &[(-500, -500), (-400, -500)]);
    let within = town.route(&[(-480, -480), (-420, -480)]);
    assert!(within.length_mm.abs_diff(60_000) < 30, "{within:?}");
    for stops in [[(-450, -490), (300, 300)], [(300, 300), (-450, -490)]] {
        let route = town.route(&stops);
        assert!(
            route
                .stops
                .iter()
                .all(|stop| stop.distance_m(town.at(-450, -500)) > 400.0)
        );
        assert!(route.length_mm > 500_000);
    }
}

#[test]
fn two_towns_that_no_road_joins_have_no_route() {
    let mut town = Town::with_streets();
    // A one-way leads out of the town and not back.
    town.add(road("Out").one_way(), &[(0, 0), (-300, 0)]);
    let route = town.route(&[(100, 100), (-250, 5)]);
    assert!(route.length_mm > 400_000);
    let roads = town.open();
    let request = RouteRequest::through(vec![town.at(-290, 5), town.at(-10, 5)]);
    let back = roads
        .with_search(|search| roads.route(search, &request))
        .unwrap();
    assert!(
        back.stops[0].distance_m(town.at(0, 5)) < 0.1,
        "the street that leads on"
    );
    let mut town = Town::new();
    town.add(road("A").one_way(), &[(0, 0), (0, 100)]);
    town.add(road("B").one_way(), &[(500, 0), (500, 100)]);
    let roads = town.open();
    let stops = vec![town.at(0, 10), town.at(0, 90), town.at(500, 90)];
    let request = RouteRequest::through(stops);
    let refusal = roads.with_search(|search| roads.route(search, &request));
    assert_eq!(refusal, Err(NoRoute::NotConnected(1)));
}
