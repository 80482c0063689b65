//! Where all cars are, at this moment.
//!
//! Cars are kept by place, in districts (H3 cells of about five square kilometres) with a lock for
//! each few of them, so that writers in different parts of a city do not wait for each other; and a
//! table by driver says where each car is kept. A search looks at the district of the place, then at
//! the rings of districts around it, as far as it has to. Nothing here asks for the time or for
//! chance.
//!
//! Two locks are held at once only by writers, first the driver's, then the district's; a search
//! holds one at a time, and none while it asks whether a car is wanted.

mod cap;
mod districts;
mod drivers;
mod search;
mod surroundings;
mod viewpoint;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use std::collections::hash_map;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, Utc};
use wayfare_core::geo::LatLng;
use wayfare_core::id::DriverId;

use self::districts::Districts;
use self::drivers::{Drivers, Entry, Known};
use self::surroundings::Remembered;
use crate::car::{Car, CarProfile, CarState, Fix, Standing};

/// What is looked for around a place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nearby {
    /// The place.
    pub center: LatLng,
    /// Not farther than this in a straight line, in metres.
    pub radius_m: u32,
    /// At most so many.
    pub limit: usize,
}

/// A car that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near {
    /// The car.
    pub car: Car,
    /// From the place to where the car starts from ([`Car::starts_at`]) in a straight line, in
    /// metres.
    pub straight_m: u32,
}

/// Where all cars are, at this moment. Threads share it. It is memory only: after a restart it fills
/// again with the next positions, within seconds.
///
/// A fix may come before anything else is known of its driver, and the other way round; a car is
/// found when both are there.
///
/// The memory that it takes grows with the drivers it knows: about 300 bytes each. Drivers leave it by
/// [`LiveIndex::remove`], and positions that nobody renews by [`LiveIndex::forget_before`].
#[derive(Debug, Default)]
pub struct LiveIndex {
    drivers: Drivers,
    districts: Districts,
    remembered: Remembered,
    positions: AtomicUsize,
}

impl LiveIndex {
    /// Notes where a driver is. A fix that is older than the known one changes nothing, and the
    /// answer is false.
    pub fn report(&self, driver: DriverId, fix: Fix) -> bool {
        let Some(mut drivers) = self.drivers.part_of(driver) else {
            return false;
        };
        match drivers.entry(driver) {
            hash_map::Entry::Occupied(mut known) => self.renew(driver, known.get_mut(), fix),
            hash_map::Entry::Vacant(place) => {
                place.insert(Entry::Seen(Box::new(fix)));
                self.positions.fetch_add(1, Ordering::Relaxed);
                true
            }
        }
    }

    /// Notes where drivers are, as another instance reports them. The answer is how many of the
    /// fixes were news.
    pub fn report_all(&self, fixes: impl IntoIterator<Item = (DriverId, Fix)>) -> usize {
        let fixes = fixes.into_iter();
        fixes
            .filter(|(driver, fix)| self.report(*driver, *fix))
            .count()
    }

    /// Notes what a driver drives, stands for and is doing. Who is not online has no car: see
    /// [`LiveIndex::remove`].
    pub fn set(&self, driver: DriverId, profile: CarProfile, standing: Standing, state: CarState) {
        let known = Known {
            profile,
            standing,
            state,
        };
        let Some(mut drivers) = self.drivers.part_of(driver) else {
            return;
        };
        match drivers.entry(driver) {
            hash_map::Entry::Vacant(place) => {
                place.insert(Entry::Known(Box::new(known)));
            }
            hash_map::Entry::Occupied(mut entry) => match entry.get_mut() {
                Entry::Known(before) => **before = known,
                Entry::Car(spot) => {
                    self.districts.change(spot, driver, |car| {
                        *car = known.at(driver, car.fix);
                        true
                    });
                }
                Entry::Seen(fix) => {
                    if let Some(spot) = self.districts.put(known.at(driver, **fix)) {
                        entry.insert(Entry::Car(spot));
                    }
                }
            },
        }
    }

    /// Forgets a driver who went offline, with the position.
    pub fn remove(&self, driver: DriverId) {
        let Some(mut drivers) = self.drivers.part_of(driver) else {
            return;
        };
        let gone = drivers.remove(&driver);
        if let Some(Entry::Car(spot)) = gone {
            self.districts.take(&spot, driver);
        }
        if matches!(gone, Some(Entry::Car(_) | Entry::Seen(_))) {
            self.positions.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Forgets positions that were measured before `at`, and says how many. What [`LiveIndex::set`]
    /// noted stays, so that a driver who is heard of again has a car at once; a driver of whom nothing
    /// but an old position is known is forgotten.
    ///
    /// Whoever never calls it keeps the last position of every driver who was not removed. A car
    /// that is silent is left out of rounds long before, by its age.
    pub fn forget_before(&self, at: DateTime<Utc>) -> usize {
        let mut forgotten = 0;
        for mut drivers in self.drivers.parts() {
            drivers.retain(|driver, entry| {
                let old = self.fix_of(*driver, entry).is_some_and(|fix| fix.at < at);
                if !old {
                    return true;
                }
                forgotten += 1;
                self.positions.fetch_sub(1, Ordering::Relaxed);
                let Entry::Car(spot) = entry else {
                    return false;
                };
                let car = self.districts.take(spot, *driver);
                car.is_some_and(|car| {
                    *entry = Entry::Known(Box::new(Known::of(&car)));
                    true
                })
            });
            let room = drivers.len() * 2;
            if drivers.capacity() > room * 2 {
                drivers.shrink_to(room);
            }
        }
        forgotten
    }

    /// The last position of a driver, also of one of whom nothing else is known.
    pub fn find_fix(&self, driver: DriverId) -> Option<Fix> {
        let drivers = self.drivers.part_of(driver)?;
        self.fix_of(driver, drivers.get(&driver)?)
    }

    /// A car.
    pub fn find(&self, driver: DriverId) -> Option<Car> {
        let drivers = self.drivers.part_of(driver)?;
        match drivers.get(&driver)? {
            Entry::Car(spot) => self.districts.find(spot, driver),
            Entry::Known(_) | Entry::Seen(_) => None,
        }
    }

    /// The nearest cars that are wanted, nearest first; equally near ones (in whole metres) by their
    /// driver's id. `wants` is asked about the nearest cars first, in this order, and no more often
    /// than it takes to find as many as were asked for; it may use the index.
    ///
    /// While others report positions, a car that goes from one cell to another during the search may
    /// be missed by it; what it finds are cars as they were at some moment of the search, none of
    /// them twice.
    pub fn nearest(&self, nearby: Nearby, wants: impl FnMut(&Car) -> bool) -> Vec<Near> {
        let Some(around) = self.remembered.around(nearby.center) else {
            return Vec::new();
        };
        search::nearest(&self.districts, &around, nearby, wants)
    }

    /// All cars, in no order.
    pub fn all(&self) -> Vec<Car> {
        let mut all = Vec::with_capacity(self.len());
        self.districts.look_at_all(|_, district| {
            for (_, cell) in district.cells() {
                all.extend_from_slice(cell.cars().1);
            }
        });
        all
    }

    /// The last positions of all drivers, also of those of whom nothing else is known, in no order.
    pub fn all_fixes(&self) -> Vec<(DriverId, Fix)> {
        let mut all = Vec::with_capacity(self.len());
        for drivers in self.drivers.parts() {
            let fix = |(driver, entry): (&DriverId, &Entry)| {
                Some((*driver, self.fix_of(*driver, entry)?))
            };
            all.extend(drivers.iter().filter_map(fix));
        }
        all
    }

    /// How many drivers have a position.
    pub fn len(&self) -> usize {
        self.positions.load(Ordering::Relaxed)
    }

    /// Whether no driver has a position.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Notes a position of a driver who is known.
    fn renew(&self, driver: DriverId, entry: &mut Entry, fix: Fix) -> bool {
        match entry {
            Entry::Car(spot) => {
                let renewed = self.districts.change(spot, driver, |car| {
                    let news = car.fix.at <= fix.at;
                    if news {
                        car.fix = fix;
                    }
                    news
                });
                renewed.unwrap_or(false)
            }
            Entry::Seen(before) => {
                let news = before.at <= fix.at;
                if news {
                    **before = fix;
                }
                news
            }
            Entry::Known(known) => {
                let Some(spot) = self.districts.put(known.at(driver, fix)) else {
                    return false;
                };
                *entry = Entry::Car(spot);
                self.positions.fetch_add(1, Ordering::Relaxed);
                true
            }
        }
    }

    fn fix_of(&self, driver: DriverId, entry: &Entry) -> Option<Fix> {
        match entry {
            Entry::Seen(fix) => Some(**fix),
            Entry::Car(spot) => Some(self.districts.find(spot, driver)?.fix),
            Entry::Known(_) => None,
        }
    }
}
