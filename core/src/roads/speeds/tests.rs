use super::*;
use crate::roads::hierarchy::Search;
use crate::roads::matching::tests::town::{Watched, network, place, roads, street};
use crate::roads::route::RouteRequest;

/// A street of a kilometre in five pieces, and a way round it of twice the length at twice the
/// speed, so that both take about as long; the street is quicker by its fewer turns.
fn two_ways() -> RoadNetwork {
    let mut junctions: Vec<(f64, f64)> =
        (0..6).map(|step| (f64::from(step) * 200.0, 0.0)).collect();
    junctions.extend([(0.0, -300.0), (1000.0, -300.0)]);
    let mut segments: Vec<_> = (0..5).map(|start| street(start, start + 1)).collect();
    for (start, end) in [(0, 6), (6, 7), (7, 5)] {
        let mut round = street(start, end);
        (round.forward_dkmh, round.backward_dkmh) = (560, 560);
        segments.push(round);
    }
    network(&roads(&junctions, segments))
}

/// The tracks of some cars on the street at this speed.
fn drives(network: &RoadNetwork, cars: u64, speed_m_s: f64) -> Vec<MatchedTrack> {
    let mut search = Search::default();
    (0..cars)
        .map(|seed| {
            let watched = Watched {
                speed_m_s,
                noise_m: 3.0,
                ..Watched::seeded(seed)
            };
            let track = watched.along(&[place(5.0, 0.0), place(995.0, 0.0)]);
            network.match_track(&mut search, &track)
        })
        .collect()
}

fn learned(network: &RoadNetwork, tracks: &[MatchedTrack]) -> LiveSpeeds {
    let mut speeds = LiveSpeeds::default();
    for track in tracks {
        speeds.observe(network, track);
    }
    speeds
}

/// Arcs of the street in the direction that was driven.
fn street_arcs(tracks: &[MatchedTrack]) -> Vec<ArcId> {
    tracks[0].drives[0].arcs.clone()
}

#[test]
fn arcs_learn_how_long_cars_take() {
    let network = two_ways();
    // 40 km/h is what the street was built with.
    for speed_m_s in [5.0, 8.0, 14.0] {
        let tracks = drives(&network, 8, speed_m_s);
        let speeds = learned(&network, &tracks);
        for arc in street_arcs(&tracks) {
            let expected_s = 200.0 / speed_m_s;
            let learned_s = f64::from(speeds.arc(arc).unwrap().duration_ms) / 1000.0;
            assert!(
                (learned_s / expected_s - 1.0).abs() < 0.2,
                "{learned_s} s for {expected_s} s at {speed_m_s} m/s"
            );
        }
        assert_eq!(speeds.learned_count(), 5);
    }
}

#[test]
fn one_or_two_cars_say_nothing() {
    let network = two_ways();
    let tracks = drives(&network, 2, 5.0);
    let speeds = learned(&network, &tracks);
    assert_eq!(speeds.learned_count(), 0);
    assert_eq!(speeds.arc(street_arcs(&tracks)[2]), None);
}

#[test]
fn a_car_that_parks_moves_no_speed() {
    let network = two_ways();
    let mut tracks = drives(&network, 8, 10.0);
    let arc = street_arcs(&tracks)[2];
    let plain = learned(&network, &tracks).arc(arc).unwrap();
    // Three of eight stop for ten minutes in the middle of the street.
    for track in tracks.iter_mut().take(3) {
        for passage in &mut track.drives[0].passages {
            if passage.driven_mm > 500_000 {
                passage.at_ms += 600_000;
            }
        }
    }
    let parked = learned(&network, &tracks).arc(arc).unwrap();
    let change = f64::from(parked.duration_ms) / f64::from(plain.duration_ms);
    assert!((0.8..1.25).contains(&change), "{plain:?} {parked:?}");
}

#[test]
fn what_was_learned_is_bounded_and_fades() {
    let network = two_ways();
    let tracks = drives(&network, 40, 10.0);
    let mut speeds = learned(&network, &tracks);
    let arc = street_arcs(&tracks)[2];
    assert_eq!(speeds.arc(arc).unwrap().observations, KEPT_MAX);
    speeds.fade();
    assert_eq!(speeds.arc(arc).unwrap().observations, KEPT_MAX / 2);
    for _ in 0..5 {
        speeds.fade();
    }
    assert_eq!((speeds.arc(arc), speeds.learned_count()), (None, 0));
}

#[test]
fn routes_go_round_a_street_where_everybody_crawls() {
    let network = two_ways();
    let mut search = Search::default();
    let request = RouteRequest::through(vec![place(-20.0, 0.0), place(1020.0, 0.0)]);
    let free = network.route(&mut search, &request).unwrap();
    assert!(free.length_mm < 1_010_000, "{}", free.length_mm);
    let slow = learned(&network, &drives(&network, 8, 3.0));
    let jammed = network.with_speeds(&slow).unwrap();
    let round = jammed.route(&mut search, &request).unwrap();
    assert!(round.length_mm > 1_500_000, "{}", round.length_mm);
    // The network that was learned from stays as it was.
    assert_eq!(network.route(&mut search, &request).unwrap(), free);
}

#[test]
fn times_that_no_car_drives_are_clamped() {
    assert_eq!(plausible(0.0, 1000), 500);
    assert_eq!(plausible(1e12, 1000), 10_000);
    assert_eq!(plausible(f64::NAN, 1), 1);
    assert_eq!(plausible(1500.4, 1000), 1500);
    assert_eq!(plausible(1e12, u32::MAX), u32::MAX);
}
