//! What a trip would cost.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::place::Point;
use super::surge::CellSurgeView;
use crate::id::QuoteId;
use crate::pricing::{Fare, PromoCode};
use crate::signing::Jws;
use crate::vehicle::VehicleClass;

/// Asks what a trip would cost, in every class of vehicle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(
    feature = "openapi",
    oai(deny_unknown_fields, skip_serializing_if_is_none)
)]
#[serde(deny_unknown_fields)]
pub struct QuoteRequest {
    /// Where the rider waits.
    pub pickup: Point,
    /// The stops on the way, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(
        feature = "openapi",
        oai(default, skip_serializing_if_is_empty, validator(max_items = 8))
    )]
    pub waypoints: Vec<Point>,
    /// Where the rider wants to go.
    pub dropoff: Point,
    /// When the rider wants to be picked up; absent for now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pickup_at: Option<DateTime<Utc>>,
    /// A promo code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promo_code: Option<PromoCode>,
}

impl QuoteRequest {
    /// A ride now, from one place to another.
    pub const fn ride(pickup: Point, dropoff: Point) -> Self {
        Self {
            pickup,
            waypoints: Vec::new(),
            dropoff,
            pickup_at: None,
            promo_code: None,
        }
    }
}

/// A price promise for one class of vehicle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct Quote {
    /// Names the promise when the trip is asked for.
    pub id: QuoteId,
    /// The class of vehicle.
    pub vehicle_class: VehicleClass,
    /// Where the rider waits.
    pub pickup: Point,
    /// The stops on the way, in order.
    #[serde(default)]
    pub waypoints: Vec<Point>,
    /// Where the rider wants to go.
    pub dropoff: Point,
    /// When the rider will be picked up; absent for now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pickup_at: Option<DateTime<Utc>>,
    /// Planned length in metres.
    pub distance_m: i64,
    /// Planned duration in seconds.
    pub duration_s: i64,
    /// What it costs, with every line.
    pub fare: Fare,
    /// The tariff it was computed by.
    pub tariff_id: String,
    /// The tariff's version.
    pub tariff_version: u32,
    /// The numbers behind the surge, if there is any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub surge: Option<CellSurgeView>,
    /// Until when the promise holds.
    pub expires_at: DateTime<Utc>,
    /// The promise, signed as JWS; checked with the keys of `GET /v1/signing-keys`.
    pub signed: Jws,
}

/// The answer to a request for quotes: one per class of vehicle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct QuoteList {
    /// In the order in which riders see them.
    pub quotes: Vec<Quote>,
}
