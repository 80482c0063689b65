//! Trips as riders and drivers see them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::car::TripCar;
use super::needs::RideNeeds;
use super::place::Point;
use super::stream::Offer;
use crate::id::{DriverId, PaymentId, QuoteId, RiderId, TripId, VehicleId};
use crate::money::Money;
use crate::phone::Phone;
use crate::pricing::{Basis, Fare};
use crate::trip::{CancelReason, Party, Pin, TripStatus};
use crate::vehicle::VehicleClass;

/// Asks for the trip that a quote described.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(
    feature = "openapi",
    oai(deny_unknown_fields, skip_serializing_if_is_none)
)]
#[serde(deny_unknown_fields)]
pub struct NewTrip {
    /// The quote.
    pub quote_id: QuoteId,
    /// Who rides, if it is somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passenger: Option<Passenger>,
    /// What the vehicle has to offer beyond its class, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<RideNeeds>,
}

/// Somebody for whom another person asked for a trip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(deny_unknown_fields))]
#[serde(deny_unknown_fields)]
pub struct Passenger {
    /// What the driver calls them.
    #[cfg_attr(feature = "openapi", oai(validator(min_length = 1, max_length = 60)))]
    pub name: String,
    /// Where they can be called.
    pub phone: Phone,
}

/// Changes where a trip goes. Stops that the car has reached must stay as they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(deny_unknown_fields))]
#[serde(deny_unknown_fields)]
pub struct ChangeStops {
    /// All stops on the way, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(
        feature = "openapi",
        oai(default, skip_serializing_if_is_empty, validator(max_items = 8))
    )]
    pub waypoints: Vec<Point>,
    /// Where the rider wants to go.
    pub dropoff: Point,
}

/// Where a trip that is in progress stands between its stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct TripLeg {
    /// The stop that the car drives to or stands at: waypoints from 0, then the dropoff.
    pub stop: u8,
    /// Since when the car stands there; absent while it drives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrived_at: Option<DateTime<Utc>>,
}

/// Takes a trip from its driver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(deny_unknown_fields))]
#[serde(deny_unknown_fields)]
pub struct Reassignment {
    /// Why.
    pub reason: CancelReason,
}

/// Starts the ride.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(deny_unknown_fields))]
#[serde(deny_unknown_fields)]
pub struct StartTrip {
    /// The four digits that the rider told the driver.
    pub pin: Pin,
}

/// Calls a trip off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(
    feature = "openapi",
    oai(deny_unknown_fields, skip_serializing_if_is_none)
)]
#[serde(deny_unknown_fields)]
pub struct Cancellation {
    /// Why.
    pub reason: CancelReason,
    /// In the person's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(validator(min_length = 1, max_length = 500)))]
    pub note: Option<String>,
}

/// The driver has the money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(deny_unknown_fields))]
#[serde(deny_unknown_fields)]
pub struct CashPayment {
    /// What the rider paid; it must be what the trip costs.
    pub amount: Money,
}

/// What one side thinks of the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(
    feature = "openapi",
    oai(deny_unknown_fields, skip_serializing_if_is_none)
)]
#[serde(deny_unknown_fields)]
pub struct NewRating {
    /// 1 to 5.
    #[cfg_attr(
        feature = "openapi",
        oai(validator(minimum(value = "1"), maximum(value = "5")))
    )]
    pub stars: u8,
    /// In the person's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(validator(min_length = 1, max_length = 500)))]
    pub comment: Option<String>,
}

/// Which side of a trip somebody is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum TripSide {
    /// Rides.
    Rider,
    /// Drives.
    Driver,
}

impl TripSide {
    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rider => "rider",
            Self::Driver => "driver",
        }
    }
}

/// The driver of a trip, as the rider sees them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct TripDriver {
    /// The driver.
    pub id: DriverId,
    /// What riders call the driver.
    pub name: String,
    /// Mean of all ratings, once there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<f64>,
}

/// The vehicle of a trip, as the rider looks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct TripVehicle {
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
}

/// How a trip was called off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct CancelledTrip {
    /// Who called it off.
    pub by: Party,
    /// Why.
    pub reason: CancelReason,
    /// In their own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// How a trip is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethod {
    /// Coins and notes, to the driver.
    Cash,
    /// On the rider's account, to be settled with a later payment.
    Account,
}

/// Whether a trip is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// The rider owes it.
    Due,
    /// It is paid.
    Paid,
}

/// The payment of a completed trip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct TripPayment {
    /// The payment.
    pub id: PaymentId,
    /// How it is paid.
    pub method: PaymentMethod,
    /// Whether it is paid.
    pub status: PaymentStatus,
    /// What is due or was paid.
    pub amount: Money,
}

/// A trip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct Trip {
    /// The trip.
    pub id: TripId,
    /// Where it stands.
    pub status: TripStatus,
    /// Grows with every event of the trip; it is the trip's `ETag` as well.
    pub version: u32,
    /// Who rides.
    pub rider_id: RiderId,
    /// What the driver calls the rider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rider_name: Option<String>,
    /// Who rides, if it is somebody else. Only the one who asked sees it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passenger: Option<Passenger>,
    /// The class of vehicle.
    pub vehicle_class: VehicleClass,
    /// What the vehicle has to offer beyond it, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<RideNeeds>,
    /// Where the rider waits.
    pub pickup: Point,
    /// The stops on the way as they are now, in order.
    #[serde(default)]
    pub waypoints: Vec<Point>,
    /// Where the rider wants to go now.
    pub dropoff: Point,
    /// When the rider will be picked up; absent for as soon as possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pickup_at: Option<DateTime<Utc>>,
    /// Where the car is between the stops, while the trip is in progress.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leg: Option<TripLeg>,
    /// Planned length in metres, along the stops as they are now.
    pub distance_m: i64,
    /// Planned duration in seconds, along the stops as they are now.
    pub duration_s: i64,
    /// What it costs: as quoted, or as estimated anew if the stops changed, until the trip is
    /// over; then as charged.
    pub fare: Fare,
    /// The quote that it was asked for with.
    pub quote_id: QuoteId,
    /// By what it was priced, once it is completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
    /// What the rider tells the driver at the pickup. Only the rider sees it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<Pin>,
    /// The driver, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<TripDriver>,
    /// The vehicle, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vehicle: Option<TripVehicle>,
    /// The driver has another trip to finish first. It becomes false without a new version when that
    /// one is over.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", oai(default))]
    pub driver_finishes_first: bool,
    /// Where the car is, for the rider of a trip that has one, if it is known. Only
    /// `GET /v1/trips/{trip_id}` says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub car: Option<TripCar>,
    /// When the rider asked.
    pub requested_at: DateTime<Utc>,
    /// When the driver accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_at: Option<DateTime<Utc>>,
    /// When the driver came to the pickup.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrived_at: Option<DateTime<Utc>>,
    /// When the ride began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<DateTime<Utc>>,
    /// When the ride ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<DateTime<Utc>>,
    /// How it was called off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<CancelledTrip>,
    /// The payment, once the trip is completed or calling it off cost something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<TripPayment>,
    /// The stars that the one who asks gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub my_rating: Option<u8>,
}

/// A page of one's own trips, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct TripPage {
    /// The trips.
    pub trips: Vec<Trip>,
    /// Gets the next page, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<TripId>,
}

/// The signed-in driver's open offers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct OfferList {
    /// The offers.
    pub offers: Vec<Offer>,
}
