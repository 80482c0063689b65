//! Requests that may be sent twice are carried out once.
//!
//! A [`Work`] is the transaction of one request. With an idempotency key it first looks whether the
//! key was seen: then the earlier answer is given again and nothing is done. The key and the answer
//! are written in the same transaction as everything else, so a request that failed or crashed
//! leaves no trace and may be repeated. A second request under the same key waits for the first.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use wayfare_core::id::UserId;
use wayfare_core::wire::ErrorCode;

use super::clock;
use super::failure::Failure;
use super::queries;

const KEY_LENGTH_MAX: usize = 100;

/// What a request asks for, for recognising it when it comes again.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// Who asks.
    pub user: UserId,
    /// The operation and what it is about, such as `complete_trip trip_…`.
    pub operation: String,
    /// The header `Idempotency-Key`.
    pub key: Option<&'a str>,
}

/// The transaction of one request.
#[derive(Debug)]
pub struct Work {
    transaction: Transaction<'static, Postgres>,
    seen: Option<Key>,
}

#[derive(Debug)]
struct Key {
    user: UserId,
    key: String,
}

/// Whether the request is new.
#[derive(Debug)]
pub enum Begun<T> {
    /// Nobody asked this before under this key.
    New(Work),
    /// It was carried out before, with this answer.
    Replayed(T),
}

impl Work {
    /// Begins a request with its body.
    pub async fn begin<T: DeserializeOwned>(
        pool: &PgPool,
        asked: Asked<'_>,
        body: &impl Serialize,
    ) -> Result<Begun<T>, Failure> {
        let mut transaction = pool.begin().await?;
        let Some(key) = asked.key else {
            return Ok(Begun::New(Self {
                transaction,
                seen: None,
            }));
        };
        check_key(key)?;
        let hash = hash(&asked.operation, body)?;
        let (user, now) = (asked.user, clock::now());
        let row = queries::NewKey {
            user,
            key,
            operation: &asked.operation,
            hash: &hash,
            now,
        };
        if queries::insert_idempotency_key(&mut transaction, row).await? {
            let seen = Some(Key {
                user,
                key: key.to_owned(),
            });
            return Ok(Begun::New(Self { transaction, seen }));
        }
        let earlier = queries::get_idempotency_key(&mut transaction, user, key).await?;
        if earlier.request_hash != hash {
            return Err(Failure::refused(
                ErrorCode::IdempotencyKeyReused,
                "this Idempotency-Key came before with another request",
            ));
        }
        let answer = serde_json::from_value(earlier.response.unwrap_or_default())
            .map_err(|error| Failure::broken("reading an earlier answer", error))?;
        Ok(Begun::Replayed(answer))
    }

    /// The connection that everything in this request uses.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }

    /// Keeps the answer and makes all changes visible.
    pub async fn commit<T: Serialize>(mut self, answer: T) -> Result<T, Failure> {
        if let Some(Key { user, key }) = &self.seen {
            let response = serde_json::to_value(&answer)
                .map_err(|error| Failure::broken("keeping an answer", error))?;
            queries::set_idempotency_response(&mut self.transaction, *user, key, response).await?;
        }
        self.transaction.commit().await?;
        Ok(answer)
    }
}

fn check_key(key: &str) -> Result<(), Failure> {
    let printable = key.bytes().all(|byte| byte.is_ascii_graphic());
    if key.is_empty() || key.len() > KEY_LENGTH_MAX || !printable {
        let detail = "Idempotency-Key must be 1 to 100 printable ASCII characters without spaces";
        return Err(Failure::refused(ErrorCode::InvalidRequest, detail));
    }
    Ok(())
}

fn hash(operation: &str, body: &impl Serialize) -> Result<Vec<u8>, Failure> {
    let body = serde_json::to_vec(body).map_err(|error| Failure::broken("hashing", error))?;
    let mut hasher = Sha256::new();
    hasher.update(operation.as_bytes());
    hasher.update([0]);
    hasher.update(&body);
    Ok(hasher.finalize().to_vec())
}

/// Forgets keys that nobody will send again. Answers how many.
pub async fn forget_before(pool: &PgPool, before: DateTime<Utc>) -> Result<u64, Failure> {
    let mut connection = pool.acquire().await?;
    Ok(queries::delete_idempotency_keys_before(&mut connection, before).await?)
}
