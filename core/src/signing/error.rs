//! Why a signed text or a key is refused.

use super::jws::{JWS_BYTES_MAX, Purpose};
use super::key::KeyId;

/// Why a text could not be signed, or is not taken as signed.
#[derive(Debug, thiserror::Error)]
pub enum SignatureError {
    /// Longer than [`JWS_BYTES_MAX`].
    #[error("a signed text has at most {JWS_BYTES_MAX} bytes")]
    TooLong,
    /// Not three parts with a point between them, or one is empty or not of base64url's letters.
    #[error("a signed text is three parts in base64url with a point between them")]
    Shape,
    /// The bits of this part are no whole bytes, or not written the one way they are written.
    #[error("the {part} is not base64url")]
    Base64 {
        /// `header`, `payload` or `signature`.
        part: &'static str,
    },
    /// The third part does not stand for 64 bytes.
    #[error("the signature is not 64 bytes long")]
    SignatureLength,
    /// The header is not the JSON that is wanted.
    #[error("the header cannot be read: {0}")]
    Header(#[source] serde_json::Error),
    /// Only `EdDSA` is taken, whatever a header says.
    #[error("the algorithm `{0}` is not accepted")]
    Algorithm(String),
    /// Signed, but as something else.
    #[error("this is signed as `{found}`, not as `{wanted}`")]
    OtherPurpose {
        /// What the reader wants.
        wanted: Purpose,
        /// What the header says; empty if nothing.
        found: String,
    },
    /// No key has this id. Newer keys may be had from the backend.
    #[error("the key `{0}` is not known")]
    UnknownKey(String),
    /// The key of this id is not a point of the curve.
    #[error("the key `{0}` cannot check signatures")]
    UnusableKey(KeyId),
    /// Not the signature that this key makes of these bytes.
    #[error("the signature is not right: the text was changed or signed by somebody else")]
    Wrong,
    /// Signed, but the payload is not the JSON that is wanted.
    #[error("the signed content cannot be read: {0}")]
    Payload(#[source] serde_json::Error),
    /// What was to be signed cannot be written as JSON.
    #[error("the content cannot be written: {0}")]
    Unwritable(#[source] serde_json::Error),
}

/// Why a JWK or a JWK Set is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is a key, but not one for Ed25519 signatures.
    #[error("this is not a key for Ed25519 signatures")]
    OtherKind,
    /// No `kid`, or not a number as it is usually written.
    #[error("`{0}` is not the number of a key")]
    Id(String),
    /// `x` does not stand for 32 bytes.
    #[error("`x` of key `{0}` is not 32 bytes in base64url")]
    Encoding(KeyId),
    /// `x` is not a point of the curve, not in its one spelling, or of small order, so that anybody
    /// could sign.
    #[error("key `{0}` cannot check signatures")]
    Unusable(KeyId),
    /// Two different keys have one id.
    #[error("there are two keys `{0}`")]
    Duplicate(KeyId),
}
