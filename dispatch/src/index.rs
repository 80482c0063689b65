//! Where all cars are, at this moment.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use wayfare_core::geo::LatLng;
use wayfare_core::id::DriverId;

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
    /// From the place to the car in a straight line, in metres.
    pub straight_m: u32,
}

/// Where all cars are, at this moment. Threads share it. It is memory only: after a restart it fills
/// again with the next positions, within seconds.
///
/// A fix may come before anything else is known of its driver, and the other way round; a car is
/// found when both are there.
#[derive(Debug, Default)]
pub struct LiveIndex {
    // Stub
    cars: RwLock<HashMap<DriverId, Entry>>,
}

#[derive(Debug, Default)]
struct Entry {
    fix: Option<Fix>,
    known: Option<(CarProfile, Standing, CarState)>,
}

impl LiveIndex {
    /// Notes where a driver is. A fix that is older than the known one changes nothing, and the
    /// answer is false.
    pub fn report(&self, driver: DriverId, fix: Fix) -> bool {
        let mut cars = self.cars.write().unwrap_or_else(PoisonError::into_inner);
        let entry = cars.entry(driver).or_default();
        if entry.fix.is_some_and(|known| known.at > fix.at) {
            return false;
        }
        entry.fix = Some(fix);
        true
    }

    /// Notes what a driver drives, stands for and is doing. Who is not online has no car: see
    /// [`LiveIndex::remove`].
    pub fn set(&self, driver: DriverId, profile: CarProfile, standing: Standing, state: CarState) {
        let mut cars = self.cars.write().unwrap_or_else(PoisonError::into_inner);
        cars.entry(driver).or_default().known = Some((profile, standing, state));
    }

    /// Forgets a driver who went offline, with the position.
    pub fn remove(&self, driver: DriverId) {
        let mut cars = self.cars.write().unwrap_or_else(PoisonError::into_inner);
        cars.remove(&driver);
    }

    /// The last position of a driver, also of one of whom nothing else is known.
    pub fn find_fix(&self, driver: DriverId) -> Option<Fix> {
        let cars = self.cars.read().unwrap_or_else(PoisonError::into_inner);
        cars.get(&driver)?.fix
    }

    /// A car.
    pub fn find(&self, driver: DriverId) -> Option<Car> {
        let cars = self.cars.read().unwrap_or_else(PoisonError::into_inner);
        car(driver, cars.get(&driver)?)
    }

    /// The nearest cars that are wanted, nearest first; equally near ones by their driver's id.
    pub fn nearest(&self, nearby: Nearby, wants: impl FnMut(&Car) -> bool) -> Vec<Near> {
        let mut wants = wants;
        let mut found: Vec<Near> = self
            .all()
            .into_iter()
            .filter(|car| wants(car))
            .map(|car| {
                let straight_m = car.starts_at().distance_mm(nearby.center) / 1000;
                let straight_m = u32::try_from(straight_m).unwrap_or(u32::MAX);
                Near { car, straight_m }
            })
            .filter(|near| near.straight_m <= nearby.radius_m)
            .collect();
        found.sort_by_key(|near| (near.straight_m, near.car.driver));
        found.truncate(nearby.limit);
        found
    }

    /// All cars, in no order.
    pub fn all(&self) -> Vec<Car> {
        let cars = self.cars.read().unwrap_or_else(PoisonError::into_inner);
        cars.iter()
            .filter_map(|(driver, entry)| car(*driver, entry))
            .collect()
    }

    /// How many drivers have a position.
    pub fn len(&self) -> usize {
        let cars = self.cars.read().unwrap_or_else(PoisonError::into_inner);
        cars.values().filter(|entry| entry.fix.is_some()).count()
    }

    /// Whether no driver has a position.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn car(driver: DriverId, entry: &Entry) -> Option<Car> {
    let (profile, standing, state) = entry.known?;
    Some(Car {
        driver,
        profile,
        standing,
        state,
        fix: entry.fix?,
    })
}
