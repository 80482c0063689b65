//! Writes one tile as the Mapbox Vector Tile format, version 2. The encoder is our
//! own because size is all: one feature per look, no ids, each text once, coordinates as small as
//! the zoom allows.

use std::collections::BTreeMap;

use super::look::{Height, Layer, Look, TextId, Texts};
use crate::protobuf::{put_bytes, put_number, put_varint, zigzag};

/// A point in a tile's own units: x to the right, y down.
pub(super) type Spot = (i32, i32);

/// The shapes of one look in one tile, in tile units.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    /// Points.
    pub(super) spots: Vec<Spot>,
    /// Lines of at least two points.
    pub(super) lines: Vec<Vec<Spot>>,
    /// Areas: an outer ring that runs clockwise as drawn, then holes that run the other way; the
    /// last point of a ring does not repeat the first.
    pub(super) areas: Vec<Vec<Vec<Spot>>>,
}

/// One tile before it is written.
pub(super) type TileShapes = BTreeMap<Look, Shapes>;

/// The bytes of a tile; empty when nothing is in it.
pub(super) fn encoded(shapes: &TileShapes, zoom: u8, texts: &Texts) -> Vec<u8> {
    let mut tile = Vec::new();
    for layer in Layer::ALL {
        let mut writer = LayerWriter::default();
        for (look, shapes) in shapes.iter().filter(|(look, _)| look.layer == layer) {
            writer.add(*look, shapes);
        }
        if !writer.features.is_empty() {
            put_bytes(
                &mut tile,
                3,
                &writer.finished(layer, layer.extent(zoom), texts),
            );
        }
    }
    tile
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    Number(u8),
    Text(TextId),
}

#[derive(Debug, Default)]
struct LayerWriter {
    features: Vec<u8>,
    keys: Vec<&'static str>,
    values: Vec<Value>,
    value_index: BTreeMap<Value, u32>,
}

impl LayerWriter {
    fn add(&mut self, look: Look, shapes: &Shapes) {
        let mut tags = Vec::new();
        for (key, value) in attributes(look) {
            put_varint(&mut tags, u64::from(self.key(key)));
            put_varint(&mut tags, u64::from(self.value(value)));
        }
        self.feature(&tags, 1, &points_geometry(&shapes.spots));
        self.feature(&tags, 2, &lines_geometry(&shapes.lines));
        self.feature(&tags, 3, &areas_geometry(&shapes.areas));
    }

    fn feature(&mut self, tags: &[u8], kind: u64, geometry: &[u8]) {
        if geometry.is_empty() {
            return;
        }
        let mut feature = Vec::with_capacity(geometry.len() + 16);
        if !tags.is_empty() {
            put_bytes(&mut feature, 2, tags);
        }
        put_number(&mut feature, 3, kind);
        put_bytes(&mut feature, 4, geometry);
        put_bytes(&mut self.features, 2, &feature);
    }

    fn key(&mut self, key: &'static str) -> u32 {
        let known = self.keys.iter().position(|other| *other == key);
        let index = known.unwrap_or_else(|| {
            self.keys.push(key);
            self.keys.len() - 1
        });
        u32::try_from(index).unwrap_or(u32::MAX)
    }

    fn value(&mut self, value: Value) -> u32 {
        let next = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        *self.value_index.entry(value).or_insert_with(|| {
            self.values.push(value);
            next
        })
    }

    fn finished(self, layer: Layer, extent: u32, texts: &Texts) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.features.len() + 64);
        put_bytes(&mut bytes, 1, layer.name().as_bytes());
        bytes.extend(self.features);
        for key in self.keys {
            put_bytes(&mut bytes, 3, key.as_bytes());
        }
        for value in self.values {
            let mut packed = Vec::new();
            match value {
                Value::Number(number) => put_number(&mut packed, 5, u64::from(number)),
                Value::Text(id) => put_bytes(&mut packed, 1, texts.get(id).as_bytes()),
            }
            put_bytes(&mut bytes, 4, &packed);
        }
        put_number(&mut bytes, 5, u64::from(extent));
        put_number(&mut bytes, 15, 2);
        bytes
    }
}

fn attributes(look: Look) -> impl Iterator<Item = (&'static str, Value)> {
    let height = match look.height {
        Height::Ground => 0,
        Height::Bridge => 1,
        Height::Tunnel => 2,
    };
    let numbers = [
        ("c", look.class),
        ("b", height),
        ("o", u8::from(look.is_one_way)),
    ];
    let texts = [("n", look.name), ("r", look.reference)];
    let numbers = numbers
        .into_iter()
        .filter(|(_, number)| *number > 0)
        .map(|(key, number)| (key, Value::Number(number)));
    let texts = texts
        .into_iter()
        .filter(|(_, id)| id.is_some())
        .map(|(key, id)| (key, Value::Text(id)));
    numbers.chain(texts)
}

/// Writes moves of the pen as differences from where it is.
#[derive(Debug, Default)]
struct Pen {
    bytes: Vec<u8>,
    at: Spot,
}

const MOVE: u64 = 1;
const LINE: u64 = 2;
const CLOSE: u64 = 15;

impl Pen {
    fn command(&mut self, command: u64, count: usize) {
        let count = u64::try_from(count).unwrap_or(u64::MAX >> 3);
        put_varint(&mut self.bytes, count << 3 | command);
    }

    fn go(&mut self, spot: Spot) {
        put_varint(&mut self.bytes, zigzag((spot.0 - self.at.0).into()));
        put_varint(&mut self.bytes, zigzag((spot.1 - self.at.1).into()));
        self.at = spot;
    }

    fn path(&mut self, path: &[Spot]) {
        let Some((first, rest)) = path.split_first() else {
            return;
        };
        self.command(MOVE, 1);
        self.go(*first);
        self.command(LINE, rest.len());
        for spot in rest {
            self.go(*spot);
        }
    }
}

fn points_geometry(spots: &[Spot]) -> Vec<u8> {
    let mut pen = Pen::default();
    if !spots.is_empty() {
        pen.command(MOVE, spots.len());
        for spot in spots {
            pen.go(*spot);
        }
    }
    pen.bytes
}

fn lines_geometry(lines: &[Vec<Spot>]) -> Vec<u8> {
    let mut pen = Pen::default();
    for line in lines {
        pen.path(line);
    }
    pen.bytes
}

fn areas_geometry(areas: &[Vec<Vec<Spot>>]) -> Vec<u8> {
    let mut pen = Pen::default();
    for ring in areas.iter().flatten() {
        pen.path(ring);
        put_varint(&mut pen.bytes, CLOSE);
    }
    pen.bytes
}
