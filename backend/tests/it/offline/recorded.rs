//! A recorded taxi ride, driven by a phone without a network.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use chrono::{TimeDelta, Utc};
use flate2::read::GzDecoder;
use serde_json::json;
use wayfare_core::geo::LatLng;
use wayfare_core::ride::NoGround;
use wayfare_core::track::TrackPoint;
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::Point;

use super::drives::{Away, Drive, Scene};
use super::away::by_phone;
use super::phone::DevicePhone;
use crate::actors::{alice, bob};
use crate::harness::TestServer;
use crate::trips::rides::age;

/// Between two points.
const INTERVAL_S: i64 = 15;

/// The places of the first long ride of the recording, if it is there.
fn recorded_places() -> Option<Vec<LatLng>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data/porto/traces.csv.gz");
    let Ok(file) = File::open(&path) else {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    };
    let lines = BufReader::new(GzDecoder::new(file)).lines().skip(1);
    let places = |line: String| {
        let (_, list) = line.split_once('"').unwrap();
        let list: Vec<(f64, f64)> = serde_json::from_str(list.trim_end_matches('"')).unwrap();
        let place = |(lng, lat): &(f64, f64)| LatLng::from_degrees(*lat, *lng).unwrap();
        list.iter().map(place).collect::<Vec<_>>()
    };
    lines
        .map(|line| places(line.unwrap()))
        .find(|places| places.len() > 40)
}

fn point(place: LatLng) -> Point {
    place.into()
}

#[tokio::test]
async fn a_recorded_ride_costs_on_the_server_what_it_costs_on_the_phone() {
    let Some(places) = recorded_places() else {
        return;
    };
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let mut phone = DevicePhone::of(&server, &bob).await;
    let (first, last) = (places[0], *places.last().unwrap());
    let ride = json!({ "pickup": point(first), "dropoff": point(last) });
    let trip = alice.requests_ride(&server, ride).await;
    bob.is_free_at(&server, point(first)).await;
    let offer = bob.is_offered_trip(&server).await;
    bob.accepts(&server, &offer).await;
    age(&server, trip.id, 3 * 3600).await;
    let kit = bob.gets_kit(&server, trip.id).await;
    let started_at = by_phone(Utc::now() - TimeDelta::hours(2));
    let track: Vec<_> = (0..)
        .zip(&places)
        .map(|(n, place)| TrackPoint {
            at_ms: started_at.timestamp_millis() + n * INTERVAL_S * 1000,
            accuracy_mm: 10_000,
            position: *place,
            speed_mm_s: None,
        })
        .collect();
    let drive = Drive {
        stops_m: vec![0.0],
        made: vec![],
        waited_s: 30,
        ended_s: i64::try_from(places.len()).unwrap() * INTERVAL_S,
        seen: vec![],
    };
    let scene = Scene {
        server: &server,
        alice: &alice,
        bob: &bob,
        phone: &mut phone,
        ground: NoGround,
    };
    let away = Away {
        drive: &drive,
        started_at,
        track: &track,
    };
    let (claim, done) = scene.ride(&kit, trip.pin.unwrap(), away, |_, _| {});
    let results = phone.is_believed(&server, &bob, done).await;
    assert_eq!(results.last().unwrap().fare.as_ref(), Some(&claim.fare));
    bob.sends_segments(&server, trip.id, &track).await;
    let done = alice.sees(&server, trip.id).await;
    assert_eq!((done.status, done.fare), (TripStatus::Completed, claim.fare));
    let status: String =
        sqlx::query_scalar("SELECT status FROM trips.fare_claims WHERE trip_id = $1")
            .bind(trip.id.uuid())
            .fetch_one(&server.pool)
            .await
            .unwrap();
    assert_eq!(status, "verified");
}
