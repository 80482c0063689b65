//! Speeds learned from drivers' tracks.

use super::error::RoadsError;
use super::matching::MatchedTrack;
use super::network::RoadNetwork;

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
