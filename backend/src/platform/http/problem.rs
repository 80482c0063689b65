//! Failures as RFC 9457 problem details.
//!
//! A service's [`Failure`] carries its code. What the framework finds wrong with a request has none,
//! so it is recognised here. Whatever is not recognised is the server's fault: it is logged, and the
//! caller learns no more than the request id.

use std::sync::Arc;

use poem::error::{MethodNotAllowedError, NotFoundError, ReadBodyError, ResponseError};
use poem::http::{HeaderValue, StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::error::{
    AuthorizationError, ContentTypeError, ParseParamError, ParsePathError, ParseRequestPayloadError,
};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;
use wayfare_core::wire::{ErrorCode, FieldProblem, Problem};

use crate::platform::failure::Failure;

const CONTENT_TYPE: &str = "application/problem+json";
const KIND_BASE: &str = "urn:wayfare:problem:";

/// The HTTP status and the title of each code.
fn status_and_title(code: ErrorCode) -> (StatusCode, &'static str) {
    use ErrorCode as E;
    match code {
        E::InvalidRequest => (StatusCode::BAD_REQUEST, "The request is not valid"),
        E::Unauthenticated => (StatusCode::UNAUTHORIZED, "Nobody is signed in"),
        E::TokenExpired => (StatusCode::UNAUTHORIZED, "The access token is too old"),
        E::RefreshTokenReused => (
            StatusCode::UNAUTHORIZED,
            "The refresh token was used before",
        ),
        E::SessionEnded => (StatusCode::UNAUTHORIZED, "The session was ended"),
        E::WrongOtp => (StatusCode::UNAUTHORIZED, "The password is wrong"),
        E::OtpExpired => (StatusCode::UNAUTHORIZED, "The password is no longer valid"),
        E::Forbidden => (StatusCode::FORBIDDEN, "Not allowed"),
        E::DriverNotActive => (StatusCode::FORBIDDEN, "The driver is not approved"),
        E::NotFound => (StatusCode::NOT_FOUND, "Not found"),
        E::MethodNotAllowed => (
            StatusCode::METHOD_NOT_ALLOWED,
            "This path has no such method",
        ),
        E::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "The body is too large"),
        E::UnsupportedMediaType => (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "The body is of another type",
        ),
        E::IdempotencyKeyReused => (StatusCode::CONFLICT, "The key came with another request"),
        E::IdempotencyInProgress => (StatusCode::CONFLICT, "The request is being worked on"),
        E::VersionMismatch => (StatusCode::PRECONDITION_FAILED, "Changed in the meantime"),
        E::RateLimited => (StatusCode::TOO_MANY_REQUESTS, "Too many requests"),
        E::WrongTripState => (StatusCode::CONFLICT, "The trip's state does not allow this"),
        E::WrongPin => (StatusCode::CONFLICT, "The PIN is wrong"),
        E::OutOfOrder => (StatusCode::CONFLICT, "It cannot have happened at this time"),
        E::ActiveTripExists => (StatusCode::CONFLICT, "The rider has a trip already"),
        E::QuoteExpired => (StatusCode::CONFLICT, "The quote is too old"),
        E::QuoteUsed => (StatusCode::CONFLICT, "The quote was used"),
        E::OutsideServiceArea => (StatusCode::CONFLICT, "No trip can be made there"),
        E::NoRoute => (StatusCode::CONFLICT, "No road leads there"),
        E::CityNotConfigured => (StatusCode::NOT_FOUND, "There is no map of the city"),
        E::OfferClosed => (StatusCode::CONFLICT, "The offer is closed"),
        E::DriverBusy => (StatusCode::CONFLICT, "The driver has a trip"),
        E::DriverProfile => (StatusCode::CONFLICT, "The driver profile does not fit"),
        E::PlateTaken => (StatusCode::CONFLICT, "The plate is taken"),
        E::WrongAmount => (StatusCode::CONFLICT, "The amount is wrong"),
        E::AlreadyPaid => (StatusCode::CONFLICT, "The trip is paid"),
        E::AlreadyRated => (StatusCode::CONFLICT, "The trip was rated"),
        E::TooEarlyForNoShow => (StatusCode::CONFLICT, "The rider may still come"),
        E::StopsRefused => (StatusCode::CONFLICT, "The stops cannot be changed so"),
        E::ScheduleRefused => (StatusCode::CONFLICT, "The trip cannot be scheduled"),
        E::PromotionRefused => (StatusCode::CONFLICT, "The promo code does not apply"),
        E::InvalidTariff => (StatusCode::BAD_REQUEST, "The tariff is not valid"),
        E::AlreadyExists => (StatusCode::CONFLICT, "It exists already"),
        E::TooMany => (StatusCode::CONFLICT, "There are too many of these"),
        E::DriverOffline => (StatusCode::CONFLICT, "The driver is offline"),
        E::HomeUsedUp => (StatusCode::CONFLICT, "No more trips home today"),
        E::NotInQueue => (StatusCode::NOT_FOUND, "The driver waits in no queue"),
        E::DeviceUnknown => (StatusCode::CONFLICT, "The device is not registered"),
        E::SignatureInvalid => (StatusCode::UNPROCESSABLE_ENTITY, "The signature is wrong"),
        E::TripReassigned => (StatusCode::CONFLICT, "The trip was given to somebody else"),
        E::RiderElsewhere => (StatusCode::CONFLICT, "The rider is in another car"),
        E::ContentMismatch => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "The content is another one",
        ),
        E::UploadOffset => (StatusCode::CONFLICT, "The upload goes on elsewhere"),
        E::RecordGone => (StatusCode::GONE, "The record is no longer kept"),
        E::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "The server failed"),
        E::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "The server is not ready"),
    }
}

/// The problem that a request failed with.
fn problem(
    code: ErrorCode,
    detail: String,
    errors: Vec<FieldProblem>,
    request_id: &str,
) -> Problem {
    let (status, title) = status_and_title(code);
    Problem {
        kind: format!("{KIND_BASE}{code}"),
        title: title.to_owned(),
        status: status.as_u16(),
        code,
        detail,
        request_id: request_id.to_owned(),
        errors,
    }
}

/// What the caller is told of a failure. What is the server's fault is logged here.
pub fn problem_of(failure: &Failure, request_id: &str) -> Problem {
    let detail = match failure {
        Failure::Refused { detail, .. } | Failure::Invalid { detail, .. } => {
            detail.clone().into_owned()
        }
        Failure::Database(_) | Failure::Broken { .. } => {
            tracing::error!(request_id, error = chain(failure), "request failed");
            "the server could not do this; try again".to_owned()
        }
    };
    let errors = match failure {
        Failure::Invalid { errors, .. } => errors.clone(),
        _ => Vec::new(),
    };
    problem(failure.code(), detail, errors, request_id)
}

/// A problem as the answer to a request.
fn problem_response(problem: &Problem) -> Response {
    let (status, _) = status_and_title(problem.code);
    let body = serde_json::to_vec(problem).unwrap_or_default();
    let mut response = body
        .with_status(status)
        .with_content_type(CONTENT_TYPE)
        .into_response();
    if status == StatusCode::UNAUTHORIZED {
        let scheme = HeaderValue::from_static("Bearer");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, scheme);
    }
    response
}

/// The answer to a request that failed with any error.
pub(super) fn error_response(error: &poem::Error, request_id: &str) -> Response {
    let failure = error.downcast_ref::<Failure>().or_else(|| {
        error
            .downcast_ref::<SharedFailure>()
            .map(|shared| shared.0.as_ref())
    });
    let Some(failure) = failure else {
        let (code, detail) = recognised(error);
        if code == ErrorCode::Internal {
            tracing::error!(request_id, error = %error, "request failed");
        }
        return problem_response(&problem(code, detail, Vec::new(), request_id));
    };
    let mut response = problem_response(&problem_of(failure, request_id));
    let wait_s = match failure {
        Failure::Refused { retry_after_s, .. } => *retry_after_s,
        _ => (failure.code() == ErrorCode::Unavailable).then_some(1),
    };
    if let Some(wait_s) = wait_s {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(wait_s));
    }
    response
}

/// An error and what caused it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        source = cause.source();
    }
    line
}

/// What the framework found wrong with a request.
fn recognised(error: &poem::Error) -> (ErrorCode, String) {
    let told = || error.to_string();
    if error.is::<ParseRequestPayloadError>()
        || error.is::<ParseParamError>()
        || error.is::<ParsePathError>()
    {
        (ErrorCode::InvalidRequest, told())
    } else if error.is::<ContentTypeError>() {
        (ErrorCode::UnsupportedMediaType, told())
    } else if error.is::<AuthorizationError>() {
        (
            ErrorCode::Unauthenticated,
            "an access token is needed".to_owned(),
        )
    } else if error.is::<NotFoundError>() {
        (
            ErrorCode::NotFound,
            "there is nothing at this path".to_owned(),
        )
    } else if error.is::<MethodNotAllowedError>() {
        (
            ErrorCode::MethodNotAllowed,
            "this path does not know this method".to_owned(),
        )
    } else if matches!(error.downcast_ref(), Some(ReadBodyError::PayloadTooLarge)) {
        (
            ErrorCode::BodyTooLarge,
            "the body is larger than this server allows".to_owned(),
        )
    } else if error.status() == StatusCode::METHOD_NOT_ALLOWED {
        (
            ErrorCode::MethodNotAllowed,
            "this path does not know this method".to_owned(),
        )
    } else if error.status().is_client_error() {
        (ErrorCode::InvalidRequest, told())
    } else {
        (
            ErrorCode::Internal,
            "the server could not do this; try again".to_owned(),
        )
    }
}

impl ResponseError for Failure {
    fn status(&self) -> StatusCode {
        status_and_title(self.code()).0
    }
}

/// A failure that was found once and is told wherever it matters.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(super) struct SharedFailure(pub(super) Arc<Failure>);

impl ResponseError for SharedFailure {
    fn status(&self) -> StatusCode {
        self.0.status()
    }
}

/// Every operation may answer these, all with a [`Problem`].
const DOCUMENTED: [(u16, &str); 11] = [
    (
        400,
        "The request is not valid: not JSON, an unknown field, a wrong type or value",
    ),
    (401, "No access token, or none that is valid"),
    (403, "This account may not do this"),
    (
        404,
        "There is nothing here, or nothing that this account may see",
    ),
    (409, "A rule forbids it at this moment; `code` says which"),
    (
        412,
        "The resource is no longer at the version that was named",
    ),
    (413, "The body is too large"),
    (415, "The body is of another type than this operation takes"),
    (
        429,
        "Too many requests; `Retry-After` says when to come back",
    ),
    (500, "The server failed"),
    (503, "The server is not ready; try again"),
];

impl ApiResponse for Failure {
    fn meta() -> MetaResponses {
        let problem = |(status, description)| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content: vec![MetaMediaType {
                content_type: CONTENT_TYPE,
                schema: Problem::schema_ref(),
            }],
            headers: vec![],
        };
        MetaResponses {
            responses: DOCUMENTED.into_iter().map(problem).collect(),
        }
    }

    fn register(registry: &mut Registry) {
        Problem::register(registry);
    }
}
