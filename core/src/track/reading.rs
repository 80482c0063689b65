//! What a track says of the ride.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What a track says of the ride.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Driven distance in millimetres, bridged gaps included.
    pub distance_mm: u64,
    /// Number of points, each moment counted once.
    pub points: u32,
    /// Points left out because their accuracy is over 50 m.
    pub inaccurate: u32,
    /// Points left out because they imply more than 55 m/s.
    pub too_fast: u32,
    /// Time of the first point, left out or not.
    pub first_at: Option<DateTime<Utc>>,
    /// Time of the last point, left out or not.
    pub last_at: Option<DateTime<Utc>>,
    /// Time of the first point that counts.
    pub first_used_at: Option<DateTime<Utc>>,
    /// Time of the last point that counts.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Gaps of more than 60 s or 500 m.
    pub gaps: Gaps,
}

/// The gaps of a track and how they were bridged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Gaps {
    /// How many.
    pub count: u32,
    /// Length that was bridged along the road graph, in millimetres.
    pub by_road_mm: u64,
    /// Length that was bridged in straight lines, in millimetres.
    pub straight_mm: u64,
}

impl Reading {
    /// Driven distance in metres, rounded down.
    pub fn distance_m(&self) -> i64 {
        i64::try_from(self.distance_mm.checked_div(1000).unwrap_or_default()).unwrap_or(i64::MAX)
    }

    /// From the first to the last point in seconds, rounded down.
    pub fn duration_s(&self) -> i64 {
        match (self.first_at, self.last_at) {
            (Some(first), Some(last)) => last.signed_duration_since(first).num_seconds(),
            _ => 0,
        }
    }
}
