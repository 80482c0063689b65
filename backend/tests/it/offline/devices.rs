//! `/v1/devices`: who may register what.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use wayfare_core::sync::DeviceAction;
use wayfare_core::wire::{Device, ErrorCode};

use super::phone::{DevicePhone, sends};
use crate::actors::{alice, bob};
use crate::harness::TestServer;
use crate::people::post;

#[tokio::test]
async fn registering_again_answers_how_far_the_device_has_come() {
    let server = TestServer::start().await;
    let bob = bob(&server).await;
    let mut phone = DevicePhone::of(&server, &bob).await;
    phone.does(DeviceAction::GoOffline);
    phone.syncs_all(&server, &bob).await;

    let first: Device = phone.registers(&server, &bob).await.told(201);
    let again: Device = phone.registers(&server, &bob).await.told(201);
    assert_eq!((again.last_seq, again.head), (1, phone.head));
    assert_eq!(again.pin_key, first.pin_key);
    assert_eq!(again.registered_at, first.registered_at);
    let other: Device = DevicePhone::new(8).registers(&server, &bob).await.told(201);
    assert_eq!(other.pin_key, first.pin_key);
    assert_eq!(
        BASE64_URL_SAFE_NO_PAD.decode(other.pin_key).unwrap().len(),
        32
    );
}

#[tokio::test]
async fn a_device_has_one_person_and_one_key() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let mut phone = DevicePhone::of(&server, &bob).await;

    let stranger = phone.registers(&server, &alice).await;
    stranger.refused(409, ErrorCode::AlreadyExists);
    let rekeyed = DevicePhone {
        key: DevicePhone::new(9).key,
        ..phone.clone()
    };
    let rekeyed = rekeyed.registers(&server, &bob).await;
    rekeyed.refused(409, ErrorCode::AlreadyExists);
    // And nobody else sends for it.
    phone.does(DeviceAction::GoOffline);
    let batch = phone.batch();
    let sent = sends(&server, &alice, &batch).await;
    sent.refused(409, ErrorCode::DeviceUnknown);
    phone.syncs_all(&server, &bob).await;
}

#[tokio::test]
async fn nobody_has_more_than_twenty_devices() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let first = DevicePhone::new(0);
    let _: Device = first.registers(&server, &bob).await.told(201);
    for number in 1..20 {
        let phone = DevicePhone::new(number);
        let _: Device = phone.registers(&server, &bob).await.told(201);
    }
    let one_more = DevicePhone::new(20);
    let answer = one_more.registers(&server, &bob).await;
    answer.refused(409, ErrorCode::TooMany);
    let _: Device = first.registers(&server, &bob).await.told(201);
    let _: Device = one_more.registers(&server, &alice).await.told(201);
}

#[tokio::test]
async fn a_device_that_cannot_sign_is_not_registered() {
    let server = TestServer::start().await;
    let bob = bob(&server).await;
    let phone = DevicePhone::new(1);
    let good = BASE64_URL_SAFE_NO_PAD.encode(phone.key.public().bytes);
    let weak = BASE64_URL_SAFE_NO_PAD.encode([0; 32]);
    let with = |name: &str, key: &str| json!({ "device_id": phone.device, "name": name, "public_key": key });
    for body in [
        with("Phone", &weak),
        with("Phone", &good[1..]),
        with("Phone", &format!("{}=", &good[1..])),
        with("", &good),
        with("a\u{7}b", &good),
        json!({ "device_id": "device_1", "name": "Phone", "public_key": good }),
        json!({}),
    ] {
        let answer = bob.posts(&server, "/v1/devices", body).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    let nobody = post(&server, "/v1/devices").json(Value::Null).await;
    nobody.refused(401, ErrorCode::Unauthenticated);
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM sync.devices")
        .fetch_one(&server.pool)
        .await
        .unwrap();
    assert_eq!(count, 0);
}
