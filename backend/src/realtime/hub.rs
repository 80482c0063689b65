//! The open connections of this process, by person.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;
use wayfare_core::id::UserId;
use wayfare_core::wire::StreamEvent;

/// A connection that is this many signals behind skips the oldest: it reads its feed anyway.
const SIGNALS_MAX: usize = 32;

/// What a connection is told.
#[derive(Debug, Clone)]
pub(super) enum Signal {
    /// There is something new in the feed.
    Look,
    /// Send this. It is not in the feed.
    Pass(StreamEvent),
}

/// The open connections of this process, by person.
#[derive(Debug, Default)]
pub struct Hub {
    people: Mutex<HashMap<UserId, broadcast::Sender<Signal>>>,
}

impl Hub {
    /// Sends something that is not kept to the person's open connections.
    pub fn pass(&self, to: impl Into<UserId>, event: StreamEvent) {
        self.signal(to.into(), Signal::Pass(event));
    }

    /// Makes the person's open connections look into their feed.
    pub(super) fn wake(&self, user: UserId) {
        self.signal(user, Signal::Look);
    }

    /// Makes all open connections look into their feeds.
    pub(super) fn wake_all(&self) {
        for connections in self.lock().values() {
            // Fails only if nobody listens any more.
            drop(connections.send(Signal::Look));
        }
    }

    pub(super) fn listen(&self, user: UserId) -> broadcast::Receiver<Signal> {
        let mut people = self.lock();
        people.retain(|_, connections| connections.receiver_count() > 0);
        people
            .entry(user)
            .or_insert_with(|| broadcast::channel(SIGNALS_MAX).0)
            .subscribe()
    }

    fn signal(&self, user: UserId, signal: Signal) {
        if let Some(connections) = self.lock().get(&user) {
            drop(connections.send(signal));
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, broadcast::Sender<Signal>>> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
