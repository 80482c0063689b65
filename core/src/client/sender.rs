//! Positions over the stream, or by request while there is no stream.
//!
//! A batch that was sent over a connection that broke goes by request: it may have been kept before,
//! and a point that comes twice is kept once.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::error::ClientError;
use super::transport::Client;
use crate::wire::{AcceptedPoints, ClientFrame, LocationBatch, Problem, StreamEvent};

/// Batches that may wait for the connection; further ones go by request.
const WAITING_MAX: usize = 16;
/// How long the stream may take to answer before the batch goes by request.
const ANSWER_MAX: Duration = Duration::from_secs(10);

type Answer = Result<AcceptedPoints, Box<Problem>>;

#[derive(Debug)]
struct Waiting {
    batch: LocationBatch,
    answer: oneshot::Sender<Answer>,
}

/// Sends positions of the signed-in driver. Cheap to clone; any task may use it.
#[derive(Debug, Clone)]
pub struct LocationSender {
    client: Client,
    batches: mpsc::Sender<Waiting>,
    is_open: Arc<AtomicBool>,
}

impl LocationSender {
    /// Sends a batch and waits for what became of it.
    pub async fn send(&self, batch: &LocationBatch) -> Result<AcceptedPoints, ClientError> {
        match self.by_stream(batch).await {
            Some(Ok(accepted)) => Ok(accepted),
            Some(Err(problem)) => Err(ClientError::Refused {
                problem,
                retry_after: None,
            }),
            None => self.client.send_locations(batch).await,
        }
    }

    /// `None`: the stream did not do it.
    async fn by_stream(&self, batch: &LocationBatch) -> Option<Answer> {
        if !self.is_open.load(Ordering::Acquire) {
            return None;
        }
        let (answer, answered) = oneshot::channel();
        let batch = batch.clone();
        self.batches.try_send(Waiting { batch, answer }).ok()?;
        tokio::time::timeout(ANSWER_MAX, answered).await.ok()?.ok()
    }
}

/// What became of a message from the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// It answered a batch.
    Answered,
    /// It is for whoever listens.
    Onward,
}

/// The batches of one stream: those that wait, and those that are not answered.
#[derive(Debug)]
pub(super) struct Outbox {
    sender: mpsc::Sender<Waiting>,
    batches: mpsc::Receiver<Waiting>,
    sent: HashMap<u64, oneshot::Sender<Answer>>,
    last_number: u64,
    is_open: Arc<AtomicBool>,
}

impl Outbox {
    pub(super) fn new() -> Self {
        let (sender, batches) = mpsc::channel(WAITING_MAX);
        Self {
            sender,
            batches,
            sent: HashMap::new(),
            last_number: 0,
            is_open: Arc::default(),
        }
    }

    pub(super) fn sender(&self, client: Client) -> LocationSender {
        LocationSender {
            client,
            batches: self.sender.clone(),
            is_open: Arc::clone(&self.is_open),
        }
    }

    /// The connection stands.
    pub(super) fn open(&mut self) {
        self.is_open.store(true, Ordering::Release);
    }

    /// The connection is gone: what waits goes by request.
    pub(super) fn close(&mut self) {
        self.is_open.store(false, Ordering::Release);
        // Whoever waits for an answer notices that nobody will give it.
        self.sent.clear();
        while self.batches.try_recv().is_ok() {}
    }

    /// The next frame to send.
    pub(super) async fn next(&mut self) -> String {
        loop {
            let Some(Waiting { batch, answer }) = self.batches.recv().await else {
                // This holds a sender itself, so it does not come to this.
                return std::future::pending().await;
            };
            // Those who do not wait any more sent it another way.
            self.sent.retain(|_, waiting| !waiting.is_closed());
            self.last_number = self.last_number.wrapping_add(1);
            let frame = ClientFrame::Locations {
                batch: self.last_number,
                points: batch.points,
            };
            if let Ok(text) = serde_json::to_string(&frame) {
                self.sent.insert(self.last_number, answer);
                return text;
            }
        }
    }

    /// Gives an answer to whoever waits for it.
    pub(super) fn answer(&mut self, event: &StreamEvent) -> Way {
        let (batch, answer) = match event {
            StreamEvent::LocationsKept { batch, kept } => {
                (*batch, Ok(AcceptedPoints { kept: *kept }))
            }
            StreamEvent::LocationsRefused {
                batch: Some(batch),
                problem,
            } => (*batch, Err(problem.clone())),
            _ => return Way::Onward,
        };
        if let Some(waiting) = self.sent.remove(&batch) {
            // Fails if nobody waits any more.
            drop(waiting.send(answer));
        }
        Way::Answered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch() -> LocationBatch {
        LocationBatch { points: Vec::new() }
    }

    fn outbox() -> (Outbox, LocationSender) {
        let mut outbox = Outbox::new();
        let client = Client::new("http://127.0.0.1:1".parse().unwrap()).unwrap();
        let sender = outbox.sender(client);
        outbox.open();
        (outbox, sender)
    }

    #[tokio::test]
    async fn each_batch_gets_its_own_answer() {
        let (mut outbox, sender) = outbox();
        let (one, two) = (batch(), batch());
        let serve = async {
            let texts = [outbox.next().await, outbox.next().await];
            assert!(texts[0].contains("\"batch\":1") && texts[1].contains("\"batch\":2"));
            for (batch, kept) in [(2, 20), (1, 10), (9, 90)] {
                let event = StreamEvent::LocationsKept { batch, kept };
                assert_eq!(outbox.answer(&event), Way::Answered);
            }
            assert_eq!(outbox.answer(&StreamEvent::Unknown), Way::Onward);
        };
        let ((), first, second) =
            tokio::join!(serve, sender.by_stream(&one), sender.by_stream(&two));
        let kept = |answer: Option<Answer>| answer.unwrap().unwrap().kept;
        assert_eq!((kept(first), kept(second)), (10, 20));
    }

    #[tokio::test]
    async fn a_batch_goes_another_way_when_the_connection_is_gone() {
        let (mut outbox, sender) = outbox();
        let batch = batch();
        let lose = async {
            outbox.next().await;
            outbox.close();
        };
        let ((), answer) = tokio::join!(lose, sender.by_stream(&batch));
        assert_eq!(answer, None, "it was under way");
        assert_eq!(sender.by_stream(&batch).await, None, "it is closed");
    }
}
