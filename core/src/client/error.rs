//! Why a call failed, in words that a person can be shown.

use std::time::Duration;

use crate::wire::{ErrorCode, Problem};

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server understood and refused.
    #[error("{}", .problem.detail)]
    Refused {
        /// What the server said.
        problem: Box<Problem>,
        /// When the server wants to be asked again, if it said so.
        retry_after: Option<Duration>,
    },
    /// The server could not be reached, or did not answer in time.
    #[error("the server cannot be reached")]
    Unreachable {
        /// What the network said.
        #[source]
        source: reqwest::Error,
    },
    /// The answer is not what the API promises.
    #[error("the server's answer is not understood (status {status})")]
    Unreadable {
        /// The answer's HTTP status.
        status: u16,
        /// What was wrong with the body, if the body was the problem.
        #[source]
        source: Option<serde_json::Error>,
    },
    /// The request cannot be written.
    #[error("the request cannot be written")]
    Unwritable {
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    SignedOut,
    /// The address of the server is not one.
    #[error("the server's address is not valid: {reason}")]
    Address {
        /// What is wrong with it.
        reason: String,
    },
    /// The HTTP client could not be made.
    #[error("the HTTP client could not be set up")]
    Setup {
        /// Why.
        #[source]
        source: reqwest::Error,
    },
}

impl ClientError {
    /// The server's code, if it was the server that refused.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused { problem, .. } => Some(problem.code),
            _ => None,
        }
    }

    /// When the server wants to be asked again, if it said so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether the same call may succeed later without any change.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused { problem, .. } => matches!(
                problem.code,
                ErrorCode::Unavailable | ErrorCode::RateLimited | ErrorCode::IdempotencyInProgress
            ),
            // A proxy in between that does not speak the API, as while the server starts.
            Self::Unreadable { status, .. } => matches!(status, 502..=504),
            _ => false,
        }
    }

    /// Whether the person has to sign in again.
    pub fn is_signed_out(&self) -> bool {
        matches!(self, Self::SignedOut)
            || matches!(
                self.code(),
                Some(
                    ErrorCode::Unauthenticated
                        | ErrorCode::SessionEnded
                        | ErrorCode::RefreshTokenReused
                )
            )
    }
}
