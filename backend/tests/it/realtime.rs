//! `/v1/stream`: who is told what, in which order, and that nothing gets lost.

mod feed;
mod positions;
mod sending;

use serde_json::{Value, json};
use wayfare_backend::realtime::service::trim;
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{ErrorCode, OfferOutcome, StreamEvent, StreamMessage};

use crate::actors::{Actor, alice, bob, carol, north_of_pickup, ride_until};
use crate::harness::TestServer;
use crate::listener::{cursors, refused_upgrade, upgrade};
use crate::people::delete;

/// A message in a word.
fn said(message: &StreamMessage) -> String {
    match &message.event {
        StreamEvent::TripUpdated { trip } => {
            let paid = trip.payment.as_ref().map(|payment| json!(payment.status));
            let paid = paid.map(|status| format!(" {}", status.as_str().unwrap()));
            format!(
                "{} v{}{}",
                trip.status,
                trip.version,
                paid.unwrap_or_default()
            )
        }
        StreamEvent::OfferCreated { .. } => "offered".to_owned(),
        StreamEvent::TripKit { .. } => "kit".to_owned(),
        StreamEvent::OfferClosed { outcome, .. } => outcome.as_str().to_owned(),
        other => format!("{other:?}"),
    }
}

fn all_said(messages: &[StreamMessage]) -> Vec<String> {
    messages.iter().map(said).collect()
}

const RIDER_HEARS: [&str; 6] = [
    "requested v1",
    "assigned v2",
    "arrived v3",
    "in_progress v4",
    "completed v5 due",
    "completed v5 paid",
];

const DRIVER_HEARS: [&str; 8] = [
    "offered",
    "assigned v2",
    "kit",
    "accepted",
    "arrived v3",
    "in_progress v4",
    "completed v5 due",
    "completed v5 paid",
];

#[tokio::test]
async fn both_sides_hear_of_the_ride_in_its_order() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let (mut rider, start, complete) = alice.listens(&server, None).await;
    assert_eq!((start, complete), (0, true));
    let (mut driver, ..) = bob.listens(&server, None).await;
    let trip = ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    bob.takes_cash(&server, trip.id).await;

    let heard = rider.take(RIDER_HEARS.len()).await;
    assert_eq!(all_said(&heard), RIDER_HEARS);
    assert_eq!(cursors(&heard), [1, 2, 3, 4, 5, 6]);
    let heard = driver.take(DRIVER_HEARS.len()).await;
    assert_eq!(all_said(&heard), DRIVER_HEARS);
    assert_eq!(cursors(&heard), [1, 2, 3, 4, 5, 6, 7, 8]);
    let StreamEvent::OfferClosed { outcome, .. } = heard[3].event else {
        panic!()
    };
    assert_eq!(outcome, OfferOutcome::Accepted);
}

#[tokio::test]
async fn whoever_comes_back_with_a_cursor_hears_exactly_what_they_missed() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let (mut listener, ..) = alice.listens(&server, None).await;
    let trip = ride_until(&server, &alice, &bob, TripStatus::Arrived).await;
    let heard = listener.take(2).await;
    drop(listener);
    bob.starts(&server, &trip).await;
    bob.completes(&server, trip.id).await;

    let cursor = heard[1].cursor.unwrap();
    for _ in 0..2 {
        let (mut again, start, complete) = alice.listens(&server, Some(cursor)).await;
        assert_eq!((start, complete), (cursor, true));
        let missed = again.take(3).await;
        assert_eq!(all_said(&missed), RIDER_HEARS[2..5]);
        assert_eq!(cursors(&missed), [3, 4, 5]);
    }
    let (mut whole, ..) = alice.listens(&server, Some(0)).await;
    assert_eq!(all_said(&whole.take(5).await), RIDER_HEARS[..5]);
}

#[tokio::test]
async fn a_restart_of_the_server_says_good_bye_and_loses_nothing() {
    let mut server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Arrived).await;
    let (mut listener, start, _) = alice.listens(&server, None).await;
    bob.starts(&server, &trip).await;
    server.restart().await;
    // The last message may have been on its way or not.
    let mut heard = listener.take_until_closed().await;
    bob.completes(&server, trip.id).await;

    let cursor = heard.last().map_or(start, |last| last.cursor.unwrap());
    let (mut again, resumed, complete) = alice.listens(&server, Some(cursor)).await;
    assert_eq!((resumed, complete), (cursor, true));
    heard.extend(again.take(2 - heard.len()).await);
    assert_eq!(all_said(&heard), RIDER_HEARS[3..5]);
    bob.takes_cash(&server, trip.id).await;
    assert_eq!(said(&again.next().await), RIDER_HEARS[5], "and goes on");
}

#[tokio::test]
async fn whoever_comes_without_a_cursor_hears_only_what_is_new() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let trip = alice.requests_trip(&server).await;
    let (mut listener, start, complete) = alice.listens(&server, None).await;
    assert_eq!((start, complete), (1, true));
    alice.cancels(&server, trip.id, "changed_mind").await;
    let first = listener.next().await;
    assert_eq!(
        (said(&first).as_str(), first.cursor),
        ("cancelled v2", Some(2))
    );
}

/// Makes `count` messages in alice's feed.
async fn fill_feed(server: &TestServer, person: &Actor, count: usize) {
    assert_eq!(count % 2, 0);
    for _ in 0..count / 2 {
        let trip = person.requests_trip(server).await;
        person.cancels(server, trip.id, "changed_mind").await;
    }
}

#[tokio::test]
async fn a_cursor_whose_messages_are_gone_is_told_so() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    fill_feed(&server, &alice, 6).await;
    sqlx::query(
        "UPDATE realtime.messages SET created_at = now() - interval '8 days' WHERE cursor <= 3",
    )
    .execute(&server.pool)
    .await
    .unwrap();
    assert_eq!(trim(&server.pool).await.unwrap(), 1);

    for gone in [0, 2, -1] {
        let (_, start, complete) = alice.listens(&server, Some(gone)).await;
        assert_eq!((start, complete), (6, false), "cursor {gone}");
    }
    let (mut listener, start, complete) = alice.listens(&server, Some(3)).await;
    assert_eq!((start, complete), (3, true), "nothing after 3 is gone");
    assert_eq!(cursors(&listener.take(3).await), [4, 5, 6]);
    assert_eq!(
        trim(&server.pool).await.unwrap(),
        0,
        "there is nothing more to forget"
    );
}

#[tokio::test]
async fn a_cursor_from_the_future_starts_anew() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    fill_feed(&server, &alice, 2).await;
    for ahead in [3, i64::MAX] {
        let (_, start, complete) = alice.listens(&server, Some(ahead)).await;
        assert_eq!((start, complete), (2, false), "cursor {ahead}");
    }
    let (mut listener, ..) = alice.listens(&server, Some(i64::MAX)).await;
    let trip = alice.requests_trip(&server).await;
    assert_eq!(listener.next().await.cursor, Some(3));
    alice.cancels(&server, trip.id, "changed_mind").await;
}

#[tokio::test]
async fn two_devices_of_one_person_both_hear_everything() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let (mut phone, ..) = alice.listens(&server, None).await;
    let (mut tablet, ..) = alice.listens(&server, None).await;
    ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    let (on_phone, on_tablet) = tokio::join!(phone.take(5), tablet.take(5));
    assert_eq!(all_said(&on_phone), RIDER_HEARS[..5]);
    assert_eq!(on_phone, on_tablet);
}

#[tokio::test]
async fn nobody_hears_of_other_peoples_trips() {
    let server = TestServer::start().await;
    let (alice, carol, bob) = (
        alice(&server).await,
        carol(&server).await,
        bob(&server).await,
    );
    let (mut listener, ..) = carol.listens(&server, None).await;
    ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    let own = carol.requests_trip(&server).await;
    let StreamEvent::TripUpdated { trip } = listener.next().await.event else {
        panic!()
    };
    assert_eq!(
        trip.id, own.id,
        "the first thing that carol hears is her own"
    );
}

#[tokio::test]
async fn a_driver_who_gives_a_trip_back_hears_no_more_of_it() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let (mut driver, ..) = bob.listens(&server, None).await;
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    bob.cancels(&server, trip.id, "vehicle_problem").await;
    alice.cancels(&server, trip.id, "wait_too_long").await;
    let next = alice.requests_trip(&server).await;
    bob.is_at(&server, north_of_pickup(100.0)).await;
    let heard = all_said(&driver.take(6).await);
    assert_eq!(
        heard,
        [
            "offered",
            "assigned v2",
            "kit",
            "accepted",
            "requested v3",
            "offered"
        ]
    );
    assert_eq!(bob.is_offered_trip(&server).await.trip_id, next.id);
}

#[tokio::test]
async fn the_stream_needs_an_access_token() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    delete(&server, "/v1/auth/session")
        .by(&alice.session)
        .send()
        .await
        .done();
    let ended = alice.session.access_token.as_str();
    for (token, code) in [
        (None, ErrorCode::Unauthenticated),
        (Some("garbage"), ErrorCode::Unauthenticated),
        (Some(ended), ErrorCode::SessionEnded),
    ] {
        let (status, body) = refused_upgrade(upgrade(&server, "/v1/stream", token)).await;
        assert_eq!(status, 401, "{body}");
        let problem: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(problem["code"], json!(code));
    }
}

#[tokio::test]
async fn a_stream_does_not_outlive_its_session() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let (mut listener, ..) = alice.listens(&server, None).await;
    let sign_out = delete(&server, "/v1/auth/session").by(&alice.session);
    sign_out.send().await.done();
    assert!(listener.take_until_closed().await.is_empty());
}

#[tokio::test]
async fn a_stream_that_is_asked_for_wrongly_is_refused() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    for query in [
        "cursor=x",
        "cursor=1.5",
        "cursor=99999999999999999999",
        "since=1",
    ] {
        let path = format!("/v1/stream?{query}");
        let request = upgrade(&server, &path, Some(&alice.session.access_token));
        let (status, body) = refused_upgrade(request).await;
        assert_eq!(status, 400, "{query}: {body}");
        assert!(body.contains("invalid_request"), "{body}");
    }
    alice
        .gets(&server, "/v1/stream")
        .await
        .refused(400, ErrorCode::InvalidRequest);
}
