//! Whom a new version of a tariff is for, and that it is entered once.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use wayfare_backend::identity;
use wayfare_core::pricing::LineKind;
use wayfare_core::receipt::{Receipt, verify_receipt};
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{ErrorCode, Quote, TariffVersion, Trip, TripReceipt};

use super::{PATH, all, tries};
use crate::actors::{Actor, admin, alice, bob, carol, north_of_pickup};
use crate::harness::{TestServer, wait_for};
use crate::people::{count, sign_in};
use crate::pricing::{changed, key_ring, quote, ride, rules, take, tariff};

async fn asks(server: &TestServer, rider: &Actor) -> Quote {
    quote(server, rider, ride(json!({}))).await
}

/// The rider's trip with this driver, from the offer to the end.
async fn rides(server: &TestServer, rider: &Actor, driver: &Actor, trip: &Trip) -> Trip {
    driver.is_at(server, north_of_pickup(100.0)).await;
    let offer = driver.is_offered_trip(server).await;
    driver.accepts(server, &offer).await;
    driver.arrives(server, trip.id).await;
    driver.starts(server, trip).await;
    driver.completes(server, trip.id).await;
    let trip = rider.sees(server, trip.id).await;
    assert_eq!(trip.status, TripStatus::Completed);
    trip
}

async fn receipt(server: &TestServer, rider: &Actor, trip: &Trip, version: u32) -> Receipt {
    let path = format!("/v1/trips/{}/receipt", trip.id);
    let receipt: TripReceipt = rider.gets(server, &path).await.told(200);
    let rules = rules(&tariff(server, rider, "default_standard", version).await);
    verify_receipt(&key_ring(server).await, &receipt.signed, &rules, None).unwrap()
}

#[tokio::test]
async fn a_new_price_is_for_new_quotes_and_never_for_what_was_promised() {
    let server = TestServer::start().await;
    let (admin, alice, carol, bob) = (
        admin(&server).await,
        alice(&server).await,
        carol(&server).await,
        bob(&server).await,
    );
    let (early, riding) = (asks(&server, &carol).await, asks(&server, &alice).await);
    let running = take(&server, &alice, &riding).await;

    let valid_from: DateTime<Utc> = Utc::now() + TimeDelta::milliseconds(1500);
    let spec = changed(&server, &admin, 2, json!({ "base_minor": 1150 })).await;
    let body = json!({ "spec": spec, "valid_from": valid_from });
    let _: TariffVersion = admin.posts(&server, PATH, body).await.told(201);
    let dear = wait_for("the new price", || async {
        let quote = asks(&server, &carol).await;
        let issued_at = quote.expires_at - TimeDelta::seconds(300);
        let wanted = if issued_at < valid_from { 1 } else { 2 };
        assert_eq!(quote.tariff_version, wanted, "{issued_at} {valid_from}");
        (wanted == 2).then_some(quote)
    })
    .await;
    assert_eq!(dear.fare.sum_minor(LineKind::Base), 1150);
    assert_eq!(
        tariff(&server, &carol, "default_standard", 1).await.spec["base_minor"],
        150
    );

    bob.goes_online(&server).await;
    let ended = rides(&server, &alice, &bob, &running).await;
    assert_eq!(ended.fare, riding.fare);
    assert_eq!(receipt(&server, &alice, &ended, 1).await.tariff.version, 1);
    // A quote from before is taken after, and has its price.
    let old = take(&server, &carol, &early).await;
    let ended = rides(&server, &carol, &bob, &old).await;
    assert_eq!(ended.fare.total_minor, 545);
    assert_eq!(receipt(&server, &carol, &ended, 1).await.fare, early.fare);

    let new = take(&server, &alice, &asks(&server, &alice).await).await;
    let ended = rides(&server, &alice, &bob, &new).await;
    assert_eq!(ended.fare, dear.fare);
    assert_eq!(receipt(&server, &alice, &ended, 2).await.tariff.version, 2);
}

#[tokio::test]
async fn entering_again_under_its_key_enters_once() {
    let server = TestServer::start().await;
    let admin = admin(&server).await;
    let body = json!({ "spec": changed(&server, &admin, 2, json!({})).await });
    let first = admin.posts_as(&server, "mine", PATH, body.clone()).await;
    let before = all(&server).await;
    let second = admin.posts_as(&server, "mine", PATH, body.clone()).await;
    assert_eq!((first.status, second.status), (201, 201), "{}", second.body);
    assert_eq!(first.body, second.body);
    let other = json!({ "spec": changed(&server, &admin, 3, json!({})).await });
    let answer = admin.posts_as(&server, "mine", PATH, other).await;
    answer.refused(409, ErrorCode::IdempotencyKeyReused);
    let without = admin.posts(&server, PATH, body).await;
    without.refused(409, ErrorCode::AlreadyExists);
    assert_eq!(all(&server).await, before);
}

#[tokio::test]
async fn of_two_admins_at_once_one_enters_the_version() {
    let server = TestServer::start().await;
    let ada = admin(&server).await;
    let phone = "+351940000002";
    identity::service::create_admin(&server.pool, &phone.parse().unwrap(), "Grace")
        .await
        .unwrap();
    let grace = Actor {
        session: sign_in(&server, phone).await,
        vehicle: None,
    };
    for version in 2..=6 {
        let by_ada = changed(&server, &ada, version, json!({ "base_minor": 100 })).await;
        let by_grace = changed(&server, &ada, version, json!({ "base_minor": 200 })).await;
        let (one, two) = tokio::join!(
            tries(&server, &ada, by_ada),
            tries(&server, &grace, by_grace),
        );
        let (won, lost) = if one.status == 201 {
            (one, two)
        } else {
            (two, one)
        };
        lost.refused(409, ErrorCode::AlreadyExists);
        let won: TariffVersion = won.told(201);
        assert_eq!(
            tariff(&server, &ada, "default_standard", version).await,
            won
        );
    }
    assert_eq!(
        count(&server, "SELECT count(*) FROM pricing.tariffs").await,
        7
    );
}
