//! Forgetting what the server has, and trying again what it refused.

use chrono::{DateTime, Utc};

use super::Reads;
use super::Tx;
use super::column::whole;
use super::error::StoreError;

/// What lies here and will not be sent as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Refused {
    /// Segments of tracks.
    pub segments: u64,
    /// Files.
    pub blobs: u64,
}

impl Reads {
    /// How much the server refused for good.
    pub fn refused(&self) -> Result<Refused, StoreError> {
        let sql = "SELECT (SELECT count(*) FROM segments WHERE sent = 0 AND refused IS NOT NULL),
            (SELECT count(*) FROM blobs WHERE sent < size AND refused IS NOT NULL)";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([], |row| {
            Ok(Refused {
                segments: whole(row, 0)?,
                blobs: whole(row, 1)?,
            })
        })?)
    }
}

impl Tx<'_> {
    /// Lets everything that was refused wait again, as after an update of the program.
    pub fn retry_refused(&mut self) -> Result<(), StoreError> {
        self.connection.execute_batch(
            "UPDATE segments SET refused = NULL WHERE refused IS NOT NULL;
             UPDATE blobs SET refused = NULL WHERE refused IS NOT NULL;",
        )?;
        Ok(())
    }

    /// Forgets what happened before this moment, as far as the server has it: answered commands from
    /// the beginning of the chain, sent segments with their points unless their trip is still here,
    /// sent files, and notices that were seen.
    pub fn forget_before(&mut self, moment: DateTime<Utc>) -> Result<(), StoreError> {
        let before_ms = moment.timestamp_millis();
        for sql in FORGET {
            self.connection.prepare_cached(sql)?.execute([before_ms])?;
        }
        self.connection
            .execute_batch("DELETE FROM notices WHERE seen = 1")?;
        Ok(())
    }
}

/// Each takes the moment in milliseconds.
const FORGET: [&str; 4] = [
    // Only from the beginning, so that the rest of the chain is whole.
    "DELETE FROM commands WHERE seq < ifnull(
        (SELECT min(seq) FROM commands WHERE outcome IS NULL OR occurred_ms >= ?1),
        (SELECT next_seq FROM chain))",
    "DELETE FROM points WHERE segment IN (
        SELECT id FROM segments WHERE sent = 1 AND last_ms < ?1)
        AND (trip IS NULL OR trip NOT IN (SELECT id FROM trips))",
    "DELETE FROM segments WHERE sent = 1 AND last_ms < ?1
        AND NOT EXISTS (SELECT 1 FROM points WHERE segment = segments.id)",
    "DELETE FROM blobs WHERE sent = size AND taken_ms < ?1",
];
