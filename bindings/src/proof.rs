//! Checking signed quotes and receipts with what the phone has: no network is needed.
//!
//! The phone keeps the public keys (`GET /v1/signing-keys`) and the tariffs that it has seen
//! (`GET /v1/tariffs/{id}/versions/{version}`), both as the backend's JSON.

use serde::de::DeserializeOwned;
use wayfare_core::pricing::{Tariff, TariffSpec};
use wayfare_core::quote;
use wayfare_core::receipt;
use wayfare_core::signing::{Jws, KeyRing};
use wayfare_core::track::parse_track;
use wayfare_core::wire::JwkSet;

use crate::fare::Fare;

/// Why a quote or a receipt is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum ProofError {
    /// What was given cannot be read.
    #[error("the {what} cannot be read: {reason}")]
    Unreadable {
        /// Which argument: `keys`, `tariff`, `track`, `quote` or `receipt`.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// It can be read and is not right.
    #[error("{reason}")]
    Refused {
        /// What is not right, for a person.
        reason: String,
    },
}

/// A promise of a price that was checked.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CheckedQuote {
    /// The quote.
    pub quote_id: String,
    /// The tariff.
    pub tariff_id: String,
    /// The tariff's version.
    pub tariff_version: u32,
    /// What the ride costs.
    pub fare: Fare,
    /// Until when the promise can be taken (RFC 3339).
    pub expires_at: String,
}

/// A receipt that was checked: every line was computed again.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CheckedReceipt {
    /// The trip.
    pub trip_id: String,
    /// The quote that was taken.
    pub quote_id: String,
    /// What it cost.
    pub fare: Fare,
    /// When the receipt was made (RFC 3339).
    pub issued_at: String,
}

/// Checks the promise of a price: its signature, and its fare by the tariff.
#[uniffi::export]
pub fn verify_quote(
    signed: &str,
    keys_json: &str,
    tariff_json: &str,
) -> Result<CheckedQuote, ProofError> {
    let (jws, ring) = (jws("quote", signed)?, ring(keys_json)?);
    let promise = quote::verify_quote(&ring, &jws).map_err(refused)?;
    promise.check_fare(&tariff(tariff_json)?).map_err(refused)?;
    Ok(CheckedQuote {
        quote_id: promise.quote.to_string(),
        tariff_id: promise.tariff.id,
        tariff_version: promise.tariff.version,
        fare: promise.fare.into(),
        expires_at: promise.expires_at.to_rfc3339(),
    })
}

/// Checks a receipt: its signature, every line by the tariff, and with a track (the JSON that
/// `docs/fare.md` describes) also the driven distance.
#[uniffi::export]
pub fn verify_receipt(
    signed: &str,
    keys_json: &str,
    tariff_json: &str,
    track_json: Option<String>,
) -> Result<CheckedReceipt, ProofError> {
    let (jws, ring) = (jws("receipt", signed)?, ring(keys_json)?);
    let track = track_json.as_deref().map(parse_track).transpose();
    let track = track.map_err(|error| unreadable("track", &error))?;
    let tariff = tariff(tariff_json)?;
    let receipt =
        receipt::verify_receipt(&ring, &jws, &tariff, track.as_deref()).map_err(refused)?;
    Ok(CheckedReceipt {
        trip_id: receipt.trip.to_string(),
        quote_id: receipt.quote.to_string(),
        fare: receipt.fare.into(),
        issued_at: receipt.issued_at.to_rfc3339(),
    })
}

fn jws(what: &str, text: &str) -> Result<Jws, ProofError> {
    text.parse().map_err(|error| unreadable(what, &error))
}

fn ring(json: &str) -> Result<KeyRing, ProofError> {
    let set: JwkSet = read("keys", json)?;
    KeyRing::try_from(&set).map_err(|error| unreadable("keys", &error))
}

fn tariff(json: &str) -> Result<Tariff, ProofError> {
    let spec: TariffSpec = read("tariff", json)?;
    Tariff::new(spec).map_err(|problems| {
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        ProofError::Unreadable {
            what: "tariff".to_owned(),
            reason: told.join("; "),
        }
    })
}

fn read<T: DeserializeOwned>(what: &str, json: &str) -> Result<T, ProofError> {
    serde_json::from_str(json).map_err(|error| unreadable(what, &error))
}

fn unreadable(what: &str, error: &dyn std::fmt::Display) -> ProofError {
    ProofError::Unreadable {
        what: what.to_owned(),
        reason: error.to_string(),
    }
}

fn refused(error: impl std::fmt::Display) -> ProofError {
    ProofError::Refused {
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests;
