//! Vehicles of drivers.

use futures_util::future::join_all;
use serde_json::{Value, json};
use wayfare_backend::fleet;
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::{Driver, ErrorCode, Vehicle};

use crate::harness::TestServer;
use crate::people::{
    ALICE, BOB, CAROL, count, get, open_connections, post, register, register_vehicle, sign_in,
    vehicle,
};

const VEHICLES: &str = "SELECT count(*) FROM fleet.vehicles";

#[tokio::test]
async fn a_driver_registers_vehicles() {
    let server = TestServer::start().await;
    let bob = sign_in(&server, BOB).await;
    register(&server, &bob).await;
    let first = register_vehicle(&server, &bob, " aa-00-bb ").await;
    assert_eq!(
        (first.plate.as_str(), first.vehicle_class),
        ("AA-00-BB", VehicleClass::Standard)
    );
    let mut body = vehicle("AA-00-CC");
    body["vehicle_class"] = json!("xl");
    let second: Vehicle = post(&server, "/v1/vehicles")
        .by(&bob)
        .json(body)
        .await
        .told(201);
    assert_eq!(second.vehicle_class, VehicleClass::Xl);
    let driver: Driver = get(&server, "/v1/drivers/me")
        .by(&bob)
        .send()
        .await
        .told(200);
    assert_eq!(driver.vehicles, [first.clone(), second]);

    let mut connection = server.pool.acquire().await.unwrap();
    let card = fleet::service::driver_card(&mut connection, driver.id, first.id)
        .await
        .unwrap();
    assert_eq!(
        (card.name.as_str(), card.vehicle.plate.as_str()),
        ("Bob", "AA-00-BB")
    );
}

#[tokio::test]
async fn a_plate_belongs_to_one_vehicle_however_it_is_typed() {
    let server = TestServer::start().await;
    let (bob, carol) = (sign_in(&server, BOB).await, sign_in(&server, CAROL).await);
    register(&server, &bob).await;
    register(&server, &carol).await;
    register_vehicle(&server, &bob, "AA-00-BB").await;
    for (driver, plate) in [
        (&carol, "AA-00-BB"),
        (&carol, " aa-00-bb"),
        (&bob, "AA-00-BB"),
    ] {
        let answer = post(&server, "/v1/vehicles")
            .by(driver)
            .json(vehicle(plate))
            .await;
        answer.refused(409, ErrorCode::PlateTaken);
    }
    assert_eq!(count(&server, VEHICLES).await, 1);
}

#[tokio::test]
async fn only_drivers_have_vehicles() {
    let server = TestServer::start().await;
    let alice = sign_in(&server, ALICE).await;
    let answer = post(&server, "/v1/vehicles")
        .by(&alice)
        .json(vehicle("AA-00-BB"))
        .await;
    answer.refused(409, ErrorCode::DriverProfile);
    let anonymous = post(&server, "/v1/vehicles")
        .json(vehicle("AA-00-BB"))
        .await;
    anonymous.refused(401, ErrorCode::Unauthenticated);
    assert_eq!(count(&server, VEHICLES).await, 0);
}

#[tokio::test]
async fn a_driver_has_at_most_ten_vehicles() {
    let server = TestServer::start().await;
    let bob = sign_in(&server, BOB).await;
    register(&server, &bob).await;
    for number in 0..8 {
        register_vehicle(&server, &bob, &format!("AA-{number:02}-BB")).await;
    }
    open_connections(&server, &bob).await;
    let answers = join_all((8..20).map(|number| {
        let body = vehicle(&format!("AA-{number:02}-BB"));
        post(&server, "/v1/vehicles").by(&bob).json(body)
    }))
    .await;
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.refused(409, ErrorCode::DriverProfile);
    }
    assert_eq!(count(&server, VEHICLES).await, 10);
}

#[tokio::test]
async fn a_vehicle_that_is_sent_again_is_registered_once() {
    let server = TestServer::start().await;
    let bob = sign_in(&server, BOB).await;
    register(&server, &bob).await;
    let send = |plate: &str| {
        post(&server, "/v1/vehicles")
            .by(&bob)
            .keyed("v1")
            .json(vehicle(plate))
    };
    let first: Vehicle = send("AA-00-BB").await.told(201);
    let again: Vehicle = send("AA-00-BB").await.told(201);
    assert_eq!(first, again);
    send("AA-00-CC")
        .await
        .refused(409, ErrorCode::IdempotencyKeyReused);
    assert_eq!(count(&server, VEHICLES).await, 1);
}

#[tokio::test]
async fn a_bad_vehicle_is_refused_and_changes_nothing() {
    let server = TestServer::start().await;
    let bob = sign_in(&server, BOB).await;
    register(&server, &bob).await;
    let with = |field: &str, value: Value| {
        let mut body = vehicle("AA-00-BB");
        body[field] = value;
        body
    };
    for body in [
        json!({}),
        with("plate", json!(" ")),
        with("plate", json!("A".repeat(17))),
        with("plate", json!("ß".repeat(9))),
        with("make", json!("")),
        with("model", json!("a\u{0}")),
        with("colour", json!("bl\r\nue")),
        with("colour", json!("b".repeat(41))),
        with("vehicle_class", json!("rocket")),
        with("vehicle_class", json!(null)),
        with(
            "driver_id",
            json!("driver_00000000000000000000000000000000"),
        ),
    ] {
        let answer = post(&server, "/v1/vehicles").by(&bob).json(body).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    assert_eq!(count(&server, VEHICLES).await, 0);
}
