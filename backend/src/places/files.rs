//! The files of the pack over HTTP, for maps that load parts of them and for phones that keep them.
//!
//! `/v1/city/{name}` is the file of the pack in force; whoever has it asks with its `ETag` whether it
//! is still that. `/v1/city/{version}/{name}` never changes and may be kept for ever; when another
//! pack is in force, it is gone. Only files that the manifest names are served, so no path leads out
//! of the pack. They are open to everybody and to pages from anywhere: maps load without a token.

use std::sync::Arc;

use bytes::Bytes;
use poem::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use poem::web::{Data, Path};
use poem::{Body, IntoResponse, Request, Response, handler};
use sha2::{Digest, Sha256};
use wayfare_core::city::{MANIFEST_FILE, PackBytes, hex};
use wayfare_core::wire::ErrorCode;

use super::city::{City, OpenPack};
use super::ranges::{Wanted, wanted};
use crate::platform::failure::Failure;

/// Stands for the address of the files in styles.
const BASE: &str = "{base}";
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "public, no-cache";
/// What pages from elsewhere may read of an answer.
const EXPOSED: &str = "ETag, Content-Range, Content-Length, Accept-Ranges";

/// Under which address the server is known, if not by that of the request.
#[derive(Debug, Clone)]
pub(crate) struct PublicUrl(pub(crate) Option<String>);

/// Bytes to send, and what names them.
struct Content {
    bytes: Bytes,
    etag: String,
    for_ever: bool,
    by_host: bool,
}

/// A file of the pack.
#[handler]
pub(crate) fn city_file(
    request: &Request,
    Path(path): Path<String>,
    Data(city): Data<&Arc<City>>,
    Data(public_url): Data<&PublicUrl>,
) -> poem::Result<Response> {
    if request.method() == Method::OPTIONS {
        return Ok(preflight());
    }
    let open = city.open_pack()?;
    let version = &open.pack.manifest.version;
    let (name, for_ever) = match path.split_once('/') {
        Some((first, name)) if first == version => (name, true),
        _ => (path.as_str(), false),
    };
    let origin = || origin(request, public_url);
    let content = content(open, name, for_ever, origin).ok_or_else(|| {
        let detail = "the city's pack in force has no such file";
        Failure::refused(ErrorCode::NotFound, detail)
    })?;
    Ok(answer(request.headers(), name, &content))
}

fn content(
    open: &OpenPack,
    name: &str,
    for_ever: bool,
    origin: impl FnOnce() -> String,
) -> Option<Content> {
    if name == MANIFEST_FILE {
        let bytes = open.manifest_json.clone();
        return Some(Content {
            etag: hex(&Sha256::digest(&bytes)),
            bytes,
            for_ever,
            by_host: false,
        });
    }
    let file = open.pack.manifest.file(name)?;
    let bytes = open.folder.file(name)?;
    if let Some(style) = style(name, bytes) {
        let base = format!("{}/v1/city/{}", origin(), open.pack.manifest.version);
        let style = style.replace(BASE, &base);
        return Some(Content {
            etag: hex(&Sha256::digest(style.as_bytes())),
            bytes: style.into(),
            for_ever,
            by_host: true,
        });
    }
    Some(Content {
        bytes: Bytes::from_owner(Mapped(bytes.clone())),
        etag: file.sha256.clone(),
        for_ever,
        by_host: false,
    })
}

/// A style says where its tiles, letters and signs are.
fn style<'a>(name: &str, bytes: &'a PackBytes) -> Option<&'a str> {
    let is_json = name.rsplit('.').next() == Some("json");
    let text = is_json.then(|| std::str::from_utf8(bytes).ok()).flatten()?;
    text.contains(BASE).then_some(text)
}

/// Bytes of a pack, sent without a copy.
struct Mapped(PackBytes);

impl AsRef<[u8]> for Mapped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

fn answer(asked: &HeaderMap, name: &str, content: &Content) -> Response {
    let etag = format!("\"{}\"", content.etag);
    let text = |name| asked.get(name).and_then(|value| value.to_str().ok());
    let known = text(header::IF_NONE_MATCH).is_some_and(|tags| names(tags, &etag));
    // A range of an older file is of no use with this one.
    let range =
        text(header::RANGE).filter(|_| text(header::IF_RANGE).is_none_or(|tag| tag == etag));
    let length = content.bytes.len();
    let mut response = match wanted(range, length) {
        _ if known => StatusCode::NOT_MODIFIED.into(),
        Wanted::All => Response::builder().body(content.bytes.clone()),
        Wanted::Part(part) => {
            let told = format!(
                "bytes {}-{}/{length}",
                part.start,
                part.end.saturating_sub(1)
            );
            Response::builder()
                .status(StatusCode::PARTIAL_CONTENT)
                .header(header::CONTENT_RANGE, told)
                .body(Body::from_bytes(content.bytes.slice(part)))
        }
        Wanted::Nothing => Response::builder()
            .status(StatusCode::RANGE_NOT_SATISFIABLE)
            .header(header::CONTENT_RANGE, format!("bytes */{length}"))
            .finish(),
    };
    let headers = response.headers_mut();
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    let kept = if content.for_ever {
        FOR_EVER
    } else {
        ASK_AGAIN
    };
    for (name, value) in [
        (header::CONTENT_TYPE, content_type(name)),
        (header::CACHE_CONTROL, kept),
        (header::ACCEPT_RANGES, "bytes"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if content.by_host {
        headers.insert(
            header::VARY,
            HeaderValue::from_static("Host, X-Forwarded-Proto"),
        );
    }
    response
}

/// Whether an `If-None-Match` names what there is.
fn names(tags: &str, etag: &str) -> bool {
    tags.split(',')
        .map(|tag| tag.trim().trim_start_matches("W/"))
        .any(|tag| tag == etag || tag == "*")
}

/// Some browsers ask before they ask for a range.
fn preflight() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "Range, If-Range, If-None-Match",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "pmtiles" => "application/vnd.pmtiles",
        "json" => "application/json",
        "geojson" => "application/geo+json",
        "pbf" => "application/x-protobuf",
        "png" => "image/png",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The address that the client reached this server by.
fn origin(request: &Request, public_url: &PublicUrl) -> String {
    if let Some(url) = &public_url.0 {
        return url.trim_end_matches('/').to_owned();
    }
    let text = |name: &str| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let scheme = match text("x-forwarded-proto") {
        Some("https") => "https",
        _ => "http",
    };
    // What is no host must not get into a style.
    let is_host = |host: &&str| host.parse::<poem::http::uri::Authority>().is_ok();
    let host = text("host")
        .filter(is_host)
        .or_else(|| request.uri().host());
    format!("{scheme}://{}", host.unwrap_or("localhost"))
}
