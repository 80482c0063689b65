//! What can go wrong with the private PostgreSQL, in words an operator can act on.

use std::{io, path::PathBuf};

use super::fetch::FetchError;

#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    #[error(
        "PostgreSQL {wanted} was not found (found: {found}) and could not be fetched; install it \
         (Debian and Ubuntu: `apt-get install postgresql`, macOS: `brew install postgresql@17`) or \
         set DATABASE_URL to a server of yours"
    )]
    NoBinaries {
        /// "15 or newer", or the version that wrote the data.
        wanted: String,
        found: String,
        #[source]
        source: Option<FetchError>,
    },
    #[error("another Wayfare process is using the database in {}; stop it first", folder.display())]
    InUse { folder: PathBuf },
    #[error(
        "PostgreSQL does not run as root, and there is neither a user `postgres` nor a user \
         `nobody` to run it as"
    )]
    NoAccount,
    #[error(
        "PostgreSQL runs as user `{user}`, who may not enter a folder above {}; choose another \
         data folder, or start Wayfare as a user other than root", folder.display()
    )]
    Unreachable { folder: PathBuf, user: String },
    #[error("could not {doing} {}", path.display())]
    Io {
        doing: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("could not set up a database in {}:\n{log}", folder.display())]
    Initdb { folder: PathBuf, log: String },
    #[error("PostgreSQL did not start in {}; the end of its log:\n{log}", folder.display())]
    DidNotStart { folder: PathBuf, log: String },
    #[error("PostgreSQL (process {pid}) in {} does not stop", folder.display())]
    DoesNotStop { folder: PathBuf, pid: i32 },
    #[error("no Wayfare process runs a database in {}", folder.display())]
    NotRunning { folder: PathBuf },
    #[error("PostgreSQL started but refuses to work")]
    Refused(#[source] sqlx::Error),
    #[error("starting PostgreSQL was interrupted")]
    Interrupted(#[source] tokio::task::JoinError),
}

impl ClusterError {
    /// For `map_err`: `.map_err(ClusterError::io("read", &path))`.
    pub(super) fn io(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            doing,
            path,
            source,
        }
    }
}
