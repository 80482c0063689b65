//! The fingerprint of a track.
//!
//! SHA-256 over `wayfare-track-v1` (16 bytes of ASCII), the number of points as 8 bytes, and then 25
//! bytes for each point, in order, one for each moment: the time in milliseconds (8, signed),
//! latitude and longitude in units of 1e-7 degrees (4 each, signed), the accuracy in millimetres
//! (4), 1 if the speed is known or else 0 (1), and the speed in millimetres per second or else 0
//! (4). All numbers are big-endian.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::point::{TrackPoint, in_order};

const PREFIX: &[u8] = b"wayfare-track-v1";
const BYTES: usize = 32;

/// Not a fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 64 hexadecimal digits in lower case")]
pub struct TrackDigestError;

/// SHA-256 of a track's points in order, duplicates left out; written as 64 hexadecimal digits in
/// lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TrackDigest([u8; BYTES]);

impl TrackDigest {
    /// The fingerprint of these points, in whatever order they are given.
    pub fn of(points: &[TrackPoint]) -> Self {
        let points = in_order(points);
        let count = u64::try_from(points.len()).unwrap_or(u64::MAX);
        let mut hash = Sha256::new();
        hash.update(PREFIX);
        hash.update(count.to_be_bytes());
        for point in points.iter() {
            hash.update(point.at_ms.to_be_bytes());
            hash.update(point.position.lat_e7().to_be_bytes());
            hash.update(point.position.lng_e7().to_be_bytes());
            hash.update(point.accuracy_mm.to_be_bytes());
            hash.update([u8::from(point.speed_mm_s.is_some())]);
            hash.update(point.speed_mm_s.unwrap_or_default().to_be_bytes());
        }
        Self(hash.finalize().into())
    }

    /// The 32 bytes of the hash.
    pub const fn as_bytes(&self) -> &[u8; BYTES] {
        &self.0
    }
}

impl FromStr for TrackDigest {
    type Err = TrackDigestError;

    fn from_str(text: &str) -> Result<Self, TrackDigestError> {
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != BYTES || !rest.is_empty() {
            return Err(TrackDigestError);
        }
        let mut bytes = [0; BYTES];
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Ok(Self(bytes))
    }
}

fn digit(character: u8) -> Result<u8, TrackDigestError> {
    let value = match character {
        b'0'..=b'9' => character.checked_sub(b'0'),
        b'a'..=b'f' => character.checked_sub(b'a' - 10),
        _ => None,
    };
    value.ok_or(TrackDigestError)
}

impl fmt::Display for TrackDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl TryFrom<String> for TrackDigest {
    type Error = TrackDigestError;

    fn try_from(text: String) -> Result<Self, TrackDigestError> {
        text.parse()
    }
}

impl From<TrackDigest> for String {
    fn from(digest: TrackDigest) -> Self {
        digest.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::LatLng;

    const EMPTY: &str = "39835113f4d55bb8ad0049a9c0da72185919501a5c0a0fa53ae51a06804fa56b";
    const TWO: &str = "5f1da9f83b1253f25eed361bfc58e49926e0d070a22f0f35c2b5eb7de59a28f9";

    fn points() -> [TrackPoint; 2] {
        [
            TrackPoint {
                at_ms: -1,
                accuracy_mm: 4500,
                position: LatLng::from_e7(411_234_567, -86_100_000).unwrap(),
                speed_mm_s: None,
            },
            TrackPoint {
                at_ms: 1_795_172_400_123,
                accuracy_mm: u32::MAX,
                position: LatLng::from_e7(-1, 1_800_000_000).unwrap(),
                speed_mm_s: Some(13_001),
            },
        ]
    }

    #[test]
    fn a_fingerprint_is_the_hash_of_the_documented_bytes() {
        assert_eq!(TrackDigest::of(&[]).to_string(), EMPTY);
        assert_eq!(TrackDigest::of(&points()).to_string(), TWO);
    }

    #[test]
    fn every_part_of_a_point_is_in_the_fingerprint() {
        let [first, second] = points();
        let whole = TrackDigest::of(&points());
        let others = [
            TrackPoint { at_ms: -2, ..first },
            TrackPoint {
                accuracy_mm: 4501,
                ..first
            },
            TrackPoint {
                position: second.position,
                ..first
            },
            TrackPoint {
                speed_mm_s: Some(0),
                ..first
            },
        ];
        for other in others {
            assert_ne!(TrackDigest::of(&[other, second]), whole, "{other:?}");
        }
        assert_ne!(TrackDigest::of(&[first]), whole);
    }

    #[test]
    fn a_fingerprint_is_read_as_it_is_written() {
        let digest = TrackDigest::of(&points());
        assert_eq!(TWO.parse(), Ok(digest));
        let json = serde_json::to_string(&digest).unwrap();
        assert_eq!(json, format!("\"{TWO}\""));
        assert_eq!(serde_json::from_str::<TrackDigest>(&json).unwrap(), digest);
    }

    #[test]
    fn nothing_else_is_a_fingerprint() {
        for text in [
            "",
            &TWO[1..],
            &TWO.to_uppercase(),
            &format!("{TWO}0"),
            &format!("0x{}", &TWO[2..]),
            &format!("{} ", &TWO[1..]),
            &"é".repeat(32),
        ] {
            assert_eq!(text.parse::<TrackDigest>(), Err(TrackDigestError), "{text}");
        }
    }
}
