//! What riders need of a vehicle, what vehicles have, and who is told.

use serde_json::{Value, json};
use wayfare_backend::fleet;
use wayfare_core::trip::TripStatus;
use wayfare_core::vehicle::{VehicleClass, VehicleFeature};
use wayfare_core::wire::{ErrorCode, RideNeeds, Trip, TripPage, Vehicle};
use wayfare_dispatch::{Capacity, FeatureSet};

use super::times_asked;
use crate::actors::{Actor, alice, bob, dan, everything, north_of_pickup};
use crate::harness::TestServer;
use crate::people::{Answer, vehicle};

/// Asks for the usual ride in a car of this class, with needs.
async fn asks(server: &TestServer, rider: &Actor, class: VehicleClass, needs: Value) -> Answer {
    let quote = rider.gets_quote_for(server, class).await;
    let body = json!({ "quote_id": quote.id, "needs": needs });
    rider.posts(server, "/v1/trips", body).await
}

#[tokio::test]
async fn a_rider_says_what_is_needed_and_the_driver_sees_it_before_accepting() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let wish = json!({ "passengers": 3, "features": ["pets", "folded_wheelchair"] });
    let class = VehicleClass::Standard;
    let trip: Trip = asks(&server, &alice, class, wish).await.told(201);
    let needs = RideNeeds {
        passengers: Some(3),
        features: vec![VehicleFeature::FoldedWheelchair, VehicleFeature::Pets],
    };
    assert_eq!(trip.needs.as_ref(), Some(&needs));
    let kept: Value = sqlx::query_scalar("SELECT needs FROM trips.trips")
        .fetch_one(&server.pool)
        .await
        .unwrap();
    let features = json!(["folded_wheelchair", "pets"]);
    assert_eq!(kept, json!({ "passengers": 3, "features": features }));

    let body = json!({ "plate": "P-1", "make": "Dacia", "model": "Jogger", "colour": "red",
        "vehicle_class": "standard", "features": features });
    let fitting: Vehicle = bob.posts(&server, "/v1/vehicles", body).await.told(201);
    let bob = Actor {
        vehicle: Some(fitting.id),
        ..bob
    };
    bob.is_free_at(&server, north_of_pickup(100.0)).await;
    let offer = bob.is_offered_trip(&server).await;
    assert_eq!(offer.needs.as_ref(), Some(&needs));
    let accepted = bob.accepts(&server, &offer).await;
    assert_eq!(accepted.status, TripStatus::Assigned);
    assert_eq!(accepted.needs.as_ref(), Some(&needs));
    assert_eq!(alice.sees(&server, trip.id).await.needs, Some(needs));
}

#[tokio::test]
async fn who_needs_nothing_says_and_sees_nothing() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let trip = alice.requests_trip(&server).await;
    assert_eq!(trip.needs, None);
    alice.cancels(&server, trip.id, "changed_mind").await;
    let class = VehicleClass::Standard;
    let trip: Trip = asks(&server, &alice, class, json!({})).await.told(201);
    assert_eq!(trip.needs, None);
    let answer = alice.gets(&server, "/v1/trips?side=rider").await;
    assert!(answer.body["trips"][0].get("needs").is_none());
    let page: TripPage = answer.told(200);
    assert_eq!(page.trips.len(), 2);
}

#[tokio::test]
async fn needs_that_no_vehicle_of_the_class_can_meet_are_refused_and_change_nothing() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let class = VehicleClass::Standard;
    let quote = alice.gets_quote_for(&server, class).await;
    let before = everything(&server).await;
    for needs in [
        json!({ "passengers": 5 }),
        json!({ "passengers": 0 }),
        json!({ "passengers": -1 }),
        json!({ "passengers": 300 }),
        json!({ "features": ["pets", "pets"] }),
        json!({ "features": ["rocket"] }),
        json!({ "features": ["pets", "pets", "pets", "pets", "pets"] }),
        json!({ "dogs": 1 }),
        json!([]),
    ] {
        let body = json!({ "quote_id": quote.id, "needs": needs });
        alice
            .posts(&server, "/v1/trips", body)
            .await
            .refused(400, ErrorCode::InvalidRequest);
    }
    assert_eq!(everything(&server).await, before);
    let six = json!({ "passengers": 6 });
    let trip: Trip = asks(&server, &alice, VehicleClass::Xl, six).await.told(201);
    assert_eq!(trip.needs.unwrap().passengers, Some(6));
}

#[tokio::test]
async fn a_vehicle_says_what_it_has_and_dispatch_learns_it() {
    let server = TestServer::start().await;
    let bob = bob(&server).await;
    let mut body = vehicle("AA-00-BB");
    body["vehicle_class"] = json!("xl");
    body["features"] = json!(["child_seat", "wheelchair"]);
    body["load_kg"] = json!(350);
    let van: Vehicle = bob.posts(&server, "/v1/vehicles", body).await.told(201);
    let features = [VehicleFeature::Wheelchair, VehicleFeature::ChildSeat];
    assert_eq!(van.features, features);
    assert_eq!((van.seats, van.load_kg), (Some(6), Some(350)));

    let bob = Actor {
        vehicle: Some(van.id),
        ..bob
    };
    bob.goes_online(&server).await;
    let mut connection = server.pool.acquire().await.unwrap();
    let online = fleet::service::online_drivers(&mut connection)
        .await
        .unwrap();
    let [online] = online.as_slice() else {
        panic!("{online:?}")
    };
    let profile = online.profile();
    let (seats, load_kg) = (6, 350);
    assert_eq!(profile.capacity, Capacity { seats, load_kg });
    assert_eq!(profile.features, FeatureSet::of(features));
    assert_eq!((profile.vehicle, online.driver), (van.id, bob.id().into()));
}

/// The driver with another car, of this class and with these features.
async fn with_car(server: &TestServer, driver: Actor, plate: &str, more: Value) -> Actor {
    let mut body = vehicle(plate);
    for (field, value) in more.as_object().unwrap() {
        body[field] = value.clone();
    }
    let car: Vehicle = driver.posts(server, "/v1/vehicles", body).await.told(201);
    Actor {
        vehicle: Some(car.id),
        ..driver
    }
}

#[tokio::test]
async fn a_trip_with_a_wheelchair_goes_only_to_a_car_with_a_ramp() {
    let server = TestServer::start().await;
    let (alice, bob, dan) = (alice(&server).await, bob(&server).await, dan(&server).await);
    let ramp = json!({ "features": ["wheelchair", "pets"] });
    let dan = with_car(&server, dan, "R-1", ramp).await;
    bob.is_free_at(&server, north_of_pickup(50.0)).await;
    dan.is_free_at(&server, north_of_pickup(1500.0)).await;
    let needs = json!({ "features": ["wheelchair"] });
    let class = VehicleClass::Standard;
    let trip: Trip = asks(&server, &alice, class, needs).await.told(201);
    assert_eq!(dan.is_offered_trip(&server).await.trip_id, trip.id);
    assert_eq!(times_asked(&server, &bob).await, 0);
}

#[tokio::test]
async fn four_people_are_not_sent_a_car_with_three_seats() {
    let server = TestServer::start().await;
    let (alice, bob, dan) = (alice(&server).await, bob(&server).await, dan(&server).await);
    let bob = with_car(&server, bob, "S-1", json!({ "seats": 3 })).await;
    bob.is_free_at(&server, north_of_pickup(50.0)).await;
    dan.is_free_at(&server, north_of_pickup(1500.0)).await;
    let needs = json!({ "passengers": 4 });
    let class = VehicleClass::Standard;
    let trip: Trip = asks(&server, &alice, class, needs).await.told(201);
    assert_eq!(dan.is_offered_trip(&server).await.trip_id, trip.id);
    assert_eq!(times_asked(&server, &bob).await, 0);
}

#[tokio::test]
async fn a_vehicle_with_impossible_measures_is_refused() {
    let server = TestServer::start().await;
    let bob = bob(&server).await;
    let with = |field: &str, value: Value| {
        let mut body = vehicle("AA-00-BB");
        body[field] = value;
        body
    };
    for body in [
        with("seats", json!(0)),
        with("seats", json!(61)),
        with("load_kg", json!(60_001)),
        with("load_kg", json!(-1)),
        with("features", json!(["pets", "pets"])),
        with("features", json!(["minibar"])),
    ] {
        let answer = bob.posts(&server, "/v1/vehicles", body).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    let body = with("seats", json!(3));
    let small: Vehicle = bob.posts(&server, "/v1/vehicles", body).await.told(201);
    assert_eq!(
        (small.seats, small.features.len(), small.load_kg),
        (Some(3), 0, None)
    );
}
