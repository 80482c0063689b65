//! The form of `roads.bin`.
//!
//! A head (magic, version, SHA-256 of all that follows, lengths of the sections) and three sections
//! of range-coded bits: junctions, segments and turn bans; the names; the contraction hierarchy. Of
//! the hierarchy there are only the levels of its nodes and one bit for each edge that might have
//! had to be added: edges, turns and weights follow from the roads when they are opened.

pub(super) mod coder;
pub(super) mod numbers;

mod names;
mod points;
mod segments;

use sha2::{Digest, Sha256};

use self::coder::{Coder, Reader, Writer};
use self::numbers::{Numbers, SignedNumbers};
use self::segments::SegmentCoder;
use super::data::{RoadClass, SegmentFlags, TurnBan};
use super::error::RoadsError;
use super::network::flat::{Attributes, FlatRoads, FlatSegment, Names, count_u32, index_of};

const MAGIC: &[u8; 8] = b"WAYROADS";
const VERSION: u16 = 1;
/// No count of a section may be larger than this for each of its bytes: a segment takes more than
/// an eighth of a bit.
const COUNT_PER_BYTE_MAX: usize = 64;

/// The sections of a file of roads.
#[derive(Debug)]
pub(super) struct Sections<'a> {
    pub(super) roads: &'a [u8],
    pub(super) names: &'a [u8],
    pub(super) hierarchy: &'a [u8],
}

/// Puts sections together.
pub(super) fn join(sections: &Sections<'_>) -> Result<Vec<u8>, RoadsError> {
    let all = [sections.roads, sections.names, sections.hierarchy];
    let mut body = Vec::new();
    for section in all {
        let length = u32::try_from(section.len());
        let length = length.map_err(|_| RoadsError::Unfit("there are too many roads"))?;
        body.extend_from_slice(&length.to_le_bytes());
    }
    for section in all {
        body.extend_from_slice(section);
    }
    let mut bytes = Vec::new();
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&Sha256::digest(&body));
    bytes.extend_from_slice(&body);
    Ok(bytes)
}

/// Takes a file apart after checking that it is whole.
pub(super) fn split(bytes: &[u8]) -> Result<Sections<'_>, RoadsError> {
    const SHORT: RoadsError = RoadsError::Damaged("they end early");
    let rest = bytes.strip_prefix(MAGIC).ok_or(RoadsError::NotRoads)?;
    let (version, rest) = rest.split_first_chunk::<2>().ok_or(SHORT)?;
    let found = u16::from_le_bytes(*version);
    if found != VERSION {
        return Err(RoadsError::Version {
            found,
            expected: VERSION,
        });
    }
    let (digest, body) = rest.split_first_chunk::<32>().ok_or(SHORT)?;
    if Sha256::digest(body).as_slice() != digest {
        return Err(RoadsError::Damaged("the checksum is wrong"));
    }
    let mut rest = body;
    let mut lengths = [0_usize; 3];
    for length in &mut lengths {
        let (bytes, after) = rest.split_first_chunk::<4>().ok_or(SHORT)?;
        *length = index_of(u32::from_le_bytes(*bytes));
        rest = after;
    }
    let [roads, names, _] = lengths;
    let (roads, rest) = rest.split_at_checked(roads).ok_or(SHORT)?;
    let (names, hierarchy) = rest.split_at_checked(names).ok_or(SHORT)?;
    if lengths != [roads.len(), names.len(), hierarchy.len()] {
        return Err(SHORT);
    }
    Ok(Sections {
        roads,
        names,
        hierarchy,
    })
}

/// Writes the first section: all but the names.
pub(super) fn write_roads(roads: &FlatRoads) -> Result<Vec<u8>, RoadsError> {
    let mut writer = Writer::new();
    let counts = Counts {
        junctions: count_u32(roads.junctions.len())?,
        segments: count_u32(roads.segments.len())?,
        bans: count_u32(roads.bans.len())?,
    };
    code_roads(&mut writer, counts, roads, &mut |_| Ok(()))?;
    Ok(writer.finish())
}

/// Reads the first section. The names are missing and indices are not checked.
pub(super) fn read_roads(bytes: &[u8]) -> Result<FlatRoads, RoadsError> {
    let mut reader = Reader::new(bytes);
    let counts = Counts {
        junctions: 0,
        segments: 0,
        bans: 0,
    };
    let limit = bytes.len().saturating_mul(COUNT_PER_BYTE_MAX);
    let check = &mut |counts: &Counts| {
        let all = [counts.junctions, counts.segments, counts.bans];
        if all
            .into_iter()
            .all(|count| index_of(count) <= limit && count < 1 << 30)
        {
            Ok(())
        } else {
            Err(RoadsError::Damaged("there are more roads than bytes"))
        }
    };
    let roads = code_roads(&mut reader, counts, &FlatRoads::default(), check)?;
    if reader.is_past_end() {
        return Err(RoadsError::Damaged("they end early"));
    }
    Ok(roads)
}

/// How many of each there are.
#[derive(Debug, Clone, Copy)]
struct Counts {
    junctions: u32,
    segments: u32,
    bans: u32,
}

fn code_roads<C: Coder>(
    coder: &mut C,
    counts: Counts,
    from: &FlatRoads,
    check: &mut dyn FnMut(&Counts) -> Result<(), RoadsError>,
) -> Result<FlatRoads, RoadsError> {
    let counts = Counts {
        junctions: coder.raw_u32(counts.junctions),
        segments: coder.raw_u32(counts.segments),
        bans: coder.raw_u32(counts.bans),
    };
    check(&counts)?;
    let mut into = FlatRoads {
        drives_on_left: coder.raw(1, u32::from(from.drives_on_left)) == 1,
        ..FlatRoads::default()
    };
    let mut segments = SegmentCoder::new(counts.junctions);
    for index in 0..counts.segments {
        let segment = from.segments.get(index_of(index)).copied();
        segments.code(coder, segment.unwrap_or(NO_SEGMENT), from, index, &mut into)?;
    }
    into.junctions = segments.finish(coder, from)?;
    let mut bans = BanCoder {
        length: Numbers::new(),
        segment: Numbers::new(),
        step: SignedNumbers::new(),
    };
    for index in 0..counts.bans {
        let ban = from.bans.get(index_of(index));
        let ban = bans.code(coder, ban, &into);
        into.bans.push(ban);
    }
    Ok(into)
}

/// What a reader passes in.
const NO_SEGMENT: FlatSegment = FlatSegment {
    start: 0,
    end: 0,
    first_bend: 0,
    name: 0,
    attributes: Attributes {
        class: RoadClass::Motorway,
        forward_dkmh: 0,
        backward_dkmh: 0,
        flags: SegmentFlags {
            link: false,
            roundabout: false,
            toll: false,
            tunnel: false,
            destination_only: false,
            signals_at_end: false,
            signals_at_start: false,
        },
    },
};

/// Codes turn bans.
struct BanCoder {
    length: Numbers,
    segment: Numbers,
    step: SignedNumbers,
}

impl BanCoder {
    /// Longer bans are cut off, so they do not pass the check of a reader.
    const LENGTH_MAX: u32 = 1 << 12;

    fn code<C: Coder>(
        &mut self,
        coder: &mut C,
        ban: Option<&TurnBan>,
        roads: &FlatRoads,
    ) -> TurnBan {
        let given = ban.map_or(&[][..], |ban| &ban.segments);
        let length = u32::try_from(given.len()).unwrap_or(u32::MAX);
        let length = self.length.code(coder, length).min(Self::LENGTH_MAX);
        let mut last = self
            .segment
            .code(coder, given.first().copied().unwrap_or(0));
        let mut segments = vec![last];
        for index in 1..length {
            let next = given.get(index_of(index)).copied().unwrap_or(0);
            let step = next.wrapping_sub(last).cast_signed();
            let step = self.step.code(coder, step, 0);
            last = last.wrapping_add(step.cast_unsigned());
            segments.push(last);
        }
        let first = segments
            .first()
            .and_then(|s| roads.segments.get(index_of(*s)));
        let (start, end) = first.map_or((0, 0), |first| (first.start, first.end));
        let at_end = ban.is_some_and(|ban| ban.first_via == end);
        let first_via = if coder.raw(1, u32::from(at_end)) == 1 {
            end
        } else {
            start
        };
        TurnBan {
            segments,
            first_via,
        }
    }
}

/// Writes the second section.
pub(super) fn write_names(names: &Names) -> Result<Vec<u8>, RoadsError> {
    let mut writer = Writer::new();
    writer.raw_u32(count_u32(names.len())?);
    names::write(&mut writer, names)?;
    Ok(writer.finish())
}

/// Reads the second section.
pub(super) fn read_names(bytes: &[u8]) -> Result<Names, RoadsError> {
    let mut reader = Reader::new(bytes);
    let count = reader.raw_u32(0);
    if index_of(count) > bytes.len().saturating_mul(COUNT_PER_BYTE_MAX) {
        return Err(RoadsError::Damaged("there are more names than bytes"));
    }
    let names = names::read(&mut reader, count)?;
    if reader.is_past_end() {
        return Err(RoadsError::Damaged("they end early"));
    }
    Ok(names)
}
