//! A proxy in front of several servers, as an operator puts one there: connections go round to the
//! servers that accept them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Ends when dropped.
#[derive(Debug)]
pub(crate) struct Proxy {
    /// Such as `http://127.0.0.1:8080`.
    pub(crate) address: String,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// In front of the servers with these addresses, such as `http://127.0.0.1:8080`.
    pub(crate) async fn start(servers: &[&str]) -> Self {
        let servers: Arc<[SocketAddr]> = servers
            .iter()
            .map(|server| server.strip_prefix("http://").unwrap().parse().unwrap())
            .collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let turn = Arc::new(AtomicUsize::new(0));
        let accepting = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(pass(client, Arc::clone(&servers), Arc::clone(&turn)));
            }
        });
        Self { address, accepting }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// A connection that no server accepts, or whose server dies, is closed: the client tries again.
async fn pass(mut client: TcpStream, servers: Arc<[SocketAddr]>, turn: Arc<AtomicUsize>) {
    let first = turn.fetch_add(1, Ordering::Relaxed);
    for n in 0..servers.len() {
        let server = servers[(first + n) % servers.len()];
        if let Ok(mut server) = TcpStream::connect(server).await {
            // Whoever ends it, it is over for both.
            drop(copy_bidirectional(&mut client, &mut server).await);
            return;
        }
    }
}
