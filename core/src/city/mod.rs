//! A city pack: the map, the roads, the places and the zones of one city, built from one
//! OpenStreetMap extract, that the backend serves and a phone keeps.

mod bytes;

pub use bytes::PackBytes;
