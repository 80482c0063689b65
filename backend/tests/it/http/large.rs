//! Bodies that are too large, over a bare connection: an HTTP client of its own would give up
//! sending in its own way.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wayfare_core::wire::{ErrorCode, Problem};

use crate::actors::{Actor, alice, everything};
use crate::harness::TestServer;
use crate::people::post;

const TEN_MB: usize = 10 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends a head and then as much of a body as the server takes; answers what it said.
async fn send_raw(
    server: &TestServer,
    person: &Actor,
    headers: &str,
    pieces: Vec<Vec<u8>>,
) -> String {
    let address = server.base_url.strip_prefix("http://").unwrap();
    let (mut from, mut to) = TcpStream::connect(address).await.unwrap().into_split();
    let head = format!(
        "POST /v1/quotes HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\n{headers}\r\n\r\n",
        person.session.access_token,
    );
    let writing = tokio::spawn(async move {
        to.write_all(head.as_bytes()).await.unwrap();
        for piece in pieces {
            // The server may have answered and closed; then there is nobody to send to.
            if to.write_all(&piece).await.is_err() {
                break;
            }
        }
        to
    });
    let mut said = Vec::new();
    let read = async {
        let mut buffer = [0; 4096];
        while !String::from_utf8_lossy(&said).contains('}') {
            match from.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(count) => said.extend_from_slice(&buffer[..count]),
            }
        }
    };
    tokio::time::timeout(PATIENCE, read)
        .await
        .expect("the server says nothing");
    writing.abort();
    String::from_utf8(said).unwrap()
}

fn check_refused(said: &str) {
    assert!(said.starts_with("HTTP/1.1 413 "), "{said:?}");
    let (head, body) = said.split_once("\r\n\r\n").unwrap();
    assert!(
        head.to_lowercase()
            .contains("content-type: application/problem+json"),
        "{head}"
    );
    let problem: Problem = serde_json::from_str(body).unwrap();
    assert_eq!(problem.code, ErrorCode::BodyTooLarge);
}

#[tokio::test]
async fn a_body_of_10_mb_is_refused_by_its_announced_length() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let before = everything(&server).await;
    let length = format!("Content-Length: {TEN_MB}");
    // Nothing of it was sent, and it is refused already.
    check_refused(&send_raw(&server, &alice, &length, vec![]).await);
    let pieces = vec![vec![b' '; 64 * 1024]; TEN_MB / (64 * 1024)];
    check_refused(&send_raw(&server, &alice, &length, pieces).await);
    assert_eq!(everything(&server).await, before);
}

#[tokio::test]
async fn a_body_of_10_mb_in_chunks_is_refused_when_it_passes_the_limit() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let chunk = |bytes: usize| {
        let mut chunk = format!("{bytes:x}\r\n").into_bytes();
        chunk.extend(vec![b' '; bytes]);
        chunk.extend(b"\r\n");
        chunk
    };
    let pieces = vec![chunk(64 * 1024); TEN_MB / (64 * 1024)];
    check_refused(&send_raw(&server, &alice, "Transfer-Encoding: chunked", pieces).await);
}

#[tokio::test]
async fn the_limit_is_the_configured_one() {
    let server = TestServer::start_with(|config| config.server.body_limit_bytes = 1024).await;
    let alice = alice(&server).await;
    let send = |bytes: usize| {
        let call = post(&server, "/v1/quotes").by(&alice.session);
        let body = " ".repeat(bytes);
        async move { call.raw("application/json", &body).await }
    };
    send(1024).await.refused(400, ErrorCode::InvalidRequest);
    send(1025).await.refused(413, ErrorCode::BodyTooLarge);
}

#[tokio::test]
async fn a_head_that_is_too_large_ends_the_connection_and_not_the_server() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let headers = format!("X-Long: {}", "x".repeat(1024 * 1024));
    let said = send_raw(&server, &alice, &headers, vec![]).await;
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 4"), "{said}");
    assert_eq!(alice.gets(&server, "/v1/me").await.status, 200);
}
