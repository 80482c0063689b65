//! Builds a city pack from one OpenStreetMap extract: the map as vector tiles, the roads ready for
//! routing, the places ready for search, and the zones.
//!
//! Only operators build packs. What reads them is in the core, so phones do not carry this crate.

pub mod build;
pub mod map;
pub mod osm;
pub mod places;
mod protobuf;
pub mod roads;
