//! The program `wayfare` as an operator starts it: answers, exit statuses, signals.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::program::{self, Serving, run};

fn wayfare(data_dir: &Path) -> Command {
    let mut command = program::wayfare();
    command.arg("--data-dir").arg(data_dir);
    command
}

/// `wayfare serve` on a free port.
fn serve(data_dir: &Path) -> Serving {
    Serving::start(wayfare(data_dir).args(["serve", "--bind", "127.0.0.1:0"]))
}

#[test]
fn settings_are_printed_without_secrets() {
    let dir = TempDir::new().unwrap();
    let mut command = wayfare(dir.path());
    command
        .arg("config")
        .env("DATABASE_URL", "postgres://wayfare:hunter2@db/wayfare")
        .env("WAYFARE_PRICING__SIGNING_KEY", "c0ffee00".repeat(8));
    let (status, stdout, stderr) = run(&mut command);
    assert_eq!(status, Some(0), "{stderr}");
    assert!(
        stdout.contains("signing_key = \"********\"") && !stdout.contains("c0ffee"),
        "{stdout}"
    );
    assert!(stdout.contains("[dispatch]\nmarket = \"city\""), "{stdout}");
    assert!(
        stdout.contains("url = \"********\"") && !stdout.contains("hunter2"),
        "{stdout}"
    );
}

#[test]
fn wrong_settings_and_wrong_usage_end_with_status_2() {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("wayfare.toml"), "[limits]\nwindow_s = 0\n").unwrap();
    let (status, _, stderr) = run(wayfare(dir.path()).arg("config"));
    assert_eq!(status, Some(2));
    assert!(
        stderr.contains("limits.window_s: 0 is not between 1 and 86400"),
        "{stderr}"
    );

    let (status, _, stderr) = run(wayfare(dir.path()).args(["--config", "/none.toml", "serve"]));
    assert_eq!(status, Some(2));
    assert!(stderr.contains("/none.toml does not exist"), "{stderr}");

    let (status, _, stderr) = run(wayfare(dir.path()).args(["migrate", "sideways"]));
    assert_eq!(status, Some(2));
    assert!(stderr.contains("Usage"), "{stderr}");
}

#[test]
fn a_database_that_is_not_there_ends_with_status_1_and_its_address() {
    let dir = TempDir::new().unwrap();
    let mut command = wayfare(dir.path());
    command
        .args(["migrate", "up"])
        .env("DATABASE_URL", "postgres://w:hunter2@127.0.0.1:1/w");
    let (status, _, stderr) = run(&mut command);
    assert_eq!(status, Some(1));
    assert!(
        stderr.contains("127.0.0.1:1") && !stderr.contains("hunter2"),
        "{stderr}"
    );
}

#[tokio::test]
async fn serve_runs_on_its_own_database_until_a_signal() {
    let dir = TempDir::new().unwrap();
    let mut first = serve(dir.path());
    let ready = status_of(&format!("{}/health/ready", first.address)).await;
    assert_eq!(ready, Some(200));

    let (status, _, stderr) = run(wayfare(dir.path()).args(["serve", "--bind", "127.0.0.1:0"]));
    assert_eq!(status, Some(1));
    assert!(
        stderr.contains("another Wayfare process is using the database"),
        "{stderr}"
    );
    let (status, stdout, stderr) = run(wayfare(dir.path()).args(["migrate", "up"]));
    assert_eq!(
        (status, stdout.trim()),
        (Some(0), "Migrations applied: 0."),
        "{stderr}"
    );
    assert_eq!(first.end(Signal::SIGTERM), Some(0));

    let mut second = serve(dir.path());
    assert_eq!(second.end(Signal::SIGKILL), None);
    let mut third = serve(dir.path());
    assert_eq!(
        status_of(&format!("{}/health/ready", third.address)).await,
        Some(200)
    );
    assert_eq!(third.end(Signal::SIGINT), Some(0));
}

async fn status_of(url: &str) -> Option<u16> {
    let answer = crate::harness::http_client().get(url).send().await.ok()?;
    Some(answer.status().as_u16())
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../docs/examples")
        .join(name)
}

fn fare(tariff: &Path, facts: &Path) -> (Option<i32>, String, String) {
    let nowhere = Path::new("/nowhere");
    run(wayfare(nowhere)
        .arg("fare")
        .arg("--tariff")
        .arg(tariff)
        .arg("--facts")
        .arg(facts))
}

#[test]
fn a_fare_is_priced_as_the_documents_show_with_no_server() {
    let (status, out, err) = fare(&example("tariff.json"), &example("facts.json"));
    assert_eq!((status, err.as_str()), (Some(0), ""));
    let shown = std::fs::read_to_string(example("fare.json")).unwrap();
    assert_eq!(out, shown);
}

/// An example with one thing in it changed, written into its own file.
fn changed(dir: &TempDir, example_name: &str, from: &str, to: &str) -> PathBuf {
    let text = std::fs::read_to_string(example(example_name)).unwrap();
    assert!(text.contains(from), "{example_name} has {from}");
    let path = tempfile::Builder::new()
        .tempfile_in(dir)
        .unwrap()
        .keep()
        .unwrap()
        .1;
    std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
    path
}

#[test]
fn a_fare_that_cannot_be_priced_names_the_field_and_prints_nothing() {
    let dir = TempDir::new().unwrap();
    let tariff = |from, to| {
        (
            changed(&dir, "tariff.json", from, to),
            example("facts.json"),
        )
    };
    let facts = |from, to| {
        (
            example("tariff.json"),
            changed(&dir, "facts.json", from, to),
        )
    };
    let cases = [
        (
            tariff("5000", "0"),
            "invalid_tariff",
            Some("distance_tiers[1].from_m"),
        ),
        (
            tariff("250", "\"250\""),
            "invalid_tariff",
            Some("base_minor"),
        ),
        (
            (dir.path().join("absent"), example("facts.json")),
            "invalid_tariff",
            None,
        ),
        (facts("7345", "-1"), "invalid_facts", Some("distance_m")),
        (facts("7345", "1e3"), "invalid_facts", Some("distance_m")),
        (facts("surge_bps", "surge"), "invalid_facts", Some("surge")),
        (facts("12500", "9999"), "invalid_facts", Some("surge_bps")),
        (facts("}", "} {}"), "invalid_facts", Some(".")),
        (
            (example("tariff.json"), dir.path().to_owned()),
            "invalid_facts",
            None,
        ),
    ];
    for ((tariff, facts), code, field) in cases {
        let (status, out, err) = fare(&tariff, &facts);
        assert_eq!((status, out.as_str()), (Some(2), ""), "{err}");
        let told: serde_json::Value = serde_json::from_str(&err).unwrap();
        assert_eq!(told["code"], code, "{err}");
        assert_eq!(told["errors"][0]["field"].as_str(), field, "{err}");
    }
}

/// Prices by the example tariff, with these further arguments.
fn fare_with(arguments: &[(&str, &Path)]) -> (Option<i32>, String, String) {
    let mut command = wayfare(Path::new("/nowhere"));
    command
        .args(["fare", "--tariff"])
        .arg(example("tariff.json"));
    for (name, file) in arguments {
        command.arg(name).arg(file);
    }
    run(&mut command)
}

/// The fare as JSON.
fn priced(arguments: &[(&str, &Path)]) -> serde_json::Value {
    let (status, out, err) = fare_with(arguments);
    assert_eq!((status, err.as_str()), (Some(0), ""));
    serde_json::from_str(&out).unwrap()
}

fn amount(fare: &serde_json::Value, kind: &str) -> Option<i64> {
    let lines = fare["lines"].as_array().unwrap();
    let line = lines.iter().find(|line| line["kind"] == kind)?;
    line["amount_minor"].as_i64()
}

#[test]
fn a_track_is_priced_as_the_documents_say() {
    let fare = priced(&[("--track", &example("track.json"))]);
    assert_eq!(
        fare,
        serde_json::json!({
            "currency": "EUR",
            "lines": [
                {"kind": "base", "amount_minor": 250},
                {"kind": "distance", "amount_minor": 213},
                {"kind": "time", "amount_minor": 88},
                {"kind": "booking_fee", "amount_minor": 100},
                {"kind": "tax", "detail": "VAT", "amount_minor": 65},
                {"kind": "rounding", "amount_minor": 4},
            ],
            "total_minor": 720,
            "tip_minor": 0,
            // 720 − 65 − 100 − round(551 × 20 %)
            "driver_share_minor": 445,
        })
    );
}

#[test]
fn a_track_replaces_how_far_how_long_and_when_and_nothing_else() {
    let dir = TempDir::new().unwrap();
    let track = example("track.json");
    // A surge of a quarter of 551.
    let with_all = priced(&[("--facts", &example("facts.json")), ("--track", &track)]);
    assert_eq!(amount(&with_all, "distance"), Some(213));
    assert_eq!(amount(&with_all, "surge"), Some(138));

    let facts = dir.path().join("facts.json");
    std::fs::write(&facts, r#"{"surge_bps": 12500}"#).unwrap();
    assert_eq!(
        priced(&[("--facts", &facts), ("--track", &track)]),
        with_all
    );

    let night = changed(&dir, "facts.json", "T12:00", "T23:00");
    assert_eq!(
        priced(&[("--facts", &night), ("--track", &track)]),
        with_all
    );
    let text = std::fs::read_to_string(&track).unwrap();
    let at_night = dir.path().join("track.json");
    // 23:00 in Monaco, as a clock in New York shows it; and as the API takes points.
    let text = text.replace("T12:", "T17:").replace("+01:00", "-05:00");
    std::fs::write(&at_night, format!("{{\"points\": {text}}}")).unwrap();
    let fare = priced(&[("--track", &at_night)]);
    assert_eq!(amount(&fare, "night"), Some(110));
}

#[test]
fn a_track_that_cannot_be_priced_names_the_field_and_prints_nothing() {
    let dir = TempDir::new().unwrap();
    let empty = dir.path().join("empty.json");
    std::fs::write(&empty, "[]").unwrap();
    let huge = dir.path().join("huge.json");
    File::create(&huge)
        .unwrap()
        .set_len((32 << 20) + 1)
        .unwrap();
    let example_facts = example("facts.json");
    let example_track = example("track.json");
    let track = |from, to| changed(&dir, "track.json", from, to);
    let facts = |from, to| changed(&dir, "facts.json", from, to);
    let cases = [
        (None, empty, "invalid_track", Some("points")),
        (None, huge, "invalid_track", None),
        (None, dir.path().join("absent"), "invalid_track", None),
        (
            None,
            track("43.732,", "93,"),
            "invalid_track",
            Some("points[2].lat"),
        ),
        (
            None,
            track("4.5", "-4.5"),
            "invalid_track",
            Some("points[2].accuracy_m"),
        ),
        (
            None,
            track("lat", "latitude"),
            "invalid_track",
            Some("points[0]"),
        ),
        (None, track("]", "] 1"), "invalid_track", Some(".")),
        (
            Some(facts("7345", "\"far\"")),
            example_track.clone(),
            "invalid_facts",
            Some("distance_m"),
        ),
        (
            Some(facts("surge_bps", "surge")),
            example_track.clone(),
            "invalid_facts",
            Some("surge"),
        ),
        (
            Some(facts("12500", "9999")),
            example_track,
            "invalid_facts",
            Some("surge_bps"),
        ),
        (
            Some(example_facts),
            track("[", "{"),
            "invalid_track",
            Some("."),
        ),
    ];
    for (facts, track, code, field) in cases {
        let mut arguments = vec![("--track", track.as_path())];
        if let Some(facts) = &facts {
            arguments.push(("--facts", facts));
        }
        let (status, out, err) = fare_with(&arguments);
        assert_eq!((status, out.as_str()), (Some(2), ""), "{err}");
        let told: serde_json::Value = serde_json::from_str(&err).unwrap();
        assert_eq!(told["code"], code, "{err}");
        assert_eq!(told["errors"][0]["field"].as_str(), field, "{err}");
    }
}

#[test]
fn a_fare_needs_facts_or_a_track() {
    let (status, out, err) = fare_with(&[]);
    assert_eq!((status, out.as_str()), (Some(2), ""));
    assert!(err.contains("--facts"), "{err}");
}
