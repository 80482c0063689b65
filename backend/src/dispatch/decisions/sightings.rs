//! Where the cars were when rounds decided something.
//!
//! Rows are written for cars that moved some hundred metres, do something else, or are gone; for the
//! others once a minute. What was written is remembered in the process, within a limit. A process that
//! did not decide for a while forgets it, as another one may have decided meanwhile, and so it does if
//! the round's transaction came to nothing. Then all cars are written again.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use wayfare_core::id::DriverId;
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::Doing;
use wayfare_dispatch::{Car, CarState};

/// A car is not written again within this time, whatever it does.
const APART: TimeDelta = TimeDelta::seconds(10);
/// A car is written again after this time, also if it just stands.
const AGAIN_AFTER: TimeDelta = TimeDelta::seconds(60);
/// A sighting says nothing about rounds that are later than this.
pub(super) const HOLDS_FOR: TimeDelta = TimeDelta::seconds(75);
/// Side of a cell in ten-millionths of a degree: about 110 metres from north to south.
const CELL_E7: i32 = 10_000;

/// What a process takes upon itself.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// The most drivers that are remembered, some 100 bytes each. Further ones are not written.
    drivers: usize,
    /// The most rows of one round, so that nobody waits long for a first one. What is left comes with
    /// the next round.
    rows: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            drivers: 200_000,
            rows: 20_000,
        }
    }
}

fn doing(car: &Car, clock: Clock) -> Doing {
    if car.fix.age(clock.now) > clock.fresh_for {
        return Doing::Silent;
    }
    match car.state {
        CarState::Free => Doing::Free,
        CarState::Asked => Doing::Asked,
        CarState::Driving => Doing::Driving,
        CarState::Finishing { .. } => Doing::Finishing,
    }
}

/// When a round is, and how old positions may be in it.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// When.
    pub now: DateTime<Utc>,
    /// A position that is older does not count.
    pub fresh_for: TimeDelta,
}

/// Where a car was and what its driver was doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sighting {
    pub(super) driver: DriverId,
    pub(super) lat_e7: i32,
    pub(super) lng_e7: i32,
    pub(super) fix_at: DateTime<Utc>,
    pub(super) doing: Doing,
    pub(super) vehicle_class: VehicleClass,
}

impl Sighting {
    fn of(car: &Car, clock: Clock) -> Self {
        Self {
            driver: car.driver,
            lat_e7: car.fix.position.lat_e7(),
            lng_e7: car.fix.position.lng_e7(),
            fix_at: car.fix.at,
            doing: doing(car, clock),
            vehicle_class: car.profile.vehicle_class,
        }
    }

    /// Whether the two say the same, but for some metres and seconds.
    fn is_like(&self, other: &Self) -> bool {
        let cell = |sighting: &Self| {
            (
                sighting.lat_e7.div_euclid(CELL_E7),
                sighting.lng_e7.div_euclid(CELL_E7),
            )
        };
        cell(self) == cell(other)
            && self.doing == other.doing
            && self.vehicle_class == other.vehicle_class
    }
}

#[derive(Debug, Clone, Copy)]
struct Written {
    sighting: Sighting,
    at: DateTime<Utc>,
}

#[derive(Debug, Default)]
struct Memory {
    written: HashMap<DriverId, Written>,
    /// The last round, also if it wrote nothing.
    round_at: Option<DateTime<Utc>>,
    /// A row of the last round that wrote some.
    sample: Option<(DriverId, DateTime<Utc>)>,
}

/// What this process wrote of where the cars are.
#[derive(Debug, Default)]
pub struct Sightings {
    limits: Limits,
    memory: Mutex<Memory>,
}

impl Sightings {
    /// A row that is in the table if the last round that wrote any was not undone.
    pub(super) fn sample(&self) -> Option<(DriverId, DateTime<Utc>)> {
        self.lock().sample
    }

    /// The last round was undone.
    pub(super) fn forget(&self) {
        *self.lock() = Memory::default();
    }

    /// A round that decided nothing.
    pub(super) fn pass(&self, now: DateTime<Utc>) {
        self.lock().begin(now);
    }

    /// What is to be written of these cars in this round.
    pub(super) fn take(&self, cars: &[Car], clock: Clock) -> Vec<Sighting> {
        let mut memory = self.lock();
        memory.begin(clock.now);
        let mut rows = memory.changed(cars, clock);
        rows.extend(memory.gone(cars, clock.now));
        // Who waits for longest comes first, and who was never written before all others.
        let waits_since = |row: &Sighting| memory.written.get(&row.driver).map(|known| known.at);
        rows.sort_by_key(|row| (waits_since(row), row.driver));
        rows.truncate(self.limits.rows);
        let mut room = self.limits.drivers.saturating_sub(memory.written.len());
        rows.retain(|row| {
            let known = memory.written.contains_key(&row.driver);
            let fits = known || room > 0;
            room = room.saturating_sub(usize::from(!known));
            fits
        });
        memory.note(&rows, clock.now);
        rows
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn begin(&mut self, now: DateTime<Utc>) {
        if self.round_at.is_none_or(|last| now - last > APART) {
            *self = Self::default();
        }
        self.round_at = Some(now);
        // Who is gone is remembered only for as long as a return is not written yet.
        self.written
            .retain(|_, known| known.sighting.doing != Doing::Offline || now - known.at < APART);
    }

    fn changed(&self, cars: &[Car], clock: Clock) -> Vec<Sighting> {
        let sightings = cars.iter().map(|car| Sighting::of(car, clock));
        let is_due = |sighting: &Sighting| match self.written.get(&sighting.driver) {
            None => true,
            Some(known) => {
                let since = clock.now - known.at;
                since >= AGAIN_AFTER || (since >= APART && !sighting.is_like(&known.sighting))
            }
        };
        sightings.filter(is_due).collect()
    }

    /// Those that are no longer among the cars, as they were last.
    fn gone(&self, cars: &[Car], now: DateTime<Utc>) -> Vec<Sighting> {
        let present: HashSet<DriverId> = cars.iter().map(|car| car.driver).collect();
        let is_due = |known: &&Written| {
            let sighting = &known.sighting;
            sighting.doing != Doing::Offline
                && !present.contains(&sighting.driver)
                && now - known.at >= APART
        };
        let offline = |known: &Written| Sighting {
            doing: Doing::Offline,
            ..known.sighting
        };
        let known = self.written.values();
        known.filter(is_due).map(offline).collect()
    }

    fn note(&mut self, rows: &[Sighting], at: DateTime<Utc>) {
        for sighting in rows.iter().copied() {
            self.written
                .insert(sighting.driver, Written { sighting, at });
        }
        if let Some(first) = rows.first() {
            self.sample = Some((first.driver, at));
        }
    }
}

#[cfg(test)]
mod tests;
