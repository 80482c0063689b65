//! The login's calls, made by the core's client.

use std::time::Duration;

use wayfare_core::client::{Client, ClientError};
use wayfare_core::id::ChallengeId;
use wayfare_core::phone::Phone;
use wayfare_core::wire::{OtpChallenge, User};
use wayfare_ui::CallFailure;
use wayfare_ui::login::{Answer, Digits, LoginPort, Pause};

/// The backend as the login sees it. The client inside keeps the session, for as long as the app
/// runs.
#[derive(Debug, Clone)]
pub(crate) struct Backend(Client);

impl Backend {
    /// The backend that this client talks to.
    pub(crate) const fn new(client: Client) -> Self {
        Self(client)
    }
}

impl LoginPort for Backend {
    fn request_code(&self, phone: Phone) -> Answer<OtpChallenge> {
        let client = self.0.clone();
        Box::pin(async move { client.request_otp(&phone).await.map_err(failed) })
    }

    fn open_session(&self, challenge: ChallengeId, code: Digits) -> Answer<User> {
        let client = self.0.clone();
        Box::pin(async move {
            let device = format!("Rider app on {}", std::env::consts::OS);
            let session = client
                .create_session(challenge, code.as_str(), &device)
                .await;
            session.map(|session| session.user).map_err(failed)
        })
    }

    fn end_session(&self) -> Answer<()> {
        let client = self.0.clone();
        Box::pin(async move { client.sign_out().await.map_err(failed) })
    }

    fn pause(&self, length: Duration) -> Pause {
        Box::pin(tokio::time::sleep(length))
    }
}

fn failed(error: ClientError) -> CallFailure {
    let retry_after_s = match &error {
        ClientError::Refused {
            retry_after: Some(pause),
            ..
        } => pause.as_secs().try_into().ok(),
        _ => None,
    };
    CallFailure {
        code: error.code(),
        transient: error.is_transient(),
        signed_out: error.is_signed_out(),
        retry_after_s,
        detail: error.to_string(),
    }
}
