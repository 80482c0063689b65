//! Speeds by time of day.

use chrono::{DateTime, TimeZone};

/// How much slower than free traffic each hour of the week is, in basis points.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpeedProfile {
    /// Monday to Friday, by hour; 24 of them.
    pub weekday_bps: Vec<u32>,
    /// Saturday and Sunday, by hour; 24 of them.
    pub weekend_bps: Vec<u32>,
}

impl SpeedProfile {
    /// The multiplier of durations at a local time, interpolated between the middles of hours.
    pub fn slowness_bps<Z: TimeZone>(&self, _at: &DateTime<Z>) -> u32 {
        10_000 // Stub
    }
}
