//! Pages of a person's feed, at once or when there is something.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use wayfare_core::wire::ErrorCode;

use super::newest::newest_only;
use super::waiting::Waiting;
use crate::app::App;
use crate::identity;
use crate::platform::clock;
use crate::platform::failure::Failure;
use crate::platform::http::Principal;
use crate::realtime::Signal;
use crate::realtime::service::{self as feeds, KeptMessage};

/// What somebody wants to know.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// After which message; `None`: from now on.
    pub(super) cursor: Option<i64>,
    /// So many messages are read at most.
    pub(super) limit: u16,
    /// How long to wait if there is nothing.
    pub(super) wait: Duration,
}

/// What is new: what goes out as a `ChangesPage`.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) messages: Vec<Value>,
    pub(super) cursor: i64,
    pub(super) complete: bool,
    pub(super) more: bool,
    pub(super) server_time: DateTime<Utc>,
}

/// The next page. With nothing to tell, it waits until there is something, the time is over, the
/// person waits in too many other places, or the server stops.
pub(super) async fn next_page(
    app: &App,
    waiting: &Waiting,
    who: Principal,
    wanted: Wanted,
) -> Result<Page, Failure> {
    // Before the first look: what happens after it wakes.
    let mut signals = app.hub.listen(who.user);
    let cursor = match wanted.cursor {
        Some(cursor) => cursor,
        None => newest(app, who).await?,
    };
    let first = read(app, who, cursor, wanted.limit).await?;
    if wanted.wait.is_zero() || !is_empty(&first) || app.stop.is_cancelled() {
        return Ok(first);
    }
    let place = waiting.begin(who.user);
    let _counted = Counted::begin();
    let happens = async {
        loop {
            look_again(&mut signals).await;
            match read(app, who, cursor, wanted.limit).await {
                Ok(page) if is_empty(&page) => {}
                other => return other,
            }
        }
    };
    let found = tokio::select! {
        found = happens => found?,
        () = tokio::time::sleep(wanted.wait) => first,
        () = place.lost() => first,
        () = app.stop.cancelled() => return Ok(first),
    };
    // A minute is long enough to sign out in.
    if identity::service::is_session_open(app, who.session).await? {
        Ok(found)
    } else {
        let detail = "this session was ended; sign in again";
        Err(Failure::refused(ErrorCode::SessionEnded, detail))
    }
}

/// Counts those that wait, however that ends.
struct Counted(metrics::Gauge);

impl Counted {
    fn begin() -> Self {
        let gauge = metrics::gauge!("wayfare_changes_waiting");
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

const fn is_empty(page: &Page) -> bool {
    page.complete && page.messages.is_empty()
}

/// Comes back when the feed may have grown.
async fn look_again(signals: &mut Receiver<Signal>) {
    loop {
        match signals.recv().await {
            Ok(Signal::Pass(_)) => {}
            Ok(Signal::Look) | Err(RecvError::Lagged(_)) => return,
            // Only when the server ends, which is told otherwise.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// Where somebody begins who wants to hear only what is new.
async fn newest(app: &App, who: Principal) -> Result<i64, Failure> {
    let mut connection = app.pool.acquire().await?;
    let now = feeds::start(&mut connection, who.user, None).await?;
    Ok(now.cursor)
}

async fn read(app: &App, who: Principal, cursor: i64, limit: u16) -> Result<Page, Failure> {
    let part = feeds::read_after(&app.pool, who.user, cursor, limit.into()).await?;
    if !part.complete {
        return Ok(page(Vec::new(), part.last, false, part.last));
    }
    let cursor = part.messages.last().map_or(cursor, |last| last.cursor);
    Ok(page(part.messages, cursor, true, part.last))
}

fn page(messages: Vec<KeptMessage>, cursor: i64, complete: bool, last: i64) -> Page {
    let messages = newest_only(messages).into_iter();
    Page {
        messages: messages.map(KeptMessage::into_sent).collect(),
        cursor,
        complete,
        more: cursor < last,
        server_time: clock::now(),
    }
}
