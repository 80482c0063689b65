//! The keys that check signatures, published as a JWK Set (RFC 7517).

use serde::{Deserialize, Serialize};

/// A public key: a JWK (RFC 7517, RFC 8037).
///
/// Wayfare signs with Ed25519 and gives all fields but those that belong to keys of other kinds.
/// Readers skip keys of a kind that they do not know, so a set may one day hold others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct Jwk {
    /// Family of keys: `OKP`.
    pub kty: String,
    /// Curve: `Ed25519`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crv: Option<String>,
    /// What a signature's header calls this key: its version number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// The 32 bytes of the key in base64url without padding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// Algorithm: `EdDSA`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// What the key is for: `sig`.
    #[serde(rename = "use", default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(rename = "use"))]
    pub usage: Option<String>,
}

/// Every key that has signed or may sign, the retired ones too, so that old receipts still verify.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct JwkSet {
    /// The keys, oldest first.
    pub keys: Vec<Jwk>,
}
