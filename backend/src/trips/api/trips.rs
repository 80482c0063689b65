//! `/v1/trips`: asking for trips, moving them on, and looking at them.

use std::sync::Arc;

use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{OpenApi, Tags};
use wayfare_core::id::TripId;
use wayfare_core::trip::Command;
use wayfare_core::wire::{
    Cancellation, CancellationCost, CashPayment, NewRating, NewTrip, StartTrip, Trip, TripPage,
    TripReceipt, TripSide,
};

use super::step::{Answer, Step, actor_of, begin, tagged, take, target};
use crate::app::App;
use crate::dispatch::positions::find_car;
use crate::platform::clock;
use crate::platform::failure::Failure;
use crate::platform::http::{Body, Created, IdempotencyKey, SignedIn};
use crate::platform::idempotency::Begun;
use crate::platform::plain_text::clean_note;
use crate::realtime::Feed;
use crate::trips::ratings;
use crate::trips::service::{self, CashTaken};

const PAGE_DEFAULT: u32 = 20;

#[derive(Tags)]
enum Tag {
    /// From the request to the rating.
    Trips,
}

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
    /// The trip is the one that the quote described, at its price. A rider has one trip at a time for
    /// now; trips for later and trips for somebody else come on top.
    #[oai(path = "/v1/trips", method = "post", operation_id = "create_trip")]
    async fn create_trip(
        &self,
        signed_in: SignedIn,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
        body: Body<NewTrip>,
    ) -> Result<Created<Trip>, Failure> {
        let principal = signed_in.principal();
        let mut work = match begin(&self.app, principal, "create_trip", &key, &body.0).await? {
            Begun::New(work) => work,
            Begun::Replayed(trip) => return Ok(Created(Json(trip))),
        };
        let (connection, rider) = (work.connection(), principal.rider());
        let trip = service::request_trip(connection, &self.app, rider, &body).await?;
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
        let mut trip = service::get_trip(&mut connection, trip_id.0, user).await?;
        if trip.rider_id == user.into() {
            trip.car = find_car(&self.app, &trip);
        }
        Ok(tagged(trip))
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
        let target = target(&trip_id, &key, &if_match);
        take(&self.app, step, target, &()).await
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
        let target = target(&trip_id, &key, &if_match);
        take(&self.app, step, target, &body.0).await
    }

    /// Say that the rider is at the dropoff
    ///
    /// The fare is charged: as quoted with the waiting that happened, unless a stop changed or the
    /// car drove much farther or less far than planned; then by what was driven. The receipt says
    /// which. If the rider gets out early, the stops that are left are skipped.
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
        let target = target(&trip_id, &key, &if_match);
        take(&self.app, step, target, &()).await
    }

    /// Call a trip off
    ///
    /// When the driver does, the trip looks for another one, unless the rider did not come or too
    /// many drivers gave it back. It may cost the rider something: see the cancellation fee.
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
        let actor = actor_of(&self.app, principal, trip_id.0).await?;
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
        let target = target(&trip_id, &key, &if_match);
        take(&self.app, step, target, &body.0).await
    }

    /// See what calling the trip off would cost now
    ///
    /// For the one who asks: a driver pays nothing.
    #[oai(
        path = "/v1/trips/:trip_id/cancellation-fee",
        method = "get",
        operation_id = "get_cancellation_fee"
    )]
    async fn get_cancellation_fee(
        &self,
        signed_in: SignedIn,
        trip_id: Path<TripId>,
    ) -> Result<Json<CancellationCost>, Failure> {
        let mut connection = self.app.pool.acquire().await?;
        let user = signed_in.principal().user;
        let cost = service::cancellation_cost(&mut connection, trip_id.0, user).await?;
        Ok(Json(cost))
    }

    /// Get the receipt of a trip that is over
    ///
    /// It is signed and holds all that the fare follows from, so it can be computed again without a
    /// network: see `GET /v1/signing-keys` and `GET /v1/tariffs/…`.
    #[oai(
        path = "/v1/trips/:trip_id/receipt",
        method = "get",
        operation_id = "get_receipt"
    )]
    async fn get_receipt(
        &self,
        signed_in: SignedIn,
        trip_id: Path<TripId>,
    ) -> Result<Json<TripReceipt>, Failure> {
        let mut connection = self.app.pool.acquire().await?;
        let user = signed_in.principal().user;
        let receipt = service::get_receipt(&mut connection, trip_id.0, user).await?;
        Ok(Json(receipt))
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
        let operation = format!("create_cash_payment {}", trip_id.0);
        let mut work = match begin(&self.app, principal, &operation, &key, &body.0).await? {
            Begun::New(work) => work,
            Begun::Replayed(trip) => return Ok(Created(Json(trip))),
        };
        let connection = work.connection();
        let mut feed = Feed::default();
        let cash = CashTaken {
            trip: trip_id.0,
            driver: principal.driver(),
            amount: body.amount,
            at: clock::now(),
        };
        let trip = service::take_cash(connection, cash, &mut feed).await?;
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
        let operation = format!("create_rating {}", trip_id.0);
        let mut work = match begin(&self.app, principal, &operation, &key, &body.0).await? {
            Begun::New(work) => work,
            Begun::Replayed(trip) => return Ok(Created(Json(trip))),
        };
        let connection = work.connection();
        let trip = ratings::rate_trip(connection, trip_id.0, principal.user, &body).await?;
        Ok(Created(Json(work.commit(trip).await?)))
    }
}
