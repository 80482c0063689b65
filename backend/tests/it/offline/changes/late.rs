//! The feed never skips a message whose transaction commits late.
//!
//! A reader moves its cursor over what it has seen. If a transaction takes a cursor, and another one
//! takes a later cursor and commits first, a reader that comes in between moves past the first
//! message before that is there, and never sees it. So the feed gives out the cursors of a person
//! under a lock that is held until the commit. Here transactions are forced to commit in the other
//! order if they can, readers look in between, and the same is done to a table that is numbered by a
//! sequence, as one would do it without thinking: there every late message is lost, so this test can
//! fail.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection, PgConnection, PgPool};
use wayfare_backend::realtime::Feed;
use wayfare_core::id::UserId;
use wayfare_core::wire::{ChangesPage, StreamEvent, StreamMessage};

use super::{asks, event};
use crate::actors::{Actor, alice, carol};
use crate::harness::{TestServer, wait_for};
use crate::listener::cursors;
use crate::people::get;

const ROUNDS: u128 = 8;
const WRITERS: u128 = 240;
const AT_ONCE: u32 = 30;

/// Where transactions leave messages and readers find them.
#[derive(Debug, Clone, Copy)]
enum Log {
    /// The person's feed.
    Feed(UserId),
    /// A table that is numbered by a sequence: wrong on purpose.
    Sequence,
}

impl Log {
    /// Leaves a message in a transaction that goes on afterwards.
    async fn append(self, connection: &mut PgConnection, number: u128) {
        match self {
            Self::Feed(to) => {
                let mut feed = Feed::default();
                feed.push(to, event(number));
                feed.write(connection).await.unwrap();
            }
            Self::Sequence => {
                sqlx::query("INSERT INTO scratch (number) VALUES ($1)")
                    .bind(i64::try_from(number).unwrap())
                    .execute(connection)
                    .await
                    .unwrap();
            }
        }
    }

    /// What is after a cursor, as a reader sees it now: cursors and numbers.
    async fn read(self, server: &TestServer, reader: &Actor, cursor: i64) -> Vec<(i64, u128)> {
        match self {
            Self::Feed(_) => {
                let page = asks(server, reader, &format!("cursor={cursor}")).await;
                assert!(page.complete);
                page.messages.iter().map(numbered).collect()
            }
            Self::Sequence => {
                let rows: Vec<(i64, i64)> = sqlx::query_as(
                    "SELECT cursor, number FROM scratch WHERE cursor > $1 ORDER BY cursor",
                )
                .bind(cursor)
                .fetch_all(&server.pool)
                .await
                .unwrap();
                let number = |number: i64| u128::try_from(number).unwrap();
                rows.into_iter().map(|(at, of)| (at, number(of))).collect()
            }
        }
    }
}

/// The cursor of a message and the number that it was made with.
fn numbered(message: &StreamMessage) -> (i64, u128) {
    let StreamEvent::OfferClosed { offer_id, .. } = message.event else {
        panic!("{message:?}")
    };
    (message.cursor.unwrap(), offer_id.uuid().as_u128())
}

async fn own_connection(server: &TestServer) -> PgConnection {
    let options = server.pool.connect_options().as_ref().clone();
    PgConnection::connect_with(&options).await.unwrap()
}

/// Whether a backend waits for a lock of another one.
async fn is_blocked(pool: &PgPool, backend: i32) -> bool {
    sqlx::query_scalar("SELECT cardinality(pg_blocking_pids($1)) > 0")
        .bind(backend)
        .fetch_one(pool)
        .await
        .unwrap()
}

/// In each round one transaction takes a cursor and stays open, a second one takes a cursor after it
/// and commits as soon as it can, a reader looks, and only then the first one commits. Answers what
/// the reader saw in all.
async fn read_while_the_first_commits_last(
    server: &TestServer,
    reader: &Actor,
    log: Log,
) -> Vec<(i64, u128)> {
    let mut seen: Vec<(i64, u128)> = Vec::new();
    let look = async |seen: &mut Vec<(i64, u128)>| {
        let cursor = seen.last().map_or(0, |last| last.0);
        seen.extend(log.read(server, reader, cursor).await);
    };
    for round in 0..ROUNDS {
        let mut early = own_connection(server).await;
        let mut late = own_connection(server).await;
        let backend: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
            .fetch_one(&mut late)
            .await
            .unwrap();
        let mut first = early.begin().await.unwrap();
        log.append(&mut first, 2 * round).await;
        let second = tokio::spawn(async move {
            let mut second = late.begin().await.unwrap();
            log.append(&mut second, 2 * round + 1).await;
            second.commit().await.unwrap();
        });
        // It is through, or it cannot be before the first one is.
        wait_for("the second transaction", || async {
            let settled = second.is_finished() || is_blocked(&server.pool, backend).await;
            settled.then_some(())
        })
        .await;
        look(&mut seen).await;
        first.commit().await.unwrap();
        second.await.unwrap();
        look(&mut seen).await;
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_commits_late_is_not_skipped() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let (mut listener, ..) = alice.listens(&server, None).await;
    let log = Log::Feed(alice.id());
    let seen = read_while_the_first_commits_last(&server, &alice, log).await;
    let all: Vec<(i64, u128)> = (1..).zip(0..2 * ROUNDS).collect();
    assert_eq!(seen, all, "each once, in the order of the cursors");
    let heard = listener.take(all.len()).await;
    assert_eq!(heard.iter().map(numbered).collect::<Vec<_>>(), all);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sequence_would_skip_every_message_that_commits_late() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    sqlx::query(
        "CREATE TABLE scratch (
             cursor bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
             number bigint NOT NULL
         )",
    )
    .execute(&server.pool)
    .await
    .unwrap();
    let seen = read_while_the_first_commits_last(&server, &alice, Log::Sequence).await;
    let seen: BTreeSet<u128> = seen.into_iter().map(|(_, number)| number).collect();
    let late: BTreeSet<u128> = (0..ROUNDS).map(|round| 2 * round).collect();
    assert!(
        seen.is_disjoint(&late),
        "the very thing that is proved above"
    );
    assert_eq!(seen.len(), late.len(), "the others are seen");
}

/// Writes to both feeds, takes its time, and then commits or does not.
async fn append(pool: &PgPool, to: [UserId; 2], number: u128) -> Option<u128> {
    let mut transaction = pool.begin().await.unwrap();
    let mut feed = Feed::default();
    for person in to {
        feed.push(person, event(number));
    }
    feed.write(&mut transaction).await.unwrap();
    sqlx::query("SELECT pg_sleep(random() * 0.006)")
        .execute(&mut *transaction)
        .await
        .unwrap();
    if number.is_multiple_of(7) {
        transaction.rollback().await.unwrap();
        return None;
    }
    transaction.commit().await.unwrap();
    Some(number)
}

/// Reads pages until the writers are done and nothing is left, and answers them all in a row.
async fn follow(
    server: Arc<TestServer>,
    reader: Arc<Actor>,
    query: &str,
    done: Arc<AtomicBool>,
) -> Vec<StreamMessage> {
    let mut all = Vec::new();
    let mut cursor = 0;
    loop {
        let done = done.load(Ordering::SeqCst);
        let path = format!("/v1/sync/changes?cursor={cursor}&{query}");
        let call = get(&server, &path).by(&reader.session);
        let page: ChangesPage = call.send().await.told(200);
        assert!(page.complete);
        cursor = page.cursor;
        let nothing = page.messages.is_empty();
        all.extend(page.messages);
        if nothing && done {
            return all;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_transactions_at_once_are_read_once_each_and_in_order_by_both_ways() {
    let server = Arc::new(TestServer::start().await);
    let (alice, carol) = (Arc::new(alice(&server).await), carol(&server).await);
    let (mut listener, ..) = alice.listens(&server, None).await;
    let done = Arc::new(AtomicBool::new(false));
    let readers = ["limit=7", "limit=200", "wait_s=1", "limit=3&wait_s=1"].map(|query| {
        let (server, reader) = (Arc::clone(&server), Arc::clone(&alice));
        tokio::spawn(follow(server, reader, query, Arc::clone(&done)))
    });
    let options = server.pool.connect_options().as_ref().clone();
    let pool = PgPoolOptions::new()
        .max_connections(AT_ONCE)
        .connect_with(options)
        .await
        .unwrap();
    let to = [alice.id(), carol.id()];
    let written = join_all((0..WRITERS).map(|number| append(&pool, to, number))).await;
    done.store(true, Ordering::SeqCst);

    let written: BTreeSet<u128> = written.into_iter().flatten().collect();
    let heard = listener.take(written.len()).await;
    let last = i64::try_from(written.len()).unwrap();
    assert_eq!(cursors(&heard), (1..=last).collect::<Vec<_>>());
    let numbers: BTreeSet<u128> = heard.iter().map(|message| numbered(message).1).collect();
    assert_eq!(
        numbers, written,
        "each of them once, and none of those undone"
    );
    for reader in readers {
        assert_eq!(reader.await.unwrap(), heard, "both ways say the same");
    }
}
