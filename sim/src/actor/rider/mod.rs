//! A rider: asks for a price and a trip, waits, meets the driver, rides, rates.
//!
//! Nobody here asks for a trip for later. Such a trip is a quarter of an hour ahead at least, by the
//! server's real clock, which is longer than most runs last.

mod asking;
mod riding;
mod search;

use std::convert::Infallible;
use std::sync::Arc;

use tokio::sync::mpsc;
use wayfare_core::client::ClientError;
use wayfare_core::quote::QuotePromise;
use wayfare_core::trip::{CancelReason, TripStatus};
use wayfare_core::wire::{Cancellation, Trip, TripSide, UpdateMe};

use super::feed::Feed;
use super::{Halt, Phoned};
use crate::chance::{Chance, Stream, chance};
use crate::demand::Errand;
use crate::people;
use crate::riders::Riders;
use crate::world::{Phase, World};
use riding::is_over;

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
    /// The last price that was promised to the rider.
    promise: Option<QuotePromise>,
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
            promise: None,
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
            self.accompany(trip, None, &mut feed).await?;
        }
        loop {
            let Errand { wish, ticket } = self.next_errand(riders, &mut feed).await?;
            let intent = self.intend(&wish);
            let trip = self.request(&wish, &intent).await?;
            drop(ticket);
            if let Some(trip) = trip {
                self.accompany(trip, intent.elsewhere, &mut feed).await?;
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
}

fn is_waiting(trip: &Trip) -> bool {
    matches!(
        trip.status,
        TripStatus::Requested | TripStatus::Assigned | TripStatus::Arrived
    )
}
