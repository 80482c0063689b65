//! Ways of dispatching.

use std::time::Duration;

use clap::ValueEnum;
use serde::Serialize;
use wayfare_dispatch::{Plan, Round, plan, plan_nearest};

/// A way of dispatching.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// Who asks first gets the nearest free car, at once; drivers on a trip are not asked.
    Nearest,
    /// What the server does: rounds, each solved as a whole, and drivers who are free soon as well.
    Batch,
}

/// While riders wait whom no car fits, `Nearest` looks again this often.
const NEAREST_AGAIN: Duration = Duration::from_secs(1);

impl Policy {
    /// Whether drivers are asked before their trip is over.
    pub fn asks_ahead(self) -> bool {
        self == Self::Batch
    }

    /// When to look for drivers after something happened.
    pub(super) fn round_after(self, now: Duration, window: Duration) -> Duration {
        match self {
            Self::Nearest => now,
            Self::Batch => next_multiple(now, window),
        }
    }

    /// When to look again after a round that left riders without a driver.
    pub(super) fn round_again(self, now: Duration, window: Duration) -> Duration {
        match self {
            Self::Nearest => now + NEAREST_AGAIN,
            Self::Batch => now + window,
        }
    }

    /// Plans a round.
    pub(super) fn plan(self, round: &Round<'_>) -> Plan {
        match self {
            Self::Nearest => plan_nearest(round),
            Self::Batch => plan(round),
        }
    }
}

/// The first multiple of the window that is not before.
fn next_multiple(now: Duration, window: Duration) -> Duration {
    let window_ns = window.as_nanos().max(1);
    let ns = now.as_nanos().div_ceil(window_ns).saturating_mul(window_ns);
    Duration::from_nanos(u64::try_from(ns).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_of_a_batch_are_on_the_multiples_of_its_window() {
        let ms = Duration::from_millis;
        let after = |at| Policy::Batch.round_after(ms(at), ms(2000));
        assert_eq!(after(0), ms(0));
        assert_eq!(after(1), ms(2000));
        assert_eq!(after(2000), ms(2000));
        assert_eq!(after(2001), ms(4000));
        assert_eq!(Policy::Nearest.round_after(ms(1), ms(2000)), ms(1));
    }
}
