//! Checking a receipt: the signature, then every number in it.

use chrono::{DateTime, Utc};

use super::error::ReceiptError;
use super::{Charged, Receipt, TrackProof, VERSION};
use crate::pricing::{
    Basis, CancellationFacts, CancellationRule, Driven, Facts, Fare, FareDifference, Tariff,
    cancellation_charge, proven_ride, settle,
};
use crate::signing::{Jws, KeyRing, Purpose};
use crate::track::{Gaps, Reading, Roads, StraightLine, TrackDigest, TrackPoint, measure};

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
/// track, and be read as the receipt says; but how long the roads are along which gaps were bridged
/// is known only to somebody with the road graph. Of those gaps it is checked that the roads are not
/// shorter than the straight lines, and everything else is measured again. With the graph, use
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
        check_reading_without_roads(&proof.reading, track)?;
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
        check_reading(&proof.reading, &measure(track, roads))?;
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

/// The reading, as far as it can be checked by somebody who does not have the roads.
fn check_reading_without_roads(found: &Reading, track: &[TrackPoint]) -> Result<(), ReceiptError> {
    let wanted = measure(track, &StraightLine);
    if found.gaps.by_road_mm == 0 {
        return check_reading(found, &wanted);
    }
    let outside_gaps = without_gaps(found);
    if outside_gaps.is_none() || outside_gaps != without_gaps(&wanted) {
        return Err(other_reading(found, &wanted));
    }
    check_roads(found.gaps, wanted.gaps)
}

/// Some of the gaps were bridged by road instead of in a straight line, and no road is shorter than
/// the straight line.
fn check_roads(found: Gaps, wanted: Gaps) -> Result<(), ReceiptError> {
    match wanted.straight_mm.checked_sub(found.straight_mm) {
        Some(at_least_mm) if at_least_mm > 0 && found.by_road_mm >= at_least_mm => Ok(()),
        _ => Err(ReceiptError::ImpossibleRoads { wanted, found }),
    }
}

/// What a reading says of the track apart from how its gaps were bridged; `None` if it says that the
/// gaps are longer than the whole.
fn without_gaps(reading: &Reading) -> Option<Reading> {
    let distance_mm = reading
        .distance_mm
        .checked_sub(reading.gaps.by_road_mm)?
        .checked_sub(reading.gaps.straight_mm)?;
    let gaps = Gaps {
        count: reading.gaps.count,
        ..Gaps::default()
    };
    Some(Reading {
        distance_mm,
        gaps,
        ..*reading
    })
}

fn check_reading(found: &Reading, wanted: &Reading) -> Result<(), ReceiptError> {
    if found == wanted {
        Ok(())
    } else {
        Err(other_reading(found, wanted))
    }
}

fn other_reading(found: &Reading, wanted: &Reading) -> ReceiptError {
    ReceiptError::OtherReading {
        wanted: Box::new(*wanted),
        found: Box::new(*found),
    }
}
