//! A driver with a trip, until the rider is in the car: to the pickup, the PIN.
//!
//! Each step looks at the newest state of the trip that the driver knows. When the other side was
//! faster, the trip is read anew and the state decides how it goes on.

use std::future::Future;
use std::time::Duration;

use rand::RngExt;
use wayfare_core::geo::LatLng;
use wayfare_core::trip::{CancelReason, TripStatus};
use wayfare_core::wire::{Cancellation, ErrorCode, PaymentStatus, Point, Trip, TripSide};

use super::{News, Shift};
use crate::actor::{Answer, Halt};
use crate::fleet::CarState;
use crate::world::Phase;

/// Drivers who give a trip back before the rider is in the car.
const GIVES_BACK: f64 = 0.01;
/// From the PIN to the first metre, in simulated seconds.
const BOARDING_S: std::ops::Range<f64> = 5.0..30.0;
/// A rider who has not come after this, simulated and real, is a no-show.
const NO_SHOW_S: f64 = 600.0;
const NO_SHOW_MIN: Duration = Duration::from_secs(310);
/// If that was too early by the server's rule, the driver waits so much longer.
const NO_SHOW_AGAIN: Duration = Duration::from_secs(10);
/// A driver who missed the news looks after this.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// Refusals that mean: the trip is elsewhere by now.
pub(super) const RACES: [ErrorCode; 3] = [
    ErrorCode::WrongTripState,
    ErrorCode::NotFound,
    ErrorCode::Forbidden,
];

/// Whether the driver still has to drive.
pub(super) fn is_active(trip: &Trip) -> bool {
    matches!(
        trip.status,
        TripStatus::Assigned | TripStatus::Arrived | TripStatus::InProgress
    )
}

/// Whether the driver still has to do something.
pub(super) fn is_unfinished(trip: &Trip) -> bool {
    let is_due = trip
        .payment
        .as_ref()
        .is_some_and(|payment| payment.status == PaymentStatus::Due);
    is_active(trip) || (trip.status == TripStatus::Completed && is_due)
}

/// What became of a trip whose rider did not come.
enum Leaving {
    /// The rider still has time by the server's clock.
    TooEarly,
    /// The trip as it is now; `None` if it is no longer the driver's.
    Left(Option<Box<Trip>>),
}

/// What came first.
pub(super) enum Woken {
    Done,
    /// Something newer is known of the trip; `None` if it is no longer the driver's.
    Changed(Option<Box<Trip>>),
}

impl Shift<'_> {
    /// Sees a trip through to its end, and then those that the driver took on the way.
    pub(super) async fn serve(&mut self, trip: Trip) -> Result<(), Halt> {
        let mut present = Some(trip);
        while let Some(trip) = present {
            self.see_through(trip).await?;
            present = self.next.take();
        }
        Ok(())
    }

    /// Sees a trip through to its end, from wherever it stands.
    async fn see_through(&mut self, trip: Trip) -> Result<(), Halt> {
        let (world, number, id) = (self.world(), self.driver.number, trip.id);
        world.tally.assigned(id, number);
        self.driver.log.begin(id);
        let mut known = Some(Box::new(trip));
        while let Some(trip) = known {
            world.tally.saw(&trip, TripSide::Driver);
            known = match trip.status {
                TripStatus::Assigned => self.go_to_pickup(*trip).await?,
                TripStatus::Arrived => self.pick_up(*trip).await?,
                TripStatus::InProgress => self.ride(*trip).await?,
                TripStatus::Completed => {
                    self.collect(*trip).await?;
                    None
                }
                TripStatus::Requested | TripStatus::Cancelled | TripStatus::Expired => None,
            };
        }
        self.driver.log.end();
        world.spoken.forget(id);
        world.tally.released(id, number);
        world.fleet.stop(number);
        world.fleet.set_state(number, CarState::Free);
        Ok(())
    }

    async fn go_to_pickup(&mut self, trip: Trip) -> Result<Option<Box<Trip>>, Halt> {
        let (world, number) = (self.world(), self.driver.number);
        world.fleet.set_state(number, CarState::ToPickup);
        if !self.set_off(trip.pickup).await {
            return self.give_back(&trip).await;
        }
        let left_s = world.fleet.left_s(number);
        let gives_back = self.driver.chance.random::<f64>() < GIVES_BACK;
        let part = if gives_back {
            self.driver.chance.random::<f64>()
        } else {
            1.0
        };
        match self.until(&trip, world.clock.sleep(left_s * part)).await? {
            Woken::Changed(trip) => return Ok(trip),
            Woken::Done if gives_back => return self.give_back(&trip).await,
            Woken::Done => {}
        }
        self.report_here().await?;
        let phoned = self.phoned();
        let arriving = phoned.client.arrive(trip.id);
        let answer = phoned
            .ask("arriving at the pickup", &RACES, arriving)
            .await?;
        self.newest(trip, answer).await
    }

    async fn pick_up(&mut self, trip: Trip) -> Result<Option<Box<Trip>>, Halt> {
        let world = self.world();
        world
            .fleet
            .set_state(self.driver.number, CarState::AtPickup);
        let mut patience = world.clock.real(NO_SHOW_S).max(NO_SHOW_MIN);
        let pin = loop {
            let mut pin = None;
            let hearing = async {
                pin = tokio::time::timeout(patience, world.spoken.hear(trip.id))
                    .await
                    .ok();
            };
            if let Woken::Changed(trip) = self.until(&trip, hearing).await? {
                return Ok(trip);
            }
            if let Some(pin) = pin {
                break pin;
            }
            match self.leave_without_rider(&trip).await? {
                Leaving::TooEarly => patience = NO_SHOW_AGAIN,
                Leaving::Left(trip) => return Ok(trip),
            }
        };
        let boarding_s = self.driver.chance.random_range(BOARDING_S);
        if let Woken::Changed(trip) = self.until(&trip, world.clock.sleep(boarding_s)).await? {
            return Ok(trip);
        }
        let phoned = self.phoned();
        let starting = phoned.client.start_trip(trip.id, pin);
        let answer = phoned.ask("starting the trip", &RACES, starting).await?;
        self.newest(trip, answer).await
    }

    async fn leave_without_rider(&mut self, trip: &Trip) -> Result<Leaving, Halt> {
        let races = [RACES.as_slice(), &[ErrorCode::TooEarlyForNoShow]].concat();
        let answer = self.cancel(trip, CancelReason::RiderNoShow, &races).await?;
        if let Answer::TooLate(ErrorCode::TooEarlyForNoShow) = answer {
            return Ok(Leaving::TooEarly);
        }
        Ok(Leaving::Left(self.newest(trip.clone(), answer).await?))
    }

    async fn give_back(&mut self, trip: &Trip) -> Result<Option<Box<Trip>>, Halt> {
        let phoned = self.phoned();
        phoned.world.tally.event(format!(
            "{} has a flat tyre and gives a trip back",
            phoned.name
        ));
        let answer = self
            .cancel(trip, CancelReason::VehicleProblem, &RACES)
            .await?;
        self.newest(trip.clone(), answer).await
    }

    async fn cancel(
        &self,
        trip: &Trip,
        reason: CancelReason,
        races: &[ErrorCode],
    ) -> Result<Answer<Trip>, Halt> {
        let phoned = self.phoned();
        let cancellation = Cancellation { reason, note: None };
        let cancelling = phoned.client.cancel_trip(trip.id, &cancellation);
        phoned.ask("giving a trip back", races, cancelling).await
    }

    /// Whether the car is on its way to a place.
    pub(super) async fn set_off(&mut self, to: Point) -> bool {
        let Ok(to) = LatLng::try_from(to) else {
            return false;
        };
        self.driver.set_off(to).await
    }

    /// The trip as the server knows it after an answer.
    pub(super) async fn newest(
        &self,
        before: Trip,
        answer: Answer<Trip>,
    ) -> Result<Option<Box<Trip>>, Halt> {
        match answer {
            Answer::Done(trip) => Ok(Some(Box::new(trip))),
            Answer::TooLate(_) => {
                let now = self.read(&before).await?;
                // A refusal of a trip that stands where it stood would go round for ever.
                if now
                    .as_ref()
                    .is_some_and(|now| now.version <= before.version)
                {
                    let name = &self.phoned().name;
                    self.phoned().world.tally.trouble(format!(
                        "{name}: the server refuses what trip {} allows",
                        before.id
                    ));
                    return Err(Halt::Confused);
                }
                Ok(now)
            }
        }
    }

    async fn read(&self, trip: &Trip) -> Result<Option<Box<Trip>>, Halt> {
        let phoned = self.phoned();
        let reading = phoned.client.trip(trip.id);
        let answer = phoned.ask("reading the trip", &RACES, reading).await?;
        Ok(answer.done().map(Box::new))
    }

    /// Waits for `done`, or for news of the trip.
    pub(super) async fn until(
        &mut self,
        trip: &Trip,
        done: impl Future<Output = ()>,
    ) -> Result<Woken, Halt> {
        let world = self.world();
        tokio::pin!(done);
        loop {
            let must_look = tokio::select! {
                biased;
                () = world.reached(Phase::Stopping) => return Err(Halt::Stopping),
                news = self.news() => match news? {
                    News::Trip(now) if now.id == trip.id && now.version > trip.version => {
                        return Ok(Woken::Changed(Some(now)));
                    }
                    News::Connected => true,
                    News::Trip(other) => {
                        self.note_next(*other);
                        false
                    }
                    News::Offer(offer) => {
                        self.take_next(&offer).await?;
                        false
                    }
                    News::OfferClosed(_) => false,
                },
                () = &mut done => return Ok(Woken::Done),
                () = tokio::time::sleep(LOOK_EVERY) => true,
            };
            if must_look {
                match self.read(trip).await? {
                    Some(now) if now.version == trip.version => {}
                    changed => return Ok(Woken::Changed(changed)),
                }
            }
        }
    }
}
