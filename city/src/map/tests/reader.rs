//! Reads archives and tiles by the words of their formats, apart from the code that writes them.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;

use super::super::encode::Spot;

/// A feature as a map would see it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Feature {
    pub(super) layer: String,
    pub(super) kind: u64,
    pub(super) tags: BTreeMap<String, String>,
    /// Rings or lines; a list of one-point paths for points.
    pub(super) paths: Vec<Vec<Spot>>,
    pub(super) extent: i32,
}

pub(super) type Tiles = BTreeMap<(u8, u32, u32), Vec<Feature>>;

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn varint(&mut self) -> u64 {
        let mut value = 0;
        for shift in (0..).step_by(7) {
            let (byte, rest) = self.0.split_first().unwrap();
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        value
    }

    fn fields(mut self) -> Vec<(u64, u64, &'a [u8])> {
        let mut fields = Vec::new();
        while !self.0.is_empty() {
            let tag = self.varint();
            let value = self.varint();
            let mut bytes = &[][..];
            if tag & 7 == 2 {
                (bytes, self.0) = self.0.split_at(usize::try_from(value).unwrap());
            } else {
                assert_eq!(tag & 7, 0, "an unknown kind of field");
            }
            fields.push((tag >> 3, value, bytes));
        }
        fields
    }

    fn signed(&mut self) -> i32 {
        let value = i64::try_from(self.varint()).unwrap();
        i32::try_from((value >> 1) ^ -(value & 1)).unwrap()
    }
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut out).unwrap();
    out
}

/// Reads an archive without leaf directories or with them.
pub(super) fn read_archive(path: &Path) -> Tiles {
    let bytes = std::fs::read(path).unwrap();
    assert_eq!(&bytes[..8], b"PMTiles\x03");
    let number = |at: usize| {
        usize::try_from(u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())).unwrap()
    };
    let (root, root_length) = (number(8), number(16));
    let (leaves, tiles) = (number(40), number(56));
    let mut found = Tiles::new();
    let mut open = vec![(root, root_length)];
    while let Some((at, length)) = open.pop() {
        for (id, run, length, offset) in entries(&unpacked(&bytes[at..at + length])) {
            if run == 0 {
                open.push((leaves + offset, length));
            }
            let data = tiles + offset;
            for id in id..id + run {
                let coord = pmtiles::TileCoord::from(pmtiles::TileId::new(id).unwrap());
                let features = read_tile(&unpacked(&bytes[data..data + length]));
                found.insert((coord.z(), coord.x(), coord.y()), features);
            }
        }
    }
    found
}

fn entries(directory: &[u8]) -> Vec<(u64, u64, usize, usize)> {
    let mut reader = Reader(directory);
    let count = usize::try_from(reader.varint()).unwrap();
    let mut column = || (0..count).map(|_| reader.varint()).collect::<Vec<_>>();
    let (ids, runs, lengths, offsets) = (column(), column(), column(), column());
    let mut id = 0;
    let mut end = 0;
    (0..count)
        .map(|index| {
            id += ids[index];
            let length = usize::try_from(lengths[index]).unwrap();
            let offset = match offsets[index] {
                0 => end,
                set => usize::try_from(set - 1).unwrap(),
            };
            end = offset + length;
            (id, runs[index], length, offset)
        })
        .collect()
}

fn read_tile(tile: &[u8]) -> Vec<Feature> {
    let layers = Reader(tile).fields();
    layers
        .into_iter()
        .flat_map(|(number, _, layer)| {
            assert_eq!(number, 3, "a tile holds layers only");
            read_layer(layer)
        })
        .collect()
}

fn read_layer(layer: &[u8]) -> Vec<Feature> {
    let fields = Reader(layer).fields();
    let of = |wanted: u64| fields.iter().filter(move |(number, ..)| *number == wanted);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let name = text(of(1).next().unwrap().2);
    let keys: Vec<String> = of(3).map(|(.., bytes)| text(bytes)).collect();
    let values: Vec<String> = of(4)
        .map(|(.., bytes)| match Reader(bytes).fields()[0] {
            (1, _, bytes) => text(bytes),
            (5, number, _) => number.to_string(),
            other => panic!("an unknown value: {other:?}"),
        })
        .collect();
    let extent = i32::try_from(of(5).next().unwrap().1).unwrap();
    assert_eq!(of(15).next().unwrap().1, 2, "the version of the format");
    of(2)
        .map(|(.., bytes)| {
            let mut feature = Feature {
                layer: name.clone(),
                kind: 0,
                tags: BTreeMap::new(),
                paths: Vec::new(),
                extent,
            };
            for (number, value, bytes) in Reader(bytes).fields() {
                match number {
                    2 => {
                        let mut reader = Reader(bytes);
                        while !reader.0.is_empty() {
                            let key = usize::try_from(reader.varint()).unwrap();
                            let value = usize::try_from(reader.varint()).unwrap();
                            feature
                                .tags
                                .insert(keys[key].clone(), values[value].clone());
                        }
                    }
                    3 => feature.kind = value,
                    4 => feature.paths = read_geometry(bytes),
                    other => panic!("an unknown field of a feature: {other}"),
                }
            }
            feature
        })
        .collect()
}

fn read_geometry(bytes: &[u8]) -> Vec<Vec<Spot>> {
    let mut reader = Reader(bytes);
    let mut paths: Vec<Vec<Spot>> = Vec::new();
    let mut at = (0, 0);
    while !reader.0.is_empty() {
        let command = reader.varint();
        for _ in 0..command >> 3 {
            if command & 7 == 7 {
                continue;
            }
            at = (at.0 + reader.signed(), at.1 + reader.signed());
            match command & 7 {
                1 => paths.push(vec![at]),
                2 => paths.last_mut().unwrap().push(at),
                other => panic!("an unknown command: {other}"),
            }
        }
    }
    paths
}
