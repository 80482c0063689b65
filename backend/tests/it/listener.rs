//! Somebody who listens to their feed over the WebSocket.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use reqwest::header::AUTHORIZATION;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::Request;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use wayfare_core::wire::{StreamEvent, StreamMessage};

use crate::actors::Actor;
use crate::harness::TestServer;

/// Longer than the pause between two heartbeats of the server.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub(crate) struct Listener {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Actor {
    /// Listens from a cursor on, or from now on. Answers where the stream begins and whether it is
    /// complete from there.
    pub(crate) async fn listens(
        &self,
        server: &TestServer,
        cursor: Option<i64>,
    ) -> (Listener, i64, bool) {
        let path = match cursor {
            Some(cursor) => format!("/v1/stream?cursor={cursor}"),
            None => "/v1/stream".to_owned(),
        };
        let request = upgrade(server, &path, Some(&self.session.access_token));
        let (socket, _) = connect_async(request).await.unwrap();
        let mut listener = Listener { socket };
        let first = listener.next().await;
        let StreamEvent::Ready { complete } = first.event else {
            panic!("{first:?}")
        };
        (listener, first.cursor.unwrap(), complete)
    }
}

/// The request that asks for a WebSocket.
pub(crate) fn upgrade(server: &TestServer, path: &str, token: Option<&str>) -> Request<()> {
    let url = server.url(path).replacen("http", "ws", 1);
    let mut request = url.into_client_request().unwrap();
    if let Some(token) = token {
        let value = format!("Bearer {token}").parse().unwrap();
        request.headers_mut().insert(AUTHORIZATION, value);
    }
    request
}

/// Why the server did not want to be listened to: the status and the body.
pub(crate) async fn refused_upgrade(request: Request<()>) -> (u16, String) {
    match connect_async(request).await {
        Err(Error::Http(answer)) => {
            let body = answer.body().clone().unwrap_or_default();
            (answer.status().as_u16(), String::from_utf8(body).unwrap())
        }
        other => panic!("expected a refusal: {other:?}"),
    }
}

impl Listener {
    /// The next message; a test that waits too long for it fails.
    pub(crate) async fn next(&mut self) -> StreamMessage {
        serde_json::from_str(&self.next_text().await).unwrap()
    }

    pub(crate) async fn next_text(&mut self) -> String {
        let text = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => return text.to_string(),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    other => panic!("the stream ended: {other:?}"),
                }
            }
        };
        tokio::time::timeout(PATIENCE, text)
            .await
            .expect("no message came")
    }

    /// Sends a frame.
    pub(crate) async fn sends(&mut self, frame: impl Into<Message>) {
        self.socket.send(frame.into()).await.unwrap();
    }

    /// Why the server closed the connection; whatever it said before is passed over.
    pub(crate) async fn is_closed_for(&mut self) -> (u16, String) {
        let read = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Close(Some(frame)))) => {
                        return (frame.code.into(), frame.reason.to_string());
                    }
                    Some(Ok(_)) => {}
                    other => panic!("the connection broke: {other:?}"),
                }
            }
        };
        tokio::time::timeout(PATIENCE, read)
            .await
            .expect("the server does not say good-bye")
    }

    pub(crate) async fn take(&mut self, count: usize) -> Vec<StreamMessage> {
        let mut messages = Vec::with_capacity(count);
        for _ in 0..count {
            messages.push(self.next().await);
        }
        messages
    }

    /// Waits for a message that fits, and lets the others pass.
    pub(crate) async fn next_that(&mut self, fits: impl Fn(&StreamEvent) -> bool) -> StreamMessage {
        loop {
            let message = self.next().await;
            if fits(&message.event) {
                return message;
            }
        }
    }

    /// Everything until the server says good-bye, as it must.
    pub(crate) async fn take_until_closed(&mut self) -> Vec<StreamMessage> {
        let mut messages = Vec::new();
        let read = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => {
                        messages.push(serde_json::from_str(&text).unwrap());
                    }
                    Some(Ok(Message::Close(_))) => return,
                    Some(Ok(_)) => {}
                    other => panic!("the connection broke: {other:?}"),
                }
            }
        };
        tokio::time::timeout(PATIENCE, read)
            .await
            .expect("the server does not say good-bye");
        messages
    }
}

/// The cursors of these messages.
pub(crate) fn cursors(messages: &[StreamMessage]) -> Vec<i64> {
    messages
        .iter()
        .filter_map(|message| message.cursor)
        .collect()
}
