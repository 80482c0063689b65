//! A moment of which both the time and the monotonic clock are known.

use serde::{Deserialize, Serialize};

use super::{DeviceTime, Exchange};
use crate::id::BootId;

/// Clocks of phones run wrong by up to 50 millionths; this allows for cold and heat.
const DRIFT_PER_MILLION: i64 = 100;

/// A moment of which both the time and the monotonic clock are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Anchor {
    /// The run whose monotonic clock it is.
    pub(super) boot: BootId,
    monotonic_ms: i64,
    at_ms: i64,
    /// How far off `at_ms` is at most.
    unsure_ms: i64,
}

impl Anchor {
    pub(super) fn new(now: DeviceTime, at_ms: i64, unsure_ms: i64) -> Self {
        Self {
            boot: now.boot,
            monotonic_ms: now.monotonic(),
            at_ms,
            unsure_ms,
        }
    }

    /// The middle of an exchange; `None` if it did not begin before it ended, in one run.
    pub(super) fn of_exchange(exchange: &Exchange) -> Option<Self> {
        let Exchange {
            sent,
            received,
            server,
        } = exchange;
        let round_trip_ms = received.monotonic_ms.checked_sub(sent.monotonic_ms)?;
        if sent.boot != received.boot {
            return None;
        }
        // Rounded up, so that the middle is within it.
        let unsure_ms = i64::try_from(round_trip_ms.div_ceil(2)).ok()?;
        Some(Self {
            boot: received.boot,
            monotonic_ms: received.monotonic().saturating_sub(unsure_ms),
            at_ms: server.timestamp_millis(),
            unsure_ms,
        })
    }

    /// What time it is now, if it is the same run.
    pub(super) fn at_ms(&self, now: DeviceTime) -> i64 {
        self.at_ms.saturating_add(self.elapsed_ms(now))
    }

    /// How far off that is at most.
    pub(super) fn unsure_ms(&self, now: DeviceTime) -> i64 {
        self.unsure_ms
            .saturating_add(drift_ms(self.elapsed_ms(now)))
    }

    /// Whether both can be right.
    pub(super) fn agrees(&self, other: &Self, now: DeviceTime) -> bool {
        let apart_ms = self.at_ms(now).saturating_sub(other.at_ms(now));
        let allowed_ms = self.unsure_ms(now).saturating_add(other.unsure_ms(now));
        apart_ms.saturating_abs() <= allowed_ms
    }

    /// Whether this newer one is surer than the one before, or shows that it is wrong.
    pub(super) fn replaces(&self, before: Option<&Self>, now: DeviceTime) -> bool {
        before.is_none_or(|before| {
            before.boot != self.boot
                || self.unsure_ms(now) <= before.unsure_ms(now)
                || !self.agrees(before, now)
        })
    }

    fn elapsed_ms(&self, now: DeviceTime) -> i64 {
        now.monotonic().saturating_sub(self.monotonic_ms)
    }
}

/// How far a clock may have run wrong in this time.
pub(super) const fn drift_ms(elapsed_ms: i64) -> i64 {
    let drift = elapsed_ms
        .saturating_abs()
        .saturating_mul(DRIFT_PER_MILLION)
        .checked_div(1_000_000);
    match drift {
        Some(drift_ms) => drift_ms,
        None => 0,
    }
}
