//! The outermost layer of the API: every request passes through here, and every answer.
//!
//! In this order: a request id; how much may come from whom; who it is; how large the body may be,
//! also unpacked; how long it may take; and whether the answer goes out packed. Whatever fails, here or in a handler, leaves as a problem. Each request is
//! one line in the log, without what it carried, and one sample in the metrics.

use std::sync::Arc;
use std::time::{Duration, Instant};

use poem::error::ReadBodyError;
use poem::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use poem::{Addr, Endpoint, IntoResponse, Middleware, Request, Response};
use poem_openapi::OperationId;
use uuid::Uuid;
use wayfare_core::wire::ErrorCode;

use super::gzip::{self, Coding};
use super::principal::{AccessCheck, Identified};
use super::problem::error_response;
use crate::platform::config::ServerConfig;
use crate::platform::failure::Failure;
use crate::platform::limits::{Decision, Limits};

/// Names a request, in the answer and in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const REQUEST_ID_LENGTH_MAX: usize = 64;
const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// Paths under which a stranger may try to become somebody.
const LOGIN_PATHS: [&str; 2] = ["/v1/auth/otp", "/v1/auth/sessions"];

/// Paths under which a map is loaded in many small parts.
const CITY_FILES: &str = "/v1/city/";

/// Paths of which the answer waits until there is something to say.
const WAITING_PATHS: [&str; 1] = ["/v1/sync/changes"];
/// How long such an answer may wait, beyond the time that it takes otherwise.
pub const WAIT_MAX: Duration = Duration::from_secs(60);

/// Paths under which devices send much at once. A packed body may unfold to more there.
const DEVICE_PATHS: &str = "/v1/sync/";
/// So many times the limit of a body.
const UNFOLDS_TO: usize = 4;

/// Tokens are not packed together with what others may choose.
const SECRET_PATHS: &str = "/v1/auth/";

/// Paths with bodies larger than others, in bytes: what a device kept for hours comes at once.
const LARGE_BODIES: [(&str, usize); 1] = [("/v1/sync/commands", 2 * 1024 * 1024)];

const SECURITY_HEADERS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
];

/// The methods that a path knows, on the error of a request with another one.
#[derive(Debug, Clone)]
pub struct Allowed(pub String);

/// The outermost layer of the API.
#[derive(Clone)]
pub struct Edge {
    access: Arc<dyn AccessCheck>,
    limits: Arc<Limits>,
    body_limit_bytes: usize,
    timeout: Duration,
}

impl std::fmt::Debug for Edge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Edge").finish_non_exhaustive()
    }
}

impl Edge {
    /// An edge with these limits.
    pub fn new(config: &ServerConfig, access: Arc<dyn AccessCheck>, limits: Arc<Limits>) -> Self {
        Self {
            access,
            limits,
            body_limit_bytes: config.body_limit_bytes,
            timeout: Duration::from_secs(config.request_timeout_s),
        }
    }

    /// Finds out who it is, unless they ask too often.
    async fn admit(&self, request: &mut Request) -> Result<Decision, (Failure, Decision)> {
        let address = address(request.remote_addr());
        let token = bearer(request.headers()).map(str::to_owned);
        let identified = match &token {
            None => None,
            Some(token) => Some(match self.access.check(token).await {
                Ok(principal) => Identified::As(principal),
                Err(failure) => Identified::Refused(Arc::new(failure)),
            }),
        };
        let login = LOGIN_PATHS.contains(&request.uri().path());
        let city_file = request.uri().path().starts_with(CITY_FILES);
        let decision = match &identified {
            _ if city_file => self.limits.city_files.check(&address),
            _ if login => self.limits.login.check(&address),
            Some(Identified::As(principal)) => {
                self.limits.user.check(&principal.user.uuid().to_string())
            }
            _ => self.limits.anonymous.check(&address),
        };
        if let Some(identified) = identified {
            request.set_data(identified);
        }
        if decision.allowed {
            Ok(decision)
        } else {
            Err((too_many(decision), decision))
        }
    }

    fn body_limit(&self, path: &str) -> usize {
        let large = LARGE_BODIES.iter().find(|(large, _)| *large == path);
        large.map_or(self.body_limit_bytes, |(_, limit)| {
            self.body_limit_bytes.max(*limit)
        })
    }

    async fn bound_body(&self, request: &mut Request) -> poem::Result<()> {
        let declared = request.headers().get(header::CONTENT_LENGTH);
        let declared = declared.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        let limit = self.body_limit(request.uri().path());
        if declared.is_some_and(|length| length > limit) {
            return Err(ReadBodyError::PayloadTooLarge.into());
        }
        if matches!(*request.method(), Method::GET | Method::HEAD) {
            return Ok(());
        }
        let body = request.take_body().into_bytes_limit(limit).await?;
        let body = match gzip::coding(request.headers())? {
            Coding::Plain => body,
            Coding::Gzip => gzip::unpack(&body, self.unfolds_to(request.uri().path()))?,
        };
        request.set_body(body);
        Ok(())
    }

    fn unfolds_to(&self, path: &str) -> usize {
        if path.starts_with(DEVICE_PATHS) {
            self.body_limit_bytes.saturating_mul(UNFOLDS_TO)
        } else {
            self.body_limit_bytes
        }
    }

    fn patience(&self, path: &str) -> Duration {
        if WAITING_PATHS.contains(&path) {
            self.timeout + WAIT_MAX
        } else {
            self.timeout
        }
    }
}

impl<E: Endpoint<Output = Response>> Middleware<E> for Edge {
    type Output = Guarded<E>;

    fn transform(&self, inner: E) -> Self::Output {
        Guarded {
            edge: self.clone(),
            inner,
        }
    }
}

/// An endpoint behind the edge.
#[derive(Debug)]
pub struct Guarded<E> {
    edge: Edge,
    inner: E,
}

impl<E: Endpoint<Output = Response>> Endpoint for Guarded<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let started = Instant::now();
        let request_id = request_id(request.headers());
        let method = request.method().clone();
        let path = request.uri().path().to_owned();
        let packed = gzip::is_wanted(request.headers()) && !path.starts_with(SECRET_PATHS);
        let mut decision = None;
        let result = self.answer(&mut decision, &mut request).await;
        let mut response = match result {
            Ok(response) => response,
            Err(error) => {
                let mut response = error_response(&error, &request_id);
                if let Some(operation) = error.data::<OperationId>() {
                    response.set_data(*operation);
                }
                if let Some(Allowed(methods)) = error.data::<Allowed>()
                    && let Ok(methods) = HeaderValue::from_str(methods)
                {
                    response.headers_mut().insert(header::ALLOW, methods);
                }
                response
            }
        };
        if packed {
            response = gzip::pack(response).await;
        }
        let headers = response.headers_mut();
        for (name, value) in SECURITY_HEADERS {
            headers
                .entry(name)
                .or_insert(HeaderValue::from_static(value));
        }
        if let Ok(value) = HeaderValue::from_str(&request_id) {
            headers.insert(REQUEST_ID, value);
        }
        if let Some(decision) = decision {
            headers.insert(LIMIT, decision.limit.into());
            headers.insert(REMAINING, decision.remaining.into());
            headers.insert(RESET, decision.reset_s.into());
        }
        record(&response, &request_id, &method, &path, started.elapsed());
        Ok(response)
    }
}

impl<E: Endpoint<Output = Response>> Guarded<E> {
    async fn answer(
        &self,
        told: &mut Option<Decision>,
        request: &mut Request,
    ) -> poem::Result<Response> {
        let edge = &self.edge;
        match edge.admit(request).await {
            Ok(decision) => *told = Some(decision),
            Err((failure, decision)) => {
                *told = Some(decision);
                return Err(failure.into());
            }
        }
        let patience = edge.patience(request.uri().path());
        let work = async {
            edge.bound_body(request).await?;
            self.inner.call(std::mem::take(request)).await
        };
        match tokio::time::timeout(patience, work).await {
            Ok(result) => result.map(IntoResponse::into_response),
            Err(_) => {
                let detail = "the server took too long; try again";
                Err(Failure::refused(ErrorCode::Unavailable, detail).into())
            }
        }
    }
}

/// The refusal of a request that is beyond the limit.
pub fn too_many(decision: Decision) -> Failure {
    Failure::Refused {
        code: ErrorCode::RateLimited,
        detail: format!("too many requests; try again in {} s", decision.reset_s).into(),
        retry_after_s: Some(u32::try_from(decision.reset_s).unwrap_or(u32::MAX)),
    }
}

/// The caller's own request id, if it is harmless, or a new one.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok());
    let harmless = |id: &&str| {
        (1..=REQUEST_ID_LENGTH_MAX).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    given
        .filter(harmless)
        .map_or_else(|| Uuid::now_v7().simple().to_string(), str::to_owned)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

/// The address without the port, which is another one for every connection.
fn address(remote: &poem::web::RemoteAddr) -> String {
    match &remote.0 {
        Addr::SocketAddr(address) => address.ip().to_string(),
        other => other.to_string(),
    }
}

/// One line in the log and one sample in the metrics. The operation's name stands for the path, so
/// that ids do not become names of metrics.
fn record(response: &Response, request_id: &str, method: &Method, path: &str, took: Duration) {
    let operation = response
        .data::<OperationId>()
        .map_or("other", |operation| operation.0);
    let status = response.status();
    metrics::counter!(
        "wayfare_http_requests_total",
        "operation" => operation,
        "status" => status.as_str().to_owned(),
    )
    .increment(1);
    metrics::histogram!("wayfare_http_request_seconds", "operation" => operation)
        .record(took.as_secs_f64());
    let took_ms = took.as_secs_f64() * 1000.0;
    let status_code = status.as_u16();
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        tracing::error!(request_id, %method, path, operation, status = status_code, took_ms, "request");
    } else {
        tracing::info!(request_id, %method, path, operation, status = status_code, took_ms, "request");
    }
}
