//! The track of a ride, and the driven distance and time that it proves.
//!
//! A [`TrackPoint`] is one measurement of a device. [`measure`] reads a whole track; a [`Meter`]
//! takes the points one by one as they come and holds only the newest of them. Both are the same
//! walk over the points in the order of their times, so they agree to the millimetre, and so do the
//! phone that drove and the server that checks. `docs/fare.md` says which points count. [`stand()`]
//! says how long the car stood at a place.

mod bridge;
mod digest;
mod error;
mod meter;
mod parse;
mod point;
mod reading;
pub mod segment;
mod stand;
#[cfg(test)]
mod tests;
mod walk;

pub use bridge::{Roads, StraightLine};
pub use digest::{TrackDigest, TrackDigestError};
pub use error::TrackError;
pub use meter::{Meter, Pushed, WINDOW};
pub use parse::{POINTS_MAX, parse_track};
pub use point::TrackPoint;
pub use reading::{Gaps, Reading};
pub use stand::{STAND_RADIUS_M, Stand, stand};
pub use walk::measure;
