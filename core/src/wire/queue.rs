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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn queues_have_this_form() {
        let own = json!({
            "zone": "airport", "name": "Aeroporto", "position": 3, "waiting": 12,
            "since": "2026-03-01T12:00:00Z",
        });
        let place: DriverQueue = serde_json::from_value(own.clone()).unwrap();
        assert_eq!(place.kept_until, None);
        assert_eq!(serde_json::to_value(&place).unwrap(), own);
        let all = json!({ "queues": [{
            "zone": "airport", "name": "Aeroporto", "waiting": 2,
            "drivers": [
                {"driver_id": format!("driver_{}", "1".repeat(32)), "since": "2026-03-01T12:00:00Z"},
                {
                    "driver_id": format!("driver_{}", "2".repeat(32)),
                    "since": "2026-03-01T12:01:00Z",
                    "away_since": "2026-03-01T12:05:00Z",
                },
            ],
        }] });
        let list: QueueList = serde_json::from_value(all.clone()).unwrap();
        assert_eq!(serde_json::to_value(&list).unwrap(), all);
    }
}
