//! How ids, links and times stand in columns.

use chrono::{DateTime, Utc};
use rusqlite::Row;
use uuid::Uuid;

use super::error::StoreError;
use crate::sync::chain::ChainHash;

pub(super) type Bytes16 = [u8; 16];
pub(super) type Bytes32 = [u8; 32];

/// The 16 bytes of an id.
macro_rules! bytes_of {
    ($id:expr) => {
        *$id.uuid().as_bytes()
    };
}
pub(super) use bytes_of;

pub(super) fn uuid(row: &Row<'_>, column: &str) -> rusqlite::Result<Uuid> {
    row.get::<_, Bytes16>(column).map(Uuid::from_bytes)
}

pub(super) fn maybe_uuid(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Uuid>> {
    let bytes: Option<Bytes16> = row.get(column)?;
    Ok(bytes.map(Uuid::from_bytes))
}

pub(super) fn link(row: &Row<'_>, column: &str) -> rusqlite::Result<ChainHash> {
    row.get::<_, Bytes32>(column).map(ChainHash::from_bytes)
}

/// A count or a size. The schema allows no negative ones.
pub(super) fn whole(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

/// A number for a column.
pub(super) fn number(whole: u64) -> Result<i64, StoreError> {
    i64::try_from(whole).map_err(|_| StoreError::Content { what: "number" })
}

pub(super) fn moment(row: &Row<'_>, column: &str) -> rusqlite::Result<DateTime<Utc>> {
    let at_ms: i64 = row.get(column)?;
    Ok(DateTime::from_timestamp_millis(at_ms).unwrap_or_default())
}
