//! Where a ride leads, how far along it is, and which stops were made.
//!
//! A stop is a number: waypoints count from 0, and the number after the last one is the dropoff.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::geo::LatLng;

/// The most waypoints that a trip may have.
pub const WAYPOINTS_MAX: usize = 8;

/// Where a ride leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stops {
    /// The stops on the way, in their order.
    pub waypoints: Vec<LatLng>,
    /// Where the ride ends.
    pub dropoff: LatLng,
}

impl Stops {
    /// Where this stop is; `None` beyond the dropoff.
    pub fn position(&self, stop: u8) -> Option<LatLng> {
        let stop = usize::from(stop);
        if stop == self.waypoints.len() {
            Some(self.dropoff)
        } else {
            self.waypoints.get(stop).copied()
        }
    }

    /// The places of the whole ride in their order: the pickup, the waypoints, the dropoff.
    pub fn route_from(&self, pickup: LatLng) -> Vec<LatLng> {
        std::iter::once(pickup)
            .chain(self.waypoints.iter().copied())
            .chain([self.dropoff])
            .collect()
    }

    /// Whether this stop is on the way, and not the dropoff.
    pub fn is_waypoint(&self, stop: u8) -> bool {
        usize::from(stop) < self.waypoints.len()
    }

    /// Whether the first `count` waypoints are the same in both.
    pub(super) fn begin_alike(&self, other: &Self, count: usize) -> bool {
        match (self.waypoints.get(..count), other.waypoints.get(..count)) {
            (Some(own), Some(others)) => own == others,
            _ => false,
        }
    }
}

/// How far along a ride is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Leg {
    /// The car drives.
    EnRoute {
        /// To this stop.
        stop: u8,
    },
    /// The car stands at a waypoint.
    AtStop {
        /// At this one.
        stop: u8,
        /// Since when.
        arrived_at: DateTime<Utc>,
    },
}

impl Leg {
    /// How every ride begins: on the way to its first stop.
    pub const FIRST: Self = Self::EnRoute { stop: 0 };

    /// The stop that the car drives to or stands at.
    pub const fn stop(self) -> u8 {
        match self {
            Self::EnRoute { stop } | Self::AtStop { stop, .. } => stop,
        }
    }
}

/// A ride that was kept before there were waypoints is on the way to its dropoff, which is stop 0.
impl Default for Leg {
    fn default() -> Self {
        Self::FIRST
    }
}

/// A waypoint that the car came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// Which one.
    pub stop: u8,
    /// Since when the car stood there.
    pub arrived_at: DateTime<Utc>,
    /// When it went on; `None` while it stands there, and for ever if the ride ended there.
    pub left_at: Option<DateTime<Utc>>,
}
