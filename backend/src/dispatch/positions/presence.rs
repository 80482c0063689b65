//! Whether a car can be heard.

use chrono::{DateTime, TimeDelta, Utc};
use wayfare_core::wire::Presence as WirePresence;
use wayfare_dispatch::Fix;

/// How long a car may be silent before it is offline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presence {
    fresh_for: TimeDelta,
}

impl Presence {
    /// A car that was silent for longer than this many seconds is offline.
    pub fn after_s(seconds: u32) -> Self {
        Self {
            fresh_for: TimeDelta::seconds(seconds.into()),
        }
    }

    /// Whether a car that was last heard of then is silent now.
    pub fn is_silent(self, last_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        now - last_at > self.fresh_for
    }

    /// What is said of a car that was last heard of by this fix.
    pub fn of(self, fix: &Fix, now: DateTime<Utc>) -> WirePresence {
        if self.is_silent(fix.at, now) {
            WirePresence::Silent
        } else {
            WirePresence::Live
        }
    }
}

/// Age of a fix in whole seconds.
pub(super) fn age_s(fix: &Fix, now: DateTime<Utc>) -> i64 {
    fix.age(now).num_seconds()
}
