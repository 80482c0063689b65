//! Requests that are sent once: whoever makes them decides itself when to try again.
//!
//! Bodies and answers are packed with gzip where that is worth it, because they cross the worst of
//! networks.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use reqwest::{Method, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{Client, ClientError, IDEMPOTENCY_KEY, retry_after, understand};
use crate::wire::ErrorCode;

const GZIP: &str = "gzip";
/// Shorter bodies do not become much shorter.
const PACK_FROM_BYTES: usize = 1024;
/// An answer that unfolds to more is not one of ours.
const ANSWER_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// A request that is sent once.
#[derive(Debug)]
pub(in crate::client) struct OneCall<'a> {
    pub(in crate::client) operation: &'static str,
    pub(in crate::client) method: Method,
    pub(in crate::client) path: &'a str,
    pub(in crate::client) query: &'a [(&'static str, String)],
    pub(in crate::client) content: Content,
    /// From connecting to the end of the answer.
    pub(in crate::client) timeout: Duration,
}

/// What is sent along.
#[derive(Debug)]
pub(in crate::client) enum Content {
    Nothing,
    /// JSON text, packed or not.
    Json {
        bytes: Vec<u8>,
        packed: bool,
    },
    /// Bytes as they are.
    Octets {
        bytes: Vec<u8>,
        /// Where they begin in the whole, if they are a part of it.
        offset: Option<u64>,
    },
}

impl Content {
    /// JSON, packed if it is long.
    pub(in crate::client) fn json(body: &impl Serialize) -> Result<Self, serde_json::Error> {
        let bytes = serde_json::to_vec(body)?;
        let packed = (bytes.len() > PACK_FROM_BYTES).then(|| pack(&bytes));
        Ok(match packed.flatten() {
            Some(bytes) => Self::Json {
                bytes,
                packed: true,
            },
            None => Self::Json {
                bytes,
                packed: false,
            },
        })
    }

    fn put_into(&self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::Nothing => request,
            Self::Json { bytes, packed } => {
                let request = request.header(CONTENT_TYPE, "application/json");
                let request = if *packed {
                    request.header(CONTENT_ENCODING, GZIP)
                } else {
                    request
                };
                request.body(bytes.clone())
            }
            Self::Octets { bytes, offset } => {
                let request = request.header(CONTENT_TYPE, "application/octet-stream");
                let request = match offset {
                    Some(offset) => request.header("Upload-Offset", *offset),
                    None => request,
                };
                request.body(bytes.clone())
            }
        }
    }
}

impl Client {
    /// Sends a request in the name of the signed-in person, once. Only a token that became too old on
    /// the way is renewed and the request sent again.
    pub(in crate::client) async fn call_once<A: DeserializeOwned>(
        &self,
        call: OneCall<'_>,
    ) -> Result<A, ClientError> {
        let key = Uuid::now_v7().to_string();
        match self.attempt_once(&call, &key).await {
            Err(error) if error.code() == Some(ErrorCode::TokenExpired) => {
                self.refresh(true).await?;
                self.attempt_once(&call, &key).await
            }
            result => result,
        }
    }

    async fn attempt_once<A: DeserializeOwned>(
        &self,
        call: &OneCall<'_>,
        key: &str,
    ) -> Result<A, ClientError> {
        let token = self.access_token().await?;
        let mut request = self
            .http
            .request(call.method.clone(), self.address(call.path)?)
            .query(call.query)
            .timeout(call.timeout)
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .header(ACCEPT_ENCODING, GZIP);
        if call.method != Method::GET {
            request = request.header(IDEMPOTENCY_KEY, key);
        }
        let request = call.content.put_into(request);
        let started = Instant::now();
        let mut status = None;
        let result = match request.send().await {
            Ok(response) => {
                status = Some(response.status());
                read(response).await
            }
            Err(source) => Err(ClientError::Unreachable { source }),
        };
        self.observe(call.operation, started, status, result.as_ref().err());
        result
    }
}

async fn read<A: DeserializeOwned>(response: Response) -> Result<A, ClientError> {
    let (status, retry_after) = (response.status(), retry_after(&response));
    let encoding = response.headers().get(CONTENT_ENCODING);
    let packed = encoding.is_some_and(|encoding| encoding.as_bytes() == GZIP.as_bytes());
    let body = response
        .bytes()
        .await
        .map_err(|source| ClientError::Unreachable { source })?;
    if !packed {
        return understand(status, retry_after, &body);
    }
    let unreadable = || ClientError::Unreadable {
        status: status.as_u16(),
        source: None,
    };
    understand(status, retry_after, &unpack(&body).ok_or_else(unreadable)?)
}

/// Writing to memory does not fail; if it did the body would go as it is.
fn pack(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(bytes).ok()?;
    packer.finish().ok()
}

/// `None`: it is not gzip, or too long.
fn unpack(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut unpacked = Vec::new();
    let mut reader = GzDecoder::new(bytes).take(ANSWER_BYTES_MAX.saturating_add(1));
    reader.read_to_end(&mut unpacked).ok()?;
    let fits = u64::try_from(unpacked.len()).is_ok_and(|len| len <= ANSWER_BYTES_MAX);
    fits.then_some(unpacked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_body_is_packed_and_a_short_one_is_not() {
        let long = "a command ".repeat(500);
        let Content::Json { bytes, packed } = Content::json(&long).unwrap() else {
            panic!("it is JSON");
        };
        assert!(packed && bytes.len() < long.len() / 10);
        let text = unpack(&bytes).unwrap();
        assert_eq!(serde_json::from_slice::<String>(&text).unwrap(), long);
        let short = Content::json(&"short").unwrap();
        assert!(matches!(short, Content::Json { packed: false, .. }));
    }

    #[test]
    fn what_is_no_gzip_or_unfolds_to_too_much_is_not_read() {
        assert_eq!(unpack(b"{}"), None);
        let too_much = usize::try_from(ANSWER_BYTES_MAX).unwrap() + 1;
        assert_eq!(unpack(&pack(&vec![0; too_much]).unwrap()), None);
    }
}
