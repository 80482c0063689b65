//! What a matched track never is, and what becomes of broken ones.

use super::town::{Watched, fix, network, place, roads, street, town, wander};
use crate::geo::LatLng;
use crate::roads::data::RoadClass;
use crate::roads::hierarchy::Search;
use crate::roads::matching::{MatchedTrack, TrackFix};
use crate::roads::network::RoadNetwork;

fn matched(network: &RoadNetwork, track: &[TrackFix]) -> MatchedTrack {
    let matched = network.match_track(&mut Search::default(), track);
    assert_eq!(matched.points.len(), track.len());
    for drive in &matched.drives {
        let pairs = drive.geometry.windows(2);
        let drawn_mm: u64 = pairs.map(|pair| pair[0].distance_mm(pair[1])).sum();
        assert!(
            drawn_mm.abs_diff(drive.length_mm) <= 100 + drive.length_mm / 1000,
            "{drawn_mm} drawn, {} driven",
            drive.length_mm
        );
        for pair in drive.passages.windows(2) {
            assert!(pair[0].at_ms <= pair[1].at_ms, "{pair:?}");
            assert!(pair[0].driven_mm <= pair[1].driven_mm, "{pair:?}");
        }
        for pair in drive.arcs.windows(2) {
            let (first, second) = (network.arc(pair[0]).unwrap(), network.arc(pair[1]).unwrap());
            assert_eq!(first.to, second.from, "{pair:?} do not meet");
        }
        assert_eq!(drive.passages.last().unwrap().driven_mm, drive.length_mm);
    }
    matched
}

/// A straight road of five kilometres in pieces of 200 m.
fn long_road() -> RoadNetwork {
    let junctions: Vec<(f64, f64)> = (0..26).map(|step| (f64::from(step) * 200.0, 0.0)).collect();
    network(&roads(
        &junctions,
        (0..25).map(|start| street(start, start + 1)).collect(),
    ))
}

fn line() -> [LatLng; 2] {
    [place(20.0, 0.0), place(4980.0, 0.0)]
}

fn close(mm: u64, metres: f64, within_m: f64) -> bool {
    (mm as f64 / 1000.0 - metres).abs() <= within_m
}

#[test]
fn nothing_is_made_of_nothing() {
    let network = long_road();
    assert_eq!(matched(&network, &[]), MatchedTrack::default());
    let track = [fix(place(0.0, 3000.0), 0), fix(place(90.0, 3000.0), 9000)];
    let off_road = matched(&network, &track);
    assert!(off_road.points.iter().all(|point| point.on_road.is_none()));
    assert_eq!((off_road.drives.len(), off_road.confidence), (0, 0.0));
}

#[test]
fn a_drive_along_a_road_is_as_long_as_the_road() {
    let network = long_road();
    let track = Watched::seeded(1).along(&line());
    let matched = matched(&network, &track);
    let [drive] = matched.drives.as_slice() else {
        panic!("{} drives", matched.drives.len())
    };
    assert!(close(drive.length_mm, 4950.0, 40.0), "{}", drive.length_mm);
    assert_eq!(drive.arcs.len(), 25);
    assert_eq!(drive.points, (0, track.len() - 1));
    assert!(matched.points.iter().all(|point| point.on_road.is_some()));
    assert!(matched.confidence > 0.8, "{}", matched.confidence);
}

#[test]
fn a_silence_of_minutes_is_bridged_by_road() {
    let network = long_road();
    let mut track = Watched::seeded(2).along(&line());
    track.retain(|fix| !(60_000..360_000).contains(&fix.at_ms));
    let matched = matched(&network, &track);
    assert_eq!(matched.drives.len(), 1);
    assert!(close(matched.drives[0].length_mm, 4950.0, 40.0));
}

#[test]
fn a_silence_that_no_road_explains_ends_the_drive() {
    let network = long_road();
    let mut track = Watched::seeded(3).along(&line());
    // Three kilometres in ten seconds.
    track.retain(|fix| !(60_000..360_000).contains(&fix.at_ms));
    for fix in track.iter_mut().filter(|fix| fix.at_ms >= 360_000) {
        fix.at_ms -= 290_000;
    }
    let fast = matched(&network, &track);
    assert_eq!(fast.drives.len(), 2);
    // The same hours apart.
    for fix in track.iter_mut().filter(|fix| fix.at_ms >= 70_000) {
        fix.at_ms += 7_200_000;
    }
    assert_eq!(matched(&network, &track).drives.len(), 2);
}

#[test]
fn a_point_far_off_is_an_outlier_and_ends_nothing() {
    let network = long_road();
    let mut track = Watched::seeded(4).along(&line());
    track[20].at = place(2000.0, 900.0);
    // On the road, but kilometres ahead for one moment.
    track[40].at = place(4900.0, 2.0);
    let matched = matched(&network, &track);
    assert_eq!(matched.drives.len(), 1);
    assert!(close(matched.drives[0].length_mm, 4950.0, 40.0));
    let outliers: Vec<usize> = matched
        .points
        .iter()
        .filter(|point| point.on_road.is_none())
        .map(|point| point.index)
        .collect();
    assert_eq!(outliers, [20, 40]);
}

#[test]
fn a_receiver_that_knows_nothing_is_not_asked() {
    let network = long_road();
    let mut track = Watched::seeded(5).along(&line());
    let plain = matched(&network, &track);
    for (fix, broken) in track.iter_mut().zip([f64::NAN, -1.0, 0.0].iter().cycle()) {
        fix.accuracy_m = Some(*broken);
    }
    assert_eq!(matched(&network, &track), plain);
    for useless in [1500.0, f64::INFINITY] {
        track[7].accuracy_m = Some(useless);
        assert_eq!(matched(&network, &track).points[7].on_road, None);
    }
}

#[test]
fn the_order_and_repetition_of_points_change_nothing() {
    let network = network(&town(9));
    let driven = wander(&network, 9, 2000.0);
    let track = Watched::seeded(9).drive(&network, &driven);
    let plain = matched(&network, &track);
    let mut shuffled: Vec<TrackFix> = track.iter().copied().rev().collect();
    shuffled.chunks_mut(7).for_each(<[TrackFix]>::reverse);
    shuffled.extend(track.iter().step_by(3));
    let shuffled = matched(&network, &shuffled);
    let drives = |matched: &MatchedTrack| -> Vec<_> {
        let drives = matched.drives.iter();
        drives
            .map(|drive| (drive.arcs.clone(), drive.geometry.clone()))
            .collect()
    };
    assert_eq!(drives(&shuffled), drives(&plain));
}

#[test]
fn a_standing_car_does_not_drive_round_the_block() {
    let network = network(&town(11));
    for seed in 0..5 {
        let driven = wander(&network, seed, 600.0);
        let watched = Watched::seeded(seed);
        let first = watched.drive(&network, &driven);
        let length_m = |matched: &MatchedTrack| -> f64 {
            let drives = matched.drives.iter();
            drives.map(|drive| drive.length_mm as f64 / 1000.0).sum()
        };
        let plain_m = length_m(&matched(&network, &first));
        // Five minutes at a light in the middle of the drive.
        let (before, after) = first.split_at(first.len() / 2);
        let light = before.last().unwrap();
        let mut waited = before.to_vec();
        waited.extend(watched.stand(light.at, light.at_ms + 1000, 300));
        waited.extend(after.iter().map(|fix| TrackFix {
            at_ms: fix.at_ms + 300_000,
            ..*fix
        }));
        let waited_m = length_m(&matched(&network, &waited));
        assert!(
            (waited_m - plain_m).abs() < 60.0,
            "seed {seed}: {plain_m} m, with a wait {waited_m} m"
        );
    }
}

#[test]
fn a_car_that_only_stands_makes_no_long_drive() {
    let network = network(&town(12));
    let at = place(300.0, 330.0);
    let track = Watched::seeded(12).stand(at, 0, 600);
    let matched = matched(&network, &track);
    let driven_mm: u64 = matched.drives.iter().map(|drive| drive.length_mm).sum();
    assert!(driven_mm < 60_000, "{driven_mm} mm");
    let placed = matched
        .points
        .iter()
        .filter(|point| point.on_road.is_some());
    assert!(placed.count() > 590);
}

#[test]
fn a_parallel_service_road_does_not_attract() {
    let mut segments: Vec<_> = (0..10).map(|start| street(start, start + 1)).collect();
    for segment in &mut segments {
        segment.class = RoadClass::Primary;
        segment.forward_dkmh = 500;
        segment.backward_dkmh = 500;
    }
    let mut junctions: Vec<(f64, f64)> =
        (0..11).map(|step| (f64::from(step) * 200.0, 0.0)).collect();
    // A service road 14 m beside it, joined to it at every junction.
    junctions.extend((0..11).map(|step| (f64::from(step) * 200.0, 14.0)));
    for step in 0..11 {
        let mut link = street(step, step + 11);
        (link.class, link.forward_dkmh, link.backward_dkmh) = (RoadClass::Service, 100, 100);
        segments.push(link.clone());
        if step < 10 {
            (link.start, link.end) = (step + 11, step + 12);
            segments.push(link);
        }
    }
    let network = network(&roads(&junctions, segments));
    let mut wrong = 0;
    for seed in 0..10 {
        let track = Watched::seeded(seed).along(&[place(10.0, 0.0), place(1990.0, 0.0)]);
        let matched = matched(&network, &track);
        let arcs = matched.drives.iter().flat_map(|drive| &drive.arcs);
        wrong += arcs
            .filter(|arc| network.arc(**arc).unwrap().class == RoadClass::Service)
            .count();
    }
    assert_eq!(wrong, 0);
}

#[test]
fn nobody_drives_against_a_one_way_street() {
    let data = town(13);
    let network = network(&data);
    for seed in 0..4 {
        let driven = wander(&network, seed, 1500.0);
        let mut track = Watched::seeded(seed).drive(&network, &driven);
        // Backwards: many streets cannot be driven so.
        let last_ms = track.last().unwrap().at_ms;
        track
            .iter_mut()
            .for_each(|fix| fix.at_ms = last_ms - fix.at_ms);
        for drive in matched(&network, &track).drives {
            for arc in drive.arcs {
                let arc = network.arc(arc).unwrap();
                let segment = &data.segments[arc.segment as usize];
                let speed = if arc.forward {
                    segment.forward_dkmh
                } else {
                    segment.backward_dkmh
                };
                assert!(speed > 0, "{arc:?}");
            }
        }
    }
}

#[test]
fn a_car_that_turns_round_at_the_end_of_the_road_is_followed() {
    let network = long_road();
    let there =
        Watched::seeded(14).along(&[place(3100.0, 0.0), place(5000.0, 0.0), place(3100.0, 0.0)]);
    let matched = matched(&network, &there);
    assert_eq!(matched.drives.len(), 1);
    let drive = &matched.drives[0];
    assert!(close(drive.length_mm, 3800.0, 60.0), "{}", drive.length_mm);
    assert_eq!(drive.arcs.len(), 20);
}

#[test]
fn outliers_that_can_be_reached_but_not_left_end_nothing() {
    let network = long_road();
    let mut track = Watched::seeded(16).along(&line());
    let mut without = track.clone();
    // Ahead at a speed that is just possible, twice; then the car is where it was.
    let base = track[40].at.lng() * 111_195.08;
    for (index, ahead_m) in [(41, 280.0), (42, 540.0)] {
        track[index].at = place(base + ahead_m, 0.0);
        without[index].at = place(base, 900.0);
    }
    let (plain, ahead) = (matched(&network, &without), matched(&network, &track));
    assert_eq!(ahead.drives.len(), 1);
    assert_eq!(ahead.drives[0].length_mm, plain.drives[0].length_mm);
    assert_eq!(ahead.points[42].on_road, None);
}
