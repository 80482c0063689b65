//! What phones check for themselves: that a quote is a signed promise of its price, and that a
//! receipt follows from that promise and from what was driven.
//!
//! Nothing that the server says about money is believed. A phone has the public keys and the tariffs,
//! which never change, so the phones of the city share one copy of each. With them it computes every
//! fare again, and a driver's phone also measures the ride again by its own track. What does not come
//! to the same is a [`ProofError`] in words; nothing is repaired here.
//!
//! The server's clock is real. Cars that drive in simulated time, `--speed` times as fast, mostly
//! imply more than 55 m/s, and by rule such points are left out of the driven distance. Then their
//! tracks prove no ride and the quotes hold; the receipts are checked all the same, with the track.
//! Only at `--speed 1` do the meters measure what the roads are long.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Mutex;
use wayfare_core::client::{Client, ClientError};
use wayfare_core::geo::LatLng;
use wayfare_core::pricing::{Tariff, TariffRef};
use wayfare_core::quote::{QuoteError, QuotePromise, verify_quote};
use wayfare_core::receipt::{Charged, Receipt, ReceiptError, read_receipt, verify_receipt};
use wayfare_core::signing::{Jws, KeyError, KeyRing, SignatureError};
use wayfare_core::wire::{Point, Quote, Trip};

use crate::track_log::TrackLog;

/// Why something signed is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// What the check needs could not be had, which says nothing about the proof.
    #[error("{operation}: {source}")]
    Api {
        /// What was wanted.
        operation: &'static str,
        /// What came back.
        source: ClientError,
    },
    /// The public keys are not keys.
    #[error("the public keys cannot be used: {0}")]
    Keys(#[from] KeyError),
    /// The tariff is not one.
    #[error("the tariff {id} cannot be used: {reason}")]
    Tariff {
        /// Its id.
        id: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The promise does not hold.
    #[error(transparent)]
    Quote(#[from] QuoteError),
    /// The receipt does not hold.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    /// The quote shows something that it does not promise.
    #[error("the quote shows another {field} than it promises")]
    QuoteShows {
        /// What differs.
        field: &'static str,
    },
    /// The trip shows something that its receipt does not say.
    #[error("the trip shows another {field} than its receipt says")]
    TripShows {
        /// What differs.
        field: &'static str,
    },
}

impl ProofError {
    /// Whether newer keys may change it.
    const fn is_unknown_key(&self) -> bool {
        matches!(
            self,
            Self::Quote(QuoteError::Signature(SignatureError::UnknownKey(_)))
                | Self::Receipt(ReceiptError::Signature(SignatureError::UnknownKey(_)))
        )
    }
}

/// What a person knows of a trip without being told at the end.
#[derive(Debug, Clone, Copy, Default)]
pub struct Witness<'a> {
    /// What the rider was promised.
    pub promise: Option<&'a QuotePromise>,
    /// What the driver's phone measured.
    pub log: Option<&'a TrackLog>,
}

/// Keys and tariffs, once for all phones.
#[derive(Debug, Default)]
pub struct Proofs {
    keys: Mutex<Option<Arc<KeyRing>>>,
    tariffs: Mutex<HashMap<(String, u32), Arc<Tariff>>>,
}

impl Proofs {
    /// Checks that a quote is signed, promises what it shows, and costs what its tariff says.
    pub async fn check_quote(
        &self,
        client: &Client,
        quote: &Quote,
    ) -> Result<QuotePromise, ProofError> {
        let read = |ring: &KeyRing| Ok(verify_quote(ring, &quote.signed)?);
        let (_, promise) = self.with_keys(client, read).await?;
        check_shown_quote(quote, &promise)?;
        let tariff = self.tariff(client, &promise.tariff).await?;
        promise.check_fare(&tariff)?;
        Ok(promise)
    }

    /// Checks that the receipt of a trip is signed, says what the trip shows, and follows from its
    /// tariff and from what the witness knows.
    pub async fn check_receipt(
        &self,
        client: &Client,
        trip: &Trip,
        signed: &Jws,
        witness: Witness<'_>,
    ) -> Result<Receipt, ProofError> {
        let read = |ring: &KeyRing| Ok(read_receipt(ring, signed)?);
        let (ring, receipt) = self.with_keys(client, read).await?;
        check_shown_receipt(trip, &receipt)?;
        let tariff = self.tariff(client, &receipt.tariff).await?;
        let track = witness.log.and_then(|log| own_track(log, &receipt));
        let receipt = verify_receipt(&ring, signed, &tariff, track.as_deref())?;
        if let Some(promise) = witness.promise {
            receipt.check_promise(promise)?;
        }
        Ok(receipt)
    }

    /// Reads with the keys at hand, and with newer ones should a key be unknown.
    async fn with_keys<T>(
        &self,
        client: &Client,
        read: impl Fn(&KeyRing) -> Result<T, ProofError>,
    ) -> Result<(Arc<KeyRing>, T), ProofError> {
        let ring = self.keys(client, None).await?;
        match read(&ring) {
            Err(error) if error.is_unknown_key() => {
                let newer = self.keys(client, Some(&ring)).await?;
                read(&newer).map(|read| (newer, read))
            }
            other => other.map(|read| (ring, read)),
        }
    }

    /// The public keys, but not these old ones. Whoever comes first gets them for all others.
    async fn keys(
        &self,
        client: &Client,
        old: Option<&Arc<KeyRing>>,
    ) -> Result<Arc<KeyRing>, ProofError> {
        let mut known = self.keys.lock().await;
        if let Some(ring) = known.as_ref()
            && old.is_none_or(|old| !Arc::ptr_eq(old, ring))
        {
            return Ok(ring.clone());
        }
        let operation = "getting the public keys";
        let set = client
            .signing_keys()
            .await
            .map_err(|source| ProofError::Api { operation, source })?;
        let ring = Arc::new(KeyRing::try_from(&set)?);
        Ok(known.insert(ring).clone())
    }

    /// A version of a tariff. That it is the very one is checked where it is used.
    async fn tariff(&self, client: &Client, named: &TariffRef) -> Result<Arc<Tariff>, ProofError> {
        let mut known = self.tariffs.lock().await;
        let key = (named.id.clone(), named.version);
        if let Some(tariff) = known.get(&key) {
            return Ok(tariff.clone());
        }
        let operation = "getting a tariff";
        let version = client
            .tariff_version(&named.id, named.version)
            .await
            .map_err(|source| ProofError::Api { operation, source })?;
        let tariff = Arc::new(read_tariff(named, version.spec)?);
        known.insert(key, tariff.clone());
        Ok(tariff)
    }
}

fn read_tariff(named: &TariffRef, spec: serde_json::Value) -> Result<Tariff, ProofError> {
    let unusable = |reason| ProofError::Tariff {
        id: named.id.clone(),
        reason,
    };
    let spec = serde_json::from_value(spec).map_err(|error| unusable(error.to_string()))?;
    Tariff::new(spec).map_err(|errors| {
        let reasons: Vec<String> = errors.iter().map(ToString::to_string).collect();
        unusable(reasons.join(", "))
    })
}

fn check_shown_quote(quote: &Quote, promise: &QuotePromise) -> Result<(), ProofError> {
    let waypoints = quote.waypoints.iter().zip(&promise.waypoints);
    let same_waypoints = quote.waypoints.len() == promise.waypoints.len()
        && waypoints
            .into_iter()
            .all(|(shown, place)| is_at(*shown, *place));
    let fields = [
        ("id", quote.id == promise.quote),
        ("class", quote.vehicle_class == promise.vehicle_class),
        ("pickup", is_at(quote.pickup, promise.pickup)),
        ("way", same_waypoints),
        ("dropoff", is_at(quote.dropoff, promise.dropoff)),
        ("time", quote.pickup_at == promise.pickup_at),
        ("distance", quote.distance_m == promise.facts.distance_m),
        ("duration", quote.duration_s == promise.facts.duration_s),
        ("fare", quote.fare == promise.fare),
        ("expiry", quote.expires_at == promise.expires_at),
    ];
    match first_difference(&fields) {
        Some(field) => Err(ProofError::QuoteShows { field }),
        None => Ok(()),
    }
}

fn check_shown_receipt(trip: &Trip, receipt: &Receipt) -> Result<(), ProofError> {
    let driver = trip.driver.as_ref().map(|driver| driver.id);
    let (ending, same_ending) = match &receipt.charge {
        Charged::Trip {
            basis,
            started_at,
            completed_at,
            ..
        } => {
            let shown = (trip.basis, trip.started_at, trip.completed_at);
            let said = (Some(*basis), Some(*started_at), Some(*completed_at));
            ("ride", shown == said)
        }
        Charged::Cancellation { facts, .. } => {
            let cancelled_at = trip.cancelled.as_ref().map(|cancelled| cancelled.at);
            ("cancellation", cancelled_at == Some(facts.cancelled_at))
        }
    };
    let fields = [
        ("id", trip.id == receipt.trip),
        ("quote", trip.quote_id == receipt.quote),
        ("rider", trip.rider_id == receipt.rider),
        ("driver", driver == receipt.driver),
        ("class", trip.vehicle_class == receipt.vehicle_class),
        (ending, same_ending),
        ("fare", trip.fare == receipt.fare),
    ];
    match first_difference(&fields) {
        Some(field) => Err(ProofError::TripShows { field }),
        None => Ok(()),
    }
}

fn first_difference(fields: &[(&'static str, bool)]) -> Option<&'static str> {
    let (field, _) = fields.iter().find(|(_, same)| !same)?;
    Some(field)
}

fn is_at(shown: Point, place: LatLng) -> bool {
    LatLng::try_from(shown) == Ok(place)
}

/// The phone's own points of the ride. A ride without any has no track on either side.
fn own_track(log: &TrackLog, receipt: &Receipt) -> Option<Vec<wayfare_core::track::TrackPoint>> {
    let Charged::Trip {
        started_at,
        completed_at,
        ..
    } = &receipt.charge
    else {
        return None;
    };
    let points = log.own_track(receipt.trip, &(*started_at..=*completed_at))?;
    let none_on_both_sides = points.is_empty() && receipt.track().is_none();
    (!none_on_both_sides).then_some(points)
}

#[cfg(test)]
mod tests;
