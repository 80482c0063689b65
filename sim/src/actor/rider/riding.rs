//! A rider with a trip: waits, calls it off, meets the driver, rides, reads the receipt.

use std::time::Duration;

use rand::RngExt;
use tokio::time::Instant;
use wayfare_core::client::StreamUpdate;
use wayfare_core::geo::LatLng;
use wayfare_core::trip::{CancelReason, TripStatus};
use wayfare_core::wire::{
    Cancellation, CancellationCost, ChangeStops, ErrorCode, NewRating, StreamEvent, Trip, TripSide,
};

use super::Rider;
use super::asking::Elsewhere;
use crate::actor::feed::Feed;
use crate::actor::{Answer, Halt};
use crate::proofs::Witness;
use crate::world::Phase;

/// From the message that the car is there to the car, in simulated seconds.
const WALK_S: std::ops::Range<f64> = 5.0..75.0;
const CANCELS: f64 = 0.04;
/// When a rider who cancels does so, in simulated seconds after the request.
const CANCELS_AFTER_S: std::ops::Range<f64> = 5.0..240.0;
/// Riders who call a trip off although it costs something.
const PAYS_TO_CANCEL: f64 = 0.5;
/// A rider for whom no driver is found gives up after this, simulated and real: the dispatcher
/// needs some real time to ask several drivers.
const GIVES_UP_S: f64 = 600.0;
const GIVES_UP_MIN: Duration = Duration::from_secs(90);
const RATES: f64 = 0.6;
/// A rider who missed the news looks after this.
const LOOK_EVERY: Duration = Duration::from_secs(20);
/// Refusals that mean: the trip is elsewhere by now.
const RACES: [ErrorCode; 1] = [ErrorCode::WrongTripState];
/// Refusals of other stops: the ride is over, the answer to the same wish was lost, or it leads
/// nowhere.
const NOT_ELSEWHERE: [ErrorCode; 3] = [
    ErrorCode::WrongTripState,
    ErrorCode::StopsRefused,
    ErrorCode::OutsideServiceArea,
];

/// Moments of a trip that only the rider knows.
struct Plans {
    cancel_at: Option<Instant>,
    pays_to_cancel: bool,
    give_up_at: Option<Instant>,
    at_car_at: Option<Instant>,
    told_pin: bool,
    elsewhere: Option<Elsewhere>,
    elsewhere_at: Option<Instant>,
}

impl Plans {
    /// A car at the kerb is news where the driver's phone could not say so.
    const fn may_see_car(&self, trip: &Trip) -> bool {
        matches!(trip.status, TripStatus::Assigned) && self.at_car_at.is_none() && !self.told_pin
    }
}

impl Rider {
    /// Waits and rides until the trip is over.
    pub(super) async fn accompany(
        &mut self,
        mut trip: Trip,
        elsewhere: Option<Elsewhere>,
        feed: &mut Feed,
    ) -> Result<(), Halt> {
        self.trip = Some(trip.clone());
        let mut plans = self.plans(elsewhere);
        while !is_over(&trip) {
            self.plan_walk(&trip, &mut plans);
            if let Some(newer) = self.wait_for_news(&trip, &mut plans, feed).await?
                && newer.version > trip.version
            {
                self.phoned.world.tally.saw(&newer, TripSide::Rider);
                self.trip = Some(newer.clone());
                trip = newer;
            }
        }
        self.trip = None;
        self.phoned.world.tally.saw(&trip, TripSide::Rider);
        self.after(&trip).await
    }

    fn plans(&mut self, elsewhere: Option<Elsewhere>) -> Plans {
        let cancels = self.chance.random::<f64>() < CANCELS;
        let after_s = self.chance.random_range(CANCELS_AFTER_S);
        let patience = self.patience();
        let cancel_at = cancels.then(|| Instant::now() + self.phoned.world.clock.real(after_s));
        Plans {
            cancel_at,
            pays_to_cancel: self.chance.random::<f64>() < PAYS_TO_CANCEL,
            give_up_at: Some(Instant::now() + patience),
            at_car_at: None,
            told_pin: false,
            elsewhere,
            elsewhere_at: None,
        }
    }

    /// How long the rider waits for a driver to be found.
    fn patience(&self) -> Duration {
        self.phoned.world.clock.real(GIVES_UP_S).max(GIVES_UP_MIN)
    }

    /// The rider sets out when the car is there; before, a car may be sent away.
    fn plan_walk(&mut self, trip: &Trip, plans: &mut Plans) {
        match trip.status {
            TripStatus::Arrived if plans.at_car_at.is_none() && !plans.told_pin => {
                let walk_s = self.chance.random_range(WALK_S);
                plans.at_car_at = Some(Instant::now() + self.phoned.world.clock.real(walk_s));
            }
            // The driver gave the trip back: the next one has to be met again.
            TripStatus::Requested => {
                plans.at_car_at = None;
                plans.told_pin = false;
            }
            // Patience begins anew should this driver give the trip back.
            TripStatus::Assigned => plans.give_up_at = Some(Instant::now() + self.patience()),
            TripStatus::InProgress => {
                plans.cancel_at = None;
                if let (Some(elsewhere), None) = (&plans.elsewhere, plans.elsewhere_at) {
                    let after = self.phoned.world.clock.real(elsewhere.after_s);
                    plans.elsewhere_at = Some(Instant::now() + after);
                }
            }
            _ => {}
        }
    }

    async fn wait_for_news(
        &mut self,
        trip: &Trip,
        plans: &mut Plans,
        feed: &mut Feed,
    ) -> Result<Option<Trip>, Halt> {
        tokio::select! {
            biased;
            () = self.phoned.world.reached(Phase::Stopping) => Err(Halt::Stopping),
            update = feed.next() => match update {
                Ok(StreamUpdate::Event(StreamEvent::TripUpdated { trip: now }))
                    if now.id == trip.id => Ok(Some(*now)),
                Ok(StreamUpdate::Connected { .. }) => self.read(trip).await.map(Some),
                Ok(_) => Ok(None),
                Err(error) => Err(self.phoned.complain("listening", &error)),
            },
            () = at(plans.at_car_at) => {
                plans.at_car_at = None;
                plans.told_pin = true;
                // Who sits in the car does not call it off, whatever the phones know.
                plans.cancel_at = None;
                match trip.pin {
                    Some(pin) => self.phoned.world.spoken.tell(trip.id, pin),
                    None => self.complain_of_pin(trip),
                }
                Ok(None)
            }
            () = self.phoned.world.spoken.see_car(trip.id), if plans.may_see_car(trip) => {
                let walk_s = self.chance.random_range(WALK_S);
                plans.at_car_at = Some(Instant::now() + self.phoned.world.clock.real(walk_s));
                Ok(None)
            }
            () = at(plans.cancel_at) => {
                plans.cancel_at = None;
                self.cancel(trip, plans.pays_to_cancel).await
            }
            () = at(plans.give_up_at), if trip.status == TripStatus::Requested => {
                plans.give_up_at = None;
                self.cancel(trip, plans.pays_to_cancel).await
            }
            () = at(plans.elsewhere_at) => {
                plans.elsewhere_at = None;
                match plans.elsewhere.take() {
                    Some(elsewhere) => self.go_elsewhere(trip, elsewhere.dropoff).await.map(Some),
                    None => Ok(None),
                }
            }
            () = tokio::time::sleep(LOOK_EVERY) => self.read(trip).await.map(Some),
        }
    }

    fn complain_of_pin(&self, trip: &Trip) {
        let name = &self.phoned.name;
        self.phoned
            .world
            .tally
            .trouble(format!("{name} was not told the PIN of {}", trip.id));
    }

    async fn read(&self, trip: &Trip) -> Result<Trip, Halt> {
        self.phoned
            .ask_plainly("reading the trip", self.phoned.client.trip(trip.id))
            .await
    }

    /// Calls the trip off, unless it turns out to cost more than the rider likes. `None` if the
    /// rider thinks better of it.
    async fn cancel(&self, trip: &Trip, pays: bool) -> Result<Option<Trip>, Halt> {
        let phoned = &self.phoned;
        let asking = phoned.client.cancellation_cost(trip.id);
        let operation = "asking what cancelling costs";
        let Answer::Done(cost) = phoned.ask(operation, &RACES, asking).await? else {
            return self.read(trip).await.map(Some);
        };
        if let (Some(fare), false) = (&cost.fare, pays) {
            phoned.world.tally.event(format!(
                "{} stays: to cancel would cost {}",
                phoned.name,
                fare.total()
            ));
            return Ok(None);
        }
        let reason = if trip.status == TripStatus::Requested {
            CancelReason::WaitTooLong
        } else {
            CancelReason::ChangedMind
        };
        let cancellation = Cancellation { reason, note: None };
        let cancelling = phoned.client.cancel_trip(trip.id, &cancellation);
        match phoned
            .ask("cancelling the trip", &RACES, cancelling)
            .await?
        {
            Answer::Done(trip) => {
                self.compare_cost(&cost, &trip);
                Ok(Some(trip))
            }
            Answer::TooLate(_) => self.read(trip).await.map(Some),
        }
    }

    /// What was to cost something costs just that, unless it became free meanwhile.
    fn compare_cost(&self, cost: &CancellationCost, trip: &Trip) {
        let Some(announced) = &cost.fare else {
            return;
        };
        if trip.payment.is_some() && trip.fare != *announced {
            let text = format!(
                "{}, cancelling {}: {} was announced, {} is charged",
                self.phoned.name,
                trip.id,
                announced.total(),
                trip.fare.total()
            );
            self.phoned.world.tally.proof_failed(text);
        }
    }

    /// Changes where the trip leads.
    async fn go_elsewhere(&self, trip: &Trip, dropoff: LatLng) -> Result<Trip, Halt> {
        let phoned = &self.phoned;
        let stops = ChangeStops {
            waypoints: trip.waypoints.clone(),
            dropoff: dropoff.into(),
        };
        let changing = phoned.client.change_stops(trip.id, &stops);
        let operation = "changing the destination";
        let Answer::Done(trip) = phoned.ask(operation, &NOT_ELSEWHERE, changing).await? else {
            return self.read(trip).await;
        };
        let world = &phoned.world;
        world.tally.event(format!(
            "{} wants to go to {} instead, about {}",
            phoned.name,
            world.place_name(dropoff),
            trip.fare.total()
        ));
        Ok(trip)
    }

    /// What the rider does once it is over.
    async fn after(&mut self, trip: &Trip) -> Result<(), Halt> {
        let (name, tally) = (&self.phoned.name, &self.phoned.world.tally);
        match trip.status {
            TripStatus::Cancelled => tally.event(format!("{name}'s trip is cancelled")),
            TripStatus::Expired => tally.event(format!("no driver was found for {name}")),
            _ => {}
        }
        let rates = self.chance.random::<f64>() < RATES;
        let stars = 5 - u8::from(self.chance.random::<f64>() > 0.8);
        // Calling a trip off may be free; then there is no payment, and no receipt.
        if trip.status == TripStatus::Completed || trip.payment.is_some() {
            let promise = self.promise.as_ref();
            let witness = Witness {
                promise: promise.filter(|promise| promise.quote == trip.quote_id),
                log: None,
            };
            self.phoned.check_receipt(trip, witness).await?;
        }
        if trip.status == TripStatus::Completed && rates {
            self.rate(trip, stars).await?;
        }
        Ok(())
    }

    async fn rate(&self, trip: &Trip, stars: u8) -> Result<(), Halt> {
        let rating = NewRating {
            stars,
            comment: None,
        };
        let races = [ErrorCode::AlreadyRated];
        let rating = self.phoned.client.rate_trip(trip.id, &rating);
        self.phoned.ask("rating the driver", &races, rating).await?;
        Ok(())
    }
}

pub(super) fn is_over(trip: &Trip) -> bool {
    matches!(
        trip.status,
        TripStatus::Completed | TripStatus::Cancelled | TripStatus::Expired
    )
}

/// A moment that may never come.
async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
