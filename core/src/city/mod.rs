//! A city pack: the map, the roads, the places and the zones of one city, built from one
//! OpenStreetMap extract, that the backend serves and a phone keeps.

mod bytes;
mod folder;
mod manifest;
mod pack;

pub use bytes::PackBytes;
pub use folder::{PackError, PackFolder};
pub use manifest::{
    Bounds, Counts, MANIFEST_FILE, MAP_FILE, Manifest, ManifestError, PLACES_FILE, PackFile,
    ROADS_FILE, Source, ZONES_FILE, hex,
};
pub use pack::CityPack;
