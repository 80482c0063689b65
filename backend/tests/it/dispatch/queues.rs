//! The queue at the airport: who gets in, who is asked first, and who loses the place.

use serde_json::{Value, json};
use wayfare_core::geo::LatLng;
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::{DriverQueue, ErrorCode, Point, QueueList, Trip};

use super::times_asked;
use crate::actors::{Actor, PICKUP, admin, alice, bob, carol, dan, north_of_pickup};
use crate::harness::{TestServer, wait_for};
use crate::people::count;
use crate::town::{Town, corner, ring, zone};

const PATH: &str = "/v1/drivers/me/queue";

/// A town whose airport lies round the pickup, half a kilometre to the north and the south.
async fn start(change: impl FnOnce(&mut wayfare_backend::platform::config::Config)) -> TestServer {
    let airport = zone("airport", "airport_queue", airport());
    let station = zone("station", "station_queue", ring(corner(0, 3), corner(0, 3)));
    let town = Town::build_with(&[airport, station]);
    let pack = town.pack();
    TestServer::start_with(|config| {
        config.city.pack = Some(pack);
        change(config);
    })
    .await
}

fn airport() -> Value {
    let place = |point: Point| LatLng::try_from(point).unwrap();
    ring(
        place(north_of_pickup(-400.0)),
        place(north_of_pickup(400.0)),
    )
}

impl Actor {
    async fn place(&self, server: &TestServer) -> Option<DriverQueue> {
        let answer = self.gets(server, PATH).await;
        if answer.status == 404 {
            answer.refused(404, ErrorCode::NotInQueue);
            return None;
        }
        Some(answer.told(200))
    }

    /// Waits until the driver has a place of this kind.
    async fn has_place(
        &self,
        server: &TestServer,
        wanted: impl Fn(&DriverQueue) -> bool,
    ) -> DriverQueue {
        let phone = self.session.user.phone.as_str();
        wait_for(&format!("a place of {phone}"), || async {
            self.place(server).await.filter(&wanted)
        })
        .await
    }

    async fn loses_place(&self, server: &TestServer) {
        let phone = self.session.user.phone.as_str();
        wait_for(&format!("{phone} to lose the place"), || async {
            self.place(server).await.is_none().then_some(())
        })
        .await;
    }

    async fn joins_at(&self, server: &TestServer, distance_m: f64) -> DriverQueue {
        self.is_free_at(server, north_of_pickup(distance_m)).await;
        self.has_place(server, |_| true).await
    }
}

#[tokio::test]
async fn who_came_first_is_asked_first_and_who_declines_waits_at_the_end() {
    let server = start(|_| {}).await;
    let (alice, bob, dan) = (alice(&server).await, bob(&server).await, dan(&server).await);
    let first = bob.joins_at(&server, 300.0).await;
    assert_eq!((first.zone.as_str(), first.position), ("airport", 1));
    let second = dan.joins_at(&server, 0.0).await;
    assert_eq!((second.position, second.waiting), (2, 2));

    let trip = alice.requests_trip(&server).await;
    let offer = bob.is_offered_trip(&server).await;
    assert_eq!(offer.trip_id, trip.id);
    assert_eq!(times_asked(&server, &dan).await, 0, "though nearer");
    bob.declines(&server, &offer).await;
    assert_eq!(bob.place(&server).await.unwrap().position, 2);
    assert_eq!(dan.place(&server).await.unwrap().position, 1);
    let offer = dan.is_offered_trip(&server).await;
    dan.accepts(&server, &offer).await;
    dan.loses_place(&server).await;
    let bobs = bob.place(&server).await.unwrap();
    assert_eq!((bobs.position, bobs.waiting), (1, 1));
    assert!(bobs.since > second.since);
}

#[tokio::test]
async fn an_offer_that_runs_out_costs_the_turn() {
    let server = start(|config| config.dispatch.offer_timeout_s = 1).await;
    let (alice, bob, dan) = (alice(&server).await, bob(&server).await, dan(&server).await);
    bob.joins_at(&server, 300.0).await;
    dan.joins_at(&server, 0.0).await;
    let before = bob.place(&server).await.unwrap();
    alice.requests_trip(&server).await;
    bob.has_place(&server, |place| place.since > before.since)
        .await;
}

#[tokio::test]
async fn who_waits_is_asked_only_for_trips_from_the_zone() {
    let server = start(|_| {}).await;
    let (alice, carol, bob, dan) = (
        alice(&server).await,
        carol(&server).await,
        bob(&server).await,
        dan(&server).await,
    );
    bob.joins_at(&server, 390.0).await;
    dan.is_free_at(&server, north_of_pickup(2500.0)).await;
    let ride = json!({ "pickup": north_of_pickup(1000.0), "dropoff": PICKUP });
    let class = VehicleClass::Standard;
    let quote = alice.gets_quote_of(&server, class, ride).await;
    let body = json!({ "quote_id": quote.id });
    let trip: Trip = alice.posts(&server, "/v1/trips", body).await.told(201);
    assert_eq!(dan.is_offered_trip(&server).await.trip_id, trip.id);
    assert_eq!(times_asked(&server, &bob).await, 0, "though nearer");
    let trip = carol.requests_trip(&server).await;
    assert_eq!(bob.is_offered_trip(&server).await.trip_id, trip.id);
}

#[tokio::test]
async fn who_leaves_for_a_moment_keeps_the_place_and_does_not_wait_meanwhile() {
    let server = start(|_| {}).await;
    let (alice, bob, dan) = (alice(&server).await, bob(&server).await, dan(&server).await);
    let before = bob.joins_at(&server, 300.0).await;
    dan.joins_at(&server, 0.0).await;
    bob.is_at(&server, north_of_pickup(1500.0)).await;
    let away = bob
        .has_place(&server, |place| place.kept_until.is_some())
        .await;
    assert_eq!((away.since, away.waiting), (before.since, 1));
    let dans = dan.place(&server).await.unwrap();
    assert_eq!((dans.position, dans.kept_until), (1, None));
    let trip = alice.requests_trip(&server).await;
    let offer = dan.is_offered_trip(&server).await;
    assert_eq!(offer.trip_id, trip.id);
    assert_eq!(times_asked(&server, &bob).await, 0);

    bob.is_at(&server, north_of_pickup(200.0)).await;
    let back = bob
        .has_place(&server, |place| place.kept_until.is_none())
        .await;
    assert_eq!((back.since, back.position), (before.since, 1));
}

#[tokio::test]
async fn who_stays_away_or_goes_offline_loses_the_place() {
    let server = start(|config| config.dispatch.queue_away_s = 0).await;
    let (bob, dan) = (bob(&server).await, dan(&server).await);
    bob.joins_at(&server, 300.0).await;
    bob.is_at(&server, north_of_pickup(1500.0)).await;
    bob.loses_place(&server).await;
    dan.joins_at(&server, 0.0).await;
    dan.goes_offline(&server).await;
    assert_eq!(dan.place(&server).await, None, "at once");
}

#[tokio::test]
async fn a_city_without_queues_keeps_nobody_waiting() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    bob.is_free_at(&server, PICKUP).await;
    alice.requests_trip(&server).await;
    bob.is_offered_trip(&server).await;
    assert_eq!(bob.place(&server).await, None);
    let places = "SELECT count(*) FROM dispatch.queue_places";
    assert_eq!(count(&server, places).await, 0);
}

#[tokio::test]
async fn admins_see_all_queues() {
    let server = start(|_| {}).await;
    let (admin, bob, dan) = (admin(&server).await, bob(&server).await, dan(&server).await);
    bob.joins_at(&server, 300.0).await;
    dan.joins_at(&server, 0.0).await;
    let list: QueueList = admin.gets(&server, "/v1/admin/queues").await.told(200);
    let [airport, station] = list.queues.as_slice() else {
        panic!("{list:?}")
    };
    assert_eq!((airport.zone.as_str(), airport.waiting), ("airport", 2));
    let drivers: Vec<_> = airport
        .drivers
        .iter()
        .map(|queued| queued.driver_id)
        .collect();
    assert_eq!(drivers, [bob.id().into(), dan.id().into()]);
    assert_eq!((station.zone.as_str(), station.waiting), ("station", 0));
    bob.gets(&server, "/v1/admin/queues")
        .await
        .refused(403, ErrorCode::Forbidden);
}
