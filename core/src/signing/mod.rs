//! Signatures of the backend that phones check without a network.
//!
//! A signed text is a JWS in compact serialisation (RFC 7515) with Ed25519 (RFC 8037):
//! `header.payload.signature`, each in base64url without padding. What is signed are the bytes of
//! the text itself, so nobody has to agree on one way to write JSON. Keys are published as a JWK Set
//! (RFC 7517); `docs/adr/0007-signed-quotes-and-receipts.md` says why.
//!
//! Reading refuses, each with its own [`SignatureError`]: a text that is too long or has another
//! shape, any algorithm but `EdDSA`, a text signed for another [`Purpose`], an unknown key, a
//! signature that is not the one that this key makes of these bytes.

mod error;
mod jws;
mod key;
mod ring;

pub use error::{KeyError, SignatureError};
pub use jws::{JWS_BYTES_MAX, Jws, Purpose};
pub use key::{KeyId, PublicKey, SigningKey};
pub use ring::KeyRing;

#[cfg(test)]
mod tests;
