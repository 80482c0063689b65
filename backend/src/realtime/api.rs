//! `GET /v1/stream`: the WebSocket that carries a person's feed, and drivers' positions the other way.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use poem::web::websocket::{CloseCode, Message, WebSocket, WebSocketConfig, WebSocketStream};
use poem::web::{Data, Query};
use poem::{IntoResponse, Response, handler};
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;
use wayfare_core::id::{SessionId, UserId};
use wayfare_core::wire::{StreamEvent, StreamMessage};

use super::hub::Signal;
use super::incoming::{FRAME_MAX_BYTES, Flooded, Incoming};
use super::service;
use crate::app::App;
use crate::identity;
use crate::platform::failure::Failure;
use crate::platform::http::Identified;
use crate::platform::limits::Limits;

/// How often the server says that it is there.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// So many messages are read from the feed at once.
const READ_AT_ONCE: i64 = 100;
/// A client that does not take a message for this long is gone.
const SEND_MAX: Duration = Duration::from_secs(10);
/// How long a client may take to close its side when the server stops.
const FAREWELL_MAX: Duration = Duration::from_secs(2);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StreamQuery {
    cursor: Option<i64>,
}

/// Upgrades to a WebSocket that sends everything after the cursor, and then whatever happens.
#[handler]
pub(crate) async fn stream(
    Query(query): Query<StreamQuery>,
    app: Data<&Arc<App>>,
    limits: Data<&Arc<Limits>>,
    identified: Option<Data<&Identified>>,
    socket: poem::Result<WebSocket>,
) -> poem::Result<Response> {
    let principal = Identified::principal(identified.map(|data| data.0))?;
    let socket = socket?;
    let user = principal.user;
    let app = Arc::clone(&app);
    let limits = Arc::clone(&limits);
    let mut connection = app.pool.acquire().await.map_err(Failure::from)?;
    let start = service::start(&mut connection, user, query.cursor).await?;
    drop(connection);
    let serve = move |socket| async move {
        let stop = app.stop.clone();
        let incoming = Incoming::new(Arc::clone(&app), limits, user);
        let mut connection = Connection {
            app,
            user,
            session: principal.session,
            cursor: start.cursor,
            socket,
        };
        if connection
            .serve(start.complete, incoming, &stop)
            .await
            .is_err()
        {
            tracing::debug!("a stream ended");
        }
    };
    let frames = WebSocketConfig::default().max_message_size(Some(FRAME_MAX_BYTES));
    Ok(socket.config(frames).on_upgrade(serve).into_response())
}

/// The connection is of no use any more. The client comes back by itself.
#[derive(Debug)]
struct Gone;

/// Counts the open connections, however they end.
struct OpenStream(metrics::Gauge);

impl OpenStream {
    fn count() -> Self {
        let gauge = metrics::gauge!("wayfare_streams_open");
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

struct Connection {
    app: Arc<App>,
    user: UserId,
    session: SessionId,
    cursor: i64,
    socket: WebSocketStream,
}

impl Connection {
    async fn serve(
        &mut self,
        complete: bool,
        mut incoming: Incoming,
        stop: &CancellationToken,
    ) -> Result<(), Gone> {
        let _open = OpenStream::count();
        let mut signals = self.app.hub.listen(self.user);
        let ready = StreamEvent::Ready { complete };
        self.send(&StreamMessage {
            cursor: Some(self.cursor),
            event: ready,
        })
        .await?;
        self.catch_up().await?;
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        loop {
            tokio::select! {
                () = stop.cancelled() => {
                    return self.close(CloseCode::Away, "the server is stopping").await;
                }
                _ = heartbeat.tick() => self.beat().await?,
                frame = self.socket.next(), if incoming.has_room() => {
                    self.read(frame.and_then(Result::ok).ok_or(Gone)?, &mut incoming).await?;
                }
                event = incoming.next_answer() => {
                    self.send(&StreamMessage { cursor: None, event }).await?;
                }
                signal = signals.recv() => match signal {
                    Ok(Signal::Pass(event)) => {
                        self.send(&StreamMessage { cursor: None, event }).await?;
                    }
                    Ok(Signal::Look) | Err(RecvError::Lagged(_)) => self.catch_up().await?,
                    Err(RecvError::Closed) => return Err(Gone),
                },
            }
        }
    }

    async fn read(&mut self, frame: Message, incoming: &mut Incoming) -> Result<(), Gone> {
        let taken = match &frame {
            Message::Text(text) => incoming.take(text.as_bytes()),
            Message::Binary(bytes) => incoming.take(bytes),
            // Answered by the library.
            Message::Ping(_) | Message::Pong(_) => Ok(()),
            Message::Close(_) => return Err(Gone),
        };
        if taken == Err(Flooded) {
            metrics::counter!("wayfare_streams_flooded_total").increment(1);
            self.close(CloseCode::Policy, "too many frames").await?;
            return Err(Gone);
        }
        Ok(())
    }

    /// Says that the server is there, as long as the session is.
    async fn beat(&mut self) -> Result<(), Gone> {
        let open = identity::service::is_session_open(&self.app, self.session).await;
        match open {
            Ok(false) => {
                self.close(CloseCode::Away, "the session was ended").await?;
                Err(Gone)
            }
            // A database that does not answer now ends nobody's session.
            Ok(true) | Err(_) => self.put(Message::Ping(Vec::new())).await,
        }
    }

    /// Sends all messages after the cursor.
    async fn catch_up(&mut self) -> Result<(), Gone> {
        loop {
            let (pool, user) = (&self.app.pool, self.user);
            let part = service::read_after(pool, user, self.cursor, READ_AT_ONCE).await;
            if self.app.stop.is_cancelled() {
                // The database may be gone already. What was not sent comes when the client resumes.
                return Ok(());
            }
            let part = part
                .inspect_err(|error| tracing::warn!(%error, "a feed cannot be read"))
                .map_err(|_| Gone)?;
            if !part.complete {
                // Who comes back is told that something is missing.
                return Err(Gone);
            }
            if part.messages.is_empty() {
                return Ok(());
            }
            for message in part.messages {
                let cursor = message.cursor;
                self.put(Message::Text(message.into_sent().to_string()))
                    .await?;
                self.cursor = cursor;
            }
        }
    }

    async fn send(&mut self, message: &StreamMessage) -> Result<(), Gone> {
        let text = serde_json::to_string(message).map_err(|_| Gone)?;
        self.put(Message::Text(text)).await
    }

    async fn put(&mut self, message: Message) -> Result<(), Gone> {
        match tokio::time::timeout(SEND_MAX, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }

    async fn close(&mut self, code: CloseCode, reason: &str) -> Result<(), Gone> {
        let reason = reason.to_owned();
        self.put(Message::Close(Some((code, reason)))).await?;
        // Until the client took it: a connection that is dropped sooner looks broken to the client.
        let taken = async { while let Some(Ok(_)) = self.socket.next().await {} };
        tokio::time::timeout(FAREWELL_MAX, taken)
            .await
            .map_err(|_| Gone)
    }
}
