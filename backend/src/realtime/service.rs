//! Reading a feed from a cursor on, waking connections, and forgetting old messages.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tokio_util::sync::CancellationToken;
use wayfare_core::id::UserId;
use wayfare_core::wire::{StreamEvent, StreamMessage};

use super::hub::Hub;
use super::queries;
use crate::platform::clock;
use crate::platform::failure::Failure;

/// Messages are kept for this long for those who are away.
const KEPT_FOR: TimeDelta = TimeDelta::days(7);
const TRIMMED_AT_ONCE: i64 = 1000;
const READ_AT_ONCE: i64 = 100;
const LISTEN_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Where a connection begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) cursor: i64,
    /// Whether everything after the cursor that was asked for is still there.
    pub(super) complete: bool,
}

/// Where a connection that asks for everything after `wanted` begins; without a wish it is now.
pub(super) async fn start(
    pool: &PgPool,
    user: UserId,
    wanted: Option<i64>,
) -> Result<Start, Failure> {
    let feed = queries::find_feed(pool, user).await?;
    let (last, trimmed_to) = feed.map_or((0, 0), |feed| (feed.last_cursor, feed.trimmed_to));
    Ok(match wanted {
        None => Start {
            cursor: last,
            complete: true,
        },
        // A cursor from the future belongs to a database that was restored from a backup.
        Some(wanted) if wanted > last || wanted < trimmed_to => Start {
            cursor: last,
            complete: false,
        },
        Some(wanted) => Start {
            cursor: wanted,
            complete: true,
        },
    })
}

/// The next messages after a cursor, oldest first. Empty when there are no more.
pub(super) async fn read(
    pool: &PgPool,
    user: UserId,
    cursor: i64,
) -> Result<Vec<StreamMessage>, Failure> {
    let rows = queries::list_messages_after(pool, user, cursor, READ_AT_ONCE).await?;
    let parse = |row: queries::MessageRow| {
        let event: StreamEvent = serde_json::from_value(row.payload)
            .map_err(|error| Failure::broken("reading a message", error))?;
        Ok(StreamMessage {
            cursor: Some(row.cursor),
            event,
        })
    };
    rows.into_iter().map(parse).collect()
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
