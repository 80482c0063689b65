//! A device: the store, the clock, the replica and the engine as one thing.
//!
//! Whoever drives a [`Device`] gives it what happens ([`act`](Device::act), [`record`](Device::record),
//! [`input`](Device::input), [`answer`](Device::answer)) and does the [`Effect`]s that come of it. It
//! performs no network I/O and reads no clock; it does read and write its store, and so it blocks.
//!
//! Everything is in the store before the engine takes the next step. A process that is killed
//! between any two calls, or inside one, begins again from the store: it may ask the server for
//! something twice, and the server answers that as it did before, but nothing is lost. An error
//! changes nothing, or what it changed is in the store: after one the device reads it anew.

mod act;
mod answers;
mod batch;
mod call;
mod error;
mod feed;
mod held;
mod memory;
mod notice;
mod open;
mod record;
mod requests;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::clock::DeviceTime;
use super::engine::{CallId, Effect, Engine, Input, Network, Pending};
use super::pin_check::PinKey;
use super::replica::Replica;
use super::store::{NoticeId, Owner, QueueItem, Store, StoreError};
use crate::ride::Ground;
use held::Held;
use memory::Memory;
use requests::Asked;

pub use super::store::DeviceKeys;
pub use call::{Answer, Request};
pub use error::DeviceError;
pub use notice::{KeptNotice, Notice};

/// A device of one person.
pub struct Device {
    store: Store,
    keys: DeviceKeys,
    ground: Arc<dyn Ground + Send + Sync>,
    engine: Engine,
    name: String,
    /// What is in the store as well.
    memory: Memory,
    /// The store has, or may have, something else than the memory.
    stale: bool,
    pending: Pending,
    /// The calls that the engine waits for, at most two.
    calls: BTreeMap<CallId, Asked>,
    /// From where the server wants commands again that it has answered before.
    resend_from: Option<u64>,
    held: Held,
    /// When points were last packed, and old things last forgotten, in the engine's milliseconds.
    sealed_ms: Option<u64>,
    pruned_ms: Option<u64>,
}

impl std::fmt::Debug for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Device")
            .field("owner", &self.store.owner())
            .field("pending", &self.pending)
            .finish_non_exhaustive()
    }
}

impl Device {
    /// What the person calls this device, for the list of their devices: 1 to 60 characters.
    pub fn set_name(&mut self, name: &str) {
        let name: String = name.trim().chars().take(60).collect();
        if !name.is_empty() {
            self.name = name;
        }
    }

    /// Whose it is.
    pub const fn owner(&self) -> Owner {
        self.store.owner()
    }

    /// What is known of trips and offers, with everything that was done here.
    pub const fn replica(&self) -> &Replica {
        &self.memory.replica
    }

    /// What waits to be sent.
    pub const fn pending(&self) -> Pending {
        self.pending
    }

    /// What PINs are checked with, once the device is registered. It belongs into the keystore,
    /// where the next [`open`](Device::open) takes it from.
    pub const fn pin_key(&self) -> Option<&PinKey> {
        self.keys.pin.as_ref()
    }

    /// The person has to sign in again before anything is sent.
    pub const fn needs_sign_in(&self) -> bool {
        self.engine.needs_sign_in()
    }

    /// What kind of network there is.
    pub const fn network(&self) -> Network {
        self.engine.network()
    }

    /// The store, to look into.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The store, for the faults of tests and simulations. Writing to it behind the device's back
    /// breaks the device.
    pub const fn store_mut(&mut self) -> &mut Store {
        &mut self.store
    }

    /// What was done here and what became of it, newest first.
    pub fn queue(&self, limit: u32) -> Result<Vec<QueueItem>, DeviceError> {
        Ok(self.store.queue(limit)?)
    }

    /// What the person has not been told yet, oldest first. The same comes again until it was
    /// [`seen`](Device::seen).
    pub fn notices(&self) -> Result<Vec<KeptNotice>, DeviceError> {
        let kept = self.store.notices()?.into_iter();
        Ok(kept.map(|(id, notice)| KeptNotice { id, notice }).collect())
    }

    /// The person has seen a notice.
    pub fn seen(&mut self, notice: NoticeId) -> Result<(), DeviceError> {
        Ok(self.store.write(|tx| tx.notice_seen(notice))?)
    }

    /// A satellite fix said what time it is.
    pub fn heard_satellite(&mut self, now: DeviceTime, satellite: DateTime<Utc>) {
        // It is stored with the next command: until then, losing it costs nothing.
        self.memory.clock.heard_satellite(now, satellite);
    }

    /// What time it is, as far as the device knows.
    pub fn time(&self, now: DeviceTime) -> DateTime<Utc> {
        self.memory.clock.now(now)
    }

    /// Takes what happened, and says what to do.
    pub fn input(&mut self, input: Input, now: DeviceTime) -> Result<Vec<Effect>, DeviceError> {
        self.refresh()?;
        if let Input::Answered { call, .. } = input {
            self.calls.remove(&call);
        }
        self.keep_house(input, now)?;
        Ok(self.step(input, now))
    }

    fn step(&mut self, input: Input, now: DeviceTime) -> Vec<Effect> {
        let mut effects = self.engine.step(now.monotonic_ms, input, self.pending);
        for effect in &effects {
            match effect {
                Effect::Call { id, call } => {
                    self.calls.insert(*id, Asked::not_yet(*call));
                }
                Effect::Abandon(id) => {
                    self.calls.remove(id);
                }
                Effect::WakeAt(_) | Effect::NeedsSignIn => {}
            }
        }
        self.held.wake(&mut effects);
        effects
    }

    /// After an error the store knows better.
    fn refresh(&mut self) -> Result<(), StoreError> {
        if self.stale {
            self.memory = Memory::load(&self.store)?;
            self.pending = self.store.pending()?;
            self.stale = false;
        }
        Ok(())
    }
}

#[cfg(test)]
pub(in crate::sync) mod tests;
