//! Opening a file: the key, whose it is, which version, whether it is whole, and how it is written.
//!
//! Until all of this is known nothing is written: a file that this program cannot or must not use is
//! left as it was, byte for byte; at most an empty log appears beside it.

use std::ffi::OsString;
use std::fmt::Write;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::column::bytes_of;
use super::error::StoreError;
use super::keystore::sync_folder;
use super::migrate;
use super::owner::{Owner, StoreKey};

/// A program that was just killed needs a moment to let go of its file.
const BUSY: Duration = Duration::from_millis(200);

const FLAGS: OpenFlags = OpenFlags::SQLITE_OPEN_READ_WRITE.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);

/// The tables that are read through when a file is opened: those that every version has, but not the
/// contents of files.
const CHECKED: [&str; 8] = [
    "owner", "state", "chain", "commands", "trips", "segments", "points", "blobs",
];

pub(super) fn open(file: &Path, key: &StoreKey, owner: Owner) -> Result<Connection, StoreError> {
    let result = if file.try_exists()? {
        connect(file, key, owner)
    } else if has_log(file)? {
        // What was not yet in the file is in its log, which a new file would spoil.
        Err(StoreError::unreadable())
    } else {
        begin(file, key, owner).and_then(|()| connect(file, key, owner))
    };
    result.map_err(|error| place(error, file))
}

/// A file gets its name when it is a whole store: so an empty one is not new, but damaged.
fn begin(file: &Path, key: &StoreKey, owner: Owner) -> Result<(), StoreError> {
    let new = beside(file, ".new");
    for rest in [new.clone(), beside(&new, "-journal"), beside(&new, "-wal")] {
        match fs::remove_file(rest) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    let flags = FLAGS | OpenFlags::SQLITE_OPEN_CREATE;
    let connection = Connection::open_with_flags(&new, flags)?;
    unlock(&connection, key)?;
    migrate::begin(&connection, owner)?;
    prepare(&connection)?;
    connection.close().map_err(|(_, error)| error)?;
    fs::rename(&new, file)?;
    file.parent().map_or(Ok(()), sync_folder)?;
    Ok(())
}

fn connect(file: &Path, key: &StoreKey, owner: Owner) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(file, FLAGS)?;
    if connection.is_readonly("main")? {
        return Err(StoreError::ReadOnly);
    }
    // The log stays beside a file that turns out not to be ours.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.busy_timeout(BUSY)?;
    unlock(&connection, key)?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    let version = migrate::version(&connection)?;
    if version > migrate::newest() {
        return Err(StoreError::TooNew { version });
    }
    if version < 1 {
        return Err(StoreError::unreadable());
    }
    check_owner(&connection, owner)?;
    check_whole(&connection)?;
    prepare(&connection)?;
    migrate::migrate(&connection, version)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(connection)
}

/// SQLCipher takes a raw key as the text `x'…'`; nothing is derived from it, as it is random already.
pub(super) fn unlock(connection: &Connection, key: &StoreKey) -> Result<(), StoreError> {
    let mut text = String::with_capacity(67);
    text.push_str("x'");
    for byte in key.bytes() {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text.push('\'');
    // It would write to the program's standard error what comes back as an error anyway.
    connection.pragma_update_and_check(None, "cipher_log_level", "NONE", |_| Ok(()))?;
    Ok(connection.pragma_update(None, "key", text)?)
}

/// How the file is written: what was committed is on the disk, and what was deleted is gone.
fn prepare(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // The log shrinks again after large files.
    connection.pragma_update(None, "journal_size_limit", 4_i64 << 20)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

fn check_owner(connection: &Connection, owner: Owner) -> Result<(), StoreError> {
    let sql = "SELECT user = ?1 AND device = ?2 FROM owner";
    let ids = (bytes_of!(owner.user), bytes_of!(owner.device));
    if connection.query_row(sql, ids, |row| row.get(0))? {
        Ok(())
    } else {
        Err(StoreError::OtherOwner)
    }
}

fn check_whole(connection: &Connection) -> Result<(), StoreError> {
    for table in CHECKED {
        let check = format!("PRAGMA quick_check({table})");
        let said: String = connection.query_row(&check, [], |row| row.get(0))?;
        if said != "ok" {
            return Err(StoreError::unreadable());
        }
    }
    Ok(())
}

/// SQLite says of many things only that it cannot open the file.
fn place(error: StoreError, file: &Path) -> StoreError {
    let is_closed = matches!(&error, StoreError::Sqlite(cause)
        if cause.sqlite_error_code() == Some(rusqlite::ErrorCode::CannotOpen));
    let folder = file.parent().filter(|folder| folder.is_dir());
    if is_closed && folder.is_some() {
        StoreError::ReadOnly
    } else {
        error
    }
}

/// Whether a file, which may be missing, has a log with something in it.
pub(super) fn has_log(file: &Path) -> io::Result<bool> {
    match fs::metadata(beside(file, "-wal")) {
        Ok(log) => Ok(log.len() > 0),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The name of a file with something after it.
pub(super) fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(ending);
    PathBuf::from(name)
}
