//! What the server says: messages, snapshots, and answers to commands.

use std::collections::BTreeSet;

use super::{AppliedStep, Confirmed, Replica, ReplicaTrip};
use crate::id::{DriverId, TripId};
use crate::sync::command::{DeviceAction, DeviceCommand};
use crate::sync::kit::TripKit;
use crate::trip::TripStatus;
use crate::wire::{
    self, AvailabilityStatus, CommandOutcome, CommandResult, ErrorCode, Offer, OfferOutcome,
    PaymentStatus, Snapshot, StreamEvent,
};

impl Replica {
    /// Takes a message of the server. Answers the trip that has to be rebased, if there is one. Kinds
    /// that say nothing about trips or offers change nothing.
    pub fn take(&mut self, event: &StreamEvent) -> Option<TripId> {
        match event {
            StreamEvent::TripKit { kit } => self.take_kit(kit),
            StreamEvent::TripUpdated { trip } => self.take_shown(trip),
            StreamEvent::OfferCreated { offer } => {
                self.take_offer(offer);
                None
            }
            StreamEvent::OfferClosed { offer_id, outcome } => {
                self.offers.remove(offer_id);
                if *outcome != OfferOutcome::Accepted {
                    self.accepting.remove(offer_id);
                }
                None
            }
            StreamEvent::Ready { .. }
            | StreamEvent::DriverMoved { .. }
            | StreamEvent::DriverSilent { .. }
            | StreamEvent::LocationsKept { .. }
            | StreamEvent::LocationsRefused { .. }
            | StreamEvent::Unknown => None,
        }
    }

    /// Takes the person's whole state. Answers the trips that have to be rebased, with
    /// [`Replica::rebase_shift`] after them. It must not be older than messages that were taken
    /// before: compare the cursors.
    pub fn take_snapshot(&mut self, snapshot: &Snapshot) -> BTreeSet<TripId> {
        if let Some(driver) = &snapshot.driver {
            self.driver = Some(driver.id);
            self.online_at_server = driver.availability == AvailabilityStatus::Online;
        }
        self.without_kit.clear();
        self.accepting.clear();
        self.offers.clear();
        for offer in &snapshot.offers {
            self.take_offer(offer);
        }
        let mut touched: BTreeSet<TripId> = self.trips.keys().copied().collect();
        for kit in &snapshot.kits {
            touched.extend(self.take_kit(kit));
        }
        let with_kit: BTreeSet<TripId> = snapshot.kits.iter().map(kit_id).collect();
        for trip in &snapshot.trips {
            touched.extend(self.take_shown(trip));
        }
        let listed: BTreeSet<TripId> = snapshot.trips.iter().map(|trip| trip.id).collect();
        for (id, held) in &mut self.trips {
            // What is not over has a kit, and what is over and new is in the list.
            let is_over = held.kit.shown.status.is_final();
            let is_known = with_kit.contains(id) || (is_over && listed.contains(id));
            held.lost |= !is_known;
            held.asked_version = held.newest_version();
        }
        touched
    }

    /// Takes the server's final answer to a command. Answers the trip that has to be rebased, with the
    /// commands that wait without this one; after an answer to a command that names no trip,
    /// [`Replica::rebase_shift`] is due.
    pub fn answered(&mut self, command: &DeviceCommand, result: &CommandResult) -> Option<TripId> {
        let is_applied = result.outcome == CommandOutcome::Applied;
        match &command.action {
            DeviceAction::GoOnline { .. } if is_applied => self.online_at_server = true,
            DeviceAction::GoOffline if is_applied => self.online_at_server = false,
            DeviceAction::AcceptOffer { offer } if !is_applied => {
                self.accepting.remove(offer);
            }
            _ => {}
        }
        let trip = command.action.trip()?;
        let held = self.trips.get_mut(&trip)?;
        if is_applied {
            held.applied(command, result);
        } else {
            held.rejected(command, result);
        }
        Some(trip)
    }

    fn take_offer(&mut self, offer: &Offer) {
        let place = if self.accepting.contains_key(&offer.id) {
            &mut self.accepting
        } else {
            &mut self.offers
        };
        place.insert(offer.id, offer.clone());
    }

    fn take_kit(&mut self, kit: &TripKit) -> Option<TripId> {
        let id = kit_id(kit);
        let driver = kit.trip.state.assignment().map(|had| had.driver);
        if self.driver.is_some() && driver.is_some() && driver != self.driver {
            return None;
        }
        self.driver = self.driver.or(driver);
        self.without_kit.remove(&id);
        self.accepting.retain(|_, offer| offer.trip_id != id);
        self.offers.retain(|_, offer| offer.trip_id != id);
        match self.trips.get_mut(&id) {
            Some(held) => held.take_kit(kit),
            None => {
                self.trips.insert(id, ReplicaTrip::new(kit));
            }
        }
        Some(id)
    }

    fn take_shown(&mut self, shown: &wire::Trip) -> Option<TripId> {
        let driver = shown.driver.as_ref().map(|driver| driver.id);
        let is_own = driver.is_some() && driver == self.driver;
        if let Some(held) = self.trips.get_mut(&shown.id) {
            held.take_shown(shown);
            return Some(shown.id);
        }
        if is_own && !shown.status.is_final() {
            self.without_kit.insert(shown.id);
        } else {
            self.without_kit.remove(&shown.id);
        }
        None
    }
}

impl ReplicaTrip {
    fn new(kit: &TripKit) -> Self {
        let kit = without_pin(kit);
        let mut held = Self {
            current: kit.trip.clone(),
            assignment: kit.trip.state.assignment(),
            kit,
            applied: Vec::new(),
            confirmed: Confirmed::default(),
            lost: false,
            behind: false,
            asked_version: 0,
            pin: None,
            wrong_pins: 0,
            locked_until: None,
            fare: None,
            cash_taken: false,
            rated: false,
        };
        held.note_shown();
        held
    }

    fn take_kit(&mut self, kit: &TripKit) {
        if kit.trip.version < self.kit.trip.version {
            return;
        }
        let shown = (self.kit.shown.version > kit.shown.version).then(|| self.kit.shown.clone());
        self.kit = without_pin(kit);
        match shown {
            Some(shown) => self.kit.shown = shown,
            // Nothing newer is known, so the trip is this driver's again.
            None => self.lost = false,
        }
        self.assignment = self.kit.trip.state.assignment().or(self.assignment);
        let version = self.kit.trip.version;
        self.applied.retain(|step| step.version > version);
        self.note_shown();
    }

    fn take_shown(&mut self, shown: &wire::Trip) {
        if shown.version < self.kit.shown.version {
            return;
        }
        let is_newer = shown.version > self.kit.shown.version;
        self.kit.shown = shown.clone();
        let driver = shown.driver.as_ref().map(|driver| driver.id);
        if self.is_taken_from(driver, shown.status) {
            self.lost = true;
        } else if is_newer && driver.is_some() {
            self.lost = false;
        }
        self.note_shown();
    }

    /// Whether a trip that is shown with this driver, or with none, is not this driver's.
    fn is_taken_from(&self, driver: Option<DriverId>, status: TripStatus) -> bool {
        match driver {
            Some(_) => driver != self.driver(),
            // It looks for a driver, or was called off while it did.
            None => self.driver().is_some() && status != TripStatus::Completed,
        }
    }

    /// Keeps for good what a message says about money and rating.
    fn note_shown(&mut self) {
        let shown = &self.kit.shown;
        if shown.status == TripStatus::Completed {
            self.confirmed.fare = Some(shown.fare.clone());
            let payment = shown.payment.as_ref();
            self.confirmed.paid |=
                payment.is_some_and(|payment| payment.status == PaymentStatus::Paid);
        }
        self.confirmed.rated |= shown.my_rating.is_some();
    }

    fn applied(&mut self, command: &DeviceCommand, result: &CommandResult) {
        match &command.action {
            DeviceAction::TakeCash { .. } => self.confirmed.paid = true,
            DeviceAction::Rate { .. } => self.confirmed.rated = true,
            action => {
                if let Some(fare) = &result.fare {
                    self.confirmed.fare = Some(fare.clone());
                }
                if let Some(version) = result.trip_version {
                    self.note_applied(AppliedStep {
                        action: action.clone(),
                        at: result.counted_at.unwrap_or(command.occurred_at),
                        version,
                    });
                }
            }
        }
    }

    fn note_applied(&mut self, step: AppliedStep) {
        let is_in_kit = step.version <= self.kit.trip.version;
        // The same answer may come twice; a later step that changed nothing is at an older version.
        let newest = self.applied.last().map(|last| last.version);
        if is_in_kit || newest.is_some_and(|newest| step.version <= newest) {
            return;
        }
        // The ride goes on with this driver, whatever was said before.
        let is_start = matches!(step.action, DeviceAction::Start { .. });
        if is_start && step.version > self.kit.shown.version {
            self.lost = false;
        }
        self.applied.push(step);
    }

    fn rejected(&mut self, command: &DeviceCommand, result: &CommandResult) {
        if let Some(shown) = result.trip.as_ref().filter(|shown| shown.id == self.id()) {
            self.take_shown(shown);
        }
        // A message may have been faster: then the trip may be this driver's again.
        let is_news = result
            .trip_version
            .is_some_and(|version| version >= self.newest_version());
        match result.code {
            Some(ErrorCode::TripReassigned | ErrorCode::RiderElsewhere) => self.lost |= is_news,
            Some(ErrorCode::WrongPin) if matches!(command.action, DeviceAction::Start { .. }) => {
                self.pin = None;
            }
            _ => {}
        }
    }

    const fn id(&self) -> TripId {
        self.kit.trip.request.trip
    }
}

const fn kit_id(kit: &TripKit) -> TripId {
    kit.trip.request.trip
}

/// A driver's device must not know the PIN, whatever it is given.
fn without_pin(kit: &TripKit) -> TripKit {
    let mut kit = kit.clone();
    kit.trip.request.pin = None;
    kit.shown.pin = None;
    kit
}
