//! Which districts are around a place, remembered: asking H3 takes longer than a whole search.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use foldhash::fast::FixedState;
use h3o::CellIndex;
use wayfare_core::geo::LatLng;

use super::cap::{cell_of, position};
use super::districts::DISTRICT;

/// Rings that are remembered, apart from the district itself.
pub(super) const RINGS: u32 = 2;

/// A square is so many bits of a coordinate wide: 730 m from south to north.
const SQUARE_BITS: u32 = 16;
const SHARDS: usize = 64;
/// Squares that a shard remembers; when there are more it starts anew. 50 MB for all, and no city
/// needs a tenth of that.
const SQUARES_MAX: usize = 2_048;

/// A district and those around it.
#[derive(Debug)]
pub(super) struct Surroundings {
    /// The district in the middle.
    pub(super) home: District,
    /// That district and the next rings; `None` near a pentagon, where there are no rings.
    pub(super) near: Option<Box<[District]>>,
}

/// A district, whether it has cars or not.
#[derive(Debug, Clone, Copy)]
pub(super) struct District {
    pub(super) cell: CellIndex,
    pub(super) center: LatLng,
}

type Squares = HashMap<(i32, i32), Arc<Surroundings>, FixedState>;

/// What was asked about before.
#[derive(Debug)]
pub(super) struct Remembered {
    shards: Box<[Shard]>,
}

/// Aligned so that two locks share no cache line.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Shard(RwLock<Squares>);

impl Default for Remembered {
    fn default() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Shard::default()).collect(),
        }
    }
}

impl Remembered {
    /// What is around a place. Places that are near each other may have the same answer, so the
    /// place may be a little outside of the district in the middle.
    pub(super) fn around(&self, place: LatLng) -> Option<Arc<Surroundings>> {
        let square = (place.lat_e7() >> SQUARE_BITS, place.lng_e7() >> SQUARE_BITS);
        let mixed = square.0.wrapping_mul(31).wrapping_add(square.1);
        let shard = usize::try_from(mixed.unsigned_abs()).ok()? % SHARDS;
        let squares = &self.shards.get(shard)?.0;
        if let Some(known) = read(squares).get(&square) {
            return Some(Arc::clone(known));
        }
        let new = Arc::new(Surroundings::of(place)?);
        let mut squares = squares.write().unwrap_or_else(PoisonError::into_inner);
        if squares.len() >= SQUARES_MAX {
            squares.clear();
        }
        squares.insert(square, Arc::clone(&new));
        Some(new)
    }
}

fn read(squares: &RwLock<Squares>) -> std::sync::RwLockReadGuard<'_, Squares> {
    squares.read().unwrap_or_else(PoisonError::into_inner)
}

impl Surroundings {
    fn of(place: LatLng) -> Option<Self> {
        let home = District::of(cell_of(place, DISTRICT)?)?;
        let near = home.cell.grid_disk_fast(RINGS);
        let near = near.map(|cell| District::of(cell?)).collect();
        Some(Self { home, near })
    }
}

impl District {
    fn of(cell: CellIndex) -> Option<Self> {
        let center = position(h3o::LatLng::from(cell))?;
        Some(Self { cell, center })
    }
}
