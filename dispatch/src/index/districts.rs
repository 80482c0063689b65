//! The cars by place: districts of about five square kilometres, with cells of a tenth of one.

use std::collections::{HashMap, hash_map};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock};

use foldhash::fast::FixedState;
use h3o::{CellIndex, Resolution};
use wayfare_core::geo::LatLng;
use wayfare_core::id::DriverId;

use super::cap::{Cap, cell_of};
use crate::car::Car;

/// A district is an H3 cell of this resolution: 5.2 km² on average.
pub(super) const DISTRICT: Resolution = Resolution::Seven;
/// A cell is an H3 cell of this one: 0.105 km² on average.
const CELL: Resolution = Resolution::Nine;
/// Cells of a district: seven times seven.
const CELLS: usize = 49;

/// Locks that the districts share. Writers in two districts wait for each other once in so often.
const SHARDS: usize = 256;

/// Where a car is kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    district: CellIndex,
    /// Which cell of the district.
    cell: u8,
    /// Where in the cell it was last; others who leave may have moved it.
    slot: u32,
    /// Where it may be without leaving the cell.
    cap: Cap,
}

/// All cars that have a place.
#[derive(Debug)]
pub(super) struct Districts {
    shards: Box<[Shard]>,
    count: AtomicUsize,
    /// Moves that began, and that ended.
    begun: AtomicUsize,
    ended: AtomicUsize,
}

/// Aligned so that two locks share no cache line.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Shard(RwLock<HashMap<CellIndex, Box<District>, FixedState>>);

/// The cars of a district. It exists while it has any.
#[derive(Debug)]
pub(super) struct District {
    name: CellIndex,
    /// Where its cars are, including those of cells that reach over its border.
    cap: Cap,
    cars: usize,
    /// A bit for each cell that has cars.
    occupied: u64,
    caps: [Option<Cap>; CELLS],
    cells: [Cell; CELLS],
}

/// The cars of a cell: their places apart, so that measuring reads little memory.
#[derive(Debug, Default)]
pub(super) struct Cell {
    places: Vec<LatLng>,
    cars: Vec<Car>,
}

impl Default for Districts {
    fn default() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Shard::default()).collect(),
            count: AtomicUsize::new(0),
            begun: AtomicUsize::new(0),
            ended: AtomicUsize::new(0),
        }
    }
}

impl Districts {
    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// How many moves of cars from cell to cell began so far; `None` while one is under way, when its
    /// car is in both. As long as the number stays the same, nothing is seen twice.
    pub(super) fn moves(&self) -> Option<usize> {
        let ended = self.ended.load(Ordering::Acquire);
        let begun = self.begun.load(Ordering::Acquire);
        (begun == ended).then_some(begun)
    }

    fn begin_move(&self) {
        self.begun.fetch_add(1, Ordering::AcqRel);
    }

    fn end_move(&self) {
        self.ended.fetch_add(1, Ordering::AcqRel);
    }

    /// Looks at a district, if it has cars. Nothing else may be locked meanwhile.
    #[inline]
    pub(super) fn look<R>(
        &self,
        district: CellIndex,
        look: impl FnOnce(&District) -> R,
    ) -> Option<R> {
        let shard = self.shard(district)?;
        let shard = shard.0.read().unwrap_or_else(PoisonError::into_inner);
        shard.get(&district).map(|district| look(district))
    }

    /// Looks at all districts.
    pub(super) fn look_at_all(&self, mut look: impl FnMut(CellIndex, &District)) {
        for shard in &self.shards {
            let shard = shard.0.read().unwrap_or_else(PoisonError::into_inner);
            for (cell, district) in shard.iter() {
                look(*cell, district);
            }
        }
    }

    /// Puts a car where it starts from. The answer is `None` if H3 has no cell for that, which does
    /// not happen.
    pub(super) fn put(&self, car: Car) -> Option<Spot> {
        let cell = cell_of(car.starts_at(), CELL)?;
        let district = cell.parent(DISTRICT)?;
        let mut shard = self.shard(district)?.write();
        let kept = match shard.entry(district) {
            hash_map::Entry::Occupied(entry) => entry.into_mut(),
            hash_map::Entry::Vacant(entry) => {
                let new = entry.insert(Box::new(District::new(district)?));
                self.count.fetch_add(1, Ordering::Relaxed);
                new
            }
        };
        kept.open(cell, car.starts_at())?;
        // It may have been seen elsewhere before it was taken away there.
        self.begin_move();
        let spot = kept.put(ordinal(cell), car);
        self.end_move();
        spot
    }

    /// Takes a car away.
    pub(super) fn take(&self, spot: &Spot, driver: DriverId) -> Option<Car> {
        let mut shard = self.shard(spot.district)?.write();
        let kept = shard.get_mut(&spot.district)?;
        let car = kept.take(spot, driver);
        if kept.cars == 0 {
            shard.remove(&spot.district);
            self.count.fetch_sub(1, Ordering::Relaxed);
        }
        car
    }

    /// The car that is kept there.
    pub(super) fn find(&self, spot: &Spot, driver: DriverId) -> Option<Car> {
        self.look(spot.district, |district| {
            let cell = district.cells.get(usize::from(spot.cell))?;
            cell.cars.get(cell.slot_of(spot, driver)?).copied()
        })?
    }

    /// Changes a car, and keeps it elsewhere if that moved it out of its cell. The answer is what
    /// `change` says; if that is false it changed nothing.
    #[inline]
    pub(super) fn change(
        &self,
        spot: &mut Spot,
        driver: DriverId,
        change: impl FnOnce(&mut Car) -> bool,
    ) -> Option<bool> {
        let leaves = {
            let mut shard = self.shard(spot.district)?.write();
            let kept = shard.get_mut(&spot.district)?;
            let cell = kept.cells.get_mut(usize::from(spot.cell))?;
            let slot = cell.slot_of(spot, driver)?;
            // From here on the hint is right, so that below it names this car and not its copy.
            spot.slot = u32::try_from(slot).unwrap_or(u32::MAX);
            let car = cell.cars.get_mut(slot)?;
            if !change(car) {
                return Some(false);
            }
            let starts_at = car.starts_at();
            *cell.places.get_mut(slot)? = starts_at;
            if spot.cap.holds(starts_at) {
                return Some(true);
            }
            let car = *car;
            self.begin_move();
            if let Some(next) = kept.cell_around(starts_at) {
                kept.take(spot, driver);
                let moved = kept.put(next, car);
                self.end_move();
                *spot = moved?;
                return Some(true);
            }
            car
        };
        // First there, then away from here: whoever searches meanwhile rather sees it twice.
        let new = self.put(leaves);
        if new.is_some() {
            self.take(spot, driver);
        }
        self.end_move();
        *spot = new?;
        Some(true)
    }

    #[inline]
    fn shard(&self, district: CellIndex) -> Option<&Shard> {
        // The digits of a cell are above its last 24 bits, which say nothing at this resolution.
        let digits = u64::from(district) >> 24;
        let mixed = digits.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56;
        self.shards.get(usize::try_from(mixed).ok()? % SHARDS)
    }
}

impl Shard {
    fn write(
        &self,
    ) -> std::sync::RwLockWriteGuard<'_, HashMap<CellIndex, Box<District>, FixedState>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl District {
    fn new(district: CellIndex) -> Option<Self> {
        Some(Self {
            name: district,
            cap: Cap::around(district)?,
            cars: 0,
            occupied: 0,
            caps: [None; CELLS],
            cells: std::array::from_fn(|_| Cell::default()),
        })
    }

    /// Where its cars are.
    pub(super) const fn cap(&self) -> &Cap {
        &self.cap
    }

    /// How many cars it has.
    pub(super) const fn len(&self) -> usize {
        self.cars
    }

    /// Its cells that have cars, each with where they are.
    #[inline]
    pub(super) fn cells(&self) -> impl Iterator<Item = (&Cap, &Cell)> {
        let mut occupied = self.occupied;
        std::iter::from_fn(move || {
            let number = usize::try_from(occupied.trailing_zeros()).ok()?;
            let cap = self.caps.get(number)?.as_ref()?;
            // The lowest bit goes.
            occupied &= occupied.wrapping_sub(1);
            Some((cap, self.cells.get(number)?))
        })
    }

    /// Sees to it that a cell is there for a car at this place.
    fn open(&mut self, cell: CellIndex, place: LatLng) -> Option<()> {
        let number = ordinal(cell);
        let known = *self.caps.get(number)?;
        let mut cap = match known {
            Some(cap) => cap,
            None => Cap::around(cell)?,
        };
        if !cap.holds(place) {
            cap.cover(place);
        }
        if known != Some(cap) {
            self.cap.cover_disc(cap.center(), cap.radius_m());
            *self.caps.get_mut(number)? = Some(cap);
        }
        Some(())
    }

    /// A cell of the district that had cars before and where this place belongs: of those whose disc
    /// holds it, the one whose center is nearest.
    fn cell_around(&self, place: LatLng) -> Option<usize> {
        let mut best: Option<(f32, usize)> = None;
        for (number, cap) in self.caps.iter().enumerate() {
            if let Some(off) = cap.and_then(|cap| cap.off_center(place))
                && best.is_none_or(|(least, _)| off < least)
            {
                best = Some((off, number));
            }
        }
        best.map(|(_, number)| number)
    }

    fn put(&mut self, number: usize, car: Car) -> Option<Spot> {
        let cap = (*self.caps.get(number)?)?;
        let cell = self.cells.get_mut(number)?;
        cell.places.push(car.starts_at());
        cell.cars.push(car);
        self.occupied |= 1 << number;
        self.cars += 1;
        Some(Spot {
            district: self.name,
            cell: u8::try_from(number).ok()?,
            slot: u32::try_from(cell.cars.len() - 1).unwrap_or(u32::MAX),
            cap,
        })
    }

    fn take(&mut self, spot: &Spot, driver: DriverId) -> Option<Car> {
        let number = usize::from(spot.cell);
        let cell = self.cells.get_mut(number)?;
        let slot = cell.slot_of(spot, driver)?;
        cell.places.swap_remove(slot);
        let car = cell.cars.swap_remove(slot);
        cell.give_back_memory();
        if cell.cars.is_empty() {
            self.occupied &= !(1 << number);
        }
        self.cars -= 1;
        Some(car)
    }
}

impl Cell {
    /// Where its cars start from, and the cars, in the same order.
    pub(super) fn cars(&self) -> (&[LatLng], &[Car]) {
        (&self.places, &self.cars)
    }

    /// Where a driver's car is: there where it was, unless somebody who left changed that.
    #[inline]
    fn slot_of(&self, spot: &Spot, driver: DriverId) -> Option<usize> {
        let was = usize::try_from(spot.slot).ok()?;
        if self.cars.get(was).is_some_and(|car| car.driver == driver) {
            return Some(was);
        }
        self.cars.iter().position(|car| car.driver == driver)
    }

    fn give_back_memory(&mut self) {
        if self.cars.len() < self.cars.capacity() / 4 {
            self.places.shrink_to(self.cars.len() * 2);
            self.cars.shrink_to(self.cars.len() * 2);
        }
    }
}

/// The number of a cell in its district, from 0 to 48.
#[inline]
fn ordinal(cell: CellIndex) -> usize {
    let digit = |resolution| cell.direction_at(resolution).map_or(0, u8::from);
    usize::from(digit(Resolution::Eight)) * 7 + usize::from(digit(CELL))
}
