//! Pieces of tracks, each kept once under the hash of its bytes.
//!
//! A device sends what it recorded in pieces that never change. The bytes are kept as they came,
//! whatever became of the trip meanwhile: a piece is taken after the end of its trip, and from a
//! driver who has it no longer. With the trip itself are kept only the points of the driver whose it
//! is, from when it was given to them; so when a trip comes back to a driver, what lies here already
//! is taken in then. The order of pieces does not matter, nor how often one comes.

mod api;
mod queries;
mod service;

pub use api::SegmentsApi;
pub use service::{SEGMENTS_PER_DAY_MAX, take_in};
