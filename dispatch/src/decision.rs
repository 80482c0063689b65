//! What a round decided about one request, kept so that it can be explained.

mod record;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use wayfare_core::id::{DriverId, TripId};

use crate::gate::Gate;

/// What asking a driver costs, in milliseconds of driving to the pickup. The sum decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cost {
    /// The way to the pickup by road.
    pub way_ms: i64,
    /// Until the driver's present trip is over.
    pub finishing_ms: i64,
    /// For the time without a trip; never positive.
    pub idle_ms: i64,
    /// For ratings below five stars.
    pub rating_ms: i64,
    /// For trips that were given back.
    pub cancel_ms: i64,
    /// Length of the way to the pickup in metres; it costs nothing by itself.
    pub way_m: u32,
}

impl Cost {
    /// What decides.
    pub const fn total_ms(&self) -> i64 {
        self.way_ms
            .saturating_add(self.finishing_ms)
            .saturating_add(self.idle_ms)
            .saturating_add(self.rating_ms)
            .saturating_add(self.cancel_ms)
    }
}

/// What became of a car.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It did not pass a gate.
    Dropped(Gate),
    /// It passed them all, and asking somebody else was better.
    Lost {
        /// What it would have cost.
        cost: Cost,
        /// The trip that the driver was asked for instead, if any.
        asked_for: Option<TripId>,
    },
    /// It was asked.
    Asked {
        /// What it cost.
        cost: Cost,
    },
}

/// A car that was looked at for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Considered {
    /// Whose car.
    pub driver: DriverId,
    /// What became of it.
    pub verdict: Verdict,
}

/// What became of a request in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Drivers were asked.
    Asked,
    /// No car passed the gates.
    NobodyFits,
    /// The cars that passed went to other requests.
    PassedOver,
}

/// What a round decided about one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The trip.
    pub trip: TripId,
    /// When the round was.
    pub at: DateTime<Utc>,
    /// How far by road a car could be, in metres.
    pub radius_m: u32,
    /// How many waves of offers had been made before.
    pub waves: u32,
    /// What became of it.
    pub outcome: Outcome,
    /// The cars that were looked at, nearest first, at most [`Decision::CONSIDERED_MAX`].
    pub considered: Vec<Considered>,
    /// How many more were within the radius.
    pub left_out: u32,
}

/// Kept bytes are no decision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecisionError {
    /// The bytes end too early, go on too long, or name something that does not exist.
    #[error("the record of a decision is damaged: {0}")]
    Damaged(&'static str),
    /// Written by a newer version.
    #[error("the record of a decision has format {0}, which this version does not know")]
    Format(u8),
}

impl Decision {
    /// The most cars that a decision remembers.
    pub const CONSIDERED_MAX: usize = 200;

    /// What became of this driver's car, if it was looked at.
    pub fn verdict_of(&self, driver: DriverId) -> Option<&Verdict> {
        let of_driver = self.considered.iter().find(|one| one.driver == driver);
        of_driver.map(|one| &one.verdict)
    }

    /// The record as it is kept: [`Decision::considered`], compact, with the format in front. Beyond
    /// [`Decision::CONSIDERED_MAX`] nothing is kept.
    pub fn considered_to_bytes(&self) -> Vec<u8> {
        record::to_bytes(&self.considered)
    }

    /// Reads what [`Decision::considered_to_bytes`] wrote. Whatever the bytes are, it takes little
    /// memory.
    pub fn considered_from_bytes(bytes: &[u8]) -> Result<Vec<Considered>, DecisionError> {
        record::from_bytes(bytes)
    }
}
