//! `wayfare city route`, `table`, `search`, `reverse` and `match`: what a pack answers.

use std::fs;

use serde_json::{Value, json};
use wayfare_core::geo::LatLng;

use super::{answer, failure, wayfare_city, words};
use crate::program::run;
use crate::town::{Town, corner, island};

fn text(at: LatLng) -> String {
    format!("{:.7},{:.7}", at.lat(), at.lng())
}

#[track_caller]
fn about(found: &Value, wanted: f64) {
    let found = found.as_f64().unwrap();
    assert!(
        (found - wanted).abs() < wanted * 0.01 + 2.0,
        "{found} is not about {wanted}"
    );
}

#[test]
fn a_route_goes_by_road_and_tells_how() {
    let town = Town::build();
    let (from, to) = (text(corner(0, 0)), text(corner(2, 1)));
    let route = answer(&town.pack(), &["route", "--from", &from, "--to", &to]);
    // Two blocks east and one north, each about a kilometre.
    let by_road = corner(0, 0).distance_m(corner(2, 0)) + corner(2, 0).distance_m(corner(2, 1));
    about(&route["distance_m"], by_road);
    let steps = route["steps"].as_array().unwrap();
    assert_eq!(steps.first().unwrap()["maneuver"], "depart");
    assert_eq!(steps.last().unwrap()["maneuver"], "arrive");
    let avenue = |step: &Value| {
        let street = step["street"].as_str().unwrap();
        street == "Avenida Sul" || street == "Avenida do Mar"
    };
    assert!(steps.iter().any(avenue), "{steps:?}");
    assert!(route["geometry"].as_array().unwrap().len() >= 3);

    let words = words(&town.pack(), &["route", "--from", &from, "--to", &to]);
    assert!(
        words.contains(" km, ") && words.contains("Avenida "),
        "{words}"
    );
    assert!(words.contains("Arrive"), "{words}");
}

#[test]
fn stops_on_the_way_and_the_hour_count() {
    let town = Town::build();
    let (from, via, to) = (text(corner(0, 0)), text(corner(0, 2)), text(corner(2, 0)));
    let straight = answer(&town.pack(), &["route", "--from", &from, "--to", &to]);
    let with_stop = answer(
        &town.pack(),
        &["route", "--from", &from, "--to", &to, "--via", &via],
    );
    assert!(with_stop["distance_m"].as_i64() > straight["distance_m"].as_i64());
    assert_eq!(with_stop["legs"].as_array().unwrap().len(), 2);
    let at = |hour| {
        let depart = format!("2026-03-02T{hour}:30:00+00:00");
        let route = answer(
            &town.pack(),
            &["route", "--from", &from, "--to", &to, "--depart", &depart],
        );
        route["duration_s"].as_i64().unwrap()
    };
    assert!(at("18") > at("03"));
    assert_eq!(at("03"), straight["duration_s"].as_i64().unwrap());
}

#[test]
fn positions_south_and_west_are_no_options() {
    let town = Town::build();
    for from in ["-41.1,-8.6", "--from=-41.1,-8.6"] {
        let mut arguments = vec!["route", "--to", "41.1,-8.6"];
        if from.starts_with("--") {
            arguments.push(from);
        } else {
            arguments.extend(["--from", from]);
        }
        let (status, told) = failure(&town.pack(), &arguments);
        assert_eq!(
            (status, &told["code"]),
            (Some(1), &json!("no_route")),
            "{told}"
        );
        let detail = told["detail"].as_str().unwrap();
        assert!(detail.contains("no road is near stop 0"), "{detail}");
    }
    let (status, _, err) =
        run(wayfare_city().args(["route", "--city", "x", "--from", "91,0", "--to", "0,0"]));
    assert_eq!(status, Some(2));
    assert!(err.contains("latitude must be"), "{err}");
}

#[test]
fn the_island_cannot_be_driven_to() {
    let town = Town::build();
    let (from, to) = (text(corner(0, 0)), text(island()));
    let (status, out, _) = run(wayfare_city()
        .args(["route", "--from", &from, "--to", &to, "--json", "--city"])
        .arg(town.pack()));
    // Either there is no way, or the stop is brought to the town's shore, a kilometre away.
    match status {
        Some(0) => {
            let route: Value = serde_json::from_str(&out).unwrap();
            let end = route["stops"][1]["lng"].as_f64().unwrap();
            assert!(end >= corner(0, 0).lng() - 1e-6, "{route}");
        }
        other => assert_eq!(other, Some(1)),
    }
}

#[test]
fn a_table_has_a_row_for_each_place() {
    let town = Town::build();
    let points = town.pack().parent().unwrap().join("points.json");
    let places = [corner(0, 0), corner(1, 0), corner(4, 4)];
    let json: Vec<[f64; 2]> = places.iter().map(|at| [at.lat(), at.lng()]).collect();
    fs::write(&points, serde_json::to_string(&json).unwrap()).unwrap();
    let file = points.to_str().unwrap();
    let table = answer(&town.pack(), &["table", "--points", file]);
    for side in ["durations_s", "distances_m"] {
        assert_eq!(table[side].as_array().unwrap().len(), 3, "{table}");
    }
    assert_eq!(table["distances_m"][1][1], 0);
    about(&table["distances_m"][0][1], places[0].distance_m(places[1]));
    assert!(table["durations_s"][2][0].as_f64() > table["durations_s"][1][0].as_f64());
    assert!(words(&town.pack(), &["table", "--points", file]).contains("3 × 3"));

    for (json, field) in [
        ("[[41.1, -8.6], [91, 0]]", "[1]"),
        ("[[41.1, -8.6], [41.1]]", "[1]"),
        ("[]", "."),
        ("{}", "."),
        ("[[41.1, -8.6]] x", "."),
    ] {
        fs::write(&points, json).unwrap();
        let (status, told) = failure(&town.pack(), &["table", "--points", file]);
        assert_eq!(
            (status, &told["code"]),
            (Some(2), &json!("invalid_points")),
            "{told}"
        );
        assert_eq!(told["errors"][0]["field"], field, "{told}");
    }
}

#[test]
fn places_are_found_by_text_and_by_position() {
    let town = Town::build();
    let near = text(corner(1, 1));
    let found = answer(
        &town.pack(),
        &["search", "rua das flores 45", "--near", &near],
    );
    let first = &found["places"][0];
    assert_eq!(
        (&first["kind"], &first["name"]),
        (&json!("address"), &json!("Rua das Flores 45"))
    );
    assert!(first["distance_m"].as_i64() < Some(100), "{first}");
    let found = answer(&town.pack(), &["search", "Estacao Centrl", "--limit", "1"]);
    assert_eq!(found["places"].as_array().unwrap().len(), 1, "{found}");
    assert_eq!(found["places"][0]["name"], "Estação Central");
    assert_eq!(found["places"][0].get("distance_m"), None);
    let at = text(corner(1, 1));
    let found = answer(&town.pack(), &["reverse", "--at", &at]);
    assert!(!found["places"].as_array().unwrap().is_empty(), "{found}");
    let shown = words(&town.pack(), &["search", "flores", "--near", &near]);
    assert!(shown.contains("Rua das Flores"), "{shown}");
    let shown = words(&town.pack(), &["search", "xyzzyxyzzy"]);
    assert_eq!(shown.trim(), "Nothing was found.");
    let (status, told) = failure(&town.pack(), &["search", " "]);
    assert_eq!((status, &told["code"]), (Some(2), &json!("invalid_text")));
}

#[test]
fn a_track_is_laid_onto_the_roads() {
    let town = Town::build();
    // Up Rua do Almada at 10 m/s, ten metres beside it.
    let start = corner(0, 0);
    let points: Vec<Value> = (0..180)
        .map(|second| {
            let lat = start.lat() + f64::from(second) * 10.0 / 111_195.0;
            let lng = start.lng() + if second % 2 == 0 { 5e-5 } else { -5e-5 };
            let t = format!("2026-03-01T12:{:02}:{:02}Z", second / 60, second % 60);
            json!({"t": t, "lat": lat, "lng": lng, "accuracy_m": 8.0})
        })
        .collect();
    let file = town.pack().parent().unwrap().join("track.json");
    fs::write(&file, Value::from(points).to_string()).unwrap();
    let track = file.to_str().unwrap();
    let matched = answer(&town.pack(), &["match", "--track", track]);
    about(&matched["distance_m"], 1790.0);
    assert_eq!(matched["drives"].as_array().unwrap().len(), 1, "{matched}");
    assert_eq!(matched["points"].as_array().unwrap().len(), 180);
    assert_eq!(matched["points"][90]["road"]["street"], "Rua do Almada");
    assert!(matched["confidence"].as_f64() > Some(0.5));
    assert!(words(&town.pack(), &["match", "--track", track]).contains("1.8 km by road"));

    for (json, field) in [
        ("[]", "points"),
        ("[{\"lat\": 41}]", "points[0]"),
        ("nonsense", "."),
    ] {
        fs::write(&file, json).unwrap();
        let (status, told) = failure(&town.pack(), &["match", "--track", track]);
        assert_eq!(
            (status, &told["code"]),
            (Some(2), &json!("invalid_track")),
            "{told}"
        );
        assert_eq!(told["errors"][0]["field"], field, "{told}");
    }
}
