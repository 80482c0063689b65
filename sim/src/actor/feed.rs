//! The live feed of one person, read by a task of its own.
//!
//! The actor waits for many things at once and drops what it waited for when another comes first.
//! A connection that is being made must not be dropped so, hence the task between.

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use wayfare_core::client::{Client, ClientError, StreamUpdate};

/// Updates that wait for the actor. When it is full the socket waits, and then the server.
const QUEUE: usize = 64;

/// The live feed of one person.
#[derive(Debug)]
pub(crate) struct Feed {
    updates: mpsc::Receiver<Result<StreamUpdate, ClientError>>,
    reader: JoinHandle<()>,
}

impl Feed {
    /// Listens to everything from now on.
    pub(crate) fn open(client: &Client) -> Self {
        let mut stream = client.stream(None);
        let (sender, updates) = mpsc::channel(QUEUE);
        let reader = tokio::spawn(async move {
            loop {
                let update = stream.next().await;
                let is_end = update.is_err();
                if sender.send(update).await.is_err() || is_end {
                    break;
                }
            }
        });
        Self { updates, reader }
    }

    /// The next update. An error is the last one.
    pub(crate) async fn next(&mut self) -> Result<StreamUpdate, ClientError> {
        self.updates
            .recv()
            .await
            .unwrap_or(Err(ClientError::SignedOut))
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.reader.abort();
    }
}
