//! Going online and offline.

use serde_json::{Value, json};
use wayfare_backend::fleet::{self, OnlineDriver};
use wayfare_core::id::{DriverId, VehicleId};
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::{AvailabilityStatus, Driver, ErrorCode, Session, Vehicle};
use wayfare_dispatch::{Capacity, FeatureSet};

use crate::harness::TestServer;
use crate::people::{ALICE, Answer, BOB, CAROL, put, register, register_vehicle, sign_in};

async fn open_city() -> TestServer {
    TestServer::start_with(|config| config.fleet.auto_approve_drivers = true).await
}

async fn driver_with_vehicle(server: &TestServer, phone: &str, plate: &str) -> (Session, Vehicle) {
    let driver = sign_in(server, phone).await;
    register(server, &driver).await;
    let vehicle = register_vehicle(server, &driver, plate).await;
    (driver, vehicle)
}

async fn set(server: &TestServer, driver: &Session, body: Value) -> Answer {
    put(server, "/v1/drivers/me/availability")
        .by(driver)
        .json(body)
        .await
}

fn online(vehicle: VehicleId) -> Value {
    json!({ "status": "online", "vehicle_id": vehicle })
}

async fn everybody_online(server: &TestServer) -> Vec<OnlineDriver> {
    let mut connection = server.pool.acquire().await.unwrap();
    fleet::service::online_drivers(&mut connection)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_driver_goes_online_with_a_vehicle_and_offline_again() {
    let server = open_city().await;
    let (bob, vehicle) = driver_with_vehicle(&server, BOB, "AA-00-BB").await;
    let driver_id = DriverId::from(bob.user.id);
    for _ in 0..2 {
        let driver: Driver = set(&server, &bob, online(vehicle.id)).await.told(200);
        assert_eq!(driver.availability, AvailabilityStatus::Online);
        assert_eq!(driver.vehicle_id, Some(vehicle.id));
    }
    let expected = OnlineDriver {
        driver: driver_id,
        vehicle: vehicle.id,
        vehicle_class: VehicleClass::Standard,
        capacity: Capacity {
            seats: 4,
            load_kg: 0,
        },
        features: FeatureSet::default(),
    };
    assert_eq!(everybody_online(&server).await, [expected]);

    for _ in 0..2 {
        let driver: Driver = set(&server, &bob, json!({ "status": "offline" }))
            .await
            .told(200);
        assert_eq!(driver.availability, AvailabilityStatus::Offline);
        assert_eq!(driver.vehicle_id, None);
    }
    assert_eq!(everybody_online(&server).await, []);
}

#[tokio::test]
async fn a_driver_who_is_not_approved_stays_offline() {
    let server = TestServer::start().await;
    let (bob, vehicle) = driver_with_vehicle(&server, BOB, "AA-00-BB").await;
    let refused = set(&server, &bob, online(vehicle.id)).await;
    refused.refused(403, ErrorCode::DriverNotActive);
    sqlx::query("UPDATE fleet.drivers SET status = 'blocked'")
        .execute(&server.pool)
        .await
        .unwrap();
    let refused = set(&server, &bob, online(vehicle.id)).await;
    refused.refused(403, ErrorCode::DriverNotActive);
    assert_eq!(everybody_online(&server).await, []);
    set(&server, &bob, json!({ "status": "offline" }))
        .await
        .told::<Driver>(200);
}

#[tokio::test]
async fn a_driver_drives_only_vehicles_of_their_own() {
    let server = open_city().await;
    let (bob, bobs) = driver_with_vehicle(&server, BOB, "AA-00-BB").await;
    let (_, carols) = driver_with_vehicle(&server, CAROL, "AA-00-CC").await;
    let nobodys = VehicleId::from_uuid(uuid::Uuid::nil());
    for vehicle in [carols.id, nobodys] {
        set(&server, &bob, online(vehicle))
            .await
            .refused(404, ErrorCode::NotFound);
    }
    assert_eq!(everybody_online(&server).await, []);

    // Nor does the database allow it.
    let changed = sqlx::query(
        "UPDATE fleet.drivers SET availability = 'online', vehicle_id = $2 WHERE id = $1",
    )
    .bind(bob.user.id.uuid())
    .bind(carols.id.uuid())
    .execute(&server.pool)
    .await;
    let error = changed.unwrap_err();
    let constraint = error
        .as_database_error()
        .and_then(|error| error.constraint());
    assert_eq!(constraint, Some("drivers_own_vehicle"));
    set(&server, &bob, online(bobs.id))
        .await
        .told::<Driver>(200);
}

#[tokio::test]
async fn a_bad_wish_is_refused_and_changes_nothing() {
    let server = open_city().await;
    let (bob, vehicle) = driver_with_vehicle(&server, BOB, "AA-00-BB").await;
    for body in [
        json!({}),
        json!({ "status": "online" }),
        json!({ "status": "away" }),
        json!({ "status": "online", "vehicle_id": "AA-00-BB" }),
        json!({ "status": "online", "vehicle_id": vehicle.id, "class": "xl" }),
    ] {
        set(&server, &bob, body)
            .await
            .refused(400, ErrorCode::InvalidRequest);
    }
    let alice = sign_in(&server, ALICE).await;
    for body in [online(vehicle.id), json!({ "status": "offline" })] {
        set(&server, &alice, body)
            .await
            .refused(409, ErrorCode::DriverProfile);
    }
    let path = "/v1/drivers/me/availability";
    let anonymous = put(&server, path).json(online(vehicle.id)).await;
    anonymous.refused(401, ErrorCode::Unauthenticated);
    assert_eq!(everybody_online(&server).await, []);
}
