//! Signing in, and the session of this device.

use std::sync::Arc;

use wayfare_core::client::{Client, ClientError, ClientOptions};
use wayfare_core::id::ChallengeId;
use wayfare_core::phone::Phone;
use wayfare_core::wire::{self, UpdateMe};

/// How often a request is sent when the backend cannot be reached: a person waits for the answer.
const ATTEMPTS_MAX: u32 = 3;

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum CallError {
    /// The backend understood and refused.
    #[error("{detail}")]
    Refused {
        /// Why, for programs: `wrong_otp`, `rate_limited`, … as in the OpenAPI document.
        code: String,
        /// Why, for people.
        detail: String,
        /// Names the request in the backend's logs.
        request_id: String,
        /// After how many seconds the backend wants to be asked again, if it said so.
        retry_after_s: Option<u64>,
    },
    /// The backend could not be reached, or did not answer in time. The call may be repeated.
    #[error("the backend cannot be reached: {reason}")]
    Unreachable {
        /// What the network said.
        reason: String,
    },
    /// What answered does not speak the API.
    #[error("the answer is not understood (status {status})")]
    Unreadable {
        /// The HTTP status.
        status: u16,
    },
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    SignedOut,
    /// The number is not in international form.
    #[error("`{phone}` is not a phone number in international form")]
    InvalidPhone {
        /// What was given.
        phone: String,
    },
    /// An id is not one.
    #[error("`{id}` is not an id: {reason}")]
    InvalidId {
        /// What was given.
        id: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The backend's address is not one.
    #[error("`{address}` is not the address of a backend: {reason}")]
    InvalidAddress {
        /// What was given.
        address: String,
        /// What is wrong with it.
        reason: String,
    },
    /// What was kept is not a session of this version.
    #[error("the saved session cannot be read: {reason}")]
    InvalidSession {
        /// What is wrong with it.
        reason: String,
    },
    /// The HTTP client could not be made on this device.
    #[error("the HTTP client cannot be set up: {reason}")]
    Setup {
        /// Why.
        reason: String,
    },
}

/// A code is on its way to the phone.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Challenge {
    /// Goes back with the code.
    pub challenge_id: String,
    /// The code is of no use after this moment (RFC 3339).
    pub expires_at: String,
    /// Another one can be asked for after this many seconds.
    pub resend_after_s: u32,
}

/// A person with an account.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Account {
    /// The person.
    pub user_id: String,
    /// The number that the person signs in with.
    pub phone: String,
    /// What the other side of a trip calls the person.
    pub name: Option<String>,
    /// What the person may be.
    pub roles: Vec<AccountRole>,
}

/// What a person may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum AccountRole {
    /// Asks for trips.
    Rider,
    /// Drives them.
    Driver,
    /// Runs the city.
    Admin,
}

/// The backend, with the session of this device. Make one per app and keep it.
#[derive(Debug, uniffi::Object)]
pub struct WayfareClient {
    client: Client,
}

#[uniffi::export(async_runtime = "tokio")]
impl WayfareClient {
    /// A client of the backend at this address, such as `https://api.example.org`.
    #[uniffi::constructor]
    pub fn new(address: String) -> Result<Arc<Self>, CallError> {
        let base: url::Url = match address.parse() {
            Ok(base) => base,
            Err(error) => {
                let error: url::ParseError = error;
                return Err(CallError::InvalidAddress {
                    address,
                    reason: error.to_string(),
                });
            }
        };
        let options = ClientOptions {
            attempts_max: ATTEMPTS_MAX,
            ..ClientOptions::default()
        };
        match Client::with_options(base, options) {
            Ok(client) => Ok(Arc::new(Self { client })),
            Err(ClientError::Address { reason }) => {
                Err(CallError::InvalidAddress { address, reason })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Has a code sent to this phone by SMS.
    pub async fn request_otp(&self, phone: String) -> Result<Challenge, CallError> {
        let Ok(number) = phone.parse::<Phone>() else {
            return Err(CallError::InvalidPhone { phone });
        };
        Ok(self.client.request_otp(&number).await?.into())
    }

    /// Signs in with the code. From now on the client has a session and renews it by itself.
    pub async fn create_session(
        &self,
        challenge_id: String,
        code: String,
        device_name: String,
    ) -> Result<Account, CallError> {
        let challenge: ChallengeId = match challenge_id.parse() {
            Ok(challenge) => challenge,
            Err(error) => {
                let error: wayfare_core::id::IdError = error;
                return Err(CallError::InvalidId {
                    id: challenge_id,
                    reason: error.to_string(),
                });
            }
        };
        let session = self
            .client
            .create_session(challenge, &code, &device_name)
            .await?;
        Ok(session.user.into())
    }

    /// The session, to be put into the Keychain or the Keystore and nowhere else: it holds the
    /// tokens. Save it again after calls, because tokens are renewed. None if signed out.
    pub fn saved_session(&self) -> Result<Option<String>, CallError> {
        let Some(session) = self.client.session() else {
            return Ok(None);
        };
        let saved = serde_json::to_string(&session).map_err(|error| CallError::InvalidSession {
            reason: error.to_string(),
        })?;
        Ok(Some(saved))
    }

    /// Goes on with a session that was saved.
    pub fn restore_session(&self, saved: &str) -> Result<Account, CallError> {
        let session: wire::Session =
            serde_json::from_str(saved).map_err(|error| CallError::InvalidSession {
                reason: error.to_string(),
            })?;
        self.client.restore_session(session.clone());
        Ok(session.user.into())
    }

    /// The signed-in person.
    pub async fn me(&self) -> Result<Account, CallError> {
        Ok(self.client.me().await?.into())
    }

    /// Changes what the other side of a trip calls the person.
    pub async fn rename_me(&self, name: String) -> Result<Account, CallError> {
        Ok(self.client.update_me(&UpdateMe { name }).await?.into())
    }

    /// Signs out. The tokens are gone from this device even if the backend cannot be told.
    pub async fn sign_out(&self) -> Result<(), CallError> {
        Ok(self.client.sign_out().await?)
    }
}

impl From<ClientError> for CallError {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Refused {
                problem,
                retry_after,
            } => Self::Refused {
                code: problem.code.to_string(),
                detail: problem.detail,
                request_id: problem.request_id,
                retry_after_s: retry_after.map(|pause| pause.as_secs()),
            },
            ClientError::Unreachable { source } => Self::Unreachable {
                reason: source.to_string(),
            },
            ClientError::Unreadable { status, .. } => Self::Unreadable { status },
            ClientError::SignedOut => Self::SignedOut,
            ClientError::Address { reason } => Self::InvalidAddress {
                address: String::new(),
                reason,
            },
            ClientError::Setup { source } => Self::Setup {
                reason: source.to_string(),
            },
            ClientError::Unwritable { source } => Self::Setup {
                reason: source.to_string(),
            },
        }
    }
}

impl From<wire::OtpChallenge> for Challenge {
    fn from(challenge: wire::OtpChallenge) -> Self {
        Self {
            challenge_id: challenge.challenge_id.to_string(),
            expires_at: challenge.expires_at.to_rfc3339(),
            resend_after_s: challenge.resend_after_s,
        }
    }
}

impl From<wire::User> for Account {
    fn from(user: wire::User) -> Self {
        Self {
            user_id: user.id.to_string(),
            phone: user.phone.as_str().to_owned(),
            name: user.name,
            roles: user.roles.into_iter().map(AccountRole::from).collect(),
        }
    }
}

impl From<wire::Role> for AccountRole {
    fn from(role: wire::Role) -> Self {
        match role {
            wire::Role::Rider => Self::Rider,
            wire::Role::Driver => Self::Driver,
            wire::Role::Admin => Self::Admin,
        }
    }
}

#[cfg(test)]
mod tests;
