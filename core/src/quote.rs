//! The promise of a price, and its signature.
//!
//! The backend signs a [`QuotePromise`] when it makes a quote. Whoever holds the text and the
//! public keys can prove what was promised, and with the tariff compute the price again, all without
//! a network. A promise that has expired is still proof; it only no longer binds.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::geo::LatLng;
use crate::id::{QuoteId, RiderId};
use crate::pricing::{
    Facts, Fare, FareDifference, FareError, OtherTariff, Tariff, TariffRef, compute,
};
use crate::signing::{Jws, KeyRing, Purpose, SignatureError, SigningKey};
use crate::vehicle::VehicleClass;

/// The version of promises that is made and read: their `v`.
pub const VERSION: u32 = 1;

/// What a ride was promised to cost, and everything that the price was computed from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuotePromise {
    /// [`VERSION`].
    pub v: u32,
    /// The quote.
    pub quote: QuoteId,
    /// To whom it was promised.
    pub rider: RiderId,
    /// The class of vehicle.
    pub vehicle_class: VehicleClass,
    /// Where the rider waits.
    pub pickup: LatLng,
    /// The stops on the way, in their order.
    pub waypoints: Vec<LatLng>,
    /// Where the rider wants to go.
    pub dropoff: LatLng,
    /// The agreed time of a scheduled trip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pickup_at: Option<DateTime<Utc>>,
    /// By which tariff it was computed.
    pub tariff: TariffRef,
    /// From which plan it was computed.
    pub facts: Facts,
    /// What it costs, with every line.
    pub fare: Fare,
    /// When it was promised.
    pub issued_at: DateTime<Utc>,
    /// Until when it can be taken.
    pub expires_at: DateTime<Utc>,
}

/// Why a promise is refused.
#[derive(Debug, thiserror::Error)]
pub enum QuoteError {
    /// Not signed as it has to be.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// Made by a newer Wayfare than this one.
    #[error("the quote is of version {found}, and this program knows version {VERSION} at most")]
    TooNew {
        /// Its `v`.
        found: u32,
    },
    /// The tariff that was given is not the promise's.
    #[error(transparent)]
    OtherTariff(#[from] Box<OtherTariff>),
    /// The tariff is for another class of vehicle.
    #[error("the quote is for {found}, and its tariff for {wanted}")]
    OtherVehicleClass {
        /// The tariff's.
        wanted: VehicleClass,
        /// The promise's.
        found: VehicleClass,
    },
    /// The tariff gives no fare for these facts.
    #[error("the fare cannot be computed again: {0}")]
    Fare(#[from] FareError),
    /// The tariff gives another fare for these facts.
    #[error("the promised fare is not the tariff's: {0}")]
    FareDiffers(#[from] FareDifference),
}

impl QuotePromise {
    /// Checks that the promised fare is what `tariff` gives for the planned ride, and that it is
    /// the tariff that is named.
    pub fn check_fare(&self, tariff: &Tariff) -> Result<(), QuoteError> {
        self.tariff.check(tariff)?;
        let wanted = tariff.spec().vehicle_class;
        if self.vehicle_class != wanted {
            return Err(QuoteError::OtherVehicleClass {
                wanted,
                found: self.vehicle_class,
            });
        }
        let fare = compute(tariff, &self.facts)?;
        Ok(FareDifference::check(&fare, &self.fare)?)
    }

    /// Whether it can no longer be taken. At `expires_at` itself it has expired.
    pub fn is_expired(&self, now: DateTime<Utc>) -> bool {
        now >= self.expires_at
    }
}

/// Signs a promise.
pub fn sign_quote(key: &SigningKey, promise: &QuotePromise) -> Result<Jws, SignatureError> {
    key.sign(Purpose::Quote, promise)
}

/// The promise, if one of these keys signed it as one. Whether it has expired and whether the fare
/// is right are questions to the promise.
pub fn verify_quote(ring: &KeyRing, jws: &Jws) -> Result<QuotePromise, QuoteError> {
    let verified = ring.open(Purpose::Quote, jws)?;
    match verified.version()? {
        found if found > VERSION => Err(QuoteError::TooNew { found }),
        _ => Ok(verified.read()?),
    }
}

#[cfg(test)]
mod tests;
