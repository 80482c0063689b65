//! Signing in, and the person who did.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{ChallengeId, SessionId, UserId};
use crate::phone::Phone;

/// Asks for a one-time password by SMS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(deny_unknown_fields))]
#[serde(deny_unknown_fields)]
pub struct NewOtp {
    /// Where to send it, in international form.
    pub phone: Phone,
}

/// A one-time password is on its way. The answer is the same for every number, known or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct OtpChallenge {
    /// Goes back with the password.
    pub challenge_id: ChallengeId,
    /// The password is of no use after this.
    pub expires_at: DateTime<Utc>,
    /// Another one can be asked for after this many seconds.
    pub resend_after_s: u32,
}

/// Exchanges a one-time password for tokens.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(deny_unknown_fields))]
#[serde(deny_unknown_fields)]
pub struct NewSession {
    /// From the answer to the request for the password.
    pub challenge_id: ChallengeId,
    /// The six digits of the SMS.
    #[cfg_attr(feature = "openapi", oai(validator(pattern = "^[0-9]{6}$")))]
    pub code: String,
    /// What the person calls this device.
    #[cfg_attr(feature = "openapi", oai(validator(min_length = 1, max_length = 60)))]
    pub device_name: String,
}

impl fmt::Debug for NewSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewSession")
            .field("challenge_id", &self.challenge_id)
            .field("device_name", &self.device_name)
            .finish_non_exhaustive()
    }
}

/// Exchanges a refresh token for new tokens. The old one is of no use afterwards.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(deny_unknown_fields))]
#[serde(deny_unknown_fields)]
pub struct RefreshRequest {
    /// The newest refresh token of the session.
    #[cfg_attr(feature = "openapi", oai(validator(min_length = 1, max_length = 200)))]
    pub refresh_token: String,
}

impl fmt::Debug for RefreshRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshRequest(…)")
    }
}

/// A signed-in device and its tokens.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Session {
    /// The session; it stays the same when tokens are refreshed.
    pub session_id: SessionId,
    /// Goes into the `Authorization` header as `Bearer …`.
    pub access_token: String,
    /// Until when it is good.
    pub access_expires_at: DateTime<Utc>,
    /// Gets the next tokens, once.
    pub refresh_token: String,
    /// Until when it is good.
    pub refresh_expires_at: DateTime<Utc>,
    /// Who signed in.
    pub user: User,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("session_id", &self.session_id)
            .field("access_expires_at", &self.access_expires_at)
            .field("user", &self.user.id)
            .finish_non_exhaustive()
    }
}

/// What a person may be. Everybody who signs in is a rider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Asks for trips.
    Rider,
    /// Drives them.
    Driver,
    /// Runs the city.
    Admin,
}

/// A person with an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct User {
    /// The person.
    pub id: UserId,
    /// The number that the person signs in with.
    pub phone: Phone,
    /// What the other side of a trip calls the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the person may be.
    pub roles: Vec<Role>,
}

/// Changes one's own account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(deny_unknown_fields))]
#[serde(deny_unknown_fields)]
pub struct UpdateMe {
    /// What the other side of a trip shall call the person.
    #[cfg_attr(feature = "openapi", oai(validator(min_length = 1, max_length = 60)))]
    pub name: String,
}
