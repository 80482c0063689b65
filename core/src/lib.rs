//! Everything that has to be the same on a phone, on the server and in a simulation.
//!
//! Without features this crate is the domain: ids, money, coordinates, the trip as a state machine,
//! fares, and the types that cross the wire. It performs no I/O, reads no clock and draws no random
//! numbers: whoever calls it passes in the time and the ids.
//!
//! - `client`: the HTTP and WebSocket client of the backend's API.
//! - `offline`: the database of a device, and what keeps it and the server the same.
//! - `routing`: the city pack: roads and routes, places, zones.
//! - `openapi`: schemas of the wire types, for the backend's OpenAPI document.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used,
        clippy::expect_used
    )
)]

#[cfg(feature = "routing")]
pub mod city;
#[cfg(feature = "client")]
pub mod client;
pub mod geo;
pub mod id;
pub mod money;
pub mod phone;
#[cfg(feature = "routing")]
pub mod places;
pub mod pricing;
pub mod quote;
pub mod receipt;
pub mod ride;
#[cfg(feature = "routing")]
pub mod roads;
pub mod signing;
pub mod sync;
pub mod track;
pub mod trip;
pub mod vehicle;
pub mod wire;
#[cfg(feature = "routing")]
pub mod zones;
