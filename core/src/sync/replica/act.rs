//! What a person does on the device: decided here by the rules that the server has.

use chrono::{DateTime, Utc};

use super::{Act, LocalRefusal, Replica, ReplicaTrip};
use crate::id::{OfferId, TripId};
use crate::money::Money;
use crate::sync::command::DeviceAction;
use crate::trip::{Actor, Command, CommandContext, Event, Refusal, TripState, TripStatus, decide};
use crate::wire::{ErrorCode, PaymentMethod};

/// A driver drives one trip and may have taken one that comes after it.
const ENGAGEMENTS_MAX: usize = 2;
/// The most characters of a note or a comment.
const NOTE_CHARS_MAX: usize = 500;

impl Replica {
    /// Applies what the person wants, or says why not.
    ///
    /// Nothing changed if it is refused, but for one thing: after `Refusal::WrongPin` the trip has to
    /// be kept before the person is told, because it counts how often the PIN was wrong.
    pub fn act(&mut self, act: &Act<'_>) -> Result<(), LocalRefusal> {
        match act.action {
            DeviceAction::GoOnline { .. } => self.online = true,
            DeviceAction::GoOffline => self.online = false,
            DeviceAction::AcceptOffer { offer } => self.accept(*offer, act.at)?,
            DeviceAction::DeclineOffer { offer, .. } => {
                self.offers.remove(offer).ok_or(LocalRefusal::OfferOver)?;
            }
            DeviceAction::Arrive { trip } => {
                self.check_comes_first(*trip)?;
                self.held(*trip)?.act(act)?;
            }
            DeviceAction::Start { trip, .. }
            | DeviceAction::ReachStop { trip, .. }
            | DeviceAction::LeaveStop { trip }
            | DeviceAction::Complete { trip, .. }
            | DeviceAction::Cancel { trip, .. }
            | DeviceAction::TakeCash { trip, .. }
            | DeviceAction::Rate { trip, .. } => self.held(*trip)?.act(act)?,
        }
        Ok(())
    }

    fn held(&mut self, trip: TripId) -> Result<&mut ReplicaTrip, LocalRefusal> {
        self.trips.get_mut(&trip).ok_or(LocalRefusal::UnknownTrip)
    }

    fn accept(&mut self, id: OfferId, at: DateTime<Utc>) -> Result<(), LocalRefusal> {
        let offer = self.offers.get(&id).ok_or(LocalRefusal::OfferOver)?;
        if offer.expires_at < at {
            return Err(LocalRefusal::OfferOver);
        }
        let engaged = self.in_order().count().saturating_add(self.accepting.len());
        if engaged >= ENGAGEMENTS_MAX || (engaged > 0 && !offer.forward) {
            return Err(LocalRefusal::Rule(ErrorCode::DriverBusy));
        }
        if let Some(offer) = self.offers.remove(&id) {
            self.accepting.insert(id, offer);
        }
        Ok(())
    }

    /// A driver who has a rider in the car, or is on the way to one, is not at another one's pickup.
    fn check_comes_first(&self, trip: TripId) -> Result<(), LocalRefusal> {
        let is_live = self.trips.get(&trip).is_some_and(ReplicaTrip::is_live);
        if is_live && self.driven() != Some(trip) {
            return Err(LocalRefusal::Rule(ErrorCode::DriverBusy));
        }
        Ok(())
    }
}

impl ReplicaTrip {
    fn act(&mut self, act: &Act<'_>) -> Result<(), LocalRefusal> {
        match act.action {
            DeviceAction::Arrive { .. } => self.step(Command::Arrive, act.at),
            DeviceAction::Start { pin, .. } => {
                self.check_lock(act.at)?;
                // Whether it may start at all is asked first: that needs no PIN and counts none.
                self.current.request.pin = Some(*pin);
                let events = self.decide(Command::Start { pin: *pin }, act.at);
                self.current.request.pin = None;
                let events = events?;
                let key = act.pin_key.ok_or(LocalRefusal::NoPinKey)?;
                self.check_pin(*pin, key, act.at)?;
                self.apply(&events);
                Ok(())
            }
            DeviceAction::ReachStop { .. } => self.step(Command::ReachStop, act.at),
            DeviceAction::LeaveStop { .. } => self.step(Command::LeaveStop, act.at),
            DeviceAction::Complete { claim, .. } => {
                self.step(Command::Complete, act.at)?;
                self.fare = claim.as_ref().map(|claim| claim.fare.clone());
                Ok(())
            }
            DeviceAction::Cancel { reason, note, .. } => {
                check_note(note.as_deref())?;
                self.step(Command::Cancel { reason: *reason }, act.at)
            }
            DeviceAction::TakeCash { amount, .. } => self.take_cash(*amount),
            DeviceAction::Rate { stars, comment, .. } => self.rate(*stars, comment.as_deref()),
            _ => Err(LocalRefusal::UnknownTrip),
        }
    }

    fn step(&mut self, command: Command, at: DateTime<Utc>) -> Result<(), LocalRefusal> {
        let events = self.decide(command, at)?;
        self.apply(&events);
        Ok(())
    }

    fn decide(&self, command: Command, at: DateTime<Utc>) -> Result<Vec<Event>, LocalRefusal> {
        let driver = self.driver().ok_or(Refusal::NotYourTrip)?;
        let context = CommandContext {
            actor: Actor::Driver(driver),
            at,
        };
        Ok(decide(&self.current, command, context, self.kit.rules)?)
    }

    fn apply(&mut self, events: &[Event]) {
        for event in events {
            self.current.apply(event);
        }
    }

    /// What the driver gets in cash, once that is known.
    pub fn due(&self) -> Option<Money> {
        if let Some(payment) = self.kit.shown.payment.as_ref()
            && self.kit.shown.status == TripStatus::Completed
        {
            return Some(payment.amount);
        }
        let fare = self.fare.as_ref()?;
        let due_minor = fare.total_minor.checked_add(fare.tip_minor)?;
        Some(Money::new(due_minor, fare.currency))
    }

    fn take_cash(&mut self, amount: Money) -> Result<(), LocalRefusal> {
        self.check_completed()?;
        let method = self
            .kit
            .shown
            .payment
            .as_ref()
            .map(|payment| payment.method);
        if method.is_some_and(|method| method != PaymentMethod::Cash) {
            return Err(LocalRefusal::Rule(ErrorCode::WrongTripState));
        }
        if self.cash_taken {
            return Err(LocalRefusal::Rule(ErrorCode::AlreadyPaid));
        }
        let due = self.due().ok_or(LocalRefusal::FareUnknown)?;
        if due.amount_minor == 0 {
            return Err(LocalRefusal::Rule(ErrorCode::AlreadyPaid));
        }
        if amount != due {
            return Err(LocalRefusal::Rule(ErrorCode::WrongAmount));
        }
        self.cash_taken = true;
        Ok(())
    }

    fn rate(&mut self, stars: u8, comment: Option<&str>) -> Result<(), LocalRefusal> {
        self.check_completed()?;
        check_note(comment)?;
        if !(1..=5).contains(&stars) {
            return Err(LocalRefusal::Rule(ErrorCode::InvalidRequest));
        }
        if self.rated {
            return Err(LocalRefusal::Rule(ErrorCode::AlreadyRated));
        }
        self.rated = true;
        Ok(())
    }

    fn check_completed(&self) -> Result<(), LocalRefusal> {
        let is_completed = matches!(self.current.state, TripState::Completed { .. });
        if is_completed && self.is_own() {
            Ok(())
        } else {
            Err(LocalRefusal::Rule(ErrorCode::WrongTripState))
        }
    }
}

fn check_note(note: Option<&str>) -> Result<(), LocalRefusal> {
    let fits = |note: &str| (1..=NOTE_CHARS_MAX).contains(&note.chars().count());
    if note.is_none_or(fits) {
        Ok(())
    } else {
        Err(LocalRefusal::Rule(ErrorCode::InvalidRequest))
    }
}
