use super::checks::Wrong;
use super::*;

fn without(take_away: impl FnOnce(&mut Protections)) -> Report {
    let mut protections = Protections::default();
    take_away(&mut protections);
    run_seeds(&(0..6_000), protections, false)
}

#[test]
fn nothing_goes_wrong_in_any_interleaving() {
    let report = run_seeds(&(0..20_000), Protections::default(), false);
    assert!(report.holds(), "{:?} {report:?}", how_to_replay(&report));
    assert_eq!(report.interleavings, 20_000);
    // Everything that races was there.
    for count in [
        report.accepted,
        report.taken_ahead,
        report.declined,
        report.timed_out,
        report.cancelled,
        report.reassigned,
    ] {
        assert!(count > 1_000, "{report:?}");
    }
}

#[test]
fn a_seed_is_the_same_interleaving_every_time() {
    let run = |seed| world::run(seed, Protections::default(), false);
    assert_eq!(run(7), run(7));
    assert_ne!(
        (0..20).map(run).collect::<Vec<_>>(),
        (20..40).map(run).collect::<Vec<_>>()
    );
}

#[test]
fn without_the_check_of_open_an_offer_is_accepted_too_late() {
    let report = without(|protections| protections.open_check = false);
    assert!(
        report.other_violations + report.double_assignments > 0,
        "{report:?}"
    );
}

#[test]
fn without_the_lock_on_the_trip_one_writer_overwrites_another() {
    let report = without(|protections| protections.trip_lock = false);
    assert!(report.double_assignments > 0, "{report:?}");
}

/// The index is the last line: it has something to do only where the lock on the trip and the check
/// of `open` are both missing, and then it alone keeps a trip from being accepted twice.
#[test]
fn without_the_index_a_trip_is_accepted_twice_once_the_other_lines_are_gone() {
    let twice = |accepted_index| {
        let protections = Protections {
            accepted_index,
            open_check: false,
            trip_lock: false,
            ..Protections::default()
        };
        let wrong = |seed| world::run(seed, protections, false).wrong;
        (0..6_000).any(|seed| wrong(seed) == Some(Wrong::Double("a trip has two accepted offers")))
    };
    assert!(twice(false));
    assert!(!twice(true));
}

#[test]
fn without_the_fence_a_replaced_leader_makes_offers() {
    let report = without(|protections| protections.lease_fence = false);
    assert!(report.other_violations > 0, "{report:?}");
}

#[test]
fn seeds_are_a_range_that_is_not_empty() {
    assert_eq!("3..5".parse(), Ok(Seeds(3..5)));
    for bad in ["", "3", "3..", "..3", "5..5", "5..3", "a..b", "-1..4"] {
        assert_eq!(bad.parse::<Seeds>(), Err(SeedsError), "{bad}");
    }
}

#[test]
fn a_failure_says_how_to_replay_it() {
    let report = Report {
        first_failing_seed: Some(41),
        ..Report::default()
    };
    let told = how_to_replay(&report).unwrap();
    assert!(
        told.ends_with("wayfare-sim races --seeds 41..42 --trace"),
        "{told}"
    );
    assert_eq!(how_to_replay(&Report::default()), None);
}
