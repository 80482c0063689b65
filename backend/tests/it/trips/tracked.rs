//! What the track of a ride decides besides its length: how long the car stood at a stop, where a
//! changed ride goes on from, and which of two points of one moment counts.

use chrono::{TimeDelta, Utc};
use serde_json::json;
use wayfare_core::geo::LatLng;
use wayfare_core::pricing::{Basis, LineKind};
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{AcceptedPoints, Point, Trip};

use super::rides::{Proof, age, drive, track_of};
use crate::actors::{Actor, PICKUP, alice, bob, drive_until, north_of_pickup};
use crate::harness::TestServer;

/// A ride from the pickup over a stop 60 m north to a place 3 km north.
async fn rides_north(server: &TestServer, alice: &Actor, bob: &Actor) -> Trip {
    let ride = json!({
        "pickup": PICKUP,
        "waypoints": [north_of_pickup(60.0)],
        "dropoff": north_of_pickup(3000.0)
    });
    let trip = alice.requests_ride(server, ride).await;
    drive_until(server, alice, bob, &trip, TripStatus::InProgress).await;
    trip
}

#[tokio::test]
async fn a_stop_that_nobody_said_the_car_left_is_left_when_the_track_says_so() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = rides_north(&server, &alice, &bob).await;
    bob.reaches_stop(&server, trip.id).await;
    age(&server, trip.id, 600).await;
    let aged = alice.sees(&server, trip.id).await;
    // 200 s at the stop, then 10 m/s: 100 m from the stop 16 s later.
    let started_at = aged.started_at.unwrap();
    let sets_off = started_at + TimeDelta::seconds(200);
    let mut track = drive(started_at, sets_off, 0.0);
    track.extend(drive(sets_off, started_at + TimeDelta::seconds(598), 10.0));
    bob.sends_track(&server, &track).await;
    let done = bob.completes(&server, trip.id).await;
    assert_eq!(done.basis, Some(Basis::Quote), "{done:?}");
    let waited_s = 214;
    let charged = (waited_s - 60) * 25;
    let wanted = (charged + 30) / 60;
    let waiting = done.fare.sum_minor(LineKind::Waiting);
    assert!(
        (waiting - wanted).abs() <= 2,
        "{waiting}, not about {wanted}"
    );
    let points = track_of(&track, &done);
    let proof = Proof::of(&server, &bob, trip.id).await;
    assert_eq!(proof.verify(Some(&points)).unwrap().fare, done.fare);
}

#[tokio::test]
async fn a_stop_where_nobody_saw_the_car_costs_no_waiting() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = rides_north(&server, &alice, &bob).await;
    bob.reaches_stop(&server, trip.id).await;
    age(&server, trip.id, 5 * 3600).await;
    let done = bob.completes(&server, trip.id).await;
    assert_eq!(done.fare.sum_minor(LineKind::Waiting), 0, "{done:?}");
}

#[tokio::test]
async fn a_ride_that_turns_back_is_planned_from_where_the_car_is() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = rides_north(&server, &alice, &bob).await;
    bob.reaches_stop(&server, trip.id).await;
    bob.leaves_stop(&server, trip.id).await;
    age(&server, trip.id, 300).await;
    let aged = alice.sees(&server, trip.id).await;
    let started_at = aged.started_at.unwrap();
    let track = drive(started_at, started_at + TimeDelta::seconds(295), 10.0);
    bob.sends_track(&server, &track).await;
    let changed = alice
        .changes_stops(&server, trip.id, &[north_of_pickup(60.0)], PICKUP)
        .await;
    // Nearly 3 km driven, and as much in a straight line back, 1.3 times as long by road.
    let wanted = 2940.0 + 2940.0 * 1.3;
    let planned = changed.distance_m as f64;
    assert!(
        (planned - wanted).abs() < 80.0,
        "{planned}, not about {wanted}"
    );
}

#[tokio::test]
async fn of_two_points_of_one_moment_the_more_accurate_one_counts_whichever_comes_first() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = rides_north(&server, &alice, &bob).await;
    let at = Utc::now();
    let point = |place: Point, accuracy_m: f64| json!({ "t": at, "lat": place.lat, "lng": place.lng, "accuracy_m": accuracy_m });
    let (rough, fine) = (point(PICKUP, 40.0), point(north_of_pickup(10.0), 5.0));
    for (points, new) in [
        (vec![rough.clone()], 1),
        (vec![fine.clone()], 0),
        (vec![rough.clone(), fine, rough], 0),
    ] {
        let accepted: AcceptedPoints = bob.sends_points(&server, &points).await.told(200);
        assert_eq!(accepted.kept, new);
    }
    let kept: (i32, f64) = sqlx::query_as(
        "SELECT lat_e7, accuracy_m FROM trips.track_points WHERE trip_id = $1 AND recorded_at = $2",
    )
    .bind(trip.id.uuid())
    .bind(at)
    .fetch_one(&server.pool)
    .await
    .unwrap();
    let wanted: LatLng = north_of_pickup(10.0).try_into().unwrap();
    assert_eq!(kept, (wanted.lat_e7(), 5.0));
}
