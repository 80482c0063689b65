use std::error::Error;

use tempfile::TempDir;

use super::*;
use crate::city::manifest::PackFile;
use crate::city::manifest::tests::manifest;

const EMPTY_ZONES: &[u8] = br#"{"type": "FeatureCollection", "features": []}"#;

/// A folder with a manifest that fits its files.
fn folder_with(files: &[(&str, &[u8])]) -> TempDir {
    let dir = TempDir::new().unwrap();
    let described = files.iter().map(|(name, bytes)| {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        PackFile {
            name: (*name).to_owned(),
            bytes: bytes.len().try_into().unwrap(),
            sha256: hex(&Sha256::digest(bytes)),
        }
    });
    let manifest = manifest(described.collect());
    let json = serde_json::to_vec(&manifest).unwrap();
    fs::write(dir.path().join(MANIFEST_FILE), json).unwrap();
    dir
}

fn folder() -> TempDir {
    folder_with(&[
        ("fonts/Plain/0-255.pbf", b"glyphs"),
        (PLACES_FILE, b"places"),
        (ROADS_FILE, b"roads"),
        (ZONES_FILE, EMPTY_ZONES),
    ])
}

#[test]
fn files_of_a_folder_are_there_and_whole() {
    let dir = folder();
    let pack = PackFolder::open(dir.path()).unwrap();
    assert_eq!(&**pack.file("fonts/Plain/0-255.pbf").unwrap(), b"glyphs");
    assert!(pack.file("fonts").is_none());
    assert!(pack.file(MANIFEST_FILE).is_none());
    pack.verify().unwrap();
}

#[test]
fn an_open_folder_keeps_its_content_when_another_takes_its_place() {
    let dir = folder();
    let pack = PackFolder::open(dir.path()).unwrap();
    let roads = dir.path().join(ROADS_FILE);
    fs::remove_file(&roads).unwrap();
    fs::write(&roads, b"other").unwrap();
    assert_eq!(&**pack.file(ROADS_FILE).unwrap(), b"roads");
}

#[test]
fn what_is_no_pack_is_told_with_its_path() {
    let empty = TempDir::new().unwrap();
    let error = PackFolder::open(empty.path()).unwrap_err();
    assert!(matches!(error, PackError::NoPack(_)), "{error:?}");
    let told = error.to_string();
    assert!(
        told.contains(empty.path().to_str().unwrap()) && told.contains("wayfare city build"),
        "{told}"
    );
    let absent = PackFolder::open(&empty.path().join("absent")).unwrap_err();
    assert!(matches!(absent, PackError::NoFolder(_)), "{absent:?}");
}

#[test]
fn a_missing_file_and_one_of_another_length_are_told_by_name() {
    let dir = folder();
    fs::write(dir.path().join(ROADS_FILE), b"road").unwrap();
    let error = PackFolder::open(dir.path()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("roads.bin has 4 bytes and should have 5"),
        "{error}"
    );
    fs::remove_file(dir.path().join(ROADS_FILE)).unwrap();
    let error = PackFolder::open(dir.path()).unwrap_err();
    assert!(matches!(error, PackError::Unreadable { .. }), "{error:?}");
    assert!(
        error.to_string().contains("roads.bin cannot be read"),
        "{error}"
    );
}

#[test]
fn a_changed_byte_is_found_when_everything_is_verified() {
    let dir = folder();
    fs::write(dir.path().join(PLACES_FILE), b"plaices"[..6].as_ref()).unwrap();
    let pack = PackFolder::open(dir.path()).unwrap();
    let error = pack.verify().unwrap_err();
    assert!(
        matches!(&error, PackError::Hash(path) if path.ends_with(PLACES_FILE)),
        "{error:?}"
    );
}

#[test]
fn roads_that_are_none_are_told_with_file_and_cause() {
    let dir = folder();
    let error = CityPack::open(dir.path()).unwrap_err();
    assert!(matches!(error, PackError::Roads { .. }), "{error:?}");
    assert!(error.to_string().contains(ROADS_FILE), "{error}");
    assert!(error.source().is_some());
}
