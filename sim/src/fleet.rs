//! Where every car is at this moment, and what it does.

use std::sync::{Mutex, MutexGuard, PoisonError};

use wayfare_core::geo::LatLng;

use crate::clock::SimClock;
use crate::movement::{Drive, Fix};

/// What a car does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CarState {
    /// Not at work.
    Offline,
    /// Free.
    Free,
    /// On the way to a rider.
    ToPickup,
    /// Waiting for the rider.
    AtPickup,
    /// With a rider.
    Riding,
}

#[derive(Debug)]
struct Car {
    state: CarState,
    drive: Drive,
    started_s: f64,
}

/// All cars, by the number of their driver.
#[derive(Debug)]
pub struct Fleet {
    clock: SimClock,
    cars: Vec<Mutex<Car>>,
}

impl Fleet {
    /// Cars that stand where their drivers begin the day.
    pub fn new(clock: SimClock, homes: impl IntoIterator<Item = LatLng>) -> Self {
        let car = |home| {
            Mutex::new(Car {
                state: CarState::Offline,
                drive: Drive::standing(home),
                started_s: 0.0,
            })
        };
        Self {
            clock,
            cars: homes.into_iter().map(car).collect(),
        }
    }

    /// How many cars there are.
    pub fn len(&self) -> usize {
        self.cars.len()
    }

    /// Whether there is no car.
    pub fn is_empty(&self) -> bool {
        self.cars.is_empty()
    }

    /// Where a car is.
    pub fn fix(&self, car: usize) -> Option<Fix> {
        let car = self.lock(car)?;
        Some(car.drive.fix_at(self.clock.now_s() - car.started_s))
    }

    /// What a car does.
    pub fn state(&self, car: usize) -> Option<CarState> {
        Some(self.lock(car)?.state)
    }

    /// The car does something else from now on.
    pub fn set_state(&self, car: usize, state: CarState) {
        if let Some(mut car) = self.lock(car) {
            car.state = state;
        }
    }

    /// The car sets off.
    pub fn set_off(&self, car: usize, drive: Drive) {
        if let Some(mut car) = self.lock(car) {
            car.drive = drive;
            car.started_s = self.clock.now_s();
        }
    }

    /// The car stops where it is.
    pub fn stop(&self, car: usize) {
        if let Some(fix) = self.fix(car) {
            self.set_off(car, Drive::standing(fix.at));
        }
    }

    /// Simulated seconds until the car is there.
    pub fn left_s(&self, car: usize) -> f64 {
        self.lock(car).map_or(0.0, |car| {
            (car.drive.duration_s() - (self.clock.now_s() - car.started_s)).max(0.0)
        })
    }

    /// All cars at this moment.
    pub fn look(&self) -> Vec<(CarState, LatLng)> {
        (0..self.cars.len())
            .filter_map(|car| Some((self.state(car)?, self.fix(car)?.at)))
            .collect()
    }

    fn lock(&self, car: usize) -> Option<MutexGuard<'_, Car>> {
        Some(
            self.cars
                .get(car)?
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::testing;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn a_car_drives_in_simulated_time_and_stops_where_it_is() {
        let city = testing::city();
        let mut chance = crate::chance::chance(1, crate::chance::Stream::Demand);
        let (from, to) = city.draw_trip(&mut chance);
        let fleet = Fleet::new(SimClock::start(10.0), [from]);
        let drive = Drive::plan(&city, from, to, 1.0).unwrap();
        let duration_s = drive.duration_s();
        fleet.set_off(0, drive);
        tokio::time::sleep(Duration::from_secs_f64(duration_s / 20.0)).await;
        assert!((fleet.left_s(0) - duration_s / 2.0).abs() < 1.0);
        let half = fleet.fix(0).unwrap();
        assert!(half.at != from && half.at != to);
        fleet.stop(0);
        tokio::time::sleep(Duration::from_secs(60)).await;
        let still = fleet.fix(0).unwrap();
        assert!(still.speed_mps == 0.0 && still.at.distance_m(half.at) < 1.0);
        assert_eq!(fleet.fix(1), None);
    }
}
