//! Reading maps: a small one that is written here, byte for byte, and real ones when they are there.

use super::*;
use std::path::PathBuf;

type Tags<'a> = &'a [(&'a str, &'a str)];
type WayIn<'a> = (&'a [i64], Tags<'a>);

/// A protobuf message under construction: just enough of the format for a map of one block.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(mut value: u64, out: &mut Vec<u8>) {
        while value >= 0x80 {
            out.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        out.push(value.to_le_bytes()[0]);
    }

    fn number(mut self, field: u64, value: u64) -> Self {
        Self::varint(field << 3, &mut self.0);
        Self::varint(value, &mut self.0);
        self
    }

    fn bytes(mut self, field: u64, value: &[u8]) -> Self {
        Self::varint(field << 3 | 2, &mut self.0);
        Self::varint(value.len() as u64, &mut self.0);
        self.0.extend_from_slice(value);
        self
    }

    fn packed(self, field: u64, values: impl IntoIterator<Item = u64>) -> Self {
        let mut packed = Vec::new();
        values
            .into_iter()
            .for_each(|value| Self::varint(value, &mut packed));
        self.bytes(field, &packed)
    }
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

fn deltas(values: &[i64]) -> Vec<u64> {
    let before = std::iter::once(&0).chain(values);
    values
        .iter()
        .zip(before)
        .map(|(value, before)| zigzag(value - before))
        .collect()
}

fn blob(kind: &str, content: &Message) -> Vec<u8> {
    let blob = Message::default()
        .bytes(1, &content.0)
        .number(2, content.0.len() as u64);
    let header = Message::default()
        .bytes(1, kind.as_bytes())
        .number(3, blob.0.len() as u64);
    let mut out = u32::try_from(header.0.len())
        .unwrap()
        .to_be_bytes()
        .to_vec();
    out.extend(header.0);
    out.extend(blob.0);
    out
}

/// A map of nodes (id, latitude, longitude in 1e-7 degrees) and ways (nodes, tags).
fn map(nodes: &[(i64, i64, i64)], ways: &[WayIn<'_>]) -> Vec<u8> {
    let mut strings = vec![String::new()];
    let mut string = |text: &str| {
        strings.push(text.to_owned());
        strings.len() as u64 - 1
    };
    let column =
        |pick: fn(&(i64, i64, i64)) -> i64| deltas(&nodes.iter().map(pick).collect::<Vec<_>>());
    let dense = Message::default()
        .packed(1, column(|node| node.0))
        .packed(8, column(|node| node.1))
        .packed(9, column(|node| node.2));
    let mut group = Message::default().bytes(2, &dense.0);
    for (id, (refs, tags)) in ways.iter().enumerate() {
        let keys: Vec<u64> = tags.iter().map(|(key, _)| string(key)).collect();
        let values: Vec<u64> = tags.iter().map(|(_, value)| string(value)).collect();
        let way = Message::default()
            .number(1, id as u64 + 1)
            .packed(2, keys)
            .packed(3, values)
            .packed(8, deltas(refs));
        group = group.bytes(3, &way.0);
    }
    let table = strings.iter().fold(Message::default(), |table, string| {
        table.bytes(1, string.as_bytes())
    });
    let block = Message::default().bytes(1, &table.0).bytes(2, &group.0);
    let header = Message::default()
        .bytes(4, b"OsmSchema-V0.6")
        .bytes(4, b"DenseNodes");
    [blob("OSMHeader", &header), blob("OSMData", &block)].concat()
}

fn file(content: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("village.osm.pbf");
    std::fs::write(&path, content).unwrap();
    (folder, path)
}

/// A square with a one-way road across it, a footway, a dead end that only leads out, a river and
/// a road whose last node is not in the extract.
fn village() -> Vec<u8> {
    let nodes = [
        (1, 411_500_000, -86_100_000),
        (2, 411_510_000, -86_100_000),
        (3, 411_510_000, -86_090_000),
        (4, 411_500_000, -86_090_000),
        (5, 411_520_000, -86_080_000),
        (6, 411_505_000, -86_070_000),
    ];
    let ways: [WayIn<'_>; 6] = [
        (
            &[1, 2, 3, 4, 1],
            &[("highway", "residential"), ("maxspeed", "50")],
        ),
        (&[1, 3], &[("highway", "tertiary"), ("oneway", "yes")]),
        (&[2, 4], &[("highway", "footway")]),
        (&[3, 5], &[("highway", "service"), ("oneway", "yes")]),
        (&[4, 99], &[("highway", "residential")]),
        (&[5, 6], &[("waterway", "river")]),
    ];
    map(&nodes, &ways)
}

#[test]
fn a_map_becomes_a_city() {
    let (_folder, path) = file(&village());
    let city = read(&path).unwrap();
    assert_eq!(city.name, "village");
    assert_eq!(
        city.graph.nodes().len(),
        4,
        "the dead end and the cut road are left out"
    );
    assert_eq!(
        city.graph.edges().len(),
        9,
        "four streets both ways and the one-way across"
    );
    assert_eq!(city.water.len(), 1);
    assert_eq!(city.water[0].line.len(), 2);
    let corner = |lat_e7, lng_e7| {
        city.graph
            .nearest_node(LatLng::from_e7(lat_e7, lng_e7).unwrap())
            .node
    };
    let (south_west, north_east) = (
        corner(411_500_000, -86_100_000),
        corner(411_510_000, -86_090_000),
    );
    assert_eq!(
        city.graph
            .route(south_west, north_east)
            .unwrap()
            .nodes
            .len(),
        2
    );
    assert_eq!(
        city.graph
            .route(north_east, south_west)
            .unwrap()
            .nodes
            .len(),
        3
    );
}

#[test]
fn a_map_without_roads_is_refused() {
    let nodes = [(1, 411_500_000, -86_100_000), (2, 411_510_000, -86_100_000)];
    let ways: [&[WayIn<'_>]; 3] = [
        &[],
        &[(&[1, 2], &[("highway", "footway")])],
        // A single one-way: nobody gets back.
        &[(&[1, 2], &[("highway", "primary"), ("oneway", "yes")])],
    ];
    for ways in ways {
        let (_folder, path) = file(&map(&nodes, ways));
        let error = read(&path).unwrap_err();
        assert!(matches!(error, CityError::NoRoads { .. }), "{error}");
        assert!(error.to_string().contains("village.osm.pbf"), "{error}");
    }
}

#[test]
fn a_file_that_is_no_map_is_refused_with_its_name() {
    let whole = village();
    let cut = &whole[..whole.len() - 20];
    let cases: [&[u8]; 4] = [
        b"<?xml version='1.0'?><osm></osm>",
        b"requested_at,pickup_lon\n",
        cut,
        &[0; 64],
    ];
    for content in cases {
        let (_folder, path) = file(content);
        let error = read(&path).unwrap_err();
        assert!(
            matches!(error, CityError::Read { .. } | CityError::NoRoads { .. }),
            "{error:?}"
        );
        assert!(error.to_string().contains("village.osm.pbf"), "{error}");
    }
}

#[test]
fn a_flipped_byte_never_brings_the_reader_down() {
    let whole = village();
    for position in 0..whole.len() {
        let mut broken = whole.clone();
        broken[position] ^= 0x55;
        let (_folder, path) = file(&broken);
        match std::panic::catch_unwind(|| read(&path)) {
            Ok(Ok(city)) => assert!(!city.graph.nodes().is_empty()),
            Ok(Err(error)) => assert!(!error.to_string().is_empty()),
            Err(_) => panic!("byte {position} of {} brought the reader down", whole.len()),
        }
    }
}

#[test]
fn a_missing_and_an_empty_file_are_told_apart() {
    let (folder, path) = file(b"");
    assert!(matches!(read(&path), Err(CityError::Empty { .. })));
    assert!(matches!(
        read(&folder.path().join("gone.pbf")),
        Err(CityError::Open { .. })
    ));
    assert!(matches!(read(folder.path()), Err(CityError::Open { .. })));
}

/// The folder of real maps beside the repository, when the machine has it.
fn real_map(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data")
        .join(name);
    if !path.is_file() {
        println!("skipped: no {} here", path.display());
        return None;
    }
    Some(path)
}

#[test]
fn real_maps_become_cities_when_present() {
    for (name, nodes_min) in [("osm/monaco.osm.pbf", 1000), ("osm/andorra.osm.pbf", 5000)] {
        let Some(path) = real_map(name) else { continue };
        let city = read(&path).unwrap();
        let mut chance = crate::chance::chance(1, crate::chance::Stream::Demand);
        assert!(
            city.graph.nodes().len() > nodes_min,
            "{name}: {}",
            city.graph.nodes().len()
        );
        for _ in 0..20 {
            let (pickup, dropoff) = city.draw_trip(&mut chance);
            let ends = [pickup, dropoff].map(|end| city.graph.nearest_node(end).node);
            assert!(
                city.graph.route(ends[0], ends[1]).is_ok(),
                "{name}: {pickup:?} {dropoff:?}"
            );
        }
    }
}
