//! A driver without a rider: waits, cruises to where riders are likely, and answers offers.

use rand::RngExt;
use wayfare_core::id::OfferId;
use wayfare_core::wire::{DeclineReason, ErrorCode, Offer, Trip, TripSide};

use super::{News, Shift};
use crate::actor::{Answer, Halt};
use crate::fleet::CarState;
use crate::world::Phase;

/// How long a driver waits at a place before looking for a better one, in simulated seconds.
const WAIT_S: std::ops::Range<f64> = 60.0..420.0;
/// How long a driver thinks about an offer, in simulated seconds.
const THINK_S: std::ops::Range<f64> = 1.0..6.0;
const DECLINES: f64 = 0.06;
const STAYS_SILENT: f64 = 0.02;
const REASONS: [DeclineReason; 4] = [
    DeclineReason::TooFar,
    DeclineReason::TooLittle,
    DeclineReason::WrongDirection,
    DeclineReason::Break,
];
/// Refusals that mean: somebody was faster.
const RACES: [ErrorCode; 3] = [
    ErrorCode::OfferClosed,
    ErrorCode::WrongTripState,
    ErrorCode::NotFound,
];

impl Shift<'_> {
    /// Waits and cruises until an offer comes.
    pub(super) async fn next_offer(&mut self) -> Result<Box<Offer>, Halt> {
        let (world, car) = (self.world(), self.driver.number);
        world.fleet.set_state(car, CarState::Free);
        loop {
            let rest_s = world.fleet.left_s(car) + self.driver.chance.random_range(WAIT_S);
            let resting = world.clock.sleep(rest_s);
            tokio::pin!(resting);
            loop {
                tokio::select! {
                    biased;
                    () = world.reached(Phase::Stopping) => return Err(Halt::Stopping),
                    news = self.news() => match news? {
                        News::Offer(offer) => return Ok(offer),
                        News::Connected => {
                            if let Some(offer) = self.open_offer().await? {
                                return Ok(offer);
                            }
                        }
                        News::OfferClosed(_) | News::Trip(_) => {}
                    },
                    () = &mut resting => break,
                }
            }
            self.driver.cruise().await;
        }
    }

    /// An offer that came while the feed was down.
    async fn open_offer(&self) -> Result<Option<Box<Offer>>, Halt> {
        let phoned = self.phoned();
        let offers = phoned
            .ask_plainly("listing offers", phoned.client.offers())
            .await?;
        let offer = offers.into_iter().next();
        if let Some(offer) = &offer {
            phoned
                .world
                .tally
                .offered(offer.trip_id, offer.requested_at);
        }
        Ok(offer.map(Box::new))
    }

    /// Thinks about an offer. Gives the trip if the driver takes it and gets it.
    pub(super) async fn consider(&mut self, offer: Offer) -> Result<Option<Trip>, Halt> {
        let chance = &mut self.driver.chance;
        let (mood, think_s) = (chance.random::<f64>(), chance.random_range(THINK_S));
        if mood < STAYS_SILENT {
            return Ok(None);
        }
        if !self.still_open(offer.id, think_s).await? {
            return Ok(None);
        }
        if mood < STAYS_SILENT + DECLINES {
            self.decline(&offer).await?;
            return Ok(None);
        }
        self.accept(&offer).await
    }

    /// Waits for as long as the driver thinks; whether the offer is still there afterwards.
    async fn still_open(&mut self, offer: OfferId, think_s: f64) -> Result<bool, Halt> {
        let world = self.world();
        let thinking = world.clock.sleep(think_s);
        tokio::pin!(thinking);
        loop {
            tokio::select! {
                biased;
                () = world.reached(Phase::Stopping) => return Err(Halt::Stopping),
                () = &mut thinking => return Ok(true),
                news = self.news() => {
                    if matches!(news?, News::OfferClosed(closed) if closed == offer) {
                        return Ok(false);
                    }
                }
            }
        }
    }

    async fn decline(&mut self, offer: &Offer) -> Result<(), Halt> {
        let reason = self.driver.chance.random_range(0..REASONS.len());
        let reason = REASONS.get(reason).copied().unwrap_or(DeclineReason::Other);
        let phoned = self.phoned();
        phoned
            .ask(
                "declining an offer",
                &RACES,
                phoned.client.decline_offer(offer.id, reason),
            )
            .await?;
        phoned
            .world
            .tally
            .event(format!("{} declines: {}", phoned.name, in_words(reason)));
        Ok(())
    }

    pub(super) async fn accept(&self, offer: &Offer) -> Result<Option<Trip>, Halt> {
        let phoned = self.phoned();
        let accepting = phoned.client.accept_offer(offer.id);
        let Answer::Done(trip) = phoned.ask("accepting an offer", &RACES, accepting).await? else {
            return Ok(None);
        };
        phoned.world.tally.saw(&trip, TripSide::Driver);
        phoned.world.tally.event(format!(
            "{} takes a trip, {:.1} km away",
            phoned.name,
            offer.pickup_distance_m as f64 / 1000.0
        ));
        Ok(Some(trip))
    }
}

fn in_words(reason: DeclineReason) -> &'static str {
    match reason {
        DeclineReason::TooFar => "too far away",
        DeclineReason::TooLittle => "pays too little",
        DeclineReason::WrongDirection => "the wrong direction",
        DeclineReason::Break => "takes a break",
        DeclineReason::Other => "has other reasons",
    }
}
