//! The tokens of the signed-in device, and who may refresh them: one task at a time.

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::wire::Session;

/// A token this close to its end is refreshed before it is used.
const REFRESH_BEFORE_END: TimeDelta = TimeDelta::seconds(30);

#[derive(Debug, Default)]
pub(super) struct SessionStore {
    session: Mutex<Option<Session>>,
    /// Held while tokens are exchanged, so that no refresh token is sent twice.
    pub(super) refreshing: tokio::sync::Mutex<()>,
}

impl SessionStore {
    pub(super) fn get(&self) -> Option<Session> {
        self.lock().clone()
    }

    pub(super) fn set(&self, session: Option<Session>) {
        *self.lock() = session;
    }

    /// A token that is in memory can be used whatever happened to the task that held the lock.
    fn lock(&self) -> MutexGuard<'_, Option<Session>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn is_stale(session: &Session, now: DateTime<Utc>) -> bool {
    session.access_expires_at.signed_duration_since(now) < REFRESH_BEFORE_END
}
