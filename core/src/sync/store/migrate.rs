//! The versions of the schema, and the way from each to the newest.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::column::bytes_of;
use super::error::StoreError;
use super::owner::Owner;
use crate::sync::chain::ChainHash;

/// Brings a file from the version of its place to the next one. They never change once landed.
pub(super) const MIGRATIONS: [&str; 2] = [
    include_str!("schema/0001_create_store.sql"),
    include_str!("schema/0002_keep_notices.sql"),
];

/// The version of a file. This is the first thing that is read of it.
pub(super) fn version(connection: &Connection) -> Result<i64, StoreError> {
    let version = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(version)
}

/// The version that this program writes.
pub(super) fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Brings a file to the newest version, all in one transaction.
pub(super) fn migrate(connection: &Connection, from: i64) -> Result<(), StoreError> {
    if from == newest() {
        return Ok(());
    }
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    steps(&transaction, from)?;
    Ok(transaction.commit()?)
}

/// Makes an empty file the owner's.
pub(super) fn begin(connection: &Connection, owner: Owner) -> Result<(), StoreError> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    steps(&transaction, 0)?;
    transaction.execute(
        "INSERT INTO owner (one, user, device) VALUES (1, ?1, ?2)",
        (bytes_of!(owner.user), bytes_of!(owner.device)),
    )?;
    transaction.execute(
        "INSERT INTO chain (one, next_seq, head) VALUES (1, 1, ?1)",
        [ChainHash::first(owner.device).bytes()],
    )?;
    Ok(transaction.commit()?)
}

fn steps(connection: &Connection, from: i64) -> Result<(), StoreError> {
    for step in MIGRATIONS.iter().skip(usize::try_from(from).unwrap_or(0)) {
        connection.execute_batch(step)?;
    }
    connection.pragma_update(None, "user_version", newest())?;
    Ok(())
}
