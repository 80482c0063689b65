//! What is counted about drivers: answers, trips given back, ratings, and how long they wait.

use chrono::{DateTime, Utc};
use serde_json::json;
use wayfare_core::trip::TripStatus;

use crate::actors::{Actor, alice, bob, carol, dan, north_of_pickup, ride_until};
use crate::harness::{TestServer, wait_for};

/// What is kept of a driver.
#[derive(Debug, PartialEq, sqlx::FromRow)]
struct Kept {
    accepted: i64,
    declined: i64,
    timed_out: i64,
    gave_back: i64,
    stars: i64,
    ratings: i64,
}

const NOTHING: Kept = Kept {
    accepted: 0,
    declined: 0,
    timed_out: 0,
    gave_back: 0,
    stars: 0,
    ratings: 0,
};

async fn kept(server: &TestServer, driver: &Actor) -> Kept {
    let columns = "SELECT accepted, declined, timed_out, gave_back, stars, ratings
        FROM dispatch.drivers WHERE driver_id = $1";
    sqlx::query_as(columns)
        .bind(driver.id().uuid())
        .fetch_one(&server.pool)
        .await
        .unwrap()
}

async fn idle_since(server: &TestServer, driver: &Actor) -> DateTime<Utc> {
    sqlx::query_scalar("SELECT idle_since FROM dispatch.drivers WHERE driver_id = $1")
        .bind(driver.id().uuid())
        .fetch_one(&server.pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn answers_are_counted_as_they_come() {
    let server = TestServer::start().await;
    let (alice, carol, bob) = (
        alice(&server).await,
        carol(&server).await,
        bob(&server).await,
    );
    bob.is_free_at(&server, north_of_pickup(100.0)).await;
    assert_eq!(kept(&server, &bob).await, NOTHING);
    alice.requests_trip(&server).await;
    let offer = bob.is_offered_trip(&server).await;
    bob.declines(&server, &offer).await;
    let declined = Kept {
        declined: 1,
        ..NOTHING
    };
    assert_eq!(kept(&server, &bob).await, declined);

    let trip = carol.requests_trip(&server).await;
    let offer = bob.is_offered_trip(&server).await;
    assert_eq!(offer.trip_id, trip.id);
    bob.accepts(&server, &offer).await;
    let answers = Kept {
        accepted: 1,
        declined: 1,
        ..NOTHING
    };
    assert_eq!(kept(&server, &bob).await, answers);
}

#[tokio::test]
async fn offers_that_run_out_are_counted_for_each_driver() {
    let server = TestServer::start_with(|config| config.dispatch.offer_timeout_s = 1).await;
    let (alice, carol, bob, dan) = (
        alice(&server).await,
        carol(&server).await,
        bob(&server).await,
        dan(&server).await,
    );
    bob.is_free_at(&server, north_of_pickup(100.0)).await;
    dan.is_free_at(&server, north_of_pickup(200.0)).await;
    alice.requests_trip(&server).await;
    carol.requests_trip(&server).await;
    for driver in [&bob, &dan] {
        wait_for("the offers to time out", || async {
            (kept(&server, driver).await.timed_out >= 1).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn an_offer_that_is_withdrawn_counts_for_nothing() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    bob.is_free_at(&server, north_of_pickup(100.0)).await;
    let trip = alice.requests_trip(&server).await;
    bob.is_offered_trip(&server).await;
    alice.cancels(&server, trip.id, "changed_mind").await;
    assert_eq!(kept(&server, &bob).await, NOTHING);
}

#[tokio::test]
async fn only_the_driver_who_gives_a_trip_back_is_counted() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    bob.cancels(&server, trip.id, "vehicle_problem").await;
    let once = Kept {
        accepted: 1,
        gave_back: 1,
        ..NOTHING
    };
    assert_eq!(kept(&server, &bob).await, once);
    alice.cancels(&server, trip.id, "changed_mind").await;
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    alice.cancels(&server, trip.id, "changed_mind").await;
    let still_once = Kept {
        accepted: 2,
        ..once
    };
    assert_eq!(kept(&server, &bob).await, still_once);
}

#[tokio::test]
async fn the_riders_stars_are_counted_and_the_drivers_are_not() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    bob.rates(&server, trip.id, 1).await;
    let before = kept(&server, &bob).await;
    assert_eq!((before.stars, before.ratings), (0, 0));
    alice.rates(&server, trip.id, 4).await;
    let again = alice
        .tries(&server, "ratings", trip.id, json!({ "stars": 5 }))
        .await;
    assert_eq!(again.status, 409);
    let after = kept(&server, &bob).await;
    assert_eq!((after.stars, after.ratings), (4, 1));
}

#[tokio::test]
async fn a_driver_is_idle_since_coming_online_or_the_end_of_the_last_trip() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let before = Utc::now();
    bob.goes_online(&server).await;
    let online = idle_since(&server, &bob).await;
    assert!(online >= before);
    bob.goes_online(&server).await;
    assert_eq!(idle_since(&server, &bob).await, online, "online already");

    let trip = ride_until(&server, &alice, &bob, TripStatus::InProgress).await;
    let started = Utc::now();
    assert!(idle_since(&server, &bob).await < started);
    bob.completes(&server, trip.id).await;
    let completed = idle_since(&server, &bob).await;
    assert!(completed >= started);

    let trip = ride_until(&server, &alice, &bob, TripStatus::Arrived).await;
    let arrived = Utc::now();
    alice.cancels(&server, trip.id, "changed_mind").await;
    assert!(idle_since(&server, &bob).await >= arrived);

    bob.goes_offline(&server).await;
    let offline = Utc::now();
    bob.goes_online(&server).await;
    assert!(idle_since(&server, &bob).await >= offline);
}
