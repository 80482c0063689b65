//! Keys: the secret one that signs, the public one that checks.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer, VerifyingKey};
use serde::{Deserialize, Serialize};

use super::error::{KeyError, SignatureError};
use super::jws::{Jws, Purpose, write_header};
use crate::wire::Jwk;

const KEY_TYPE: &str = "OKP";
const CURVE: &str = "Ed25519";
const ALGORITHM: &str = "EdDSA";
const USAGE: &str = "sig";

/// The version number of a key; outside the program it is a text, as `kid` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyId(pub u32);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for KeyId {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let id = text.parse().map(Self).ok();
        // One spelling only: no `+1`, no `01`.
        id.filter(|id| id.to_string() == text)
            .ok_or_else(|| KeyError::Id(text.to_owned()))
    }
}

impl TryFrom<String> for KeyId {
    type Error = KeyError;

    fn try_from(text: String) -> Result<Self, KeyError> {
        text.parse()
    }
}

impl From<KeyId> for String {
    fn from(id: KeyId) -> Self {
        id.to_string()
    }
}

/// A secret key. It signs; it never prints itself.
#[derive(Clone)]
pub struct SigningKey {
    id: KeyId,
    secret: ed25519_dalek::SigningKey,
}

impl SigningKey {
    /// The key that this seed stands for: 32 random bytes that are kept secret.
    pub fn from_seed(id: KeyId, seed: &[u8; 32]) -> Self {
        let secret = ed25519_dalek::SigningKey::from_bytes(seed);
        Self { id, secret }
    }

    /// Its version number.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The key that checks what this one signs.
    pub fn public(&self) -> PublicKey {
        PublicKey {
            id: self.id,
            bytes: self.secret.verifying_key().to_bytes(),
        }
    }

    /// Signs `content`, written as JSON, as a `purpose`.
    ///
    /// Fails if the content cannot be written as JSON or is too long to be read again.
    pub fn sign<T: Serialize>(&self, purpose: Purpose, content: &T) -> Result<Jws, SignatureError> {
        let header = write_header(self.id, purpose)?;
        let payload = serde_json::to_vec(content).map_err(SignatureError::Unwritable)?;
        Jws::make(&header, &payload, |signed| self.sign_bytes(signed))
    }

    pub(super) fn sign_bytes(&self, bytes: &[u8]) -> [u8; 64] {
        self.secret.sign(bytes).to_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// A public key: it checks what its [`SigningKey`] signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey {
    /// Its version number.
    pub id: KeyId,
    /// The point of the curve, as RFC 8032 writes it.
    pub bytes: [u8; 32],
}

impl PublicKey {
    /// Whether this is the one signature that the key's owner makes of these bytes.
    ///
    /// Strict: another spelling of a signature, or a key or signature of small order, does not pass.
    pub(super) fn check(&self, bytes: &[u8], signature: &[u8; 64]) -> Result<(), SignatureError> {
        let key = VerifyingKey::from_bytes(&self.bytes)
            .map_err(|_| SignatureError::UnusableKey(self.id))?;
        key.verify_strict(bytes, &Signature::from_bytes(signature))
            .map_err(|_| SignatureError::Wrong)
    }

    /// Whether it is a point of the curve, in its one spelling, and not of small order.
    fn is_usable(&self) -> bool {
        let is_canonical =
            |key: &VerifyingKey| key.to_edwards().compress().to_bytes() == self.bytes;
        VerifyingKey::from_bytes(&self.bytes).is_ok_and(|key| is_canonical(&key) && !key.is_weak())
    }
}

impl From<&PublicKey> for Jwk {
    fn from(key: &PublicKey) -> Self {
        Self {
            kty: KEY_TYPE.to_owned(),
            crv: Some(CURVE.to_owned()),
            kid: Some(key.id.to_string()),
            x: Some(BASE64_URL_SAFE_NO_PAD.encode(key.bytes)),
            alg: Some(ALGORITHM.to_owned()),
            usage: Some(USAGE.to_owned()),
        }
    }
}

impl TryFrom<&Jwk> for PublicKey {
    type Error = KeyError;

    fn try_from(jwk: &Jwk) -> Result<Self, KeyError> {
        if !is_ours(jwk) {
            return Err(KeyError::OtherKind);
        }
        let id: KeyId = jwk.kid.as_deref().unwrap_or_default().parse()?;
        let x = BASE64_URL_SAFE_NO_PAD.decode(jwk.x.as_deref().unwrap_or_default());
        let bytes = x.ok().and_then(|bytes| bytes.try_into().ok());
        let key = Self {
            id,
            bytes: bytes.ok_or(KeyError::Encoding(id))?,
        };
        if key.is_usable() {
            Ok(key)
        } else {
            Err(KeyError::Unusable(id))
        }
    }
}

/// Whether this is a key for Ed25519 signatures; what it does not say, it does not contradict.
fn is_ours(jwk: &Jwk) -> bool {
    let or_silent = |field: &Option<String>, wanted| field.as_deref().is_none_or(|it| it == wanted);
    jwk.kty == KEY_TYPE
        && jwk.crv.as_deref() == Some(CURVE)
        && or_silent(&jwk.alg, ALGORITHM)
        && or_silent(&jwk.usage, USAGE)
}
