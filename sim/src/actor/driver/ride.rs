//! A driver with a rider: from stop to stop, to the dropoff, the receipt, the money.
//!
//! The way is planned anew whenever the trip is news: the rider may have changed where it leads.

use rand::RngExt;
use wayfare_core::geo::LatLng;
use wayfare_core::receipt::{Charged, Receipt};
use wayfare_core::wire::{CashPayment, ErrorCode, NewRating, Trip};

use super::Shift;
use super::trip::{RACES, Woken};
use crate::actor::Halt;
use crate::fleet::CarState;
use crate::proofs::Witness;
use crate::tally::PricedBy;

/// How long a car stands at a stop on the way, in simulated seconds.
const STOP_S: std::ops::Range<f64> = 10.0..120.0;
const RATES: f64 = 0.5;

impl Shift<'_> {
    /// Drives to the next stop, or leaves the one where the car stands.
    pub(super) async fn ride(&mut self, trip: Trip) -> Result<Option<Box<Trip>>, Halt> {
        let (world, number) = (self.world(), self.driver.number);
        world.fleet.set_state(number, CarState::Riding);
        if trip.leg.is_some_and(|leg| leg.arrived_at.is_some()) {
            return self.leave_stop(trip).await;
        }
        let waypoint = trip
            .leg
            .and_then(|leg| trip.waypoints.get(usize::from(leg.stop)));
        // Without a way the ride ends where it is: the trouble is told, and the rider gets out.
        self.set_off(waypoint.copied().unwrap_or(trip.dropoff))
            .await;
        let is_last = waypoint.is_none();
        let left_s = world.fleet.left_s(number);
        if let Woken::Changed(trip) = self.until(&trip, world.clock.sleep(left_s)).await? {
            return Ok(trip);
        }
        if is_last {
            self.complete(trip).await
        } else {
            self.reach_stop(trip).await
        }
    }

    async fn reach_stop(&mut self, trip: Trip) -> Result<Option<Box<Trip>>, Halt> {
        self.report_here().await?;
        let phoned = self.phoned();
        let reaching = phoned.client.reach_stop(trip.id);
        let answer = phoned.ask("reaching a stop", &RACES, reaching).await?;
        self.newest(trip, answer).await
    }

    async fn leave_stop(&mut self, trip: Trip) -> Result<Option<Box<Trip>>, Halt> {
        let stop_s = self.driver.chance.random_range(STOP_S);
        let standing = self.world();
        if let Woken::Changed(trip) = self.until(&trip, standing.clock.sleep(stop_s)).await? {
            return Ok(trip);
        }
        let phoned = self.phoned();
        let leaving = phoned.client.leave_stop(trip.id);
        let answer = phoned.ask("leaving a stop", &RACES, leaving).await?;
        self.newest(trip, answer).await
    }

    /// Ends the ride when the server has the whole track. The phone measures nothing meanwhile, so
    /// that both hold the same one.
    async fn complete(&mut self, trip: Trip) -> Result<Option<Box<Trip>>, Halt> {
        self.report_here().await?;
        let log = self.driver.log.clone();
        let _held = log.hold();
        self.send_track().await?;
        let phoned = self.phoned();
        let completing = phoned.client.complete_trip(trip.id);
        let answer = phoned
            .ask("completing the trip", &RACES, completing)
            .await?;
        self.newest(trip, answer).await
    }

    /// Computes the fare again on the phone, takes the money, and often says how the rider was.
    pub(super) async fn collect(&mut self, trip: Trip) -> Result<(), Halt> {
        let rates = self.driver.chance.random::<f64>() < RATES;
        let stars = 5 - u8::from(self.driver.chance.random::<f64>() < 0.15);
        let phoned = self.phoned();
        let witness = Witness {
            promise: None,
            log: Some(&self.driver.log),
        };
        if let Some(receipt) = phoned.check_receipt(&trip, witness).await? {
            self.tell_meter(&receipt);
        }
        let amount = trip
            .payment
            .as_ref()
            .map_or_else(|| trip.fare.total(), |payment| payment.amount);
        let races = [ErrorCode::AlreadyPaid];
        let payment = CashPayment { amount };
        let paying = phoned.client.confirm_cash(trip.id, &payment);
        phoned.ask("taking the money", &races, paying).await?;
        phoned.world.tally.paid(trip.id);
        let place = LatLng::try_from(trip.dropoff)
            .map_or("the city", |place| phoned.world.place_name(place));
        phoned
            .world
            .tally
            .event(format!("{} is paid {amount} at {place}", phoned.name));
        if rates {
            let rating = NewRating {
                stars,
                comment: None,
            };
            let races = [ErrorCode::AlreadyRated];
            phoned
                .ask(
                    "rating the rider",
                    &races,
                    phoned.client.rate_trip(trip.id, &rating),
                )
                .await?;
        }
        Ok(())
    }

    /// A ride that is priced by the meter is worth telling.
    fn tell_meter(&self, receipt: &Receipt) {
        let Charged::Trip { quoted, driven, .. } = &receipt.charge else {
            return;
        };
        if let (PricedBy::Meter, Some(ride)) = (PricedBy::of(receipt), driven.ride) {
            let km = |distance_m: i64| distance_m as f64 / 1000.0;
            let phoned = self.phoned();
            phoned.world.tally.event(format!(
                "{} drove {:.1} km, not {:.1}: {} by the meter",
                phoned.name,
                km(ride.distance_m),
                km(quoted.distance_m),
                receipt.fare.total()
            ));
        }
    }
}
