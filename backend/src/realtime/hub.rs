//! The open connections of this process, by person.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;
use wayfare_core::id::UserId;
use wayfare_core::wire::StreamEvent;

use crate::platform::exchange::Outgoing;

/// A connection that is this many signals behind skips the oldest: it reads its feed anyway.
const SIGNALS_MAX: usize = 32;

/// What a connection is told.
#[derive(Debug, Clone)]
pub enum Signal {
    /// There is something new in the feed.
    Look,
    /// Send this. It is not in the feed.
    Pass(StreamEvent),
}

/// The open connections of this process, by person.
#[derive(Debug, Default)]
pub struct Hub {
    people: Mutex<HashMap<UserId, broadcast::Sender<Signal>>>,
    /// What the connections at other instances have to be passed.
    passed: Outgoing<(UserId, StreamEvent)>,
}

impl Hub {
    /// A hub that tells other instances what it passes.
    pub fn sharing(passed: Outgoing<(UserId, StreamEvent)>) -> Self {
        Self {
            people: Mutex::default(),
            passed,
        }
    }

    /// Sends something that is not kept to the person's open connections, at all instances.
    pub fn pass(&self, to: impl Into<UserId>, event: StreamEvent) {
        let to = to.into();
        self.passed.push((to, event.clone()));
        self.pass_here(to, event);
    }

    /// Sends something that is not kept to the person's open connections at this instance.
    pub(super) fn pass_here(&self, to: UserId, event: StreamEvent) {
        self.signal(to, Signal::Pass(event));
    }

    /// Takes out what other instances have to be told.
    pub(super) fn take_passed(&self) -> Vec<(UserId, StreamEvent)> {
        self.passed.take()
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

    /// What the person's connections are told from now on.
    pub fn listen(&self, user: UserId) -> broadcast::Receiver<Signal> {
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
