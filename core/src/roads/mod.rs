//! The roads of a city: routes, tables, the nearest road, and tracks laid onto roads.
//!
//! [`RoadData`] is what a builder knows of the roads. [`encode`] turns it into the bytes of a pack's
//! `roads.bin`, and [`RoadNetwork::open`] makes those bytes ready for queries.

mod data;
mod drive;
mod error;
mod hierarchy;
mod matching;
mod network;
mod pack;
mod packing_order;
mod profile;
mod reach;
mod route;
#[cfg(test)]
mod sample;
mod search_pool;
mod snap;
mod snap_index;
mod speeds;
mod steps;
mod table;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod town;

pub use data::{JunctionIndex, NameIndex, RoadClass, RoadData, Segment, SegmentFlags, TurnBan};
pub use error::RoadsError;
pub use hierarchy::{Contraction, ContractionInput, Cost, Path, Search, Seed};
pub use matching::{MatchedDrive, MatchedPoint, MatchedTrack, Passage, TrackFix};
pub use network::{ArcId, NetworkSize, RoadArc, RoadNetwork, encode};
pub use profile::{SpeedProfile, SpeedProfileError};
pub use reach::{ReachRequest, ReachTo};
pub use route::{NoRoute, Route, RouteRequest};
pub use snap::{RoadPoint, Snapped};
pub use speeds::{ArcSpeed, LiveSpeeds};
pub use steps::{Maneuver, Step};
pub use table::Table;
