//! What the client sends, seen from the other end of the line.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{JoinHandle, spawn};

use super::*;
use crate::wire::{ChangeStops, Point};

const SESSION: &str = r#"{
    "session_id": "session_00000000000000000000000000000001", "access_token": "a",
    "access_expires_at": "2999-01-01T00:00:00Z", "refresh_token": "r",
    "refresh_expires_at": "2999-01-01T00:00:00Z",
    "user": {"id": "user_00000000000000000000000000000001", "phone": "+351910000001", "roles": []}
}"#;

/// Breaks off the first request after it came in, and refuses the second. Gives both as text.
fn broken_line() -> (Url, JoinHandle<[String; 2]>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let requests = spawn(move || {
        let (mut first, _) = listener.accept().unwrap();
        let lost = read_head(&mut first);
        drop(first);
        let (mut second, _) = listener.accept().unwrap();
        let again = read_head(&mut second);
        let answer = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        second.write_all(answer.as_bytes()).unwrap();
        [lost, again]
    });
    (address.parse().unwrap(), requests)
}

/// A request up to the empty line.
fn read_head(line: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        line.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap().to_lowercase()
}

fn key(request: &str) -> Option<&str> {
    let mut lines = request.lines();
    lines.find_map(|line| line.strip_prefix("idempotency-key: "))
}

fn client(address: Url) -> Client {
    let options = ClientOptions {
        pause_first: Duration::from_millis(1),
        ..ClientOptions::default()
    };
    let client = Client::with_options(address, options).unwrap();
    client.restore_session(serde_json::from_str(SESSION).unwrap());
    client
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap().block_on(future)
}

#[test]
fn other_stops_are_sent_again_under_the_same_key() {
    let (address, requests) = broken_line();
    let stops = ChangeStops {
        waypoints: vec![],
        dropoff: Point {
            lat: 41.15,
            lng: -8.61,
        },
    };
    let trip = "trip_00000000000000000000000000000001".parse().unwrap();
    run(client(address).change_stops(trip, &stops)).unwrap_err();
    let [lost, again] = requests.join().unwrap();
    assert!(lost.starts_with("put /v1/trips/"), "{lost}");
    assert!(key(&lost).is_some(), "{lost}");
    assert_eq!(key(&lost), key(&again));
}

#[test]
fn what_changes_nothing_needs_no_key() {
    let (address, requests) = broken_line();
    run(client(address).surge_map()).unwrap_err();
    let [lost, again] = requests.join().unwrap();
    assert_eq!((key(&lost), key(&again)), (None, None));
}
