//! Hearing of news without asking: the live stream.

use std::future::pending;

use crate::client::{Stream, StreamUpdate};
use crate::wire::StreamEvent;

/// What a listener has to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// From now on it says when there is news.
    Connected,
    /// There is something new.
    News,
    /// It is not connected any more. It connects again by itself.
    Lost,
    /// The session is over.
    SignedOut,
}

/// Says when there is something new at the server.
pub trait Listener: Send {
    /// The next word. The future may be dropped at any time; no word is lost by that.
    fn next(&mut self) -> impl Future<Output = Word> + Send;
}

/// There is no other way: a call waits for changes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

impl Listener for Nobody {
    async fn next(&mut self) -> Word {
        pending().await
    }
}

/// The stream only says that there is something; what it is comes with the changes, in order and
/// without gaps.
impl Listener for Stream {
    async fn next(&mut self) -> Word {
        loop {
            match Self::next(self).await {
                Ok(StreamUpdate::Connected { .. }) => return Word::Connected,
                Ok(StreamUpdate::Disconnected { .. }) => return Word::Lost,
                Ok(StreamUpdate::Event(event)) if is_kept(&event) => return Word::News,
                Ok(StreamUpdate::Event(_)) => {}
                Err(_) => return Word::SignedOut,
            }
        }
    }
}

/// Whether an event is in the feed as well.
const fn is_kept(event: &StreamEvent) -> bool {
    !matches!(
        event,
        StreamEvent::Ready { .. }
            | StreamEvent::DriverMoved { .. }
            | StreamEvent::DriverSilent { .. }
            | StreamEvent::LocationsKept { .. }
            | StreamEvent::LocationsRefused { .. }
    )
}
