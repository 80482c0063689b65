//! What can go wrong in a task, in words that tell the reader what to do about it.
//!
//! A task ends with the first failure. Nothing here is retried: a person reads the message and
//! acts on it.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

use thiserror::Error;

/// The reason why a task ended early.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// A program could not be started at all.
    #[error("could not start `{program}`: {source}")]
    Start {
        /// The program as it was called.
        program: String,
        /// Why the system refused.
        #[source]
        source: io::Error,
    },
    /// A program ran and reported failure.
    #[error("`{program}` failed ({status})")]
    Program {
        /// The program as it was called.
        program: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// A file or folder could not be read or written.
    #[error("could not {action} {}: {source}", path.display())]
    File {
        /// The verb: read, write, create, remove.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why the system refused.
        #[source]
        source: io::Error,
    },
    /// A document was not what it should be.
    #[error("{what} is not valid JSON: {source}")]
    Json {
        /// Where the document came from.
        what: String,
        /// What the parser found.
        #[source]
        source: serde_json::Error,
    },
    /// A network exchange with the backend failed.
    #[error("{what}: {source}")]
    Network {
        /// The exchange.
        what: String,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// Something that the task needs is not on this machine and was not installed.
    #[error("{0}")]
    Missing(String),
    /// A check found something to mend; the findings have been printed already.
    #[error("{0}")]
    Check(String),
    /// The backend did not come up or answered nonsense.
    #[error("{0}")]
    Backend(String),
    /// A step of a longer task failed.
    #[error("step \"{step}\" failed: {reason}. Run only this step: {rerun}")]
    Step {
        /// The step's name.
        step: String,
        /// The failure below it.
        #[source]
        reason: Box<Failure>,
        /// The command that runs only this step.
        rerun: String,
    },
}

impl Failure {
    /// Pairs a file with the system's reason, for use in `map_err`.
    pub(crate) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File {
            action,
            path,
            source,
        }
    }
}
