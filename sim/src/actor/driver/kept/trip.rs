//! A driver with a trip and a phone that keeps it: to the pickup, the PIN, the stops, the money.

use std::time::Duration;

use rand::RngExt;
use wayfare_core::id::TripId;
use wayfare_core::sync::DeviceAction;
use wayfare_core::sync::replica::ReplicaTrip;
use wayfare_core::trip::{CancelReason, Leg, Pin, TripState};

use super::KeptShift;
use crate::actor::Halt;
use crate::fleet::CarState;
use crate::world::Phase;

const BOARDING_S: std::ops::Range<f64> = 5.0..30.0;
const STOP_S: std::ops::Range<f64> = 10.0..120.0;
const RATES: f64 = 0.5;
/// A rider who has not come after this, simulated and real, is a no-show.
const NO_SHOW_S: f64 = 600.0;
const NO_SHOW_MIN: Duration = Duration::from_secs(310);

/// What came first.
enum Woken {
    Done,
    /// The phone shows another state of the trip.
    Changed,
}

impl KeptShift<'_> {
    /// Sees a trip through to its end, step by step as the phone shows it.
    pub(super) async fn see_through(&mut self, trip: TripId) -> Result<(), Halt> {
        let mut paid = false;
        while let Some(shown) = self.phone.trip(trip) {
            match shown.current.state {
                TripState::Assigned { .. } => self.go_to_pickup(trip, &shown).await?,
                TripState::Arrived { .. } => self.pick_up(trip, &shown).await?,
                TripState::InProgress { leg, .. } => self.ride(trip, &shown, leg).await?,
                TripState::Completed { .. } if !paid => {
                    self.collect(trip, &shown).await?;
                    paid = true;
                }
                TripState::Completed { .. }
                | TripState::Requested
                | TripState::Cancelled { .. }
                | TripState::Expired { .. } => break,
            }
        }
        Ok(())
    }

    async fn go_to_pickup(&mut self, trip: TripId, shown: &ReplicaTrip) -> Result<(), Halt> {
        let (world, number) = (self.driver.phoned.world.clone(), self.driver.number);
        world.fleet.set_state(number, CarState::ToPickup);
        self.driver.set_off(shown.current.request.pickup).await;
        let left_s = world.fleet.left_s(number);
        if let Woken::Done = self.until(shown, world.clock.sleep(left_s)).await? {
            self.phone.act(DeviceAction::Arrive { trip }).await?;
        }
        Ok(())
    }

    async fn pick_up(&mut self, trip: TripId, shown: &ReplicaTrip) -> Result<(), Halt> {
        let world = self.driver.phoned.world.clone();
        world
            .fleet
            .set_state(self.driver.number, CarState::AtPickup);
        world.spoken.beckon(trip);
        let patience = world.clock.real(NO_SHOW_S).max(NO_SHOW_MIN);
        let mut heard = None;
        let hearing = async {
            heard = tokio::time::timeout(patience, world.spoken.hear(trip))
                .await
                .ok();
        };
        if let Woken::Changed = self.until(shown, hearing).await? {
            return Ok(());
        }
        let Some(pin) = heard else {
            let reason = CancelReason::RiderNoShow;
            let action = DeviceAction::Cancel {
                trip,
                reason,
                note: None,
            };
            self.phone.act(action).await?;
            return Ok(());
        };
        let boarding_s = self.driver.chance.random_range(BOARDING_S);
        match self.until(shown, world.clock.sleep(boarding_s)).await? {
            Woken::Done => self.start(trip, pin).await,
            Woken::Changed => Ok(()),
        }
    }

    async fn start(&mut self, trip: TripId, pin: Pin) -> Result<(), Halt> {
        // The phone fills in when the driver came.
        let arrived_at = chrono::DateTime::UNIX_EPOCH;
        let action = DeviceAction::Start {
            trip,
            pin,
            arrived_at,
        };
        self.phone.act(action).await?;
        Ok(())
    }

    async fn ride(&mut self, trip: TripId, shown: &ReplicaTrip, leg: Leg) -> Result<(), Halt> {
        let (world, number) = (self.driver.phoned.world.clone(), self.driver.number);
        world.fleet.set_state(number, CarState::Riding);
        let (stop, stands) = (leg.stop(), matches!(leg, Leg::AtStop { .. }));
        let stops = &shown.current.stops;
        let duration_s = if stands {
            self.driver.chance.random_range(STOP_S)
        } else {
            let to = stops.position(stop).unwrap_or(stops.dropoff);
            self.driver.set_off(to).await;
            world.fleet.left_s(number)
        };
        if let Woken::Changed = self.until(shown, world.clock.sleep(duration_s)).await? {
            return Ok(());
        }
        let action = if stands {
            DeviceAction::LeaveStop { trip }
        } else if stops.is_waypoint(stop) {
            DeviceAction::ReachStop {
                trip,
                place: stops.position(stop),
            }
        } else {
            DeviceAction::Complete { trip, claim: None }
        };
        self.phone.act(action).await?;
        Ok(())
    }

    /// Takes the money that the phone says, and often says how the rider was.
    async fn collect(&mut self, trip: TripId, shown: &ReplicaTrip) -> Result<(), Halt> {
        let rates = self.driver.chance.random::<f64>() < RATES;
        let stars = 5 - u8::from(self.driver.chance.random::<f64>() < 0.15);
        if let Some(fare) = &shown.fare {
            let amount = fare.total();
            self.phone.priced(trip, amount);
            self.phone
                .act(DeviceAction::TakeCash { trip, amount })
                .await?;
            let phoned = &self.driver.phoned;
            let place = phoned.world.place_name(shown.current.stops.dropoff);
            let text = format!("{} is paid {amount} at {place}", phoned.name);
            phoned.world.tally.event(text);
        }
        if rates {
            let comment = None;
            let action = DeviceAction::Rate {
                trip,
                stars,
                comment,
            };
            self.phone.act(action).await?;
        }
        Ok(())
    }

    /// Waits for `done`, or for another state of the trip on the phone.
    async fn until(
        &mut self,
        shown: &ReplicaTrip,
        done: impl Future<Output = ()>,
    ) -> Result<Woken, Halt> {
        let world = self.driver.phoned.world.clone();
        let trip = shown.current.request.trip;
        tokio::pin!(done);
        loop {
            tokio::select! {
                biased;
                () = world.reached(Phase::Stopping) => return Err(Halt::Stopping),
                () = &mut done => return Ok(Woken::Done),
                () = self.phone.changed() => {}
            }
            self.phone.book_paid().await?;
            let is_same = self.phone.trip(trip).is_some_and(|now| {
                now.current.state == shown.current.state && now.current.stops == shown.current.stops
            });
            if !is_same {
                return Ok(Woken::Changed);
            }
        }
    }
}
