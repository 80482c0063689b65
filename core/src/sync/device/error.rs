//! Why a device does not do something.

use crate::signing::SignatureError;
use crate::sync::replica::LocalRefusal;
use crate::sync::store::{StoreError, StoreHealth};

/// Why a device did not do something. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// The person may not do this, as far as the device knows.
    #[error(transparent)]
    Refused(#[from] LocalRefusal),
    /// The store did not do it. The device goes on from what is stored.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A batch could not be signed.
    #[error("the commands cannot be signed")]
    Seal(#[source] SignatureError),
    /// A command could not be written.
    #[error("the command cannot be written")]
    Command(#[source] serde_json::Error),
    /// A file without content, or with too much of it.
    #[error("a file has 1 to {max} bytes")]
    FileSize {
        /// The most bytes.
        max: u64,
    },
    /// A file is not what is said of it: its size or its fingerprint is another one.
    #[error("the file is not what is said of it")]
    FileContent,
    /// The id of a command was used for something else.
    #[error("this id of a command was used for something else")]
    CommandReused,
    /// The program is ending.
    #[error("the program is ending")]
    Stopped,
}

impl DeviceError {
    /// What the screen says of the store, if it is the store that failed.
    pub const fn health(&self) -> Option<StoreHealth> {
        match self {
            Self::Store(error) => Some(error.health()),
            _ => None,
        }
    }
}
