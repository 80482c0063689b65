//! Making the trip anew from what the server said and what still waits to be answered.

use chrono::{DateTime, Utc};

use super::{AppliedStep, Dropped, Replica, ReplicaTrip, shown};
use crate::id::TripId;
use crate::sync::command::{DeviceAction, DeviceCommand};
use crate::sync::conflicts::{Earlier, Told, Verdict, judge};
use crate::trip::{Actor, CancelReason, Event, Party, Refusal, Trip, TripState};
use crate::wire::{self, ErrorCode};

impl Replica {
    /// Begins again from the server's state of this trip and applies what still waits to be answered,
    /// oldest first. Answers the commands that no longer fit; the server says what becomes of them.
    /// A trip that is no longer this driver's is forgotten once nothing waits.
    pub fn rebase(&mut self, trip: TripId, waiting: &[DeviceCommand]) -> Vec<Dropped> {
        let Some(held) = self.trips.get_mut(&trip) else {
            return Vec::new();
        };
        let dropped = held.rebase(waiting);
        if waiting.is_empty() && held.lost {
            self.trips.remove(&trip);
        }
        dropped
    }

    /// The same for what names no trip: being online, and offers.
    pub fn rebase_shift(&mut self, waiting: &[DeviceCommand]) {
        self.online = self.online_at_server;
        for command in waiting {
            match &command.action {
                DeviceAction::GoOnline { .. } => self.online = true,
                DeviceAction::GoOffline => self.online = false,
                DeviceAction::AcceptOffer { offer } => {
                    if let Some(accepted) = self.offers.remove(offer) {
                        self.accepting.insert(*offer, accepted);
                    }
                }
                DeviceAction::DeclineOffer { offer, .. } => {
                    self.offers.remove(offer);
                }
                _ => {}
            }
        }
    }
}

impl ReplicaTrip {
    fn rebase(&mut self, waiting: &[DeviceCommand]) -> Vec<Dropped> {
        let mut replay = Replay::settled(self);
        let done = replay.catch_up(waiting);
        let is_known = replay.exact && !replay.contradicts_shown();
        replay.leave_if_lost();
        let mut dropped = Vec::new();
        for command in waiting.iter().skip(done) {
            if let Err((code, refusal)) = replay.step(&command.action, command.occurred_at) {
                dropped.push(Dropped {
                    command: command.id,
                    kind: command.action.as_str(),
                    code,
                    refusal,
                });
            }
        }
        self.current = replay.trip;
        self.note_afterwards(waiting, &dropped);
        self.behind = waiting.is_empty() && !is_known && self.newest_version() > self.asked_version;
        dropped
    }

    /// The newest version that was heard of.
    pub(super) fn newest_version(&self) -> u32 {
        let newest = self.applied.last().map_or(0, |step| step.version);
        newest
            .max(self.kit.shown.version)
            .max(self.kit.trip.version)
    }

    /// What comes after the ride: as the server said, or else as it was done here.
    fn note_afterwards(&mut self, waiting: &[DeviceCommand], dropped: &[Dropped]) {
        let stands = |command: &&DeviceCommand| dropped.iter().all(|out| out.command != command.id);
        let own: Vec<&DeviceAction> = waiting
            .iter()
            .filter(stands)
            .map(|command| &command.action)
            .collect();
        let done = self.applied.iter().map(|step| &step.action);
        let claim = done
            .chain(own.iter().copied())
            .rev()
            .find_map(|action| match action {
                DeviceAction::Complete { claim, .. } => claim.as_ref(),
                _ => None,
            });
        let is_completed = matches!(self.current.state, TripState::Completed { .. });
        self.fare = self
            .confirmed
            .fare
            .clone()
            .or_else(|| claim.map(|claim| claim.fare.clone()))
            .filter(|_| is_completed);
        let own_is = |wanted: fn(&DeviceAction) -> bool| own.iter().any(|action| wanted(action));
        self.cash_taken =
            self.confirmed.paid || own_is(|action| matches!(action, DeviceAction::TakeCash { .. }));
        self.rated =
            self.confirmed.rated || own_is(|action| matches!(action, DeviceAction::Rate { .. }));
    }
}

/// Why a step does not fit.
type Misfit = (ErrorCode, Option<Refusal>);

/// A trip on its way from the server's kit to what the person did last.
#[derive(Clone)]
struct Replay<'a> {
    held: &'a ReplicaTrip,
    trip: Trip,
    /// It is known how the trip came to its version.
    exact: bool,
    /// This driver gave it back on the way.
    gave_back: bool,
}

impl<'a> Replay<'a> {
    /// The kit, and after it the own steps that the server has applied. What others did in between is
    /// in the message that is newest, if it is not in the kit.
    fn settled(held: &'a ReplicaTrip) -> Self {
        let mut replay = Self {
            held,
            trip: held.kit.trip.clone(),
            exact: true,
            gave_back: false,
        };
        let shown = &held.kit.shown;
        for step in &held.applied {
            let is_between = shown.version > replay.trip.version && shown.version <= step.version;
            let told = is_between.then(|| replay.followed(shown)).flatten();
            let redone = told.clone().unwrap_or_else(|| replay.clone()).redone(step);
            if shown.version != step.version {
                replay = redone;
                continue;
            }
            // The step and the message are of one version: it was the step, or it changed nothing
            // because others had done the same.
            let own = replay.clone().redone(step);
            replay = match told {
                Some(told) if !shown::is_same(&own.trip, shown) => told,
                _ => own,
            };
        }
        replay
    }

    /// Goes on to the version that the server shows: by what waits, if that leads there and only the
    /// answer is late, or else by what others did. Answers how many of the waiting commands are done.
    fn catch_up(&mut self, waiting: &[DeviceCommand]) -> usize {
        let shown = &self.held.kit.shown;
        if shown.version <= self.trip.version {
            return 0;
        }
        let mut ahead = self.clone();
        let mut followed = None;
        for done in 0..=waiting.len() {
            if shown::is_alike(&ahead.trip, shown) {
                *self = ahead;
                return done;
            }
            if followed.is_none() && ahead.is_just_before(shown) {
                followed = ahead.followed(shown).map(|next| (done, next));
            }
            if let Some(command) = waiting.get(done) {
                // Whether it counts is not asked here.
                let _ = ahead.step(&command.action, command.occurred_at);
            }
        }
        let (done, next) = match followed {
            Some(followed) => followed,
            None => (
                0,
                self.followed(shown)
                    .unwrap_or_else(|| self.unexplained(shown)),
            ),
        };
        *self = next;
        done
    }

    fn is_just_before(&self, shown: &wire::Trip) -> bool {
        self.trip.version.saturating_add(1) == shown.version
    }

    fn followed(&self, shown: &wire::Trip) -> Option<Self> {
        let trip = shown::follow(&self.trip, shown)?;
        Some(Self {
            exact: self.exact && self.is_just_before(shown),
            trip,
            ..*self
        })
    }

    /// Something happened, and all that is known of it is the version.
    fn unexplained(&self, shown: &wire::Trip) -> Self {
        let mut next = self.clone();
        next.trip.version = shown.version;
        next.exact = false;
        next
    }

    fn contradicts_shown(&self) -> bool {
        let shown = &self.held.kit.shown;
        self.trip.version == shown.version && !shown::is_same(&self.trip, shown)
    }

    /// Takes the trip from a driver of whom the server says that somebody else has it.
    fn leave_if_lost(&mut self) {
        let has_it = self.trip.state.assignment().map(|had| had.driver) == self.held.driver();
        if self.held.lost && has_it {
            let version = self.trip.version;
            self.trip.apply(&Event::Released {
                reason: CancelReason::Other,
                by: Party::System,
                at: self.trip.last_event_at,
            });
            self.trip.version = version;
        }
    }

    /// A step that the server has applied, whatever it looks like from here.
    fn redone(mut self, step: &AppliedStep) -> Self {
        let is_done = self.step(&step.action, step.at).is_ok();
        if let DeviceAction::Start { arrived_at, .. } = step.action
            && let Some(assignment) = self.held.assignment.filter(|_| !is_done)
        {
            self.trip.apply(&Event::Resumed {
                assignment,
                arrived_at,
                at: step.at,
            });
        }
        self.exact &= is_done && self.trip.version == step.version;
        self.trip.version = step.version;
        self
    }

    fn step(&mut self, action: &DeviceAction, at: DateTime<Utc>) -> Result<(), Misfit> {
        if matches!(
            action,
            DeviceAction::TakeCash { .. } | DeviceAction::Rate { .. }
        ) {
            return match self.trip.state {
                TripState::Completed { .. } => Ok(()),
                _ => Err((ErrorCode::WrongTripState, None)),
            };
        }
        let driver = self.held.driver().ok_or((ErrorCode::NotFound, None))?;
        let told = Told {
            actor: Actor::Driver(driver),
            at,
            earlier: match self.held.assignment {
                _ if self.gave_back => Earlier::GaveBack,
                Some(assignment) => Earlier::TakenAway(assignment),
                None => Earlier::Never,
            },
        };
        // A start waits only if its PIN was right when it was typed.
        if let DeviceAction::Start { pin, .. } = action {
            self.trip.request.pin = Some(*pin);
        }
        let verdict = judge(&self.trip, action, told, self.held.kit.rules);
        self.trip.request.pin = None;
        match verdict {
            Verdict::Apply { events, .. } => {
                for event in &events {
                    self.gave_back |= gives_back(event);
                    self.trip.apply(event);
                }
                Ok(())
            }
            Verdict::Refuse { code, refusal } => Err((code, refusal)),
        }
    }
}

const fn gives_back(event: &Event) -> bool {
    matches!(
        event,
        Event::Released {
            by: Party::Driver,
            ..
        }
    )
}
