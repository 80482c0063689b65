//! How much of generated drives is found again.

use super::town::{Score, Watched, network, town, wander};
use crate::roads::hierarchy::Search;

/// Matches several drives through several towns.
fn score(watched: impl Fn(u64) -> Watched) -> Score {
    let mut score = Score::default();
    for seed in 0..4 {
        let network = network(&town(seed));
        let mut search = Search::default();
        for drive in 0..4 {
            let seed = seed * 100 + drive;
            let driven = wander(&network, seed, 2500.0);
            let track = watched(seed).drive(&network, &driven);
            let matched = network.match_track(&mut search, &track);
            score.add(&network, &driven, &matched);
        }
    }
    println!("{score:?}: {:.3} {:.3}", score.found(), score.wrong());
    score
}

#[test]
fn noisy_drives_are_found_again() {
    let score = score(Watched::seeded);
    assert!(score.found() > 0.95, "{score:?}");
    assert!(score.wrong() < 0.05, "{score:?}");
}

#[test]
fn a_point_each_second_turns_no_car_round() {
    let score = score(|seed| Watched {
        every_s: 1.0,
        ..Watched::seeded(seed)
    });
    assert!(score.found() > 0.95, "{score:?}");
    assert!(score.wrong() < 0.05, "{score:?}");
}

#[test]
fn a_point_each_quarter_minute_is_enough() {
    let score = score(|seed| Watched {
        every_s: 15.0,
        ..Watched::seeded(seed)
    });
    assert!(score.found() > 0.90, "{score:?}");
    assert!(score.wrong() < 0.10, "{score:?}");
}

#[test]
fn exact_receivers_leave_no_doubt() {
    let score = score(|seed| Watched {
        noise_m: 2.0,
        ..Watched::seeded(seed)
    });
    assert!(score.found() > 0.97, "{score:?}");
    assert!(score.wrong() < 0.03, "{score:?}");
}
