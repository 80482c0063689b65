//! Work that goes on without a network: *commands up, changes down, tracks aside*.
//!
//! A device is a replica with an outbox. What a person does becomes a [`DeviceCommand`], which is
//! stored and applied to the local [`Replica`](replica::Replica) and only then sent. The server
//! applies each command once, decides by the [conflict table](conflicts) where the world went on
//! meanwhile, and answers for good. Points and files follow, content-addressed, each once.
//!
//! What is here without a feature performs no I/O and is shared with the server. The feature
//! `offline` adds the [`store`] and the [`device`] that keeps one; with `client` as well there is a
//! runner that speaks to a server.

mod action_kind;
pub mod chain;
pub mod claim;
pub mod clock;
pub mod command;
pub mod conflicts;
pub mod engine;
pub mod kit;
pub mod pin_check;
pub mod replica;

#[cfg(feature = "offline")]
pub mod device;
#[cfg(all(feature = "client", feature = "offline"))]
pub mod runner;
#[cfg(feature = "offline")]
pub mod store;

pub use action_kind::ActionKind;
pub use chain::{ChainHash, ChainHashError};
pub use claim::FareClaim;
pub use command::{ClockReading, DeviceAction, DeviceCommand, TimeSource};
pub use kit::TripKit;
pub use pin_check::{PinCheck, PinKey};
