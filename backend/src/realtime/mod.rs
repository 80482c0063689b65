//! Each person's own feed, and the WebSocket that carries it.
//!
//! A message is written in the transaction that caused it, so it is there if and only if its cause
//! is. A connection reads its messages from the database from a cursor on; being woken only makes
//! it look sooner. So a lost wake-up, a dropped socket or a restarted server delays messages and
//! loses none. Positions of cars are different: only the newest counts, so they go straight to the
//! connections that are open and are not kept.

pub mod api;
mod feed;
mod hub;
mod incoming;
mod passing;
mod queries;
pub mod service;

pub use feed::Feed;
pub use hub::{Hub, Signal};
pub use passing::{PASSES, Passing};
