//! Events and commands with the version of their form, as they are kept and sent.
//!
//! The JSON is the body's own fields and `"v"`. What was kept before there were versions has no `v`
//! and is version 1. An older version is brought up to the current one before it is read; a newer one
//! is refused, because whoever wrote it meant something that is not known here.

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::command::Command;
use super::event::Event;

const VERSION_FIELD: &str = "v";
/// What a body without a version is.
const UNNUMBERED: u64 = 1;

/// Why a kept or sent body cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum VersionError {
    /// Whoever wrote it is ahead of this program.
    #[error("version {v} is newer than version {known}, the newest one that is known here")]
    TooNew {
        /// The body's version.
        v: u64,
        /// The newest known one.
        known: u64,
    },
    /// `v` is there but no version.
    #[error("`v` must be a whole number from 1")]
    NotAVersion,
    /// The text is no JSON, or its fields are not those of its version.
    #[error("malformed: {0}")]
    Malformed(#[from] serde_json::Error),
}

/// Something whose JSON form changes over the years.
pub trait VersionedBody {
    /// The version that is written.
    const VERSION: u64;

    /// Turns the fields of an older version into those of the current one.
    fn upcast(from: u64, fields: &mut Map<String, Value>);
}

impl VersionedBody for Event {
    /// 2 added the stops of a trip, the time of a scheduled one, and who released it. 3 added trips
    /// that are resumed.
    const VERSION: u64 = 3;

    fn upcast(from: u64, fields: &mut Map<String, Value>) {
        let is_release = fields.get("kind").and_then(Value::as_str) == Some("released");
        if from < 2 && is_release {
            // Nobody but the driver could give a trip back then. What a request of then does not say
            // is what its fields default to: no waypoints, now, for the rider.
            fields.insert("by".to_owned(), Value::from("driver"));
        }
    }
}

impl VersionedBody for Command {
    /// 2 added trips that are resumed.
    const VERSION: u64 = 2;

    fn upcast(_from: u64, _fields: &mut Map<String, Value>) {}
}

impl<T: VersionedBody> VersionedBody for &T {
    const VERSION: u64 = T::VERSION;

    fn upcast(from: u64, fields: &mut Map<String, Value>) {
        T::upcast(from, fields);
    }
}

/// A body that is written with its version and read from every version up to that one. To write
/// something borrowed, wrap the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versioned<T>(pub T);

impl<T: VersionedBody + DeserializeOwned> Versioned<T> {
    /// Reads JSON text.
    pub fn from_json(json: &str) -> Result<Self, VersionError> {
        Self::from_fields(serde_json::from_str(json)?)
    }

    /// Reads JSON that is parsed already, such as a column of the database.
    pub fn from_value(value: Value) -> Result<Self, VersionError> {
        Self::from_fields(serde_json::from_value(value)?)
    }

    fn from_fields(mut fields: Map<String, Value>) -> Result<Self, VersionError> {
        let v = match fields.remove(VERSION_FIELD) {
            None => UNNUMBERED,
            Some(v) => v
                .as_u64()
                .filter(|v| *v >= UNNUMBERED)
                .ok_or(VersionError::NotAVersion)?,
        };
        if v > T::VERSION {
            return Err(VersionError::TooNew {
                v,
                known: T::VERSION,
            });
        }
        if v < T::VERSION {
            T::upcast(v, &mut fields);
        }
        Ok(Self(serde_json::from_value(Value::Object(fields))?))
    }
}

impl<T: VersionedBody + Serialize> Serialize for Versioned<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Numbered<'a, T> {
            #[serde(flatten)]
            body: &'a T,
            v: u64,
        }
        let numbered = Numbered {
            body: &self.0,
            v: T::VERSION,
        };
        numbered.serialize(serializer)
    }
}

impl<'de, T: VersionedBody + DeserializeOwned> Deserialize<'de> for Versioned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_fields(Map::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests;
