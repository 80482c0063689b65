//! What is known of a trip when its fare is computed.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

/// No surge: the price as it is.
pub(super) const NO_SURGE_BPS: i64 = 10_000;

/// The facts of a trip, planned or driven. Whole metres, seconds and kilograms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Length of the ride in metres.
    pub distance_m: i64,
    /// From start to finish, in seconds.
    pub duration_s: i64,
    /// From arrival at the pickup to the start, in seconds.
    #[serde(default)]
    pub wait_s: i64,
    /// The stops between pickup and dropoff.
    #[serde(default)]
    pub waypoints: Vec<WaypointFacts>,
    /// When the ride began.
    pub started_at: DateTime<FixedOffset>,
    /// Tolls, in the order in which they were crossed.
    #[serde(default)]
    pub tolls: Vec<String>,
    /// Zones of pickup and dropoff that cost a fee.
    #[serde(default)]
    pub zones: Vec<String>,
    /// Surge in basis points: 10000 is none, 12500 is a quarter more.
    #[serde(default = "no_surge")]
    pub surge_bps: i64,
    /// The rider's promotion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promo: Option<Promo>,
    /// Freight: weight of the load in kilograms.
    #[serde(default)]
    pub weight_kg: i64,
    /// Freight: time at the pickup to load, in seconds.
    #[serde(default)]
    pub loading_s: i64,
    /// Freight: time at the dropoff to unload, in seconds.
    #[serde(default)]
    pub unloading_s: i64,
    /// What the rider gives the driver on top, in minor units.
    #[serde(default)]
    pub tip_minor: i64,
}

impl Facts {
    /// A ride with nothing but a length, a duration and a start.
    pub const fn ride(distance_m: i64, duration_s: i64, started_at: DateTime<FixedOffset>) -> Self {
        Self {
            distance_m,
            duration_s,
            wait_s: 0,
            waypoints: Vec::new(),
            started_at,
            tolls: Vec::new(),
            zones: Vec::new(),
            surge_bps: NO_SURGE_BPS,
            promo: None,
            weight_kg: 0,
            loading_s: 0,
            unloading_s: 0,
            tip_minor: 0,
        }
    }
}

/// What is known of one stop on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaypointFacts {
    /// How long the car stood there, in seconds.
    #[serde(default)]
    pub wait_s: i64,
}

/// What a promotion takes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Promo {
    /// A fixed amount, but never more than the ride costs before tolls and fees.
    Fixed {
        /// Minor units.
        amount_minor: i64,
    },
    /// A share of the ride before tolls and fees.
    Percent {
        /// Basis points: 1000 is a tenth.
        bps: i64,
        /// The most it takes off, in minor units.
        cap_minor: i64,
    },
}

const fn no_surge() -> i64 {
    NO_SURGE_BPS
}
