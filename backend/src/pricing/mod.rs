//! Tariffs, and the prices that are promised by them.
//!
//! A tariff's versions never change. A quote keeps the facts it was computed from and the version
//! of the tariff, so the fare at the end of the trip is the same function on the same tariff.

pub mod api;
mod defaults;
mod plan;
mod queries;
pub mod service;
