//! What instances of the server tell each other, over the publish and subscribe of a Redis.
//!
//! It is for what is worth something only while it is new, such as positions; whatever must not be
//! lost goes through the database. Nobody waits for Redis: what is to be told goes into a bounded
//! queue, and when Redis does not keep up the oldest is dropped and counted. Without Redis, or while it
//! is away, an instance goes on alone with what it knows itself, says so once, and tries again with
//! growing pauses. When it is back, the tables are read anew.
//!
//! A [`Topic`] is one kind of message, with a channel of its own and perhaps a table of the newest
//! values for those who come later. Channel and table are named after the format's version, so that
//! instances that do not understand each other do not meet. What cannot be read is counted and left
//! aside.

mod envelope;
mod link;
mod outgoing;
mod pause;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};

pub use link::Exchange;
pub use outgoing::Outgoing;

/// One kind of message between instances.
pub trait Topic: Send + Sync + 'static {
    /// Names the channel, the table and the metrics.
    fn name(&self) -> &'static str;

    /// The next things to tell; `None` when there are none.
    fn take(&self) -> Option<Parcel>;

    /// Another instance told this.
    fn receive(&self, message: &[u8]) -> Result<(), Malformed>;

    /// Whether the newest values are kept in a table as well.
    fn has_table(&self) -> bool {
        false
    }

    /// An entry of the table, as [`Parcel::set`] wrote it. Answers whether it is still of use;
    /// otherwise it is deleted.
    fn restore(&self, field: &[u8], value: &[u8]) -> Result<bool, Malformed> {
        let _ = (field, value);
        Err(Malformed)
    }
}

/// Some things to tell at once.
#[derive(Debug, Default)]
pub struct Parcel {
    /// The message to the other instances.
    pub message: Vec<u8>,
    /// How many things it tells.
    pub count: usize,
    /// Entries of the table that are new or changed.
    pub set: Vec<(Vec<u8>, Vec<u8>)>,
    /// Entries that are gone.
    pub delete: Vec<Vec<u8>>,
}

/// Bytes that are not of the form that they should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are not of the expected form")]
pub struct Malformed;

/// How an instance stands to the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// There is no Redis: this is the only instance.
    Off,
    /// Redis cannot be reached: the instance is on its own.
    Away,
    /// What one instance learns, all know.
    Connected,
}

/// Tells how the instance stands to the others. Cheap to clone.
#[derive(Debug, Clone)]
pub struct LinkWatch(watch::Receiver<LinkState>);

impl LinkWatch {
    /// An instance without Redis.
    pub fn off() -> Self {
        // The sender may go: the last value stays.
        Self(watch::channel(LinkState::Off).1)
    }

    /// How it stands now.
    pub fn state(&self) -> LinkState {
        *self.0.borrow()
    }

    /// Waits until the others' values were read, but not for long: without them it works as well.
    pub async fn wait_connected(&mut self, patience: Duration) {
        let connected = self.0.wait_for(|state| *state == LinkState::Connected);
        // Too late or off: both are as good as it gets.
        drop(tokio::time::timeout(patience, connected).await);
    }
}

/// Wakes the link when a queue has a whole batch.
pub type Wake = Arc<Notify>;
