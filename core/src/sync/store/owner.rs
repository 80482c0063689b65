//! Whose a store is, and the key that it is encrypted with.

use std::fmt;

use crate::id::{DeviceId, UserId};

/// Whose work a store keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// The person.
    pub user: UserId,
    /// The device. A file that was begun anew is a new device.
    pub device: DeviceId,
}

/// What a store is encrypted with: 32 random bytes from the keystore. `Debug` hides them.
#[derive(Clone, PartialEq, Eq)]
pub struct StoreKey([u8; 32]);

impl StoreKey {
    /// The key of these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for a keystore.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreKey(…)")
    }
}
