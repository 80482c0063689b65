//! How often a code is used, by one rider and by all, at once and one after the other.

use chrono::{TimeDelta, Utc};
use futures_util::future::join_all;
use serde_json::{Value, json};
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{ErrorCode, Quote, Trip};

use super::{USES, promoted, refused, tenth, uses};
use crate::actors::{Actor, alice, bob, carol};
use crate::harness::{TestServer, wait_for};
use crate::people::{Answer, count, open_connections};
use crate::pricing::{FROM, quote, ride, take};

const TRIPS: &str = "SELECT count(*) FROM trips.trips";

async fn tries_to_take(server: &TestServer, rider: &Actor, quote: &Quote) -> Answer {
    let body = json!({ "quote_id": quote.id });
    rider.posts(server, "/v1/trips", body).await
}

#[tokio::test]
async fn a_rider_uses_a_code_as_often_as_one_may() {
    let server = TestServer::start().await;
    let (alice, carol) = (alice(&server).await, carol(&server).await);
    let admin = tenth(&server, json!({ "uses_per_rider_max": 2, "uses_max": 3 })).await;
    let pickup_at = Utc::now() + TimeDelta::hours(5);
    let later = ride(json!({ "promo_code": "TENTH", "pickup_at": pickup_at }));
    let third = quote(&server, &alice, later.clone()).await;
    take(&server, &alice, &promoted(&server, &alice).await).await;
    take(&server, &alice, &quote(&server, &alice, later).await).await;
    let detail = refused(&server, &alice, "TENTH").await;
    assert!(detail.contains("used the promotion already"), "{detail}");
    // A quote of before does not help.
    let answer = tries_to_take(&server, &alice, &third).await;
    answer.refused(409, ErrorCode::PromotionRefused);
    assert_eq!(
        (count(&server, TRIPS).await, uses(&server, &admin).await),
        (2, 2)
    );

    take(&server, &carol, &promoted(&server, &carol).await).await;
    let detail = refused(&server, &carol, "TENTH").await;
    assert!(detail.contains("used up"), "{detail}");
}

#[tokio::test]
async fn two_trips_of_one_rider_at_once_use_a_code_once() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    tenth(&server, json!({})).await;
    open_connections(&server, &alice.session).await;
    for _ in 0..4 {
        let (mine, theirs) = (
            promoted(&server, &alice).await,
            promoted(&server, &alice).await,
        );
        let passenger = json!({ "name": "Eve", "phone": "+351960000001" });
        let for_eve = json!({ "quote_id": theirs.id, "passenger": passenger });
        let (one, two) = tokio::join!(
            tries_to_take(&server, &alice, &mine),
            alice.posts(&server, "/v1/trips", for_eve),
        );
        let (won, lost) = if one.status == 201 {
            (one, two)
        } else {
            (two, one)
        };
        lost.refused(409, ErrorCode::PromotionRefused);
        let trip: Trip = won.told(201);
        assert_eq!(count(&server, USES).await, 1);
        alice.cancels(&server, trip.id, "changed_mind").await;
    }
    assert_eq!(count(&server, TRIPS).await, 4);
}

#[tokio::test]
async fn of_many_riders_at_once_as_many_use_a_code_as_there_are_uses() {
    const CROWD: u32 = 10;
    let server = TestServer::start().await;
    let admin = tenth(&server, json!({ "uses_max": 3 })).await;
    let riders = (1..=CROWD).map(|number| Actor::rider(&server, number, "Rider"));
    let riders = join_all(riders).await;
    open_connections(&server, &riders[0].session).await;
    let quotes = join_all(riders.iter().map(|rider| promoted(&server, rider))).await;
    let asked = riders.iter().zip(&quotes);
    let answers = join_all(asked.map(|(rider, quote)| tries_to_take(&server, rider, quote))).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    assert_eq!(won.len(), 3);
    for answer in lost {
        let problem = answer.refused(409, ErrorCode::PromotionRefused);
        assert!(problem.detail.contains("used up"), "{problem:?}");
    }
    assert_eq!(
        (count(&server, TRIPS).await, count(&server, USES).await),
        (3, 3)
    );
    assert_eq!(uses(&server, &admin).await, 3);
    // Without the code everybody else gets their trip.
    for (rider, _) in riders.iter().zip(&answers).filter(|(_, a)| a.status != 201) {
        rider.requests_trip(&server).await;
    }
    assert_eq!(count(&server, TRIPS).await, i64::from(CROWD));
}

#[tokio::test]
async fn a_trip_that_is_called_off_gives_its_use_back() {
    let server = TestServer::start().await;
    let (alice, carol, bob) = (
        alice(&server).await,
        carol(&server).await,
        bob(&server).await,
    );
    let admin = tenth(&server, json!({ "uses_max": 1 })).await;
    bob.is_free_at(&server, FROM).await;
    for _ in 0..2 {
        let trip = take(&server, &alice, &promoted(&server, &alice).await).await;
        assert_eq!(uses(&server, &admin).await, 1);
        refused(&server, &carol, "TENTH").await;
        // The driver gives it back: it still takes place, and the code with it.
        let offer = bob.is_offered_trip(&server).await;
        bob.accepts(&server, &offer).await;
        let _: Value = bob
            .tries(
                &server,
                "cancel",
                trip.id,
                json!({ "reason": "vehicle_problem" }),
            )
            .await
            .told(200);
        assert_eq!(uses(&server, &admin).await, 1);
        alice.cancels(&server, trip.id, "changed_mind").await;
        assert_eq!(
            (uses(&server, &admin).await, count(&server, USES).await),
            (0, 0)
        );
    }
    take(&server, &carol, &promoted(&server, &carol).await).await;
    refused(&server, &alice, "TENTH").await;
}

#[tokio::test]
async fn a_trip_that_finds_no_driver_gives_its_use_back() {
    let server = TestServer::start_with(|config| {
        config.dispatch.offer_timeout_s = 1;
        config.dispatch.search_timeout_s = 1;
    })
    .await;
    let alice = alice(&server).await;
    let admin = tenth(&server, json!({})).await;
    let trip = take(&server, &alice, &promoted(&server, &alice).await).await;
    assert_eq!(uses(&server, &admin).await, 1);
    wait_for("the trip to expire", || async {
        let status = alice.sees(&server, trip.id).await.status;
        (status == TripStatus::Expired).then_some(())
    })
    .await;
    assert_eq!(uses(&server, &admin).await, 0);
    promoted(&server, &alice).await;
}

#[tokio::test]
async fn what_a_code_was_promised_to_take_off_holds_after_its_end() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    tenth(&server, json!({})).await;
    let quote = promoted(&server, &alice).await;
    sqlx::query(
        "UPDATE pricing.promotions
         SET rule = jsonb_set(rule, '{valid_until}', to_jsonb(now() - interval '1 second'))",
    )
    .execute(&server.pool)
    .await
    .unwrap();
    refused(&server, &alice, "TENTH").await;
    let trip = take(&server, &alice, &quote).await;
    assert_eq!(trip.fare.total_minor, 500);
    assert_eq!(count(&server, USES).await, 1);
}
