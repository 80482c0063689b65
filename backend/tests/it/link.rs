//! A narrow, slow and lossy link in front of a server, in this process: what a phone at the edge of
//! coverage has.
//!
//! TCP runs on both sides of it undisturbed; in between, bytes go in packets through a queue per
//! direction, as over a real bottleneck. A packet takes its size by the rate, then half the round trip.
//! A lost packet is sent again after a round trip and a half, as TCP notices it, at its full size, and
//! everything behind it waits: no byte overtakes another. Both directions of all connections share
//! their bottleneck.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// What a packet of a mobile network carries.
const PACKET_BYTES: usize = 1_360;
/// Headers of IP and TCP.
const HEADER_BYTES: usize = 40;
/// A sender that gets no acknowledgements stops after about so much.
const IN_FLIGHT_PACKETS: usize = 10;

/// How bad a link is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quality {
    /// Each way.
    pub(crate) bits_per_s: u32,
    /// There and back.
    pub(crate) round_trip: Duration,
    /// Share of the packets that are lost.
    pub(crate) loss: f64,
}

/// Ends when dropped.
#[derive(Debug)]
pub(crate) struct Link {
    /// Such as `http://127.0.0.1:8080`.
    pub(crate) address: String,
    up: Arc<Direction>,
    down: Arc<Direction>,
    accepting: JoinHandle<()>,
}

/// One way over the link.
#[derive(Debug)]
struct Direction {
    quality: Quality,
    state: Mutex<Bottleneck>,
}

#[derive(Debug)]
struct Bottleneck {
    free_at: Instant,
    chance: StdRng,
    packets: u64,
    lost: u64,
}

/// What went over one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Traffic {
    /// Those that arrived.
    pub(crate) packets: u64,
    /// Those that had to be sent again.
    pub(crate) lost: u64,
}

impl Link {
    /// In front of the server with this address.
    pub(crate) async fn start(server: &str, quality: Quality, seed: u64) -> Self {
        let server: SocketAddr = server.strip_prefix("http://").unwrap().parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let up = Arc::new(Direction::new(quality, seed));
        let down = Arc::new(Direction::new(quality, seed.wrapping_add(1)));
        let (there, back) = (Arc::clone(&up), Arc::clone(&down));
        let accepting = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(pass(client, server, Arc::clone(&there), Arc::clone(&back)));
            }
        });
        Self {
            address,
            up,
            down,
            accepting,
        }
    }

    /// What went up and down so far.
    pub(crate) fn traffic(&self) -> [Traffic; 2] {
        [&self.up, &self.down].map(|direction| {
            let state = direction.state.lock().unwrap();
            Traffic {
                packets: state.packets,
                lost: state.lost,
            }
        })
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Direction {
    fn new(quality: Quality, seed: u64) -> Self {
        Self {
            quality,
            state: Mutex::new(Bottleneck {
                free_at: Instant::now(),
                chance: StdRng::seed_from_u64(seed),
                packets: 0,
                lost: 0,
            }),
        }
    }

    /// When a packet of so many bytes that is sent now arrives.
    fn arrival(&self, bytes: usize) -> Instant {
        let quality = self.quality;
        let bits = f64::from(u32::try_from((bytes + HEADER_BYTES) * 8).unwrap());
        let sending = Duration::from_secs_f64(bits / f64::from(quality.bits_per_s));
        let mut state = self.state.lock().unwrap();
        let mut sent = state.free_at.max(Instant::now()) + sending;
        state.packets += 1;
        let mut late = Duration::ZERO;
        while state.chance.random::<f64>() < quality.loss {
            state.lost += 1;
            late += quality.round_trip * 3 / 2;
            sent += sending;
        }
        state.free_at = sent;
        sent + late + quality.round_trip / 2
    }
}

/// Connecting takes a round trip, as the handshake does.
async fn pass(client: TcpStream, server: SocketAddr, up: Arc<Direction>, down: Arc<Direction>) {
    tokio::time::sleep_until(up.arrival(0)).await;
    tokio::time::sleep_until(down.arrival(0)).await;
    let Ok(server) = TcpStream::connect(server).await else {
        return;
    };
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::join!(
        carry(from_client, to_server, up),
        carry(from_server, to_client, down)
    );
}

/// Carries bytes in order, each packet not before its time.
async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    direction: Arc<Direction>,
) {
    let (packets, mut arriving) = mpsc::channel::<(Instant, Vec<u8>)>(IN_FLIGHT_PACKETS);
    let sending = async move {
        loop {
            let mut packet = vec![0; PACKET_BYTES];
            match from.read(&mut packet).await {
                Ok(0) | Err(_) => return,
                Ok(bytes) => {
                    packet.truncate(bytes);
                    let at = direction.arrival(bytes);
                    if packets.send((at, packet)).await.is_err() {
                        return;
                    }
                }
            }
        }
    };
    let receiving = async move {
        while let Some((at, packet)) = arriving.recv().await {
            tokio::time::sleep_until(at).await;
            if to.write_all(&packet).await.is_err() {
                return;
            }
        }
        drop(to.shutdown().await);
    };
    tokio::join!(sending, receiving);
}

#[tokio::test]
async fn a_narrow_link_takes_its_time_and_changes_no_byte() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let (mut read, mut write) = client.split();
        tokio::io::copy(&mut read, &mut write).await.unwrap();
    });
    let quality = Quality {
        bits_per_s: 1_000_000,
        round_trip: Duration::from_millis(100),
        loss: 0.2,
    };
    let link = Link::start(&server, quality, 3).await;
    let sent: Vec<u8> = (0..251_u8).cycle().take(60_000).collect();
    let address = link.address.strip_prefix("http://").unwrap();
    let began = Instant::now();
    let mut client = TcpStream::connect(address).await.unwrap();
    client.set_nodelay(true).unwrap();
    let (mut read, mut write) = client.split();
    let writing = async {
        write.write_all(&sent).await.unwrap();
        write.shutdown().await.unwrap();
    };
    let mut echoed = Vec::new();
    let (_, ()) = tokio::join!(read.read_to_end(&mut echoed), writing);
    assert_eq!(echoed, sent);
    // 60 kB at 1 Mbit/s are 0.48 s each way, and they overlap but for a round trip and losses.
    let at_least = Duration::from_millis(480 + 200);
    assert!(began.elapsed() >= at_least, "{:?}", began.elapsed());
    let [up, down] = link.traffic();
    assert!(
        up.packets >= 44 && up.lost > 0 && down.lost > 0,
        "{up:?} {down:?}"
    );
}
