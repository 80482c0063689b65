//! A device: the store, the clock, the replica and the engine as one thing.
//!
//! Whoever drives a [`Device`] gives it what happens ([`act`](Device::act), [`record`](Device::record),
//! [`input`](Device::input), [`answer`](Device::answer)) and does the [`Effect`]s that come of it. It
//! performs no network I/O and reads no clock; it does read and write its store, and so it blocks.
//!
//! Everything is in the store before the engine takes the next step. A process that is killed
//! between any two calls, or inside one, begins again from the store: it may ask the server for
//! something twice, and the server answers that as it did before, but nothing is lost. An error
//! leaves the device as it was.

mod act;
mod answers;
mod batch;
mod call;
mod error;
mod feed;
mod notice;
mod open;
mod prune;
mod record;
mod requests;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::clock::{DeviceTime, TrustedClock};
use super::engine::{Call, CallId, Effect, Engine, Input, Pending};
use super::pin_check::PinKey;
use super::replica::Replica;
use super::store::{QueueItem, Store};
use crate::ride::Ground;
use crate::signing::SigningKey;

pub use call::{Answer, Request};
pub use error::DeviceError;
pub use notice::{KeptNotice, Notice};

/// The secrets of a device, from its keystore.
#[derive(Debug, Clone)]
pub struct DeviceKeys {
    /// Signs the device's batches; its id is `KeyId(0)`.
    pub signing: SigningKey,
    /// Checks PINs; absent until the device was registered.
    pub pin: Option<PinKey>,
}
