//! The two HTTP requests this program makes itself: is the backend ready, and make me a driver.
//!
//! Written by hand so that no HTTP library has to be built before the first command runs. Every wait
//! is bounded.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

const WAIT_MAX: Duration = Duration::from_secs(2);

/// Each run has a database of its own, so one key is enough.
const IDEMPOTENCY_KEY: &str = "7d3b5c7e-58a4-4b8e-9a53-6f0c8f1f2a01";

/// Enough for a status line.
const HEAD_BYTES_MAX: u64 = 1024;

/// The status of a GET to this machine.
pub(crate) fn get_status(port: u16, path: &str) -> io::Result<u16> {
    exchange(port, &format!("GET {path} HTTP/1.1\r\n"), "")
}

/// The status of a POST to this machine by a signed-in person.
pub(crate) fn post_json(port: u16, path: &str, token: &str, body: &str) -> io::Result<u16> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nAuthorization: Bearer {token}\r\n\
         Idempotency-Key: {IDEMPOTENCY_KEY}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n",
        body.len()
    );
    exchange(port, &head, body)
}

fn exchange(port: u16, head: &str, body: &str) -> io::Result<u16> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, WAIT_MAX)?;
    stream.set_read_timeout(Some(WAIT_MAX))?;
    stream.set_write_timeout(Some(WAIT_MAX))?;
    write!(
        stream,
        "{head}Host: {address}\r\nConnection: close\r\n\r\n{body}"
    )?;
    let mut answer = Vec::new();
    stream.take(HEAD_BYTES_MAX).read_to_end(&mut answer)?;
    parse_status(&String::from_utf8_lossy(&answer))
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the answer is not HTTP"))
}

/// Reads `200` out of `HTTP/1.1 200 OK`.
fn parse_status(head: &str) -> Option<u16> {
    let mut words = head.lines().next()?.split(' ');
    words
        .next()
        .filter(|version| version.starts_with("HTTP/"))?;
    words.next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    #[test]
    fn the_status_is_read_from_the_first_line_only() {
        assert_eq!(
            parse_status("HTTP/1.1 503 Service Unavailable\r\nX: 200\r\n"),
            Some(503)
        );
        assert_eq!(parse_status("SSH-2.0-OpenSSH\r\n"), None);
        assert_eq!(parse_status(""), None);
    }

    #[test]
    fn a_served_answer_gives_its_status() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            // A server that closes before it read everything resets the connection.
            let mut request = String::new();
            for line in BufReader::new(&stream).lines().map(Result::unwrap) {
                if line.is_empty() {
                    break;
                }
                request.push_str(&line);
                request.push('\n');
            }
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                .unwrap();
            request
        });
        assert_eq!(get_status(port, "/health/ready").unwrap(), 200);
        assert!(
            server
                .join()
                .unwrap()
                .starts_with("GET /health/ready HTTP/1.1\n")
        );
    }
}
