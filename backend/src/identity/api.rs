//! HTTP: signing in and out, and one's own account.

use std::sync::Arc;

use poem_openapi::payload::Json;
use poem_openapi::{OpenApi, Tags};
use wayfare_core::wire::{
    NewOtp, NewSession, OtpChallenge, RefreshRequest, Session, UpdateMe, User,
};

use super::{otp, service, sessions};
use crate::app::App;
use crate::platform::clock;
use crate::platform::failure::Failure;
use crate::platform::http::{Body, Created, NoContent, SignedIn};

#[derive(Tags)]
enum Tag {
    /// Signing in and out
    Sessions,
    /// One's own account
    Account,
}

/// Signing in and out.
pub struct SessionsApi(Arc<App>);

impl SessionsApi {
    /// Answers from this app.
    pub const fn new(app: Arc<App>) -> Self {
        Self(app)
    }
}

impl std::fmt::Debug for SessionsApi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionsApi")
    }
}

#[OpenApi(tag = "Tag::Sessions")]
impl SessionsApi {
    /// Send a one-time password by SMS
    ///
    /// The answer is the same whether the number is known or not. Older passwords of the same number
    /// become void.
    #[oai(path = "/v1/auth/otp", method = "post", operation_id = "create_otp")]
    async fn create_otp(&self, body: Body<NewOtp>) -> Result<Created<OtpChallenge>, Failure> {
        otp::create_otp(&self.0, &body, clock::now())
            .await
            .map(|made| Created(Json(made)))
    }

    /// Sign in with a one-time password
    ///
    /// The first sign-in of a number makes the account.
    #[oai(
        path = "/v1/auth/sessions",
        method = "post",
        operation_id = "create_session"
    )]
    async fn create_session(&self, body: Body<NewSession>) -> Result<Created<Session>, Failure> {
        sessions::create_session(&self.0, &body, clock::now())
            .await
            .map(|made| Created(Json(made)))
    }

    /// Exchange a refresh token for new tokens
    ///
    /// Each refresh token is good once. One that comes back ends the session, except within 60 s and
    /// while its successor was never used: then the answer to the first use was lost.
    #[oai(
        path = "/v1/auth/refresh",
        method = "post",
        operation_id = "refresh_session"
    )]
    async fn refresh_session(&self, body: Body<RefreshRequest>) -> Result<Json<Session>, Failure> {
        sessions::refresh_session(&self.0, &body, clock::now())
            .await
            .map(Json)
    }

    /// Sign out
    #[oai(
        path = "/v1/auth/session",
        method = "delete",
        operation_id = "end_session"
    )]
    async fn end_session(&self, caller: SignedIn) -> Result<NoContent, Failure> {
        sessions::end_session(&self.0, caller.principal(), clock::now())
            .await
            .map(|()| NoContent)
    }
}

/// One's own account.
pub struct AccountApi(Arc<App>);

impl AccountApi {
    /// Answers from this app.
    pub const fn new(app: Arc<App>) -> Self {
        Self(app)
    }
}

impl std::fmt::Debug for AccountApi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccountApi")
    }
}

#[OpenApi(tag = "Tag::Account")]
impl AccountApi {
    /// Get one's own account
    #[oai(path = "/v1/me", method = "get", operation_id = "get_me")]
    async fn get_me(&self, caller: SignedIn) -> Result<Json<User>, Failure> {
        service::get_me(&self.0, caller.principal().user)
            .await
            .map(Json)
    }

    /// Change one's own account
    #[oai(path = "/v1/me", method = "patch", operation_id = "update_me")]
    async fn update_me(
        &self,
        caller: SignedIn,
        body: Body<UpdateMe>,
    ) -> Result<Json<User>, Failure> {
        service::update_me(&self.0, caller.principal().user, &body)
            .await
            .map(Json)
    }
}
