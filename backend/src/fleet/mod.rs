//! Drivers and their vehicles. It owns the schema `fleet`.
//!
//! A driver is a person with a profile, under the person's own id. Registering is not approval: a
//! driver drives once the operator says so (or at once, where the configuration says so). Online
//! means that the driver wants offers, with one vehicle of their own; the database refuses anything
//! else, whoever asks.

pub mod api;
mod availability;
mod queries;
pub mod service;
mod vehicles;

pub use availability::{
    AvailabilityChange, OnlineDriver, change_availability, said_otherwise_since,
};
pub use service::DriverCard;
