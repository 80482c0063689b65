//! Tariffs: what an admin can enter, and who reads it.

mod versions;

use chrono::{SubsecRound, TimeDelta, Timelike, Utc};
use serde_json::{Value, json};
use wayfare_core::pricing::TariffRef;
use wayfare_core::wire::{ErrorCode, TariffList, TariffVersion};

use super::{changed, enters, rules, tariff};
use crate::actors::{Actor, admin, alice, bob};
use crate::harness::TestServer;
use crate::people::Answer;

const PATH: &str = "/v1/admin/tariffs";

/// Everything that entering a tariff could have changed.
async fn all(server: &TestServer) -> Value {
    sqlx::query_scalar(
        "SELECT jsonb_build_object(
             'tariffs', (SELECT jsonb_agg(x ORDER BY x.id, x.version) FROM pricing.tariffs x),
             'keys', (SELECT count(*) FROM platform.idempotency_keys))",
    )
    .fetch_one(&server.pool)
    .await
    .unwrap()
}

async fn tries(server: &TestServer, admin: &Actor, spec: Value) -> Answer {
    admin.posts(server, PATH, json!({ "spec": spec })).await
}

/// What is wrong with a tariff that was refused, field by field.
fn fields(answer: &Answer) -> Vec<String> {
    let problem = answer.refused(400, ErrorCode::InvalidTariff);
    let told = problem.errors.into_iter().map(|error| {
        assert!(!error.problem.is_empty(), "{}", error.field);
        error.field
    });
    told.collect()
}

#[tokio::test]
async fn only_admins_set_prices_and_everybody_who_is_signed_in_reads_them() {
    let server = TestServer::start().await;
    let (admin, alice, bob) = (
        admin(&server).await,
        alice(&server).await,
        bob(&server).await,
    );
    let spec = changed(&server, &admin, 2, json!({ "base_minor": 0 })).await;
    let before = all(&server).await;
    for person in [&alice, &bob] {
        let answer = tries(&server, person, spec.clone()).await;
        answer.refused(403, ErrorCode::Forbidden);
        let answer = person.gets(&server, PATH).await;
        answer.refused(403, ErrorCode::Forbidden);
        let shown = tariff(&server, person, "default_standard", 1).await;
        assert_eq!(shown, tariff(&server, &admin, "default_standard", 1).await);
    }
    assert_eq!(all(&server).await, before);
}

#[tokio::test]
async fn a_tariff_that_breaks_rules_is_refused_by_its_fields() {
    let server = TestServer::start().await;
    let admin = admin(&server).await;
    let before = all(&server).await;
    for (fields_changed, wanted) in bad_fields() {
        let spec = changed(&server, &admin, 2, fields_changed.clone()).await;
        let answer = tries(&server, &admin, spec).await;
        assert_eq!(fields(&answer), wanted, "{fields_changed}");
    }
    assert_eq!(all(&server).await, before);
    let list: TariffList = admin.gets(&server, PATH).await.told(200);
    assert_eq!(list.tariffs.len(), 2, "those of a new city");
}

/// Fields of a tariff, and those that are named when it is refused.
fn bad_fields() -> Vec<(Value, Vec<&'static str>)> {
    let km = |from_m: i64| json!({ "from_m": from_m, "per_km_minor": 75 });
    vec![
        (json!({ "surge_max": 1 }), vec!["surge_max"]),
        (json!({ "base_minor": "150" }), vec!["base_minor"]),
        (json!({ "base_minor": 1.5 }), vec!["base_minor"]),
        (json!({ "base_minor": null }), vec!["base_minor"]),
        (json!({ "base_minor": -1 }), vec!["base_minor"]),
        (json!({ "night": { "windows": [] } }), vec!["night.bps"]),
        (
            json!({ "night": { "windows": [{ "start": "25:00", "end": "06:00" }], "bps": 1 } }),
            vec!["night.windows[0].start"],
        ),
        (
            json!({ "night": { "windows": [{ "start": "06:00", "end": "06:00" }], "bps": 1 } }),
            vec!["night.windows[0]"],
        ),
        (json!({ "timezone": "Europe/Atlantis" }), vec!["timezone"]),
        (json!({ "vehicle_class": "balloon" }), vec!["vehicle_class"]),
        (json!({ "vehicle_class": "xl" }), vec!["vehicle_class"]),
        (json!({ "base_minor": i64::MAX }), vec!["spec"]),
        (
            json!({ "cancellation": { "free_s": 0, "fee_minor": i64::MAX, "free_if_late_s": 9,
                "scheduled_free_s": 0, "no_show_fee_minor": 1, "driver_share_bps": 0 } }),
            vec!["spec"],
        ),
        (json!({ "tolls": { "x".repeat(61): 100 } }), vec!["spec"]),
        (
            json!({ "taxes": vec![json!({ "name": "VAT", "bps": 1, "on": ["base"] }); 21] }),
            vec!["taxes"],
        ),
        (json!({ "per_waypoint_minor": i64::MAX / 4 }), vec!["spec"]),
        (json!({ "currency": "USD" }), vec!["currency"]),
        (json!({ "currency": "€" }), vec!["currency"]),
        (json!({ "id": "" }), vec!["id"]),
        (json!({ "id": "Default Standard" }), vec!["id"]),
        (json!({ "id": "x".repeat(61) }), vec!["id"]),
        (
            json!({ "id": "../standard", "currency": "USD" }),
            vec!["id", "currency"],
        ),
        (json!({ "version": 0 }), vec!["version"]),
        (json!({ "version": -1 }), vec!["version"]),
        (json!({ "version": 3_000_000_000_u32 }), vec!["version"]),
        (json!({ "distance_tiers": [] }), vec!["distance_tiers"]),
        (
            json!({ "distance_tiers": [km(1)] }),
            vec!["distance_tiers[0].from_m"],
        ),
        (
            json!({ "distance_tiers": [km(0), km(500), km(500), km(400)] }),
            vec!["distance_tiers[2].from_m", "distance_tiers[3].from_m"],
        ),
        (
            json!({ "distance_tiers": [{ "from_m": 0, "per_mile_minor": 1 }] }),
            vec!["distance_tiers[0].per_mile_minor"],
        ),
        (
            json!({ "time_tiers": [{ "from_s": 0, "per_min_minor": -3 }] }),
            vec!["time_tiers[0].per_min_minor"],
        ),
        (json!({ "tolls": { "bridge": -200 } }), vec!["tolls.bridge"]),
        (
            json!({ "zones": { "airport": "dear" } }),
            vec!["zones.airport"],
        ),
        (json!({ "surge_cap_bps": 9_999 }), vec!["surge_cap_bps"]),
        (
            json!({ "taxes": [{ "name": "", "bps": 10_001, "on": ["base", "base", "tax"] }] }),
            vec![
                "taxes[0].name",
                "taxes[0].bps",
                "taxes[0].on[1]",
                "taxes[0].on[2]",
            ],
        ),
        (json!({ "platform_lines": ["base"] }), vec!["commission.on"]),
        (
            json!({ "platform_lines": ["lunch"] }),
            vec!["platform_lines[0]"],
        ),
        (
            json!({ "rounding": { "unit_minor": 0, "mode": "up" } }),
            vec!["rounding.unit_minor"],
        ),
        (
            json!({ "cancellation": { "free_s": 1 } }),
            vec!["cancellation.fee_minor"],
        ),
        (
            json!({ "free_wait_s": -1, "minimum_minor": -1, "requote_over_m": -1 }),
            vec!["free_wait_s", "minimum_minor", "requote_over_m"],
        ),
    ]
}

#[tokio::test]
async fn a_tariff_is_an_object_with_every_field() {
    let server = TestServer::start().await;
    let admin = admin(&server).await;
    let whole = changed(&server, &admin, 2, json!({})).await;
    let before = all(&server).await;
    for field in whole.as_object().unwrap().keys() {
        let mut spec = whole.clone();
        spec.as_object_mut().unwrap().remove(field);
        if field == "cancellation" {
            continue;
        }
        let answer = tries(&server, &admin, spec).await;
        assert_eq!(fields(&answer), [field.as_str()]);
    }
    for spec in [json!(null), json!(5), json!([]), json!("tariff")] {
        let named = fields(&tries(&server, &admin, spec.clone()).await);
        assert_eq!(named.len(), 1, "{spec}: {named:?}");
    }
    for body in [
        json!({}),
        json!({ "spec": whole, "valid_form": Utc::now() }),
    ] {
        let answer = admin.posts(&server, PATH, body).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    assert_eq!(all(&server).await, before);
}

#[tokio::test]
async fn a_version_is_the_next_one_and_never_begins_in_the_past() {
    let server = TestServer::start().await;
    let admin = admin(&server).await;
    let before = all(&server).await;
    let spec = changed(&server, &admin, 1, json!({})).await;
    let answer = tries(&server, &admin, spec).await;
    answer.refused(409, ErrorCode::AlreadyExists);
    for (id, version) in [
        ("default_standard", 5),
        ("default_standard", 3),
        ("weekend", 2),
    ] {
        let spec = changed(&server, &admin, version, json!({ "id": id })).await;
        let answer = tries(&server, &admin, spec).await;
        assert_eq!(fields(&answer), ["version"], "{id} {version}");
    }
    let spec = changed(&server, &admin, 2, json!({})).await;
    for ago in [TimeDelta::seconds(1), TimeDelta::days(365)] {
        let body = json!({ "spec": spec, "valid_from": Utc::now() - ago });
        let answer = admin.posts(&server, PATH, body).await;
        assert_eq!(fields(&answer), ["valid_from"]);
    }
    assert_eq!(all(&server).await, before);
    let weekend = changed(&server, &admin, 1, json!({ "id": "weekend" })).await;
    enters(&server, &admin, weekend).await;
    enters(&server, &admin, spec).await;
}

#[tokio::test]
async fn a_version_is_read_as_it_was_entered() {
    let server = TestServer::start().await;
    let admin = admin(&server).await;
    let tolls = json!({ "tolls": { "bridge": 200 }, "zones": { "airport": 300, "a": 0 } });
    let spec = changed(&server, &admin, 2, tolls).await;
    let valid_from = (Utc::now() + TimeDelta::days(1)).with_nanosecond(1_999);
    let body = json!({ "spec": spec, "valid_from": valid_from });
    let entered: TariffVersion = admin.posts(&server, PATH, body).await.told(201);
    assert_eq!(entered.spec, spec);
    assert_eq!(
        (entered.id.as_str(), entered.version),
        ("default_standard", 2)
    );
    assert_eq!(entered.valid_from, valid_from.unwrap().trunc_subsecs(6));
    let named = TariffRef::of(&rules(&entered));
    assert_eq!(entered.digest, named.digest.to_string());
    assert_eq!(
        tariff(&server, &admin, "default_standard", 2).await,
        entered
    );
    let list: TariffList = admin.gets(&server, PATH).await.told(200);
    let listed: Vec<_> = list
        .tariffs
        .iter()
        .map(|t| (t.id.as_str(), t.version))
        .collect();
    let wanted = [
        ("default_standard", 2),
        ("default_standard", 1),
        ("default_xl", 1),
    ];
    assert_eq!(listed[0], wanted[0], "the newest first");
    assert!(wanted.iter().all(|one| listed.contains(one)), "{listed:?}");
}

#[tokio::test]
async fn a_version_that_is_not_there_is_not_found() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    for path in [
        "default_standard/versions/2",
        "nothing/versions/1",
        "default_standard/versions/2147483648",
        "default_standard/versions/4294967295",
    ] {
        let answer = alice.gets(&server, &format!("/v1/tariffs/{path}")).await;
        answer.refused(404, ErrorCode::NotFound);
    }
    for version in ["0", "-1", "x", "4294967296"] {
        let path = format!("/v1/tariffs/default_standard/versions/{version}");
        let answer = alice.gets(&server, &path).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
}
