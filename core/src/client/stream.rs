//! The live feed of the signed-in person: a WebSocket that comes back by itself, and that carries
//! positions the other way.
//!
//! The stream remembers the cursor of the last message, and asks for everything after it when it
//! connects again. So a dropped socket or a restarted server loses nothing. Only the end of the
//! session ends it.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Request};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::error::ClientError;
use super::sender::{LocationSender, Outbox, Way};
use super::transport::Client;
use crate::wire::{StreamEvent, StreamMessage};

/// The server says something at least every 20 s; a connection silent for longer than this is dead.
const SILENCE_MAX: Duration = Duration::from_secs(50);
const CONNECT_MAX: Duration = Duration::from_secs(10);
const PAUSE_FIRST: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(10);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What the stream has to say.
#[derive(Debug, Clone, PartialEq)]
pub enum StreamUpdate {
    /// The connection stands. If not `complete`, messages were missed that the server no longer
    /// has: read trips and offers anew.
    Connected {
        /// Whether everything since the last message will come.
        complete: bool,
    },
    /// The connection was lost. The stream connects again by itself.
    Disconnected {
        /// Why, in words.
        reason: String,
    },
    /// Something happened.
    Event(StreamEvent),
}

/// The live feed of the signed-in person.
#[derive(Debug)]
pub struct Stream {
    client: Client,
    cursor: Option<i64>,
    socket: Option<Box<Socket>>,
    failures: u32,
    outbox: Outbox,
}

impl Client {
    /// Listens to everything after `cursor`, or to everything from now on.
    pub fn stream(&self, cursor: Option<i64>) -> Stream {
        Stream {
            client: self.clone(),
            cursor,
            socket: None,
            failures: 0,
            outbox: Outbox::new(),
        }
    }
}

impl Stream {
    /// Where the stream stands: what to resume from after a restart of the program.
    pub const fn cursor(&self) -> Option<i64> {
        self.cursor
    }

    /// Sends positions over this stream's connection while there is one and somebody waits for its
    /// updates, and by request otherwise.
    pub fn location_sender(&self) -> LocationSender {
        self.outbox.sender(self.client.clone())
    }

    /// Waits for the next update. Fails only when the person has to sign in again.
    ///
    /// The future may be dropped at any time; nothing is lost.
    pub async fn next(&mut self) -> Result<StreamUpdate, ClientError> {
        loop {
            if self.socket.is_none() {
                if let Some(update) = self.connect().await? {
                    return Ok(update);
                }
                continue;
            }
            match self.receive().await {
                Ok(Some(update)) => return Ok(update),
                Ok(None) => {}
                Err(reason) => {
                    self.socket = None;
                    self.outbox.close();
                    self.failures = self.failures.saturating_add(1);
                    return Ok(StreamUpdate::Disconnected { reason });
                }
            }
        }
    }

    /// One attempt to connect, after a pause if the one before failed.
    async fn connect(&mut self) -> Result<Option<StreamUpdate>, ClientError> {
        if self.failures > 0 {
            let doublings = self.failures.saturating_sub(1).min(16);
            tokio::time::sleep(PAUSE_FIRST.saturating_mul(1 << doublings).min(PAUSE_MAX)).await;
        }
        let token = match self.client.access_token().await {
            Ok(token) => token,
            Err(error) if error.is_transient() => return Ok(Some(self.failed(&error))),
            Err(error) => return Err(error),
        };
        let request = self.request(&token)?;
        match tokio::time::timeout(CONNECT_MAX, connect_async(request)).await {
            Ok(Ok((socket, _))) => {
                self.socket = Some(Box::new(socket));
                self.outbox.open();
                Ok(None)
            }
            Ok(Err(tungstenite::Error::Http(answer))) if answer.status().as_u16() == 401 => {
                self.renew_access().await
            }
            Ok(Err(error)) => Ok(Some(self.failed(&error))),
            Err(elapsed) => Ok(Some(self.failed(&elapsed))),
        }
    }

    /// The server did not take the token. A call that needs one refreshes it, or says that the
    /// session is over.
    async fn renew_access(&mut self) -> Result<Option<StreamUpdate>, ClientError> {
        match self.client.me().await {
            Ok(_) => Ok(Some(self.failed(&"the token had to be renewed"))),
            Err(error) if error.is_transient() => Ok(Some(self.failed(&error))),
            Err(error) => Err(error),
        }
    }

    fn failed(&mut self, reason: &impl ToString) -> StreamUpdate {
        self.failures = self.failures.saturating_add(1);
        StreamUpdate::Disconnected {
            reason: reason.to_string(),
        }
    }

    fn request(&self, token: &str) -> Result<Request<()>, ClientError> {
        let wrong = |reason: String| ClientError::Address { reason };
        let mut url = self.client.address("/v1/stream")?;
        let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
        url.set_scheme(scheme)
            .map_err(|()| wrong("it has no WebSocket form".to_owned()))?;
        if let Some(cursor) = self.cursor {
            url.query_pairs_mut()
                .append_pair("cursor", &cursor.to_string());
        }
        let mut request = url
            .as_str()
            .into_client_request()
            .map_err(|error| wrong(error.to_string()))?;
        let token = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|error| wrong(error.to_string()))?;
        request.headers_mut().insert("Authorization", token);
        Ok(request)
    }

    /// The next frame. `None` for frames that carry nothing; an error ends the connection.
    async fn receive(&mut self) -> Result<Option<StreamUpdate>, String> {
        let socket = self.socket.as_mut().ok_or("not connected")?;
        let frame = tokio::select! {
            frame = tokio::time::timeout(SILENCE_MAX, socket.next()) => frame
                .map_err(|_| "the server fell silent".to_owned())?
                .ok_or("the server closed the connection")?
                .map_err(|error| error.to_string())?,
            text = self.outbox.next() => {
                socket
                    .send(Message::Text(text.into()))
                    .await
                    .map_err(|error| error.to_string())?;
                return Ok(None);
            }
        };
        let text = match frame {
            Message::Text(text) => text,
            Message::Close(_) => return Err("the server closed the connection".to_owned()),
            _ => return Ok(None),
        };
        let message: StreamMessage =
            serde_json::from_str(&text).map_err(|error| format!("unreadable message: {error}"))?;
        if message.cursor.is_some() {
            self.cursor = message.cursor;
        }
        self.failures = 0;
        if self.outbox.answer(&message.event) == Way::Answered {
            return Ok(None);
        }
        Ok(Some(match message.event {
            StreamEvent::Ready { complete } => StreamUpdate::Connected { complete },
            event => StreamUpdate::Event(event),
        }))
    }
}
