//! Reads an `.osm.pbf` file into memory.
//!
//! A file that cannot be read to its end is refused as a whole.

use std::fs::File;
use std::io::{BufReader, ErrorKind as IoErrorKind, Read, SeekFrom};
use std::path::{Path, PathBuf};

use osmpbf::{BlobDecode, BlobReader, Element, HeaderBlock, RelMemberType};
use wayfare_core::geo::LatLng;

use super::builder::{ExtractBuilder, NewMember};
use super::extract::Extract;

/// What a reader of this format has to know; a file that asks for more is refused.
const KNOWN_FEATURES: [&str; 2] = ["OsmSchema-V0.6", "DenseNodes"];
/// The first blob of every file says so, after its length.
const MAGIC: &[u8] = b"OSMHeader";
const MAGIC_WITHIN: usize = 64;
const NO_TEXT: &str = "a text is missing";
/// More nodes than this are a continent, not a city, and would not fit the memory.
const NODES_MAX: usize = 200_000_000;

/// Why a file is no extract.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file cannot be opened.
    #[error("cannot open the map {path}")]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file has no bytes.
    #[error("the map {path} is empty")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// Another kind of file.
    #[error(
        "{path} is not an OpenStreetMap extract in the .osm.pbf format \
         (.osm XML, .osm.bz2, .o5m and Shapefiles have to be converted first)"
    )]
    NotPbf {
        /// The file.
        path: PathBuf,
    },
    /// The file ends in the middle.
    #[error("the map {path} is cut off; was it downloaded to its end?")]
    Truncated {
        /// The file.
        path: PathBuf,
    },
    /// What is in it contradicts itself.
    #[error("the map {path} is damaged")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the reader says.
        source: osmpbf::Error,
    },
    /// What is in it contradicts itself.
    #[error("the map {path} is damaged: {what}")]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
    /// It needs a reader that knows more.
    #[error("the map {path} needs a reader for {feature}, which this is not")]
    Feature {
        /// The file.
        path: PathBuf,
        /// What it asks for.
        feature: String,
    },
    /// Larger than a city.
    #[error("the map {path} has more than {NODES_MAX} points: cut out a city first")]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
}

/// Everything that a city needs of a file. `progress` gets the share of the file that was read,
/// from 0 to 1.
pub fn read(path: &Path, progress: &mut dyn FnMut(f64)) -> Result<Extract, ReadError> {
    let file_bytes = check_file(path)?;
    check_length(path, file_bytes)?;
    let file = File::open(path).map_err(|source| open_error(path, source))?;
    let reader = BlobReader::new_seekable(BufReader::new(file))
        .map_err(|source| read_error(path, source))?;
    let mut builder = ExtractBuilder::new();
    let mut has_header = false;
    for blob in reader {
        let blob = blob.map_err(|source| read_error(path, source))?;
        if let Some(offset) = blob.offset() {
            progress(offset.0 as f64 / file_bytes as f64);
        }
        match blob.decode().map_err(|source| read_error(path, source))? {
            BlobDecode::OsmHeader(header) => {
                check_header(path, &header)?;
                has_header = true;
            }
            BlobDecode::OsmData(block) => {
                let mut fault = None;
                block.for_each_element(|element| {
                    if let Err(what) = add(&mut builder, element) {
                        fault = Some(what);
                    }
                });
                if let Some(what) = fault {
                    return Err(wrong(path, what));
                }
            }
            // The format allows blobs that a reader does not know.
            BlobDecode::Unknown(_) => {}
        }
        if builder.counts().0 > NODES_MAX {
            return Err(ReadError::TooLarge {
                path: path.to_owned(),
            });
        }
    }
    if !has_header {
        return Err(ReadError::NotPbf {
            path: path.to_owned(),
        });
    }
    Ok(builder.build())
}

/// Length of the file, if it looks like a map.
fn check_file(path: &Path) -> Result<u64, ReadError> {
    let metadata = std::fs::metadata(path).map_err(|source| open_error(path, source))?;
    if metadata.is_dir() {
        return Err(open_error(path, IoErrorKind::IsADirectory.into()));
    }
    let mut start = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAGIC_WITHIN as u64).read_to_end(&mut start))
        .map_err(|source| open_error(path, source))?;
    if start.is_empty() {
        return Err(ReadError::Empty {
            path: path.to_owned(),
        });
    }
    if !start.windows(MAGIC.len()).any(|window| window == MAGIC) {
        return Err(ReadError::NotPbf {
            path: path.to_owned(),
        });
    }
    Ok(metadata.len())
}

/// Follows the lengths of the blobs to the end of the file.
fn check_length(path: &Path, file_bytes: u64) -> Result<(), ReadError> {
    let damaged = |source| read_error(path, source);
    let mut reader = BlobReader::seekable_from_path(path).map_err(damaged)?;
    let mut end = 0;
    while let Some(header) = reader.next_header_skip_blob() {
        let position = reader.seek_raw(SeekFrom::Current(0)).map_err(damaged)?;
        if position > file_bytes || header.is_err() && position == file_bytes {
            return Err(truncated(path));
        }
        header.map_err(damaged)?;
        if position <= end {
            return Err(wrong(path, "a part has a negative length"));
        }
        end = position;
    }
    if end == file_bytes {
        Ok(())
    } else {
        Err(truncated(path))
    }
}

fn check_header(path: &Path, header: &HeaderBlock) -> Result<(), ReadError> {
    let unknown = (header.required_features().iter())
        .find(|feature| !KNOWN_FEATURES.contains(&feature.as_str()));
    match unknown {
        Some(feature) => Err(ReadError::Feature {
            path: path.to_owned(),
            feature: feature.clone(),
        }),
        None => Ok(()),
    }
}

fn add(builder: &mut ExtractBuilder, element: Element<'_>) -> Result<(), &'static str> {
    match element {
        Element::DenseNode(node) => {
            let at = position(node.nano_lat(), node.nano_lon())?;
            let tags: Vec<_> = node.tags().collect();
            if tags.len() != node.raw_tags().len() {
                return Err(NO_TEXT);
            }
            builder.node(node.id(), at, tags);
        }
        Element::Node(node) => {
            let at = position(node.nano_lat(), node.nano_lon())?;
            let tags = pairs(node.raw_tags(), node.raw_stringtable())?;
            builder.node(node.id(), at, tags);
        }
        Element::Way(way) => {
            let tags = pairs(way.raw_tags(), way.raw_stringtable())?;
            builder.way(way.id(), way.refs(), tags);
        }
        Element::Relation(relation) => {
            let tags = pairs(relation.raw_tags(), relation.raw_stringtable())?;
            let mut members = Vec::new();
            for member in relation.members() {
                let role = member.role().map_err(|_| "a role is missing")?;
                members.push(match member.member_type {
                    RelMemberType::Node => NewMember::Node(member.member_id, role),
                    RelMemberType::Way => NewMember::Way(member.member_id, role),
                    RelMemberType::Relation => NewMember::Relation(member.member_id, role),
                });
            }
            builder.relation(relation.id(), members, tags);
        }
    }
    Ok(())
}

fn position(nano_lat: i64, nano_lng: i64) -> Result<LatLng, &'static str> {
    let e7 = |nano: i64| i32::try_from(nano.div_euclid(100)).ok();
    e7(nano_lat)
        .zip(e7(nano_lng))
        .and_then(|(lat, lng)| LatLng::from_e7(lat, lng).ok())
        .ok_or("a point is not on the globe")
}

fn pairs(
    tags: impl Iterator<Item = (u32, u32)>,
    table: &[Vec<u8>],
) -> Result<Vec<(&str, &str)>, &'static str> {
    let text = |index: u32| {
        let bytes = table.get(usize::try_from(index).ok()?)?;
        std::str::from_utf8(bytes).ok()
    };
    tags.map(|(key, value)| text(key).zip(text(value)).ok_or(NO_TEXT))
        .collect()
}

fn open_error(path: &Path, source: std::io::Error) -> ReadError {
    ReadError::Open {
        path: path.to_owned(),
        source,
    }
}

fn read_error(path: &Path, source: osmpbf::Error) -> ReadError {
    ReadError::Damaged {
        path: path.to_owned(),
        source,
    }
}

fn truncated(path: &Path) -> ReadError {
    ReadError::Truncated {
        path: path.to_owned(),
    }
}

fn wrong(path: &Path, what: &'static str) -> ReadError {
    ReadError::Wrong {
        path: path.to_owned(),
        what,
    }
}
