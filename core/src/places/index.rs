//! Packed places, checked and ready.

use std::ops::Range;
use std::sync::Arc;

use super::bytes::Reader;
use super::details::{Details, House};
use super::dictionary;
use super::encode::{checksum, kind_code};
use super::error::PlacesError;
use super::layout::{
    BLOCK_PLACES, CHECKED_FROM, CHECKSUM_AT, FLAG_NUMBER_FIRST, HEAD_BYTES, HEADER_BYTES, Head,
    MAGIC, PARTS, VERSION, ranges,
};
use super::position::Spot;
use super::{FoundPlace, PlaceKind};
use crate::city::PackBytes;

/// The places of a city. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PlaceIndex {
    bytes: PackBytes,
    parts: Arc<Parts>,
}

/// What is kept in memory of packed places.
#[derive(Debug)]
struct Parts {
    places: u32,
    addresses: u32,
    is_number_first: bool,
    origin: Spot,
    heads: Range<usize>,
    blocks: Range<usize>,
    records: Range<usize>,
    dictionary: Range<usize>,
    categories: Vec<(PlaceKind, Box<str>)>,
    contexts: Vec<Context>,
    endings: Vec<Box<str>>,
}

/// What places are part of.
#[derive(Debug)]
struct Context {
    text: Box<str>,
    /// How many places are part of it.
    places: u32,
}

/// A place's name and what lies behind it.
#[derive(Debug)]
pub(super) struct Record<'a> {
    pub(super) name: String,
    pub(super) details: Details<'a>,
}

impl PlaceIndex {
    /// More results than this are never given.
    pub const LIMIT_MAX: usize = 50;
    /// Longer queries are cut.
    pub const QUERY_CHARS_MAX: usize = 200;

    /// Makes packed places ready. Everything is read once and checked.
    pub fn open(bytes: PackBytes) -> Result<Self, PlacesError> {
        let parts = Parts::read(&bytes)?;
        let index = Self {
            bytes,
            parts: Arc::new(parts),
        };
        index.check()?;
        Ok(index)
    }

    /// How many places there are, addresses included.
    pub fn len(&self) -> usize {
        let count = self.parts.places.saturating_add(self.parts.addresses);
        usize::try_from(count).unwrap_or(usize::MAX)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many places there are that are not addresses; ids are below it.
    pub(super) fn owner_count(&self) -> u32 {
        self.parts.places
    }

    /// For each context how many places have it.
    pub(super) fn context_sizes(&self) -> impl ExactSizeIterator<Item = u32> + '_ {
        self.parts.contexts.iter().map(|context| context.places)
    }

    pub(super) fn dictionary(&self) -> &[u8] {
        self.part(&self.parts.dictionary)
    }

    /// All heads in the order of their ids.
    pub(super) fn heads(&self) -> impl Iterator<Item = Head> + '_ {
        let (heads, _) = self.part(&self.parts.heads).as_chunks::<HEAD_BYTES>();
        let origin = self.parts.origin;
        heads.iter().map(move |head| Head::unpack(*head, origin))
    }

    pub(super) fn head(&self, id: u32) -> Option<Head> {
        let (heads, _) = self.part(&self.parts.heads).as_chunks::<HEAD_BYTES>();
        let head = heads.get(usize::try_from(id).ok()?)?;
        Some(Head::unpack(*head, self.parts.origin))
    }

    pub(super) fn categories(&self) -> &[(PlaceKind, Box<str>)] {
        &self.parts.categories
    }

    pub(super) fn kind(&self, head: &Head) -> Option<PlaceKind> {
        let (kind, _) = self.parts.categories.get(usize::from(head.category))?;
        Some(*kind)
    }

    /// The ending of a house number.
    pub(super) fn ending(&self, house: &House) -> &str {
        let ending = usize::try_from(house.ending).unwrap_or(usize::MAX);
        self.parts.endings.get(ending).map_or("", AsRef::as_ref)
    }

    /// Name and details of a place.
    pub(super) fn record(&self, id: u32) -> Option<Record<'_>> {
        let id = usize::try_from(id).ok()?;
        let (blocks, _) = self.part(&self.parts.blocks).as_chunks::<4>();
        let start = u32::from_le_bytes(*blocks.get(id / BLOCK_PLACES)?);
        let records = self.part(&self.parts.records);
        let mut reader = Reader::at(records, usize::try_from(start).ok()?);
        let mut name = Vec::new();
        let mut details: &[u8] = &[];
        for _ in 0..=id % BLOCK_PLACES {
            details = read_record(&mut reader, &mut name)?;
        }
        let head = self.head(u32::try_from(id).ok()?)?;
        Some(Record {
            name: String::from_utf8(name).ok()?,
            details: Details::new(head.spot, details),
        })
    }

    /// A place as it is shown.
    pub(super) fn found(
        &self,
        head: &Head,
        name: String,
        distance_m: Option<f64>,
    ) -> Option<FoundPlace> {
        let (kind, category) = self.parts.categories.get(usize::from(head.category))?;
        let context = self.parts.contexts.get(usize::from(head.context))?;
        Some(FoundPlace {
            kind: *kind,
            name,
            category: category.to_string(),
            context: context.text.to_string(),
            at: head.spot.position()?,
            distance_m,
        })
    }

    /// A house as it is shown; `street` is its street as it is shown.
    pub(super) fn found_house(
        &self,
        street: FoundPlace,
        house: &House,
        distance_m: Option<f64>,
    ) -> Option<FoundPlace> {
        let digits = house.digits.map(|digits| digits.to_string());
        let number = digits.unwrap_or_default() + self.ending(house);
        Some(FoundPlace {
            kind: PlaceKind::Address,
            name: match self.parts.is_number_first {
                true => format!("{number} {}", street.name),
                false => format!("{} {number}", street.name),
            },
            category: String::new(),
            at: house.spot.position()?,
            distance_m,
            ..street
        })
    }

    fn part(&self, range: &Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or_default()
    }

    /// Reads everything once, so that what is broken is refused here and not found missing later.
    fn check(&self) -> Result<(), PlacesError> {
        let categories = self.parts.categories.len();
        let contexts = self.parts.contexts.len();
        for head in self.heads() {
            if usize::from(head.category) >= categories || usize::from(head.context) >= contexts {
                return Err(PlacesError::Damaged("a place has no kind or context"));
            }
        }
        self.check_records()?;
        let contexts = u32::try_from(contexts).unwrap_or(u32::MAX);
        if !dictionary::is_sound(self.dictionary(), self.parts.places, contexts) {
            return Err(PlacesError::Damaged("the dictionary is broken"));
        }
        Ok(())
    }

    fn check_records(&self) -> Result<(), PlacesError> {
        let broken = PlacesError::Damaged("a record is broken");
        let records = self.part(&self.parts.records);
        let (blocks, _) = self.part(&self.parts.blocks).as_chunks::<4>();
        let mut reader = Reader::new(records);
        let mut name = Vec::new();
        let mut houses = 0_u32;
        for (head, id) in self.heads().zip(0_usize..) {
            if id % BLOCK_PLACES == 0 {
                let start = blocks.get(id / BLOCK_PLACES).copied().unwrap_or_default();
                let here = records.len().saturating_sub(reader.rest().len());
                if usize::try_from(u32::from_le_bytes(start)) != Ok(here) {
                    return Err(PlacesError::Damaged("a block starts elsewhere"));
                }
                name.clear();
            }
            let details = read_record(&mut reader, &mut name).ok_or(broken.clone())?;
            let mut behind = Details::new(head.spot, details)
                .read_lines(|_| {})
                .ok_or(broken.clone())?;
            let count = behind.by_ref().count();
            houses = houses.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
            if std::str::from_utf8(&name).is_err() || !behind.is_at_end() {
                return Err(broken);
            }
        }
        if !reader.is_at_end() || houses != self.parts.addresses {
            return Err(PlacesError::Damaged("there are more or fewer records"));
        }
        Ok(())
    }
}

/// Reads over one record: the name grows out of the one before.
fn read_record<'a>(reader: &mut Reader<'a>, name: &mut Vec<u8>) -> Option<&'a [u8]> {
    let shared = reader.length()?;
    let own = reader.length()?;
    if shared > name.len() {
        return None;
    }
    name.truncate(shared);
    name.extend_from_slice(reader.take(own)?);
    let details = reader.length()?;
    reader.take(details)
}

impl Parts {
    fn read(bytes: &[u8]) -> Result<Self, PlacesError> {
        let short = PlacesError::Damaged("they end early");
        let rest = bytes.strip_prefix(MAGIC).ok_or(PlacesError::NotPlaces)?;
        let mut reader = Reader::new(rest);
        let version = fixed(&mut reader).map(u16::from_le_bytes);
        match version {
            Some(VERSION) => {}
            Some(found) => {
                return Err(PlacesError::Version {
                    found,
                    expected: VERSION,
                });
            }
            None => return Err(short),
        }
        if bytes.len() < HEADER_BYTES {
            return Err(short);
        }
        let sum = bytes.get(CHECKSUM_AT..CHECKED_FROM);
        if sum != Some(&checksum(bytes.get(CHECKED_FROM..).unwrap_or_default())) {
            return Err(PlacesError::Damaged("the checksum differs"));
        }
        Self::read_checked(reader, bytes).ok_or(PlacesError::Damaged("the parts do not fit"))
    }

    fn read_checked(mut reader: Reader<'_>, bytes: &[u8]) -> Option<Self> {
        let flags = u16::from_le_bytes(fixed(&mut reader)?);
        let _checksum: [u8; CHECKED_FROM - CHECKSUM_AT] = fixed(&mut reader)?;
        let places = u32::from_le_bytes(fixed(&mut reader)?);
        let addresses = u32::from_le_bytes(fixed(&mut reader)?);
        let origin = Spot {
            lat_e5: i32::from_le_bytes(fixed(&mut reader)?),
            lng_e5: i32::from_le_bytes(fixed(&mut reader)?),
        };
        let mut sizes = [0; PARTS];
        for size in &mut sizes {
            *size = u32::from_le_bytes(fixed(&mut reader)?);
        }
        let [heads, blocks, records, tables, dictionary] = ranges(sizes, bytes.len())?;
        let count = usize::try_from(places).ok()?;
        let is_fit = heads.len() == count.checked_mul(HEAD_BYTES)?
            && blocks.len() == count.div_ceil(BLOCK_PLACES).checked_mul(4)?;
        let mut reader = Reader::new(bytes.get(tables)?);
        let categories = read_categories(&mut reader)?;
        let mut contexts: Vec<Context> = read_texts(&mut reader)?
            .into_iter()
            .map(|text| Context { text, places: 0 })
            .collect();
        let endings = read_texts(&mut reader)?;
        let (packed_heads, _) = bytes.get(heads.clone())?.as_chunks::<HEAD_BYTES>();
        for head in packed_heads {
            let context = usize::from(Head::unpack(*head, origin).context);
            if let Some(context) = contexts.get_mut(context) {
                context.places = context.places.saturating_add(1);
            }
        }
        (is_fit && reader.is_at_end()).then_some(Self {
            places,
            addresses,
            is_number_first: flags & FLAG_NUMBER_FIRST != 0,
            origin,
            heads,
            blocks,
            records,
            dictionary,
            categories,
            contexts,
            endings,
        })
    }
}

fn fixed<const N: usize>(reader: &mut Reader<'_>) -> Option<[u8; N]> {
    reader.take(N)?.try_into().ok()
}

fn read_categories(reader: &mut Reader<'_>) -> Option<Vec<(PlaceKind, Box<str>)>> {
    const KINDS: [PlaceKind; 4] = [
        PlaceKind::Address,
        PlaceKind::Street,
        PlaceKind::Poi,
        PlaceKind::Area,
    ];
    let mut categories = Vec::new();
    for _ in 0..reader.number()? {
        let code = reader.byte()?;
        let kind = KINDS.into_iter().find(|kind| kind_code(*kind) == code)?;
        categories.push((kind, reader.text()?.into()));
    }
    Some(categories)
}

fn read_texts(reader: &mut Reader<'_>) -> Option<Vec<Box<str>>> {
    let mut texts = Vec::new();
    for _ in 0..reader.number()? {
        texts.push(reader.text()?.into());
    }
    Some(texts)
}
