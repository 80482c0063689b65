use serde_json::json;
use tempfile::TempDir;
use wayfare_core::city::{PLACES_FILE, PackFile, ROADS_FILE, ZONES_FILE};

use super::*;
use crate::build::source;

/// A folder that looks like a pack.
fn pack(folder: &Path) {
    fs::create_dir_all(folder.join("fonts")).unwrap();
    let names = [PLACES_FILE, ROADS_FILE, ZONES_FILE, "fonts/a.pbf"];
    for name in names {
        fs::write(folder.join(name), b"old").unwrap();
    }
    let files = names.map(|name| PackFile {
        name: name.to_owned(),
        bytes: 3,
        sha256: String::new(),
    });
    let profile = source::read_speed_profile(None).unwrap();
    let corner = json!({"lat": 0.0, "lng": 0.0});
    let manifest = json!({
        "format": Manifest::FORMAT,
        "version": Manifest::version_of(&files, &profile),
        "name": "Testville",
        "created_at": "2026-03-01T12:00:00Z",
        "source": {"file": "t.osm.pbf", "bytes": 1, "sha256": ""},
        "bounds": {"south_west": corner, "north_east": corner},
        "attribution": "", "licence": "", "licence_url": "",
        "speed_profile": profile,
        "counts": {"road_arcs": 0, "places": 0, "tiles": 0, "zones": 0},
        "files": files,
    });
    fs::write(folder.join(MANIFEST_FILE), manifest.to_string()).unwrap();
}

fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn problem(out: &Path) -> &'static str {
    match Target::check(out) {
        Err(BuildError::Occupied { problem, .. }) => problem,
        other => panic!("{other:?}"),
    }
}

#[test]
fn nothing_but_a_pack_is_ever_replaced() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("porto");
    assert!(Target::check(&out).is_ok(), "there is nothing");
    fs::create_dir(&out).unwrap();
    assert!(Target::check(&out).is_ok(), "an empty folder");

    fs::write(out.join("thesis.tex"), "years of work").unwrap();
    assert_eq!(problem(&out), "is not empty and no city pack");
    fs::write(out.join(MANIFEST_FILE), r#"{"name": "A web app"}"#).unwrap();
    assert_eq!(problem(&out), "is not empty and no city pack");

    pack(&out);
    assert_eq!(problem(&out), "is a city pack with other files in it");
    fs::remove_file(out.join("thesis.tex")).unwrap();
    assert!(Target::check(&out).is_ok(), "a pack");
    fs::write(out.join(MANIFEST_FILE), r#"{"format": 99}"#).unwrap();
    assert!(Target::check(&out).is_ok(), "a pack of another version");

    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    assert_eq!(problem(&file), "is a file");
    assert_eq!(problem(Path::new("/")), "is no folder that can be replaced");
}

#[test]
fn a_new_pack_takes_the_place_of_the_old_one_and_nothing_else_stays() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("porto");
    pack(&out);
    let target = Target::check(&out).unwrap();
    let scratch = Scratch::create(&target, &Stop::default()).unwrap();
    scratch.write(MANIFEST_FILE, b"new").unwrap();
    assert_eq!(fs::read(out.join(ROADS_FILE)).unwrap(), b"old");
    assert!(scratch.replace(&target).unwrap());
    assert_eq!(names_in(&out), [MANIFEST_FILE]);
    assert_eq!(fs::read(out.join(MANIFEST_FILE)).unwrap(), b"new");
    assert_eq!(names_in(dir.path()), ["porto"]);
}

#[test]
fn a_link_to_a_pack_stays_a_link() {
    let dir = TempDir::new().unwrap();
    let (real, link) = (dir.path().join("real"), dir.path().join("link"));
    pack(&real);
    std::os::unix::fs::symlink(&real, &link).unwrap();
    let target = Target::check(&link).unwrap();
    let scratch = Scratch::create(&target, &Stop::default()).unwrap();
    scratch.write(MANIFEST_FILE, b"new").unwrap();
    scratch.replace(&target).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(names_in(&real), [MANIFEST_FILE]);
}

#[test]
fn a_build_that_ends_early_leaves_nothing() {
    let dir = TempDir::new().unwrap();
    let target = Target::check(&dir.path().join("new/porto")).unwrap();
    let scratch = Scratch::create(&target, &Stop::default()).unwrap();
    scratch.write(ROADS_FILE, b"roads").unwrap();
    drop(scratch);
    assert_eq!(names_in(&dir.path().join("new")), [""; 0]);
}

#[test]
fn a_stop_removes_what_was_written_and_lets_no_pack_appear() {
    let dir = TempDir::new().unwrap();
    let target = Target::check(&dir.path().join("porto")).unwrap();
    let stop = Stop::default();
    let scratch = Scratch::create(&target, &stop).unwrap();
    scratch.write(ROADS_FILE, b"roads").unwrap();
    stop.stop();
    assert_eq!(names_in(dir.path()), [""; 0]);
    assert!(matches!(scratch.replace(&target), Err(BuildError::Stopped)));
    assert!(matches!(
        Scratch::create(&target, &stop),
        Err(BuildError::Stopped)
    ));
    assert_eq!(names_in(dir.path()), [""; 0]);
}

#[test]
fn a_stop_after_the_pack_is_in_its_place_does_not_take_it_away() {
    let dir = TempDir::new().unwrap();
    let target = Target::check(&dir.path().join("porto")).unwrap();
    let stop = Stop::default();
    let scratch = Scratch::create(&target, &stop).unwrap();
    assert!(!scratch.replace(&target).unwrap());
    stop.stop();
    assert_eq!(names_in(dir.path()), ["porto"]);
}

#[test]
fn what_a_killed_build_left_is_removed_and_a_living_one_keeps_its_folder() {
    let dir = TempDir::new().unwrap();
    let target = Target::check(&dir.path().join("porto")).unwrap();
    let killed = dir.path().join(".porto.building-0");
    fs::create_dir(&killed).unwrap();
    fs::write(killed.join(LOCK_FILE), "").unwrap();
    let living = dir.path().join(".porto.building-1");
    fs::create_dir(&living).unwrap();
    let lock = File::create(living.join(LOCK_FILE)).unwrap();
    lock.lock().unwrap();
    let scratch = Scratch::create(&target, &Stop::default()).unwrap();
    drop(scratch);
    assert_eq!(names_in(dir.path()), [".porto.building-1"]);
}
