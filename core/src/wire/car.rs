//! Where cars are, and how old that is: a car that is silent is offline, not standing.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::DriverId;

/// Whether a car can be heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// It was heard of lately.
    Live,
    /// It was not: it is where it was last seen, or anywhere else.
    Silent,
}

/// The car of a trip, as the rider sees it on the map.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct TripCar {
    /// Latitude in degrees.
    pub lat: f64,
    /// Longitude in degrees.
    pub lng: f64,
    /// Direction of movement in degrees clockwise from north, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading_deg: Option<f64>,
    /// When the car was there.
    pub at: DateTime<Utc>,
    /// How long ago that was when this was answered, in seconds.
    pub age_s: i64,
    /// Whether the car can be heard.
    pub presence: Presence,
}

/// What a driver is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum DriverActivity {
    /// Waits for a trip.
    Online,
    /// Has an offer to answer.
    Asked,
    /// Has a trip.
    Driving,
}

/// A driver at work, with the last position.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct LiveDriver {
    /// The driver.
    pub driver_id: DriverId,
    /// What the driver is doing.
    pub state: DriverActivity,
    /// Latitude in degrees.
    pub lat: f64,
    /// Longitude in degrees.
    pub lng: f64,
    /// Direction of movement in degrees clockwise from north, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading_deg: Option<f64>,
    /// Speed in metres per second, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_mps: Option<f64>,
    /// When the car was there.
    pub at: DateTime<Utc>,
    /// How long ago that was when this was answered, in seconds.
    pub age_s: i64,
    /// Whether the car can be heard.
    pub presence: Presence,
}

/// A page of the drivers at work whose position is known, by their ids.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct LiveDriverPage {
    /// The drivers.
    pub drivers: Vec<LiveDriver>,
    /// Gets the next page, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<DriverId>,
}
