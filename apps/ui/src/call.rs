//! How a call to the backend failed, in the form that every app's screens understand.
//!
//! The phones make it from the client's error, the admin window gets it from its shell as JSON.

use serde::{Deserialize, Serialize};
use wayfare_core::wire::ErrorCode;

/// A call that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallFailure {
    /// The backend's own code, when the backend answered.
    pub code: Option<ErrorCode>,
    /// Whether the same call may succeed later: no connection, a timeout, an overloaded backend.
    pub transient: bool,
    /// Whether the person has to sign in again.
    pub signed_out: bool,
    /// After how many seconds the backend wants to be asked again, if it said so.
    pub retry_after_s: Option<u32>,
    /// What went wrong, in plain words.
    pub detail: String,
}
