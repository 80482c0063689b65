//! One person's feed while many transactions write to it.

use futures_util::future::join_all;
use sqlx::postgres::PgPoolOptions;
use wayfare_backend::realtime::Feed;
use wayfare_core::id::{OfferId, UserId};
use wayfare_core::wire::{OfferOutcome, StreamEvent};

use crate::actors::{alice, bob};
use crate::harness::TestServer;
use crate::listener::cursors;

const WRITERS: u128 = 200;
const AT_ONCE: u32 = 40;

fn event(number: u128) -> StreamEvent {
    let offer_id = OfferId::from_uuid(uuid::Uuid::from_u128(number));
    StreamEvent::OfferClosed {
        offer_id,
        outcome: OfferOutcome::Withdrawn,
    }
}

async fn pool(server: &TestServer) -> sqlx::PgPool {
    let options = server.pool.connect_options().as_ref().clone();
    PgPoolOptions::new()
        .max_connections(AT_ONCE)
        .connect_with(options)
        .await
        .unwrap()
}

/// Writes a message in a transaction of its own, and takes its time to commit.
async fn append(pool: &sqlx::PgPool, to: UserId, number: u128) {
    let mut transaction = pool.begin().await.unwrap();
    let mut feed = Feed::default();
    feed.push(to, event(number));
    feed.write(&mut transaction).await.unwrap();
    sqlx::query("SELECT pg_sleep(random() * 0.004)")
        .execute(&mut *transaction)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn cursors_of_a_feed_have_no_gaps_and_appear_in_their_order() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let (mut listener, ..) = alice.listens(&server, None).await;
    let (pool, to) = (pool(&server).await, alice.id());
    let writing = tokio::spawn({
        let pool = pool.clone();
        async move { join_all((0..WRITERS).map(|number| append(&pool, to, number))).await }
    });

    let mut looks = 0;
    loop {
        let all_written = writing.is_finished();
        let seen: Vec<i64> = sqlx::query_scalar(
            "SELECT cursor FROM realtime.messages WHERE user_id = $1 ORDER BY cursor",
        )
        .bind(to.uuid())
        .fetch_all(&server.pool)
        .await
        .unwrap();
        let last = i64::try_from(seen.len()).unwrap();
        assert_eq!(
            seen,
            (1..=last).collect::<Vec<_>>(),
            "a later one before an earlier one"
        );
        looks += 1;
        if last == 200 {
            break;
        }
        assert!(!all_written, "only {last} messages");
    }
    writing.await.unwrap();
    assert!(looks > 3, "looked {looks} times while they wrote");

    let heard = listener.take(200).await;
    assert_eq!(cursors(&heard), (1..=200).collect::<Vec<_>>());
    let mut numbers: Vec<String> = heard
        .iter()
        .map(|message| format!("{:?}", message.event))
        .collect();
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 200, "each of them once");
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_that_tell_two_people_in_opposite_order_do_not_block_each_other() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await.id(), bob(&server).await.id());
    let pool = pool(&server).await;
    let tell = |number: u128| {
        let pool = pool.clone();
        async move {
            let mut transaction = pool.begin().await.unwrap();
            let mut feed = Feed::default();
            let pair = if number.is_multiple_of(2) {
                [alice, bob]
            } else {
                [bob, alice]
            };
            for person in pair {
                feed.push(person, event(number));
            }
            feed.write(&mut transaction).await.unwrap();
            transaction.commit().await.unwrap();
        }
    };
    join_all((0..100).map(tell)).await;
    let last: Vec<i64> = sqlx::query_scalar("SELECT last_cursor FROM realtime.feeds")
        .fetch_all(&server.pool)
        .await
        .unwrap();
    assert_eq!(last, [100, 100]);
}

#[tokio::test]
async fn a_message_whose_transaction_is_undone_was_never_there() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let (mut listener, ..) = alice.listens(&server, None).await;
    let mut transaction = server.pool.begin().await.unwrap();
    let mut feed = Feed::default();
    feed.push(alice.id(), event(1));
    feed.write(&mut transaction).await.unwrap();
    transaction.rollback().await.unwrap();
    append(&server.pool, alice.id(), 2).await;
    let first = listener.next().await;
    assert_eq!((first.cursor, first.event), (Some(1), event(2)));
}
