//! The database of one person on one device: outbox, replica, tracks, files, cursors.
//!
//! A [`Store`] is one encrypted SQLite file. What is written in a [`Store::write`] is on the disk as a
//! whole when it returns, or not there at all. Reads are methods of [`Reads`], which a [`Store`] and a
//! [`Tx`] both are.
//!
//! What the server does not have is never deleted, whatever happens: the schema itself refuses it.
//! A full or read-only disk, a damaged file, a newer version, another owner: each is an error of its
//! own ([`StoreError`]) that changes nothing. A [`Vault`] keeps a store and its keys per person, and
//! puts a damaged one aside.

mod blobs;
mod column;
mod commands;
mod error;
mod forget;
mod keystore;
mod limits;
mod migrate;
mod notices;
mod open;
mod owner;
mod points;
mod state;
mod vault;

#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::File;
use std::ops::Deref;
use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use blobs::StoredBlob;
pub use commands::{Chain, NewCommand, QueueItem, QueueState, StoredCommand};
pub use error::{StoreError, StoreHealth};
pub use forget::Refused;
pub use keystore::{DeviceKeys, FileKeystore, Keystore, KeystoreError};
pub use limits::{
    BLOB_BYTES_MAX, BLOB_SIZE_MAX, BLOBS_MAX, COMMANDS_MAX, Limit, POINTS_MAX, TRIPS_MAX,
    VALUE_BYTES_MAX,
};
pub use notices::NoticeId;
pub use owner::{Owner, StoreKey};
pub use points::{SEALS_MAX, StoredSegment};
pub use state::StateKey;
pub use vault::{Vault, VaultError};

/// What a hook does to a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CommitFault {
    /// Nothing.
    #[default]
    None,
    /// It does not take place, as if the program had been killed before.
    Before,
    /// It takes place and nobody hears of it, as if the program had been killed after.
    After,
}

type Hook = Box<dyn FnMut() -> CommitFault + Send>;

/// The database of one person on one device. One process has it open at a time.
pub struct Store {
    reads: Reads,
    owner: Owner,
    hook: Option<Hook>,
    /// Held by a vault as long as the store is open; it ends with it.
    lock: Option<File>,
}

impl Store {
    /// Opens the store in this file, or begins one there. Its folder has to exist.
    ///
    /// Whatever it fails with, an existing file is left as it was.
    pub fn open(file: &Path, key: &StoreKey, owner: Owner) -> Result<Self, StoreError> {
        Ok(Self {
            reads: Reads {
                connection: open::open(file, key, owner)?,
            },
            owner,
            hook: None,
            lock: None,
        })
    }

    /// Whose it is.
    pub const fn owner(&self) -> Owner {
        self.owner
    }

    /// Writes all that `f` does in one transaction. It is on the disk when this returns. If `f` or the
    /// commit fails, nothing of it is there.
    pub fn write<T>(
        &mut self,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let connection = &self.reads.connection;
        let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
        let value = f(&mut Tx { reads: &self.reads })?;
        let fault = self.hook.as_mut().map_or(CommitFault::None, |hook| hook());
        if fault == CommitFault::Before {
            transaction.rollback()?;
            return Err(StoreError::Interrupted);
        }
        transaction.commit()?;
        match fault {
            CommitFault::After => Err(StoreError::Interrupted),
            _ => Ok(value),
        }
    }

    /// Lets tests and simulations decide the fate of every commit from now on. An interrupted one
    /// fails with [`StoreError::Interrupted`].
    pub fn on_commit(&mut self, hook: impl FnMut() -> CommitFault + Send + 'static) {
        self.hook = Some(Box::new(hook));
    }

    fn hold(&mut self, lock: File) {
        self.lock = Some(lock);
    }
}

impl Deref for Store {
    type Target = Reads;

    fn deref(&self) -> &Reads {
        &self.reads
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("owner", &self.owner)
            .field("is_locked", &self.lock.is_some())
            .finish_non_exhaustive()
    }
}

/// What can be read of a store, within a transaction or without.
#[derive(Debug)]
pub struct Reads {
    connection: Connection,
}

impl Reads {
    fn count(&self, sql: &str) -> Result<u64, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([], |row| column::whole(row, 0))?)
    }
}

/// A transaction: reads what it wrote itself.
#[derive(Debug)]
pub struct Tx<'store> {
    reads: &'store Reads,
}

impl Deref for Tx<'_> {
    type Target = Reads;

    fn deref(&self) -> &Reads {
        self.reads
    }
}
