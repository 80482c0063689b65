//! Requests and their answers: addresses, tokens, retries.

mod once;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use reqwest::header::{AUTHORIZATION, RETRY_AFTER};
use reqwest::{Method, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;
use uuid::Uuid;

use super::error::ClientError;
use super::session::{SessionStore, is_stale};
use crate::wire::{ErrorCode, Problem, RefreshRequest, Session};

pub(super) use once::{Content, OneCall};

const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// How long the client waits and how often it tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientOptions {
    /// For one attempt, from connecting to the end of the answer.
    pub attempt_timeout: Duration,
    /// How often a request is sent in all.
    pub attempts_max: u32,
    /// The pause after the first failed attempt; each further one is twice as long.
    pub pause_first: Duration,
    /// The longest pause.
    pub pause_max: Duration,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            attempt_timeout: Duration::from_secs(15),
            attempts_max: 8,
            pause_first: Duration::from_millis(200),
            pause_max: Duration::from_secs(5),
        }
    }
}

/// How one attempt of a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallOutcome {
    /// The server answered as wanted.
    Done,
    /// The server refused with this code.
    Refused(ErrorCode),
    /// The server was not reached.
    Unreachable,
    /// The server answered something that the API does not promise.
    Unreadable,
}

/// One attempt of a call, for measurements.
#[derive(Debug, Clone, Copy)]
pub struct CallRecord {
    /// The operation's name, as in the OpenAPI document.
    pub operation: &'static str,
    /// How long the attempt took.
    pub duration: Duration,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// How it ended.
    pub outcome: CallOutcome,
}

/// Is told of every attempt.
pub type Observer = Arc<dyn Fn(&CallRecord) + Send + Sync>;

/// A request before it is sent.
pub(super) struct Call<'a, B> {
    pub(super) operation: &'static str,
    pub(super) method: Method,
    pub(super) path: &'a str,
    pub(super) query: &'a [(&'static str, String)],
    pub(super) body: Option<&'a B>,
    pub(super) access: Access,
}

/// Whether a request is made in somebody's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Anonymous,
    SignedIn,
}

/// The client of one device. Clones share the session.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    pub(super) sessions: Arc<SessionStore>,
    options: ClientOptions,
    observer: Option<Observer>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base", &self.base.as_str())
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A client of the backend at this address, such as `https://api.example.org`.
    pub fn new(base: Url) -> Result<Self, ClientError> {
        Self::with_options(base, ClientOptions::default())
    }

    /// A client with other limits.
    pub fn with_options(base: Url, options: ClientOptions) -> Result<Self, ClientError> {
        if !matches!(base.scheme(), "http" | "https") || base.cannot_be_a_base() {
            let reason = "it has to begin with http:// or https://".to_owned();
            return Err(ClientError::Address { reason });
        }
        // Refused only if a provider was chosen before, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        let http = reqwest::Client::builder()
            .timeout(options.attempt_timeout)
            .build()
            .map_err(|source| ClientError::Setup { source })?;
        let sessions = Arc::new(SessionStore::default());
        Ok(Self {
            http,
            base,
            sessions,
            options,
            observer: None,
        })
    }

    /// The same client, which tells `observer` of every attempt.
    #[must_use]
    pub fn with_observer(mut self, observer: Observer) -> Self {
        self.observer = Some(observer);
        self
    }

    /// The session, to be kept where the device keeps secrets.
    pub fn session(&self) -> Option<Session> {
        self.sessions.get()
    }

    /// Goes on with a session that was kept.
    pub fn restore_session(&self, session: Session) {
        self.sessions.set(Some(session));
    }

    pub(super) fn address(&self, path: &str) -> Result<Url, ClientError> {
        self.base.join(path).map_err(|error| ClientError::Address {
            reason: error.to_string(),
        })
    }

    /// Sends a request until it is answered, refused, or was tried often enough.
    pub(super) async fn call<B: Serialize, A: DeserializeOwned>(
        &self,
        call: Call<'_, B>,
    ) -> Result<A, ClientError> {
        let key = Uuid::now_v7().to_string();
        let mut refreshed = false;
        let mut attempt: u32 = 1;
        loop {
            let error = match self.attempt(&call, &key).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if error.code() == Some(ErrorCode::TokenExpired) && !refreshed {
                refreshed = true;
                self.refresh(true).await?;
                continue;
            }
            if !error.is_transient() || attempt >= self.options.attempts_max {
                return Err(error);
            }
            // A person is told of a long wait instead of being left without an answer.
            if error
                .retry_after()
                .is_some_and(|wait| wait > self.options.pause_max)
            {
                return Err(error);
            }
            tokio::time::sleep(self.pause(attempt, &error)).await;
            attempt = attempt.saturating_add(1);
        }
    }

    fn pause(&self, attempt: u32, error: &ClientError) -> Duration {
        let doublings = attempt.saturating_sub(1).min(16);
        let own = self.options.pause_first.saturating_mul(1 << doublings);
        let wanted = error.retry_after().unwrap_or(Duration::ZERO);
        own.max(wanted).min(self.options.pause_max)
    }

    async fn attempt<B: Serialize, A: DeserializeOwned>(
        &self,
        call: &Call<'_, B>,
        key: &str,
    ) -> Result<A, ClientError> {
        let token = match call.access {
            Access::Anonymous => None,
            Access::SignedIn => Some(self.access_token().await?),
        };
        let mut request = self
            .http
            .request(call.method.clone(), self.address(call.path)?)
            .query(call.query);
        if let Some(token) = &token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
            if call.method != Method::GET {
                request = request.header(IDEMPOTENCY_KEY, key);
            }
        }
        if let Some(body) = call.body {
            request = request.json(body);
        }
        let started = Instant::now();
        let mut status = None;
        let result = match request.send().await {
            Ok(response) => {
                status = Some(response.status());
                read_answer(response).await
            }
            Err(source) => Err(ClientError::Unreachable { source }),
        };
        self.observe(call.operation, started, status, result.as_ref().err());
        result
    }

    fn observe(
        &self,
        operation: &'static str,
        started: Instant,
        status: Option<StatusCode>,
        error: Option<&ClientError>,
    ) {
        let Some(observer) = &self.observer else {
            return;
        };
        let outcome = match error {
            None => CallOutcome::Done,
            Some(ClientError::Refused { problem, .. }) => CallOutcome::Refused(problem.code),
            Some(ClientError::Unreadable { .. }) => CallOutcome::Unreadable,
            Some(_) => CallOutcome::Unreachable,
        };
        let status = status.map(|status| status.as_u16());
        observer(&CallRecord {
            operation,
            duration: started.elapsed(),
            status,
            outcome,
        });
    }

    /// A token that is good for the next half minute.
    pub(super) async fn access_token(&self) -> Result<String, ClientError> {
        let session = self.sessions.get().ok_or(ClientError::SignedOut)?;
        if !is_stale(&session, Utc::now()) {
            return Ok(session.access_token);
        }
        self.refresh(false).await
    }

    /// Gets new tokens. `rejected` says that the server no longer takes the present one.
    async fn refresh(&self, rejected: bool) -> Result<String, ClientError> {
        let before = self.sessions.get().ok_or(ClientError::SignedOut)?;
        let _one_at_a_time = self.sessions.refreshing.lock().await;
        let session = self.sessions.get().ok_or(ClientError::SignedOut)?;
        let changed = session.access_token != before.access_token;
        if changed || (!rejected && !is_stale(&session, Utc::now())) {
            return Ok(session.access_token);
        }
        let body = RefreshRequest {
            refresh_token: session.refresh_token,
        };
        let call = Call {
            operation: "refresh_session",
            method: Method::POST,
            path: "/v1/auth/refresh",
            query: &[],
            body: Some(&body),
            access: Access::Anonymous,
        };
        let renewed: Result<Session, _> = Box::pin(self.call(call)).await;
        if renewed.as_ref().is_err_and(ClientError::is_signed_out) {
            self.sessions.set(None);
        }
        let renewed = renewed?;
        let token = renewed.access_token.clone();
        self.sessions.set(Some(renewed));
        Ok(token)
    }
}

async fn read_answer<A: DeserializeOwned>(response: Response) -> Result<A, ClientError> {
    let (status, retry_after) = (response.status(), retry_after(&response));
    let body = response
        .bytes()
        .await
        .map_err(|source| ClientError::Unreachable { source })?;
    understand(status, retry_after, &body)
}

fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.headers().get(RETRY_AFTER)?;
    Some(Duration::from_secs(value.to_str().ok()?.parse().ok()?))
}

/// What the server said, or why it refused.
fn understand<A: DeserializeOwned>(
    status: StatusCode,
    retry_after: Option<Duration>,
    body: &[u8],
) -> Result<A, ClientError> {
    let unreadable = |source| ClientError::Unreadable {
        status: status.as_u16(),
        source,
    };
    if status.is_success() {
        let body: &[u8] = if body.is_empty() { b"null" } else { body };
        return serde_json::from_slice(body).map_err(|source| unreadable(Some(source)));
    }
    match serde_json::from_slice::<Problem>(body) {
        Ok(problem) => Err(ClientError::Refused {
            problem: Box::new(problem),
            retry_after,
        }),
        Err(source) => Err(unreadable(Some(source))),
    }
}

#[cfg(test)]
mod tests;
