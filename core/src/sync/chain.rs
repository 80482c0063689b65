//! The chain that shows whether a command of a device is missing, changed or in another place.
//!
//! The first link hashes the device's id, each further one the link before and the text of a command:
//! `SHA-256("wayfare-device\0" ‖ id)`, `SHA-256("wayfare-command\0" ‖ previous ‖ text)`. The device
//! signs the link that a batch ends with.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::id::DeviceId;

const FIRST: &[u8] = b"wayfare-device\0";
const NEXT: &[u8] = b"wayfare-command\0";

/// Not 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a link of a chain is 64 lower-case hexadecimal digits")]
pub struct ChainHashError;

/// A link of a device's chain.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChainHash([u8; 32]);

impl ChainHash {
    /// The link before a device's first command.
    pub fn first(device: DeviceId) -> Self {
        let hash = Sha256::new()
            .chain_update(FIRST)
            .chain_update(device.uuid().as_bytes());
        Self(hash.finalize().into())
    }

    /// The link after this command.
    #[must_use]
    pub fn after(&self, text: &str) -> Self {
        let hash = Sha256::new()
            .chain_update(NEXT)
            .chain_update(self.0)
            .chain_update(text.as_bytes());
        Self(hash.finalize().into())
    }

    /// The link as a database keeps it.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The link that a database kept.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ChainHash {
    type Err = ChainHashError;

    fn from_str(text: &str) -> Result<Self, ChainHashError> {
        let mut bytes = [0; 32];
        let digits = text.as_bytes();
        let lower = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if digits.len() != 64 || !digits.iter().all(lower) {
            return Err(ChainHashError);
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| ChainHashError)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| ChainHashError)?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for ChainHash {
    type Error = ChainHashError;

    fn try_from(text: String) -> Result<Self, ChainHashError> {
        text.parse()
    }
}

impl From<ChainHash> for String {
    fn from(hash: ChainHash) -> Self {
        hash.to_string()
    }
}

#[cfg(feature = "openapi")]
crate::wire::openapi::string_type!(ChainHash, "sha256", "^[0-9a-f]{64}$");

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn device(number: u128) -> DeviceId {
        DeviceId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn another_device_order_or_text_gives_another_chain() {
        let first = ChainHash::first(device(1));
        let chain = first.after("a").after("b");
        assert_eq!(chain, ChainHash::first(device(1)).after("a").after("b"));
        for other in [
            ChainHash::first(device(2)).after("a").after("b"),
            first.after("b").after("a"),
            first.after("ab"),
            first.after("a"),
        ] {
            assert_ne!(other, chain);
        }
    }

    #[test]
    fn a_link_is_read_as_it_is_written() {
        let link = ChainHash::first(device(7));
        assert_eq!(link.to_string().parse(), Ok(link));
        for wrong in [
            "",
            "zz",
            &link.to_string()[1..],
            &link.to_string().to_uppercase(),
        ] {
            assert_eq!(wrong.parse::<ChainHash>(), Err(ChainHashError), "{wrong}");
        }
    }
}
