//! What a driver's phone gets to finish a trip without a network, and who else gets it: nobody.

use serde_json::{Value, json};
use wayfare_core::id::{TripId, UserId};
use wayfare_core::pricing::{Tariff, compute};
use wayfare_core::sync::{PinKey, TripKit};
use wayfare_core::trip::{Pin, TripStatus};
use wayfare_core::wire::{ErrorCode, Trip};

use super::phone::DevicePhone;
use crate::actors::{Actor, admin, alice, bob, carol, dan, drive_until, north_of_pickup, ride_until};
use crate::harness::TestServer;
use crate::people::put;

/// The kits that a person was sent, oldest first.
async fn kits_sent(server: &TestServer, user: UserId) -> Vec<TripKit> {
    let payloads: Vec<Value> = sqlx::query_scalar(
        "SELECT payload -> 'kit' FROM realtime.messages
         WHERE user_id = $1 AND payload ->> 'kind' = 'trip_kit' ORDER BY cursor",
    )
    .bind(user.uuid())
    .fetch_all(&server.pool)
    .await
    .unwrap();
    payloads
        .into_iter()
        .map(|kit| serde_json::from_value(kit).unwrap())
        .collect()
}

async fn refuses_kit(server: &TestServer, person: &Actor, trip: TripId) {
    let path = format!("/v1/trips/{trip}/kit");
    person
        .gets(server, &path)
        .await
        .refused(404, ErrorCode::NotFound);
}

/// Every field that is called `pin`, and every text that is this.
fn finds_pin(json: &Value, pin: &str) -> bool {
    match json {
        Value::String(text) => text == pin,
        Value::Array(items) => items.iter().any(|item| finds_pin(item, pin)),
        Value::Object(fields) => fields
            .iter()
            .any(|(name, field)| name == "pin" || finds_pin(field, pin)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[tokio::test]
async fn a_driver_gets_the_kit_with_the_trip_and_nobody_else_does() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let (carol, dan) = (carol(&server).await, dan(&server).await);
    let admin = admin(&server).await;
    let trip = alice.requests_trip(&server).await;
    refuses_kit(&server, &bob, trip.id).await;
    drive_until(&server, &alice, &bob, &trip, TripStatus::Assigned).await;

    let pushed = kits_sent(&server, bob.id()).await;
    assert_eq!(pushed.len(), 1, "right after the acceptance");
    let kit = bob.gets_kit(&server, trip.id).await;
    assert_eq!(pushed[0].trip, kit.trip);
    assert_eq!(kit.shown, bob.sees(&server, trip.id).await);
    for other in [&alice, &carol, &dan, &admin] {
        refuses_kit(&server, other, trip.id).await;
        assert_eq!(kits_sent(&server, other.id()).await.len(), 0);
    }
}

#[tokio::test]
async fn a_kit_checks_the_pin_and_does_not_hold_it() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    let (pin, kit) = (trip.pin.unwrap(), bob.gets_kit(&server, trip.id).await);
    let answer: Value = serde_json::to_value(&kit).unwrap();
    let raw: Value = bob
        .gets(&server, &format!("/v1/trips/{}/kit", trip.id))
        .await
        .told(200);
    let messages: Value = sqlx::query_scalar(
        "SELECT jsonb_agg(payload) FROM realtime.messages WHERE user_id = $1",
    )
    .bind(bob.id().uuid())
    .fetch_one(&server.pool)
    .await
    .unwrap();
    for json in [&answer, &raw, &messages] {
        assert!(!finds_pin(json, &pin.to_string()), "{json}");
    }
    let _phone = DevicePhone::of(&server, &bob).await;
    let key: Vec<u8> = sqlx::query_scalar("SELECT key FROM sync.pin_keys WHERE user_id = $1")
        .bind(bob.id().uuid())
        .fetch_one(&server.pool)
        .await
        .unwrap();
    let key = PinKey::from_bytes(key.try_into().unwrap());
    let right: Vec<Pin> = (0..10_000)
        .map(Pin::from_number)
        .filter(|pin| key.matches(&kit.pin_check, *pin))
        .collect();
    assert_eq!(right, [pin]);
    let again = bob.gets_kit(&server, trip.id).await;
    assert_ne!(again.pin_check.salt, kit.pin_check.salt);
}

#[tokio::test]
async fn a_kit_computes_the_fare_that_the_rider_was_promised() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    let kit = bob.gets_kit(&server, trip.id).await;
    let tariff = Tariff::new(kit.tariff).unwrap();
    assert_eq!(compute(&tariff, &kit.quoted).unwrap(), trip.fare);
    assert_eq!(kit.plan.distance_m, trip.distance_m);
}

#[tokio::test]
async fn a_kit_comes_again_when_somebody_else_changes_the_trip() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    bob.arrives(&server, trip.id).await;
    bob.starts(&server, &trip).await;
    assert_eq!(
        kits_sent(&server, bob.id()).await.len(),
        1,
        "what the driver does the phone knows"
    );
    let elsewhere = north_of_pickup(2000.0);
    let body = json!({ "waypoints": [], "dropoff": elsewhere });
    let _: Trip = put(
        &server,
        &format!("/v1/trips/{}/stops", trip.id),
    )
    .by(&alice.session)
    .json(body)
    .await
    .told(200);
    let kits = kits_sent(&server, bob.id()).await;
    assert_eq!(kits.len(), 2);
    assert_eq!(kits[1].trip.stop_changes, 1);
    assert_eq!(kits[1].trip, bob.gets_kit(&server, trip.id).await.trip);
}
