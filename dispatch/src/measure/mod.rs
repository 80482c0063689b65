//! How fast the live index is, measured on this machine with one thread.
//!
//! ```
//! use std::time::Duration;
//! use wayfare_core::geo::LatLng;
//! use wayfare_dispatch::measure::{Area, Fleet};
//!
//! let area = Area {
//!     south_west: LatLng::from_degrees(41.05, -8.75).unwrap(),
//!     north_east: LatLng::from_degrees(41.25, -8.50).unwrap(),
//! };
//! let mut fleet = Fleet::new(area, 1_000, 7);
//! let figures = fleet.measure_index(Duration::from_millis(5));
//! assert_eq!(figures.drivers, 1_000);
//! ```
//!
//! Another store can be given the same cars ([`Fleet::cars`]), the same reports ([`Fleet::drive`]) and
//! the same searches ([`Fleet::search_places`], [`NEAREST`] cars within [`RADIUS_M`]) and compared in
//! the same run.

mod chance;

use std::hint::black_box;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use uuid::Uuid;
use wayfare_core::geo::{EARTH_RADIUS_M, LatLng};
use wayfare_core::id::{DriverId, VehicleId};
use wayfare_core::vehicle::VehicleClass;

use self::chance::Chance;
use crate::car::{Capacity, CarProfile, CarState, FeatureSet, Fix, Standing};
use crate::index::{LiveIndex, Nearby};

/// How many cars a search asks for.
pub const NEAREST: usize = 20;
/// How far a search looks, in metres.
pub const RADIUS_M: u32 = 5_000;

/// So far a car goes at most between two reports, in metres: 3 s at 50 km/h.
const STEP_M: f64 = 42.0;
/// Searches that are measured, one after the other and over again.
const SEARCHES: usize = 20_000;
const UNITS_PER_M: f64 = 1.8e9 / (std::f64::consts::PI * EARTH_RADIUS_M);

/// A part of the earth between two corners.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// The corner with the least latitude and longitude.
    pub south_west: LatLng,
    /// The corner with the greatest; its longitude is not less, so no area crosses the date line.
    pub north_east: LatLng,
}

/// What was measured, per second and thread.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct IndexFigures {
    /// Drivers in the index.
    pub drivers: usize,
    /// Positions that were reported and noted.
    pub updates_per_s: f64,
    /// Searches for the nearest [`NEAREST`] cars within [`RADIUS_M`].
    pub nearest20_per_s: f64,
}

/// Cars that drive about in an area. The same area, number and seed give the same cars.
#[derive(Debug)]
pub struct Fleet {
    area: Area,
    chance: Chance,
    /// In no order, as reports come.
    cars: Vec<Driven>,
    now: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy)]
struct Driven {
    driver: DriverId,
    position: LatLng,
    heading_deg: f64,
}

impl Fleet {
    /// Cars that stand everywhere in the area.
    pub fn new(area: Area, drivers: usize, seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let car = |_| Driven {
            driver: DriverId::from_uuid(Uuid::from_u64_pair(chance.next(), chance.next())),
            position: area.place(&mut chance),
            heading_deg: chance.unit() * 360.0,
        };
        let cars = (0..drivers).map(car).collect();
        Self {
            area,
            chance,
            cars,
            now: DateTime::UNIX_EPOCH,
        }
    }

    /// Where the cars are.
    pub fn cars(&self) -> impl Iterator<Item = (DriverId, LatLng)> {
        self.cars.iter().map(|car| (car.driver, car.position))
    }

    /// Lets every car drive some metres, and says what the drivers report, in no order. At the border
    /// of the area cars turn round, and now and then they turn anyway.
    pub fn drive(&mut self) -> Vec<(DriverId, Fix)> {
        self.now += TimeDelta::seconds(3);
        self.chance.shuffle(&mut self.cars);
        let mut reports = Vec::with_capacity(self.cars.len());
        for car in &mut self.cars {
            if self.chance.unit() < 0.05 {
                car.heading_deg = self.chance.unit() * 360.0;
            }
            let step_m = self.chance.unit() * STEP_M;
            match self.area.step(car.position, car.heading_deg, step_m) {
                Some(position) => car.position = position,
                None => car.heading_deg = (car.heading_deg + 180.0) % 360.0,
            }
            #[expect(
                clippy::cast_possible_truncation,
                reason = "half a float is exact enough"
            )]
            let fix = Fix {
                position: car.position,
                heading_deg: Some(car.heading_deg as f32),
                speed_mps: Some((step_m / 3.0) as f32),
                at: self.now,
            };
            reports.push((car.driver, fix));
        }
        reports
    }

    /// Places in the area to search around.
    pub fn search_places(&mut self, count: usize) -> Vec<LatLng> {
        (0..count)
            .map(|_| self.area.place(&mut self.chance))
            .collect()
    }

    /// An index with all cars, all of them free.
    pub fn index(&self) -> LiveIndex {
        let index = LiveIndex::default();
        for (driver, position) in self.cars() {
            let profile = CarProfile {
                vehicle: VehicleId::from_uuid(driver.uuid()),
                vehicle_class: VehicleClass::Standard,
                capacity: Capacity {
                    seats: 4,
                    load_kg: 300,
                },
                features: FeatureSet::default(),
            };
            let standing = Standing {
                idle_since: self.now,
                rating_milli: None,
                cancel_bps: 0,
                home: None,
                queue: None,
            };
            index.set(driver, profile, standing, CarState::Free);
            let fix = Fix {
                position,
                heading_deg: None,
                speed_mps: None,
                at: self.now,
            };
            index.report(driver, fix);
        }
        index
    }

    /// Measures the index with these cars on this thread: updates for as long as is given, then
    /// searches for as long again. What prepares them is not counted.
    pub fn measure_index(&mut self, each_for: Duration) -> IndexFigures {
        let index = self.index();
        IndexFigures {
            drivers: index.len(),
            updates_per_s: self.measure_updates(&index, each_for),
            nearest20_per_s: self.measure_searches(&index, each_for),
        }
    }

    fn measure_updates(&mut self, index: &LiveIndex, measured_for: Duration) -> f64 {
        let mut noted = 0;
        let mut taken = Duration::ZERO;
        while taken < measured_for {
            let reports = self.drive();
            let start = Instant::now();
            for (driver, fix) in &reports {
                noted += u32::from(index.report(*driver, *fix));
            }
            taken += start.elapsed();
            if reports.is_empty() {
                return 0.0;
            }
        }
        f64::from(noted) / taken.as_secs_f64()
    }

    fn measure_searches(&mut self, index: &LiveIndex, measured_for: Duration) -> f64 {
        let places = self.search_places(SEARCHES);
        let mut searches = 0_u32;
        let start = Instant::now();
        for batch in places.chunks(100).cycle() {
            for center in batch {
                let nearby = Nearby {
                    center: *center,
                    radius_m: RADIUS_M,
                    limit: NEAREST,
                };
                black_box(index.nearest(nearby, |_| true));
                searches += 1;
            }
            if start.elapsed() >= measured_for {
                break;
            }
        }
        f64::from(searches) / start.elapsed().as_secs_f64()
    }
}

impl Area {
    fn place(&self, chance: &mut Chance) -> LatLng {
        let lat_e7 = chance.between(self.south_west.lat_e7(), self.north_east.lat_e7());
        let lng_e7 = chance.between(self.south_west.lng_e7(), self.north_east.lng_e7());
        LatLng::from_e7(lat_e7, lng_e7).unwrap_or(self.south_west)
    }

    /// The place some metres on, if it is in the area.
    fn step(&self, from: LatLng, heading_deg: f64, step_m: f64) -> Option<LatLng> {
        let (east, north) = heading_deg.to_radians().sin_cos();
        let squeezed = from.lat().to_radians().cos().max(1e-6);
        let lat_e7 = f64::from(from.lat_e7()) + north * step_m * UNITS_PER_M;
        let lng_e7 = f64::from(from.lng_e7()) + east * step_m * UNITS_PER_M / squeezed;
        let to = LatLng::from_degrees(lat_e7 / 1e7, lng_e7 / 1e7).ok()?;
        let (low, high) = (self.south_west, self.north_east);
        let inside = (low.lat_e7()..=high.lat_e7()).contains(&to.lat_e7())
            && (low.lng_e7()..=high.lng_e7()).contains(&to.lng_e7());
        inside.then_some(to)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn area() -> Area {
        Area {
            south_west: LatLng::from_degrees(41.05, -8.75).unwrap(),
            north_east: LatLng::from_degrees(41.25, -8.50).unwrap(),
        }
    }

    #[test]
    fn a_seed_gives_the_same_fleet_and_another_seed_another() {
        let drive = |seed| {
            let mut fleet = Fleet::new(area(), 50, seed);
            (fleet.cars().collect::<Vec<_>>(), fleet.drive())
        };
        assert_eq!(drive(1), drive(1));
        assert_ne!(drive(1), drive(2));
    }

    #[test]
    fn cars_drive_some_metres_and_stay_in_the_area() {
        let mut fleet = Fleet::new(area(), 200, 3);
        let mut moved_m = 0.0;
        for _ in 0..20 {
            let before: std::collections::BTreeMap<_, _> = fleet.cars().collect();
            let reports = fleet.drive();
            assert_eq!(reports.len(), 200);
            for (driver, fix) in reports {
                let step_m = before[&driver].distance_m(fix.position);
                assert!(step_m <= STEP_M + 0.1, "{step_m}");
                moved_m += step_m;
                assert!(area().step(fix.position, 0.0, 0.0).is_some());
            }
        }
        assert!(moved_m / 4_000.0 > STEP_M / 4.0, "{moved_m}");
    }

    #[test]
    fn reports_come_in_another_order_each_time() {
        let mut fleet = Fleet::new(area(), 100, 4);
        let order = |reports: Vec<(DriverId, Fix)>| -> Vec<DriverId> {
            reports.into_iter().map(|(driver, _)| driver).collect()
        };
        let (one, two) = (order(fleet.drive()), order(fleet.drive()));
        assert_ne!(one, two);
        let set = |order: Vec<DriverId>| order.into_iter().collect::<BTreeSet<_>>();
        assert_eq!(set(one), set(two));
    }

    #[test]
    fn every_car_is_measured() {
        let mut fleet = Fleet::new(area(), 300, 5);
        assert_eq!(fleet.index().all().len(), 300);
        let figures = fleet.measure_index(Duration::from_millis(2));
        assert_eq!(figures.drivers, 300);
        assert!(figures.updates_per_s > 0.0 && figures.nearest20_per_s > 0.0);
    }

    #[test]
    fn nobody_is_measured_as_nothing() {
        let figures = Fleet::new(area(), 0, 6).measure_index(Duration::from_millis(2));
        assert_eq!((figures.drivers, figures.updates_per_s), (0, 0.0));
    }
}
