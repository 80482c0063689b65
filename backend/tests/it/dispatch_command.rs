//! `wayfare dispatch bench`, as people and programs run it.

use std::path::Path;

use serde_json::{Value, json};

use crate::program::{run, wayfare};
use crate::redis::TestRedis;
use crate::town::Town;

/// Exit status, stdout and stderr.
fn bench(arguments: &[&str]) -> (Option<i32>, String, String) {
    run(wayfare().args(["dispatch", "bench"]).args(arguments))
}

#[track_caller]
fn answer(arguments: &[&str]) -> Value {
    let (status, out, err) = bench(&[arguments, &["--json"]].concat());
    assert_eq!((status, err.as_str()), (Some(0), ""), "{arguments:?}");
    serde_json::from_str(&out).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_round_is_timed_and_finds_drivers() {
    let town = Town::build();
    let pack = town.pack();
    let order = ["--city", text(&pack), "--requests", "20", "--drivers", "60"];
    let told = answer(&order);
    assert_eq!(
        (&told["requests"], &told["drivers"]),
        (&json!(20), &json!(60))
    );
    let matched = told["matched"].as_u64().unwrap();
    assert!((1..=20).contains(&matched), "{told}");
    let ms = |field: &str| told[field].as_f64().unwrap();
    let parts = ms("candidates_ms") + ms("table_ms") + ms("solve_ms");
    assert!(parts > 0.0 && parts <= ms("total_ms") + 0.01, "{told}");

    let again = answer(&[&order[..], &["--runs", "3"]].concat());
    assert_eq!(again["matched"], told["matched"], "the seed is the same");

    let (status, words, err) = bench(&order);
    assert_eq!((status, err.as_str()), (Some(0), ""));
    let found = format!("{matched} of 20 requests found a driver");
    assert!(words.contains(&found), "{words}");
}

#[test]
fn the_index_is_measured() {
    let told = answer(&["--index", "--drivers", "500"]);
    assert_eq!(told["drivers"], 500);
    for field in ["updates_per_s", "nearest20_per_s"] {
        assert!(told[field].as_f64().unwrap() > 0.0, "{told}");
    }
    assert_eq!(told.get("redis"), None);
}

#[test]
fn orders_that_make_no_sense_are_refused_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let folder = text(folder.path());
    let refusals: [(&[&str], &str); 8] = [
        (&["--city", folder], "manifest.json"),
        (
            &["--city", folder, "--requests", "0"],
            "--requests must be from 1 to 20000, not 0",
        ),
        (
            &["--city", folder, "--drivers", "20001"],
            "--drivers must be from 1 to 20000",
        ),
        (
            &["--city", folder, "--runs", "0"],
            "--runs must be from 1 to 1000",
        ),
        (
            &["--index", "--drivers", "0"],
            "--drivers must be from 1 to 1000000",
        ),
        (&["--index", "--redis", "nowhere"], "no address of a Redis"),
        (&["--city", folder, "--index"], "cannot be used with"),
        (&[], "--city <DIR>"),
    ];
    for (arguments, reason) in refusals {
        let (status, out, err) = bench(arguments);
        assert_eq!(
            (status, out.as_str()),
            (Some(2), ""),
            "{arguments:?}: {err}"
        );
        assert!(err.contains(reason), "{arguments:?}: {err}");
    }
    let (_, _, err) = bench(&["--city", folder, "--drivers", "0", "--json"]);
    let told: Value = serde_json::from_str(&err).unwrap();
    assert_eq!(told["code"], "invalid_number");
    assert_eq!(told["errors"][0]["field"], "drivers");
}

#[tokio::test]
async fn a_redis_is_measured_beside_the_index_and_left_as_it_was() {
    let redis = TestRedis::start();
    let url = redis.url();
    let told = answer(&["--index", "--drivers", "500", "--redis", &url]);
    assert_eq!(told["drivers"], 500);
    let fields = [
        "updates_per_s",
        "nearest20_per_s_1km",
        "nearest20_per_s_5km",
    ];
    for field in fields {
        assert!(told["redis"][field].as_f64().unwrap() > 0.0, "{told}");
    }
    let mut connection = redis::Client::open(url).unwrap().get_connection().unwrap();
    let keys: usize = redis::cmd("DBSIZE").query(&mut connection).unwrap();
    assert_eq!(keys, 0);
}

#[tokio::test]
async fn a_redis_that_does_not_answer_is_a_failure() {
    let mut redis = TestRedis::start();
    redis.kill();
    let url = redis.url().replace("redis://", "redis://:secret@");
    let (status, out, err) = bench(&["--index", "--drivers", "10", "--redis", &url]);
    assert_eq!((status, out.as_str()), (Some(1), ""), "{err}");
    assert!(err.contains("the Redis does not do its part"), "{err}");
    assert!(!err.contains("secret"), "{err}");
}
