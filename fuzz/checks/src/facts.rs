//! Facts of trips: what is written is read back, and prices or is refused.

use arbitrary::Unstructured;
use wayfare_core::pricing::Facts;

use crate::fares::{EVERYTHING, price};
use crate::{as_json, assert_reads_back, from_bytes};

/// Checks the facts of a trip read from these bytes.
///
/// # Panics
///
/// When a promise is broken.
pub fn facts(data: &[u8]) {
    let facts: Option<Facts> = match as_json(data) {
        Some(text) => serde_json::from_str(text).ok(),
        None => from_bytes::facts(&mut Unstructured::new(data)).ok(),
    };
    let Some(facts) = facts else { return };
    assert_reads_back(&facts);
    let outcome = price(&EVERYTHING, &facts);
    let negative = facts.distance_m < 0 || facts.duration_s < 0 || facts.wait_s < 0;
    assert!(!(negative && outcome.is_ok()), "{facts:?} was priced");
}
