use std::fs;
use std::path::{Path, PathBuf};

use wayfare_core::geo::LatLng;

use super::*;

const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data");

fn at(lat: f64, lng: f64) -> LatLng {
    LatLng::from_degrees(lat, lng).unwrap()
}

fn no_progress(_: f64) {}

/// A town with a street, a lone node, a lone way, a cut way and a relation.
fn town() -> Vec<u8> {
    let mut pbf = PbfWriter::new();
    pbf.node(7, at(41.2, -8.6), &[]);
    pbf.node(
        -3,
        at(-41.1, 8.6),
        &[("amenity", "cafe"), ("name", "Café São João")],
    );
    pbf.node(5, at(41.1, -8.5), &[]);
    pbf.node(9, at(0.0, 0.0), &[]);
    pbf.way(
        1,
        &[7, 5],
        &[("highway", "primary"), ("source", "a survey")],
    );
    pbf.way(2, &[5, 7, 5], &[]);
    pbf.way(3, &[5, 99], &[("highway", "service")]);
    pbf.way(4, &[5, 7], &[]);
    let members = [
        NewMember::Way(1, "from"),
        NewMember::Node(5, "via"),
        NewMember::Way(4, "to"),
        NewMember::Relation(8, "x"),
    ];
    pbf.relation(
        10,
        &members,
        &[("type", "restriction"), ("restriction", "no_u_turn")],
    );
    pbf.relation(11, &members, &[("type", "route")]);
    let mut bytes = Vec::new();
    pbf.write(&mut bytes).unwrap();
    bytes
}

fn written(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("town.osm.pbf");
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn read_bytes(bytes: &[u8]) -> Result<Extract, ReadError> {
    let (_folder, path) = written(bytes);
    read(&path, &mut no_progress)
}

#[test]
fn what_was_written_is_read_and_what_nothing_needs_is_dropped() {
    let extract = read_bytes(&town()).unwrap();
    assert_eq!(
        extract.positions(),
        [at(-41.1, 8.6), at(41.1, -8.5), at(41.2, -8.6)],
        "by id, without the lone node"
    );
    let tagged: Vec<_> = extract.tagged_nodes().collect();
    assert_eq!(tagged.len(), 1);
    assert_eq!(tagged[0].id, -3);
    assert_eq!(tagged[0].tags.get("name"), Some("Café São João"));
    let ways: Vec<_> = extract
        .ways()
        .map(|way| (way.id, way.nodes.to_vec(), way.is_cut))
        .collect();
    assert_eq!(
        ways,
        [
            (1, vec![2, 1], false),
            (3, vec![1], true),
            (4, vec![1, 2], false)
        ]
    );
    let primary = extract.way(0).unwrap();
    assert!(primary.tags.is("highway", "primary"));
    assert_eq!(primary.tags.get("source"), None);
    let relations: Vec<_> = extract.relations().collect();
    assert_eq!(relations.len(), 1);
    assert!(relations[0].is_cut, "another relation is no member");
    let members: Vec<_> = relations[0]
        .members
        .iter()
        .map(|member| (member.kind, member.role))
        .collect();
    assert_eq!(
        members,
        [
            (MemberKind::Way(0), "from"),
            (MemberKind::Node(1), "via"),
            (MemberKind::Way(2), "to")
        ]
    );
}

#[test]
fn a_file_that_is_cut_anywhere_is_refused() {
    let bytes = town();
    for length in 0..bytes.len() {
        let error = match read_bytes(&bytes[..length]) {
            Err(error) => error,
            // A whole number of blobs is a smaller extract.
            Ok(extract) => {
                assert!(extract.way_count() == 0 || extract.relations().count() == 0);
                continue;
            }
        };
        let told = matches!(
            error,
            ReadError::Truncated { .. } | ReadError::Empty { .. } | ReadError::NotPbf { .. }
        );
        assert!(told, "{length} bytes: {error}");
    }
}

#[test]
fn a_file_with_any_byte_changed_is_read_or_refused_without_a_panic() {
    let bytes = town();
    for index in 0..bytes.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut bytes = bytes.clone();
            bytes[index] ^= flip;
            let _ = read_bytes(&bytes);
        }
    }
}

#[test]
fn other_files_are_told_apart() {
    for bytes in [
        &b"<?xml version='1.0'?><osm version='0.6'></osm>"[..],
        b"\x89PNG\r\n\x1a\n0000000000000000",
        b"{\"type\":\"FeatureCollection\"}",
        &[0; 4096],
    ] {
        assert!(matches!(read_bytes(bytes), Err(ReadError::NotPbf { .. })));
    }
    assert!(matches!(read_bytes(b""), Err(ReadError::Empty { .. })));
    let folder = tempfile::tempdir().unwrap();
    let error = read(folder.path(), &mut no_progress).unwrap_err();
    assert!(matches!(error, ReadError::Open { .. }), "{error}");
    let error = read(&folder.path().join("none"), &mut no_progress).unwrap_err();
    assert!(matches!(error, ReadError::Open { .. }), "{error}");
}

#[test]
fn real_extracts_are_read() {
    let path = Path::new(SHARED).join("osm/monaco.osm.pbf");
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return;
    }
    let mut shares = Vec::new();
    let extract = read(&path, &mut |share| shares.push(share)).unwrap();
    let roads = extract
        .ways()
        .filter(|way| way.tags.get("highway").is_some());
    assert!(roads.count() > 1000);
    assert!(shares.is_sorted() && shares.iter().all(|share| (0.0..=1.0).contains(share)));
    for way in extract.ways() {
        assert!(
            way.nodes
                .iter()
                .all(|node| extract.position(*node).is_some())
        );
    }
}
