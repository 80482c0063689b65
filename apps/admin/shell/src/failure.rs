//! A call that failed, in the form that the page understands.

use serde::Serialize;
use wayfare_core::client::ClientError;
use wayfare_core::wire::ErrorCode;

/// A failure as it goes to the page. `../contract.json` pins its JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct CommandFailure {
    /// The backend's own code, when the backend answered.
    pub(crate) code: Option<ErrorCode>,
    /// Whether the same call may succeed later.
    pub(crate) transient: bool,
    /// Whether the person has to sign in again.
    pub(crate) signed_out: bool,
    /// After how many seconds the backend wants to be asked again, if it said so.
    pub(crate) retry_after_s: Option<u32>,
    /// What went wrong, in plain words.
    pub(crate) detail: String,
}

impl From<ClientError> for CommandFailure {
    fn from(error: ClientError) -> Self {
        let retry_after_s = match &error {
            ClientError::Refused {
                retry_after: Some(pause),
                ..
            } => pause.as_secs().try_into().ok(),
            _ => None,
        };
        Self {
            code: error.code(),
            transient: error.is_transient(),
            signed_out: error.is_signed_out(),
            retry_after_s,
            detail: error.to_string(),
        }
    }
}
