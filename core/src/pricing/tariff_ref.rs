//! Which tariff exactly: its id, its version and the fingerprint of its rules.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::tariff::{Tariff, TariffSpec};

/// SHA-256 of a tariff's rules; written as 64 lower-case hexadecimal digits.
///
/// What is hashed is the JSON of the [`TariffSpec`] as serde writes it: the fields in the order in
/// which they are declared, maps in the order of their keys, no spaces. However a tariff was stored,
/// it is read into the struct first, so the order of its fields does not matter. A new field of the
/// struct must be left out of the JSON when it says nothing, or the tariffs that were signed before
/// it get other digests.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TariffDigest([u8; 32]);

/// The text is no SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a digest is 64 lower-case hexadecimal digits")]
pub struct TariffDigestError;

impl TariffDigest {
    fn of(spec: &TariffSpec) -> Self {
        // Fails never: there are only numbers, texts, lists, and maps with texts as their keys.
        let json = serde_json::to_vec(spec).unwrap_or_default();
        Self(Sha256::digest(json).into())
    }
}

impl FromStr for TariffDigest {
    type Err = TariffDigestError;

    fn from_str(text: &str) -> Result<Self, TariffDigestError> {
        if text.len() != 64 {
            return Err(TariffDigestError);
        }
        let mut bytes = [0; 32];
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let plain = digits
                .iter()
                .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
            let value = std::str::from_utf8(digits)
                .ok()
                .filter(|_| plain)
                .and_then(|digits| u8::from_str_radix(digits, 16).ok());
            *byte = value.ok_or(TariffDigestError)?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for TariffDigest {
    type Error = TariffDigestError;

    fn try_from(text: String) -> Result<Self, TariffDigestError> {
        text.parse()
    }
}

impl From<TariffDigest> for String {
    fn from(digest: TariffDigest) -> Self {
        digest.to_string()
    }
}

impl fmt::Display for TariffDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for TariffDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TariffDigest({self})")
    }
}

/// Names one version of a tariff and holds it to what it was when this was written.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TariffRef {
    /// Name of the tariff.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// The fingerprint of its rules.
    pub digest: TariffDigest,
}

/// A tariff other than the one that is named.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the price is by the tariff {named}, and this is {given}")]
pub struct OtherTariff {
    /// The one by which the price was made.
    pub named: TariffRef,
    /// The one that was given to check it.
    pub given: TariffRef,
}

impl TariffRef {
    /// Names this tariff.
    pub fn of(tariff: &Tariff) -> Self {
        let spec = tariff.spec();
        Self {
            id: spec.id.clone(),
            version: spec.version,
            digest: TariffDigest::of(spec),
        }
    }

    /// Whether this is the tariff that is named, with the rules that it had.
    pub fn matches(&self, tariff: &Tariff) -> bool {
        self.check(tariff).is_ok()
    }

    /// Like [`Self::matches`], and says which tariff it is instead.
    pub fn check(&self, tariff: &Tariff) -> Result<(), Box<OtherTariff>> {
        let given = Self::of(tariff);
        if *self == given {
            return Ok(());
        }
        let named = self.clone();
        Err(Box::new(OtherTariff { named, given }))
    }
}

impl fmt::Display for TariffRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} version {} ({})", self.id, self.version, self.digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARIFF: &str = r#"{
        "id": "tariff_demo", "version": 3, "currency": "EUR", "timezone": "Europe/Monaco",
        "vehicle_class": "standard", "base_minor": 250,
        "distance_tiers": [{"from_m": 0, "per_km_minor": 120}],
        "time_tiers": [{"from_s": 0, "per_min_minor": 25}],
        "free_wait_s": 180, "waypoint_free_wait_s": 60, "wait_per_min_minor": 30,
        "per_waypoint_minor": 100, "free_loading_s": 600, "loading_per_min_minor": 20,
        "included_weight_kg": 20, "per_extra_kg_minor": 5,
        "night": {"windows": [{"start": "22:00", "end": "06:00"}], "bps": 2000},
        "surge_cap_bps": 20000, "minimum_minor": 500,
        "tolls": {"bridge": 200, "a8_la_turbie": 350}, "zones": {"airport": 300},
        "booking_fee_minor": 100, "platform_lines": ["booking_fee"],
        "taxes": [{"name": "VAT", "bps": 1000, "on": ["base", "distance"]}],
        "rounding": {"unit_minor": 10, "mode": "half_even"},
        "commission": {"bps": 2000, "on": ["base"]}, "requote_over_m": 1200
    }"#;

    fn spec() -> TariffSpec {
        serde_json::from_str(TARIFF).unwrap()
    }

    fn named(spec: TariffSpec) -> TariffRef {
        TariffRef::of(&Tariff::new(spec).unwrap())
    }

    #[test]
    fn the_digest_of_a_tariff_never_changes() {
        assert_eq!(
            named(spec()).to_string(),
            "tariff_demo version 3 (19c0e0b82a5bb0d2517d5094ac3629fb9b0105ec985598b367b86768b9b14e04)"
        );
    }

    #[test]
    fn the_order_in_which_a_tariff_was_stored_does_not_matter() {
        // A value keeps its fields sorted by name, which is not the order of the struct.
        let stored: serde_json::Value = serde_json::from_str(TARIFF).unwrap();
        assert_ne!(
            stored.to_string(),
            serde_json::to_string(&spec()).unwrap(),
            "the test shows nothing"
        );
        let read = serde_json::from_str(&stored.to_string()).unwrap();
        assert_eq!(named(read), named(spec()));
    }

    #[test]
    fn a_tariff_with_another_version_or_another_price_is_another_tariff() {
        let reference = named(spec());
        let newer = TariffSpec {
            version: 4,
            ..spec()
        };
        let dearer = TariffSpec {
            minimum_minor: 501,
            ..spec()
        };
        let other_toll = TariffSpec {
            tolls: [("bridge".to_owned(), 201), ("a8_la_turbie".to_owned(), 350)].into(),
            ..spec()
        };
        assert!(reference.matches(&Tariff::new(spec()).unwrap()));
        for other in [newer, dearer, other_toll] {
            let other = Tariff::new(other).unwrap();
            assert!(!reference.matches(&other));
            let error = reference.check(&other).unwrap_err();
            assert_eq!(error.given, TariffRef::of(&other));
        }
    }

    #[test]
    fn a_digest_has_one_spelling() {
        let digest = named(spec()).digest;
        assert_eq!(digest.to_string().parse(), Ok(digest));
        let text = digest.to_string();
        for wrong in [
            text.to_uppercase(),
            format!("{text}0"),
            text.chars().skip(1).collect(),
            format!("+{}", &text[1..]),
            format!("é{}", &text[2..]),
            String::new(),
        ] {
            assert_eq!(wrong.parse::<TariffDigest>(), Err(TariffDigestError));
        }
    }
}
