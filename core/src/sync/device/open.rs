//! Beginning, from nothing or from where a process ended.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::held::Held;
use super::memory::Memory;
use super::{Device, DeviceError};
use crate::ride::Ground;
use crate::sync::clock::DeviceTime;
use crate::sync::engine::{Engine, Input, Network};
use crate::sync::store::{DeviceKeys, StateKey, Store};
use crate::wire::Offer;

/// What a device is called until the person calls it something.
const NAME: &str = "Wayfare";
/// Points wait this long for more of them before they are packed, in milliseconds, if there is a
/// network to send them over.
const SEAL_EVERY_MS: u64 = 5 * 60_000;

impl Device {
    /// A device that goes on from what is in the store. `ground` is what it knows of the city; `seed`
    /// spreads its pauses.
    ///
    /// Nothing is sent until [`Input::Started`] and a network were heard of.
    pub fn open(
        store: Store,
        keys: DeviceKeys,
        ground: Arc<dyn Ground + Send + Sync>,
        seed: u64,
    ) -> Result<Self, DeviceError> {
        let memory = Memory::load(&store)?;
        let mut engine = Engine::new(seed);
        let registered: Option<bool> = store.state(StateKey::Registered)?;
        if registered != Some(true) || keys.pin.is_none() {
            engine.must_register();
        }
        if memory.cursor.is_none() || memory.replica.is_behind() {
            engine.must_snapshot();
        }
        let pending = store.pending()?;
        Ok(Self {
            store,
            keys,
            ground,
            engine,
            name: NAME.to_owned(),
            memory,
            stale: false,
            pending,
            calls: BTreeMap::new(),
            resend_from: None,
            held: Held::default(),
            sealed_ms: None,
            pruned_ms: None,
        })
    }

    /// What has to be done by the way: packing points, and trying again what the server refused.
    pub(super) fn keep_house(&mut self, input: Input, now: DeviceTime) -> Result<(), DeviceError> {
        if input == Input::Started {
            self.begin(now)?;
        }
        self.expire_offers(now)?;
        let network = match input {
            Input::Network(network) => network,
            _ => self.engine.network(),
        };
        if network != Network::Offline {
            self.seal_if_due(now)?;
            self.retry_held(now)?;
        }
        Ok(())
    }

    fn begin(&mut self, now: DeviceTime) -> Result<(), DeviceError> {
        self.held.begin();
        self.notice_update()?;
        if let Some(next) = self.store.next_blob()? {
            let waited = self.time(now).signed_duration_since(next.blob.taken_at);
            let waited_ms = u64::try_from(waited.num_milliseconds()).unwrap_or(0);
            self.engine.files_have_waited(now.monotonic_ms, waited_ms);
        }
        Ok(())
    }

    /// Offers that nobody can accept any more are not shown.
    fn expire_offers(&mut self, now: DeviceTime) -> Result<(), DeviceError> {
        let time = self.time(now);
        let is_over = |offer: &Offer| offer.expires_at <= time;
        if self.memory.replica.offers.values().any(is_over) {
            let mut draft = self.memory.clone();
            draft.replica.expire_offers(time);
            if draft != self.memory {
                self.commit(draft, |_, _, _| Ok(()))?;
            }
        }
        Ok(())
    }

    fn seal_if_due(&mut self, now: DeviceTime) -> Result<(), DeviceError> {
        let due = self
            .sealed_ms
            .is_none_or(|at| now.monotonic_ms >= at.saturating_add(SEAL_EVERY_MS));
        if due {
            self.seal_all(now)?;
        }
        Ok(())
    }
}
