//! Packs places.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::bytes::write_number;
use super::details::{self, House};
use super::dictionary::{self, NewEntry};
use super::error::PlacesError;
use super::fold::{fold, fold_words};
use super::group::{Owner, group};
use super::layout::{
    BLOCK_PLACES, CATEGORIES_MAX, CHECKED_FROM, CHECKSUM_AT, CONTEXT_LAST, FLAG_NUMBER_FIRST, Head,
    MAGIC, OFFSET_END, VERSION, extent_of, origin_of, weight_of,
};
use super::position::{Plane, Spot};
use super::search::rarity;
use super::words::puts_number_first;
use super::{NewPlace, PlaceKind};

/// Longer names and contexts are refused.
const TEXT_BYTES_MAX: usize = 1 << 12;

/// The bytes of a pack's `places.bin`. No place at all is fine.
///
/// Positions are kept to about a metre. An address lies with the street of its name that is nearest
/// and takes its spelling and its context; a street that only addresses name is added.
pub fn encode(places: &[NewPlace]) -> Result<Vec<u8>, PlacesError> {
    let is_long = |text: &str| text.len() > TEXT_BYTES_MAX;
    if places.iter().any(|place| {
        is_long(&place.name)
            || is_long(&place.context)
            || place.number.as_deref().is_some_and(is_long)
    }) {
        return Err(PlacesError::TooLarge);
    }
    let mut owners = group(places);
    owners.sort_by(|a, b| order(&a.place).cmp(&order(&b.place)));
    let count = u32::try_from(owners.len()).map_err(|_| PlacesError::TooLarge)?;
    if count >= OFFSET_END {
        return Err(PlacesError::TooLarge);
    }
    let tables = Tables::of(&owners)?;
    let words = words_of(&owners, &tables);
    let origin = origin_of(owners.iter().map(|owner| Spot::of(owner.place.at)));
    let mut heads = Vec::new();
    for (owner, weight) in owners.iter().zip(weights(&words, count)) {
        let packed = tables.head(owner, weight_of(weight)).pack(origin);
        heads.extend_from_slice(&packed.ok_or(PlacesError::TooLarge)?);
    }
    let (blocks, records) = pack_records(&owners, &tables)?;
    let parts = [
        heads,
        blocks,
        records,
        tables.pack(),
        dictionary::pack(&words),
    ];
    put_together(&owners, origin, &parts)
}

/// Sorted by name, so that names share letters; the rest makes the order complete.
fn order(place: &NewPlace) -> (&str, PlaceKind, &str, &str, crate::geo::LatLng) {
    (
        &place.name,
        place.kind,
        &place.category,
        &place.context,
        place.at,
    )
}

/// Texts that many places share, sorted, with their positions.
struct Tables<'a> {
    categories: BTreeMap<(PlaceKind, &'a str), u16>,
    contexts: BTreeMap<&'a str, u16>,
    endings: BTreeMap<&'a str, u32>,
}

impl<'a> Tables<'a> {
    fn of(owners: &'a [Owner]) -> Result<Self, PlacesError> {
        let categories = owners
            .iter()
            .map(|owner| (owner.place.kind, owner.place.category.as_str()));
        let contexts = owners.iter().map(|owner| owner.place.context.as_str());
        let houses = owners.iter().flat_map(|owner| &owner.houses);
        let endings = houses.map(|(number, _)| number.rest.as_str());
        Ok(Self {
            categories: numbered(categories.collect(), 0..CATEGORIES_MAX)?,
            contexts: numbered(contexts.collect(), 0..=CONTEXT_LAST)?,
            endings: numbered(endings.chain([""]).collect(), 0..OFFSET_END)?,
        })
    }

    fn head(&self, owner: &Owner, weight: u8) -> Head {
        let place = &owner.place;
        let category = (place.kind, place.category.as_str());
        let context = place.context.as_str();
        Head {
            spot: Spot::of(place.at),
            category: self.categories.get(&category).copied().unwrap_or(0),
            weight,
            context: self.contexts.get(context).copied().unwrap_or(0),
            importance: place.importance,
            extent: extent_of(reach_m(owner)),
        }
    }

    fn pack(&self) -> Vec<u8> {
        let mut out = Vec::new();
        write_length(&mut out, self.categories.len());
        for (kind, id) in self.categories.keys() {
            out.push(kind_code(*kind));
            write_text(&mut out, id);
        }
        write_length(&mut out, self.contexts.len());
        self.contexts
            .keys()
            .for_each(|text| write_text(&mut out, text));
        write_length(&mut out, self.endings.len());
        self.endings
            .keys()
            .for_each(|text| write_text(&mut out, text));
        out
    }
}

/// A sorted table with the position of each entry.
fn numbered<T: Ord, N>(
    table: BTreeSet<T>,
    positions: impl Iterator<Item = N>,
) -> Result<BTreeMap<T, N>, PlacesError> {
    let length = table.len();
    let numbered: BTreeMap<T, N> = table.into_iter().zip(positions).collect();
    if numbered.len() < length {
        return Err(PlacesError::TooLarge);
    }
    Ok(numbered)
}

/// How a kind of place is written.
pub(super) const fn kind_code(kind: PlaceKind) -> u8 {
    match kind {
        PlaceKind::Address => 0,
        PlaceKind::Street => 1,
        PlaceKind::Poi => 2,
        PlaceKind::Area => 3,
    }
}

/// How far shape and houses lie from a place's spot.
fn reach_m(owner: &Owner) -> f64 {
    let plane = Plane::at(Spot::of(owner.place.at));
    let shape = owner.place.shape.iter().flatten().map(|at| Spot::of(*at));
    shape
        .chain(owner.houses.iter().map(|(_, spot)| *spot))
        .map(|spot| plane.distance_m(spot))
        .fold(0.0, f64::max)
}

fn pack_records(owners: &[Owner], tables: &Tables<'_>) -> Result<(Vec<u8>, Vec<u8>), PlacesError> {
    let (mut blocks, mut records) = (Vec::new(), Vec::new());
    for block in owners.chunks(BLOCK_PLACES) {
        let start = u32::try_from(records.len()).map_err(|_| PlacesError::TooLarge)?;
        blocks.extend_from_slice(&start.to_le_bytes());
        let mut last: &str = "";
        for owner in block {
            let name = owner.place.name.as_str();
            let shared = last.bytes().zip(name.bytes()).take_while(|(a, b)| a == b);
            let shared = shared.count();
            let own = name.as_bytes().get(shared..).unwrap_or_default();
            write_length(&mut records, shared);
            write_length(&mut records, own.len());
            records.extend_from_slice(own);
            let details = pack_details(owner, &tables.endings);
            write_length(&mut records, details.len());
            records.extend_from_slice(&details);
            last = name;
        }
    }
    Ok((blocks, records))
}

fn pack_details(owner: &Owner, endings: &BTreeMap<&str, u32>) -> Vec<u8> {
    let lines: Vec<Vec<Spot>> = owner
        .place
        .shape
        .iter()
        .map(|line| line.iter().map(|at| Spot::of(*at)).collect())
        .collect();
    let houses: Vec<House> = owner
        .houses
        .iter()
        .map(|(number, spot)| House {
            digits: number.digits,
            ending: endings.get(number.rest.as_str()).copied().unwrap_or(0),
            spot: *spot,
        })
        .collect();
    details::pack(Spot::of(owner.place.at), &lines, &houses)
}

/// Every word of every name and context, sorted, with where it occurs.
fn words_of(owners: &[Owner], tables: &Tables<'_>) -> Vec<(String, NewEntry)> {
    let mut words: BTreeMap<String, NewEntry> = BTreeMap::new();
    for (owner, id) in owners.iter().zip(0_u32..) {
        let mut add = |text: &str, is_other_name: bool| {
            for word in fold_words(text, usize::MAX) {
                let places = &mut words.entry(word.text).or_default().places;
                if places.last().is_none_or(|(last, _)| *last != id) {
                    places.push((id, is_other_name));
                }
            }
        };
        add(&owner.place.name, false);
        owner.place.also.iter().for_each(|name| add(name, true));
    }
    for (context, id) in tables
        .contexts
        .iter()
        .map(|(text, id)| (text, u32::from(*id)))
    {
        for word in fold_words(context, usize::MAX) {
            let contexts = &mut words.entry(word.text).or_default().contexts;
            if contexts.last() != Some(&id) {
                contexts.push(id);
            }
        }
    }
    words.into_iter().collect()
}

/// How much the words of each place's own name tell together.
fn weights(words: &[(String, NewEntry)], count: u32) -> Vec<f32> {
    let mut weights = vec![0.0; usize::try_from(count).unwrap_or(0)];
    for (_, entry) in words {
        let rarity = rarity(size(entry.places.len()), count);
        for (id, _) in entry.places.iter().filter(|(_, is_other)| !is_other) {
            let place = usize::try_from(*id).ok().and_then(|id| weights.get_mut(id));
            if let Some(weight) = place {
                *weight += rarity;
            }
        }
    }
    weights
}

fn put_together(owners: &[Owner], origin: Spot, parts: &[Vec<u8>]) -> Result<Vec<u8>, PlacesError> {
    let houses = owners.iter().map(|owner| owner.houses.len()).sum();
    let count = |length: usize| u32::try_from(length).map_err(|_| PlacesError::TooLarge);
    let flags = if is_number_first(owners) {
        FLAG_NUMBER_FIRST
    } else {
        0
    };
    let mut out = Vec::new();
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&VERSION.to_le_bytes());
    out.extend_from_slice(&flags.to_le_bytes());
    out.extend_from_slice(&[0; CHECKED_FROM - CHECKSUM_AT]);
    out.extend_from_slice(&count(owners.len())?.to_le_bytes());
    out.extend_from_slice(&count(houses)?.to_le_bytes());
    out.extend_from_slice(&origin.lat_e5.to_le_bytes());
    out.extend_from_slice(&origin.lng_e5.to_le_bytes());
    for part in parts {
        out.extend_from_slice(&count(part.len())?.to_le_bytes());
    }
    parts.iter().for_each(|part| out.extend_from_slice(part));
    count(out.len())?;
    seal(&mut out);
    Ok(out)
}

/// Writes the checksum of what follows it.
pub(super) fn seal(bytes: &mut [u8]) {
    let sum = checksum(bytes.get(CHECKED_FROM..).unwrap_or_default());
    if let Some(place) = bytes.get_mut(CHECKSUM_AT..CHECKED_FROM) {
        place.copy_from_slice(&sum);
    }
}

/// The first bytes of the SHA-256.
pub(super) fn checksum(bytes: &[u8]) -> [u8; CHECKED_FROM - CHECKSUM_AT] {
    let digest = Sha256::digest(bytes);
    let mut sum = [0; CHECKED_FROM - CHECKSUM_AT];
    sum.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    sum
}

/// What most streets with house numbers say; of all streets when there are none.
fn is_number_first(owners: &[Owner]) -> bool {
    let votes = |weight: fn(&Owner) -> usize| {
        let mut sides = [0_usize; 2];
        let streets = owners
            .iter()
            .filter(|owner| owner.place.kind == PlaceKind::Street);
        for street in streets {
            if let Some(is_first) = puts_number_first(&fold(&street.place.name)) {
                let side = if is_first {
                    &mut sides[1]
                } else {
                    &mut sides[0]
                };
                *side = side.saturating_add(weight(street));
            }
        }
        sides
    };
    let by_houses = votes(|street| street.houses.len());
    let [after, first] = if by_houses == [0, 0] {
        votes(|_| 1)
    } else {
        by_houses
    };
    first > after
}

fn write_length(out: &mut Vec<u8>, length: usize) {
    write_number(out, size(length));
}

/// The whole is checked to be below 2^32 bytes.
fn size(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    write_length(out, text.len());
    out.extend_from_slice(text.as_bytes());
}
