//! The clocks of the device that the program runs on.

use std::time::Instant;

use chrono::Utc;

use crate::id::BootId;
use crate::sync::clock::DeviceTime;

/// Says what the device's clocks say.
pub trait DeviceClock: Send + Sync {
    /// Now. Within a run of the device its milliseconds never go back, and they go on while it sleeps.
    fn now(&self) -> DeviceTime;
}

/// Clocks for development: each start of the program counts as a run of the device. On some systems
/// they stand still while the device sleeps; apps bring the clock of their operating system, which
/// does not.
#[derive(Debug)]
pub struct ProcessClock {
    boot: BootId,
    began: Instant,
}

impl ProcessClock {
    /// A clock that begins now, in a run of its own.
    pub fn new() -> Self {
        Self {
            boot: BootId::from_uuid(uuid::Uuid::now_v7()),
            began: Instant::now(),
        }
    }
}

impl Default for ProcessClock {
    fn default() -> Self {
        Self::new()
    }
}

impl DeviceClock for ProcessClock {
    fn now(&self) -> DeviceTime {
        let run = self.began.elapsed().as_millis();
        DeviceTime {
            boot: self.boot,
            monotonic_ms: u64::try_from(run).unwrap_or(u64::MAX),
            wall: Utc::now(),
        }
    }
}
