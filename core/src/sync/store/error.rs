//! Why the store does not do something, and what the person is shown of it.

use std::io::{self, ErrorKind};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::limits::Limit;
use crate::track::segment::SegmentError;

/// Why the store did not do something. Nothing was changed, and nothing is deleted ever.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no room left on the disk.
    #[error("the disk is full")]
    Full,
    /// The file or its folder cannot be written.
    #[error("the store cannot be written")]
    ReadOnly,
    /// The file is damaged, or this is not its key. If it shows only when something is read, what
    /// else is in the file can be read once it is opened again.
    #[error("the store cannot be read: it is damaged, or the key is another one")]
    Unreadable {
        /// Where the file was put, if it was put aside.
        kept_aside: Option<PathBuf>,
    },
    /// A newer program wrote it.
    #[error("the store is of version {version}, which this program does not know")]
    TooNew {
        /// The file's version.
        version: i64,
    },
    /// Another program, or another person, has it open.
    #[error("the store is in use")]
    InUse,
    /// The file is of another person or another device.
    #[error("the store is of another person or device")]
    OtherOwner,
    /// A hook of a test or a simulation stopped the commit. Whether it took place, the hook knows.
    #[error("the commit was interrupted")]
    Interrupted,
    /// There would be too much of something.
    #[error(transparent)]
    Limit(#[from] Limit),
    /// A command that does not follow the last one of the chain.
    #[error("the command is not the next one of the chain: {next_seq} is")]
    Chain {
        /// The place that comes next.
        next_seq: u64,
    },
    /// A file's content is not what was announced of it, or the file is there already.
    #[error("the file is not what is said of it")]
    Blob,
    /// The store has no such thing.
    #[error("there is no such {what}")]
    Unknown {
        /// What.
        what: &'static str,
    },
    /// Something cannot be written as JSON, or is not what was written. What it was stays unsaid, as
    /// it may be personal.
    #[error("the store holds a {what} that this program cannot read or write")]
    Content {
        /// What.
        what: &'static str,
    },
    /// Points that cannot be packed.
    #[error(transparent)]
    Segment(#[from] SegmentError),
    /// Anything else that the disk says.
    #[error("the files of the store cannot be used")]
    Disk(#[source] io::Error),
    /// Anything else that SQLite says.
    #[error("the store failed")]
    Sqlite(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match error.sqlite_error_code() {
            Some(Code::DiskFull) => Self::Full,
            Some(Code::ReadOnly | Code::PermissionDenied) => Self::ReadOnly,
            // SQLCipher has no memory, as it says, for a page that this key did not sign, and from
            // then on for any other.
            Some(Code::NotADatabase | Code::DatabaseCorrupt | Code::OutOfMemory) => {
                Self::unreadable()
            }
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => Self::InUse,
            _ => Self::Sqlite(error),
        }
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full,
            ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => Self::ReadOnly,
            _ => Self::Disk(error),
        }
    }
}

impl StoreError {
    pub(super) const fn unreadable() -> Self {
        Self::Unreadable { kept_aside: None }
    }

    /// What the person is shown.
    pub const fn health(&self) -> StoreHealth {
        match self {
            Self::Full => StoreHealth::Full,
            Self::ReadOnly => StoreHealth::ReadOnly,
            Self::Unreadable { kept_aside: None } => StoreHealth::Unreadable,
            Self::Unreadable {
                kept_aside: Some(_),
            } => StoreHealth::KeptAside,
            Self::TooNew { .. } => StoreHealth::TooNew,
            Self::InUse => StoreHealth::InUse,
            Self::OtherOwner => StoreHealth::OtherOwner,
            Self::Limit(_) => StoreHealth::Crowded,
            Self::Interrupted
            | Self::Chain { .. }
            | Self::Blob
            | Self::Unknown { .. }
            | Self::Content { .. }
            | Self::Segment(_)
            | Self::Disk(_)
            | Self::Sqlite(_) => StoreHealth::Failing,
        }
    }
}

/// How the store is, for the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoreHealth {
    /// All is well.
    #[default]
    Good,
    /// The disk is full: nothing new can be kept until there is room.
    Full,
    /// Too much waits to be sent: nothing more of the kind is kept until some of it was.
    Crowded,
    /// The disk cannot be written.
    ReadOnly,
    /// The file is damaged, or its key is lost. It is where it was.
    Unreadable,
    /// A damaged file was put aside, and a new one has begun.
    KeptAside,
    /// The program is older than the file: it has to be updated.
    TooNew,
    /// Another program, or another person, works here.
    InUse,
    /// The file is another person's.
    OtherOwner,
    /// It fails in another way.
    Failing,
}
