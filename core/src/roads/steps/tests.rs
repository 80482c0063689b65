use super::*;
use crate::roads::data::RoadClass;
use crate::roads::route::RouteRequest;
use crate::roads::sample::{Dice, RandomRoads, network};
use crate::roads::town::{Town, road};

fn told(town: &Town, from: (i32, i32), to: (i32, i32), expected: &[&str]) {
    assert_eq!(town.told(from, to), expected);
}

#[test]
fn a_driver_turns_at_the_end_of_a_street() {
    let mut town = Town::new();
    town.add(road("Rua A"), &[(0, 0), (0, 100)]);
    town.add(road("Rua B"), &[(-100, 100), (0, 100), (100, 100)]);
    let left = [
        "Head north on Rua A",
        "Turn left into Rua B",
        "Arrive at Rua B",
    ];
    told(&town, (0, 20), (-80, 100), &left);
    let right = [
        "Head north on Rua A",
        "Turn right into Rua B",
        "Arrive at Rua B",
    ];
    told(&town, (0, 20), (80, 100), &right);
    let straight = ["Head west on Rua B", "Arrive at Rua B"];
    told(&town, (80, 100), (-80, 100), &straight);
}

#[test]
fn nothing_is_said_along_the_bends_of_a_street() {
    let mut town = Town::new();
    town.add(
        road("Rua A"),
        &[(0, 0), (0, 100), (80, 160), (180, 160), (180, 60)],
    );
    town.add(road("Rua B"), &[(80, 160), (0, 300)]);
    town.add(road("").class(RoadClass::Service), &[(0, 100), (0, 150)]);
    told(
        &town,
        (0, 10),
        (180, 70),
        &["Head north on Rua A", "Arrive at Rua A"],
    );
}

#[test]
fn the_sharpness_of_a_turn_is_told() {
    let mut town = Town::new();
    town.add(road("Rua A"), &[(0, 0), (0, 100), (0, 200)]);
    town.add(road("Rua B"), &[(0, 100), (80, 180)]);
    town.add(road("Rua C"), &[(0, 100), (80, 40)]);
    let slight = [
        "Head north on Rua A",
        "Bear right into Rua B",
        "Arrive at Rua B",
    ];
    told(&town, (0, 10), (70, 170), &slight);
    let sharp = [
        "Head north on Rua A",
        "Turn sharp right into Rua C",
        "Arrive at Rua C",
    ];
    told(&town, (0, 10), (70, 48), &sharp);
}

#[test]
fn the_branch_of_a_fork_is_told_even_where_it_goes_straight() {
    let mut town = Town::new();
    town.add(road("Rua A"), &[(0, 0), (0, 100)]);
    town.add(road("Rua B"), &[(0, 100), (-10, 200)]);
    town.add(road("Rua C"), &[(0, 100), (40, 190)]);
    let left = [
        "Head north on Rua A",
        "Bear left into Rua B",
        "Arrive at Rua B",
    ];
    told(&town, (0, 10), (-9, 190), &left);
    let right = [
        "Head north on Rua A",
        "Bear right into Rua C",
        "Arrive at Rua C",
    ];
    told(&town, (0, 10), (38, 186), &right);
}

#[test]
fn a_small_road_beside_the_way_makes_no_fork() {
    let mut town = Town::new();
    let main = || road("Avenida").class(RoadClass::Primary);
    town.add(main(), &[(0, 0), (0, 100), (0, 200)]);
    town.add(road("Rua C"), &[(0, 100), (40, 190)]);
    told(
        &town,
        (0, 10),
        (0, 190),
        &["Head north on Avenida", "Arrive at Avenida"],
    );
}

#[test]
fn a_new_name_is_told_if_the_street_keeps_it() {
    let mut town = Town::new();
    town.add(road("Rua A"), &[(0, 0), (0, 300)]);
    town.add(road("Rua B"), &[(0, 300), (0, 330)]);
    town.add(road("Rua C"), &[(0, 330), (0, 900)]);
    town.add(road("Rua X"), &[(-100, 330), (0, 330), (100, 330)]);
    let long = [
        "Head north on Rua A",
        "Continue on Rua C",
        "Arrive at Rua C",
    ];
    told(&town, (0, 10), (0, 890), &long);
    told(
        &town,
        (0, 10),
        (0, 320),
        &["Head north on Rua A", "Arrive at Rua B"],
    );
}

#[test]
fn the_bridges_of_a_motorway_and_more_numbers_of_a_road_are_not_told() {
    let mut town = Town::new();
    let motorway = |name| road(name).class(RoadClass::Motorway).one_way();
    town.add(motorway("A 6"), &[(0, 0), (0, 1000)]);
    town.add(motorway("Rheinbrücke"), &[(0, 1000), (0, 1800)]);
    town.add(motorway("A 6"), &[(0, 1800), (0, 3000)]);
    told(
        &town,
        (0, 10),
        (0, 2900),
        &["Head north on A 6", "Arrive at A 6"],
    );
    let mut town = Town::new();
    town.add(road("B 3"), &[(0, 0), (0, 1000)]);
    town.add(road("B 3; B 535"), &[(0, 1000), (0, 1800)]);
    town.add(road("B 535"), &[(0, 1800), (0, 3000)]);
    town.add(motorway("A 656"), &[(0, 3000), (0, 4000)]);
    let expected = ["Head north on B 3", "Continue on A 656", "Arrive at A 656"];
    told(&town, (0, 10), (0, 3900), &expected);
}

#[test]
fn the_split_of_a_street_before_a_roundabout_is_not_told() {
    let mut town = roundabout();
    // Parallel to the street in the south, with a fork 38 m before the ring.
    town.add(road("Rua A"), &[(0, -600), (3, -50)]);
    town.add(road("").one_way(), &[(3, -50), (14, -14)]);
    town.add(road("Other"), &[(3, -50), (-40, -10)]);
    let expected = [
        "Head north on Rua A",
        "At the roundabout, take the second exit into West",
        "Arrive at West",
    ];
    told(&town, (1, -400), (-150, 0), &expected);
    let left = [
        "Head north on Rua A",
        "Bear left into Other",
        "Arrive at Other",
    ];
    told(&town, (1, -400), (-35, -15), &left);
}

#[test]
fn a_street_round_a_corner_under_a_new_name_is_a_turn() {
    let mut town = Town::new();
    town.add(road("Rua A"), &[(0, 0), (0, 100)]);
    town.add(road("Rua B"), &[(0, 100), (100, 100)]);
    let expected = [
        "Head north on Rua A",
        "Turn right into Rua B",
        "Arrive at Rua B",
    ];
    told(&town, (0, 10), (90, 100), &expected);
}

/// Four streets into a roundabout of 20 m, driven against the clock. The one from the east only
/// leads in.
fn roundabout() -> Town {
    let mut town = Town::new();
    let ring = [
        (0, -20),
        (14, -14),
        (20, 0),
        (14, 14),
        (0, 20),
        (-14, 14),
        (-20, 0),
        (-14, -14),
    ];
    let closed: Vec<(i32, i32)> = ring.into_iter().chain([(0, -20)]).collect();
    town.add(road("").roundabout(), &closed);
    town.add(road("South"), &[(0, -200), (0, -20)]);
    town.add(road("East").one_way(), &[(200, 0), (20, 0)]);
    town.add(road("North"), &[(0, 20), (0, 200)]);
    town.add(road("West"), &[(-20, 0), (-200, 0)]);
    town
}

#[test]
fn exits_of_a_roundabout_are_counted() {
    let town = roundabout();
    for (to, exit, street) in [((0, 150), "first", "North"), ((-150, 0), "second", "West")] {
        let sentence = format!("At the roundabout, take the {exit} exit into {street}");
        let arrive = format!("Arrive at {street}");
        told(
            &town,
            (0, -150),
            to,
            &["Head north on South", &sentence, &arrive],
        );
    }
    let back = [
        "Head west on East",
        "At the roundabout, take the third exit into South",
        "Arrive at South",
    ];
    told(&town, (150, 0), (0, -150), &back);
}

#[test]
fn the_step_of_a_roundabout_lasts_until_the_next() {
    let town = roundabout();
    let steps = town.route(&[(0, -150), (-150, 0)]).steps;
    assert_eq!(steps[1].maneuver, Maneuver::Roundabout(2));
    assert_eq!(steps[1].at, town.at(0, -20));
    assert_eq!(steps[0].distance_m, 130);
    // Six of the eight pieces of 15 m, and 130 m.
    assert!(steps[1].distance_m.abs_diff(222) <= 1, "{steps:?}");
    assert_eq!(steps[1].bearing_deg, 270);
}

#[test]
fn who_starts_on_a_roundabout_is_told_where_to_leave_it() {
    let town = roundabout();
    let steps = town.told((17, 7), (-150, 0));
    assert_eq!(steps.len(), 3, "{steps:?}");
    assert_eq!(steps[1], "Turn right into West");
}

#[test]
fn ramps_lead_onto_the_motorway_and_off_it() {
    let mut town = Town::new();
    let motorway = || road("A 28").class(RoadClass::Motorway).one_way();
    let ramp = || road("").class(RoadClass::Motorway).link();
    town.add(
        motorway(),
        &[(0, -1000), (0, 0), (0, 400), (0, 1000), (0, 2000)],
    );
    town.add(road("Rua A"), &[(300, -300), (60, -300), (-300, -300)]);
    town.add(ramp(), &[(60, -300), (20, -150), (0, 0)]);
    town.add(ramp(), &[(0, 1000), (30, 1150), (60, 1300)]);
    town.add(road("Rua B"), &[(-300, 1300), (60, 1300), (300, 1300)]);
    let expected = [
        "Head west on Rua A",
        "Take the ramp on the right towards A 28",
        "Merge onto A 28",
        "Take the ramp on the right towards Rua B",
        "Turn right into Rua B",
        "Arrive at Rua B",
    ];
    told(&town, (280, -300), (280, 1300), &expected);
    let along = ["Head north on A 28", "Arrive at A 28"];
    told(&town, (0, -900), (0, 1900), &along);
}

#[test]
fn a_slip_road_of_a_street_is_a_part_of_the_turn() {
    let mut town = Town::new();
    let main = |name| road(name).class(RoadClass::Primary);
    town.add(main("Avenida A"), &[(0, -300), (0, -30), (0, 0), (0, 300)]);
    town.add(main("Avenida B"), &[(-300, 0), (0, 0), (30, 0), (300, 0)]);
    town.add(main("").link(), &[(0, -30), (10, -10), (30, 0)]);
    let expected = [
        "Head north on Avenida A",
        "Turn right into Avenida B",
        "Arrive at Avenida B",
    ];
    told(&town, (0, -200), (200, 0), &expected);
}

#[test]
fn turning_round_at_a_dead_end_is_told() {
    let mut town = Town::new();
    town.add(road("Rua A"), &[(0, 0), (0, 100)]);
    town.add(road("Rua B").one_way(), &[(-100, 0), (0, 0)]);
    let mut steps = town.told((0, 40), (0, 80));
    assert_eq!(steps, ["Head north on Rua A", "Arrive at Rua A"]);
    // From the one-way one can only go up; nothing is told of the way back but the U-turn.
    town.add(road("Rua C"), &[(0, 0), (100, 0)]);
    let route = town.route(&[(0, 40), (0, 90), (50, 0)]);
    steps = route.steps.iter().map(Step::in_words).collect();
    assert_eq!(
        steps,
        [
            "Head north on Rua A",
            "Arrive at Rua A",
            "Head south on Rua A",
            "Turn left into Rua C",
            "Arrive at Rua C",
        ]
    );
    // A street that one may only leave by turning round at its end.
    let mut town = Town::new();
    town.add(road("Rua A"), &[(0, 0), (0, 100)]);
    let way = town.add(road("Rua B"), &[(-100, 0), (0, 0)]);
    let out = town.add(road("Rua C"), &[(0, 0), (100, 0)]);
    town.data.turn_bans.push(crate::roads::data::TurnBan {
        segments: vec![way, out],
        first_via: town.data.segments[way as usize].end,
    });
    let expected = [
        "Head east on Rua B",
        "Turn left into Rua A",
        "Make a U-turn on Rua A",
        "Turn left into Rua C",
        "Arrive at Rua C",
    ];
    told(&town, (-80, 0), (80, 0), &expected);
}

#[test]
fn both_turns_over_the_gap_of_a_dual_carriageway_are_one() {
    let mut town = Town::new();
    let side = || road("Avenida").class(RoadClass::Primary).one_way();
    town.add(side(), &[(0, -300), (0, 0), (0, 300)]);
    town.add(side(), &[(-15, 300), (-15, 0), (-15, -300)]);
    town.add(road("Rua X"), &[(-200, 0), (-15, 0), (0, 0), (200, 0)]);
    let round = [
        "Head north on Avenida",
        "Make a U-turn on Avenida",
        "Arrive at Avenida",
    ];
    told(&town, (0, -200), (-15, -200), &round);
    let left = [
        "Head north on Avenida",
        "Turn left into Rua X",
        "Arrive at Rua X",
    ];
    told(&town, (0, -200), (-150, 0), &left);
    let onto = [
        "Head west on Rua X",
        "Turn left into Avenida",
        "Arrive at Avenida",
    ];
    told(&town, (150, 0), (-15, -200), &onto);
    let across = ["Head west on Rua X", "Arrive at Rua X"];
    told(&town, (150, 0), (-150, 0), &across);
}

#[test]
fn a_jog_over_a_few_metres_is_no_turn() {
    let mut town = Town::new();
    town.add(road("Rua A"), &[(0, 0), (0, 100), (8, 108), (8, 200)]);
    town.add(road("Rua X"), &[(0, 100), (-80, 180)]);
    town.add(road("Rua Y"), &[(8, 108), (80, 36)]);
    told(
        &town,
        (0, 10),
        (8, 190),
        &["Head north on Rua A", "Arrive at Rua A"],
    );
    let mut town = Town::new();
    town.add(road("Rua A"), &[(0, 0), (0, 100)]);
    town.add(
        road("Rua B"),
        &[(-200, 100), (0, 100), (0, 108), (-200, 108)],
    );
    town.add(road("Rua B"), &[(0, 108), (200, 108)]);
    let expected = [
        "Head north on Rua A",
        "Turn left into Rua B",
        "Arrive at Rua B",
    ];
    told(&town, (0, 10), (-150, 108), &expected);
}

#[test]
fn a_ferry_is_told_and_so_is_the_road_behind_it() {
    let mut town = Town::new();
    town.add(road("Cais"), &[(0, 0), (0, 100)]);
    town.add(
        road("Travessia").class(RoadClass::Ferry),
        &[(0, 100), (0, 900)],
    );
    town.add(road("Rua B"), &[(0, 900), (0, 1000)]);
    let expected = [
        "Head north on Cais",
        "Take the ferry Travessia",
        "Continue on Rua B",
        "Arrive at Rua B",
    ];
    told(&town, (0, 10), (0, 990), &expected);
}

#[test]
fn the_steps_of_random_routes_add_up() {
    let mut routes = 0;
    for seed in 0..40 {
        let roads = network(&RandomRoads::seeded(seed).build());
        let mut dice = Dice::seeded(seed);
        for _ in 0..10 {
            let mut stop = || {
                let lat_e7 = 411_490_000 + dice.below(60_000) as i32;
                let lng_e7 = -86_110_000 + dice.below(90_000) as i32;
                LatLng::from_e7(lat_e7, lng_e7).unwrap()
            };
            let mut request = RouteRequest::through(vec![stop(), stop(), stop()]);
            request.slowness_bps = 13_337;
            let Ok(route) = roads.with_search(|search| roads.route(search, &request)) else {
                continue;
            };
            routes += 1;
            let legs: Vec<&[Step]> = route
                .steps
                .split_inclusive(|step| matches!(step.maneuver, Maneuver::Arrive(_)))
                .collect();
            assert_eq!(legs.len(), 2);
            for (steps, (length_mm, duration_ms)) in legs.into_iter().zip(&route.legs) {
                assert_eq!(steps[0].maneuver, Maneuver::Depart);
                let metres: u64 = steps.iter().map(|step| u64::from(step.distance_m)).sum();
                assert_eq!(metres, (length_mm + 500) / 1000, "seed {seed}");
                let seconds: u64 = steps.iter().map(|step| u64::from(step.duration_s)).sum();
                assert_eq!(seconds, (duration_ms + 500) / 1000, "seed {seed}");
            }
            assert!(route.steps.is_sorted_by_key(|step| step.geometry_index));
            for step in &route.steps {
                assert_eq!(route.geometry[step.geometry_index], step.at, "seed {seed}");
            }
        }
    }
    assert!(routes > 200, "{routes}");
}
