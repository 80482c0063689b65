//! gzip, both ways: bodies of requests that come packed, and answers for clients that take them so.
//!
//! A packed body is unpacked up to a limit and no further, so that a few bytes that unfold to
//! gigabytes cost nothing. Answers are packed only where that helps and changes no meaning: JSON, of
//! some size, whole (no range), and without an `ETag`, which names bytes. So files of the city, their
//! ranges, versioned resources and the WebSocket go out as they are.

use std::io::{Read, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use poem::error::ReadBodyError;
use poem::http::{HeaderMap, HeaderValue, StatusCode, header};
use poem::{Response, Result};
use wayfare_core::wire::ErrorCode;

use crate::platform::failure::Failure;

const GZIP: &str = "gzip";
/// Below this it is one packet anyway.
const PACKED_FROM_BYTES: usize = 1024;

/// How the body of a request comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// As it is.
    Plain,
    /// Packed.
    Gzip,
}

/// What the headers of a request say about its body.
pub(super) fn coding(headers: &HeaderMap) -> Result<Coding, Failure> {
    let mut told = headers.get_all(header::CONTENT_ENCODING).iter();
    let (first, second) = (told.next(), told.next());
    let Some(first) = first else {
        return Ok(Coding::Plain);
    };
    match first.to_str().map(str::trim) {
        Ok(coding) if second.is_none() && coding.eq_ignore_ascii_case(GZIP) => Ok(Coding::Gzip),
        Ok(coding) if second.is_none() && coding.eq_ignore_ascii_case("identity") => {
            Ok(Coding::Plain)
        }
        _ => {
            let detail = "Content-Encoding may be gzip or identity";
            Err(Failure::refused(ErrorCode::UnsupportedMediaType, detail))
        }
    }
}

/// Unpacks a body of at most so many bytes.
pub(super) fn unpack(packed: &[u8], bytes_max: usize) -> Result<Bytes> {
    let one_more = u64::try_from(bytes_max)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    let mut bytes = Vec::new();
    let read = MultiGzDecoder::new(packed)
        .take(one_more)
        .read_to_end(&mut bytes);
    if bytes.len() > bytes_max {
        return Err(ReadBodyError::PayloadTooLarge.into());
    }
    if read.is_err() {
        let detail = "the body is not whole gzip";
        return Err(Failure::refused(ErrorCode::InvalidRequest, detail).into());
    }
    Ok(bytes.into())
}

/// Whether a client takes packed answers.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    let told = headers.get_all(header::ACCEPT_ENCODING).iter();
    let told = told.filter_map(|value| value.to_str().ok());
    let mut by_star = false;
    for coding in told.flat_map(|line| line.split(',')) {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let name = name.trim();
        if name.eq_ignore_ascii_case(GZIP) {
            return !is_zero(weight);
        }
        by_star |= name == "*" && !is_zero(weight);
    }
    by_star
}

/// `q=0` in one of its spellings: not this one.
fn is_zero(weight: &str) -> bool {
    let weight = weight.trim().strip_prefix("q=");
    weight.and_then(|weight| weight.parse().ok()) == Some(0.0)
}

/// Packs an answer for a client that wants it so, if it is one of those that are packed.
pub(super) async fn pack(mut response: Response) -> Response {
    if !may_be_packed(&response) {
        return response;
    }
    let Ok(bytes) = response.take_body().into_bytes().await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into();
    };
    if bytes.len() < PACKED_FROM_BYTES {
        response.set_body(bytes);
        return response;
    }
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let packed = encoder.write_all(&bytes).and_then(|()| encoder.finish());
    match packed {
        Ok(packed) => {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(GZIP));
            headers.remove(header::CONTENT_LENGTH);
            response.set_body(packed);
        }
        Err(_) => response.set_body(bytes),
    }
    response
}

/// JSON, whole, and under no name of its own.
fn may_be_packed(response: &Response) -> bool {
    let headers = response.headers();
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let status = response.status();
    let whole = status != StatusCode::PARTIAL_CONTENT && status != StatusCode::NOT_MODIFIED;
    let json = kind.starts_with("application/json") || kind.starts_with("application/problem+json");
    let named =
        headers.contains_key(header::ETAG) || headers.contains_key(header::CONTENT_ENCODING);
    json && whole && !named
}

#[cfg(test)]
mod tests {
    use poem::IntoResponse;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn header(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn what_was_packed_is_unpacked_up_to_the_limit() {
        let body = vec![7; 1000];
        assert_eq!(unpack(&packed(&body), 1000).unwrap(), body);
        let error = unpack(&packed(&body), 999).unwrap_err();
        assert_eq!(error.status(), StatusCode::PAYLOAD_TOO_LARGE);
        let two = [packed(b"one"), packed(b"two")].concat();
        assert_eq!(&unpack(&two, 10).unwrap()[..], b"onetwo");
    }

    #[test]
    fn a_bomb_is_refused_without_being_unpacked() {
        let bomb = packed(&vec![0; 50 * 1024 * 1024]);
        assert!(bomb.len() < 64 * 1024);
        let error = unpack(&bomb, 64 * 1024).unwrap_err();
        assert_eq!(error.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[test]
    fn half_a_packed_body_is_none() {
        let whole = packed(b"a body");
        for length in 1..whole.len() {
            assert!(unpack(&whole[..length], 100).is_err(), "{length}");
        }
        let mut wrong = whole.clone();
        wrong.push(0x1f);
        assert!(unpack(&wrong, 100).is_err(), "something follows it");
        assert!(unpack(b"{}", 100).is_err());
    }

    #[test]
    fn other_codings_are_refused() {
        let told = |value| coding(&header(header::CONTENT_ENCODING, value));
        assert_eq!(coding(&HeaderMap::new()).unwrap(), Coding::Plain);
        assert_eq!(told("identity").unwrap(), Coding::Plain);
        assert_eq!(told("GZip").unwrap(), Coding::Gzip);
        for other in ["br", "zstd", "deflate", "gzip, gzip", "", "x-gzip"] {
            let code = told(other).unwrap_err().code();
            assert_eq!(code, ErrorCode::UnsupportedMediaType, "{other}");
        }
        let mut twice = header(header::CONTENT_ENCODING, "gzip");
        twice.append(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        assert!(coding(&twice).is_err());
    }

    #[test]
    fn a_client_says_what_it_takes() {
        let wants = |value| is_wanted(&header(header::ACCEPT_ENCODING, value));
        for yes in ["gzip", "br, gzip", "gzip;q=0.1", "deflate, GZIP ; q=1", "*"] {
            assert!(wants(yes), "{yes}");
        }
        for no in [
            "",
            "br",
            "identity",
            "gzip;q=0",
            "gzip; q=0.000",
            "*, gzip;q=0",
            "*;q=0",
        ] {
            assert!(!wants(no), "{no}");
        }
        assert!(!is_wanted(&HeaderMap::new()));
    }

    fn json(bytes: usize) -> Response {
        "x".repeat(bytes)
            .with_content_type("application/json; charset=utf-8")
            .into_response()
    }

    async fn is_packed(response: Response) -> bool {
        let packed = pack(response).await;
        packed.headers().contains_key(header::CONTENT_ENCODING)
    }

    #[tokio::test]
    async fn only_long_whole_json_without_a_name_is_packed() {
        assert!(is_packed(json(PACKED_FROM_BYTES)).await);
        assert!(!is_packed(json(PACKED_FROM_BYTES - 1)).await);
        assert!(
            !is_packed(
                json(5000)
                    .with_header(header::ETAG, "\"3\"")
                    .into_response()
            )
            .await
        );
        let part = json(5000).with_status(StatusCode::PARTIAL_CONTENT);
        assert!(!is_packed(part.into_response()).await);
        let image = vec![0; 5000].with_content_type("image/png");
        assert!(!is_packed(image.into_response()).await);
        assert!(!is_packed(StatusCode::SWITCHING_PROTOCOLS.into_response()).await);
    }

    #[tokio::test]
    async fn a_packed_answer_is_the_same_answer() {
        let packed = pack(json(5000)).await;
        assert_eq!(packed.headers()[header::VARY], "Accept-Encoding");
        let bytes = packed.into_body().into_bytes().await.unwrap();
        assert!(bytes.len() < 200);
        assert_eq!(unpack(&bytes, 5000).unwrap(), "x".repeat(5000));
    }
}
