//! The Wayfare server as a library: the binary `wayfare`, the simulator and the tests start it from here.
//!
//! A folder per bounded context. Each has `mod.rs` (what it owns), `api.rs` (thin handlers),
//! `service.rs` (use cases and their transactions) and `queries.rs` (the only place with SQL).

pub mod admin;
pub mod app;
pub mod dispatch;
mod document;
pub mod fleet;
pub mod identity;
mod jobs;
pub mod notify;
pub mod payments;
pub mod places;
pub mod platform;
pub mod pricing;
pub mod realtime;
mod routes;
mod server;
pub mod sync;
pub mod trips;

pub use routes::openapi_json;
pub use server::{Server, ServerBuilder, ServerError};
