//! Driving somewhere: the way is found on the city's roads, and the car sets off.

use wayfare_core::geo::LatLng;

use super::Driver;
use crate::movement::Drive;

impl Driver {
    /// Sets off to a place where riders are likely.
    pub(super) async fn cruise(&mut self) {
        let (world, car) = (self.phoned.world.clone(), self.number);
        let Some(fix) = world.fleet.fix(car) else {
            return;
        };
        if let Some(place) = world.draw_hotspot(&mut self.chance, fix.at) {
            self.set_off(place).await;
        }
    }

    /// Whether the car is on its way to a place.
    pub(super) async fn set_off(&self, to: LatLng) -> bool {
        let Some(drive) = self.plan(to).await else {
            return false;
        };
        self.phoned.world.fleet.set_off(self.number, drive);
        true
    }

    /// The way from where the car is. Without one the driver stays, and it is told.
    async fn plan(&self, to: LatLng) -> Option<Drive> {
        let (world, pace) = (self.phoned.world.clone(), self.pace);
        let from = world.fleet.fix(self.number)?.at;
        let city = world.city.clone();
        // A long way over a real map takes some time to find.
        let planning = tokio::task::spawn_blocking(move || Drive::plan(&city, from, to, pace));
        match planning.await.ok()? {
            Ok(drive) => Some(drive),
            Err(error) => {
                let text = format!("{}: {error}", self.phoned.name);
                world.tally.trouble(text);
                None
            }
        }
    }
}
