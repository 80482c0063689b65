//! Single values, trips, and what waits: the state of a device between two of its runs.

use serde::Serialize;
use serde::de::DeserializeOwned;

use rusqlite::OptionalExtension;

use super::column::{bytes_of, uuid, whole};
use super::error::StoreError;
use super::limits::{Limit, TRIPS_MAX, VALUE_BYTES_MAX};
use super::{Reads, Tx};
use crate::id::TripId;
use crate::sync::engine::Pending;
use crate::sync::replica::ReplicaTrip;

/// Names a single value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StateKey {
    /// What is known of time.
    Clock,
    /// Where the feed of changes goes on.
    Cursor,
    /// Whether the person wants offers.
    Online,
    /// Who drives.
    Driver,
    /// The server's answer to the registration, without its secrets.
    Registered,
    /// Offers that are open.
    Offers,
    /// Offers that were accepted here and wait for the answer.
    Accepting,
    /// What the server said of trips that the device has no kit of.
    Shown,
    /// Which call is under way, and what was put off.
    Engine,
}

impl StateKey {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::Cursor => "cursor",
            Self::Online => "online",
            Self::Driver => "driver",
            Self::Registered => "registered",
            Self::Offers => "offers",
            Self::Accepting => "accepting",
            Self::Shown => "shown",
            Self::Engine => "engine",
        }
    }
}

impl Reads {
    /// The value of this name, if there is one.
    pub fn state<T: DeserializeOwned>(&self, key: StateKey) -> Result<Option<T>, StoreError> {
        let sql = "SELECT value FROM state WHERE key = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let text: Option<String> = statement
            .query_row([key.as_str()], |row| row.get(0))
            .optional()?;
        text.map(|text| from_json("value", &text)).transpose()
    }

    /// All trips, by their ids.
    pub fn trips(&self) -> Result<Vec<(TripId, ReplicaTrip)>, StoreError> {
        let sql = "SELECT id, body FROM trips ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| {
            Ok((TripId::from_uuid(uuid(row, "id")?), row.get("body")?))
        })?;
        rows.map(|row| {
            let (id, body): (_, String) = row?;
            Ok((id, from_json("trip", &body)?))
        })
        .collect()
    }

    /// How much the server does not have, without what it refused. Points count once they are packed.
    pub fn pending(&self) -> Result<Pending, StoreError> {
        let sql = "SELECT (SELECT count(*) FROM commands WHERE outcome IS NULL),
                (SELECT count(*) FROM segments WHERE sent = 0 AND refused IS NULL),
                (SELECT count(*) FROM blobs WHERE sent < size AND refused IS NULL)";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([], |row| {
            Ok(Pending {
                commands: whole(row, 0)?,
                segments: whole(row, 1)?,
                blobs: whole(row, 2)?,
            })
        })?)
    }
}

impl Tx<'_> {
    /// Keeps a value under this name in place of the one before.
    pub fn set_state(
        &mut self,
        key: StateKey,
        value: &(impl Serialize + ?Sized),
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO state (key, value) VALUES (?1, ?2)
            ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute((key.as_str(), to_json("value", value)?))?;
        Ok(())
    }

    /// Keeps a trip in place of what was known of it.
    pub fn put_trip(&mut self, id: TripId, trip: &ReplicaTrip) -> Result<(), StoreError> {
        let sql = "INSERT INTO trips (id, body) VALUES (?1, ?2)
            ON CONFLICT (id) DO UPDATE SET body = excluded.body";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute((bytes_of!(id), to_json("trip", trip)?))?;
        let count = self.count("SELECT count(*) FROM trips")?;
        Ok(Limit::check("trips", count, TRIPS_MAX)?)
    }

    /// Forgets a trip. Its points and commands stay.
    pub fn remove_trip(&mut self, id: TripId) -> Result<(), StoreError> {
        let sql = "DELETE FROM trips WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute([bytes_of!(id)])?;
        Ok(())
    }
}

pub(super) fn to_json(
    what: &'static str,
    value: &(impl Serialize + ?Sized),
) -> Result<String, StoreError> {
    let text = serde_json::to_string(value).map_err(|_| StoreError::Content { what })?;
    let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
    Limit::check("bytes of a value", bytes, VALUE_BYTES_MAX)?;
    Ok(text)
}

pub(super) fn from_json<T: DeserializeOwned>(
    what: &'static str,
    text: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Content { what })
}
