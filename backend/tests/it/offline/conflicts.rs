//! What drivers did without a network while the world went on.

use serde_json::{Value, json};
use wayfare_core::geo::LatLng;
use wayfare_core::id::TripId;
use wayfare_core::sync::DeviceAction;
use wayfare_core::trip::{CancelReason, TripStatus};
use wayfare_core::wire::{ErrorCode, SyncFlagKind, Trip};

use super::phone::{
    DevicePhone, arrive, cancel, codes, complete, flag_kinds, flags, start, start_with, wrong_pin,
};
use crate::actors::{Actor, DROPOFF, PICKUP, admin, alice, bob, dan, north_of_pickup, ride_until};
use crate::harness::TestServer;

/// The actors of a trip that Bob has, with a phone that is without a network from now on.
struct Scene {
    server: TestServer,
    admin: Actor,
    alice: Actor,
    bob: Actor,
    phone: DevicePhone,
    trip: Trip,
}

impl Scene {
    async fn new(status: TripStatus) -> Self {
        let server = TestServer::start().await;
        let admin = admin(&server).await;
        let (alice, bob) = (alice(&server).await, bob(&server).await);
        let trip = ride_until(&server, &alice, &bob, status).await;
        let phone = DevicePhone::of(&server, &bob).await;
        Self {
            server,
            admin,
            alice,
            bob,
            phone,
            trip,
        }
    }

    const fn id(&self) -> TripId {
        self.trip.id
    }

    /// Everything comes to the server; answers the codes of what was refused.
    async fn syncs(&mut self) -> Vec<Option<ErrorCode>> {
        let results = self.phone.syncs(&self.server, &self.bob).await;
        codes(&results)
    }

    async fn sees(&self) -> Trip {
        self.alice.sees(&self.server, self.id()).await
    }

    async fn kinds(&self) -> Vec<SyncFlagKind> {
        flag_kinds(&self.server, &self.admin).await
    }

    /// An admin gives the trip to Dan, as Bob is not heard of.
    async fn is_given_to_dan(&self) -> Actor {
        self.bob.goes_offline(&self.server).await;
        let body = json!({ "reason": "driver_not_coming" });
        let path = format!("/v1/admin/trips/{}/reassign", self.id());
        let _: Trip = self.admin.posts(&self.server, &path, body).await.told(200);
        let dan = dan(&self.server).await;
        dan.is_free_at(&self.server, north_of_pickup(200.0)).await;
        let offer = dan.is_offered_trip(&self.server).await;
        dan.accepts(&self.server, &offer).await;
        dan
    }

    async fn balances(&self) {
        let integrity = self.admin.checks_integrity(&self.server).await;
        assert_eq!(integrity.ledger.imbalance_minor, 0);
        assert_eq!(integrity.double_assignments, 0);
    }
}

#[tokio::test]
async fn a_trip_that_was_called_off_goes_on_if_the_rider_is_in_the_car() {
    let mut scene = Scene::new(TripStatus::Assigned).await;
    let trip = scene.trip.clone();
    scene.phone.does(arrive(scene.id()));
    scene.phone.does(start(&trip));
    // Called off before the start or after it: the server hears it first.
    scene
        .alice
        .cancels(&scene.server, trip.id, "changed_mind")
        .await;
    scene.phone.does(complete(scene.id()));
    let told = scene.syncs().await;
    assert_eq!(told, [Some(ErrorCode::WrongTripState), None, None]);
    assert_eq!(scene.sees().await.status, TripStatus::Completed);
    assert_eq!(scene.kinds().await, [SyncFlagKind::TripResumed]);
    let flag = flags(&scene.server, &scene.admin).await.pop().unwrap();
    assert_eq!(flag.trip_id, Some(trip.id));
    assert_eq!(flag.user_id, scene.bob.id());
    scene.balances().await;
}

#[tokio::test]
async fn a_wrong_pin_resumes_nothing() {
    let mut scene = Scene::new(TripStatus::Arrived).await;
    let trip = scene.trip.clone();
    scene
        .alice
        .cancels(&scene.server, trip.id, "changed_mind")
        .await;
    scene.phone.does(start_with(scene.id(), wrong_pin(&trip)));
    scene.phone.does(complete(scene.id()));
    let told = scene.syncs().await;
    let wrong = [ErrorCode::WrongPin, ErrorCode::WrongTripState];
    assert_eq!(told, wrong.map(Some));
    assert_eq!(scene.sees().await.status, TripStatus::Cancelled);
    assert_eq!(scene.kinds().await, []);
    scene.balances().await;
}

#[tokio::test]
async fn what_was_called_off_twice_is_called_off() {
    let mut scene = Scene::new(TripStatus::Assigned).await;
    scene
        .phone
        .does(cancel(scene.id(), CancelReason::VehicleProblem));
    scene
        .alice
        .cancels(&scene.server, scene.id(), "changed_mind")
        .await;
    assert_eq!(scene.syncs().await, [None]);
    let seen = scene.sees().await;
    assert_eq!(seen.status, TripStatus::Cancelled);
    assert_eq!(seen.cancelled.unwrap().reason, CancelReason::ChangedMind);
}

#[tokio::test]
async fn the_pin_decides_whose_trip_it_is_that_two_drivers_have() {
    let mut scene = Scene::new(TripStatus::Assigned).await;
    let trip = scene.trip.clone();
    scene.phone.does(arrive(scene.id()));
    scene.phone.does(start(&trip));
    let dan = scene.is_given_to_dan().await;
    let told = scene.syncs().await;
    assert_eq!(told, [Some(ErrorCode::TripReassigned), None]);
    let seen = scene.sees().await;
    assert_eq!(seen.status, TripStatus::InProgress);
    assert_eq!(seen.driver.unwrap().name, "Bob");
    assert_eq!(scene.kinds().await, [SyncFlagKind::TripResumed]);
    // Dan is told, and is free again.
    let last: Value = sqlx::query_scalar(
        "SELECT payload FROM realtime.messages WHERE user_id = $1
             AND payload ->> 'kind' = 'trip_updated' ORDER BY cursor DESC LIMIT 1",
    )
    .bind(dan.id().uuid())
    .fetch_one(&scene.server.pool)
    .await
    .unwrap();
    assert_eq!(last["trip"]["driver"]["name"], "Bob");
    let refused = dan
        .tries(&scene.server, "arrive", trip.id, Value::Null)
        .await;
    refused.refused(404, ErrorCode::NotFound);
    scene.phone.does(complete(scene.id()));
    assert_eq!(scene.syncs().await, [None]);
    scene.balances().await;
}

#[tokio::test]
async fn without_the_pin_the_trip_stays_with_the_other_driver() {
    let mut scene = Scene::new(TripStatus::Assigned).await;
    scene.phone.does(arrive(scene.id()));
    scene.phone.does(complete(scene.id()));
    scene.phone.does(cancel(scene.id(), CancelReason::Other));
    let dan = scene.is_given_to_dan().await;
    let told = scene.syncs().await;
    let gone = Some(ErrorCode::TripReassigned);
    assert_eq!(told, [gone, gone, None]);
    let seen = dan.sees(&scene.server, scene.id()).await;
    assert_eq!(seen.status, TripStatus::Assigned);
    assert_eq!(scene.kinds().await, []);
}

#[tokio::test]
async fn a_rider_is_in_one_car_only() {
    let mut scene = Scene::new(TripStatus::Assigned).await;
    let trip = scene.trip.clone();
    scene.phone.does(start(&trip));
    scene.phone.does(complete(scene.id()));
    let dan = scene.is_given_to_dan().await;
    dan.arrives(&scene.server, trip.id).await;
    dan.starts(&scene.server, &trip).await;
    let told = scene.syncs().await;
    let codes = [ErrorCode::RiderElsewhere, ErrorCode::TripReassigned];
    assert_eq!(told, codes.map(Some));
    let seen = scene.sees().await;
    assert_eq!(seen.driver.unwrap().name, "Dan");
    dan.completes(&scene.server, trip.id).await;
    scene.balances().await;
}

#[tokio::test]
async fn who_gave_the_trip_back_cannot_take_it_again() {
    let mut scene = Scene::new(TripStatus::Assigned).await;
    let trip = scene.trip.clone();
    scene
        .phone
        .does(cancel(scene.id(), CancelReason::VehicleProblem));
    scene.phone.does(start(&trip));
    let told = scene.syncs().await;
    assert_eq!(told, [None, Some(ErrorCode::TripReassigned)]);
    assert_eq!(scene.kinds().await, []);
}

#[tokio::test]
async fn stops_that_the_rider_changed_meanwhile_do_not_undo_the_ride() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    let mut phone = DevicePhone::of(&server, &bob).await;
    let stop = north_of_pickup(1500.0);
    let body = json!({ "waypoints": [stop], "dropoff": DROPOFF });
    let path = format!("/v1/trips/{}/stops", trip.id);
    let changes = async |body: Value| -> Trip {
        crate::people::put(&server, &path)
            .by(&alice.session)
            .json(body)
            .await
            .told(200)
    };
    changes(body).await;
    let place = LatLng::from_degrees(stop.lat, stop.lng).unwrap();
    let reach = DeviceAction::ReachStop {
        trip: trip.id,
        place: Some(place),
    };
    phone.does(arrive(trip.id));
    phone.does(start(&trip));
    phone.does(reach);
    phone.does(DeviceAction::LeaveStop { trip: trip.id });
    phone.does(complete(trip.id));
    // Meanwhile the rider leaves the stop out, and does not know that the car is there.
    changes(json!({ "waypoints": [], "dropoff": PICKUP_OF_ALICE })).await;
    let results = phone.syncs(&server, &bob).await;
    let gone = Some(ErrorCode::WrongTripState);
    assert_eq!(codes(&results), [None, None, gone, gone, None]);
    let seen = alice.sees(&server, trip.id).await;
    assert_eq!(seen.status, TripStatus::Completed);
}

/// Somewhere else than the usual dropoff.
const PICKUP_OF_ALICE: wayfare_core::wire::Point = wayfare_core::wire::Point {
    lat: PICKUP.lat + 0.02,
    lng: PICKUP.lng,
};

#[tokio::test]
async fn a_ride_that_an_admin_ended_is_over() {
    let mut scene = Scene::new(TripStatus::InProgress).await;
    scene.phone.does(complete(scene.id()));
    let path = format!("/v1/admin/trips/{}/complete", scene.id());
    let ended: Trip = scene
        .admin
        .posts(&scene.server, &path, Value::Null)
        .await
        .told(200);
    let results = scene.phone.syncs(&scene.server, &scene.bob).await;
    assert_eq!(codes(&results), [None]);
    assert_eq!(results[0].fare, Some(ended.fare));
    assert_eq!(results[0].trip_version, Some(ended.version));
    scene.phone.does(DeviceAction::ReachStop {
        trip: scene.id(),
        place: None,
    });
    let told = scene.syncs().await;
    assert_eq!(told, [Some(ErrorCode::WrongTripState)]);
    scene.balances().await;
}

#[tokio::test]
async fn a_step_that_was_taken_online_as_well_counts_once() {
    let mut scene = Scene::new(TripStatus::Assigned).await;
    let trip = scene.trip.clone();
    scene.phone.does(arrive(scene.id()));
    scene.phone.does(start(&trip));
    scene.phone.does(complete(scene.id()));
    scene.bob.arrives(&scene.server, trip.id).await;
    scene.bob.starts(&scene.server, &trip).await;
    let completed = scene.bob.completes(&scene.server, trip.id).await;
    let results = scene.phone.syncs(&scene.server, &scene.bob).await;
    // The ride is over: only its end still says something.
    let over = Some(ErrorCode::WrongTripState);
    assert_eq!(codes(&results), [over, over, None]);
    assert_eq!(scene.sees().await.version, completed.version);
    scene.balances().await;
}
