//! The roads of a city: routes, tables, the nearest road, and tracks laid onto roads.
//!
//! [`RoadData`] is what a builder knows of the roads. [`encode`] turns it into the bytes of a pack's
//! `roads.bin`, and [`RoadNetwork::open`] makes those bytes ready for queries.

mod data;
mod error;
mod hierarchy;
mod live_speeds;
mod matching;
mod network;
mod route;
mod snap;
mod speeds;
mod table;

pub use data::{JunctionIndex, NameIndex, RoadClass, RoadData, Segment, SegmentFlags, TurnBan};
pub use error::RoadsError;
pub use hierarchy::{Contraction, ContractionInput, Cost, Path, Search, Seed};
pub use live_speeds::{ArcSpeed, LiveSpeeds};
pub use matching::{MatchedDrive, MatchedPoint, MatchedTrack, Passage, TrackFix};
pub use network::{ArcId, RoadArc, RoadNetwork, encode};
pub use route::{Maneuver, NoRoute, Route, RouteRequest, Step};
pub use snap::{RoadPoint, Snapped};
pub use speeds::SpeedProfile;
pub use table::Table;
