//! All keys that a reader trusts.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::{KeyError, SignatureError};
use super::jws::{Jws, Purpose, read_header};
use super::key::{KeyId, PublicKey};
use crate::wire::{Jwk, JwkSet};

/// The public keys that a reader trusts, by their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyRing {
    keys: BTreeMap<KeyId, PublicKey>,
}

impl KeyRing {
    /// Adds a key, and gives back the one that had its id.
    pub fn insert(&mut self, key: PublicKey) -> Option<PublicKey> {
        self.keys.insert(key.id, key)
    }

    /// The key of this id.
    pub fn find(&self, id: KeyId) -> Option<&PublicKey> {
        self.keys.get(&id)
    }

    /// The content, if one of these keys signed it as a `purpose`.
    pub fn verify<T: DeserializeOwned>(
        &self,
        purpose: Purpose,
        jws: &Jws,
    ) -> Result<T, SignatureError> {
        self.open(purpose, jws)?.read()
    }

    /// The content before it is read as anything.
    pub(crate) fn open(&self, purpose: Purpose, jws: &Jws) -> Result<Verified, SignatureError> {
        let parts = jws.parts()?;
        let id = read_header(&parts.header, purpose)?;
        let key = self
            .find(id)
            .ok_or_else(|| SignatureError::UnknownKey(id.to_string()))?;
        key.check(parts.signed, &parts.signature)?;
        Ok(Verified(parts.payload))
    }
}

/// The payload of a text whose signature is right.
pub(crate) struct Verified(Vec<u8>);

impl Verified {
    /// The number in the field `v`, whatever else there is.
    pub(crate) fn version(&self) -> Result<u32, SignatureError> {
        #[derive(Deserialize)]
        struct Versioned {
            v: NonZeroU32,
        }
        self.read().map(|Versioned { v }| v.get())
    }

    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, SignatureError> {
        serde_json::from_slice(&self.0).map_err(SignatureError::Payload)
    }
}

impl FromIterator<PublicKey> for KeyRing {
    fn from_iter<I: IntoIterator<Item = PublicKey>>(keys: I) -> Self {
        Self {
            keys: keys.into_iter().map(|key| (key.id, key)).collect(),
        }
    }
}

impl TryFrom<&JwkSet> for KeyRing {
    type Error = KeyError;

    /// Skips keys of other kinds; a broken key for Ed25519 signatures is an error.
    fn try_from(set: &JwkSet) -> Result<Self, KeyError> {
        let mut ring = Self::default();
        for jwk in &set.keys {
            match PublicKey::try_from(jwk) {
                Err(KeyError::OtherKind) => (),
                Err(error) => return Err(error),
                Ok(key) if ring.insert(key).is_none_or(|before| before == key) => (),
                Ok(key) => return Err(KeyError::Duplicate(key.id)),
            }
        }
        Ok(ring)
    }
}

impl From<&KeyRing> for JwkSet {
    fn from(ring: &KeyRing) -> Self {
        Self {
            keys: ring.keys.values().map(Jwk::from).collect(),
        }
    }
}
