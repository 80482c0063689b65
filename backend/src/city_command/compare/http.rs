//! GET requests on one connection that stays open, for measuring: nothing but the socket stands
//! between this program and the server.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const WAIT_MAX: Duration = Duration::from_secs(60);
const HEAD_LINES_MAX: usize = 100;
const LINE_BYTES_MAX: u64 = 16 << 10;
const BODY_BYTES_MAX: u64 = 256 << 20;

/// What a server said.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// A server that speaks HTTP without encryption, and the connection to it.
#[derive(Debug)]
pub(super) struct Connection {
    /// Host and port.
    authority: String,
    /// What stands before every path; no slash at the end.
    base: String,
    stream: Option<BufReader<TcpStream>>,
}

impl Connection {
    /// A server by its address: `http://127.0.0.1:5000`. `None` if that is no such address.
    pub(super) fn to(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("http://")?.trim_end_matches('/');
        let (authority, path) = match rest.split_once('/') {
            Some((authority, path)) => (authority, format!("/{path}")),
            None => (rest, String::new()),
        };
        if authority.is_empty() || authority.contains('@') {
            return None;
        }
        let has_port = authority
            .rsplit_once(':')
            .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        Some(Self {
            authority: if has_port {
                authority.to_owned()
            } else {
                format!("{authority}:80")
            },
            base: path,
            stream: None,
        })
    }

    /// Asks for a path. A connection that the server has closed meanwhile is opened once more.
    pub(super) fn get(&mut self, path: &str) -> io::Result<Reply> {
        if let Some(stream) = self.stream.take()
            && let Ok(reply) = self.exchange(stream, path)
        {
            return Ok(reply);
        }
        let stream = TcpStream::connect(&self.authority)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(WAIT_MAX))?;
        stream.set_write_timeout(Some(WAIT_MAX))?;
        self.exchange(BufReader::with_capacity(64 << 10, stream), path)
    }

    fn exchange(&mut self, mut stream: BufReader<TcpStream>, path: &str) -> io::Result<Reply> {
        let request = format!(
            "GET {}{path} HTTP/1.1\r\nHost: {}\r\nConnection: keep-alive\r\n\r\n",
            self.base, self.authority
        );
        stream.get_mut().write_all(request.as_bytes())?;
        let head = Head::read(&mut stream)?;
        let mut body = Vec::new();
        (&mut stream).take(head.length).read_to_end(&mut body)?;
        if u64::try_from(body.len()).ok() != Some(head.length) {
            return Err(broken("the answer ends early"));
        }
        if !head.closes {
            self.stream = Some(stream);
        }
        Ok(Reply {
            status: head.status,
            body,
        })
    }
}

/// What is needed of the head of an answer.
struct Head {
    status: u16,
    length: u64,
    closes: bool,
}

impl Head {
    fn read(stream: &mut impl BufRead) -> io::Result<Self> {
        let first = line(stream)?;
        let mut words = first.split(' ');
        let status = words
            .next()
            .filter(|version| version.starts_with("HTTP/1."))
            .and_then(|_| words.next()?.parse().ok())
            .ok_or_else(|| broken("the answer is not HTTP"))?;
        let (mut length, mut closes) = (None, false);
        for _ in 0..HEAD_LINES_MAX {
            let line = line(stream)?;
            if line.is_empty() {
                let length = length.ok_or_else(|| broken("the answer does not say its length"))?;
                return Ok(Self {
                    status,
                    length,
                    closes,
                });
            }
            let Some((name, value)) = line.split_once(':') else {
                return Err(broken("the head of the answer is not HTTP"));
            };
            let value = value.trim();
            if name.eq_ignore_ascii_case("content-length") {
                length = value
                    .parse()
                    .ok()
                    .filter(|length| *length <= BODY_BYTES_MAX);
            } else if name.eq_ignore_ascii_case("connection") {
                closes = value.eq_ignore_ascii_case("close");
            }
        }
        Err(broken("the head of the answer is too long"))
    }
}

fn line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    stream.take(LINE_BYTES_MAX).read_line(&mut line)?;
    match line.strip_suffix("\r\n") {
        Some(line) => Ok(line.to_owned()),
        None => Err(broken("the answer ends early")),
    }
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};
    use std::thread;

    use super::*;

    #[test]
    fn only_addresses_without_encryption_are_taken() {
        let target = |url| Connection::to(url).map(|to| (to.authority, to.base));
        let own = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(target("http://127.0.0.1:5000"), own("127.0.0.1:5000", ""));
        assert_eq!(target("http://osrm/eu/"), own("osrm:80", "/eu"));
        for url in ["https://osrm", "osrm:5000", "http://", "http://me@osrm"] {
            assert_eq!(target(url), None, "{url}");
        }
    }

    #[test]
    fn one_connection_serves_many_requests_and_a_closed_one_is_opened_again() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = thread::spawn(move || {
            // Two answers on the first connection, one on the second.
            for answers in [2, 1] {
                let (stream, _) = listener.accept().unwrap();
                let mut stream = BufReader::new(stream);
                for _ in 0..answers {
                    let path = line(&mut stream).unwrap();
                    while !line(&mut stream).unwrap().is_empty() {}
                    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", path.len());
                    stream.get_mut().write_all(head.as_bytes()).unwrap();
                    stream.get_mut().write_all(path.as_bytes()).unwrap();
                }
            }
        });
        let mut connection = Connection::to(&format!("http://127.0.0.1:{port}/v5/")).unwrap();
        for path in ["/a", "/b", "/c"] {
            let reply = connection.get(path).unwrap();
            assert_eq!(reply.status, 200);
            assert_eq!(reply.body, format!("GET /v5{path} HTTP/1.1").as_bytes());
        }
        server.join().unwrap();
    }
}
