//! Checking a rider's PIN on the driver's phone, which must not know it.
//!
//! The server keeps a [`PinKey`] per driver and gives it to the driver's devices when they register;
//! they keep it in the keystore. A trip comes with a [`PinCheck`]: a random salt, and the HMAC-SHA256
//! of the PIN under that key and salt. Without the key, which is not in the phone's file, all ten
//! thousand PINs are equally likely.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::TripId;
use crate::trip::Pin;

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
    pub fn seal(&self, _trip: TripId, _pin: Pin, _salt: [u8; 16]) -> PinCheck {
        // Stub
        PinCheck {
            trip: _trip,
            salt: String::new(),
            mac: String::new(),
        }
    }

    /// Whether this is the trip's PIN.
    pub fn matches(&self, _check: &PinCheck, _pin: Pin) -> bool {
        // Stub
        false
    }
}

impl fmt::Debug for PinKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinKey(…)")
    }
}
