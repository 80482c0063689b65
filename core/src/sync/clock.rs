//! What time it is on a device whose clocks lie.
//!
//! The time of an event is an anchor and the monotonic clock since. An anchor comes from an answer of
//! the server or from a satellite fix. After the device started anew there is none until one of
//! the two is heard: then the clock on the wall counts, corrected by what was known of it before.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::command::ClockReading;
use crate::id::BootId;

/// What the device's own clocks say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceTime {
    /// Which run of the device.
    pub boot: BootId,
    /// Milliseconds since the run began.
    pub monotonic_ms: u64,
    /// The clock on the wall, which anybody may set.
    pub wall: DateTime<Utc>,
}

/// What is known of time. It is kept with the rest of the device's state.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TrustedClock {
    // Stub
    anchor: Option<(DeviceTime, DateTime<Utc>)>,
    last: Option<DateTime<Utc>>,
}

impl TrustedClock {
    /// The server answered: this was its time when half of the way there and back was over.
    pub fn heard_server(&mut self, now: DeviceTime, server: DateTime<Utc>) {
        self.anchor = Some((now, server));
    }

    /// A satellite fix said what time it is.
    pub fn heard_satellite(&mut self, _now: DeviceTime, _satellite: DateTime<Utc>) {}

    /// When something happened that happens now, and how that is known. Time never runs backwards.
    pub fn stamp(&mut self, _now: DeviceTime) -> (DateTime<Utc>, ClockReading) {
        // Stub
        (
            _now.wall,
            ClockReading {
                boot: _now.boot,
                monotonic_ms: _now.monotonic_ms,
                source: super::TimeSource::Wall,
                jumped: false,
            },
        )
    }
}
