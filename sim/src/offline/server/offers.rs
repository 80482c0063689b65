//! Offers: proposed, answered, timed out, taken back.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use wayfare_core::id::{DriverId, OfferId, TripId};
use wayfare_core::wire::{ErrorCode, Offer, OfferOutcome, StreamEvent};

use super::Server;
use crate::offline::backend::Refused;

/// An offer with how it ended, if it did.
#[derive(Debug, Clone)]
pub(super) struct StoredOffer {
    /// To whom.
    pub(super) driver: DriverId,
    /// What was proposed.
    pub(super) offer: Offer,
    /// How it ended.
    pub(super) outcome: Option<OfferOutcome>,
}

/// All offers by their ids.
pub(super) type Offers = BTreeMap<OfferId, StoredOffer>;

impl Server {
    /// Proposes a trip to a driver who is online and can take it, now or after the present one.
    pub(super) fn propose(
        &mut self,
        (trip, driver): (TripId, DriverId),
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), Refused> {
        let online = self.people.get(&driver.into());
        if !online.is_some_and(|person| person.online) {
            return Err(Refused(ErrorCode::DriverOffline));
        }
        let forward = self.driven_by(driver).is_some();
        if self.forward_of(driver).is_some() || self.open_offer(driver).is_some() {
            return Err(Refused(ErrorCode::DriverBusy));
        }
        let id = OfferId::from_uuid(self.new_id());
        let stored = self.trips.get(&trip).ok_or(Refused(ErrorCode::NotFound))?;
        let request = &stored.trip.request;
        if !matches!(stored.trip.state, wayfare_core::trip::TripState::Requested) {
            return Err(Refused(ErrorCode::WrongTripState));
        }
        let offer = Offer {
            id,
            trip_id: trip,
            vehicle_class: request.vehicle_class,
            needs: None,
            pickup: request.pickup.into(),
            waypoints: Vec::new(),
            dropoff: stored.trip.stops.dropoff.into(),
            pickup_at: None,
            pickup_distance_m: 0,
            pickup_duration_s: None,
            forward,
            wave: 1,
            distance_m: stored.plan.distance_m,
            duration_s: stored.plan.duration_s,
            driver_share_minor: stored.fare.driver_share_minor,
            currency: stored.fare.currency,
            requested_at: request.requested_at,
            expires_at: until,
        };
        debug_assert!(until > now);
        self.tell(
            driver.into(),
            StreamEvent::OfferCreated {
                offer: Box::new(offer.clone()),
            },
        );
        let stored = StoredOffer {
            driver,
            offer,
            outcome: None,
        };
        self.offers.insert(id, stored);
        Ok(())
    }

    /// The driver takes an offer.
    pub(super) fn accept(
        &mut self,
        driver: DriverId,
        id: OfferId,
        now: DateTime<Utc>,
    ) -> Result<TripId, ErrorCode> {
        let offer = self.offers.get(&id).filter(|offer| offer.driver == driver);
        let offer = offer.ok_or(ErrorCode::NotFound)?;
        if offer.outcome.is_some() || offer.offer.expires_at <= now {
            return Err(ErrorCode::OfferClosed);
        }
        let trip = offer.offer.trip_id;
        self.assign(trip, driver, now)?;
        self.close_offer(id, OfferOutcome::Accepted);
        Ok(trip)
    }

    /// The driver does not want an offer. One that is over is declined already.
    pub(super) fn decline(&mut self, driver: DriverId, id: OfferId) -> Result<(), ErrorCode> {
        let offer = self.offers.get(&id).filter(|offer| offer.driver == driver);
        let open = offer.ok_or(ErrorCode::NotFound)?.outcome.is_none();
        if open {
            self.close_offer(id, OfferOutcome::Declined);
        }
        Ok(())
    }

    /// Takes back what is proposed of a trip.
    pub(super) fn withdraw_offers(&mut self, trip: TripId) {
        let of_trip = |offer: &StoredOffer| offer.offer.trip_id == trip;
        for id in self.open_offers(of_trip) {
            self.close_offer(id, OfferOutcome::Withdrawn);
        }
    }

    /// Takes back what is proposed to a driver.
    pub(super) fn withdraw_offers_to(&mut self, driver: DriverId) {
        for id in self.open_offers(|offer| offer.driver == driver) {
            self.close_offer(id, OfferOutcome::Withdrawn);
        }
    }

    /// Proposes what is open of a trip anew, because it leads elsewhere.
    pub(super) fn renew_offers(&mut self, trip: TripId) {
        let Some(stored) = self.trips.get(&trip) else {
            return;
        };
        let (plan, share) = (stored.plan, stored.fare.driver_share_minor);
        let dropoff = stored.trip.stops.dropoff.into();
        for id in self.open_offers(|offer| offer.offer.trip_id == trip) {
            let Some(stored) = self.offers.get_mut(&id) else {
                continue;
            };
            stored.offer.dropoff = dropoff;
            stored.offer.distance_m = plan.distance_m;
            stored.offer.duration_s = plan.duration_s;
            stored.offer.driver_share_minor = share;
            let (driver, offer) = (stored.driver, Box::new(stored.offer.clone()));
            self.tell(driver.into(), StreamEvent::OfferCreated { offer });
        }
    }

    /// Offers that nobody answered in time are over.
    pub(super) fn expire_offers(&mut self, now: DateTime<Utc>) {
        for id in self.open_offers(|offer| offer.offer.expires_at <= now) {
            self.close_offer(id, OfferOutcome::TimedOut);
        }
    }

    /// The open offers of a driver.
    pub(super) fn offers_to(&self, driver: DriverId) -> Vec<Offer> {
        let open = self.offers.values();
        open.filter(|offer| offer.driver == driver && offer.outcome.is_none())
            .map(|offer| offer.offer.clone())
            .collect()
    }

    /// Whether a trip is proposed to somebody.
    pub(super) fn is_proposed(&self, trip: TripId) -> bool {
        let mut offers = self.offers.values();
        offers.any(|offer| offer.offer.trip_id == trip && offer.outcome.is_none())
    }

    fn open_offer(&self, driver: DriverId) -> Option<OfferId> {
        let mine = |offer: &StoredOffer| offer.driver == driver;
        self.open_offers(mine).first().copied()
    }

    fn open_offers(&self, wanted: impl Fn(&StoredOffer) -> bool) -> Vec<OfferId> {
        let open = self.offers.iter();
        open.filter(|(_, offer)| offer.outcome.is_none() && wanted(offer))
            .map(|(id, _)| *id)
            .collect()
    }

    fn close_offer(&mut self, id: OfferId, outcome: OfferOutcome) {
        let Some(offer) = self.offers.get_mut(&id) else {
            return;
        };
        offer.outcome = Some(outcome);
        let driver = offer.driver;
        let closed = StreamEvent::OfferClosed {
            offer_id: id,
            outcome,
        };
        self.tell(driver.into(), closed);
    }
}
