//! Drivers, their vehicles, where they are, and what they answer to offers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::place::Point;
use crate::id::{DriverId, VehicleId};
use crate::vehicle::{VehicleClass, VehicleFeature};

/// Registers the signed-in person as a driver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(deny_unknown_fields))]
#[serde(deny_unknown_fields)]
pub struct NewDriver {
    /// What riders call the driver.
    #[cfg_attr(feature = "openapi", oai(validator(min_length = 1, max_length = 60)))]
    pub name: String,
}

/// Whether a driver may drive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum DriverStatus {
    /// Waits for the operator's approval.
    Pending,
    /// May drive.
    Active,
    /// May not drive.
    Blocked,
}

/// Whether a driver wants offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum AvailabilityStatus {
    /// Wants offers.
    Online,
    /// Wants none.
    Offline,
}

/// A driver's own profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct Driver {
    /// The driver.
    pub id: DriverId,
    /// What riders call the driver.
    pub name: String,
    /// Whether the driver may drive.
    pub status: DriverStatus,
    /// Whether the driver wants offers.
    pub availability: AvailabilityStatus,
    /// The vehicle in use while online.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vehicle_id: Option<VehicleId>,
    /// The driver's vehicles.
    pub vehicles: Vec<Vehicle>,
}

/// Registers a vehicle of the signed-in driver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(
    feature = "openapi",
    oai(deny_unknown_fields, skip_serializing_if_is_none)
)]
#[serde(deny_unknown_fields)]
pub struct NewVehicle {
    /// The plate as it is written on the car.
    #[cfg_attr(feature = "openapi", oai(validator(min_length = 1, max_length = 16)))]
    pub plate: String,
    /// Who made it.
    #[cfg_attr(feature = "openapi", oai(validator(min_length = 1, max_length = 40)))]
    pub make: String,
    /// What it is called.
    #[cfg_attr(feature = "openapi", oai(validator(min_length = 1, max_length = 40)))]
    pub model: String,
    /// Its colour, so that the rider finds it.
    #[cfg_attr(feature = "openapi", oai(validator(min_length = 1, max_length = 40)))]
    pub colour: String,
    /// What it can be asked for as.
    pub vehicle_class: VehicleClass,
    /// What it has beyond its class, each named once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(
        feature = "openapi",
        oai(default, skip_serializing_if_is_empty, validator(max_items = 4))
    )]
    pub features: Vec<VehicleFeature>,
    /// Seats for passengers, if not as many as is usual for the class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "openapi",
        oai(validator(minimum(value = "1"), maximum(value = "60")))
    )]
    pub seats: Option<u8>,
    /// Payload in kilograms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(validator(maximum(value = "60000"))))]
    pub load_kg: Option<u32>,
}

/// A vehicle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct Vehicle {
    /// The vehicle.
    pub id: VehicleId,
    /// The plate as it is written on the car.
    pub plate: String,
    /// Who made it.
    pub make: String,
    /// What it is called.
    pub model: String,
    /// Its colour.
    pub colour: String,
    /// What it can be asked for as.
    pub vehicle_class: VehicleClass,
    /// What it has beyond its class.
    #[serde(default)]
    pub features: Vec<VehicleFeature>,
    /// Seats for passengers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seats: Option<u8>,
    /// Payload in kilograms, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_kg: Option<u32>,
}

/// Goes online with a vehicle, or offline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(
    feature = "openapi",
    oai(deny_unknown_fields, skip_serializing_if_is_none)
)]
#[serde(deny_unknown_fields)]
pub struct Availability {
    /// Whether the driver wants offers.
    pub status: AvailabilityStatus,
    /// The vehicle in use. Required to go online.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vehicle_id: Option<VehicleId>,
}

/// Where a device was at a moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(
    feature = "openapi",
    oai(deny_unknown_fields, skip_serializing_if_is_none)
)]
#[serde(deny_unknown_fields)]
pub struct LocationPoint {
    /// When it was measured.
    pub t: DateTime<Utc>,
    /// Latitude in degrees.
    #[cfg_attr(
        feature = "openapi",
        oai(validator(minimum(value = "-90"), maximum(value = "90")))
    )]
    pub lat: f64,
    /// Longitude in degrees.
    #[cfg_attr(
        feature = "openapi",
        oai(validator(minimum(value = "-180"), maximum(value = "180")))
    )]
    pub lng: f64,
    /// Radius within which the device is with 68 % probability, in metres.
    #[cfg_attr(
        feature = "openapi",
        oai(validator(minimum(value = "0"), maximum(value = "100000")))
    )]
    pub accuracy_m: f64,
    /// Speed in metres per second, if the device knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "openapi",
        oai(validator(minimum(value = "0"), maximum(value = "200")))
    )]
    pub speed_mps: Option<f64>,
    /// Direction of movement in degrees clockwise from north, if the device knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "openapi",
        oai(validator(minimum(value = "0"), maximum(value = "360")))
    )]
    pub heading_deg: Option<f64>,
}

impl LocationPoint {
    /// The position alone.
    pub const fn point(&self) -> Point {
        Point {
            lat: self.lat,
            lng: self.lng,
        }
    }
}

/// Positions of the signed-in driver, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(deny_unknown_fields))]
#[serde(deny_unknown_fields)]
pub struct LocationBatch {
    /// 1 to 100 points.
    #[cfg_attr(feature = "openapi", oai(validator(min_items = 1, max_items = 100)))]
    pub points: Vec<LocationPoint>,
}

/// What became of a batch of positions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct AcceptedPoints {
    /// How many points belong to a running trip and were kept with it. A point that is sent twice
    /// counts once.
    pub kept: u32,
}

/// Why a driver does not want an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum DeclineReason {
    /// The pickup is too far away.
    TooFar,
    /// It pays too little.
    TooLittle,
    /// The driver does not want to go there.
    WrongDirection,
    /// The driver takes a break.
    Break,
    /// Anything else.
    Other,
}

impl DeclineReason {
    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooFar => "too_far",
            Self::TooLittle => "too_little",
            Self::WrongDirection => "wrong_direction",
            Self::Break => "break",
            Self::Other => "other",
        }
    }
}

/// Declines an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(deny_unknown_fields))]
#[serde(deny_unknown_fields)]
pub struct OfferDecline {
    /// Why.
    pub reason: DeclineReason,
}
