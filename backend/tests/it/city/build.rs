//! `wayfare city build` and `info`: packs, and what is none.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{answer, failure, wayfare_city, words};
use crate::program::run;
use crate::town::{Town, write_extract};

fn build(osm: &Path, out: &Path) -> Command {
    let mut command = wayfare_city();
    command
        .arg("build")
        .arg("--osm")
        .arg(osm)
        .arg("--out")
        .arg(out);
    command
}

fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn an_extract_becomes_a_pack_that_tells_what_is_in_it() {
    let dir = TempDir::new().unwrap();
    let (osm, out) = (
        dir.path().join("ten-streets.osm.pbf"),
        dir.path().join("pack"),
    );
    write_extract(&osm);
    let (status, told, progress) = run(build(&osm, &out).arg("--json"));
    assert_eq!(status, Some(0), "{progress}");
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["name"], "Ten Streets");
    assert!(told["counts"]["road_arcs"].as_u64() >= Some(80), "{told}");
    assert!(told["peak_memory_bytes"].as_u64() > Some(1 << 20), "{told}");
    for step in ["reading the extract", "preparing routes", "drawing the map"] {
        assert!(progress.contains(step), "{progress}");
    }
    assert!(
        progress.contains("100 %") && progress.contains(" s\n"),
        "{progress}"
    );

    let info = answer(&out, &["info", "--verify"]);
    assert_eq!(info["manifest"]["version"], told["version"]);
    assert_eq!(
        info["manifest"]["attribution"],
        "© OpenStreetMap contributors"
    );
    assert_eq!(info["manifest"]["licence"], "ODbL-1.0");
    assert_eq!(info["bytes"], told["bytes"]);
    let words = words(&out, &["info"]);
    assert!(
        words.contains("Ten Streets") && words.contains("roads.bin"),
        "{words}"
    );
    assert_eq!(names_in(dir.path()), ["pack", "ten-streets.osm.pbf"]);
}

#[test]
fn the_same_extract_makes_the_same_pack() {
    let dir = TempDir::new().unwrap();
    let osm = dir.path().join("town.osm.pbf");
    write_extract(&osm);
    let version = |out: &str| {
        let (status, told, err) = run(build(&osm, &dir.path().join(out)).arg("--json"));
        assert_eq!(status, Some(0), "{err}");
        serde_json::from_str::<Value>(&told).unwrap()["version"].clone()
    };
    assert_eq!(version("one"), version("two"));
}

#[test]
fn what_is_no_extract_is_told_and_leaves_nothing() {
    let dir = TempDir::new().unwrap();
    let whole = dir.path().join("whole.osm.pbf");
    write_extract(&whole);
    let whole = fs::read(whole).unwrap();
    let mut damaged = whole.clone();
    for byte in damaged.iter_mut().skip(150).take(60) {
        *byte ^= 0x5a;
    }
    let xml = b"<?xml version='1.0'?><osm version=\"0.6\"></osm>".to_vec();
    let cases: [(&str, Vec<u8>, &str); 7] = [
        ("empty.osm.pbf", Vec::new(), "is empty"),
        ("half.osm.pbf", whole[..whole.len() / 2].to_vec(), "cut off"),
        ("cut.osm.pbf", whole[..whole.len() - 1].to_vec(), "cut off"),
        ("damaged.osm.pbf", damaged, "damaged"),
        (
            "picture.osm.pbf",
            b"\x89PNG\r\n\x1a\n and so on".to_vec(),
            "not an OpenStreetMap",
        ),
        ("town.osm", xml, "not an OpenStreetMap"),
        (
            "town.json",
            b"{\"type\": \"FeatureCollection\"}".to_vec(),
            "not an OpenStreetMap",
        ),
    ];
    let outs = TempDir::new().unwrap();
    for (name, bytes, hint) in cases {
        let osm = dir.path().join(name);
        fs::write(&osm, bytes).unwrap();
        let (status, out, err) = run(build(&osm, &outs.path().join("pack")).arg("--json"));
        assert_eq!((status, out.as_str()), (Some(2), ""), "{name}: {err}");
        let json = err.find('{').map_or("", |at| &err[at..]);
        let told: Value = serde_json::from_str(json).unwrap_or_else(|_| panic!("{err}"));
        assert_eq!(told["code"], "invalid_extract", "{err}");
        let detail = told["detail"].as_str().unwrap();
        assert!(detail.contains(hint) && detail.contains(name), "{detail}");
        assert_eq!(names_in(outs.path()), [""; 0], "{name}");
    }
    for absent in [dir.path().join("absent"), dir.path().to_owned()] {
        let (status, _, err) = run(&mut build(&absent, &outs.path().join("pack")));
        assert_eq!(status, Some(2), "{err}");
        assert!(err.contains("cannot open"), "{err}");
    }
    assert_eq!(names_in(outs.path()), [""; 0]);
}

#[test]
fn an_extract_without_roads_is_refused() {
    let dir = TempDir::new().unwrap();
    let osm = dir.path().join("meadow.osm.pbf");
    let mut meadow = wayfare_city::osm::PbfWriter::new();
    meadow.node(
        1,
        crate::town::corner(0, 0),
        &[("name", "Oak"), ("natural", "tree")],
    );
    meadow.write(fs::File::create(&osm).unwrap()).unwrap();
    let (status, _, err) = run(&mut build(&osm, &dir.path().join("pack")));
    assert_eq!(status, Some(2), "{err}");
    assert!(err.contains("no road that a car may drive on"), "{err}");
    assert_eq!(names_in(dir.path()), ["meadow.osm.pbf"]);
}

#[test]
fn a_folder_that_is_no_pack_is_not_touched() {
    let dir = TempDir::new().unwrap();
    let osm = dir.path().join("town.osm.pbf");
    write_extract(&osm);
    let out = dir.path().join("photos");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("cat.jpg"), "meow").unwrap();
    let (status, _, err) = run(&mut build(&osm, &out));
    assert_eq!(status, Some(2), "{err}");
    assert!(err.contains("is not empty and no city pack"), "{err}");
    assert_eq!(names_in(&out), ["cat.jpg"]);
}

#[test]
fn a_broken_zone_is_told_with_its_id_and_file() {
    let dir = TempDir::new().unwrap();
    let (osm, zones) = (
        dir.path().join("town.osm.pbf"),
        dir.path().join("zones.geojson"),
    );
    write_extract(&osm);
    let bow_tie = [
        [-8.6, 41.1],
        [-8.5, 41.2],
        [-8.5, 41.1],
        [-8.6, 41.2],
        [-8.6, 41.1],
    ];
    let geojson = json!({"type": "FeatureCollection", "features": [{
        "type": "Feature",
        "properties": {"id": "airport", "kind": "airport_queue"},
        "geometry": {"type": "Polygon", "coordinates": [bow_tie]},
    }]});
    fs::write(&zones, geojson.to_string()).unwrap();
    let out = dir.path().join("pack");
    let (status, _, err) = run(build(&osm, &out).arg("--zones").arg(&zones));
    assert_eq!(status, Some(2), "{err}");
    assert!(
        err.contains("zones.geojson") && err.contains("airport"),
        "{err}"
    );
    assert!(!out.exists());
}

#[test]
fn a_full_disk_leaves_nothing() {
    let dir = TempDir::new().unwrap();
    let (osm, out) = (dir.path().join("town.osm.pbf"), dir.path().join("pack"));
    write_extract(&osm);
    // No file may be longer than one block of 512 bytes.
    let limited = format!(
        "trap '' XFSZ; ulimit -f 1; exec {} city build --osm {} --out {}",
        env!("CARGO_BIN_EXE_wayfare"),
        osm.display(),
        out.display()
    );
    let (status, _, err) = run(Command::new("sh").arg("-c").arg(limited));
    assert_eq!(status, Some(1), "{err}");
    assert!(err.contains("no room left"), "{err}");
    assert_eq!(names_in(dir.path()), ["town.osm.pbf"]);
}

#[test]
fn a_signal_stops_a_build_that_leaves_nothing() {
    let dir = TempDir::new().unwrap();
    // Large enough to be still under way when the signal comes, wherever that is.
    let osm = dir.path().join("town.osm.pbf");
    let mut town = wayfare_city::osm::PbfWriter::new();
    let side = 150_i64;
    for n in 0..side * side {
        let at = wayfare_core::geo::LatLng::from_e7(
            (411_000_000 + n / side * 10_000).try_into().unwrap(),
            (-86_000_000 + n % side * 10_000).try_into().unwrap(),
        );
        town.node(n + 1, at.unwrap(), &[]);
    }
    for n in 0..side {
        let east: Vec<i64> = (0..side).map(|m| n * side + m + 1).collect();
        let north: Vec<i64> = (0..side).map(|m| m * side + n + 1).collect();
        town.way(2 * n + 1, &east, &[("highway", "residential")]);
        town.way(2 * n + 2, &north, &[("highway", "residential")]);
    }
    town.write(fs::File::create(&osm).unwrap()).unwrap();
    let out = dir.path().join("pack");
    let mut child = build(&osm, &out)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while names_in(dir.path()).len() < 2 {
        assert!(Instant::now() < deadline, "the build never wrote anything");
        sleep(Duration::from_millis(2));
    }
    kill(
        Pid::from_raw(child.id().try_into().unwrap()),
        Signal::SIGINT,
    )
    .unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(1));
    assert_eq!(names_in(dir.path()), ["town.osm.pbf"]);
}

#[test]
fn a_damaged_pack_is_told_with_the_file_and_what_to_do() {
    let town = Town::build();
    let pack = town.pack();
    let roads = pack.join("roads.bin");
    let whole = fs::read(&roads).unwrap();
    fs::write(&roads, &whole[..whole.len() / 2]).unwrap();
    let (status, told) = failure(&pack, &["info"]);
    assert_eq!((status, &told["code"]), (Some(2), &json!("invalid_pack")));
    let detail = told["detail"].as_str().unwrap();
    assert!(
        detail.contains("roads.bin has") && detail.contains("build the pack again"),
        "{detail}"
    );

    // As long as it should be, and nothing but noise.
    fs::write(&roads, vec![0x5a; whole.len()]).unwrap();
    let (status, told) = failure(&pack, &["info"]);
    assert_eq!(
        (status, &told["code"]),
        (Some(2), &json!("invalid_pack")),
        "{told}"
    );

    let mut one_bit = whole.clone();
    *one_bit.last_mut().unwrap() ^= 1;
    fs::write(&roads, &one_bit).unwrap();
    let (status, told) = failure(&pack, &["info", "--verify"]);
    assert_eq!(
        (status, &told["code"]),
        (Some(2), &json!("invalid_pack")),
        "{told}"
    );

    fs::write(&roads, &whole).unwrap();
    let mut manifest = fs::OpenOptions::new()
        .append(true)
        .open(pack.join("manifest.json"))
        .unwrap();
    manifest.write_all(b"}").unwrap();
    let (status, told) = failure(&pack, &["info"]);
    assert_eq!(status, Some(2));
    assert!(
        told["detail"].as_str().unwrap().contains("manifest.json"),
        "{told}"
    );

    let (status, told) = failure(Path::new("/nowhere"), &["info"]);
    assert_eq!(status, Some(2));
    assert!(
        told["detail"]
            .as_str()
            .unwrap()
            .contains("wayfare city build"),
        "{told}"
    );
}
