//! A rider: asks for a price and a trip, waits, meets the driver, rides, rates.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use rand::RngExt;
use tokio::sync::mpsc;
use tokio::time::Instant;
use wayfare_core::client::{ClientError, StreamUpdate};
use wayfare_core::trip::{CancelReason, TripStatus};
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::{
    Cancellation, ErrorCode, NewRating, NewTrip, Quote, QuoteRequest, StreamEvent, Trip, TripSide,
    UpdateMe,
};

use super::feed::Feed;
use super::{Answer, Halt, Phoned};
use crate::chance::{Chance, Stream, chance};
use crate::demand::{Errand, Wish};
use crate::people;
use crate::riders::Riders;
use crate::world::{Phase, World};

/// How long a rider reads the quote, in simulated seconds.
const READS_QUOTE_S: std::ops::Range<f64> = 2.0..15.0;
/// From the message that the car is there to the car, in simulated seconds.
const WALK_S: std::ops::Range<f64> = 5.0..75.0;
const WANTS_XL: f64 = 0.06;
const CANCELS: f64 = 0.04;
/// When a rider who cancels does so, in simulated seconds after the request.
const CANCELS_AFTER_S: std::ops::Range<f64> = 5.0..240.0;
/// A rider for whom no driver is found gives up after this, simulated and real: the dispatcher
/// needs some real time to ask several drivers.
const GIVES_UP_S: f64 = 600.0;
const GIVES_UP_MIN: Duration = Duration::from_secs(90);
const RATES: f64 = 0.6;
/// A rider who missed the news looks after this.
const LOOK_EVERY: Duration = Duration::from_secs(20);
/// Refusals that mean: the trip is elsewhere by now.
const RACES: [ErrorCode; 1] = [ErrorCode::WrongTripState];

/// A person who rides now and then.
#[derive(Debug)]
pub struct Rider {
    phoned: Phoned,
    number: usize,
    chance: Chance,
    errands: mpsc::Receiver<Errand>,
    /// Whether the others know that this rider is free.
    is_free: bool,
    /// The trip that the rider is on.
    trip: Option<Trip>,
}

/// Moments of a trip that only the rider knows.
struct Plans {
    cancel_at: Option<Instant>,
    give_up_at: Option<Instant>,
    at_car_at: Option<Instant>,
    told_pin: bool,
}

impl Rider {
    /// The rider with this number. A first errand is on its way through `errands`.
    pub fn new(
        world: Arc<World>,
        number: usize,
        errands: mpsc::Receiver<Errand>,
    ) -> Result<Self, ClientError> {
        let chance = chance(world.seed, Stream::Rider(number));
        let client = world.client()?;
        let phoned = Phoned {
            world,
            client,
            name: people::rider_name(number),
        };
        Ok(Self {
            phoned,
            number,
            chance,
            errands,
            is_free: true,
            trip: None,
        })
    }

    /// Lives until the day is over.
    pub async fn run(mut self, riders: Arc<Riders>) {
        loop {
            let Err(halt) = self.live(&riders).await;
            if halt == Halt::Stopping || self.phoned.recover().await.is_err() {
                break;
            }
        }
        self.call_off().await;
    }

    /// Nobody waits for a car when the day is over. A ride goes on without the rider.
    async fn call_off(&mut self) {
        let Some(trip) = self.trip.take().filter(is_waiting) else {
            return;
        };
        let cancellation = Cancellation {
            reason: CancelReason::Other,
            note: Some("The simulated day is over.".to_owned()),
        };
        let cancelling = self.phoned.client.cancel_trip(trip.id, &cancellation);
        // Too late, if the ride began just now; then it is a ride that goes on.
        if let Ok(trip) = cancelling.await {
            self.phoned.world.tally.saw(&trip, TripSide::Rider);
        }
    }

    async fn live(&mut self, riders: &Riders) -> Result<Infallible, Halt> {
        self.begin().await?;
        let mut feed = Feed::open(&self.phoned.client);
        if let Some(trip) = self.unfinished().await? {
            self.accompany(trip, &mut feed).await?;
        }
        loop {
            let Errand { wish, ticket } = self.next_errand(riders, &mut feed).await?;
            let trip = self.request(wish).await?;
            drop(ticket);
            if let Some(trip) = trip {
                self.accompany(trip, &mut feed).await?;
            }
        }
    }

    async fn begin(&mut self) -> Result<(), Halt> {
        if self.phoned.client.session().is_some() {
            return Ok(());
        }
        let phone = people::rider_phone(self.number).map_err(|_| Halt::Confused)?;
        let session = self.phoned.sign_in(&phone).await?;
        if session.user.name.is_none() {
            let named = UpdateMe {
                name: self.phoned.name.clone(),
            };
            let naming = self.phoned.client.update_me(&named);
            self.phoned.ask_plainly("telling the name", naming).await?;
        }
        Ok(())
    }

    /// A trip of before that is not over.
    async fn unfinished(&self) -> Result<Option<Trip>, Halt> {
        let listing = self.phoned.client.trips(TripSide::Rider, None);
        let page = self.phoned.ask_plainly("listing trips", listing).await?;
        Ok(page.trips.into_iter().find(|trip| !is_over(trip)))
    }

    async fn next_errand(&mut self, riders: &Riders, feed: &mut Feed) -> Result<Errand, Halt> {
        if !self.is_free {
            riders.is_free(self.number);
            self.is_free = true;
        }
        loop {
            tokio::select! {
                biased;
                () = self.phoned.world.reached(Phase::Stopping) => return Err(Halt::Stopping),
                errand = self.errands.recv() => {
                    self.is_free = false;
                    return errand.ok_or(Halt::Stopping);
                }
                // Keeps the feed flowing; nothing in it matters without a trip.
                update = feed.next() => {
                    update.map_err(|error| self.phoned.complain("listening", &error))?;
                }
            }
        }
    }

    /// Asks for a price and then for the trip.
    async fn request(&mut self, wish: Wish) -> Result<Option<Trip>, Halt> {
        let tally = self.phoned.world.tally.clone();
        let wanted = QuoteRequest {
            pickup: wish.pickup.into(),
            dropoff: wish.dropoff.into(),
        };
        let races = [ErrorCode::OutsideServiceArea];
        let quoting = self.phoned.client.create_quotes(&wanted);
        let Answer::Done(list) = self
            .phoned
            .ask("asking for a price", &races, quoting)
            .await?
        else {
            tally.turned_away("too near or too far for a trip");
            return Ok(None);
        };
        let Some(quote) = self.choose(&list.quotes) else {
            tally.turned_away("no quote for the class");
            return Ok(None);
        };
        let reading_s = self.chance.random_range(READS_QUOTE_S);
        self.phoned.wait(reading_s).await?;
        let races = [ErrorCode::QuoteExpired, ErrorCode::ActiveTripExists];
        let wanted = NewTrip { quote_id: quote.id };
        let requesting = self.phoned.client.request_trip(&wanted);
        match self
            .phoned
            .ask("asking for a trip", &races, requesting)
            .await?
        {
            Answer::Done(trip) => {
                tally.requested(&trip);
                self.tell_request(&wish, &trip);
                Ok(Some(trip))
            }
            Answer::TooLate(ErrorCode::ActiveTripExists) => self.unfinished().await,
            Answer::TooLate(_) => {
                tally.turned_away("the quote expired");
                Ok(None)
            }
        }
    }

    fn tell_request(&self, wish: &Wish, trip: &Trip) {
        let world = &self.phoned.world;
        world.tally.event(format!(
            "{} asks for a trip from {} to {}, {}",
            self.phoned.name,
            world.place_name(wish.pickup),
            world.place_name(wish.dropoff),
            trip.fare.total()
        ));
    }

    fn choose(&mut self, quotes: &[Quote]) -> Option<Quote> {
        let wants_xl = self.chance.random::<f64>() < WANTS_XL;
        let class = if wants_xl {
            VehicleClass::Xl
        } else {
            VehicleClass::Standard
        };
        quotes
            .iter()
            .find(|quote| quote.vehicle_class == class)
            .or(quotes.first())
            .cloned()
    }

    /// Waits and rides until the trip is over.
    async fn accompany(&mut self, mut trip: Trip, feed: &mut Feed) -> Result<(), Halt> {
        self.trip = Some(trip.clone());
        let mut plans = self.plans();
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

    fn plans(&mut self) -> Plans {
        let cancels = self.chance.random::<f64>() < CANCELS;
        let after_s = self.chance.random_range(CANCELS_AFTER_S);
        let patience = self.patience();
        let cancel_at = cancels.then(|| Instant::now() + self.phoned.world.clock.real(after_s));
        Plans {
            cancel_at,
            give_up_at: Some(Instant::now() + patience),
            at_car_at: None,
            told_pin: false,
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
            TripStatus::InProgress => plans.cancel_at = None,
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
                match trip.pin {
                    Some(pin) => self.phoned.world.spoken.tell(trip.id, pin),
                    None => self.complain_of_pin(trip),
                }
                Ok(None)
            }
            () = at(plans.cancel_at) => {
                plans.cancel_at = None;
                self.cancel(trip).await.map(Some)
            }
            () = at(plans.give_up_at), if trip.status == TripStatus::Requested => {
                plans.give_up_at = None;
                self.cancel(trip).await.map(Some)
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

    async fn cancel(&self, trip: &Trip) -> Result<Trip, Halt> {
        let reason = if trip.status == TripStatus::Requested {
            CancelReason::WaitTooLong
        } else {
            CancelReason::ChangedMind
        };
        let cancellation = Cancellation { reason, note: None };
        let cancelling = self.phoned.client.cancel_trip(trip.id, &cancellation);
        match self
            .phoned
            .ask("cancelling the trip", &RACES, cancelling)
            .await?
        {
            Answer::Done(trip) => Ok(trip),
            Answer::TooLate(_) => self.read(trip).await,
        }
    }

    /// What the rider does once it is over.
    async fn after(&mut self, trip: &Trip) -> Result<(), Halt> {
        let (name, tally) = (&self.phoned.name, &self.phoned.world.tally);
        match trip.status {
            TripStatus::Cancelled => tally.event(format!("{name}'s trip is cancelled")),
            TripStatus::Expired => tally.event(format!("no driver was found for {name}")),
            _ => {}
        }
        if trip.status != TripStatus::Completed || self.chance.random::<f64>() > RATES {
            return Ok(());
        }
        let stars = if self.chance.random::<f64>() < 0.8 {
            5
        } else {
            4
        };
        let rating = NewRating {
            stars,
            comment: None,
        };
        let races = [ErrorCode::AlreadyRated];
        let rate = self.phoned.client.rate_trip(trip.id, &rating);
        self.phoned.ask("rating the driver", &races, rate).await?;
        Ok(())
    }
}

fn is_over(trip: &Trip) -> bool {
    matches!(
        trip.status,
        TripStatus::Completed | TripStatus::Cancelled | TripStatus::Expired
    )
}

fn is_waiting(trip: &Trip) -> bool {
    matches!(
        trip.status,
        TripStatus::Requested | TripStatus::Assigned | TripStatus::Arrived
    )
}

/// A moment that may never come.
async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
