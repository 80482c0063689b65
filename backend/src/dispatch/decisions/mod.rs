//! The record of what rounds decided, for those who ask why.
//!
//! A round keeps one row per request, with all the cars that were looked at in a compact form, and
//! where the cars were that moved ([`Sightings`]), so that it can also be explained to those who were
//! too far to be looked at. Both are kept for some days, in a partition per day. Admins ask about a
//! trip and a driver (`explain.rs`), drivers about themselves (`own.rs`).

pub mod api;
mod explain;
mod keep;
mod own;
mod queries;
mod sightings;
mod unseen;
mod views;
mod words;

pub use keep::{keep, keep_decisions, keep_sightings, tidy};
pub use sightings::{Clock, Sightings};
