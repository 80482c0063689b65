//! The roads of an extract: what a car may drive on, how fast, and which turns are forbidden.

mod access;
mod car;
mod contract;
mod directions;
mod keeps_left;
mod measure;
mod merging;
mod network;
mod obstacles;
mod restrictions;
mod speed;
#[cfg(test)]
mod tests;

pub use contract::contract;
use wayfare_core::roads::RoadData;

use crate::osm::Extract;

/// The roads of an extract. No segment at all is possible; the caller refuses that.
pub fn collect(extract: &Extract) -> RoadData {
    let obstacles = obstacles::of(extract);
    let network = network::cut(extract, &obstacles);
    let turn_bans = restrictions::bans(extract, &network);
    merging::merge(RoadData {
        drives_on_left: keeps_left::mostly(&network.junctions),
        junctions: network.junctions,
        segments: network.segments,
        names: network.names,
        turn_bans,
    })
}
