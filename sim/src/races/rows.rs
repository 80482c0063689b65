//! What the model's tables hold.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;
use wayfare_core::geo::LatLng;
use wayfare_core::id::{DriverId, RiderId, TripId, VehicleId};
use wayfare_core::trip::{Assignment, Pin, Trip, TripRequest, TripState};
use wayfare_core::vehicle::VehicleClass;

/// A trip as the database keeps it.
#[derive(Debug, Clone)]
pub(super) struct TripRow {
    pub(super) trip: Trip,
    /// Assigned to a driver who finishes another trip first.
    pub(super) forward: bool,
}

/// What became of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OfferStatus {
    Open,
    Accepted,
    Declined,
    TimedOut,
    Withdrawn,
    Released,
}

/// An offer as the database keeps it. Trips and drivers are numbers here.
#[derive(Debug, Clone, Copy)]
pub(super) struct OfferRow {
    pub(super) trip: usize,
    pub(super) driver: usize,
    pub(super) status: OfferStatus,
    pub(super) broadcast: bool,
    pub(super) forward: bool,
    pub(super) wave: u32,
    pub(super) created_at: i64,
    pub(super) expires_at: i64,
    /// The leader who made it.
    pub(super) epoch: u32,
}

/// The right to dispatch.
#[derive(Debug, Clone, Copy)]
pub(super) struct LeaseRow {
    /// The number of a process, if anybody ever held it.
    pub(super) holder: Option<usize>,
    pub(super) epoch: u32,
    pub(super) expires_at: i64,
}

impl TripRow {
    /// The trip with this number, just asked for.
    pub(super) fn requested(number: usize, now: i64) -> Self {
        let request = TripRequest {
            trip: TripId::from_uuid(uuid(number, 1)),
            rider: RiderId::from_uuid(uuid(number, 2)),
            vehicle_class: VehicleClass::Standard,
            pickup: place(),
            waypoints: Vec::new(),
            dropoff: place(),
            pickup_at: None,
            for_someone_else: false,
            pin: Some(Pin::from_number(1234)),
            requested_at: instant(now),
        };
        Self {
            trip: Trip::requested(request),
            forward: false,
        }
    }

    /// Who has the trip, or had it when it ended.
    pub(super) fn assignment(&self) -> Option<Assignment> {
        match self.trip.state {
            TripState::Completed { assignment, .. } => Some(assignment),
            TripState::Cancelled { assignment, .. } => assignment,
            state => state.assignment(),
        }
    }

    /// Who has the trip and is not done with it.
    pub(super) fn engaged(&self) -> Option<usize> {
        match self.trip.state {
            TripState::Assigned { assignment }
            | TripState::Arrived { assignment, .. }
            | TripState::InProgress { assignment, .. } => Some(number_of(assignment.driver)),
            _ => None,
        }
    }

    /// Nothing happens to it any more.
    pub(super) const fn is_over(&self) -> bool {
        matches!(
            self.trip.state,
            TripState::Completed { .. } | TripState::Cancelled { .. } | TripState::Expired { .. }
        )
    }
}

/// The driver with this number.
pub(super) const fn driver(number: usize) -> DriverId {
    DriverId::from_uuid(uuid(number, 3))
}

/// The vehicle of the driver with this number.
pub(super) const fn vehicle(number: usize) -> VehicleId {
    VehicleId::from_uuid(uuid(number, 4))
}

/// The number of a driver.
pub(super) fn number_of(driver: DriverId) -> usize {
    let (number, _) = driver.uuid().as_u64_pair();
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Seconds of the model as the core has them.
pub(super) fn instant(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

const fn uuid(number: usize, kind: u64) -> Uuid {
    Uuid::from_u64_pair(number as u64, kind)
}

fn place() -> LatLng {
    const { assert!(LatLng::from_e7(411_500_000, -86_100_000).is_ok()) };
    match LatLng::from_e7(411_500_000, -86_100_000) {
        Ok(place) => place,
        Err(_) => unreachable!("checked when this was compiled"),
    }
}
