//! Queues at airports and stations, where drivers wait for trips.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::DriverId;

/// The signed-in driver's place in the queue of a zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct DriverQueue {
    /// Short id of the zone.
    pub zone: String,
    /// What people call the zone.
    pub name: String,
    /// 1 is asked next. Those who are away for a moment are not counted.
    pub position: u32,
    /// How many wait, those who are away for a moment not counted.
    pub waiting: u32,
    /// Since when the driver waits.
    pub since: DateTime<Utc>,
    /// Present while the car is away: then nobody asks, and the place is lost at this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_until: Option<DateTime<Utc>>,
}

/// A driver in a queue, as admins see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct QueuedDriver {
    /// The driver.
    pub driver_id: DriverId,
    /// Since when the driver waits.
    pub since: DateTime<Utc>,
    /// Since when the car was not seen in the zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub away_since: Option<DateTime<Utc>>,
}

/// The queue of a zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct QueueView {
    /// Short id of the zone.
    pub zone: String,
    /// What people call the zone.
    pub name: String,
    /// How many have a place.
    pub waiting: u32,
    /// The first of them, in the order in which they are asked.
    pub drivers: Vec<QueuedDriver>,
}

/// The queues of the city, in the order of its list of zones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct QueueList {
    /// The queues.
    pub queues: Vec<QueueView>,
}
