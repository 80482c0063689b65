//! A trip as the database keeps it, and as the domain knows it.

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use wayfare_core::geo::LatLng;
use wayfare_core::id::{QuoteId, RiderId, TripId};
use wayfare_core::pricing::{Basis, Fare, RideLength};
use wayfare_core::trip::{Trip, TripRequest};
use wayfare_core::wire::{Passenger, RideNeeds, TripDriver, TripVehicle};
use wayfare_dispatch::{FeatureSet, Needs};

use crate::platform::failure::Failure;

/// A row of `trips.trips`.
#[derive(Debug)]
pub(super) struct TripRow {
    pub(super) id: Uuid,
    pub(super) rider_id: Uuid,
    pub(super) quote_id: Uuid,
    pub(super) vehicle_class: String,
    pub(super) pickup_lat_e7: i32,
    pub(super) pickup_lng_e7: i32,
    pub(super) dropoff_lat_e7: i32,
    pub(super) dropoff_lng_e7: i32,
    pub(super) distance_m: i64,
    pub(super) duration_s: i64,
    pub(super) rider_name: Option<String>,
    pub(super) pin: String,
    pub(super) version: i32,
    pub(super) releases: i32,
    pub(super) driver_card: Option<serde_json::Value>,
    pub(super) state: serde_json::Value,
    pub(super) cancel_note: Option<String>,
    pub(super) requested_at: DateTime<Utc>,
    pub(super) last_event_at: DateTime<Utc>,
    pub(super) fare: serde_json::Value,
    pub(super) waypoints: serde_json::Value,
    pub(super) pickup_at: Option<DateTime<Utc>>,
    pub(super) passenger_name: Option<String>,
    pub(super) passenger_phone: Option<String>,
    pub(super) for_someone_else: bool,
    pub(super) stops: Option<serde_json::Value>,
    pub(super) stop_changes: i32,
    pub(super) visits: serde_json::Value,
    pub(super) basis: Option<String>,
    pub(super) forward: bool,
    pub(super) needs: serde_json::Value,
}

/// Driver and car as the rider saw them when the offer was accepted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DriverCard {
    /// The driver.
    pub driver: TripDriver,
    /// The car.
    pub vehicle: TripVehicle,
}

/// A trip with what is kept beside its state.
#[derive(Debug, Clone)]
pub struct StoredTrip {
    /// The trip as the domain knows it.
    pub trip: Trip,
    /// The quote that it was made of.
    pub quote: QuoteId,
    /// The plan along the stops as they are now.
    pub plan: RideLength,
    /// What the driver calls the rider.
    pub rider_name: Option<String>,
    /// Who rides, if it is not the one who asked.
    pub passenger: Option<Passenger>,
    /// Driver and car, once there are any.
    pub driver_card: Option<DriverCard>,
    /// What the one who called it off had to say.
    pub cancel_note: Option<String>,
    /// As quoted or estimated until the trip is over, then as charged.
    pub fare: Fare,
    /// By what it was priced, once it is completed.
    pub basis: Option<Basis>,
    /// The driver finishes another trip first.
    pub forward: bool,
    /// What the vehicle must offer beyond its class.
    pub needs: RideNeeds,
}

impl StoredTrip {
    /// The trip's id.
    pub const fn id(&self) -> TripId {
        self.trip.request.trip
    }

    /// Who rides.
    pub const fn rider(&self) -> RiderId {
        self.trip.request.rider
    }

    /// What the vehicle must offer beyond its class, as dispatch asks for it. Somebody rides, also if
    /// nobody said how many.
    pub fn vehicle_needs(&self) -> Needs {
        Needs {
            seats: self.needs.passengers.unwrap_or(1),
            load_kg: 0,
            features: FeatureSet::of(self.needs.features.iter().copied()),
        }
    }
}

impl TryFrom<TripRow> for StoredTrip {
    type Error = Failure;

    fn try_from(row: TripRow) -> Result<Self, Failure> {
        let position = |lat, lng| LatLng::from_e7(lat, lng).map_err(broken);
        let request = TripRequest {
            trip: TripId::from_uuid(row.id),
            rider: RiderId::from_uuid(row.rider_id),
            vehicle_class: row.vehicle_class.parse().map_err(broken)?,
            pickup: position(row.pickup_lat_e7, row.pickup_lng_e7)?,
            waypoints: read(row.waypoints)?,
            dropoff: position(row.dropoff_lat_e7, row.dropoff_lng_e7)?,
            pickup_at: row.pickup_at,
            for_someone_else: row.for_someone_else,
            pin: Some(row.pin.parse().map_err(broken)?),
            requested_at: row.requested_at,
        };
        let stops = row.stops.map(read).transpose()?;
        let trip = Trip {
            stops: stops.unwrap_or_else(|| request.stops()),
            stop_changes: u32::try_from(row.stop_changes).map_err(broken)?,
            visits: read(row.visits)?,
            request,
            state: read(row.state)?,
            version: u32::try_from(row.version).map_err(broken)?,
            releases: u32::try_from(row.releases).map_err(broken)?,
            last_event_at: row.last_event_at,
        };
        let basis = row.basis.map(|name| read(serde_json::Value::String(name)));
        Ok(Self {
            trip,
            quote: QuoteId::from_uuid(row.quote_id),
            plan: RideLength {
                distance_m: row.distance_m,
                duration_s: row.duration_s,
            },
            rider_name: row.rider_name,
            passenger: passenger(row.passenger_name, row.passenger_phone)?,
            driver_card: row.driver_card.map(read).transpose()?,
            cancel_note: row.cancel_note,
            fare: read(row.fare)?,
            basis: basis.transpose()?,
            forward: row.forward,
            needs: read(row.needs)?,
        })
    }
}

fn passenger(name: Option<String>, phone: Option<String>) -> Result<Option<Passenger>, Failure> {
    let Some((name, phone)) = name.zip(phone) else {
        return Ok(None);
    };
    let phone = phone.parse().map_err(broken)?;
    Ok(Some(Passenger { name, phone }))
}

pub(super) fn read<T: DeserializeOwned>(json: serde_json::Value) -> Result<T, Failure> {
    serde_json::from_value(json).map_err(broken)
}

pub(super) fn broken(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::broken("reading a trip", error)
}
