//! Rides in a city with roads: what the driven track and the ground make of the price.

use chrono::TimeDelta;
use serde_json::{Value, json};
use wayfare_core::pricing::LineKind;
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{LocationPoint, TariffVersion, Trip};

use super::rides::{Proof, age, drive, track_of};
use crate::actors::{Actor, PICKUP, admin, alice, bob, drive_until, north_of_pickup};
use crate::harness::TestServer;
use crate::town::{Town, bridge, corner, ring, zone};

/// A town with a bridge on the way north that costs a toll, and the airport's queue at the pickup.
async fn start() -> TestServer {
    let airport = zone("airport", "airport_queue", ring(corner(3, 0), corner(4, 1)));
    let town = Town::build_with(&[airport, bridge("bridge")]);
    let pack = town.pack();
    let server = TestServer::start_with(|config| config.city.pack = Some(pack)).await;
    let admin = admin(&server).await;
    let path = "/v1/tariffs/default_standard/versions/1";
    let tariff: TariffVersion = admin.gets(&server, path).await.told(200);
    let mut spec = tariff.spec;
    spec["version"] = json!(2);
    spec["tolls"] = json!({"bridge": 150});
    spec["zones"] = json!({"airport": 300});
    let body = json!({ "spec": spec });
    let _: TariffVersion = admin
        .posts(&server, "/v1/admin/tariffs", body)
        .await
        .told(201);
    server
}

fn north(distance_m: f64) -> Value {
    json!({ "pickup": PICKUP, "dropoff": north_of_pickup(distance_m) })
}

/// A ride 2500 m north, driven for so long at 10 m/s, without the points between these seconds.
async fn drives(
    server: &TestServer,
    (alice, bob): (&Actor, &Actor),
    seconds: i64,
    hidden: std::ops::Range<i64>,
) -> (Trip, Vec<LocationPoint>) {
    let trip = alice.requests_ride(server, north(2500.0)).await;
    assert_eq!(trip.fare.sum_minor(LineKind::Toll), 150);
    drive_until(server, alice, bob, &trip, TripStatus::InProgress).await;
    age(server, trip.id, seconds).await;
    let started_at = alice.sees(server, trip.id).await.started_at.unwrap();
    let mut track = drive(started_at, started_at + TimeDelta::seconds(seconds), 10.0);
    track.retain(|point| !hidden.contains(&(point.t - started_at).num_seconds()));
    bob.sends_track(server, &track).await;
    (bob.completes(server, trip.id).await, track)
}

#[tokio::test]
async fn a_ride_over_the_bridge_pays_its_toll_and_the_fee_of_its_zone() {
    let server = start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let (done, track) = drives(&server, (&alice, &bob), 250, 0..0).await;
    assert_eq!(done.fare.sum_minor(LineKind::Toll), 150, "{done:?}");
    assert_eq!(done.fare.sum_minor(LineKind::Zone), 300);
    let points = track_of(&track, &done);
    let proof = Proof::of(&server, &bob, done.id).await;
    assert_eq!(proof.verify(Some(&points)).unwrap().fare, done.fare);
}

#[tokio::test]
async fn a_ride_that_ends_before_the_bridge_pays_no_toll() {
    let server = start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let (done, _) = drives(&server, (&alice, &bob), 90, 0..0).await;
    assert_eq!(done.fare.sum_minor(LineKind::Toll), 0, "{done:?}");
}

#[tokio::test]
async fn a_bridge_that_the_phone_did_not_see_is_crossed_by_road() {
    let server = start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let (done, track) = drives(&server, (&alice, &bob), 250, 100..190).await;
    assert_eq!(done.fare.sum_minor(LineKind::Toll), 150, "{done:?}");
    let points = track_of(&track, &done);
    let receipt = Proof::of(&server, &bob, done.id)
        .await
        .verify(Some(&points))
        .unwrap();
    let gaps = receipt.track().unwrap().reading.gaps;
    assert_eq!((gaps.count, gaps.straight_mm), (1, 0), "{gaps:?}");
    // A point every three seconds: the gap is from second 99 to second 192, at 10 m/s.
    assert!(gaps.by_road_mm.abs_diff(930_000) < 1_000, "{gaps:?}");
}

#[tokio::test]
async fn a_phone_that_saw_little_leaves_the_planned_toll() {
    let server = start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let (done, _) = drives(&server, (&alice, &bob), 250, 5..300).await;
    assert_eq!(done.fare.sum_minor(LineKind::Toll), 150, "{done:?}");
}

#[tokio::test]
async fn changed_stops_are_planned_by_road_with_their_tolls() {
    let server = start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = alice.requests_ride(&server, north(900.0)).await;
    assert_eq!(trip.fare.sum_minor(LineKind::Toll), 0);
    drive_until(&server, &alice, &bob, &trip, TripStatus::Assigned).await;
    let changed = alice
        .changes_stops(&server, trip.id, &[], north_of_pickup(2500.0))
        .await;
    assert!(
        (changed.distance_m - 2500).abs() <= 3,
        "{}",
        changed.distance_m
    );
    assert_eq!(changed.fare.sum_minor(LineKind::Toll), 150);
    let far = wayfare_core::wire::Point {
        lat: 41.0,
        lng: -8.61,
    };
    let answer = alice
        .tries_to_change_stops(&server, trip.id, &[], far)
        .await;
    answer.refused(409, wayfare_core::wire::ErrorCode::NoRoute);
}
