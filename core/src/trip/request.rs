//! What a rider asks for.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::pin::Pin;
use super::stops::{Stops, WAYPOINTS_MAX};
use crate::geo::LatLng;
use crate::id::{RiderId, TripId};
use crate::vehicle::VehicleClass;

/// Why a trip cannot be asked for like this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// More stops on the way than a trip may have.
    #[error("a trip has at most {max} waypoints, and this one has {count}")]
    TooManyWaypoints {
        /// How many were asked for.
        count: usize,
        /// How many there may be.
        max: usize,
    },
    /// The agreed time of the pickup is over already.
    #[error("the pickup cannot be before the trip is asked for")]
    PickupInThePast,
}

/// What a rider asked for. It does not change during the trip.
///
/// It is part of an event and so is kept for ever: names, phone numbers and notes have no place here,
/// because a person can ask to be erased and an event cannot be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TripRequest {
    /// The trip.
    pub trip: TripId,
    /// Who asked, and pays.
    pub rider: RiderId,
    /// What kind of car.
    pub vehicle_class: VehicleClass,
    /// Where the rider waits.
    pub pickup: LatLng,
    /// The stops on the way, at most [`WAYPOINTS_MAX`].
    #[serde(default)]
    pub waypoints: Vec<LatLng>,
    /// Where the rider wants to go.
    pub dropoff: LatLng,
    /// The agreed time of a scheduled trip; `None` means now.
    #[serde(default)]
    pub pickup_at: Option<DateTime<Utc>>,
    /// Somebody else rides. Who that is stays outside of the trip.
    #[serde(default)]
    pub for_someone_else: bool,
    /// What the driver must type to start. `None` on a driver's device, which must not know it: there
    /// no PIN is the right one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<Pin>,
    /// When the rider asked.
    pub requested_at: DateTime<Utc>,
}

impl TripRequest {
    /// The stops as they were asked for, and as they were priced.
    pub fn stops(&self) -> Stops {
        Stops {
            waypoints: self.waypoints.clone(),
            dropoff: self.dropoff,
        }
    }

    /// Whether a trip can be made of this.
    pub fn check(&self) -> Result<(), RequestError> {
        let count = self.waypoints.len();
        if count > WAYPOINTS_MAX {
            return Err(RequestError::TooManyWaypoints {
                count,
                max: WAYPOINTS_MAX,
            });
        }
        if self.pickup_at.is_some_and(|at| at < self.requested_at) {
            return Err(RequestError::PickupInThePast);
        }
        Ok(())
    }
}
