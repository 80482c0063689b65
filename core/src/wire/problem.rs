//! What every failed request answers: RFC 9457 problem details with a stable code.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::trip::Refusal;

/// Why a request failed, for programs. Codes are never renamed or given a new meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The request is not understood: not JSON, an unknown field, a wrong type, a value out of
    /// its range.
    InvalidRequest,
    /// No access token, or not a valid one.
    Unauthenticated,
    /// The access token is too old. Refresh it.
    TokenExpired,
    /// The refresh token was used before: the session is ended on every device that shares it.
    RefreshTokenReused,
    /// The session was ended.
    SessionEnded,
    /// The one-time password is wrong.
    WrongOtp,
    /// The one-time password is too old, was used, or was typed wrong too often.
    OtpExpired,
    /// This account may not do this.
    Forbidden,
    /// There is nothing here, or nothing that this account may see.
    NotFound,
    /// This path does not know this method.
    MethodNotAllowed,
    /// The body is larger than allowed.
    BodyTooLarge,
    /// The body is not `application/json`.
    UnsupportedMediaType,
    /// This idempotency key came before with another request.
    IdempotencyKeyReused,
    /// A request with this idempotency key is still being worked on.
    IdempotencyInProgress,
    /// The resource is no longer at the version that was named.
    VersionMismatch,
    /// Too many requests. `Retry-After` says when to come back.
    RateLimited,
    /// The trip's state does not allow this.
    WrongTripState,
    /// The PIN is wrong.
    WrongPin,
    /// The event cannot have happened at this time.
    OutOfOrder,
    /// The rider has a trip for now that is not over, or as many open trips as one may have.
    ActiveTripExists,
    /// The quote is too old. Ask for a new one.
    QuoteExpired,
    /// The quote became a trip before.
    QuoteUsed,
    /// Pickup and dropoff are too close or too far for a trip.
    OutsideServiceArea,
    /// No road connects the stops.
    NoRoute,
    /// This server has no map of the city.
    CityNotConfigured,
    /// The offer was taken back, timed out, or answered before.
    OfferClosed,
    /// The driver has a trip that is not over.
    DriverBusy,
    /// The driver is not approved.
    DriverNotActive,
    /// The account has no driver profile, or has one already.
    DriverProfile,
    /// Another vehicle has this plate.
    PlateTaken,
    /// The amount is not what the trip costs.
    WrongAmount,
    /// The trip is paid.
    AlreadyPaid,
    /// The trip was rated by this side.
    AlreadyRated,
    /// The rider did not have enough time to come to the pickup.
    TooEarlyForNoShow,
    /// The stops cannot be changed in this way.
    StopsRefused,
    /// The pickup time is too soon or too far away.
    ScheduleRefused,
    /// The promo code cannot be used for this trip.
    PromotionRefused,
    /// The tariff breaks rules; `errors` names the fields.
    InvalidTariff,
    /// There is something with this name or version already.
    AlreadyExists,
    /// There are as many of these as one may have.
    TooMany,
    /// The driver is offline.
    DriverOffline,
    /// The driver asked for trips home as often as one may on this day.
    HomeUsedUp,
    /// The driver waits in no queue.
    NotInQueue,
    /// The server does not know this device of this person. Register it.
    DeviceUnknown,
    /// What a device sent is not signed by it.
    SignatureInvalid,
    /// The trip was given to another driver meanwhile.
    TripReassigned,
    /// The rider is in another car.
    RiderElsewhere,
    /// What was sent is not what its name says.
    ContentMismatch,
    /// The upload goes on at another place; `GET` says where.
    UploadOffset,
    /// What is asked for was kept for a limited time, which is over.
    RecordGone,
    /// The server failed. Try again; the request id finds the cause.
    Internal,
    /// The server cannot work at the moment. Try again.
    Unavailable,
}

impl From<Refusal> for ErrorCode {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::WrongState { .. }
            | Refusal::NoShowBeforeArrival { .. }
            | Refusal::NoStopAhead => Self::WrongTripState,
            Refusal::NotAllowed { .. } | Refusal::NoShowIsTheDrivers { .. } => Self::Forbidden,
            // A stranger does not learn that the trip exists.
            Refusal::NotYourTrip => Self::NotFound,
            Refusal::WrongPin => Self::WrongPin,
            Refusal::OutOfOrder => Self::OutOfOrder,
            Refusal::TooEarlyForNoShow { .. } => Self::TooEarlyForNoShow,
            Refusal::StopsAlreadyPassed { .. }
            | Refusal::TooManyWaypoints { .. }
            | Refusal::NothingChanged
            | Refusal::TooManyStopChanges { .. } => Self::StopsRefused,
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// The body of every failed request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Problem {
    /// A URI that names the kind of problem.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", oai(rename = "type"))]
    pub kind: String,
    /// The kind of problem in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The kind of problem, for programs.
    pub code: ErrorCode,
    /// What is wrong with this request, for people.
    pub detail: String,
    /// Names this request in the server's logs.
    pub request_id: String,
    /// The fields that are wrong, where the request is checked field by field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_empty, default))]
    pub errors: Vec<FieldProblem>,
}

/// A field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct FieldProblem {
    /// The field, such as `distance_tiers[1].from_m`.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
}
