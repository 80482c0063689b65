//! Files that belong to a person's work: kept in pieces, sent in chunks, and only then forgotten.

use rusqlite::{OptionalExtension, Row};
use sha2::{Digest, Sha256};

use super::column::{bytes_of, number, whole};
use super::error::StoreError;
use super::limits::{BLOB_BYTES_MAX, BLOB_SIZE_MAX, BLOBS_MAX, Limit};
use super::state::{from_json, to_json};
use super::{Reads, Tx};
use crate::id::BlobId;
use crate::sync::chain::ChainHash;
use crate::wire::{ErrorCode, NewBlob};

/// The bytes of a piece, so that a chunk is read without reading what is before it.
const PIECE_BYTES: usize = 128 * 1024;

/// A file that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBlob {
    /// What is announced of it.
    pub blob: NewBlob,
    /// So many of its bytes the server has.
    pub sent: u64,
}

impl Reads {
    /// The oldest file that waits, if one does.
    pub fn next_blob(&self) -> Result<Option<StoredBlob>, StoreError> {
        let sql = "SELECT sent, body FROM blobs WHERE sent < size AND refused IS NULL
            ORDER BY number LIMIT 1";
        self.one_blob(sql, ())
    }

    /// A file, sent or not, if it is still here.
    pub fn blob(&self, id: BlobId) -> Result<Option<StoredBlob>, StoreError> {
        let sql = "SELECT sent, body FROM blobs WHERE id = ?1";
        self.one_blob(sql, [bytes_of!(id)])
    }

    /// At most `max` bytes of a file from `offset` on; none after its end.
    pub fn blob_bytes(&self, id: BlobId, offset: u64, max: u32) -> Result<Vec<u8>, StoreError> {
        let piece_bytes = u64::try_from(PIECE_BYTES).unwrap_or(u64::MAX);
        let first = offset.checked_div(piece_bytes).unwrap_or_default();
        let skip = offset.checked_rem(piece_bytes).unwrap_or_default();
        let wanted = usize::try_from(skip.saturating_add(u64::from(max))).unwrap_or(usize::MAX);
        let sql = "SELECT content FROM blob_pieces JOIN blobs ON number = blob
            WHERE id = ?1 AND piece >= ?2 ORDER BY piece";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query((bytes_of!(id), number(first)?))?;
        let mut bytes = Vec::new();
        while bytes.len() < wanted
            && let Some(row) = rows.next()?
        {
            bytes.extend_from_slice(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?);
        }
        bytes.truncate(wanted);
        let skip = usize::try_from(skip).unwrap_or(usize::MAX).min(bytes.len());
        Ok(bytes.split_off(skip))
    }

    fn one_blob(
        &self,
        sql: &str,
        parameters: impl rusqlite::Params,
    ) -> Result<Option<StoredBlob>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let read = |row: &Row<'_>| Ok((whole(row, 0)?, row.get("body")?));
        let row: Option<(u64, String)> = statement.query_row(parameters, read).optional()?;
        row.map(|(sent, body)| {
            let blob = from_json("file", &body)?;
            Ok(StoredBlob { blob, sent })
        })
        .transpose()
    }
}

impl Tx<'_> {
    /// Keeps a file. Its content has to be what is announced of it.
    pub fn put_blob(&mut self, blob: &NewBlob, content: &[u8]) -> Result<(), StoreError> {
        let bytes = u64::try_from(content.len()).unwrap_or(u64::MAX);
        Limit::check("bytes of a file", bytes.max(blob.size), BLOB_SIZE_MAX)?;
        let sha256 = ChainHash::from_bytes(Sha256::digest(content).into());
        let is_new = self.blob(blob.blob_id)?.is_none();
        if bytes == 0 || bytes != blob.size || sha256 != blob.sha256 || !is_new {
            return Err(StoreError::Blob);
        }
        let sql = "INSERT INTO blobs (id, body, size, taken_ms) VALUES (?1, ?2, ?3, ?4)";
        self.connection.prepare_cached(sql)?.execute((
            bytes_of!(blob.blob_id),
            to_json("file", blob)?,
            number(blob.size)?,
            blob.taken_at.timestamp_millis(),
        ))?;
        let row = self.connection.last_insert_rowid();
        let sql = "INSERT INTO blob_pieces (blob, piece, content) VALUES (?1, ?2, ?3)";
        let mut statement = self.connection.prepare_cached(sql)?;
        for (piece, content) in (0_i64..).zip(content.chunks(PIECE_BYTES)) {
            statement.execute((row, piece, content))?;
        }
        let waiting = "FROM blobs WHERE sent < size";
        let count = self.count(&format!("SELECT count(*) {waiting}"))?;
        Limit::check("files that wait", count, BLOBS_MAX)?;
        let bytes = self.count(&format!("SELECT ifnull(sum(size), 0) {waiting}"))?;
        Ok(Limit::check(
            "bytes of files that wait",
            bytes,
            BLOB_BYTES_MAX,
        )?)
    }

    /// The server has this many bytes of a file; all of them: it is sent.
    pub fn set_blob_sent(&mut self, id: BlobId, sent: u64) -> Result<(), StoreError> {
        let sql = "UPDATE blobs SET sent = min(?2, size), refused = NULL WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        one_blob(statement.execute((bytes_of!(id), number(sent)?))?)
    }

    /// The server will not take this file as it is. It stays here and out of the way.
    pub fn blob_refused(&mut self, id: BlobId, code: ErrorCode) -> Result<(), StoreError> {
        let sql = "UPDATE blobs SET refused = ?2 WHERE id = ?1 AND sent < size";
        let mut statement = self.connection.prepare_cached(sql)?;
        one_blob(statement.execute((bytes_of!(id), code.to_string()))?)
    }
}

const fn one_blob(changed: usize) -> Result<(), StoreError> {
    match changed {
        1 => Ok(()),
        _ => Err(StoreError::Unknown { what: "file" }),
    }
}
