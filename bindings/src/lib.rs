//! The core for Android and iOS developers: fares, signing in, and the session, in Kotlin and Swift.
//!
//! Ids are strings with their prefix (`user_…`), amounts are minor units, times are RFC 3339. What
//! fails is an error of its own kind with its own fields: [`fare::FareError`] for fares,
//! [`client::CallError`] for calls, [`proof::ProofError`] for signed quotes and receipts. Nothing here decides anything; it hands on to the core.

pub mod client;
pub mod fare;
pub mod meter;
pub mod proof;

uniffi::setup_scaffolding!();
