//! What was charged and how it came about, signed, so that anybody can compute it again.
//!
//! A [`Receipt`] carries the facts of its trip and names its tariff by digest. With the tariff and
//! the public keys a phone computes the fare again, line by line, without a network; with the track
//! it also measures the ride again. Every failure is a [`ReceiptError`] that says what is not right.
//! Nothing here repairs or skips: a receipt is right as a whole or refused.

mod error;
mod verify;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use self::error::ReceiptError;
pub use self::verify::{read_receipt, verify_receipt, verify_receipt_with_roads};
use crate::id::{DriverId, QuoteId, RiderId, TripId};
use crate::pricing::{Basis, CancellationFacts, CancellationRule, Driven, Facts, Fare, TariffRef};
use crate::quote::QuotePromise;
use crate::signing::{Jws, Purpose, SignatureError, SigningKey};
use crate::track::{Reading, TrackDigest};
use crate::vehicle::VehicleClass;

/// The version of receipts that is made and read: their `v`.
pub const VERSION: u32 = 1;

/// What a trip cost, and everything that this was computed from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// [`VERSION`].
    pub v: u32,
    /// The trip.
    pub trip: TripId,
    /// The quote that was taken.
    pub quote: QuoteId,
    /// Who pays.
    pub rider: RiderId,
    /// Who drove or was on the way, if anybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<DriverId>,
    /// The class of vehicle.
    pub vehicle_class: VehicleClass,
    /// By which tariff it was computed.
    pub tariff: TariffRef,
    /// What was charged for.
    pub charge: Charged,
    /// What it costs, with every line.
    pub fare: Fare,
    /// When the receipt was made.
    pub issued_at: DateTime<Utc>,
}

/// What was charged for, and from what the fare was computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every receipt is of a trip"
)]
pub enum Charged {
    /// A trip that was completed.
    Trip {
        /// Whether the quote held.
        basis: Basis,
        /// The plan that the quote was computed from.
        quoted: Facts,
        /// What happened.
        driven: Driven,
        /// When the ride began; the same moment as `driven.started_at`.
        started_at: DateTime<Utc>,
        /// When it ended.
        completed_at: DateTime<Utc>,
        /// The track that `driven.ride` was read from, if there was one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        track: Option<TrackProof>,
    },
    /// A trip that was called off.
    Cancellation {
        /// What is known of it.
        facts: CancellationFacts,
        /// Why it costs something.
        rule: CancellationRule,
    },
}

/// What holds a receipt to the track of its ride.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrackProof {
    /// The fingerprint of the track.
    pub digest: TrackDigest,
    /// What the track says.
    pub reading: Reading,
}

impl Receipt {
    /// What holds it to a track; `None` if nothing does.
    pub const fn track(&self) -> Option<&TrackProof> {
        match &self.charge {
            Charged::Trip { track, .. } => track.as_ref(),
            Charged::Cancellation { .. } => None,
        }
    }

    /// Whether it keeps what was promised: it is for the promise's quote, rider, class and tariff,
    /// and was computed from the promised plan. Both must have been verified before.
    pub fn check_promise(&self, promise: &QuotePromise) -> Result<(), ReceiptError> {
        let same_plan = match &self.charge {
            Charged::Trip { quoted, .. } => *quoted == promise.facts,
            Charged::Cancellation { facts, .. } => facts.pickup_at == promise.pickup_at,
        };
        let fields = [
            ("quote", self.quote == promise.quote),
            ("rider", self.rider == promise.rider),
            ("vehicle_class", self.vehicle_class == promise.vehicle_class),
            ("tariff", self.tariff == promise.tariff),
            ("plan", same_plan),
        ];
        match fields.into_iter().find(|(_, same)| !same) {
            Some((field, _)) => Err(ReceiptError::OtherPromise { field }),
            None => Ok(()),
        }
    }
}

/// Signs a receipt.
pub fn sign_receipt(key: &SigningKey, receipt: &Receipt) -> Result<Jws, SignatureError> {
    key.sign(Purpose::Receipt, receipt)
}

#[cfg(test)]
mod tests;
