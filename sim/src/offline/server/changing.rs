//! The one way in which a trip changes, with everything that follows from it.

use chrono::{DateTime, Utc};
use wayfare_core::id::{DriverId, TripId};
use wayfare_core::sync::FareClaim;
use wayfare_core::trip::{Actor, CancelReason, Command, CommandContext, Event, TripState, decide};
use wayfare_core::wire::{ErrorCode, PaymentMethod, StreamEvent};

use super::Server;
use super::ledger::Bill;
use super::stored::StoredTrip;
use crate::offline::backend::{Deed, Refused};

/// What happens to a trip.
#[derive(Debug)]
pub(super) struct Change<'a> {
    /// The trip.
    pub(super) trip: TripId,
    /// What happens.
    pub(super) events: Vec<Event>,
    /// Who does it.
    pub(super) actor: Actor,
    /// What a device computed that it costs, if it ends the trip.
    pub(super) claim: Option<&'a FareClaim>,
    /// Who takes it may finish another trip first.
    pub(super) ahead: bool,
}

impl Server {
    /// Changes a trip. What is refused changes nothing.
    pub(super) fn change(
        &mut self,
        change: Change<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), ErrorCode> {
        let id = change.trip;
        let before = self.trips.get(&id).ok_or(ErrorCode::NotFound)?.clone();
        if change.events.is_empty() {
            return Ok(());
        }
        let mut stored = before.clone();
        for event in &change.events {
            stored.trip.apply(event);
            stored.events.push(event.clone());
            match event {
                Event::Assigned { assignment } | Event::Resumed { assignment, .. } => {
                    stored.had.insert(assignment.driver, *assignment);
                }
                Event::StopsChanged { .. } => self.replan(&mut stored),
                Event::Completed { .. } => self.settle(&mut stored, change.claim)?,
                _ => {}
            }
        }
        stored.forward = match stored.trip.state {
            TripState::Assigned { .. } if change.ahead => true,
            TripState::Assigned { .. } => stored.forward,
            _ => false,
        };
        self.trips.insert(id, stored.clone());
        for event in &change.events {
            self.follow_up(event, &stored);
        }
        self.tell_both(id, before.driver());
        self.give_kit(&change, &stored);
        self.free(&before, &stored, now);
        Ok(())
    }

    /// What happens elsewhere because of an event.
    fn follow_up(&mut self, event: &Event, stored: &StoredTrip) {
        let id = stored.id();
        match event {
            Event::Cancelled { .. } => {
                if let (Some(fare), Some(driver)) =
                    (self.cancellation_fare(stored), stored.driver())
                {
                    let bill = bill(stored, driver, &fare);
                    self.ledger.charge(bill, PaymentMethod::Account);
                    if let Some(kept) = self.trips.get_mut(&id) {
                        kept.fare = fare;
                    }
                }
                self.withdraw_offers(id);
            }
            Event::Expired { .. } => self.withdraw_offers(id),
            Event::StopsChanged { .. } => self.renew_offers(id),
            Event::Completed { .. } => {
                if let Some(driver) = stored.driver() {
                    let bill = bill(stored, driver, &stored.fare);
                    self.ledger.charge(bill, PaymentMethod::Cash);
                }
            }
            Event::Resumed { .. } => {
                self.ledger.reverse(id);
                self.withdraw_offers(id);
            }
            _ => {}
        }
    }

    /// Both sides hear of it: who had the trip, and who has it.
    pub(super) fn tell_both(&mut self, trip: TripId, before: Option<DriverId>) {
        let Some(stored) = self.trips.get(&trip) else {
            return;
        };
        let shown = stored.shown(self.ledger.payment(trip));
        let now = stored.driver();
        let drivers = [before, now.filter(|driver| before != Some(*driver))];
        for driver in drivers.into_iter().flatten() {
            let trip = Box::new(shown.clone());
            self.tell(driver.into(), StreamEvent::TripUpdated { trip });
        }
    }

    /// The driver gets what it takes to finish the trip when that is new.
    fn give_kit(&mut self, change: &Change<'_>, stored: &StoredTrip) {
        let new = change.events.iter().any(|event| {
            matches!(
                event,
                Event::Assigned { .. } | Event::StopsChanged { .. } | Event::Resumed { .. }
            )
        });
        if let Some(driver) = stored.driver().filter(|_| new) {
            self.push_kit(stored.id(), driver);
        }
    }

    fn push_kit(&mut self, trip: TripId, driver: DriverId) {
        let stored = self.trips.get(&trip);
        if let Some(kit) = stored.and_then(|stored| self.kit(stored, driver)) {
            let kit = Box::new(kit);
            self.tell(driver.into(), StreamEvent::TripKit { kit });
        }
    }

    /// Where a driver does not drive this trip any more, the one that was taken ahead comes first.
    fn free(&mut self, before: &StoredTrip, after: &StoredTrip, _now: DateTime<Utc>) {
        let Some(driver) = before
            .driver()
            .filter(|_| before.is_driven() && !before.forward)
        else {
            return;
        };
        if after.is_driven() && after.driver() == Some(driver) {
            return;
        }
        if let Some(next) = self.forward_of(driver)
            && let Some(stored) = self.trips.get_mut(&next)
        {
            stored.forward = false;
            self.tell_both(next, None);
            self.push_kit(next, driver);
        }
    }

    /// A driver takes a trip.
    pub(super) fn assign(
        &mut self,
        trip: TripId,
        driver: DriverId,
        now: DateTime<Utc>,
    ) -> Result<(), ErrorCode> {
        let ahead = self.driven_by(driver).is_some();
        if ahead && self.forward_of(driver).is_some() {
            return Err(ErrorCode::DriverBusy);
        }
        let vehicle = self.people.get(&driver.into());
        let vehicle = vehicle.ok_or(ErrorCode::DriverProfile)?.vehicle;
        let command = Command::Assign { driver, vehicle };
        self.command(trip, command, (Actor::System, now), ahead)
    }

    /// Makes room for a trip that its driver drives already: the rider's other trip is called off, and
    /// the driver's other one looks for somebody else.
    pub(super) fn make_room(
        &mut self,
        trip: TripId,
        driver: DriverId,
        now: DateTime<Utc>,
    ) -> Result<(), ErrorCode> {
        let rider = self
            .trips
            .get(&trip)
            .map(|stored| stored.trip.request.rider);
        let others = |stored: &&StoredTrip| stored.id() != trip && stored.is_live();
        let of_rider = self.trips.values().filter(others);
        let of_rider = of_rider
            .filter(|stored| Some(stored.trip.request.rider) == rider)
            .map(|stored| (stored.id(), stored.trip.state))
            .next();
        if let Some((_, TripState::InProgress { .. })) = of_rider {
            return Err(ErrorCode::RiderElsewhere);
        }
        if let Some((other, _)) = of_rider {
            let reason = CancelReason::Other;
            self.command(
                other,
                Command::Cancel { reason },
                (Actor::System, now),
                false,
            )?;
        }
        if let Some(other) = self.driven_by(driver).filter(|other| *other != trip) {
            let reason = CancelReason::Other;
            self.command(
                other,
                Command::Reassign { reason },
                (Actor::System, now),
                false,
            )?;
        }
        Ok(())
    }

    /// The trip that a driver is on.
    pub(super) fn driven_by(&self, driver: DriverId) -> Option<TripId> {
        self.trip_of(driver, false)
    }

    /// The trip that a driver took ahead.
    pub(super) fn forward_of(&self, driver: DriverId) -> Option<TripId> {
        self.trip_of(driver, true)
    }

    fn trip_of(&self, driver: DriverId, forward: bool) -> Option<TripId> {
        let mut trips = self.trips.values();
        let found = trips.find(|stored| {
            stored.is_driven() && stored.driver() == Some(driver) && stored.forward == forward
        });
        found.map(StoredTrip::id)
    }

    /// What riders and admins do with a trip.
    pub(super) fn intervene(&mut self, deed: &Deed, now: DateTime<Utc>) -> Result<(), Refused> {
        let admin = Actor::Admin(wayfare_core::id::UserId::from_uuid(uuid::Uuid::nil()));
        let (trip, command, by_rider) = match deed {
            Deed::Cancel { trip, reason } => (*trip, Command::Cancel { reason: *reason }, true),
            Deed::ChangeStops { trip, stops } => {
                let command = Command::ChangeStops {
                    waypoints: stops.waypoints.clone(),
                    dropoff: stops.dropoff,
                };
                (*trip, command, true)
            }
            Deed::Complete { trip } => (*trip, Command::Complete, false),
            Deed::Reassign { trip } => {
                let reason = CancelReason::DriverNotComing;
                (*trip, Command::Reassign { reason }, false)
            }
            _ => return Err(Refused(ErrorCode::InvalidRequest)),
        };
        let stored = self.trips.get(&trip).ok_or(Refused(ErrorCode::NotFound))?;
        let actor = if by_rider {
            Actor::Rider(stored.trip.request.rider)
        } else {
            admin
        };
        self.command(trip, command, (actor, now), false)
            .map_err(Refused)
    }

    /// Trips that nobody took in time are over.
    pub(super) fn expire_trips(&mut self, asked_before: DateTime<Utc>, now: DateTime<Utc>) {
        let waits = |stored: &&StoredTrip| {
            matches!(stored.trip.state, TripState::Requested)
                && stored.trip.request.requested_at < asked_before
        };
        let trips = self.trips.values().filter(waits).map(StoredTrip::id);
        for trip in trips.collect::<Vec<_>>() {
            // Only what the rules allow expires.
            let _refused = self.command(trip, Command::Expire, (Actor::System, now), false);
        }
    }

    fn command(
        &mut self,
        trip: TripId,
        command: Command,
        (actor, at): (Actor, DateTime<Utc>),
        ahead: bool,
    ) -> Result<(), ErrorCode> {
        let stored = self.trips.get(&trip).ok_or(ErrorCode::NotFound)?;
        let context = CommandContext {
            actor,
            at: at.max(stored.trip.last_event_at),
        };
        let events = decide(&stored.trip, command, context, self.rules)
            .map_err(|_| ErrorCode::WrongTripState)?;
        let change = Change {
            trip,
            events,
            actor,
            claim: None,
            ahead,
        };
        self.change(change, at)
    }
}

fn bill<'a>(
    stored: &StoredTrip,
    driver: DriverId,
    fare: &'a wayfare_core::pricing::Fare,
) -> Bill<'a> {
    Bill {
        trip: stored.id(),
        rider: stored.trip.request.rider,
        driver,
        fare,
    }
}
