use super::*;
use crate::roads::sample::{Dice, RandomRoads, network};
use crate::roads::town::{Town, road};

fn somewhere(dice: &mut Dice) -> LatLng {
    let lat_e7 = 411_450_000 + dice.below(70_000) as i32;
    let lng_e7 = -86_150_000 + dice.below(100_000) as i32;
    LatLng::from_e7(lat_e7, lng_e7).unwrap()
}

/// The distance to the nearest road, found by walking along every one in small steps.
fn distance_by_walking(roads: &RoadNetwork, at: LatLng, well_connected: bool) -> f64 {
    let mut least = f64::INFINITY;
    for id in (0..roads.arc_count()).map(ArcId) {
        if well_connected && !roads.leads_anywhere(id) {
            continue;
        }
        for pair in roads.shape(id).windows(2) {
            for step in 0..=40 {
                let place = part_of_the_way(pair[0], pair[1], f64::from(step) / 40.0);
                least = least.min(at.distance_m(place));
            }
        }
    }
    least
}

#[test]
fn the_nearest_place_is_the_nearest() {
    let mut dice = Dice::seeded(5);
    for seed in 0..6 {
        let roads = network(&RandomRoads::seeded(seed).build());
        for round in 0..12 {
            let (at, well_connected) = (somewhere(&mut dice), round % 2 == 0);
            let walked_m = distance_by_walking(&roads, at, well_connected);
            let found = roads.nearest(at, well_connected);
            assert_eq!(found.is_some(), walked_m.is_finite());
            let Some(found) = found else { continue };
            let metres = found.point.distance_m;
            assert!(
                metres <= walked_m + 0.01,
                "seed {seed}: {metres} {walked_m}"
            );
            // The steps of the walk are up to 5 m long.
            assert!(metres >= walked_m - 5.0, "seed {seed}: {metres} {walked_m}");
            assert!((at.distance_m(found.point.at) - metres).abs() < 1e-9);
        }
    }
}

#[test]
fn the_offsets_of_both_directions_make_up_the_road() {
    let mut dice = Dice::seeded(6);
    let roads = network(&RandomRoads::seeded(2).build());
    let mut directions = [0, 0];
    for _ in 0..100 {
        let found = roads.nearest(somewhere(&mut dice), false).unwrap();
        let arc = roads.arc(found.point.arc).unwrap();
        directions[found.seeds.len() - 1] += 1;
        assert_eq!(found.seeds[0].arc, found.point.arc);
        assert_eq!(
            found.seeds[0].offset.length_mm,
            i64::from(found.point.along_mm)
        );
        let share = f64::from(found.point.along_mm) / f64::from(arc.length_mm);
        let expected_ms = f64::from(arc.duration_ms) * share;
        assert!((found.seeds[0].offset.duration_ms as f64 - expected_ms).abs() <= 1.0);
        let Some(back) = found.seeds.get(1) else {
            assert_eq!(roads.reverse(found.point.arc), None);
            continue;
        };
        assert_eq!(roads.reverse(found.point.arc), Some(back.arc));
        let both_mm = found.seeds[0].offset.length_mm + back.offset.length_mm;
        assert_eq!(both_mm, i64::from(arc.length_mm));
    }
    assert!(directions.iter().all(|count| *count > 0), "{directions:?}");
}

#[test]
fn a_place_is_as_far_along_as_the_road_is_long_up_to_it() {
    let mut town = Town::new();
    town.add(
        road("Rua A").bends(),
        &[(0, 0), (100, 0), (100, 50), (300, 50)],
    );
    let roads = town.open();
    let found = roads.nearest(town.at(120, 55), false).unwrap();
    assert!(found.point.along_mm.abs_diff(170_000) < 30, "{found:?}");
    assert!(found.point.at.distance_m(town.at(120, 50)) < 0.02);
    assert!((found.point.distance_m - 5.0).abs() < 0.02);
    assert_eq!(found.piece, 2);
}

#[test]
fn a_road_is_found_from_the_other_side_of_the_earth() {
    let mut town = Town::new();
    town.add(road("Rua A"), &[(0, 0), (100, 0)]);
    let roads = town.open();
    for (lat, lng) in [(-41.0, 171.0), (90.0, 0.0), (-90.0, 180.0), (0.0, -180.0)] {
        let from = LatLng::from_degrees(lat, lng).unwrap();
        let found = roads.nearest(from, false).unwrap();
        assert!(found.point.distance_m > 5_000_000.0);
        assert_eq!(roads.nearest(from, false), Some(found));
    }
}

#[test]
fn an_island_is_passed_over_when_asked_for() {
    let mut town = Town::with_streets();
    town.add(road("Island"), &[(-500, -500), (-400, -500)]);
    let roads = town.open();
    let near_island = town.at(-450, -480);
    let found = roads.nearest(near_island, false).unwrap();
    assert_eq!(found.point.distance_m.round(), 20.0);
    let found = roads.nearest(near_island, true).unwrap();
    assert!(found.point.distance_m > 400.0, "{found:?}");
    let stop = roads.road_stop(near_island).unwrap();
    assert!(stop.is_on_island());
    assert_eq!(stop.mainland(), &found);
    assert!(!roads.road_stop(town.at(5, 5)).unwrap().is_on_island());
}

#[test]
fn places_nearby_come_nearest_first_one_of_each_road() {
    let roads = network(&RandomRoads::seeded(9).build());
    let mut dice = Dice::seeded(7);
    for _ in 0..20 {
        let at = somewhere(&mut dice);
        let all = roads.nearby(at, 150.0, usize::MAX);
        let distances: Vec<f64> = all.iter().map(|found| found.point.distance_m).collect();
        let is_sorted = distances.windows(2).all(|pair| pair[0] <= pair[1] + 0.01);
        assert!(is_sorted, "{distances:?}");
        assert!(distances.iter().all(|metres| *metres <= 150.0));
        let segment = |found: &Snapped| roads.arc(found.point.arc).unwrap().segment;
        let mut segments: Vec<u32> = all.iter().map(segment).collect();
        segments.sort_unstable();
        segments.dedup();
        assert_eq!(segments.len(), all.len());
        let in_reach = (0..roads.arc_count()).map(ArcId).filter(|id| {
            let plane = Plane::at(at);
            roads.squared_to(&plane, *id).unwrap().sqrt() * Plane::M_PER_UNIT < 149.9
        });
        let mut in_reach: Vec<u32> = in_reach.map(|id| roads.arc(id).unwrap().segment).collect();
        in_reach.sort_unstable();
        in_reach.dedup();
        assert!(in_reach.iter().all(|near| segments.contains(near)));
        let few = roads.nearby(at, 150.0, 2);
        assert_eq!(few, all[..few.len()]);
        assert_eq!(few.len(), all.len().min(2));
        assert_eq!(roads.nearby(at, f64::NAN, 9), []);
        assert_eq!(roads.nearby(at, -1.0, 9), []);
    }
}
