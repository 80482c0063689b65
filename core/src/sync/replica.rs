//! What a device knows of its person's trips and offers: the server's state and what was done since.
//!
//! Stub.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::command::{DeviceAction, DeviceCommand};
use super::kit::TripKit;
use crate::id::{DriverId, OfferId, TripId};
use crate::trip::{Pin, Refusal, Trip};
use crate::wire::{ErrorCode, Offer, StreamEvent};

/// Why the device itself refuses what a person wants. Nothing is stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocalRefusal {
    /// The trip is not on this device.
    #[error("this trip is not on this device")]
    UnknownTrip,
    /// The offer is not on this device, or is over.
    #[error("the offer is no longer open")]
    OfferOver,
    /// The rules of trips do not allow it.
    #[error(transparent)]
    Trip(#[from] Refusal),
    /// The PIN was wrong too often.
    #[error("the PIN was wrong too often; try again later")]
    TooManyPins {
        /// When it may be tried again.
        until: DateTime<Utc>,
    },
    /// Anything else that the server would refuse as well.
    #[error("refused: {0}")]
    Rule(ErrorCode),
}

/// A trip on the device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReplicaTrip {
    /// As the server gave it.
    pub kit: TripKit,
    /// With everything that was done here since.
    pub current: Trip,
    /// What the rider told, once it was right.
    pub pin: Option<Pin>,
    /// How often the PIN was wrong, and since when.
    pub wrong_pins: u32,
    /// Until when no PIN is taken.
    pub locked_until: Option<DateTime<Utc>>,
    /// Cash was taken here.
    pub cash_taken: bool,
    /// It was rated here.
    pub rated: bool,
}

/// What a device knows.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Replica {
    /// Whose, once it is known.
    pub driver: Option<DriverId>,
    /// By their ids.
    pub trips: BTreeMap<TripId, ReplicaTrip>,
    /// Those that are open.
    pub offers: BTreeMap<OfferId, Offer>,
    /// Offers that were accepted here and that the server did not answer yet.
    pub accepting: BTreeMap<OfferId, Offer>,
    /// The person wants offers.
    pub online: bool,
}

impl Replica {
    /// Takes a message of the server. Answers the trip that it changed, if it changed one.
    pub fn take(&mut self, _event: &StreamEvent) -> Option<TripId> {
        // Stub
        None
    }

    /// Applies what the person wants, or says why not; then nothing changed.
    pub fn act(&mut self, _action: &DeviceAction, _at: DateTime<Utc>) -> Result<(), LocalRefusal> {
        // Stub
        Err(LocalRefusal::UnknownTrip)
    }

    /// Begins again from the server's state of this trip and applies what still waits to be answered.
    /// Commands that no longer fit are left out; the server says what becomes of them.
    pub fn rebase(&mut self, _trip: TripId, _waiting: &[DeviceCommand]) {
        // Stub
    }
}
