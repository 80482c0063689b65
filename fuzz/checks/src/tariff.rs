//! Tariffs: what is written is read back, what is valid prices every trip or says why not.

use arbitrary::Unstructured;
use wayfare_core::pricing::{Tariff, TariffSpec};

use crate::fares::{price, trips_for};
use crate::{as_json, assert_reads_back, from_bytes};

/// Checks a tariff read from these bytes.
///
/// # Panics
///
/// When a promise is broken.
pub fn tariff(data: &[u8]) {
    let spec: Option<TariffSpec> = match as_json(data) {
        Some(text) => serde_json::from_str(text).ok(),
        None => from_bytes::tariff_spec(&mut Unstructured::new(data)).ok(),
    };
    let Some(spec) = spec else { return };
    assert_reads_back(&spec);
    match Tariff::new(spec) {
        Err(problems) => {
            assert!(!problems.is_empty(), "a refusal says why");
            for problem in problems {
                assert!(!problem.field.is_empty(), "{problem:?} names its field");
            }
        }
        Ok(tariff) => {
            for facts in trips_for(tariff.spec()) {
                // Too much for 64 bits is an error, which is an answer.
                let _ = price(&tariff, &facts);
            }
        }
    }
}
