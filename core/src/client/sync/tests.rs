//! What goes over the line, seen from the other end of it.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::{JoinHandle, spawn};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use uuid::Uuid;

use super::*;
use crate::id::{BootId, DeviceId};
use crate::wire::SentAt;

const SESSION: &str = r#"{
    "session_id": "session_00000000000000000000000000000001", "access_token": "a",
    "access_expires_at": "2999-01-01T00:00:00Z", "refresh_token": "r",
    "refresh_expires_at": "2999-01-01T00:00:00Z",
    "user": {"id": "user_00000000000000000000000000000001", "phone": "+351910000001", "roles": []}
}"#;

struct Heard {
    head: String,
    body: Vec<u8>,
}

/// Answers one request, and gives what was asked.
fn server(head: &'static str, body: Vec<u8>) -> (Client, JoinHandle<Heard>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let heard = spawn(move || {
        let (mut line, _) = listener.accept().unwrap();
        let (mut bytes, mut byte) = (Vec::new(), [0]);
        while !bytes.ends_with(b"\r\n\r\n") {
            line.read_exact(&mut byte).unwrap();
            bytes.push(byte[0]);
        }
        let asked = String::from_utf8(bytes).unwrap().to_lowercase();
        let length = asked
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let mut content = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        line.read_exact(&mut content).unwrap();
        let length = body.len();
        let answer = format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\n\r\n");
        line.write_all(answer.as_bytes()).unwrap();
        line.write_all(&body).unwrap();
        Heard {
            head: asked,
            body: content,
        }
    });
    let client = Client::new(address.parse().unwrap()).unwrap();
    client.restore_session(serde_json::from_str(SESSION).unwrap());
    (client, heard)
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap().block_on(future)
}

fn packed(text: &str) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap()
}

fn batch(commands: usize) -> CommandBatch {
    let device_id = DeviceId::from_uuid(Uuid::from_u128(1));
    CommandBatch {
        device_id,
        oldest_seq: 1,
        prev_hash: ChainHash::first(device_id),
        commands: vec![r#"{"v":1,"kind":"go_offline"}"#.to_owned(); commands],
        seal: "a.b.c".to_owned(),
        sent: SentAt {
            at: "2026-11-20T12:00:00Z".parse().unwrap(),
            boot: BootId::from_uuid(Uuid::from_u128(2)),
            monotonic_ms: 3,
        },
    }
}

#[test]
fn a_long_batch_goes_packed_and_a_packed_answer_is_understood() {
    let answer = r#"{"results": [], "next_seq": 101, "server_time": "2026-11-20T12:00:00Z"}"#;
    let (client, heard) = server("200 OK\r\ncontent-encoding: gzip", packed(answer));
    let answer = run(client.send_commands(&batch(100))).unwrap();
    assert_eq!(answer.next_seq, 101);
    let Heard { head, body } = heard.join().unwrap();
    assert!(head.starts_with("post /v1/sync/commands "), "{head}");
    assert!(head.contains("\r\ncontent-encoding: gzip\r\n"), "{head}");
    assert!(head.contains("\r\naccept-encoding: gzip\r\n"), "{head}");
    let mut text = String::new();
    GzDecoder::new(&body[..]).read_to_string(&mut text).unwrap();
    let sent: CommandBatch = serde_json::from_str(&text).unwrap();
    assert_eq!(sent, batch(100));
    assert!(body.len() * 4 < text.len());
}

#[test]
fn a_short_batch_goes_as_it_is() {
    let answer = r#"{"results": [], "next_seq": 2, "server_time": "2026-11-20T12:00:00Z"}"#;
    let (client, heard) = server("200 OK", answer.into());
    run(client.send_commands(&batch(1))).unwrap();
    let Heard { head, body } = heard.join().unwrap();
    assert!(!head.contains("content-encoding"), "{head}");
    let sent: CommandBatch = serde_json::from_slice(&body).unwrap();
    assert_eq!(sent, batch(1));
}

#[test]
fn a_refusal_is_not_repeated_and_says_when_to_come_back() {
    // The server takes one request: a second one would not be answered.
    let (client, heard) = server(
        "503 Service Unavailable\r\nretry-after: 7",
        b"busy".to_vec(),
    );
    let error = run(client.snapshot()).unwrap_err();
    assert!(
        matches!(error, ClientError::Unreadable { status: 503, .. }),
        "{error:?}"
    );
    assert!(
        heard
            .join()
            .unwrap()
            .head
            .starts_with("get /v1/sync/snapshot ")
    );
}

#[test]
fn a_piece_of_a_track_goes_to_its_trip_and_a_piece_of_a_file_says_where_it_begins() {
    let kept = r#"{"points": 3, "duplicate": false}"#;
    let (client, heard) = server("200 OK", kept.into());
    let trip = TripId::from_uuid(Uuid::from_u128(5));
    let name = ChainHash::from_bytes([1; 32]);
    run(client.send_segment(Some(trip), name, b"abc".to_vec())).unwrap();
    let Heard { head, body } = heard.join().unwrap();
    assert!(
        head.starts_with(&format!("put /v1/trips/{trip}/track/{name} ")),
        "{head}"
    );
    assert!(
        head.contains("\r\ncontent-type: application/octet-stream\r\n"),
        "{head}"
    );
    assert_eq!(body, b"abc");

    let blob = BlobId::from_uuid(Uuid::from_u128(6));
    let kept = format!(r#"{{"blob_id": "{blob}", "size": 9, "received": 9, "complete": true}}"#);
    let (client, heard) = server("200 OK", kept.into());
    assert!(
        run(client.append_blob(blob, 6, b"xyz".to_vec()))
            .unwrap()
            .complete
    );
    let Heard { head, body } = heard.join().unwrap();
    assert!(
        head.starts_with(&format!("patch /v1/blobs/{blob} ")),
        "{head}"
    );
    assert!(head.contains("\r\nupload-offset: 6\r\n"), "{head}");
    assert_eq!(body, b"xyz");
}
