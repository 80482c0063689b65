//! A trip that looks for a driver.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use wayfare_core::geo::LatLng;
use wayfare_core::id::{DriverId, TripId};
use wayfare_core::vehicle::VehicleClass;

use crate::car::FeatureSet;

/// What a vehicle must offer beyond its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Needs {
    /// Seats for passengers.
    pub seats: u8,
    /// Payload in kilograms.
    pub load_kg: u32,
    /// Features, all of them.
    pub features: FeatureSet,
}

/// Why a driver is not asked for this trip, wherever the car is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exclusion {
    /// The driver was asked and did not take it.
    Asked,
    /// The driver took it and gave it back.
    GaveBack,
    /// It is the driver's own trip as a rider.
    OwnTrip,
    /// One of the two does not want to meet the other again.
    Blocked,
}

/// A trip that looks for a driver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The trip.
    pub trip: TripId,
    /// Where the rider waits.
    pub pickup: LatLng,
    /// Where the trip ends.
    pub dropoff: LatLng,
    /// The class that was asked for.
    pub vehicle_class: VehicleClass,
    /// What the vehicle must offer beyond it.
    pub needs: Needs,
    /// When the search began.
    pub since: DateTime<Utc>,
    /// Waves of offers that were made so far.
    pub waves: u32,
    /// The zone whose queue is asked first, as a position in the city's list of zones.
    pub queue: Option<u16>,
    /// Drivers who are not asked.
    pub excluded: BTreeMap<DriverId, Exclusion>,
}

impl Request {
    /// How long the search has lasted; never negative.
    pub fn waited(&self, now: DateTime<Utc>) -> TimeDelta {
        (now - self.since).max(TimeDelta::zero())
    }
}
