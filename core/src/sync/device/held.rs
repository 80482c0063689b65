//! What the server does not take as it is. It stays in the store, out of the way of the rest, and is
//! tried again from time to time.

use std::collections::BTreeSet;

use super::{Device, DeviceError};
use crate::sync::clock::DeviceTime;
use crate::sync::engine::Effect;

/// After this it is tried again the first time, in milliseconds; then after twice as long.
const AGAIN_FIRST_MS: u64 = 5 * 60_000;
/// It is tried again at least this often, in milliseconds.
const AGAIN_MAX_MS: u64 = 60 * 60_000;
/// Notices that are remembered as told; more of them would be told twice.
const TOLD_MAX: usize = 1_000;

/// What is remembered of it while the program runs.
#[derive(Debug, Default)]
pub(super) struct Held {
    again_ms: Option<u64>,
    doublings: u32,
    told: BTreeSet<Vec<u8>>,
}

impl Held {
    /// The program began: everything is tried once more at once.
    pub(super) const fn begin(&mut self) {
        self.again_ms = Some(0);
        self.doublings = 0;
    }

    pub(super) fn is_told(&self, name: &[u8]) -> bool {
        self.told.contains(name)
    }

    pub(super) fn tell(&mut self, name: &[u8]) {
        if self.told.len() < TOLD_MAX {
            self.told.insert(name.to_vec());
        }
    }

    /// It is all right again; the next time is another time.
    pub(super) fn forget(&mut self, name: &[u8]) {
        self.told.remove(name);
    }

    /// Something was put aside, and the person is told of it.
    pub(super) fn hold(&mut self, name: &[u8], now_ms: u64) {
        self.tell(name);
        let pause = AGAIN_FIRST_MS
            .saturating_mul(1 << self.doublings.min(10))
            .min(AGAIN_MAX_MS);
        if self.again_ms.is_none() {
            self.again_ms = Some(now_ms.saturating_add(pause));
            self.doublings = self.doublings.saturating_add(1);
        }
    }

    /// Wakes the device for it.
    pub(super) fn wake(&self, effects: &mut [Effect]) {
        let Some(again) = self.again_ms.filter(|again| *again > 0) else {
            return;
        };
        for effect in effects.iter_mut() {
            if let Effect::WakeAt(at) = effect {
                *at = again.min(*at);
            }
        }
    }
}

impl Device {
    pub(super) fn retry_held(&mut self, now: DeviceTime) -> Result<(), DeviceError> {
        if self.held.again_ms.is_none_or(|at| at > now.monotonic_ms) {
            return Ok(());
        }
        let refused = self.store.refused()?;
        if refused.segments > 0 || refused.blobs > 0 {
            self.write(|tx| tx.retry_refused())?;
        }
        self.held.again_ms = None;
        Ok(())
    }
}
