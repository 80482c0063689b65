//! Writes an `.osm.pbf` file: for cities that are drawn instead of mapped, and for tests.

use std::collections::HashMap;
use std::io::{self, Write};

use flate2::{Compression, write::ZlibEncoder};
use wayfare_core::geo::LatLng;

use super::builder::NewMember;
use crate::protobuf::{put_bytes, put_number, put_packed, zigzag};

/// Things in a block; readers limit the size of blocks, not this.
const THINGS_PER_BLOCK: usize = 8000;

/// Collects nodes, ways and relations, and writes them as a file.
#[derive(Debug, Default)]
pub struct PbfWriter {
    nodes: Vec<Thing>,
    ways: Vec<Thing>,
    relations: Vec<Thing>,
}

type OwnTags = Vec<(String, String)>;

#[derive(Debug)]
struct Thing {
    id: i64,
    tags: OwnTags,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Node(LatLng),
    Way(Vec<i64>),
    /// Kind of the member (0 node, 1 way, 2 relation), its id and its role.
    Relation(Vec<(u64, i64, String)>),
}

fn own(tags: &[(&str, &str)]) -> OwnTags {
    let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    tags.iter().map(own).collect()
}

impl PbfWriter {
    /// A writer with nothing to write.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a node.
    pub fn node(&mut self, id: i64, at: LatLng, tags: &[(&str, &str)]) {
        self.nodes.push(Thing {
            id,
            tags: own(tags),
            body: Body::Node(at),
        });
    }

    /// Adds a way through nodes.
    pub fn way(&mut self, id: i64, refs: &[i64], tags: &[(&str, &str)]) {
        self.ways.push(Thing {
            id,
            tags: own(tags),
            body: Body::Way(refs.to_vec()),
        });
    }

    /// Adds a relation.
    pub fn relation(&mut self, id: i64, members: &[NewMember<'_>], tags: &[(&str, &str)]) {
        let members = members.iter().map(|member| match member {
            NewMember::Node(id, role) => (0, *id, (*role).to_owned()),
            NewMember::Way(id, role) => (1, *id, (*role).to_owned()),
            NewMember::Relation(id, role) => (2, *id, (*role).to_owned()),
        });
        self.relations.push(Thing {
            id,
            tags: own(tags),
            body: Body::Relation(members.collect()),
        });
    }

    /// Writes everything, sorted by kind and id as the format asks.
    pub fn write(mut self, mut out: impl Write) -> io::Result<()> {
        let mut header = Vec::new();
        put_bytes(&mut header, 4, b"OsmSchema-V0.6");
        put_bytes(&mut header, 16, b"wayfare");
        write_blob(&mut out, "OSMHeader", &header)?;
        for things in [&mut self.nodes, &mut self.ways, &mut self.relations] {
            things.sort_by_key(|thing| thing.id);
            for block in things.chunks(THINGS_PER_BLOCK) {
                write_blob(&mut out, "OSMData", &block_of(block))?;
            }
        }
        out.flush()
    }
}

/// The texts of a block; number 0 is reserved.
#[derive(Debug)]
struct Table {
    texts: Vec<String>,
    index: HashMap<String, u64>,
}

impl Table {
    fn index_of(&mut self, text: &str) -> u64 {
        if let Some(index) = self.index.get(text) {
            return *index;
        }
        let index = self.texts.len() as u64;
        self.texts.push(text.to_owned());
        self.index.insert(text.to_owned(), index);
        index
    }
}

/// A block of things of one kind.
fn block_of(things: &[Thing]) -> Vec<u8> {
    let mut table = Table {
        texts: vec![String::new()],
        index: HashMap::new(),
    };
    let mut group = Vec::new();
    for thing in things {
        let mut bytes = Vec::new();
        let keys: Vec<u64> = thing
            .tags
            .iter()
            .map(|(key, _)| table.index_of(key))
            .collect();
        let values: Vec<u64> = thing
            .tags
            .iter()
            .map(|(_, value)| table.index_of(value))
            .collect();
        let field = match &thing.body {
            Body::Node(at) => {
                put_number(&mut bytes, 1, zigzag(thing.id));
                put_packed(&mut bytes, 2, keys);
                put_packed(&mut bytes, 3, values);
                put_number(&mut bytes, 8, zigzag(at.lat_e7().into()));
                put_number(&mut bytes, 9, zigzag(at.lng_e7().into()));
                1
            }
            Body::Way(refs) => {
                put_number(&mut bytes, 1, thing.id.cast_unsigned());
                put_packed(&mut bytes, 2, keys);
                put_packed(&mut bytes, 3, values);
                put_packed(&mut bytes, 8, deltas(refs.iter().copied()));
                3
            }
            Body::Relation(members) => {
                put_number(&mut bytes, 1, thing.id.cast_unsigned());
                put_packed(&mut bytes, 2, keys);
                put_packed(&mut bytes, 3, values);
                let roles = members
                    .iter()
                    .map(|(_, _, role)| table.index_of(role))
                    .collect();
                put_packed(&mut bytes, 8, roles);
                put_packed(&mut bytes, 9, deltas(members.iter().map(|(_, id, _)| *id)));
                put_packed(
                    &mut bytes,
                    10,
                    members.iter().map(|(kind, _, _)| *kind).collect(),
                );
                4
            }
        };
        put_bytes(&mut group, field, &bytes);
    }
    let mut texts = Vec::new();
    for text in &table.texts {
        put_bytes(&mut texts, 1, text.as_bytes());
    }
    let mut block = Vec::new();
    put_bytes(&mut block, 1, &texts);
    put_bytes(&mut block, 2, &group);
    block
}

fn write_blob(out: &mut impl Write, kind: &str, content: &[u8]) -> io::Result<()> {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
    zlib.write_all(content)?;
    let zlib = zlib.finish()?;
    let mut blob = Vec::new();
    put_number(&mut blob, 2, content.len() as u64);
    put_bytes(&mut blob, 3, &zlib);
    let mut header = Vec::new();
    put_bytes(&mut header, 1, kind.as_bytes());
    put_number(&mut header, 3, blob.len() as u64);
    let too_long = |_| io::Error::other("a block is too long");
    let header_bytes = u32::try_from(header.len()).map_err(too_long)?;
    out.write_all(&header_bytes.to_be_bytes())?;
    out.write_all(&header)?;
    out.write_all(&blob)
}

fn deltas(ids: impl Iterator<Item = i64>) -> Vec<u64> {
    let mut last = 0;
    ids.map(|id| {
        let delta = id.wrapping_sub(last);
        last = id;
        zigzag(delta)
    })
    .collect()
}
