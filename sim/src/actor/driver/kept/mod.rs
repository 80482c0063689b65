//! A driver whose phone loses its network in parts of the city, and who works on.
//!
//! Everything goes through the device that keeps the work, as in the driver's app: what the driver does
//! counts at once on the phone and reaches the server when it can. The driver believes what the phone
//! shows; nothing here asks the server.

mod phone;
mod trip;

use rand::RngExt;
use wayfare_core::id::TripId;
use wayfare_core::sync::DeviceAction;
use wayfare_core::wire::{DeclineReason, Offer, Vehicle};

use super::Driver;
use crate::actor::Halt;
use crate::fleet::CarState;
use crate::world::Phase;
pub(super) use phone::KeptPhone;

/// How long a driver waits at a place before looking for a better one, in simulated seconds.
const WAIT_S: std::ops::Range<f64> = 60.0..420.0;
/// How long a driver thinks about an offer, in simulated seconds.
const THINK_S: std::ops::Range<f64> = 1.0..6.0;
const DECLINES: f64 = 0.06;

/// A shift with such a phone.
#[derive(Debug)]
pub(super) struct KeptShift<'a> {
    driver: &'a mut Driver,
    phone: KeptPhone,
}

impl Driver {
    /// Works with a phone that keeps its work until the day is over.
    pub(super) async fn work_kept(
        &mut self,
        vehicle: &Vehicle,
    ) -> Result<std::convert::Infallible, Halt> {
        // What was switched on stays on, whatever interrupts the work.
        let phone = match self.kept.take() {
            Some(phone) => phone,
            None => KeptPhone::switch_on(&self.phoned, self.number).await?,
        };
        let mut shift = KeptShift {
            driver: self,
            phone,
        };
        let ended = shift.work(vehicle).await;
        shift.driver.kept = Some(shift.phone);
        ended
    }
}

impl KeptShift<'_> {
    async fn work(&mut self, vehicle: &Vehicle) -> Result<std::convert::Infallible, Halt> {
        let online = DeviceAction::GoOnline {
            vehicle: vehicle.id,
        };
        self.phone.act(online).await?;
        let _at_work = super::AtWork::begin(self.driver.phoned.world.clone());
        loop {
            if let Some(trip) = self.phone.driven() {
                self.serve(trip).await?;
                continue;
            }
            if let Some(offer) = self.next_offer().await? {
                self.consider(&offer).await?;
            }
        }
    }

    /// Waits and cruises until the phone shows an offer, or a trip.
    async fn next_offer(&mut self) -> Result<Option<Offer>, Halt> {
        let (world, car) = (self.driver.phoned.world.clone(), self.driver.number);
        world.fleet.set_state(car, CarState::Free);
        loop {
            let rest_s = world.fleet.left_s(car) + self.driver.chance.random_range(WAIT_S);
            let resting = world.clock.sleep(rest_s);
            tokio::pin!(resting);
            loop {
                if let Some(offer) = self.phone.first_offer() {
                    world.tally.offered(offer.trip_id, offer.requested_at);
                    return Ok(Some(offer));
                }
                if self.phone.driven().is_some() {
                    return Ok(None);
                }
                tokio::select! {
                    biased;
                    () = world.reached(Phase::Stopping) => return Err(Halt::Stopping),
                    () = self.phone.changed() => {}
                    () = &mut resting => break,
                }
                self.phone.book_paid().await?;
            }
            self.driver.cruise().await;
        }
    }

    /// Thinks about an offer, and takes it mostly. Whether the trip is this driver's shows on the phone.
    async fn consider(&mut self, offer: &Offer) -> Result<(), Halt> {
        let chance = &mut self.driver.chance;
        let (mood, think_s) = (chance.random::<f64>(), chance.random_range(THINK_S));
        self.driver.phoned.wait(think_s).await?;
        let action = if mood < DECLINES {
            DeviceAction::DeclineOffer {
                offer: offer.id,
                reason: DeclineReason::Other,
            }
        } else {
            DeviceAction::AcceptOffer { offer: offer.id }
        };
        // Refused by the phone if the offer is over by now.
        if !self.phone.act(action).await? || mood < DECLINES {
            return Ok(());
        }
        let world = self.driver.phoned.world.clone();
        while self.phone.is_accepting(offer.id) && self.phone.driven().is_none() {
            tokio::select! {
                biased;
                () = world.reached(Phase::Stopping) => return Err(Halt::Stopping),
                () = self.phone.changed() => {}
            }
            self.phone.book_paid().await?;
        }
        Ok(())
    }

    async fn serve(&mut self, trip: TripId) -> Result<(), Halt> {
        let (world, number) = (self.driver.phoned.world.clone(), self.driver.number);
        world.tally.assigned(trip, number);
        let served = self.see_through(trip).await;
        world.spoken.forget(trip);
        world.tally.released(trip, number);
        world.fleet.stop(number);
        world.fleet.set_state(number, CarState::Free);
        served
    }
}
