//! The live index, shared between instances: each has all of it, and tells the others what it learns.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use wayfare_core::id::DriverId;
use wayfare_dispatch::{Fix, LiveIndex};

use super::format::{self, FIX_BYTES};
use super::record::CLOCK_AHEAD_MAX;
use crate::platform::clock;
use crate::platform::exchange::{Malformed, Outgoing, Parcel, Topic};

/// The topic's name.
pub const FIXES: &str = "fixes";
/// A fix this old is of no use to an instance that starts.
const OF_USE_FOR: TimeDelta = TimeDelta::hours(1);
/// Instances' clocks may differ by so much.
const CLOCKS_DIFFER_MAX: TimeDelta = TimeDelta::seconds(60);

/// Something that happened to a driver's position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PositionChange {
    /// The car was seen.
    Seen {
        /// Whose car.
        driver: DriverId,
        /// Where, and when.
        fix: Fix,
    },
    /// The driver went offline.
    Gone {
        /// The driver.
        driver: DriverId,
        /// When. What was seen later stays.
        at: DateTime<Utc>,
    },
}

/// The live index, shared between instances.
#[derive(Debug)]
pub struct SharedFixes {
    index: Arc<LiveIndex>,
    outgoing: Arc<Outgoing<PositionChange>>,
}

impl SharedFixes {
    /// What goes into `outgoing` is told; what is heard goes into the index.
    pub fn new(index: Arc<LiveIndex>, outgoing: Arc<Outgoing<PositionChange>>) -> Self {
        Self { index, outgoing }
    }

    fn take_in(&self, change: PositionChange, now: DateTime<Utc>) -> Result<(), Malformed> {
        // A fix from the future would be the newest one for ever.
        let latest = now + CLOCK_AHEAD_MAX + CLOCKS_DIFFER_MAX;
        match change {
            PositionChange::Seen { fix, .. } if fix.at > latest => return Err(Malformed),
            PositionChange::Seen { driver, fix } => {
                self.index.report(driver, fix);
            }
            PositionChange::Gone { at, .. } if at > latest => return Err(Malformed),
            PositionChange::Gone { driver, at } => {
                let known = self.index.find_fix(driver);
                if known.is_none_or(|fix| fix.at <= at) {
                    self.index.remove(driver);
                }
            }
        }
        Ok(())
    }
}

impl Topic for SharedFixes {
    fn name(&self) -> &'static str {
        FIXES
    }

    fn take(&self) -> Option<Parcel> {
        let changes = self.outgoing.take();
        if changes.is_empty() {
            return None;
        }
        let mut parcel = Parcel {
            message: Vec::with_capacity(changes.len() * FIX_BYTES),
            count: changes.len(),
            ..Parcel::default()
        };
        for change in &changes {
            format::write(change, &mut parcel.message);
            match change {
                PositionChange::Seen { driver, .. } => {
                    let mut value = Vec::with_capacity(FIX_BYTES);
                    format::write(change, &mut value);
                    // Set after deleted: who comes back within one batch is there.
                    parcel
                        .delete
                        .retain(|field| field != driver.uuid().as_bytes());
                    parcel.set.push((driver.uuid().as_bytes().to_vec(), value));
                }
                PositionChange::Gone { driver, .. } => {
                    parcel
                        .set
                        .retain(|(field, _)| field != driver.uuid().as_bytes());
                    parcel.delete.push(driver.uuid().as_bytes().to_vec());
                }
            }
        }
        Some(parcel)
    }

    fn receive(&self, message: &[u8]) -> Result<(), Malformed> {
        let now = clock::now();
        // All or nothing: half a message is no message.
        let changes = format::read_all(message)?;
        let mut all = Ok(());
        for change in changes {
            all = all.and(self.take_in(change, now));
        }
        all
    }

    fn has_table(&self) -> bool {
        true
    }

    fn restore(&self, field: &[u8], value: &[u8]) -> Result<bool, Malformed> {
        let now = clock::now();
        let changes = format::read_all(value)?;
        let [change @ PositionChange::Seen { driver, fix }] = changes[..] else {
            return Err(Malformed);
        };
        if driver.uuid().as_bytes() != field {
            return Err(Malformed);
        }
        if now - fix.at > OF_USE_FOR {
            return Ok(false);
        }
        self.take_in(change, now).map(|()| true)
    }
}

#[cfg(test)]
mod tests;
