//! The cars by driver: what is known of each, and where it is kept.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::fast::FixedState;
use wayfare_core::id::DriverId;

use super::districts::Spot;
use crate::car::{Car, CarProfile, CarState, Fix, Standing};

/// Locks that the drivers share.
const SHARDS: usize = 256;

/// What is known of a driver apart from the position.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) profile: CarProfile,
    pub(super) standing: Standing,
    pub(super) state: CarState,
}

impl Known {
    pub(super) const fn of(car: &Car) -> Self {
        Self {
            profile: car.profile,
            standing: car.standing,
            state: car.state,
        }
    }

    pub(super) const fn at(self, driver: DriverId, fix: Fix) -> Car {
        Car {
            driver,
            profile: self.profile,
            standing: self.standing,
            state: self.state,
            fix,
        }
    }
}

/// What the index has of a driver.
#[derive(Debug)]
pub(super) enum Entry {
    /// A position, and nothing else.
    Seen(Box<Fix>),
    /// Everything but the position.
    Known(Box<Known>),
    /// A car, which the districts keep.
    Car(Spot),
}

/// Some of the drivers.
pub(super) type Part = HashMap<DriverId, Entry, FixedState>;

/// All drivers, in parts with a lock each.
#[derive(Debug)]
pub(super) struct Drivers {
    parts: Box<[Locked]>,
    /// Another one than the parts have, so that the drivers of a part do not crowd its table.
    choose: FixedState,
}

/// Aligned so that two locks share no cache line.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Locked(Mutex<Part>);

impl Default for Drivers {
    fn default() -> Self {
        Self {
            parts: (0..SHARDS).map(|_| Locked::default()).collect(),
            choose: FixedState::with_seed(1),
        }
    }
}

impl Drivers {
    /// The part that a driver belongs to. Who holds it may look at districts; who looks at a
    /// district must not ask for drivers. Two parts are never held at once.
    #[inline]
    pub(super) fn part_of(&self, driver: DriverId) -> Option<MutexGuard<'_, Part>> {
        let hash = self.choose.hash_one(driver);
        let part = self.parts.get(usize::try_from(hash >> 56).ok()? % SHARDS)?;
        Some(part.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// All parts, one after the other.
    pub(super) fn parts(&self) -> impl Iterator<Item = MutexGuard<'_, Part>> {
        self.parts
            .iter()
            .map(|part| part.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
