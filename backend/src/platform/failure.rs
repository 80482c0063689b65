//! Why a use case did not do what was asked: one type for all services, so that every layer above
//! them knows what to tell the caller and what only belongs in the log.

use std::borrow::Cow;
use std::error::Error;

use wayfare_core::wire::{ErrorCode, FieldProblem};

/// Why a use case failed. In every case nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A rule forbids it. The caller is told code and detail.
    #[error("{detail}")]
    Refused {
        /// Which rule.
        code: ErrorCode,
        /// What is wrong, in words for the caller.
        detail: Cow<'static, str>,
        /// When it makes sense to ask again.
        retry_after_s: Option<u32>,
    },
    /// Fields of the request break rules. The caller is told all of them.
    #[error("{detail}")]
    Invalid {
        /// Which rules.
        code: ErrorCode,
        /// What is wrong, in words for the caller.
        detail: Cow<'static, str>,
        /// The fields.
        errors: Vec<FieldProblem>,
    },
    /// The database failed. The caller only learns that the server did.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// Something else failed. The caller only learns that the server did.
    #[error("{what}")]
    Broken {
        /// What was being done.
        what: &'static str,
        /// What went wrong with it.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

impl Failure {
    /// A rule forbids it.
    pub fn refused(code: ErrorCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::Refused {
            code,
            detail: detail.into(),
            retry_after_s: None,
        }
    }

    /// There is nothing of this name, or nothing that the caller may see.
    pub fn not_found(what: &'static str) -> Self {
        Self::refused(ErrorCode::NotFound, format!("there is no such {what}"))
    }

    /// Something failed that is not the caller's fault.
    pub fn broken(what: &'static str, source: impl Error + Send + Sync + 'static) -> Self {
        Self::Broken {
            what,
            source: Box::new(source),
        }
    }

    /// The code that the caller gets.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Refused { code, .. } | Self::Invalid { code, .. } => *code,
            Self::Database(error) if is_outage(error) => ErrorCode::Unavailable,
            Self::Database(_) | Self::Broken { .. } => ErrorCode::Internal,
        }
    }
}

/// Whether the database could not be asked at all, so that the same request may succeed later.
fn is_outage(error: &sqlx::Error) -> bool {
    /// `admin_shutdown`, `crash_shutdown`, `cannot_connect_now`: PostgreSQL stops or starts.
    const STOPPING: [&str; 3] = ["57P01", "57P02", "57P03"];
    /// `serialization_failure`, `deadlock_detected`: the transaction was undone and may be repeated.
    const UNDONE: [&str; 2] = ["40001", "40P01"];
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            STOPPING.contains(&code.as_ref()) || UNDONE.contains(&code.as_ref())
        }),
        _ => false,
    }
}

/// Turns a broken constraint into the rule that it stands for; every other error stays as it is.
pub fn on_constraint(
    error: sqlx::Error,
    constraint: &str,
    refusal: impl FnOnce() -> Failure,
) -> Failure {
    let broken = error
        .as_database_error()
        .and_then(|error| error.constraint());
    if broken == Some(constraint) {
        refusal()
    } else {
        error.into()
    }
}
