//! The record of a decision as it is kept.
//!
//! ```text
//! format   1 byte: 1, or 2 where the verdicts are deflated
//! count    number
//! drivers  16 bytes each: the UUIDs, which no compression makes smaller
//! verdicts for each driver a tag and what the tag says
//! ```
//!
//! Numbers are in groups of seven bits, the lowest first, with the eighth bit set in all but the last;
//! those with a sign are folded first (0, -1, 1, -2, …). Tags are never given a second meaning.

mod read;
#[cfg(test)]
mod tests;
mod write;

use std::io::{Read, Write};

use flate2::Compression;
use flate2::bufread::DeflateDecoder;
use flate2::write::DeflateEncoder;
use uuid::Uuid;
use wayfare_core::id::DriverId;

use super::{Considered, Decision, DecisionError};
use read::Reader;
use write::Writer;

const PLAIN: u8 = 1;
const DEFLATED: u8 = 2;

/// The longest verdict: a tag, five numbers of 64 bits, one of 32 and a trip.
const VERDICT_MAX: usize = 1 + 5 * 10 + 5 + 1 + 16;

/// Tags of verdicts: up to 9 for cars that passed the gates, from 10 on a gate each.
mod tag {
    pub(super) const ASKED: u8 = 0;
    pub(super) const LOST: u8 = 1;
    pub(super) const LOST_TO_TRIP: u8 = 2;
    pub(super) const SILENT: u8 = 10;
    pub(super) const DRIVING: u8 = 11;
    pub(super) const HAS_OFFER: u8 = 12;
    pub(super) const FINISHES_LATE: u8 = 13;
    pub(super) const OTHER_CLASS: u8 = 14;
    pub(super) const TOO_FEW_SEATS: u8 = 15;
    pub(super) const TOO_SMALL_LOAD: u8 = 16;
    pub(super) const MISSING_FEATURE: u8 = 17;
    pub(super) const ASKED_BEFORE: u8 = 18;
    pub(super) const GAVE_BACK: u8 = 19;
    pub(super) const OWN_TRIP: u8 = 20;
    pub(super) const BLOCKED: u8 = 21;
    pub(super) const NOT_ON_THE_WAY_HOME: u8 = 22;
    pub(super) const WAITS_IN_QUEUE: u8 = 23;
    pub(super) const OUT_OF_REACH: u8 = 24;
    pub(super) const ENOUGH_NEARER: u8 = 25;
    pub(super) const NO_ROAD: u8 = 26;
    pub(super) const TOO_FAR_BY_ROAD: u8 = 27;
    pub(super) const BEHIND_IN_QUEUE: u8 = 28;
}

pub(super) fn to_bytes(considered: &[Considered]) -> Vec<u8> {
    let kept = considered.len().min(Decision::CONSIDERED_MAX);
    let considered = considered.get(..kept).unwrap_or(considered);
    let mut verdicts = Writer::default();
    for one in considered {
        verdicts.verdict(&one.verdict);
    }
    let verdicts = verdicts.bytes();
    let deflated = deflated(&verdicts).filter(|deflated| deflated.len() < verdicts.len());
    let (format, verdicts) = match deflated {
        Some(deflated) => (DEFLATED, deflated),
        None => (PLAIN, verdicts),
    };
    let mut record = Writer::default();
    record.byte(format);
    record.count(kept);
    for one in considered {
        record.uuid(one.driver.uuid());
    }
    record.raw(&verdicts);
    record.bytes()
}

fn deflated(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory does not fail.
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

pub(super) fn from_bytes(bytes: &[u8]) -> Result<Vec<Considered>, DecisionError> {
    let mut record = Reader::new(bytes);
    let format = record.byte()?;
    if ![PLAIN, DEFLATED].contains(&format) {
        return Err(DecisionError::Format(format));
    }
    let count = usize::try_from(record.number()?).unwrap_or(usize::MAX);
    if count > Decision::CONSIDERED_MAX {
        return Err(DecisionError::Damaged("it names too many cars"));
    }
    let drivers: Vec<Uuid> = (0..count)
        .map(|_| record.uuid())
        .collect::<Result<_, _>>()?;
    let inflated;
    let mut verdicts = if format == DEFLATED {
        inflated = inflate(record.rest(), count)?;
        Reader::new(&inflated)
    } else {
        record
    };
    let considered = drivers.into_iter().map(|driver| {
        Ok(Considered {
            driver: DriverId::from_uuid(driver),
            verdict: verdicts.verdict()?,
        })
    });
    let considered = considered.collect::<Result<Vec<_>, _>>()?;
    if verdicts.rest().is_empty() {
        Ok(considered)
    } else {
        Err(DecisionError::Damaged("it goes on after its end"))
    }
}

/// The verdicts of so many cars. Never more than they can take.
fn inflate(bytes: &[u8], count: usize) -> Result<Vec<u8>, DecisionError> {
    let most = count.saturating_mul(VERDICT_MAX);
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let mut decoder = DeflateDecoder::new(bytes);
    let mut inflated = Vec::new();
    let read = decoder.by_ref().take(limit).read_to_end(&mut inflated);
    if read.is_err() {
        return Err(DecisionError::Damaged("its verdicts cannot be inflated"));
    }
    if inflated.len() > most {
        return Err(DecisionError::Damaged("its verdicts are too long"));
    }
    if !decoder.into_inner().is_empty() {
        return Err(DecisionError::Damaged("it goes on after its end"));
    }
    Ok(inflated)
}
