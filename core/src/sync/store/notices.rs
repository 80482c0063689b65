//! What the person is to be told, once and not less, however often the program ends in between.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::StoreError;
use super::state::{from_json, to_json};
use super::{Reads, Tx};

/// The most notices that are read at once.
const READ_MAX: u32 = 200;

/// Names a notice in its store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NoticeId(pub i64);

impl Reads {
    /// The oldest notices that were not seen, oldest first, at most 200.
    pub fn notices<T: DeserializeOwned>(&self) -> Result<Vec<(NoticeId, T)>, StoreError> {
        let sql = "SELECT id, body FROM notices WHERE seen = 0 ORDER BY id LIMIT ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([READ_MAX], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.map(|row| {
            let (id, body): (_, String) = row?;
            Ok((NoticeId(id), from_json("notice", &body)?))
        })
        .collect()
    }
}

impl Tx<'_> {
    /// Keeps something that the person is to be told.
    pub fn put_notice(
        &mut self,
        notice: &(impl Serialize + ?Sized),
    ) -> Result<NoticeId, StoreError> {
        let sql = "INSERT INTO notices (body) VALUES (?1)";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute([to_json("notice", notice)?])?;
        Ok(NoticeId(self.connection.last_insert_rowid()))
    }

    /// The person has seen it.
    pub fn notice_seen(&mut self, id: NoticeId) -> Result<(), StoreError> {
        let sql = "UPDATE notices SET seen = 1 WHERE id = ?1";
        self.connection.prepare_cached(sql)?.execute([id.0])?;
        Ok(())
    }
}
