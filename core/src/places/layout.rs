//! How packed places lie in their bytes.
//!
//! ```text
//! magic        8  "WFPLACES"
//! version      2
//! flags        2  bit 0: the number goes before the street's name
//! checksum     8  the first bytes of the SHA-256 of all that follows
//! places       4  how many streets, points and areas
//! addresses    4  how many house numbers
//! origin       8  latitude, longitude: 1e-5 degrees, signed
//! sizes       20  of the five parts that follow
//! heads           12 bytes a place
//! blocks          4 bytes: where each 16 places' records start
//! records         names, each after the letters it shares with the one before; details
//! tables          categories, contexts, endings of house numbers
//! dictionary      words and their places
//! ```
//! Fixed numbers are little endian. Places are sorted by name, so that names share letters.

use std::ops::Range;

use super::position::Spot;

pub(super) const MAGIC: &[u8; 8] = b"WFPLACES";
pub(super) const VERSION: u16 = 1;
pub(super) const CHECKSUM_AT: usize = 12;
pub(super) const CHECKED_FROM: usize = 20;
pub(super) const HEADER_BYTES: usize = 56;
pub(super) const HEAD_BYTES: usize = 12;
pub(super) const BLOCK_PLACES: usize = 16;
pub(super) const PARTS: usize = 5;
pub(super) const FLAG_NUMBER_FIRST: u16 = 1;

/// One more than the largest position in the table of categories.
pub(super) const CATEGORIES_MAX: u16 = 1 << 12;
/// The largest position in the table of contexts.
pub(super) const CONTEXT_LAST: u16 = u16::MAX;
/// Steps in which names weigh, and the heaviest.
const WEIGHT_STEPS: f32 = 4.0;
const WEIGHT_MAX: u8 = 15;
/// Offsets from the origin are below this.
pub(super) const OFFSET_END: u32 = 1 << 24;

const EXTENT_STEP_M: f64 = 16.0;
const EXTENT_UNLIMITED: u8 = u8::MAX;

/// The fixed part of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    /// Where.
    pub(super) spot: Spot,
    /// Position in the table of categories; below [`CATEGORIES_MAX`].
    pub(super) category: u16,
    /// How much the words of the name tell together; see [`weight_of`].
    pub(super) weight: u8,
    /// Position in the table of contexts.
    pub(super) context: u16,
    /// How well known.
    pub(super) importance: u8,
    /// How far shape and houses reach; see [`extent_of`].
    pub(super) extent: u8,
}

/// A length in metres as a head holds it, rounded up.
pub(super) fn extent_of(reach_m: f64) -> u8 {
    let steps = libm::ceil(reach_m / EXTENT_STEP_M);
    if steps >= f64::from(EXTENT_UNLIMITED) {
        return EXTENT_UNLIMITED;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 254"
    )]
    let steps = steps.max(0.0) as u8;
    steps
}

/// The sum of how much each word of a name tells, as a head holds it.
pub(super) fn weight_of(rarities: f32) -> u8 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 15"
    )]
    let steps = (rarities * WEIGHT_STEPS)
        .round()
        .clamp(0.0, f32::from(WEIGHT_MAX)) as u8;
    steps
}

impl Head {
    /// How much the words of the name tell together.
    pub(super) fn weight(&self) -> f32 {
        f32::from(self.weight) / WEIGHT_STEPS
    }

    /// Nothing of the place is farther from its spot, in metres.
    pub(super) fn reach_m(&self) -> f64 {
        match self.extent {
            EXTENT_UNLIMITED => f64::INFINITY,
            steps => f64::from(steps) * EXTENT_STEP_M,
        }
    }

    /// `None` when the spot is too far from the origin.
    pub(super) fn pack(&self, origin: Spot) -> Option<[u8; HEAD_BYTES]> {
        let north = u32::try_from(self.spot.lat_e5.checked_sub(origin.lat_e5)?).ok()?;
        let east = u32::try_from(around(self.spot.lng_e5, origin.lng_e5)).ok()?;
        if north >= OFFSET_END || east >= OFFSET_END {
            return None;
        }
        let [n0, n1, n2, _] = north.to_le_bytes();
        let [e0, e1, e2, _] = east.to_le_bytes();
        let weight = u16::from(self.weight.min(WEIGHT_MAX));
        let [k0, k1] = (self.category | weight.wrapping_shl(12)).to_le_bytes();
        let [c0, c1] = self.context.to_le_bytes();
        Some([
            n0,
            n1,
            n2,
            e0,
            e1,
            e2,
            k0,
            k1,
            c0,
            c1,
            self.importance,
            self.extent,
        ])
    }

    pub(super) fn unpack(bytes: [u8; HEAD_BYTES], origin: Spot) -> Self {
        let [n0, n1, n2, e0, e1, e2, k0, k1, c0, c1, importance, extent] = bytes;
        let offset = |a, b, c| u32::from_le_bytes([a, b, c, 0]).cast_signed();
        let category = u16::from_le_bytes([k0, k1]);
        Self {
            spot: origin.moved(offset(n0, n1, n2), offset(e0, e1, e2)),
            category: category & 0x0fff,
            weight: (category >> 12).to_le_bytes()[0],
            context: u16::from_le_bytes([c0, c1]),
            importance,
            extent,
        }
    }
}

/// How far east of an origin, going only east.
const fn around(lng_e5: i32, origin_lng_e5: i32) -> i32 {
    lng_e5
        .wrapping_sub(origin_lng_e5)
        .wrapping_rem_euclid(36_000_000)
}

/// The south-west corner of all spots; across the date line when that is the short way.
pub(super) fn origin_of(spots: impl Iterator<Item = Spot> + Clone) -> Spot {
    let lat_e5 = spots.clone().map(|spot| spot.lat_e5).min().unwrap_or(0);
    let west = spots.clone().map(|spot| spot.lng_e5).min().unwrap_or(0);
    let east = spots.clone().map(|spot| spot.lng_e5).max().unwrap_or(0);
    let crosses = i64::from(east).wrapping_sub(i64::from(west)) > 18_000_000;
    let lng_e5 = if crosses {
        spots
            .map(|spot| spot.lng_e5)
            .filter(|lng| *lng > 0)
            .min()
            .unwrap_or(west)
    } else {
        west
    };
    Spot { lat_e5, lng_e5 }
}

/// The parts of a size each, one after the other. `None` when they do not fill the bytes exactly.
pub(super) fn ranges(sizes: [u32; PARTS], total: usize) -> Option<[Range<usize>; PARTS]> {
    let mut start = HEADER_BYTES;
    let mut parts: [Range<usize>; PARTS] = Default::default();
    for (part, size) in parts.iter_mut().zip(sizes) {
        let end = start.checked_add(usize::try_from(size).ok()?)?;
        *part = start..end;
        start = end;
    }
    (start == total).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_comes_back_as_it_went() {
        let origin = Spot {
            lat_e5: -4_000_000,
            lng_e5: 17_999_000,
        };
        let head = Head {
            spot: origin.moved(123_456, 3_000),
            category: 4_095,
            weight: weight_of(9.0),
            context: 65_535,
            importance: 200,
            extent: extent_of(100.0),
        };
        let read = Head::unpack(head.pack(origin).unwrap(), origin);
        assert_eq!(read, head);
        assert!((read.reach_m() - 112.0).abs() < 1e-9);
        let south = Head {
            spot: origin.moved(-1, 0),
            ..head
        };
        assert_eq!(south.pack(origin), None);
    }

    #[test]
    fn far_reaching_places_reach_everywhere() {
        assert_eq!(extent_of(0.0), 0);
        assert_eq!(extent_of(16.1), 2);
        assert_eq!(extent_of(1e9), EXTENT_UNLIMITED);
    }

    #[test]
    fn the_origin_lies_west_of_the_date_line_when_places_lie_on_both_sides() {
        let spots = [(-1_700_000, 17_950_000), (-1_690_000, -17_980_000)]
            .map(|(lat_e5, lng_e5)| Spot { lat_e5, lng_e5 });
        let origin = origin_of(spots.into_iter());
        assert_eq!((origin.lat_e5, origin.lng_e5), (-1_700_000, 17_950_000));
    }

    #[test]
    fn parts_fill_the_bytes_exactly() {
        let ranges_of = |total| ranges([1, 2, 3, 4, 5], total);
        assert_eq!(
            ranges_of(HEADER_BYTES + 15).unwrap()[4],
            HEADER_BYTES + 10..HEADER_BYTES + 15
        );
        assert_eq!(ranges_of(HEADER_BYTES + 14), None);
        assert_eq!(ranges_of(HEADER_BYTES + 16), None);
        assert_eq!(ranges([u32::MAX; PARTS], 100), None);
    }
}
