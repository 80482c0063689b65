//! `/v1/trips`: asking for trips, moving them on, and looking at them.

use std::sync::Arc;

use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::{Json, Response};
use poem_openapi::{OpenApi, Tags};
use serde::Serialize;
use wayfare_core::id::TripId;
use wayfare_core::trip::{Actor, Command};
use wayfare_core::wire::{
    Cancellation, CashPayment, ErrorCode, NewRating, NewTrip, StartTrip, StreamEvent, Trip,
    TripPage, TripSide,
};

use super::change::{Change, change_trip};
use super::{ratings, service};
use crate::app::App;
use crate::payments;
use crate::platform::clock;
use crate::platform::failure::Failure;
use crate::platform::http::{Body, Created, IdempotencyKey, Principal, SignedIn};
use crate::platform::idempotency::{Asked, Begun, Work};
use crate::platform::plain_text::clean_note;
use crate::realtime::Feed;

const PAGE_DEFAULT: u32 = 20;

#[derive(Tags)]
enum Tag {
    /// From the request to the rating.
    Trips,
}

type Answer = Result<Response<Json<Trip>>, Failure>;

/// From the request to the rating.
#[derive(Debug)]
pub struct TripsApi {
    /// What the handlers share.
    pub app: Arc<App>,
}

#[OpenApi(tag = "Tag::Trips")]
impl TripsApi {
    /// Ask for a trip
    ///
    /// The trip is the one that the quote described, at its price. A rider has one trip at a time.
    #[oai(path = "/v1/trips", method = "post", operation_id = "create_trip")]
    async fn create_trip(
        &self,
        signed_in: SignedIn,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
        body: Body<NewTrip>,
    ) -> Result<Created<Trip>, Failure> {
        let principal = signed_in.principal();
        let mut work = match self
            .begin(principal, "create_trip", None, &key, &body.0)
            .await?
        {
            Begun::New(work) => work,
            Begun::Replayed(trip) => return Ok(Created(Json(trip))),
        };
        let trip =
            service::request_trip(work.connection(), principal.rider(), body.quote_id).await?;
        Ok(Created(Json(work.commit(trip).await?)))
    }

    /// List one's own trips
    ///
    /// Newest first. `next_cursor` gets the next page.
    #[oai(path = "/v1/trips", method = "get", operation_id = "list_trips")]
    async fn list_trips(
        &self,
        signed_in: SignedIn,
        /// On which side.
        side: Query<TripSide>,
        /// From the page before.
        cursor: Query<Option<TripId>>,
        /// How many at most.
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<Option<u32>>,
    ) -> Result<Json<TripPage>, Failure> {
        let user = signed_in.principal().user;
        let limit = usize::try_from(limit.0.unwrap_or(PAGE_DEFAULT)).unwrap_or(usize::MAX);
        let mut connection = self.app.pool.acquire().await?;
        let page = service::list_trips(&mut connection, user, side.0, cursor.0, limit).await?;
        Ok(Json(page))
    }

    /// Look at one of one's own trips
    #[oai(path = "/v1/trips/:trip_id", method = "get", operation_id = "get_trip")]
    async fn get_trip(&self, signed_in: SignedIn, trip_id: Path<TripId>) -> Answer {
        let mut connection = self.app.pool.acquire().await?;
        let user = signed_in.principal().user;
        Ok(tagged(
            service::get_trip(&mut connection, trip_id.0, user).await?,
        ))
    }

    /// Say that the driver is at the pickup
    #[oai(
        path = "/v1/trips/:trip_id/arrive",
        method = "post",
        operation_id = "arrive_trip"
    )]
    async fn arrive_trip(
        &self,
        signed_in: SignedIn,
        trip_id: Path<TripId>,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
        /// Only if the trip is at this version.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
    ) -> Answer {
        let step = Step::by_driver(signed_in.principal(), "arrive_trip", Command::Arrive);
        self.step(step, trip_id.0, &key, &if_match, &()).await
    }

    /// Start the ride with the rider's PIN
    #[oai(
        path = "/v1/trips/:trip_id/start",
        method = "post",
        operation_id = "start_trip"
    )]
    async fn start_trip(
        &self,
        signed_in: SignedIn,
        trip_id: Path<TripId>,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
        /// Only if the trip is at this version.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<StartTrip>,
    ) -> Answer {
        let principal = signed_in.principal();
        let step = Step::by_driver(principal, "start_trip", Command::Start { pin: body.pin });
        self.step(step, trip_id.0, &key, &if_match, &body.0).await
    }

    /// Say that the rider is at the dropoff
    ///
    /// The fare is charged: the quote's price with the waiting that happened.
    #[oai(
        path = "/v1/trips/:trip_id/complete",
        method = "post",
        operation_id = "complete_trip"
    )]
    async fn complete_trip(
        &self,
        signed_in: SignedIn,
        trip_id: Path<TripId>,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
        /// Only if the trip is at this version.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
    ) -> Answer {
        let step = Step::by_driver(signed_in.principal(), "complete_trip", Command::Complete);
        self.step(step, trip_id.0, &key, &if_match, &()).await
    }

    /// Call a trip off
    ///
    /// When the driver does, the trip looks for another one, unless the rider did not come or too
    /// many drivers gave it back.
    #[oai(
        path = "/v1/trips/:trip_id/cancel",
        method = "post",
        operation_id = "cancel_trip"
    )]
    async fn cancel_trip(
        &self,
        signed_in: SignedIn,
        trip_id: Path<TripId>,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
        /// Only if the trip is at this version.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<Cancellation>,
    ) -> Answer {
        let principal = signed_in.principal();
        let actor = match self.side_of(principal, trip_id.0).await {
            Ok(TripSide::Rider) => Actor::Rider(principal.rider()),
            Ok(TripSide::Driver) => Actor::Driver(principal.driver()),
            // A driver who gave the trip back is on no side of it any more, and may still send that
            // request again. For everybody else the trip does not exist, as the step will find.
            Err(failure) if failure.code() == ErrorCode::NotFound => {
                Actor::Driver(principal.driver())
            }
            Err(failure) => return Err(failure),
        };
        let note = clean_note("note", body.note.as_deref())?;
        let command = Command::Cancel {
            reason: body.reason,
        };
        let step = Step {
            principal,
            operation: "cancel_trip",
            actor,
            command,
            note: note.as_deref(),
        };
        self.step(step, trip_id.0, &key, &if_match, &body.0).await
    }

    /// Say that the driver has the money
    #[oai(
        path = "/v1/trips/:trip_id/cash-payment",
        method = "post",
        operation_id = "create_cash_payment"
    )]
    async fn create_cash_payment(
        &self,
        signed_in: SignedIn,
        trip_id: Path<TripId>,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
        body: Body<CashPayment>,
    ) -> Result<Created<Trip>, Failure> {
        let principal = signed_in.principal();
        let trip = Some(trip_id.0);
        let mut work = match self
            .begin(principal, "create_cash_payment", trip, &key, &body.0)
            .await?
        {
            Begun::New(work) => work,
            Begun::Replayed(trip) => return Ok(Created(Json(trip))),
        };
        let connection = work.connection();
        // Whoever has nothing to do with the trip does not learn that it exists.
        service::get_trip(connection, trip_id.0, principal.user).await?;
        let now = clock::now();
        let (driver, amount) = (principal.driver(), body.amount);
        payments::service::take_cash(connection, trip_id.0, driver, amount, now).await?;
        let trip = service::get_trip(connection, trip_id.0, principal.user).await?;
        let rider = trip.rider_id;
        let for_rider = service::get_trip(connection, trip_id.0, rider.into()).await?;
        let mut feed = Feed::default();
        feed.push(
            rider,
            StreamEvent::TripUpdated {
                trip: Box::new(for_rider),
            },
        );
        feed.push(
            driver,
            StreamEvent::TripUpdated {
                trip: Box::new(trip.clone()),
            },
        );
        feed.write(connection).await?;
        Ok(Created(Json(work.commit(trip).await?)))
    }

    /// Say what one thinks of the other side
    #[oai(
        path = "/v1/trips/:trip_id/ratings",
        method = "post",
        operation_id = "create_rating"
    )]
    async fn create_rating(
        &self,
        signed_in: SignedIn,
        trip_id: Path<TripId>,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
        body: Body<NewRating>,
    ) -> Result<Created<Trip>, Failure> {
        let principal = signed_in.principal();
        let trip = Some(trip_id.0);
        let mut work = match self
            .begin(principal, "create_rating", trip, &key, &body.0)
            .await?
        {
            Begun::New(work) => work,
            Begun::Replayed(trip) => return Ok(Created(Json(trip))),
        };
        let connection = work.connection();
        let trip = ratings::rate_trip(connection, trip_id.0, principal.user, &body).await?;
        Ok(Created(Json(work.commit(trip).await?)))
    }
}

/// A step of a trip that somebody wants to take.
struct Step<'a> {
    principal: Principal,
    operation: &'static str,
    actor: Actor,
    command: Command,
    note: Option<&'a str>,
}

impl Step<'_> {
    fn by_driver(principal: Principal, operation: &'static str, command: Command) -> Self {
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

impl TripsApi {
    async fn step(
        &self,
        step: Step<'_>,
        trip: TripId,
        key: &IdempotencyKey,
        if_match: &Header<Option<String>>,
        body: &impl Serialize,
    ) -> Answer {
        let Step {
            principal,
            operation,
            actor,
            command,
            note,
        } = step;
        let mut work = match self
            .begin(principal, operation, Some(trip), key, body)
            .await?
        {
            Begun::New(work) => work,
            Begun::Replayed(trip) => return Ok(tagged(trip)),
        };
        if matches!(command, Command::Start { .. }) {
            self.count_pin_attempt(principal, trip)?;
        }
        let expected_version = if_match.as_deref().map_or(Ok(None), parse_if_match)?;
        let change = Change {
            trip,
            command,
            actor,
            expected_version,
            note,
        };
        let mut feed = Feed::default();
        let connection = work.connection();
        let rules = service::rules(&self.app);
        let stored = change_trip(connection, rules, change, &mut feed).await?;
        let trip = service::view_trip(connection, &stored, principal.user).await?;
        feed.write(connection).await?;
        Ok(tagged(work.commit(trip).await?))
    }

    async fn begin<T: serde::de::DeserializeOwned>(
        &self,
        principal: Principal,
        operation: &str,
        trip: Option<TripId>,
        key: &IdempotencyKey,
        body: &impl Serialize,
    ) -> Result<Begun<T>, Failure> {
        let about = trip.map(|trip| format!(" {trip}")).unwrap_or_default();
        let operation = format!("{operation}{about}");
        let asked = Asked {
            user: principal.user,
            operation,
            key: key.as_deref(),
        };
        Work::begin(&self.app.pool, asked, body).await
    }

    async fn side_of(&self, principal: Principal, trip: TripId) -> Result<TripSide, Failure> {
        let mut connection = self.app.pool.acquire().await?;
        service::side_of(&mut connection, trip, principal.user).await
    }

    /// Ten thousand PINs are quickly tried; a driver gets only a few attempts.
    fn count_pin_attempt(&self, principal: Principal, trip: TripId) -> Result<(), Failure> {
        let decision = self
            .app
            .pin_attempts
            .check(&format!("{trip} {}", principal.user));
        if decision.allowed {
            return Ok(());
        }
        Err(Failure::Refused {
            code: ErrorCode::RateLimited,
            detail: "too many attempts with this trip's PIN".into(),
            retry_after_s: Some(u32::try_from(decision.reset_s).unwrap_or(u32::MAX)),
        })
    }
}

fn tagged(trip: Trip) -> Response<Json<Trip>> {
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
