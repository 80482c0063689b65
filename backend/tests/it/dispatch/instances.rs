//! Two instances on one database and one Redis: what one learns, the other knows.

use std::time::Duration;

use chrono::Utc;
use serde_json::{Value, json};
use wayfare_backend::platform::config::{Config, Secret};
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{LiveDriver, LiveDriverPage, Presence, StreamEvent};

use crate::actors::{Actor, admin, alice, bob, north_of_pickup, point, ride_until};
use crate::harness::{TestServer, wait_for};
use crate::redis::TestRedis;

fn with(redis: &TestRedis) -> impl FnOnce(&mut Config) {
    let url = Secret::new(redis.url());
    |config| config.redis.url = Some(url)
}

/// Two instances. Only the first one dispatches.
async fn two(redis: &TestRedis) -> (TestServer, TestServer) {
    let one = TestServer::start_with(with(redis)).await;
    let two = one.beside(|config| config.dispatch.tick_ms = 60_000).await;
    (one, two)
}

async fn health(server: &TestServer) -> (u16, Value) {
    let answer = server.http.get(server.url("/health")).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn is_connected(server: &TestServer) {
    wait_for("Redis to be there", || async {
        (health(server).await.1["redis"] == "connected").then_some(())
    })
    .await;
}

/// The drivers that an instance knows of.
async fn live(admin: &Actor, server: &TestServer) -> Vec<LiveDriver> {
    let page: LiveDriverPage = admin.gets(server, "/v1/admin/drivers/live").await.told(200);
    page.drivers
}

async fn knows(admin: &Actor, server: &TestServer, metres_north: f64) {
    let place = north_of_pickup(metres_north);
    wait_for("the other instance to know", || async {
        let drivers = live(admin, server).await;
        let is_there = |driver: &LiveDriver| (driver.lat - place.lat).abs() < 1e-6;
        drivers.iter().any(is_there).then_some(())
    })
    .await;
}

#[tokio::test]
async fn instances_know_each_others_drivers_and_forget_who_leaves() {
    let redis = TestRedis::start();
    let (one, two) = two(&redis).await;
    let (admin, bob) = (admin(&one).await, bob(&one).await);
    bob.goes_online(&two).await;
    bob.is_at(&two, north_of_pickup(250.0)).await;
    knows(&admin, &one, 250.0).await;

    // Who starts later knows as well, before it answers anything.
    let three = one.beside(|_| {}).await;
    assert_eq!(live(&admin, &three).await.len(), 1);

    bob.goes_offline(&two).await;
    bob.goes_online(&one).await;
    wait_for("the car to be forgotten", || async {
        let left = live(&admin, &one).await.len() + live(&admin, &three).await.len();
        (left == 0).then_some(())
    })
    .await;
    let four = one.beside(|_| {}).await;
    assert_eq!(live(&admin, &four).await.len(), 0);
}

#[tokio::test]
async fn a_driver_of_one_instance_gets_the_offer_of_another_and_the_rider_sees_the_car() {
    let redis = TestRedis::start();
    let (one, two) = two(&redis).await;
    let (alice, bob) = (alice(&one).await, bob(&one).await);
    let trip = alice.requests_trip(&one).await;
    bob.is_free_at(&two, north_of_pickup(300.0)).await;
    let offer = bob.is_offered_trip(&two).await;
    assert_eq!(offer.trip_id, trip.id);
    bob.accepts(&two, &offer).await;

    let (mut at_alice, ..) = alice.listens(&one, None).await;
    let place = north_of_pickup(100.0);
    bob.is_at(&two, place).await;
    let StreamEvent::DriverMoved { trip_id, lat, .. } = at_alice.next().await.event else {
        panic!()
    };
    assert_eq!((trip_id, lat), (trip.id, place.lat));
    let car = alice.sees(&one, trip.id).await.car.unwrap();
    assert_eq!(car.presence, Presence::Live);
}

#[tokio::test]
async fn instances_go_on_alone_without_redis_and_come_together_again() {
    let mut redis = TestRedis::start();
    let (one, two) = two(&redis).await;
    let (admin, alice, bob) = (admin(&one).await, alice(&one).await, bob(&one).await);
    is_connected(&one).await;
    redis.kill();
    wait_for("the instance to notice", || async {
        let (status, body) = health(&one).await;
        assert_eq!(status, 200, "it still does its work");
        (body["redis"] == "away" && body["status"] == "degraded").then_some(())
    })
    .await;
    let ready = one.http.get(one.url("/health/ready")).send().await.unwrap();
    assert_eq!(ready.status(), 200);
    // Either of them may lead, and knows only who reports to it.
    bob.is_at(&two, north_of_pickup(300.0)).await;
    ride_until(&one, &alice, &bob, TripStatus::Assigned).await;

    redis.boot();
    is_connected(&one).await;
    is_connected(&two).await;
    bob.is_at(&one, north_of_pickup(77.0)).await;
    knows(&admin, &two, 77.0).await;
}

#[tokio::test]
async fn garbage_from_redis_changes_nothing() {
    let redis = TestRedis::start();
    let table = "wayfare:1:city:fixes:newest";
    let mut junk = redis::cmd("HSET");
    junk.arg(table)
        .arg("who")
        .arg("knows")
        .arg(&[0_u8; 16][..])
        .arg(&[1_u8; 37][..]);
    redis.asks(junk).await;
    let (one, two) = two(&redis).await;
    let (admin, bob) = (admin(&one).await, bob(&one).await);
    let mut count = redis::cmd("HLEN");
    count.arg(table);
    assert_eq!(redis.asks(count).await, redis::Value::Int(0), "swept out");
    for channel in ["wayfare:1:city:fixes", "wayfare:1:city:passes"] {
        let messages: [&[u8]; 5] = [
            b"",
            b"\x01",
            b"junk",
            b"\x01\0\0\0\0\0\0\0\x01junk",
            &[0xff; 5000],
        ];
        for message in messages {
            let mut publish = redis::cmd("PUBLISH");
            publish.arg(channel).arg(message);
            assert_eq!(
                redis.asks(publish).await,
                redis::Value::Int(2),
                "both hear it"
            );
        }
    }
    bob.goes_online(&two).await;
    bob.is_at(&two, north_of_pickup(250.0)).await;
    knows(&admin, &one, 250.0).await;
    assert_eq!(live(&admin, &one).await.len(), 1);
}

#[tokio::test]
async fn a_redis_that_is_not_there_at_the_start_holds_nobody_up_for_long() {
    let mut redis = TestRedis::start();
    redis.kill();
    let server = TestServer::start_with(with(&redis)).await;
    let (_, body) = health(&server).await;
    assert_eq!(body["redis"], "away");
    let bob = bob(&server).await;
    for metres in 0..20 {
        let points = [point(north_of_pickup(f64::from(metres)), Utc::now())];
        let sent = bob.sends_points(&server, &points);
        let answer = tokio::time::timeout(Duration::from_secs(5), sent).await;
        let _: Value = answer.expect("nobody waits for Redis").told(200);
    }
    let alone = TestServer::start().await;
    assert_eq!(health(&alone).await.1["redis"], json!("off"));
}
