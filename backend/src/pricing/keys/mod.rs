//! The keys that sign quotes and receipts.
//!
//! The secret half is a setting or a file of this server; the public half is written to the
//! database under the next version number when it is first used, and stays there. Servers with
//! different secrets therefore sign with different versions, and phones know all of them.

mod queries;

use std::path::Path;

use sqlx::{PgConnection, PgPool};
use wayfare_core::signing::{KeyId, PublicKey, SigningKey};
use wayfare_core::wire::{Jwk, JwkSet};

use crate::platform::clock;
use crate::platform::config::{PricingConfig, Secret};
use crate::platform::failure::Failure;
use crate::platform::secrets::{self, SecretError};

/// Why the server cannot sign.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The secret cannot be read or made.
    #[error("the signing key cannot be read or made")]
    Secret(#[from] SecretError),
    /// What was read is no seed.
    #[error(
        "the signing key (pricing.signing_key, or secrets/signing in the data folder) is not 64 \
         hexadecimal digits"
    )]
    Seed,
    /// The public key cannot be registered.
    #[error("the public key cannot be registered")]
    Register(#[source] Failure),
}

/// This server's signing key, with its version.
pub async fn load_signing_key(
    pool: &PgPool,
    config: &PricingConfig,
    data_dir: &Path,
) -> Result<SigningKey, KeyError> {
    let seed = parse_seed(&secrets::signing_seed(config, data_dir)?).ok_or(KeyError::Seed)?;
    // The version is not part of the key, so any will do to learn the public half.
    let public = SigningKey::from_seed(KeyId(0), &seed).public();
    let version = register(pool, &public).await.map_err(KeyError::Register)?;
    Ok(SigningKey::from_seed(KeyId(version), &seed))
}

/// The public keys of all versions.
pub async fn list_public_keys(connection: &mut PgConnection) -> Result<JwkSet, Failure> {
    let rows = queries::list_keys(connection).await?;
    let keys = rows.into_iter().map(|row| {
        let bytes: [u8; 32] = row
            .public_key
            .as_slice()
            .try_into()
            .map_err(|error| Failure::broken("reading a public key", error))?;
        let version = u32::try_from(row.version)
            .map_err(|error| Failure::broken("reading a key's version", error))?;
        let id = KeyId(version);
        Ok(Jwk::from(&PublicKey { id, bytes }))
    });
    Ok(JwkSet {
        keys: keys.collect::<Result<_, Failure>>()?,
    })
}

async fn register(pool: &PgPool, public: &PublicKey) -> Result<u32, Failure> {
    let mut transaction = pool.begin().await?;
    let found = queries::find_version(&mut transaction, &public.bytes).await?;
    let version = match found {
        Some(version) => version,
        None => {
            queries::lock_keys(&mut transaction).await?;
            queries::ensure_key(&mut transaction, &public.bytes, clock::now()).await?;
            queries::get_version(&mut transaction, &public.bytes).await?
        }
    };
    transaction.commit().await?;
    u32::try_from(version).map_err(|error| Failure::broken("numbering a key", error))
}

fn parse_seed(secret: &Secret) -> Option<[u8; 32]> {
    let digits = secret.expose();
    if digits.len() != 64 || !digits.is_ascii() {
        return None;
    }
    let mut seed = [0; 32];
    for (index, byte) in seed.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_64_hexadecimal_digits() {
        let seed = parse_seed(&Secret::new("0a".repeat(32))).unwrap();
        assert_eq!(seed, [10; 32]);
        for wrong in ["", "0a", &"0".repeat(63), &"zz".repeat(32), &"é".repeat(32)] {
            assert_eq!(parse_seed(&Secret::new(wrong.to_owned())), None, "{wrong}");
        }
    }
}
