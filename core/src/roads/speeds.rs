//! Speeds by time of day, and speeds learned from drivers' tracks.

use chrono::{DateTime, TimeZone};

use super::error::RoadsError;
use super::matching::MatchedTrack;
use super::network::RoadNetwork;

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

/// Speeds on arcs, learned from drivers' tracks.
#[derive(Debug, Clone, Default)]
pub struct LiveSpeeds {}

impl LiveSpeeds {
    /// Learns from a track laid onto the roads.
    pub fn observe(&mut self, _network: &RoadNetwork, _track: &MatchedTrack) {
        // Stub
    }
}

impl RoadNetwork {
    /// The same roads with the speeds that were learned where there are enough of them.
    pub fn with_speeds(&self, _speeds: &LiveSpeeds) -> Result<Self, RoadsError> {
        Err(RoadsError::Empty) // Stub
    }
}
