//! Checking a receipt: the signature, then every number in it.

use chrono::{DateTime, Utc};

use super::error::ReceiptError;
use super::{Charged, Receipt, TrackProof, VERSION};
use crate::pricing::{
    Basis, CancellationFacts, CancellationRule, Driven, Facts, Fare, FareDifference, Tariff,
    cancellation_charge, proven_ride, settle,
};
use crate::signing::{Jws, KeyRing, Purpose};
use crate::track::{Roads, StraightLine, TrackDigest, TrackPoint, measure};

/// The receipt, if one of these keys signed it as one. It says which tariff the check of its
/// numbers needs: [`verify_receipt`].
pub fn read_receipt(ring: &KeyRing, jws: &Jws) -> Result<Receipt, ReceiptError> {
    let verified = ring.open(Purpose::Receipt, jws)?;
    match verified.version()? {
        found if found > VERSION => Err(ReceiptError::TooNew { found }),
        _ => Ok(verified.read()?),
    }
}

/// The receipt, if it is signed and every number in it follows from the tariff and the track.
///
/// Without a track the reading that the receipt carries is believed. With one, it must be the very
/// track, and be read as the receipt says; but where a gap was bridged by road, only somebody with
/// the road graph can read it so, and then the reading is believed as well. With the graph, use
/// [`verify_receipt_with_roads`].
pub fn verify_receipt(
    ring: &KeyRing,
    jws: &Jws,
    tariff: &Tariff,
    track: Option<&[TrackPoint]>,
) -> Result<Receipt, ReceiptError> {
    let receipt = read_receipt(ring, jws)?;
    check_charge(&receipt, tariff)?;
    if let Some(track) = track {
        let proof = check_digest(&receipt, track)?;
        if proof.reading.gaps.by_road_mm == 0 {
            check_reading(proof, track, &StraightLine)?;
        }
    }
    Ok(receipt)
}

/// Like [`verify_receipt`], for those who have the road graph that the gaps of the track were
/// bridged along. With another graph a receipt that is right may be refused.
pub fn verify_receipt_with_roads(
    ring: &KeyRing,
    jws: &Jws,
    tariff: &Tariff,
    track: Option<&[TrackPoint]>,
    roads: &impl Roads,
) -> Result<Receipt, ReceiptError> {
    let receipt = read_receipt(ring, jws)?;
    check_charge(&receipt, tariff)?;
    if let Some(track) = track {
        let proof = check_digest(&receipt, track)?;
        check_reading(proof, track, roads)?;
    }
    Ok(receipt)
}

fn check_charge(receipt: &Receipt, tariff: &Tariff) -> Result<(), ReceiptError> {
    receipt.tariff.check(tariff)?;
    let wanted = tariff.spec().vehicle_class;
    if receipt.vehicle_class != wanted {
        return Err(ReceiptError::OtherVehicleClass {
            wanted,
            found: receipt.vehicle_class,
        });
    }
    match &receipt.charge {
        Charged::Trip {
            basis,
            quoted,
            driven,
            started_at,
            completed_at,
            track,
        } => {
            check_ride(driven, *started_at, *completed_at, track.as_ref())?;
            check_settlement(tariff, quoted, driven, *basis, &receipt.fare)
        }
        Charged::Cancellation { facts, rule } => {
            check_cancellation(tariff, facts, *rule, &receipt.fare)
        }
    }
}

/// The ride that the fare is by is the one that the reading proves; without a reading there is none.
fn check_ride(
    driven: &Driven,
    started_at: DateTime<Utc>,
    completed_at: DateTime<Utc>,
    track: Option<&TrackProof>,
) -> Result<(), ReceiptError> {
    if driven.started_at != started_at {
        return Err(ReceiptError::TwoStarts);
    }
    let wanted = track.and_then(|proof| proven_ride(&proof.reading, started_at, completed_at));
    if driven.ride == wanted {
        return Ok(());
    }
    Err(ReceiptError::OtherRide {
        wanted,
        found: driven.ride,
    })
}

fn check_settlement(
    tariff: &Tariff,
    quoted: &Facts,
    driven: &Driven,
    basis: Basis,
    fare: &Fare,
) -> Result<(), ReceiptError> {
    let settlement = settle(tariff, quoted, driven)?;
    if settlement.basis != basis {
        return Err(ReceiptError::OtherBasis {
            wanted: settlement.basis,
            found: basis,
        });
    }
    Ok(FareDifference::check(&settlement.fare, fare)?)
}

fn check_cancellation(
    tariff: &Tariff,
    facts: &CancellationFacts,
    rule: CancellationRule,
    fare: &Fare,
) -> Result<(), ReceiptError> {
    let charge = cancellation_charge(tariff, facts)?;
    if charge.rule != rule {
        return Err(ReceiptError::OtherRule {
            wanted: charge.rule,
            found: rule,
        });
    }
    let wanted = charge.fare.ok_or(ReceiptError::NothingToCharge)?;
    Ok(FareDifference::check(&wanted, fare)?)
}

fn check_digest<'a>(
    receipt: &'a Receipt,
    track: &[TrackPoint],
) -> Result<&'a TrackProof, ReceiptError> {
    let proof = receipt.track().ok_or(ReceiptError::UnexpectedTrack)?;
    let wanted = TrackDigest::of(track);
    if proof.digest == wanted {
        Ok(proof)
    } else {
        Err(ReceiptError::OtherTrack {
            wanted,
            found: proof.digest,
        })
    }
}

fn check_reading(
    proof: &TrackProof,
    track: &[TrackPoint],
    roads: &impl Roads,
) -> Result<(), ReceiptError> {
    let wanted = measure(track, roads);
    if proof.reading == wanted {
        return Ok(());
    }
    Err(ReceiptError::OtherReading {
        wanted: Box::new(wanted),
        found: Box::new(proof.reading),
    })
}
