//! A signed text in three parts.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::error::SignatureError;
use super::key::KeyId;

/// The longest text that is read or made, in bytes.
pub const JWS_BYTES_MAX: usize = 64 * 1024;

/// The only algorithm (RFC 8037).
const ALGORITHM: &str = "EdDSA";

/// What something is signed as, so that one thing never passes for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// A promise of a price.
    Quote,
    /// What was charged.
    Receipt,
    /// The end of a device's chain of commands.
    DeviceBatch,
}

impl Purpose {
    /// The header's `typ`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quote => "wayfare-quote",
            Self::Receipt => "wayfare-receipt",
            Self::DeviceBatch => "wayfare-device-batch",
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A JWS in compact serialisation: three parts in base64url with a point between them, at most
/// [`JWS_BYTES_MAX`] bytes. Only its shape is known to be right: [`KeyRing::verify`] reads it.
///
/// [`KeyRing::verify`]: super::KeyRing::verify
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Jws(String);

impl Jws {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Puts a header and a payload together with the signature that `sign` makes of both.
    pub(super) fn make(
        header: &[u8],
        payload: &[u8],
        sign: impl FnOnce(&[u8]) -> [u8; 64],
    ) -> Result<Self, SignatureError> {
        let mut text = BASE64_URL_SAFE_NO_PAD.encode(header);
        text.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(payload, &mut text);
        let signature = sign(text.as_bytes());
        text.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(signature, &mut text);
        text.parse()
    }

    pub(super) fn parts(&self) -> Result<Parts<'_>, SignatureError> {
        let (signed, signature) = self.0.rsplit_once('.').ok_or(SignatureError::Shape)?;
        let (header, payload) = signed.split_once('.').ok_or(SignatureError::Shape)?;
        let signature = decode("signature", signature)?;
        Ok(Parts {
            signed: signed.as_bytes(),
            header: decode("header", header)?,
            payload: decode("payload", payload)?,
            signature: signature
                .try_into()
                .map_err(|_| SignatureError::SignatureLength)?,
        })
    }
}

/// What a [`Jws`] is made of.
pub(super) struct Parts<'a> {
    /// The bytes that are signed: the first two parts and the point between them.
    pub(super) signed: &'a [u8],
    pub(super) header: Vec<u8>,
    pub(super) payload: Vec<u8>,
    pub(super) signature: [u8; 64],
}

fn decode(part: &'static str, text: &str) -> Result<Vec<u8>, SignatureError> {
    BASE64_URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| SignatureError::Base64 { part })
}

/// The header as it is written: these three and nothing else.
#[derive(Serialize)]
struct NewHeader<'a> {
    alg: &'a str,
    kid: String,
    typ: &'a str,
}

/// The header as it is read. Anything more is refused, `crit` above all: nobody signs it here.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: String,
    #[serde(default)]
    typ: String,
}

pub(super) fn write_header(key: KeyId, purpose: Purpose) -> Result<Vec<u8>, SignatureError> {
    let header = NewHeader {
        alg: ALGORITHM,
        kid: key.to_string(),
        typ: purpose.as_str(),
    };
    serde_json::to_vec(&header).map_err(SignatureError::Unwritable)
}

/// The id of the key that the header names, if all else is as wanted.
pub(super) fn read_header(header: &[u8], wanted: Purpose) -> Result<KeyId, SignatureError> {
    let header: Header = serde_json::from_slice(header).map_err(SignatureError::Header)?;
    if header.alg != ALGORITHM {
        return Err(SignatureError::Algorithm(header.alg));
    }
    if header.typ != wanted.as_str() {
        return Err(SignatureError::OtherPurpose {
            wanted,
            found: header.typ,
        });
    }
    let key = header.kid.parse();
    key.map_err(|_| SignatureError::UnknownKey(header.kid))
}

impl FromStr for Jws {
    type Err = SignatureError;

    fn from_str(text: &str) -> Result<Self, SignatureError> {
        text.to_owned().try_into()
    }
}

impl TryFrom<String> for Jws {
    type Error = SignatureError;

    fn try_from(text: String) -> Result<Self, SignatureError> {
        if text.len() > JWS_BYTES_MAX {
            return Err(SignatureError::TooLong);
        }
        let letter = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let whole = |part: &str| !part.is_empty() && part.bytes().all(letter);
        if text.split('.').count() == 3 && text.split('.').all(whole) {
            Ok(Self(text))
        } else {
            Err(SignatureError::Shape)
        }
    }
}

impl From<Jws> for String {
    fn from(jws: Jws) -> Self {
        jws.0
    }
}

impl fmt::Display for Jws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(feature = "openapi")]
crate::wire::openapi::string_type!(
    Jws,
    "jws",
    "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$"
);
