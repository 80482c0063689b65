use serde_json::{Value, json};

use super::*;

fn profile() -> SpeedProfile {
    SpeedProfile {
        weekday_bps: vec![12_000; 24],
        weekend_bps: vec![10_000; 24],
    }
}

fn file(name: &str) -> PackFile {
    PackFile {
        name: name.to_owned(),
        bytes: 3,
        sha256: hex(&Sha256::digest(b"abc")),
    }
}

pub(in crate::city) fn manifest(files: Vec<PackFile>) -> Manifest {
    let corner = |lat, lng| Point { lat, lng };
    Manifest {
        format: Manifest::FORMAT,
        version: Manifest::version_of(&files, &profile()),
        name: "Testville".to_owned(),
        created_at: "2026-03-01T12:00:00Z".parse().unwrap(),
        source: Source {
            file: "testville.osm.pbf".to_owned(),
            bytes: 1,
            sha256: hex(&Sha256::digest(b"x")),
        },
        bounds: Bounds {
            south_west: corner(41.1, -8.7),
            north_east: corner(41.2, -8.5),
        },
        attribution: Manifest::ATTRIBUTION.to_owned(),
        licence: Manifest::LICENCE.to_owned(),
        licence_url: Manifest::LICENCE_URL.to_owned(),
        speed_profile: profile(),
        counts: Counts::default(),
        files,
    }
}

fn usual_files() -> Vec<PackFile> {
    [PLACES_FILE, ROADS_FILE, ZONES_FILE].map(file).to_vec()
}

fn usual() -> Value {
    serde_json::to_value(manifest(usual_files())).unwrap()
}

fn read(manifest: &Value) -> Result<Manifest, ManifestError> {
    Manifest::parse(manifest.to_string().as_bytes())
}

#[test]
fn a_manifest_is_read_as_it_was_written() {
    assert_eq!(read(&usual()).unwrap(), manifest(usual_files()));
}

#[test]
fn the_version_follows_from_files_and_speeds_and_nothing_else() {
    let version = |files: &[PackFile]| Manifest::version_of(files, &profile());
    let mut other = usual_files();
    other[0].sha256 = hex(&Sha256::digest(b"xyz"));
    assert_ne!(version(&usual_files()), version(&other));
    let mut slower = profile();
    slower.weekday_bps[8] = 20_000;
    assert_ne!(
        version(&usual_files()),
        Manifest::version_of(&usual_files(), &slower)
    );
    let mut later = manifest(usual_files());
    later.created_at = "2027-01-01T00:00:00Z".parse().unwrap();
    later.name = "Otherville".to_owned();
    assert!(read(&serde_json::to_value(later).unwrap()).is_ok());
}

#[test]
fn names_that_leave_the_folder_are_refused() {
    for name in [
        "../secrets",
        "/etc/passwd",
        "a/../b",
        "a//b",
        ".hidden",
        "",
        "a\\b",
        "manifest.json",
        "a%2f",
    ] {
        let mut files = usual_files();
        files.push(file(name));
        let found = read(&serde_json::to_value(manifest(files)).unwrap());
        assert!(
            matches!(&found, Err(ManifestError::FileName(told)) if told == name),
            "{name:?}: {found:?}"
        );
    }
    let mut files = usual_files();
    files.push(file("fonts/Noto Sans Regular/0-255.pbf"));
    assert!(read(&serde_json::to_value(manifest(files)).unwrap()).is_ok());
}

#[test]
fn what_is_wrong_is_told_apart() {
    let with = |key: &str, value: Value| {
        let mut changed = usual();
        changed[key] = value;
        read(&changed).unwrap_err()
    };
    assert!(matches!(
        with("format", json!(2)),
        ManifestError::Format {
            found: 2,
            expected: 1
        }
    ));
    assert!(matches!(with("files", json!(3)), ManifestError::Form(_)));
    assert!(matches!(
        with("files", json!([])),
        ManifestError::Missing(ROADS_FILE)
    ));
    assert!(matches!(
        with("version", json!("0123456789abcdef")),
        ManifestError::Version
    ));
    let short = json!({"weekday_bps": [10_000], "weekend_bps": []});
    assert!(matches!(
        with("speed_profile", short),
        ManifestError::Form(_)
    ));
    assert!(matches!(
        Manifest::parse(b"\x89PNG"),
        Err(ManifestError::Form(_))
    ));
}

#[test]
fn a_manifest_of_a_later_format_is_told_as_such_whatever_else_it_says() {
    let found = Manifest::parse(br#"{"format": 7, "roads": []}"#);
    assert!(matches!(found, Err(ManifestError::Format { found: 7, .. })));
}
