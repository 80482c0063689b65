//! gzip, both ways.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, ETAG, VARY};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{ErrorCode, Problem};

use crate::actors::{Actor, DROPOFF, PICKUP, alice, bob, ride_until};
use crate::harness::TestServer;
use crate::listener::upgrade;

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Sends a body under a `Content-Encoding`; answers the status and what was said.
async fn sends(
    server: &TestServer,
    person: &Actor,
    (method, path): (Method, &str),
    (coding, body): (&str, Vec<u8>),
) -> (u16, Value) {
    let kind = if method == Method::POST {
        "application/json"
    } else {
        "application/octet-stream"
    };
    let request = server.http.request(method, server.url(path));
    let answer = request
        .bearer_auth(&person.session.access_token)
        .header("Content-Type", kind)
        .header("Upload-Offset", "0")
        .header(CONTENT_ENCODING, coding)
        .body(body)
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

fn code(said: &Value) -> ErrorCode {
    let problem: Problem = serde_json::from_value(said.clone()).unwrap();
    problem.code
}

#[tokio::test]
async fn a_packed_body_is_the_body() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let ride = json!({ "pickup": PICKUP, "dropoff": DROPOFF }).to_string();
    let quotes = (Method::POST, "/v1/quotes");
    for (coding, body) in [
        ("gzip", packed(ride.as_bytes())),
        ("GZIP", packed(ride.as_bytes())),
        ("identity", ride.clone().into_bytes()),
    ] {
        let (status, said) = sends(&server, &alice, quotes.clone(), (coding, body)).await;
        assert_eq!(status, 201, "{said}");
    }
    for (coding, body) in [
        ("gzip", ride.clone().into_bytes()),
        ("gzip", packed(ride.as_bytes())[..30].to_vec()),
    ] {
        let (status, said) = sends(&server, &alice, quotes.clone(), (coding, body)).await;
        assert_eq!((status, code(&said)), (400, ErrorCode::InvalidRequest));
    }
    for coding in ["br", "deflate", "gzip, gzip"] {
        let body = packed(ride.as_bytes());
        let (status, said) = sends(&server, &alice, quotes.clone(), (coding, body)).await;
        assert_eq!(
            (status, code(&said)),
            (415, ErrorCode::UnsupportedMediaType)
        );
    }
}

#[tokio::test]
async fn a_body_that_unfolds_beyond_the_limit_is_refused() {
    let server = TestServer::start().await;
    let bob = bob(&server).await;
    let bomb = packed(&vec![0; 64 * 1024 * 1024]);
    assert!(bomb.len() < 100_000, "it is small enough to be let in");
    let zeros = "0".repeat(64);
    let blob = format!("/v1/blobs/blob_{}", &zeros[..32]);
    for target in [
        (Method::POST, "/v1/quotes"),
        (Method::POST, "/v1/blobs"),
        (Method::PATCH, &blob),
        (Method::PUT, &format!("/v1/drivers/me/track/{zeros}")),
    ] {
        let at = target.1.to_owned();
        let (status, said) = sends(&server, &bob, target, ("gzip", bomb.clone())).await;
        assert_eq!(
            (status, code(&said)),
            (413, ErrorCode::BodyTooLarge),
            "{at}"
        );
    }
}

#[tokio::test]
async fn what_devices_send_at_once_may_unfold_to_more_than_a_body_may_be() {
    let server = TestServer::start_with(|config| config.server.body_limit_bytes = 1024).await;
    let bob = bob(&server).await;
    let send = async |path: &str, bytes: usize| {
        let body = packed(" ".repeat(bytes).as_bytes());
        sends(&server, &bob, (Method::POST, path), ("gzip", body)).await
    };
    // Nothing but space is no batch, and no path that is not there takes one; but it was let in.
    let (status, _) = send("/v1/sync/nothing", 4096).await;
    assert_eq!(status, 404);
    for (path, bytes) in [("/v1/sync/nothing", 4097), ("/v1/quotes", 1025)] {
        let (status, said) = send(path, bytes).await;
        assert_eq!(
            (status, code(&said)),
            (413, ErrorCode::BodyTooLarge),
            "{path}"
        );
    }
}

async fn asks(server: &TestServer, person: &Actor, path: &str, coding: &str) -> Response {
    let request = server.http.get(server.url(path));
    let request = request.bearer_auth(&person.session.access_token);
    let request = request.header(ACCEPT_ENCODING, coding);
    request.send().await.unwrap()
}

#[tokio::test]
async fn an_answer_is_packed_for_who_takes_it_so() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    for path in ["/v1/sync/changes?cursor=0&limit=5", "/v1/trips?side=rider"] {
        let plain = asks(&server, &alice, path, "identity").await;
        assert!(!plain.headers().contains_key(CONTENT_ENCODING));
        let mut plain: Value = plain.json().await.unwrap();
        let answer = asks(&server, &alice, path, "br, gzip;q=0.8").await;
        assert_eq!(answer.headers()[CONTENT_ENCODING], "gzip", "{path}");
        assert_eq!(answer.headers()[VARY], "Accept-Encoding");
        let bytes = answer.bytes().await.unwrap();
        let mut text = String::new();
        GzDecoder::new(&bytes[..])
            .read_to_string(&mut text)
            .unwrap();
        assert!(
            bytes.len() < text.len(),
            "{} of {}",
            bytes.len(),
            text.len()
        );
        let mut unpacked: Value = serde_json::from_str(&text).unwrap();
        for told in [&mut plain, &mut unpacked] {
            told["server_time"].take();
        }
        assert_eq!(unpacked, plain);
    }
    // A versioned resource keeps its name, which `If-Match` needs.
    let answer = asks(&server, &alice, &format!("/v1/trips/{}", trip.id), "gzip").await;
    assert_eq!(answer.headers()[ETAG], "\"5\"");
    assert!(!answer.headers().contains_key(CONTENT_ENCODING));
    let problem = asks(&server, &alice, "/v1/nothing", "gzip").await;
    assert!(
        !problem.headers().contains_key(CONTENT_ENCODING),
        "too short"
    );
}

#[tokio::test]
async fn the_stream_goes_on_as_it_is() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let mut request = upgrade(&server, "/v1/stream", Some(&alice.session.access_token));
    let headers = request.headers_mut();
    headers.insert("accept-encoding", "gzip, deflate, br".parse().unwrap());
    let (_socket, answer) = connect_async(request).await.unwrap();
    assert_eq!(answer.status(), 101);
    assert!(!answer.headers().contains_key("content-encoding"));
}
