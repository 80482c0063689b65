//! The city's ground: its map, its places, its zones, and ways by road.
//!
//! All of it comes from a city pack; ways may come from an OSRM server instead. Without either, the
//! server works as before: nothing can be searched, and planned rides are straight lines made longer.

pub mod api;
mod city;
mod driven;
pub(crate) mod files;
mod open;
mod osrm;
mod pack_router;
mod page;
mod ranges;
mod router;
pub mod service;

pub use city::{City, CityError};
pub use driven::read_track;
pub use open::open_routes;
pub use osrm::{OsrmError, OsrmRouter};
pub use pack_router::PackRouter;
pub use router::{Router, RouterError, TableRequest};
