//! What the server says by itself: changes, and the person's state as a whole.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::act::read_command;
use super::answers::{DONE, Heard};
use super::memory::Memory;
use super::{Device, DeviceError, Notice};
use crate::id::TripId;
use crate::sync::clock::DeviceTime;
use crate::sync::command::DeviceCommand;
use crate::sync::engine::Outcome;
use crate::sync::replica::{Replica, ReplicaTrip};
use crate::sync::store::{StateKey, StoreError, StoredCommand, Tx};
use crate::trip::{Actor, TripState, TripStatus};
use crate::wire::{ChangesPage, Snapshot, StreamEvent};

/// How long answered commands, sent tracks and seen notices stay, for the screen.
const KEEP: TimeDelta = TimeDelta::days(3);
/// How many trips that are over stay, for the screen.
const KEEP_TRIPS: usize = 40;
/// How often old things are forgotten, in milliseconds.
const PRUNE_EVERY_MS: u64 = 60 * 60_000;

/// What is remembered of the program.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Program {
    version: String,
    /// The server said something that this version does not know.
    missed: bool,
}

impl Device {
    pub(super) fn take_changes(
        &mut self,
        heard: &Heard,
        asked: i64,
        page: &ChangesPage,
    ) -> Result<Outcome, DeviceError> {
        if self.memory.cursor != Some(asked) {
            // A snapshot was faster.
            return Ok(DONE);
        }
        let mut draft = self.draft_at(heard, page.server_time);
        draft.cursor = page.complete.then_some(page.cursor);
        self.commit(draft, |tx, draft, before| {
            let mut trips = BTreeSet::new();
            for message in &page.messages {
                if message.event == StreamEvent::Unknown {
                    remember(tx, true)?;
                }
                hear_time(draft, heard.now, &message.event);
                trips.extend(draft.replica.take(&message.event));
            }
            rebase(tx, draft, before, &trips)
        })?;
        if !page.complete {
            self.engine.must_snapshot();
        }
        self.catch_up();
        self.prune(heard)?;
        let stuck = page.more && page.cursor <= asked;
        Ok(match stuck {
            true => Outcome::Stuck,
            false => Outcome::Done {
                more: page.more,
                blob: None,
            },
        })
    }

    pub(super) fn take_snapshot(
        &mut self,
        heard: &Heard,
        snapshot: &Snapshot,
    ) -> Result<Outcome, DeviceError> {
        let mut draft = self.draft_at(heard, snapshot.server_time);
        if draft.cursor.is_some_and(|known| snapshot.cursor < known) {
            // Older than what is known.
            return Ok(Outcome::Stuck);
        }
        draft.cursor = Some(snapshot.cursor);
        let now = heard.now;
        for kit in &snapshot.kits {
            draft.clock.happened(now, kit.trip.last_event_at);
        }
        self.commit(draft, |tx, draft, before| {
            let trips = draft.replica.take_snapshot(snapshot);
            rebase(tx, draft, before, &trips)
        })?;
        self.prune(heard)?;
        Ok(DONE)
    }

    /// Asks for a snapshot if only that brings what is missing.
    pub(super) fn catch_up(&mut self) {
        if self.memory.replica.is_behind() {
            self.engine.must_snapshot();
        }
    }

    /// A newer program may know what an older one did not.
    pub(super) fn notice_update(&mut self) -> Result<(), DeviceError> {
        let known: Program = self.store.state(StateKey::Engine)?.unwrap_or_default();
        if known.version == env!("CARGO_PKG_VERSION") {
            return Ok(());
        }
        if known.missed {
            self.engine.must_snapshot();
        }
        self.write(|tx| remember(tx, false))
    }

    /// Forgets what the server has and nobody needs to see any more.
    fn prune(&mut self, heard: &Heard) -> Result<(), DeviceError> {
        let now_ms = heard.now.monotonic_ms;
        let due = self
            .pruned_ms
            .is_none_or(|at| now_ms >= at.saturating_add(PRUNE_EVERY_MS));
        if !due {
            return Ok(());
        }
        let now = self.time(heard.now);
        let draft = self.memory.clone();
        self.commit(draft, |tx, draft, _| {
            draft.replica.expire_offers(now);
            let ended: Vec<TripId> = draft.replica.trips.keys().copied().collect();
            let mut waits = BTreeSet::new();
            for trip in ended {
                if !tx.waiting_of_trip(trip)?.is_empty() {
                    waits.insert(trip);
                }
            }
            let waits = |trip: TripId| waits.contains(&trip);
            draft.replica.forget_ended(KEEP_TRIPS, waits);
            match now.checked_sub_signed(KEEP) {
                Some(before) => tx.forget_before(before),
                None => Ok(()),
            }
        })?;
        self.pruned_ms = Some(now_ms);
        Ok(())
    }
}

fn remember(tx: &mut Tx<'_>, missed: bool) -> Result<(), StoreError> {
    let program = Program {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        missed,
    };
    tx.set_state(StateKey::Engine, &program)
}

/// What happens here from now on is later than what the server says happened.
fn hear_time(draft: &mut Memory, now: DeviceTime, event: &StreamEvent) {
    if let StreamEvent::TripKit { kit } = event {
        draft.clock.happened(now, kit.trip.last_event_at);
    }
}

/// Makes these trips anew from what the server says and from what waits, and keeps what the person is
/// to be told of it.
pub(super) fn rebase(
    tx: &mut Tx<'_>,
    draft: &mut Memory,
    before: &Memory,
    trips: &BTreeSet<TripId>,
) -> Result<(), StoreError> {
    for id in trips {
        let waiting = read_all(&tx.waiting_of_trip(*id)?)?;
        draft.replica.rebase(*id, &waiting);
        if let Some(notice) = notice_of(*id, &before.replica, &draft.replica) {
            tx.put_notice(&notice)?;
        }
    }
    let waiting = read_all(&tx.waiting_without_trip()?)?;
    draft.replica.rebase_shift(&waiting);
    Ok(())
}

fn read_all(stored: &[StoredCommand]) -> Result<Vec<DeviceCommand>, StoreError> {
    stored.iter().map(read_command).collect()
}

/// What the person is told of a trip that is not what it was.
fn notice_of(trip: TripId, before: &Replica, after: &Replica) -> Option<Notice> {
    let (old, new) = (before.trips.get(&trip)?, after.trips.get(&trip));
    let (was_driven, is_driven) = (is_driven(old), new.is_some_and(is_driven));
    let Some(new) = new else {
        return was_driven.then_some(Notice::TripTaken { trip });
    };
    match (was_driven, is_driven) {
        (true, false) => lost_notice(trip, new, after),
        (false, true) if new.current.state.status() == TripStatus::InProgress => {
            Some(Notice::TripResumed { trip })
        }
        (true, true) if old.current.stops != new.current.stops => {
            Some(Notice::StopsChanged { trip })
        }
        _ => None,
    }
}

/// Why the driver does not drive it any more. Whoever ended it knows that.
fn lost_notice(trip: TripId, new: &ReplicaTrip, after: &Replica) -> Option<Notice> {
    match new.current.state {
        TripState::Cancelled { by, .. } => {
            let own = matches!(by, Actor::Driver(driver) if after.driver == Some(driver));
            (!own).then_some(Notice::TripCancelled { trip })
        }
        TripState::Completed { .. } if !new.lost => None,
        _ => Some(Notice::TripTaken { trip }),
    }
}

fn is_driven(trip: &ReplicaTrip) -> bool {
    let live = matches!(
        trip.current.state.status(),
        TripStatus::Assigned | TripStatus::Arrived | TripStatus::InProgress
    );
    live && !trip.lost
}
