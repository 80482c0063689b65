//! Drivers on their way home: who may ask for it, how often, and which trips they are asked for.

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use wayfare_core::wire::{DriverDestination, ErrorCode, Point};

use super::times_asked;
use crate::actors::{Actor, DROPOFF, PICKUP, alice, bob, dan, north_of_pickup};
use crate::harness::TestServer;
use crate::people::{Answer, delete, put};

const PATH: &str = "/v1/drivers/me/destination";
/// The usual ride leads away from there.
const SOUTH: Point = Point {
    lat: 41.10,
    lng: -8.60,
};

fn to(place: Point) -> Value {
    json!({ "lat": place.lat, "lng": place.lng })
}

impl Actor {
    async fn tries_to_head_for(&self, server: &TestServer, body: Value) -> Answer {
        put(server, PATH).by(&self.session).json(body).await
    }

    async fn heads_for(&self, server: &TestServer, place: Point) -> DriverDestination {
        self.tries_to_head_for(server, to(place)).await.told(200)
    }

    async fn destination(&self, server: &TestServer) -> DriverDestination {
        self.gets(server, PATH).await.told(200)
    }
}

#[tokio::test]
async fn on_the_way_home_a_driver_is_asked_only_for_trips_that_lead_there() {
    let server = TestServer::start().await;
    let (alice, bob, dan) = (alice(&server).await, bob(&server).await, dan(&server).await);
    bob.is_free_at(&server, north_of_pickup(50.0)).await;
    dan.is_free_at(&server, north_of_pickup(1500.0)).await;
    bob.heads_for(&server, SOUTH).await;
    let trip = alice.requests_trip(&server).await;
    assert_eq!(dan.is_offered_trip(&server).await.trip_id, trip.id);
    assert_eq!(times_asked(&server, &bob).await, 0);
    alice.cancels(&server, trip.id, "changed_mind").await;

    bob.heads_for(&server, DROPOFF).await;
    let trip = alice.requests_trip(&server).await;
    assert_eq!(bob.is_offered_trip(&server).await.trip_id, trip.id);
}

#[tokio::test]
async fn a_destination_that_ended_or_was_deleted_counts_no_more() {
    let server = TestServer::start().await;
    let (alice, bob, dan) = (alice(&server).await, bob(&server).await, dan(&server).await);
    bob.is_free_at(&server, north_of_pickup(50.0)).await;
    dan.is_free_at(&server, north_of_pickup(1500.0)).await;
    for ends_by_itself in [true, false] {
        bob.heads_for(&server, SOUTH).await;
        if ends_by_itself {
            sqlx::query(
                "UPDATE dispatch.drivers SET home_until = now()
                WHERE home_until IS NOT NULL",
            )
            .execute(&server.pool)
            .await
            .unwrap();
        } else {
            for _ in 0..2 {
                delete(&server, PATH).by(&bob.session).send().await.done();
            }
        }
        assert_eq!(bob.destination(&server).await.destination, None);
        let trip = alice.requests_trip(&server).await;
        assert_eq!(bob.is_offered_trip(&server).await.trip_id, trip.id);
        alice.cancels(&server, trip.id, "changed_mind").await;
    }
    assert_eq!(bob.destination(&server).await.uses_left, 0);
}

#[tokio::test]
async fn only_so_many_places_a_day() {
    let server = TestServer::start_with(|config| config.dispatch.home_uses_per_day = 2).await;
    let bob = bob(&server).await;
    assert_eq!(bob.destination(&server).await.uses_left, 2);
    bob.goes_online(&server).await;
    let before = Utc::now();
    let first = bob.heads_for(&server, SOUTH).await;
    let home = first.destination.clone().unwrap();
    assert_eq!((home.at, first.uses_left), (SOUTH, 1));
    let lasts = home.until - before;
    assert!(lasts >= TimeDelta::minutes(179) && lasts <= TimeDelta::minutes(181));
    assert_eq!(bob.heads_for(&server, SOUTH).await, first, "sent again");
    assert_eq!(bob.heads_for(&server, DROPOFF).await.uses_left, 0);
    let problem = bob
        .tries_to_head_for(&server, to(PICKUP))
        .await
        .refused(409, ErrorCode::HomeUsedUp);
    assert!(
        problem.detail.contains("2 times today"),
        "{}",
        problem.detail
    );
    let kept = bob.destination(&server).await;
    assert_eq!(kept.destination.unwrap().at, DROPOFF);

    sqlx::query("UPDATE dispatch.drivers SET home_day = home_day - 1")
        .execute(&server.pool)
        .await
        .unwrap();
    assert_eq!(bob.heads_for(&server, PICKUP).await.uses_left, 1);
}

#[tokio::test]
async fn bad_wishes_are_refused_and_use_nothing() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    bob.tries_to_head_for(&server, to(SOUTH))
        .await
        .refused(409, ErrorCode::DriverOffline);
    bob.goes_online(&server).await;
    let with = |field: &str, value: Value| {
        let mut body = to(SOUTH);
        body[field] = value;
        body
    };
    for body in [
        json!({}),
        with("lat", json!(91)),
        with("lng", json!(-181)),
        with("lat", json!(null)),
        with("until", json!(Utc::now() - TimeDelta::seconds(1))),
        with("until", json!(Utc::now() + TimeDelta::hours(4))),
        with("until", json!("tonight")),
        with("radius_m", json!(100)),
    ] {
        bob.tries_to_head_for(&server, body)
            .await
            .refused(400, ErrorCode::InvalidRequest);
    }
    let untouched = bob.destination(&server).await;
    assert_eq!((untouched.destination, untouched.uses_left), (None, 2));
    let until = Utc::now() + TimeDelta::minutes(30);
    let short: DriverDestination = bob
        .tries_to_head_for(&server, with("until", json!(until)))
        .await
        .told(200);
    let left = short.destination.unwrap().until - until;
    assert!(left.abs() < TimeDelta::milliseconds(1), "{left}");

    alice
        .tries_to_head_for(&server, to(SOUTH))
        .await
        .refused(409, ErrorCode::DriverProfile);
    alice
        .gets(&server, PATH)
        .await
        .refused(404, ErrorCode::NotFound);
}
