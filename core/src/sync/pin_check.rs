//! Checking a rider's PIN on the driver's phone, which must not know it.
//!
//! The server keeps a [`PinKey`] per driver and gives it to the driver's devices when they register;
//! they keep it in the keystore. A trip comes with a [`PinCheck`]: a random salt, and the HMAC-SHA256
//! of the PIN under that key and salt. Without the key, which is not in the phone's file, all ten
//! thousand PINs are equally likely.
//!
//! The HMAC is over `wayfare-pin\0`, the trip's id (16 bytes), the salt (16 bytes) and the four digits,
//! so that a check is of no use for another trip, and the key for nothing else.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::id::TripId;
use crate::trip::Pin;

const PREFIX: &[u8] = b"wayfare-pin\0";
/// Of a salt.
const SALT_BYTES: usize = 16;
/// Of SHA-256, which is how long an HMAC's key becomes.
const BLOCK_BYTES: usize = 64;

/// What PINs are checked with. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct PinKey([u8; 32]);

/// What the driver's phone has instead of a trip's PIN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinCheck {
    /// The trip.
    pub trip: TripId,
    /// Random, 16 bytes in base64url.
    pub salt: String,
    /// HMAC-SHA256 of the PIN, in base64url.
    pub mac: String,
}

impl PinKey {
    /// The key of these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for a keystore or a database.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Seals a trip's PIN. The salt must be random.
    pub fn seal(&self, trip: TripId, pin: Pin, salt: [u8; SALT_BYTES]) -> PinCheck {
        let mac = self.mac(trip, pin, salt).finalize().into_bytes();
        PinCheck {
            trip,
            salt: BASE64_URL_SAFE_NO_PAD.encode(salt),
            mac: BASE64_URL_SAFE_NO_PAD.encode(mac),
        }
    }

    /// Whether this is the trip's PIN. A check that is not well-formed is no PIN's. How long it takes
    /// does not depend on the PIN.
    pub fn matches(&self, check: &PinCheck, pin: Pin) -> bool {
        let decode = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).ok();
        let salt = decode(&check.salt).and_then(|salt| salt.try_into().ok());
        let (Some(salt), Some(mac)) = (salt, decode(&check.mac)) else {
            return false;
        };
        self.mac(check.trip, pin, salt).verify_slice(&mac).is_ok()
    }

    fn mac(&self, trip: TripId, pin: Pin, salt: [u8; SALT_BYTES]) -> Hmac<Sha256> {
        let mut key = [0; BLOCK_BYTES];
        for (place, byte) in key.iter_mut().zip(self.0) {
            *place = byte;
        }
        // A key of fewer bytes than a block is the same key as with zeros up to the block.
        let mut mac = Hmac::<Sha256>::new(&key.into());
        mac.update(PREFIX);
        mac.update(trip.uuid().as_bytes());
        mac.update(&salt);
        mac.update(pin.to_string().as_bytes());
        mac
    }
}

impl fmt::Debug for PinKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const KEY: PinKey = PinKey::from_bytes([7; 32]);

    fn trip(number: u128) -> TripId {
        TripId::from_uuid(Uuid::from_u128(number))
    }

    fn pin(number: u32) -> Pin {
        Pin::from_number(number)
    }

    #[test]
    fn of_ten_thousand_pins_only_the_right_one_matches() {
        let check = KEY.seal(trip(1), pin(42), [9; 16]);
        let right: Vec<u32> = (0..10_000)
            .filter(|number| KEY.matches(&check, pin(*number)))
            .collect();
        assert_eq!(right, [42]);
    }

    #[test]
    fn the_mac_is_the_documented_one() {
        // Computed apart: HMAC-SHA256 with the key 07… over "wayfare-pin\0", 00…01, 09…, "0042".
        let check = KEY.seal(trip(1), pin(42), [9; 16]);
        assert_eq!(check.salt, "CQkJCQkJCQkJCQkJCQkJCQ");
        assert_eq!(check.mac, "WZxGaDbCpwIR1cK4GDNTiL-zcedg6rX8479llU8uZ5Q");
    }

    #[test]
    fn another_key_trip_or_salt_makes_it_another_pin() {
        let check = KEY.seal(trip(1), pin(42), [9; 16]);
        assert!(!PinKey::from_bytes([8; 32]).matches(&check, pin(42)));
        let other_trip = PinCheck {
            trip: trip(2),
            ..check.clone()
        };
        assert!(!KEY.matches(&other_trip, pin(42)));
        let other_salt = PinCheck {
            salt: KEY.seal(trip(1), pin(42), [10; 16]).salt,
            ..check.clone()
        };
        assert!(!KEY.matches(&other_salt, pin(42)));
        assert!(KEY.matches(&check, pin(42)));
    }

    #[test]
    fn a_check_that_is_not_well_formed_matches_nothing() {
        let check = KEY.seal(trip(1), pin(42), [9; 16]);
        let cut = |text: &str| text[..text.len() - 2].to_owned();
        let wrong = [
            (String::new(), check.mac.clone()),
            (cut(&check.salt), check.mac.clone()),
            (format!("{}==", check.salt), check.mac.clone()),
            (check.salt.clone(), String::new()),
            (check.salt.clone(), cut(&check.mac)),
            (check.salt.clone(), format!("{}A", check.mac)),
            (check.salt.clone(), "é".to_owned()),
            (check.mac.clone(), check.salt.clone()),
        ];
        for (salt, mac) in wrong {
            let check = PinCheck {
                trip: check.trip,
                salt,
                mac,
            };
            assert!(!KEY.matches(&check, pin(42)), "{check:?}");
        }
    }

    #[test]
    fn a_check_goes_through_json_and_a_key_does_not_show_itself() {
        let check = KEY.seal(trip(1), pin(42), [9; 16]);
        let json = serde_json::to_string(&check).unwrap();
        assert_eq!(serde_json::from_str::<PinCheck>(&json).unwrap(), check);
        assert_eq!(format!("{KEY:?}"), "PinKey(…)");
    }
}
