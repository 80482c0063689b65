//! Driver profiles and their approval.

use futures_util::future::join_all;
use serde_json::json;
use wayfare_backend::fleet;
use wayfare_core::wire::{AvailabilityStatus, Driver, DriverStatus, ErrorCode, Role, User};

use crate::harness::TestServer;
use crate::people::{ALICE, BOB, CAROL, count, get, post, register, sign_in};

const DRIVERS: &str = "SELECT count(*) FROM fleet.drivers";

#[tokio::test]
async fn who_registers_becomes_a_driver_and_waits_for_approval() {
    let server = TestServer::start().await;
    let bob = sign_in(&server, BOB).await;
    let body = json!({ "name": " Bob the driver " });
    let made: Driver = post(&server, "/v1/drivers")
        .by(&bob)
        .json(body)
        .await
        .told(201);
    assert_eq!(made.id.uuid(), bob.user.id.uuid());
    assert_eq!(
        (made.name.as_str(), made.status),
        ("Bob the driver", DriverStatus::Pending)
    );
    assert_eq!(made.availability, AvailabilityStatus::Offline);
    let me: User = get(&server, "/v1/me").by(&bob).send().await.told(200);
    assert_eq!(me.roles, [Role::Rider, Role::Driver]);

    let phone = BOB.parse().unwrap();
    for _ in 0..2 {
        let id = fleet::service::approve_driver_by_phone(&server.pool, &phone)
            .await
            .unwrap();
        assert_eq!(id, made.id);
    }
    let driver: Driver = get(&server, "/v1/drivers/me")
        .by(&bob)
        .send()
        .await
        .told(200);
    assert_eq!(
        driver,
        Driver {
            status: DriverStatus::Active,
            ..made
        }
    );
}

#[tokio::test]
async fn where_the_operator_says_so_drivers_may_drive_at_once() {
    let server = TestServer::start_with(|config| config.fleet.auto_approve_drivers = true).await;
    let bob = sign_in(&server, BOB).await;
    assert_eq!(register(&server, &bob).await.status, DriverStatus::Active);
}

#[tokio::test]
async fn only_registered_drivers_that_are_not_blocked_are_approved() {
    let server = TestServer::start().await;
    let approve = |phone: &str| {
        let phone = phone.parse().unwrap();
        let pool = server.pool.clone();
        async move { fleet::service::approve_driver_by_phone(&pool, &phone).await }
    };
    assert_eq!(
        approve(CAROL).await.unwrap_err().code(),
        ErrorCode::NotFound
    );
    sign_in(&server, ALICE).await;
    assert_eq!(
        approve(ALICE).await.unwrap_err().code(),
        ErrorCode::NotFound
    );
    register(&server, &sign_in(&server, BOB).await).await;
    sqlx::query("UPDATE fleet.drivers SET status = 'blocked'")
        .execute(&server.pool)
        .await
        .unwrap();
    assert_eq!(
        approve(BOB).await.unwrap_err().code(),
        ErrorCode::DriverNotActive
    );
}

#[tokio::test]
async fn a_person_registers_once() {
    let server = TestServer::start().await;
    let bob = sign_in(&server, BOB).await;
    register(&server, &bob).await;
    let again = post(&server, "/v1/drivers")
        .by(&bob)
        .json(json!({ "name": "Robert" }))
        .await;
    again.refused(409, ErrorCode::DriverProfile);
    let driver: Driver = get(&server, "/v1/drivers/me")
        .by(&bob)
        .send()
        .await
        .told(200);
    assert_eq!(driver.name, "Bob");
}

#[tokio::test]
async fn a_registration_that_is_sent_again_is_answered_alike() {
    let server = TestServer::start().await;
    let bob = sign_in(&server, BOB).await;
    let send = |name: &'static str| {
        let call = post(&server, "/v1/drivers").by(&bob).keyed("key-1");
        call.json(json!({ "name": name }))
    };
    let answers = join_all((0..4).map(|_| send("Bob"))).await;
    let drivers: Vec<Driver> = answers.into_iter().map(|answer| answer.told(201)).collect();
    assert!(drivers.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(count(&server, DRIVERS).await, 1);
    send("Robert")
        .await
        .refused(409, ErrorCode::IdempotencyKeyReused);
    let elsewhere = post(&server, "/v1/vehicles").by(&bob).keyed("key-1");
    let answer = elsewhere.json(crate::people::vehicle("AA-00-BB")).await;
    answer.refused(409, ErrorCode::IdempotencyKeyReused);

    let carol = sign_in(&server, CAROL).await;
    let call = post(&server, "/v1/drivers").by(&carol).keyed("key-1");
    let driver: Driver = call.json(json!({ "name": "Bob" })).await.told(201);
    assert_eq!(
        driver.id.uuid(),
        carol.user.id.uuid(),
        "keys belong to people"
    );
}

#[tokio::test]
async fn a_refused_registration_may_be_sent_again_under_its_key() {
    let server = TestServer::start().await;
    let bob = sign_in(&server, BOB).await;
    let send = |name: &'static str| {
        let call = post(&server, "/v1/drivers").by(&bob).keyed("key-1");
        call.json(json!({ "name": name }))
    };
    send("").await.refused(400, ErrorCode::InvalidRequest);
    send("Bob").await.told::<Driver>(201);
}

#[tokio::test]
async fn a_bad_registration_is_refused_and_changes_nothing() {
    let server = TestServer::start().await;
    let bob = sign_in(&server, BOB).await;
    for body in [
        json!({}),
        json!({ "name": 1 }),
        json!({ "name": "  " }),
        json!({ "name": "B\u{7}b" }),
        json!({ "name": "b".repeat(61) }),
        json!({ "name": "Bob", "status": "active" }),
    ] {
        let answer = post(&server, "/v1/drivers").by(&bob).json(body).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    for key in ["", "with space", &"k".repeat(101)] {
        let call = post(&server, "/v1/drivers").by(&bob).keyed(key);
        let answer = call.json(json!({ "name": "Bob" })).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    let anonymous = post(&server, "/v1/drivers")
        .json(json!({ "name": "Bob" }))
        .await;
    anonymous.refused(401, ErrorCode::Unauthenticated);
    assert_eq!(count(&server, DRIVERS).await, 0);
}

#[tokio::test]
async fn who_is_no_driver_has_no_profile() {
    let server = TestServer::start().await;
    let alice = sign_in(&server, ALICE).await;
    let answer = get(&server, "/v1/drivers/me").by(&alice).send().await;
    answer.refused(404, ErrorCode::NotFound);
    let anonymous = get(&server, "/v1/drivers/me").send().await;
    anonymous.refused(401, ErrorCode::Unauthenticated);
}
