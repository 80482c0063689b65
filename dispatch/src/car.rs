//! A driver with a car, as dispatch sees it.

use chrono::{DateTime, TimeDelta, Utc};
use wayfare_core::geo::LatLng;
use wayfare_core::id::{DriverId, VehicleId};
use wayfare_core::vehicle::{VehicleClass, VehicleFeature};

/// Where a car was, and when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fix {
    /// Where.
    pub position: LatLng,
    /// The device's direction in degrees clockwise from north, if known.
    pub heading_deg: Option<f32>,
    /// Metres per second, if known.
    pub speed_mps: Option<f32>,
    /// When it was measured.
    pub at: DateTime<Utc>,
}

impl Fix {
    /// How old it is; never negative, as devices' clocks run ahead.
    pub fn age(&self, now: DateTime<Utc>) -> TimeDelta {
        (now - self.at).max(TimeDelta::zero())
    }
}

/// What a driver is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CarState {
    /// Waits for a trip.
    Free,
    /// Has an offer to answer.
    Asked,
    /// Drives to a pickup or to a dropoff.
    Driving,
    /// Will be free soon: may be asked for the next trip, which begins where this one ends.
    Finishing {
        /// Where the trip ends.
        at: LatLng,
        /// When, as far as one can tell.
        free_at: DateTime<Utc>,
    },
}

/// How much a vehicle takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Capacity {
    /// Seats for passengers.
    pub seats: u8,
    /// Payload in kilograms.
    pub load_kg: u32,
}

/// What a vehicle has beyond its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct FeatureSet(u16);

impl FeatureSet {
    /// These features.
    pub fn of(features: impl IntoIterator<Item = VehicleFeature>) -> Self {
        let bits = features.into_iter().map(Self::bit);
        Self(bits.fold(0, |set, bit| set | bit))
    }

    /// Whether the feature is one of them.
    pub fn has(self, feature: VehicleFeature) -> bool {
        self.0 & Self::bit(feature) != 0
    }

    /// The first of the wanted features that is not there.
    pub fn first_missing(self, wanted: Self) -> Option<VehicleFeature> {
        VehicleFeature::ALL
            .into_iter()
            .find(|feature| wanted.has(*feature) && !self.has(*feature))
    }

    const fn bit(feature: VehicleFeature) -> u16 {
        1 << feature as u16
    }
}

/// What a driver drives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CarProfile {
    /// The vehicle in use.
    pub vehicle: VehicleId,
    /// What it can be asked for as.
    pub vehicle_class: VehicleClass,
    /// How much it takes.
    pub capacity: Capacity,
    /// What it has.
    pub features: FeatureSet,
}

/// A driver who wants to get home: only trips that lead there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GoingHome {
    /// Where to.
    pub to: LatLng,
}

/// A place in the queue of a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueuePlace {
    /// Position of the zone in the city's list of zones.
    pub zone: u16,
    /// Who came first is asked first.
    pub since: DateTime<Utc>,
}

/// What weighs for and against asking a driver, apart from the way to the pickup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Without a trip since then.
    pub idle_since: DateTime<Utc>,
    /// Mean rating in thousandths of a star, if there are enough ratings.
    pub rating_milli: Option<u32>,
    /// Of the trips that the driver took, how many were given back, in basis points.
    pub cancel_bps: u32,
    /// Present while the driver wants to get home.
    pub home: Option<GoingHome>,
    /// Present while the driver waits in a queue.
    pub queue: Option<QueuePlace>,
}

/// A driver with a car, as the index knows it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Car {
    /// The driver.
    pub driver: DriverId,
    /// What the driver drives.
    pub profile: CarProfile,
    /// What weighs for and against the driver.
    pub standing: Standing,
    /// What the driver is doing.
    pub state: CarState,
    /// Where the car was last seen, and when.
    pub fix: Fix,
}

impl Car {
    /// Where the car starts to the next pickup from.
    pub fn starts_at(&self) -> LatLng {
        match self.state {
            CarState::Finishing { at, .. } => at,
            CarState::Free | CarState::Asked | CarState::Driving => self.fix.position,
        }
    }
}
