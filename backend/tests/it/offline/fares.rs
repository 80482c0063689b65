//! A ride is charged by what its phone claims, and checked when its track is there.

use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use serde_json::json;
use wayfare_backend::trips::give_up_tracks;
use wayfare_core::city::PackFolder;
use wayfare_core::id::TripId;
use wayfare_core::pricing::{Tariff, settle};
use wayfare_core::ride::{Ground, NoGround, PackGround};
use wayfare_core::sync::{FareClaim, TripKit};
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::TariffVersion;

use super::drives::{Away, Drive, Scene, Told};
use super::away::by_phone;
use super::phone::DevicePhone;
use crate::actors::{Actor, admin, alice, bob};
use crate::harness::TestServer;
use crate::town::{Town, bridge, corner, ring, zone};
use crate::trips::rides::Proof;

/// What became of a claim, and why.
async fn claim_status(server: &TestServer, trip: TripId) -> (String, Option<String>) {
    sqlx::query_as("SELECT status, detail FROM trips.fare_claims WHERE trip_id = $1")
        .bind(trip.uuid())
        .fetch_one(&server.pool)
        .await
        .unwrap()
}

/// What admins were told of a trip.
pub(super) async fn flags(server: &TestServer, trip: TripId) -> Vec<String> {
    sqlx::query_scalar("SELECT kind FROM sync.flags WHERE trip_id = $1 ORDER BY id")
        .bind(trip.uuid())
        .fetch_all(&server.pool)
        .await
        .unwrap()
}

/// The whole of a ride: charged as the phone shows it, proven by its track, and the books are right.
async fn check(scene: &Scene<'_, impl Ground>, admin: &Actor, told: &Told, words: &str) {
    let (server, bob) = (scene.server, scene.bob);
    let Told {
        trip,
        claim,
        track,
        results,
    } = told;
    let shown = results.last().unwrap().fare.as_ref();
    assert_eq!(shown, Some(&claim.fare), "{words}");
    let done = scene.alice.sees(server, *trip).await;
    assert_eq!(
        (done.status, &done.fare, done.basis),
        (TripStatus::Completed, &claim.fare, Some(claim.basis)),
        "{words}"
    );
    let (status, _) = claim_status(server, *trip).await;
    let wanted = if claim.track.is_some() {
        "accepted"
    } else {
        "verified"
    };
    assert_eq!(status, wanted, "{words}");
    bob.sends_segments(server, *trip, track).await;
    let (status, detail) = claim_status(server, *trip).await;
    assert_eq!(status, "verified", "{detail:?} {words}");
    let none: [&str; 0] = [];
    assert_eq!(flags(server, *trip).await, none, "{words}");
    let proof = Proof::of(server, bob, *trip).await;
    let span = done.started_at.unwrap()..=done.completed_at.unwrap();
    let points: Vec<_> = track
        .iter()
        .filter(|point| span.contains(&point.at()))
        .copied()
        .collect();
    if scene.ground.zones_at(points[0].position).is_none() {
        assert_eq!(proof.verify(Some(&points)).unwrap().fare, done.fare);
    }
    let integrity = admin.checks_integrity(server).await;
    assert_eq!(integrity.ledger.imbalance_minor, 0, "{words}");
}

async fn start(town: Option<&Town>) -> (TestServer, Actor) {
    let pack = town.map(Town::pack);
    let server = TestServer::start_with(|config| config.city.pack = pack).await;
    let admin = admin(&server).await;
    (server, admin)
}

#[tokio::test]
async fn generated_rides_cost_on_the_server_what_they_cost_on_the_phone() {
    let (server, admin) = start(None).await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let mut phone = DevicePhone::of(&server, &bob).await;
    let mut scene = Scene {
        server: &server,
        alice: &alice,
        bob: &bob,
        phone: &mut phone,
        ground: NoGround,
    };
    for seed in 0..12 {
        let told = scene.bob_drives(&Drive::some(seed), |_, _| {}).await;
        check(&scene, &admin, &told, &format!("seed {seed}")).await;
    }
}

#[tokio::test]
async fn rides_over_a_toll_bridge_cost_on_the_server_what_they_cost_on_the_phone() {
    let airport = zone("airport", "airport_queue", ring(corner(3, 0), corner(4, 1)));
    let town = Town::build_with(&[airport, bridge("bridge")]);
    let (server, admin) = start(Some(&town)).await;
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
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let mut phone = DevicePhone::of(&server, &bob).await;
    let pack = PackFolder::open(&town.pack()).unwrap().load().unwrap();
    let mut scene = Scene {
        server: &server,
        alice: &alice,
        bob: &bob,
        phone: &mut phone,
        ground: PackGround::new(Arc::new(pack)),
    };
    let mut tolls = 0;
    for seed in 0..10 {
        let told = scene.bob_drives(&Drive::some(seed), |_, _| {}).await;
        tolls += told.claim.driven.tolls.len();
        check(&scene, &admin, &told, &format!("seed {seed}")).await;
    }
    assert!(tolls > 0, "no ride crossed the bridge");
}

/// Settles what is claimed again, as whoever forges it would.
fn settle_again(claim: &mut FareClaim, kit: &TripKit) {
    let tariff = Tariff::new(kit.tariff.clone()).unwrap();
    let settlement = settle(&tariff, &kit.quoted, &claim.driven).unwrap();
    claim.basis = settlement.basis;
    claim.fare = settlement.fare;
}

#[tokio::test]
async fn a_claim_that_the_trip_contradicts_is_not_charged_and_admins_are_told() {
    let (server, admin) = start(None).await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let mut phone = DevicePhone::of(&server, &bob).await;
    let mut scene = Scene {
        server: &server,
        alice: &alice,
        bob: &bob,
        phone: &mut phone,
        ground: NoGround,
    };
    let forge = |claim: &mut FareClaim, kit: &TripKit| {
        claim.driven.wait_s += 3600;
        settle_again(claim, kit);
    };
    let told = scene.bob_drives(&Drive::straight(2400), forge).await;
    let charged = alice.sees(&server, told.trip).await.fare;
    assert!(charged.total_minor < told.claim.fare.total_minor);
    assert_eq!(told.results.last().unwrap().fare.as_ref(), Some(&charged));
    let (status, detail) = claim_status(&server, told.trip).await;
    assert_eq!(status, "refused");
    assert_eq!(detail.as_deref(), Some("`wait_s` is not what the trip says"));
    assert_eq!(flags(&server, told.trip).await, ["fare_refused"]);
    // What was charged stays, whatever the track says.
    bob.sends_segments(&server, told.trip, &told.track).await;
    assert_eq!(claim_status(&server, told.trip).await.0, "refused");
    assert_eq!(alice.sees(&server, told.trip).await.fare, charged);
    assert_eq!(admin.checks_integrity(&server).await.ledger.imbalance_minor, 0);
}

#[tokio::test]
async fn a_track_that_gives_another_fare_is_told_to_admins() {
    let (server, _) = start(None).await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let mut phone = DevicePhone::of(&server, &bob).await;
    let mut scene = Scene {
        server: &server,
        alice: &alice,
        bob: &bob,
        phone: &mut phone,
        ground: NoGround,
    };
    // Twice as far as the same points say.
    let forge = |claim: &mut FareClaim, kit: &TripKit| {
        let track = claim.track.as_mut().unwrap();
        track.reading.distance_mm *= 2;
        claim.driven.ride.as_mut().unwrap().distance_m = track.reading.distance_m();
        settle_again(claim, kit);
    };
    let told = scene.bob_drives(&Drive::straight(3000), forge).await;
    assert_eq!(claim_status(&server, told.trip).await.0, "accepted");
    bob.sends_segments(&server, told.trip, &told.track).await;
    assert_eq!(claim_status(&server, told.trip).await.0, "differs");
    assert_eq!(flags(&server, told.trip).await, ["track_differs"]);
    let charged = alice.sees(&server, told.trip).await.fare;
    assert_eq!(charged, told.claim.fare, "a trip that is over stays as it is");
}

#[tokio::test]
async fn a_track_that_never_comes_is_told_to_admins_and_may_come_still() {
    let (server, _) = start(None).await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let mut phone = DevicePhone::of(&server, &bob).await;
    let mut scene = Scene {
        server: &server,
        alice: &alice,
        bob: &bob,
        phone: &mut phone,
        ground: NoGround,
    };
    let told = scene.bob_drives(&Drive::straight(2400), |_, _| {}).await;
    let after = |hours| Utc::now() + TimeDelta::hours(hours);
    assert_eq!(give_up_tracks(&server.pool, after(47)).await.unwrap(), 0);
    assert_eq!(claim_status(&server, told.trip).await.0, "accepted");
    assert_eq!(give_up_tracks(&server.pool, after(49)).await.unwrap(), 1);
    assert_eq!(give_up_tracks(&server.pool, after(49)).await.unwrap(), 0);
    assert_eq!(claim_status(&server, told.trip).await.0, "missing");
    assert_eq!(flags(&server, told.trip).await, ["track_missing"]);
    bob.sends_segments(&server, told.trip, &told.track).await;
    assert_eq!(claim_status(&server, told.trip).await.0, "verified");
}

#[tokio::test]
async fn a_phone_that_hides_its_points_is_charged_by_those_that_the_server_has() {
    let (server, _) = start(None).await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let mut phone = DevicePhone::of(&server, &bob).await;
    let mut scene = Scene {
        server: &server,
        alice: &alice,
        bob: &bob,
        phone: &mut phone,
        ground: NoGround,
    };
    let drive = Drive {
        stops_m: vec![5000.0],
        ..Drive::straight(1200)
    };
    let trip = scene.bob_is_away(&drive).await;
    let kit = bob.gets_kit(&server, trip.id).await;
    let started_at = by_phone(Utc::now() - TimeDelta::hours(2));
    let hide = |claim: &mut FareClaim, kit: &TripKit| {
        claim.track = None;
        claim.driven.ride = None;
        settle_again(claim, kit);
    };
    let track = drive.track(started_at);
    let away = Away {
        drive: &drive,
        started_at,
        track: &track,
    };
    let (claim, done) = scene.ride(&kit, trip.pin.unwrap(), away, hide);
    bob.sends_segments(&server, trip.id, &track).await;
    scene.phone.is_believed(&server, &bob, done).await;
    let charged = alice.sees(&server, trip.id).await.fare;
    assert!(charged.total_minor < claim.fare.total_minor);
    assert_eq!(claim_status(&server, trip.id).await.0, "refused");
    assert_eq!(flags(&server, trip.id).await, ["fare_refused"]);
}
