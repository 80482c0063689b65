//! Makes and checks tokens. All keys come from one secret.
//!
//! - Access token: a JWT (HS256) with `sub` = person, `sid` = session, `iat`, `exp`, `iss`.
//! - Refresh token: `wfr_` and 256 random bits in base64url. The database gets its SHA-256 hash.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wayfare_core::id::{SessionId, UserId};
use wayfare_core::wire::ErrorCode;

use super::hs256;
use super::otp::OtpKey;
use crate::platform::config::{AuthConfig, Secret};
use crate::platform::failure::Failure;

const ISSUER: &str = "wayfare";
const REFRESH_PREFIX: &str = "wfr_";

/// Makes and checks tokens.
pub struct Tokens {
    signing: EncodingKey,
    checking: DecodingKey,
    validation: Validation,
    otp_key: OtpKey,
    access_ttl: TimeDelta,
    refresh_ttl: TimeDelta,
}

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) sub: UserId,
    pub(super) sid: SessionId,
    iat: i64,
    exp: i64,
    iss: String,
}

/// A token and its end.
pub(super) struct Dated {
    pub(super) token: String,
    pub(super) expires_at: DateTime<Utc>,
}

/// A refresh token to be given out, and what the database keeps of it.
pub(super) struct NewRefreshToken {
    pub(super) token: String,
    pub(super) hash: [u8; 32],
    pub(super) expires_at: DateTime<Utc>,
}

impl Tokens {
    /// Derives the keys. The secret has at least 32 bytes; the configuration sees to that.
    pub fn new(secret: &Secret, config: &AuthConfig) -> Self {
        hs256::install();
        let secret = secret.expose().as_bytes();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        // Checked below against the time that the caller passes in.
        validation.validate_exp = false;
        Self {
            signing: EncodingKey::from_secret(secret),
            checking: DecodingKey::from_secret(secret),
            validation,
            otp_key: OtpKey::new(derived_key(secret, b"wayfare one-time password")),
            access_ttl: TimeDelta::seconds(config.access_ttl_s.into()),
            refresh_ttl: TimeDelta::seconds(config.refresh_ttl_s.into()),
        }
    }

    pub(super) const fn otp_key(&self) -> &OtpKey {
        &self.otp_key
    }

    pub(super) fn access_token(
        &self,
        user: UserId,
        session: SessionId,
        now: DateTime<Utc>,
    ) -> Result<Dated, Failure> {
        let issued_at = now.timestamp();
        let exp = issued_at + self.access_ttl.num_seconds();
        let iss = ISSUER.to_owned();
        let claims = Claims {
            sub: user,
            sid: session,
            iat: issued_at,
            exp,
            iss,
        };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing)
            .map_err(|error| Failure::broken("signing an access token", error))?;
        let expires_at = DateTime::from_timestamp(exp, 0).unwrap_or(now);
        Ok(Dated { token, expires_at })
    }

    /// Says what an access token says, if it is one of ours and not too old.
    pub(super) fn check_access_token(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<Claims, Failure> {
        let claims: Claims = jsonwebtoken::decode(token, &self.checking, &self.validation)
            .map_err(|_| {
                Failure::refused(ErrorCode::Unauthenticated, "this access token is not valid")
            })?
            .claims;
        if claims.exp <= now.timestamp() {
            return Err(Failure::refused(
                ErrorCode::TokenExpired,
                "this access token is too old; refresh it",
            ));
        }
        Ok(claims)
    }

    pub(super) fn refresh_token(&self, now: DateTime<Utc>) -> NewRefreshToken {
        let bits: [u8; 32] = rand::random();
        let token = format!("{REFRESH_PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bits));
        let hash = refresh_token_hash(&token);
        NewRefreshToken {
            token,
            hash,
            expires_at: now + self.refresh_ttl,
        }
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

/// What the database knows a refresh token by. The token is random, so a plain hash is enough.
pub(super) fn refresh_token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// A key for one purpose, so that no two purposes ever authenticate the same bytes.
fn derived_key(secret: &[u8], purpose: &[u8]) -> Hmac<Sha256> {
    let derived = keyed(secret).chain_update(purpose).finalize().into_bytes();
    keyed(&derived)
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of every length")
}

#[cfg(test)]
mod tests;
