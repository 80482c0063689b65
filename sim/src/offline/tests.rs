use super::report::Report;
use super::*;

fn play(seeds: Range<u64>, protections: Protections) -> Report {
    let game = Game {
        protections,
        logged: false,
        jobs: 2,
    };
    game.play_all(&seeds).unwrap()
}

/// Plays seeds without a protection until something of this kind goes wrong, at most 40.
fn without(
    take_away: impl FnOnce(&mut Protections),
    harm: impl Fn(&Report) -> u64,
) -> Option<Report> {
    let mut protections = Protections::default();
    take_away(&mut protections);
    let mut reports = (0..40)
        .step_by(4)
        .map(|first| play(first..first + 4, protections));
    reports.find(|report| harm(report) > 0)
}

/// How much went wrong that must not, of whatever kind.
fn harm(report: &Report) -> u64 {
    report.lost
        + report.duplicated
        + report.diverged
        + report.fare_mismatches
        + report.ledger_imbalance
        + report.untold
        + report.unsettled
        + report.wrong_times
        + report.panics
}

#[test]
fn nothing_is_lost_in_two_hundred_seeds() {
    let report = play(0..200, Protections::default());
    assert!(
        report.holds(),
        "{:?} {:?}",
        how_to_replay(&report),
        report.first_failures
    );
    assert_eq!((report.seeds, harm(&report)), (200, 0));
    // Everything that can go wrong did, and everything that drivers do was done.
    let faults = &report.faults;
    for (what, count) in [
        ("requests lost", faults.requests_lost),
        ("answers lost", faults.answers_lost),
        ("requests twice", faults.duplicated),
        ("late requests", faults.late),
        ("401", faults.unauthorized),
        ("408", faults.timeouts),
        ("413", faults.too_large),
        ("429", faults.rate_limited),
        ("5xx", faults.server_errors),
        ("short batches", faults.short_batches),
        ("hours without a network", faults.long_partitions),
        ("crashes", faults.crashes),
        ("torn commits", faults.torn_commits),
        ("reboots", faults.reboots),
        ("clock jumps", faults.clock_jumps),
        ("logouts", faults.logouts),
        ("guests", faults.guests),
        ("server restarts", faults.server_restarts),
        ("refused by the server", report.rejected),
        ("resumed trips", report.resumed),
        ("corrected fares", report.corrected),
        ("files", report.blobs),
    ] {
        assert!(count >= 5, "{what}: {count}");
    }
    assert!(report.claimed > 500, "{report:?}");
    assert!(report.fares_compared > 500, "{report:?}");
}

#[test]
fn a_seed_gives_the_same_report_twice_and_by_any_number_of_threads() {
    let one = |jobs| {
        let game = Game {
            protections: Protections::default(),
            logged: false,
            jobs,
        };
        let report = game.play_all(&(3..9)).unwrap();
        serde_json::to_string(&report).unwrap()
    };
    let first = one(1);
    assert_eq!(first, one(1));
    assert_eq!(first, one(3));
}

#[test]
fn a_server_that_forgets_commands_is_found() {
    let report = without(
        |protections| protections.server_knows_commands = false,
        |report| report.duplicated,
    );
    assert!(report.is_some());
}

#[test]
fn a_server_that_keeps_half_of_a_failed_batch_is_found() {
    let report = without(
        |protections| protections.batch_rolls_back = false,
        |report| report.duplicated,
    );
    assert!(report.is_some());
}

#[test]
fn a_server_that_forgets_segments_is_found() {
    let report = without(
        |protections| protections.server_knows_segments = false,
        |report| report.duplicated,
    );
    assert!(report.is_some());
}

#[test]
fn a_feed_that_skips_is_found() {
    let report = without(
        |protections| protections.feed_is_whole = false,
        |report| report.diverged,
    );
    assert!(report.is_some());
}

#[test]
fn a_server_that_does_not_check_files_is_found() {
    let report = without(
        |protections| protections.blobs_are_checked = false,
        |report| report.lost,
    );
    assert!(report.is_some());
}

#[test]
fn a_device_that_drops_what_is_too_large_is_found() {
    let report = without(
        |protections| protections.device_keeps_refused = false,
        |report| report.lost,
    );
    assert!(report.is_some());
}

#[test]
fn a_lost_point_is_found() {
    let report = without(
        |protections| protections.segments_are_whole = false,
        |report| report.lost,
    );
    assert!(report.is_some());
}

#[test]
fn a_clock_that_follows_the_wall_is_found() {
    let report = without(
        |protections| protections.clock_is_monotonic = false,
        |report| report.wrong_times,
    );
    assert!(report.is_some());
}

#[test]
fn a_failure_says_how_to_replay_it() {
    let lost = |report: &Report| report.lost;
    let report = without(|protections| protections.segments_are_whole = false, lost);
    let report = report.unwrap();
    let seed = report.first_failing_seed.unwrap();
    let told = how_to_replay(&report).unwrap();
    let command = format!("wayfare-sim offline --seeds {seed}..{} --log", seed + 1);
    assert!(told.ends_with(&command), "{told}");
    assert!(!report.first_failures.is_empty());
    assert_eq!(how_to_replay(&Report::default()), None);
}

#[test]
fn a_log_of_many_seeds_is_refused() {
    let order = OfflineOrder {
        seeds: Seeds(0..11),
        json: false,
        jobs: None,
        log: true,
    };
    assert!(matches!(run(&order), Err(OfflineError::TooManyLogged(11))));
}

#[test]
fn a_report_says_what_there_was() {
    let report = play(0..2, Protections::default());
    let json: serde_json::Value = serde_json::to_value(&report).unwrap();
    for field in [
        "seeds",
        "shifts",
        "commands",
        "points",
        "lost",
        "duplicated",
        "diverged",
        "fare_mismatches",
        "ledger_imbalance",
        "converge_ms_p99",
        "faults",
    ] {
        assert!(json.get(field).is_some(), "{field}");
    }
    assert!(to_text(&report).starts_with("2 seeds, "));
}
