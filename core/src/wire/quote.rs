//! What a trip would cost.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::place::Point;
use crate::id::QuoteId;
use crate::pricing::Fare;
use crate::vehicle::VehicleClass;

/// Asks what a trip would cost, in every class of vehicle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(deny_unknown_fields))]
#[serde(deny_unknown_fields)]
pub struct QuoteRequest {
    /// Where the rider waits.
    pub pickup: Point,
    /// Where the rider wants to go.
    pub dropoff: Point,
}

/// A price promise for one class of vehicle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Quote {
    /// Names the promise when the trip is asked for.
    pub id: QuoteId,
    /// The class of vehicle.
    pub vehicle_class: VehicleClass,
    /// Where the rider waits.
    pub pickup: Point,
    /// Where the rider wants to go.
    pub dropoff: Point,
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
    /// Until when the promise holds.
    pub expires_at: DateTime<Utc>,
}

/// The answer to a [`QuoteRequest`]: a quote per class of vehicle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct QuoteList {
    /// In the order in which riders see them.
    pub quotes: Vec<Quote>,
}
