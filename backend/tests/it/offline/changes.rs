//! `/v1/sync/changes` and `/v1/sync/snapshot`: the feed in pages, at once or when there is something,
//! and the state at one moment.

mod late;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use wayfare_backend::realtime::Feed;
use wayfare_backend::realtime::service::trim;
use wayfare_core::id::{OfferId, UserId};
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{
    ChangesPage, ErrorCode, OfferOutcome, Session, Snapshot, StreamEvent, StreamMessage,
};

use crate::actors::{Actor, alice, bob, carol, north_of_pickup, ride_until};
use crate::harness::{TestServer, wait_for};
use crate::listener::cursors;
use crate::people::{delete, get, put};

async fn asks(server: &TestServer, person: &Actor, query: &str) -> ChangesPage {
    person
        .gets(server, &format!("/v1/sync/changes?{query}"))
        .await
        .told(200)
}

/// A request that waits, sent by nobody in particular so that it can be left alone.
fn waits(server: &TestServer, session: &Session, query: &str) -> tokio::task::JoinHandle<Answered> {
    let path = format!("/v1/sync/changes?{query}");
    let call = get(server, &path).by(session);
    tokio::spawn(async move {
        let answer = call.send().await;
        if answer.status == 200 {
            Ok(answer.told(200))
        } else {
            Err((answer.status, answer.body["code"].clone()))
        }
    })
}

type Answered = Result<ChangesPage, (u16, Value)>;

/// Waits until so many requests wait, by the server's own count.
async fn are_waiting(server: &TestServer, count: u32) {
    let line = format!("wayfare_changes_waiting {count}");
    wait_for(&line, || async {
        let metrics = server.http.get(server.url("/metrics")).send().await.ok()?;
        let text = metrics.text().await.ok()?;
        text.lines().any(|told| told == line).then_some(())
    })
    .await;
}

fn event(number: u128) -> StreamEvent {
    StreamEvent::OfferClosed {
        offer_id: OfferId::from_uuid(uuid::Uuid::from_u128(number)),
        outcome: OfferOutcome::Withdrawn,
    }
}

async fn tell(server: &TestServer, to: UserId, number: u128) {
    let mut transaction = server.pool.begin().await.unwrap();
    let mut feed = Feed::default();
    feed.push(to, event(number));
    feed.write(&mut transaction).await.unwrap();
    transaction.commit().await.unwrap();
}

fn said(message: &StreamMessage) -> String {
    match &message.event {
        StreamEvent::TripUpdated { trip } => format!("{} v{}", trip.status, trip.version),
        StreamEvent::OfferCreated { .. } => "offered".to_owned(),
        StreamEvent::OfferClosed { outcome, .. } => outcome.as_str().to_owned(),
        StreamEvent::TripKit { .. } => "kit".to_owned(),
        other => format!("{other:?}"),
    }
}

fn all_said(page: &ChangesPage) -> Vec<String> {
    page.messages.iter().map(said).collect()
}

#[tokio::test]
async fn of_the_states_of_a_trip_a_page_says_the_last_and_its_cursor_is_after_all() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    let other = alice.requests_trip(&server).await;
    // requested, assigned, arrived, in_progress, completed; and the other one.
    let whole = asks(&server, &alice, "cursor=0").await;
    assert_eq!(all_said(&whole), ["completed v5", "requested v1"]);
    assert_eq!(cursors(&whole.messages), [5, 6]);
    assert_eq!((whole.cursor, whole.complete, whole.more), (6, true, false));

    let first = asks(&server, &alice, "cursor=0&limit=3").await;
    assert_eq!(all_said(&first), ["arrived v3"]);
    assert_eq!((first.cursor, first.complete, first.more), (3, true, true));
    let second = asks(&server, &alice, "cursor=3&limit=3").await;
    assert_eq!(all_said(&second), ["completed v5", "requested v1"]);
    assert_eq!((second.cursor, second.more), (6, false));
    let end = asks(&server, &alice, "cursor=6").await;
    assert!(end.messages.is_empty() && end.complete && !end.more);
    assert_eq!(end.cursor, 6);
    alice.cancels(&server, other.id, "changed_mind").await;
    let now = asks(&server, &alice, "limit=3").await;
    assert!(
        now.messages.is_empty() && now.complete,
        "without a cursor: from now on"
    );
    assert_eq!(now.cursor, 7);
}

#[tokio::test]
async fn pages_and_the_stream_say_the_same() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    let mut paged = Vec::new();
    let mut cursor = 0;
    loop {
        // One message a page: then nothing is left out.
        let page = asks(&server, &bob, &format!("cursor={cursor}&limit=1")).await;
        cursor = page.cursor;
        paged.extend(page.messages);
        if !page.more {
            break;
        }
    }
    let (mut listener, ..) = bob.listens(&server, Some(0)).await;
    assert_eq!(listener.take(paged.len()).await, paged);
    assert_eq!(cursors(&paged), (1..=cursor).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_cursor_whose_messages_are_gone_or_that_is_from_the_future_is_told_so() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    for number in 1..=6 {
        tell(&server, alice.id(), number).await;
    }
    sqlx::query(
        "UPDATE realtime.messages SET created_at = now() - interval '8 days' WHERE cursor <= 3",
    )
    .execute(&server.pool)
    .await
    .unwrap();
    assert_eq!(trim(&server.pool).await.unwrap(), 1);
    for lost in [0, 2, -1, 7, i64::MAX, i64::MIN] {
        let page = asks(&server, &alice, &format!("cursor={lost}&wait_s=60")).await;
        assert!(!page.complete && page.messages.is_empty(), "cursor {lost}");
        assert_eq!((page.cursor, page.more), (6, false));
    }
    let page = asks(&server, &alice, "cursor=3").await;
    assert!(page.complete, "nothing after 3 is gone");
    assert_eq!(cursors(&page.messages), [4, 5, 6]);
}

#[tokio::test]
async fn who_has_everything_is_answered_when_there_is_something() {
    let server = TestServer::start().await;
    let (alice, carol) = (alice(&server).await, carol(&server).await);
    let poll = waits(&server, &alice.session, "cursor=0&wait_s=60");
    are_waiting(&server, 1).await;
    tell(&server, carol.id(), 1).await;
    tell(&server, alice.id(), 2).await;
    let page = poll.await.unwrap().unwrap();
    assert_eq!(page.messages.len(), 1);
    assert_eq!(page.messages[0].event, event(2));
    assert_eq!((page.cursor, page.complete, page.more), (1, true, false));
    are_waiting(&server, 0).await;
}

#[tokio::test]
async fn who_waits_in_vain_is_told_that_there_is_nothing() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    tell(&server, alice.id(), 1).await;
    for wait_s in [0, 1] {
        let page = asks(&server, &alice, &format!("cursor=1&wait_s={wait_s}")).await;
        assert!(page.messages.is_empty() && page.complete && !page.more);
        assert_eq!(page.cursor, 1);
    }
}

#[tokio::test]
async fn a_wait_may_be_longer_than_other_requests_may_take() {
    let server = TestServer::start_with(|config| config.server.request_timeout_s = 1).await;
    let alice = alice(&server).await;
    let page = asks(&server, &alice, "cursor=0&wait_s=2").await;
    assert!(page.messages.is_empty() && page.complete);
}

#[tokio::test]
async fn a_server_that_stops_lets_nobody_wait() {
    let mut server = TestServer::start().await;
    let alice = alice(&server).await;
    let poll = waits(&server, &alice.session, "cursor=0&wait_s=60");
    are_waiting(&server, 1).await;
    server.stop().await;
    let page = poll.await.unwrap().unwrap();
    assert!(page.messages.is_empty() && page.complete);
    assert_eq!(page.cursor, 0);
}

#[tokio::test]
async fn one_who_waits_too_often_ends_the_oldest_wait() {
    let server = TestServer::start().await;
    let (alice, carol) = (alice(&server).await, carol(&server).await);
    let other = waits(&server, &carol.session, "cursor=0&wait_s=60");
    are_waiting(&server, 1).await;
    let mut polls = Vec::new();
    for waiting in 2..=5 {
        polls.push(waits(&server, &alice.session, "cursor=0&wait_s=60"));
        are_waiting(&server, waiting).await;
    }
    polls.push(waits(&server, &alice.session, "cursor=0&wait_s=60"));
    let oldest = polls.remove(0).await.unwrap().unwrap();
    assert!(oldest.messages.is_empty() && oldest.complete);
    are_waiting(&server, 5).await;
    tell(&server, alice.id(), 1).await;
    for poll in polls {
        assert_eq!(poll.await.unwrap().unwrap().messages.len(), 1);
    }
    tell(&server, carol.id(), 2).await;
    assert_eq!(other.await.unwrap().unwrap().messages.len(), 1);
}

#[tokio::test]
async fn who_signs_out_while_waiting_is_told_nothing_any_more() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let poll = waits(&server, &alice.session, "cursor=0&wait_s=60");
    are_waiting(&server, 1).await;
    let sign_out = delete(&server, "/v1/auth/session").by(&alice.session);
    sign_out.send().await.done();
    tell(&server, alice.id(), 1).await;
    let refused = poll.await.unwrap().unwrap_err();
    assert_eq!(refused, (401, json!(ErrorCode::SessionEnded)));
}

#[tokio::test]
async fn a_kind_that_this_program_does_not_know_is_passed_on_as_it_is() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    tell(&server, alice.id(), 1).await;
    let invented = json!({ "kind": "invented_later", "what": { "nobody": ["knows", 1, null] } });
    sqlx::query("UPDATE realtime.messages SET payload = $1 WHERE user_id = $2")
        .bind(&invented)
        .bind(alice.id().uuid())
        .execute(&server.pool)
        .await
        .unwrap();
    let mut sent = invented;
    sent["cursor"] = json!(1);
    let page: Value = alice
        .gets(&server, "/v1/sync/changes?cursor=0")
        .await
        .told(200);
    assert_eq!(page["messages"], json!([sent]));
    let (mut listener, ..) = alice.listens(&server, Some(0)).await;
    let heard: Value = serde_json::from_str(&listener.next_text().await).unwrap();
    assert_eq!(heard, sent);
    let read: ChangesPage = serde_json::from_value(page).unwrap();
    assert_eq!(read.messages[0].event, StreamEvent::Unknown);
}

#[tokio::test]
async fn what_is_asked_wrongly_is_refused() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    for query in [
        "cursor=x",
        "cursor=1.5",
        "cursor=99999999999999999999",
        "limit=0",
        "limit=201",
        "limit=-1",
        "wait_s=61",
        "wait_s=-1",
        "wait_s=300",
    ] {
        alice
            .gets(&server, &format!("/v1/sync/changes?{query}"))
            .await
            .refused(400, ErrorCode::InvalidRequest);
    }
    for path in ["/v1/sync/changes", "/v1/sync/snapshot"] {
        let answer = get(&server, path).send().await;
        answer.refused(401, ErrorCode::Unauthenticated);
    }
}

async fn takes_snapshot(server: &TestServer, person: &Actor) -> Snapshot {
    person.gets(server, "/v1/sync/snapshot").await.told(200)
}

#[tokio::test]
async fn a_snapshot_says_what_a_person_has_to_do_with() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let nothing = takes_snapshot(&server, &alice).await;
    assert_eq!(nothing.cursor, 0);
    assert!(nothing.driver.is_none() && nothing.trips.is_empty() && nothing.offers.is_empty());

    let trip = ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    bob.takes_cash(&server, trip.id).await;
    let next = alice.requests_trip(&server).await;
    bob.is_at(&server, north_of_pickup(100.0)).await;
    let offer = bob.is_offered_trip(&server).await;
    let driver = takes_snapshot(&server, &bob).await;
    assert_eq!(driver.driver.unwrap().id, bob.id().into());
    assert_eq!(driver.trips, [bob.sees(&server, trip.id).await]);
    assert_eq!(driver.offers, [offer]);

    let rider = takes_snapshot(&server, &alice).await;
    let ids: Vec<_> = rider.trips.iter().map(|trip| trip.id).collect();
    assert_eq!(ids, [next.id, trip.id], "the newest first");
    assert!(rider.kits.is_empty() && rider.offers.is_empty());
    let after = asks(&server, &alice, &format!("cursor={}", rider.cursor)).await;
    assert!(after.messages.is_empty() && after.complete);
    alice.cancels(&server, next.id, "changed_mind").await;
    let after = asks(&server, &alice, &format!("cursor={}", rider.cursor)).await;
    assert_eq!(all_said(&after), ["cancelled v2"]);
}

#[tokio::test]
async fn a_driver_has_the_kits_of_trips_that_are_not_over_or_not_paid() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    assert!(takes_snapshot(&server, &bob).await.kits.is_empty());
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    let kits = async || takes_snapshot(&server, &bob).await.kits;
    let [kit] = &kits().await[..] else { panic!() };
    assert_eq!(kit.shown, bob.sees(&server, trip.id).await);
    assert_eq!((kit.trip.version, kit.trip.request.pin), (2, None));
    assert!(takes_snapshot(&server, &alice).await.kits.is_empty());

    bob.arrives(&server, trip.id).await;
    bob.starts(&server, &trip).await;
    bob.completes(&server, trip.id).await;
    let [kit] = &kits().await[..] else { panic!() };
    assert_eq!(kit.shown.status, TripStatus::Completed);
    bob.takes_cash(&server, trip.id).await;
    assert!(kits().await.is_empty(), "there is nothing left to do");
}

#[tokio::test]
async fn of_the_kits_of_a_trip_a_page_has_the_last() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    let path = format!("/v1/trips/{}/stops", trip.id);
    for to_m in [2000.0, 2500.0] {
        let stops = json!({ "waypoints": [], "dropoff": north_of_pickup(to_m) });
        let answer = put(&server, &path).by(&alice.session).json(stops).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    let page = asks(&server, &bob, "cursor=0").await;
    let kits: Vec<u32> = page
        .messages
        .iter()
        .filter_map(|message| match &message.event {
            StreamEvent::TripKit { kit } => Some(kit.trip.version),
            _ => None,
        })
        .collect();
    assert_eq!(kits, [4]);
    let states = page.messages.iter().map(said);
    assert_eq!(states.filter(|state| state.contains(" v")).count(), 1);
}

/// What a trip told its rider until now, in messages.
fn told_of(status: TripStatus) -> i64 {
    match status {
        TripStatus::Requested => 1,
        TripStatus::Cancelled => 2,
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cursor_of_a_snapshot_is_of_the_moment_of_its_content() {
    let server = Arc::new(TestServer::start().await);
    let alice = Arc::new(alice(&server).await);
    let (writes_at, writer) = (Arc::clone(&server), Arc::clone(&alice));
    let writing = tokio::spawn(async move {
        for _ in 0..15 {
            let trip = writer.requests_trip(&writes_at).await;
            writer.cancels(&writes_at, trip.id, "changed_mind").await;
        }
    });
    let mut last = 0;
    while last < 30 {
        let snapshot = takes_snapshot(&server, &alice).await;
        let told: i64 = snapshot.trips.iter().map(|trip| told_of(trip.status)).sum();
        assert_eq!(
            told, snapshot.cursor,
            "content and cursor are of one moment"
        );
        assert!(snapshot.cursor >= last);
        last = snapshot.cursor;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    writing.await.unwrap();
}
