//! Promotions: what an admin can enter, and what riders get for a code.

mod uses;

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use wayfare_core::pricing::LineKind;
use wayfare_core::trip::TripStatus;
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::{ErrorCode, PromotionList, PromotionView, Quote};

use super::{in_class, lines, merge, promise, quote, quotes, ride, take};
use crate::actors::{Actor, admin, alice, bob, carol, everything, ride_until};
use crate::harness::TestServer;
use crate::people::{Answer, count};

const PATH: &str = "/v1/admin/promotions";
const USES: &str = "SELECT count(*) FROM pricing.promotion_uses";

/// A tenth off, at most 3 euros, once per rider, this hour and the next.
fn rule(code: &str, more: Value) -> Value {
    let (from, until) = (
        Utc::now() - TimeDelta::hours(1),
        Utc::now() + TimeDelta::hours(1),
    );
    let mut rule = json!({
        "code": code, "promo": { "kind": "percent", "bps": 1000, "cap_minor": 300 },
        "valid_from": from, "valid_until": until, "uses_per_rider_max": 1,
    });
    merge(&mut rule, more);
    rule
}

async fn tries(server: &TestServer, admin: &Actor, rule: Value) -> Answer {
    admin.posts(server, PATH, json!({ "rule": rule })).await
}

/// Enters a promotion with the code `TENTH`.
async fn tenth(server: &TestServer, more: Value) -> Actor {
    let admin = admin(server).await;
    let _: PromotionView = tries(server, &admin, rule("TENTH", more)).await.told(201);
    admin
}

/// How often the only promotion was used, as the admins see it.
async fn uses(server: &TestServer, admin: &Actor) -> u32 {
    let list: PromotionList = admin.gets(server, PATH).await.told(200);
    assert_eq!(list.promotions.len(), 1);
    list.promotions[0].uses
}

fn with(code: &str) -> Value {
    ride(json!({ "promo_code": code }))
}

async fn promoted(server: &TestServer, rider: &Actor) -> Quote {
    let quote = quote(server, rider, with("TENTH")).await;
    assert_eq!(quote.fare.sum_minor(LineKind::Promo), -45);
    quote
}

/// Asks for quotes with a code that takes nothing off; answers why.
async fn refused(server: &TestServer, rider: &Actor, code: &str) -> String {
    let answer = rider.posts(server, "/v1/quotes", with(code)).await;
    answer.refused(409, ErrorCode::PromotionRefused).detail
}

#[tokio::test]
async fn only_admins_see_and_enter_promotions() {
    let server = TestServer::start().await;
    let (admin, alice) = (tenth(&server, json!({})).await, alice(&server).await);
    let answer = alice.gets(&server, PATH).await;
    answer.refused(403, ErrorCode::Forbidden);
    let answer = tries(&server, &alice, rule("FREE", json!({}))).await;
    answer.refused(403, ErrorCode::Forbidden);
    assert_eq!(uses(&server, &admin).await, 0);
}

#[tokio::test]
async fn a_promotion_that_breaks_rules_is_refused_by_its_fields() {
    let server = TestServer::start().await;
    let admin = admin(&server).await;
    let percent = |bps, cap| json!({ "kind": "percent", "bps": bps, "cap_minor": cap });
    let bad = [
        (json!({ "code": "NO" }), vec!["code"]),
        (json!({ "code": "SO MUCH" }), vec!["code"]),
        (json!({ "code": "X".repeat(25) }), vec!["code"]),
        (json!({ "uses": 5 }), vec!["uses"]),
        (json!({ "promo": { "kind": "gift" } }), vec!["promo.kind"]),
        (
            json!({ "promo": { "kind": "fixed" } }),
            vec!["promo.amount_minor"],
        ),
        (
            json!({ "promo": { "kind": "fixed", "amount_minor": 0 } }),
            vec!["promo.amount_minor"],
        ),
        (
            json!({ "promo": percent(10_001, 0) }),
            vec!["promo.bps", "promo.cap_minor"],
        ),
        (json!({ "promo": percent(0, 1) }), vec!["promo.bps"]),
        (json!({ "valid_from": "now" }), vec!["valid_from"]),
        (
            json!({ "valid_until": "2020-01-01T00:00:00Z" }),
            vec!["valid_until"],
        ),
        (
            json!({ "vehicle_classes": ["balloon"] }),
            vec!["vehicle_classes[0]"],
        ),
        (
            json!({ "vehicle_classes": ["xl", "xl"] }),
            vec!["vehicle_classes[1]"],
        ),
        (
            json!({ "first_trips": 0, "uses_max": 0 }),
            vec!["first_trips", "uses_max"],
        ),
        (
            json!({ "uses_per_rider_max": 0 }),
            vec!["uses_per_rider_max"],
        ),
        (json!({ "uses_max": 3_000_000_000_u32 }), vec!["uses_max"]),
        (
            json!({ "uses_per_rider_max": -1 }),
            vec!["uses_per_rider_max"],
        ),
        (json!({ "minimum_minor": -1 }), vec!["minimum_minor"]),
    ];
    for (fields, wanted) in bad {
        let answer = tries(&server, &admin, rule("TENTH", fields.clone())).await;
        let problem = answer.refused(400, ErrorCode::InvalidRequest);
        let named: Vec<&str> = problem.errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(named, wanted, "{fields}");
    }
    for field in [
        "code",
        "promo",
        "valid_from",
        "valid_until",
        "uses_per_rider_max",
    ] {
        let mut rule = rule("TENTH", json!({}));
        rule.as_object_mut().unwrap().remove(field);
        let problem = tries(&server, &admin, rule).await;
        let problem = problem.refused(400, ErrorCode::InvalidRequest);
        assert_eq!(problem.errors[0].field, field);
    }
    assert_eq!(
        count(&server, "SELECT count(*) FROM pricing.promotions").await,
        0
    );
}

#[tokio::test]
async fn a_code_is_entered_once_however_it_is_written() {
    let server = TestServer::start().await;
    let admin = admin(&server).await;
    let shown: PromotionView = tries(&server, &admin, rule("tenth-1", json!({})))
        .await
        .told(201);
    assert_eq!((shown.code.as_str(), shown.uses), ("TENTH-1", 0));
    assert_eq!(shown.rule["code"], "TENTH-1");
    for code in ["TENTH-1", "Tenth-1"] {
        let answer = tries(&server, &admin, rule(code, json!({}))).await;
        answer.refused(409, ErrorCode::AlreadyExists);
    }
    let body = json!({ "rule": rule("OTHER", json!({})) });
    let first = admin.posts_as(&server, "mine", PATH, body.clone()).await;
    let second = admin.posts_as(&server, "mine", PATH, body).await;
    assert_eq!((first.status, &first.body), (201, &second.body));
    let list: PromotionList = admin.gets(&server, PATH).await.told(200);
    let codes: Vec<&str> = list.promotions.iter().map(|p| p.code.as_str()).collect();
    assert_eq!(codes, ["OTHER", "TENTH-1"], "the newest first");
}

#[tokio::test]
async fn a_code_takes_its_part_off_the_quote_and_the_trip_and_not_off_the_drivers_share() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let admin = tenth(&server, json!({})).await;
    let plain = quote(&server, &alice, ride(json!({}))).await;
    // A tenth of 454 is 45.4; the tax stays, so the total is 545 − 45.
    let quote = quote(&server, &alice, with("tenth")).await;
    let mut wanted = lines(&plain);
    wanted.push((LineKind::Promo, -45));
    assert_eq!(lines(&quote), wanted);
    assert_eq!((plain.fare.total_minor, quote.fare.total_minor), (545, 500));
    assert_eq!(quote.fare.driver_share_minor, plain.fare.driver_share_minor);
    assert_eq!(promise(&server, &quote).await.fare, quote.fare);
    assert_eq!(uses(&server, &admin).await, 0, "a quote is no use");

    let trip = take(&server, &alice, &quote).await;
    assert_eq!(
        (trip.fare, uses(&server, &admin).await),
        (quote.fare.clone(), 1)
    );
    bob.is_free_at(&server, super::FROM).await;
    let offer = bob.is_offered_trip(&server).await;
    assert_eq!(offer.driver_share_minor, plain.fare.driver_share_minor);
    bob.accepts(&server, &offer).await;
    bob.arrives(&server, trip.id).await;
    bob.starts(&server, &alice.sees(&server, trip.id).await)
        .await;
    assert_eq!(bob.completes(&server, trip.id).await.fare, quote.fare);
    assert_eq!(
        (uses(&server, &admin).await, count(&server, USES).await),
        (1, 1)
    );
    let integrity = admin.checks_integrity(&server).await;
    assert_eq!(integrity.ledger.imbalance_minor, 0);
}

#[tokio::test]
async fn a_code_that_does_not_fit_is_refused_with_its_reason() {
    let server = TestServer::start().await;
    let (admin, alice, bob) = (
        admin(&server).await,
        alice(&server).await,
        bob(&server).await,
    );
    let (past, soon) = (
        Utc::now() - TimeDelta::seconds(1),
        Utc::now() + TimeDelta::minutes(5),
    );
    for (code, fields) in [
        ("SOON", json!({ "valid_from": soon })),
        ("PAST", json!({ "valid_until": past })),
        ("NEW", json!({ "first_trips": 1 })),
        ("DEAR", json!({ "minimum_minor": 707 })),
    ] {
        let _: PromotionView = tries(&server, &admin, rule(code, fields)).await.told(201);
    }
    quote(&server, &alice, with("NEW")).await;
    ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    let before = everything(&server).await;
    for (code, why) in [
        ("NOTHING", "no such promo code"),
        ("SOON", "has not begun"),
        ("PAST", "is over"),
        ("NEW", "for new riders"),
        ("DEAR", "costs less"),
    ] {
        let detail = refused(&server, &alice, code).await;
        assert!(detail.contains(why), "{code}: {detail}");
    }
    for code in ["", "NO", "SO MUCH", "TENTH%", "ÄÖÜ"] {
        let answer = alice.posts(&server, "/v1/quotes", with(code)).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    assert_eq!(everything(&server).await, before, "no quote was made");
}

#[tokio::test]
async fn a_code_for_some_rides_is_no_use_of_the_others() {
    let server = TestServer::start().await;
    let (admin, alice, carol) = (
        admin(&server).await,
        alice(&server).await,
        carol(&server).await,
    );
    for (code, fields) in [
        ("LARGE", json!({ "vehicle_classes": ["xl"] })),
        // A ride in a standard car costs 454, in a large one 250 + 332 + 124 = 706.
        ("DEAR", json!({ "minimum_minor": 706 })),
    ] {
        let _: PromotionView = tries(&server, &admin, rule(code, fields)).await.told(201);
        let list = quotes(&server, &alice, with(code)).await;
        let promo = |class| {
            in_class(list.clone(), class)
                .fare
                .sum_minor(LineKind::Promo)
        };
        assert_eq!(promo(VehicleClass::Standard), 0, "{code}");
        assert_eq!(promo(VehicleClass::Xl), -71, "{code}");
    }
    let without = quote(&server, &alice, with("LARGE")).await;
    take(&server, &alice, &without).await;
    assert_eq!(count(&server, USES).await, 0);
    let list = quotes(&server, &carol, with("LARGE")).await;
    take(&server, &carol, &in_class(list, VehicleClass::Xl)).await;
    assert_eq!(count(&server, USES).await, 1);
}
