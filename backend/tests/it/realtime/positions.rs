//! Positions of cars: what is kept, what is refused, and who sees the car move.

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{AcceptedPoints, ErrorCode, StreamEvent};

use crate::actors::{Actor, alice, bob, carol, dan, north_of_pickup, point, ride_until, track};
use crate::harness::TestServer;
use crate::people::count;

async fn kept(driver: &Actor, server: &TestServer, points: &[Value]) -> u32 {
    driver
        .sends_points(server, points)
        .await
        .told::<AcceptedPoints>(200)
        .kept
}

const STORED: &str = "SELECT count(*) FROM trips.track_points";

/// `count` positions, a second apart, beginning now: none is older than the trip.
fn track_ahead(count: i64) -> Vec<Value> {
    let now = Utc::now();
    (0..count)
        .map(|n| point(north_of_pickup(50.0), now + TimeDelta::milliseconds(n)))
        .collect()
}

#[tokio::test]
async fn only_the_rider_sees_the_car_of_the_trip_move() {
    let server = TestServer::start().await;
    let (alice, carol) = (alice(&server).await, carol(&server).await);
    let (bob, dan) = (bob(&server).await, dan(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    let others = ride_until(&server, &carol, &dan, TripStatus::Assigned).await;
    let (mut at_alice, before, _) = alice.listens(&server, None).await;
    let (mut at_carol, ..) = carol.listens(&server, None).await;
    let (mut at_bob, ..) = bob.listens(&server, None).await;

    let (place, now) = (north_of_pickup(123.0), Utc::now());
    let newest = json!({
        "t": now, "lat": place.lat, "lng": place.lng, "accuracy_m": 5.0, "heading_deg": 180.0,
    });
    let older = point(north_of_pickup(200.0), now - TimeDelta::seconds(3));
    kept(&bob, &server, &[newest, older]).await;
    let seen = at_alice.next().await;
    assert_eq!(seen.cursor, None, "positions are not kept in the feed");
    let StreamEvent::DriverMoved {
        trip_id,
        lat,
        lng,
        heading_deg,
        at,
    } = seen.event
    else {
        panic!("{seen:?}")
    };
    assert_eq!(
        (trip_id, lat, lng, heading_deg),
        (trip.id, place.lat, place.lng, Some(180.0))
    );
    assert_eq!(at.timestamp_micros(), now.timestamp_micros());

    // Whatever the others hear first is of later and of their own.
    dan.arrives(&server, others.id).await;
    let StreamEvent::TripUpdated { trip: told } = at_carol.next().await.event else {
        panic!()
    };
    assert_eq!(told.id, others.id);
    bob.arrives(&server, trip.id).await;
    let StreamEvent::TripUpdated { trip: told } = at_bob.next().await.event else {
        panic!()
    };
    assert_eq!(told.id, trip.id);
    assert_eq!(
        at_alice.next().await.cursor,
        Some(before + 1),
        "and no cursor was used up"
    );
}

#[tokio::test]
async fn nobody_sees_the_car_after_the_trip() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    let (mut at_alice, ..) = alice.listens(&server, None).await;
    assert_eq!(kept(&bob, &server, &track(3)).await, 0);
    assert_eq!(count(&server, STORED).await, 0);
    bob.goes_offline(&server).await;
    let next = alice.requests_trip(&server).await;
    let StreamEvent::TripUpdated { trip } = at_alice.next().await.event else {
        panic!()
    };
    assert_eq!(trip.id, next.id);
}

#[tokio::test]
async fn points_of_a_trip_are_kept_and_those_that_come_twice_count_once() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    assert_eq!(kept(&bob, &server, &track(3)).await, 0, "there is no trip");
    ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    let points = track_ahead(100);
    assert_eq!(kept(&bob, &server, &points[..60]).await, 60);
    assert_eq!(kept(&bob, &server, &points[..60]).await, 0);
    assert_eq!(kept(&bob, &server, &points).await, 40);
    assert_eq!(count(&server, STORED).await, 100);

    let twice = [&points[..1], &points[..1], &track_ahead(1)[..]].concat();
    assert_eq!(
        kept(&bob, &server, &twice).await,
        1,
        "also within one batch"
    );
    let before = point(north_of_pickup(1.0), Utc::now() - TimeDelta::minutes(5));
    assert_eq!(
        kept(&bob, &server, &[before]).await,
        0,
        "that was before the trip"
    );
}

#[tokio::test]
async fn a_batch_that_is_empty_too_long_or_from_the_future_is_refused_whole() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    let ahead = |seconds| {
        point(
            north_of_pickup(1.0),
            Utc::now() + TimeDelta::seconds(seconds),
        )
    };
    let with = |name: &str, value: Value| {
        let mut changed = track_ahead(1).remove(0);
        changed[name] = value;
        vec![changed]
    };
    for points in [
        vec![],
        track_ahead(101),
        [track_ahead(3), vec![ahead(120)]].concat(),
        with("lat", json!(90.1)),
        with("lng", json!(-180.1)),
        with("accuracy_m", json!(-1)),
        with("accuracy_m", json!(1e308)),
        with("speed_mps", json!(201)),
        with("heading_deg", json!(361)),
        with("t", json!("yesterday")),
        with("t", json!(1_700_000_000)),
        with("altitude_m", json!(3)),
    ] {
        let answer = bob.sends_points(&server, &points).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    assert_eq!(count(&server, STORED).await, 0);
    assert_eq!(
        kept(&bob, &server, &[ahead(30)]).await,
        1,
        "clocks differ a little"
    );
}

#[tokio::test]
async fn only_drivers_send_positions() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    alice
        .sends_points(&server, &track(1))
        .await
        .refused(409, ErrorCode::DriverProfile);
}
