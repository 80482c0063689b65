//! Positions over the stream, many at once, and what becomes of a car that falls silent.

use chrono::{TimeDelta, Utc};
use futures_util::future::join_all;
use serde_json::{Value, json};
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{DriverActivity, ErrorCode, LiveDriverPage, Presence, StreamEvent};

use crate::actors::{Actor, admin, alice, bob, carol, dan, north_of_pickup, point, ride_until};
use crate::harness::{TestServer, wait_for};
use crate::people::count;

const STORED: &str = "SELECT count(*) FROM trips.tracks";

fn frame(batch: u64, points: &[Value]) -> String {
    json!({ "kind": "locations", "batch": batch, "points": points }).to_string()
}

fn points(count: i64) -> Vec<Value> {
    let now = Utc::now();
    (0..count)
        .map(|n| point(north_of_pickup(50.0), now + TimeDelta::milliseconds(n)))
        .collect()
}

#[tokio::test]
async fn positions_over_the_stream_are_kept_and_seen_as_those_by_request_are() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    let (mut at_bob, ..) = bob.listens(&server, None).await;
    let (mut at_alice, ..) = alice.listens(&server, None).await;
    let sent = points(100);
    at_bob.sends(frame(41, &sent)).await;
    let answer = at_bob.next().await;
    assert_eq!(answer.cursor, None);
    let kept = |batch, kept| StreamEvent::LocationsKept { batch, kept };
    assert_eq!(answer.event, kept(41, 100));
    assert!(matches!(
        at_alice.next().await.event,
        StreamEvent::DriverMoved { .. }
    ));
    at_bob.sends(frame(42, &sent)).await;
    assert_eq!(at_bob.next().await.event, kept(42, 0));
    assert_eq!(count(&server, STORED).await, 100);
}

#[tokio::test]
async fn a_frame_that_is_not_right_is_refused_with_its_number_and_changes_nothing() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    let (mut at_bob, ..) = bob.listens(&server, None).await;
    let future = point(north_of_pickup(1.0), Utc::now() + TimeDelta::seconds(120));
    for (sent, batch, code) in [
        (frame(1, &[]), Some(1), ErrorCode::InvalidRequest),
        (frame(2, &points(101)), Some(2), ErrorCode::InvalidRequest),
        (frame(3, &[future]), Some(3), ErrorCode::InvalidRequest),
        ("{".to_owned(), None, ErrorCode::InvalidRequest),
        (
            json!({ "kind": "tea", "batch": 4 }).to_string(),
            Some(4),
            ErrorCode::InvalidRequest,
        ),
    ] {
        at_bob.sends(sent.clone()).await;
        let StreamEvent::LocationsRefused { batch: of, problem } = at_bob.next().await.event else {
            panic!("{sent}")
        };
        assert_eq!((of, problem.code), (batch, code), "{sent}");
        assert!(!problem.detail.is_empty() && !problem.request_id.is_empty());
    }
    let (mut at_alice, ..) = alice.listens(&server, None).await;
    at_alice.sends(frame(5, &points(1))).await;
    let StreamEvent::LocationsRefused { problem, .. } = at_alice.next().await.event else {
        panic!()
    };
    assert_eq!(problem.code, ErrorCode::DriverProfile);
    assert_eq!(count(&server, STORED).await, 0);
    at_bob.sends(frame(6, &points(1))).await;
    let event = at_bob.next().await.event;
    assert_eq!(event, StreamEvent::LocationsKept { batch: 6, kept: 1 });
}

#[tokio::test]
async fn who_goes_on_sending_beyond_the_limit_loses_the_connection() {
    let server = TestServer::start_with(|config| config.limits.per_user_per_window = 20).await;
    let bob = bob(&server).await;
    let (mut at_bob, ..) = bob.listens(&server, None).await;
    for batch in 0..45 {
        at_bob.sends(frame(batch, &points(1))).await;
    }
    let refused = at_bob
        .next_that(|event| matches!(event, StreamEvent::LocationsRefused { .. }))
        .await;
    let StreamEvent::LocationsRefused { problem, .. } = refused.event else {
        unreachable!()
    };
    assert_eq!(problem.code, ErrorCode::RateLimited);
    assert_eq!(at_bob.is_closed_for().await.0, 1008, "a policy was broken");
}

#[tokio::test]
async fn drivers_who_send_at_once_get_each_their_own_answer() {
    let server = TestServer::start().await;
    let (alice, carol) = (alice(&server).await, carol(&server).await);
    let (bob, dan) = (bob(&server).await, dan(&server).await);
    ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    ride_until(&server, &carol, &dan, TripStatus::Assigned).await;
    let sent = points(50);
    let server = &server;
    let kept = async |name: &'static str, actor: &Actor, part: Vec<Value>| {
        let answer = actor.sends_points(server, &part).await;
        (name, answer.status, answer.body["kept"].as_i64())
    };
    // The same points four times, two by each of two drivers, and from somebody who is no driver.
    let answers: [_; 5] = tokio::join!(
        kept("bob", &bob, sent.clone()),
        kept("dan", &dan, sent.clone()),
        kept("bob", &bob, sent.clone()),
        kept("dan", &dan, sent[..10].to_vec()),
        kept("alice", &alice, sent.clone()),
    )
    .into();
    let total = |name| -> i64 {
        let own = answers.iter().filter(|(driver, ..)| *driver == name);
        own.map(|(_, status, kept)| {
            assert_eq!(*status, 200);
            kept.unwrap()
        })
        .sum()
    };
    assert_eq!((total("bob"), total("dan")), (50, 50));
    assert_eq!(answers[4].1, 409);
    assert_eq!(count(server, STORED).await, 100);
}

#[tokio::test]
async fn a_batch_that_could_not_be_kept_is_an_error_and_may_be_sent_again() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    let sent = points(5);
    let rename = |from: &str, to: &str| format!("ALTER TABLE trips.{from} RENAME TO {to}");
    let execute = |statement: String| {
        let pool = server.pool.clone();
        async move {
            sqlx::query(sqlx::AssertSqlSafe(statement))
                .execute(&pool)
                .await
                .unwrap();
        }
    };
    execute(rename("tracks", "tracks_away")).await;
    for answer in join_all([0, 1].map(|_| bob.sends_points(&server, &sent))).await {
        answer.refused(500, ErrorCode::Internal);
    }
    execute(rename("tracks_away", "tracks")).await;
    let answer = bob.sends_points(&server, &sent).await;
    assert_eq!(
        (answer.status, answer.body["kept"].as_i64()),
        (200, Some(5))
    );
}

#[tokio::test]
async fn the_rider_is_told_once_that_the_car_is_silent_and_sees_how_old_its_position_is() {
    let server = TestServer::start_with(|config| config.dispatch.driver_fresh_s = 5).await;
    let (admin, alice, bob) = (
        admin(&server).await,
        alice(&server).await,
        bob(&server).await,
    );
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    let car = trip.car.unwrap();
    assert_eq!(car.presence, Presence::Live);
    assert!((0..5).contains(&car.age_s), "{car:?}");
    let at_driver = bob.sees(&server, trip.id).await.car;
    assert_eq!(at_driver, None, "drivers know where they are");

    let (mut at_alice, ..) = alice.listens(&server, None).await;
    let told = at_alice
        .next_that(|event| matches!(event, StreamEvent::DriverSilent { .. }))
        .await;
    assert!(told.cursor.is_some(), "it is kept for who is away");
    let silent = alice.sees(&server, trip.id).await.car.unwrap();
    assert_eq!((silent.presence, silent.at), (Presence::Silent, car.at));
    let page: LiveDriverPage = admin
        .gets(
            &server,
            "/v1/admin/drivers/live?bbox=-180,-90,180,90&limit=1",
        )
        .await
        .told(200);
    let shown = page.drivers[0];
    assert_eq!(
        (shown.state, shown.presence, page.next_cursor),
        (DriverActivity::Driving, Presence::Silent, None)
    );

    bob.is_at(&server, north_of_pickup(10.0)).await;
    let moved = at_alice.next().await.event;
    assert!(
        matches!(moved, StreamEvent::DriverMoved { .. }),
        "said once: {moved:?}"
    );
    wait_for("the silence to be over", || async {
        let silent = count(&server, "SELECT count(*) FROM dispatch.silent_cars").await;
        (silent == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn only_admins_see_all_cars_page_by_page() {
    let server = TestServer::start().await;
    let (admin, bob, dan) = (admin(&server).await, bob(&server).await, dan(&server).await);
    bob.is_free_at(&server, north_of_pickup(10.0)).await;
    dan.is_free_at(&server, north_of_pickup(5000.0)).await;
    let path = "/v1/admin/drivers/live";
    bob.gets(&server, path)
        .await
        .refused(403, ErrorCode::Forbidden);
    for bad in ["?bbox=1,2,3", "?limit=0", "?limit=1001", "?cursor=x"] {
        let answer = admin.gets(&server, &format!("{path}{bad}")).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    let page = |query: String| {
        let (admin, server) = (&admin, &server);
        async move {
            let answer = admin.gets(server, &format!("{path}{query}")).await;
            answer.told::<LiveDriverPage>(200)
        }
    };
    let first = page("?limit=1".to_owned()).await;
    let cursor = first.next_cursor.unwrap();
    let second = page(format!("?limit=1&cursor={cursor}")).await;
    assert_eq!((first.drivers.len(), second.drivers.len()), (1, 1));
    assert_ne!(first.drivers[0].driver_id, second.drivers[0].driver_id);
    assert_eq!(second.next_cursor, None);
    let at = north_of_pickup(10.0);
    let (west, south) = (at.lng - 0.01, at.lat - 0.01);
    let (east, north) = (at.lng + 0.01, at.lat + 0.01);
    let near = page(format!("?bbox={west},{south},{east},{north}")).await;
    assert_eq!(near.drivers.len(), 1);
    assert_eq!(near.drivers[0].driver_id.uuid(), bob.id().uuid());
    assert_eq!(near.drivers[0].state, DriverActivity::Online);
}
