//! Reading a feed from a cursor on, waking connections, and forgetting old messages.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::Value;
use sqlx::postgres::PgListener;
use sqlx::{PgConnection, PgPool};
use tokio_util::sync::CancellationToken;
use wayfare_core::id::UserId;

use super::hub::Hub;
use super::queries;
use crate::platform::clock;
use crate::platform::failure::Failure;

/// Messages are kept for this long for those who are away.
const KEPT_FOR: TimeDelta = TimeDelta::days(7);
const TRIMMED_AT_ONCE: i64 = 1000;
const LISTEN_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Where a connection begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// After which message.
    pub cursor: i64,
    /// Whether everything after the cursor that was asked for is still there.
    pub complete: bool,
}

/// Where a connection that asks for everything after `wanted` begins; without a wish it is now.
pub async fn start(
    connection: &mut PgConnection,
    user: UserId,
    wanted: Option<i64>,
) -> Result<Start, Failure> {
    let feed = queries::find_feed(connection, user).await?;
    let (last, trimmed_to) = feed.map_or((0, 0), |feed| (feed.last_cursor, feed.trimmed_to));
    Ok(match wanted {
        None => Start {
            cursor: last,
            complete: true,
        },
        Some(wanted) if !is_there(wanted, trimmed_to, last) => Start {
            cursor: last,
            complete: false,
        },
        Some(wanted) => Start {
            cursor: wanted,
            complete: true,
        },
    })
}

/// Whether nothing that came after a cursor is missing. A cursor from the future belongs to a database
/// that was restored from a backup.
const fn is_there(cursor: i64, trimmed_to: i64, last: i64) -> bool {
    trimmed_to <= cursor && cursor <= last
}

/// A message as it is kept. It is passed on whether or not this program knows its kind: a newer one may
/// have written it.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptMessage {
    /// Where to resume after it.
    pub cursor: i64,
    /// The event.
    pub event: Value,
}

impl KeptMessage {
    /// The message as it is sent: a `StreamMessage`.
    pub fn into_sent(self) -> Value {
        let mut message = self.event;
        if let Some(fields) = message.as_object_mut() {
            fields.insert("cursor".to_owned(), self.cursor.into());
        }
        message
    }
}

/// What comes after a cursor.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedPart {
    /// The next messages, oldest first. Empty when there are no more, or when some are missing.
    pub messages: Vec<KeptMessage>,
    /// The newest cursor of the feed at that moment.
    pub last: i64,
    /// Nothing is missing between the cursor and the first of the messages.
    pub complete: bool,
}

/// The next messages after a cursor.
///
/// None is ever skipped, however late its transaction commits: the cursors of a person are given out
/// under a lock that is held until the commit, so no later one is visible before an earlier one.
pub async fn read_after(
    pool: &PgPool,
    user: UserId,
    cursor: i64,
    limit: i64,
) -> Result<FeedPart, Failure> {
    let rows = queries::read_feed_after(pool, user, cursor, limit).await?;
    let feed = rows.first().map(|row| (row.trimmed_to, row.last_cursor));
    let (trimmed_to, last) = feed.unwrap_or((0, 0));
    if !is_there(cursor, trimmed_to, last) {
        return Ok(FeedPart {
            messages: Vec::new(),
            last,
            complete: false,
        });
    }
    let messages = rows.into_iter().filter_map(|row| {
        let (cursor, event) = row.cursor.zip(row.payload)?;
        Some(KeptMessage { cursor, event })
    });
    Ok(FeedPart {
        messages: messages.collect(),
        last,
        complete: true,
    })
}

/// Passes PostgreSQL's notifications on to this process's connections until it is told to stop.
/// While the database cannot be reached it tries again, and afterwards everybody looks.
pub async fn forward_notifications(pool: PgPool, hub: Arc<Hub>, stop: CancellationToken) {
    let forward = async {
        loop {
            if let Err(error) = listen(&pool, &hub).await {
                tracing::warn!(%error, "feed notifications are interrupted");
            }
            tokio::time::sleep(LISTEN_AGAIN_AFTER).await;
        }
    };
    stop.run_until_cancelled(forward).await;
}

async fn listen(pool: &PgPool, hub: &Hub) -> sqlx::Result<()> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(queries::CHANNEL).await?;
    hub.wake_all();
    loop {
        match listener.try_recv().await? {
            Some(notification) => {
                if let Ok(user) = notification.payload().parse() {
                    hub.wake(UserId::from_uuid(user));
                }
            }
            None => hub.wake_all(),
        }
    }
}

/// Removes messages that nobody needs to catch up on any more. Answers how many feeds it touched.
pub async fn trim(pool: &PgPool) -> Result<usize, Failure> {
    let mut transaction = pool.begin().await?;
    let before = clock::now() - KEPT_FOR;
    let feeds = queries::trim_before(&mut transaction, before, TRIMMED_AT_ONCE).await?;
    transaction.commit().await?;
    Ok(feeds.len())
}
