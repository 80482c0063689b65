//! How a step of a trip goes from the request to the answer: once per idempotency key, only at the
//! version that the caller minds, in one transaction.

use poem_openapi::param::{Header, Path};
use poem_openapi::payload::{Json, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wayfare_core::id::TripId;
use wayfare_core::trip::{Actor, Command};
use wayfare_core::wire::{ErrorCode, Trip, TripSide};

use crate::app::App;
use crate::platform::failure::Failure;
use crate::platform::http::{IdempotencyKey, Principal};
use crate::platform::idempotency::{Asked, Begun, Work};
use crate::realtime::Feed;
use crate::trips::change::{Change, change_trip};
use crate::trips::service;

pub(super) type Answer = Result<Response<Json<Trip>>, Failure>;

/// A step of a trip that somebody wants to take.
pub(super) struct Step<'a> {
    pub(super) principal: Principal,
    pub(super) operation: &'static str,
    pub(super) actor: Actor,
    pub(super) command: Command,
    pub(super) note: Option<&'a str>,
}

/// Which trip, and under which conditions.
pub(super) struct Target<'a> {
    pub(super) trip: TripId,
    pub(super) key: &'a IdempotencyKey,
    pub(super) if_match: &'a Header<Option<String>>,
}

impl Step<'_> {
    pub(super) fn by_driver(
        principal: Principal,
        operation: &'static str,
        command: Command,
    ) -> Self {
        let actor = Actor::Driver(principal.driver());
        Self {
            principal,
            operation,
            actor,
            command,
            note: None,
        }
    }
}

/// The trip of the path, under the conditions of the headers.
pub(super) const fn target<'a>(
    trip_id: &Path<TripId>,
    key: &'a IdempotencyKey,
    if_match: &'a Header<Option<String>>,
) -> Target<'a> {
    Target {
        trip: trip_id.0,
        key,
        if_match,
    }
}

/// Takes a step.
pub(super) async fn take(
    app: &App,
    step: Step<'_>,
    target: Target<'_>,
    body: &impl Serialize,
) -> Answer {
    let Step {
        principal,
        operation,
        actor,
        command,
        note,
    } = step;
    let Target {
        trip,
        key,
        if_match,
    } = target;
    let mut work = match begin(app, principal, &format!("{operation} {trip}"), key, body).await? {
        Begun::New(work) => work,
        Begun::Replayed(trip) => return Ok(tagged(trip)),
    };
    if matches!(command, Command::Start { .. }) {
        check_pin_attempts(app, principal, trip)?;
    }
    let expected_version = if_match.as_deref().map_or(Ok(None), parse_if_match)?;
    let change = Change {
        expected_version,
        note,
        ..Change::now(trip, command, actor)
    };
    let mut feed = Feed::default();
    let connection = work.connection();
    let stored = change_trip(connection, app, change, &mut feed).await?;
    let trip = service::view_trip(connection, &stored, principal.user).await?;
    feed.write(connection).await?;
    Ok(tagged(work.commit(trip).await?))
}

/// Who this person is to a trip.
pub(super) async fn actor_of(
    app: &App,
    principal: Principal,
    trip: TripId,
) -> Result<Actor, Failure> {
    let mut connection = app.pool.acquire().await?;
    match service::side_of(&mut connection, trip, principal.user).await {
        Ok(TripSide::Rider) => Ok(Actor::Rider(principal.rider())),
        Ok(TripSide::Driver) => Ok(Actor::Driver(principal.driver())),
        // A driver who gave the trip back is on no side of it any more, and may still send that
        // request again. For everybody else the trip does not exist, as the step will find.
        Err(failure) if failure.code() == ErrorCode::NotFound => {
            Ok(Actor::Driver(principal.driver()))
        }
        Err(failure) => Err(failure),
    }
}

/// Begins a request in its own transaction, unless it was carried out before.
pub(super) async fn begin<T: DeserializeOwned>(
    app: &App,
    principal: Principal,
    operation: &str,
    key: &IdempotencyKey,
    body: &impl Serialize,
) -> Result<Begun<T>, Failure> {
    let asked = Asked {
        user: principal.user,
        operation: operation.to_owned(),
        key: key.as_deref(),
    };
    Work::begin(&app.pool, asked, body).await
}

fn check_pin_attempts(app: &App, principal: Principal, trip: TripId) -> Result<(), Failure> {
    let decision = service::count_pin_attempt(app, trip, principal.user);
    if decision.allowed {
        return Ok(());
    }
    Err(Failure::Refused {
        code: ErrorCode::RateLimited,
        detail: "too many attempts with this trip's PIN".into(),
        retry_after_s: Some(u32::try_from(decision.reset_s).unwrap_or(u32::MAX)),
    })
}

pub(super) fn tagged(trip: Trip) -> Response<Json<Trip>> {
    let etag = format!("\"{}\"", trip.version);
    Response::new(Json(trip)).header("ETag", etag)
}

/// The version that the caller minds. `*` stands for any.
fn parse_if_match(header: &str) -> Result<Option<u32>, Failure> {
    if header == "*" {
        return Ok(None);
    }
    let version = header
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .and_then(|version| version.parse().ok());
    version.map(Some).ok_or_else(|| {
        let detail = "If-Match must be the trip's ETag, such as \"3\", or *";
        Failure::refused(ErrorCode::InvalidRequest, detail)
    })
}
