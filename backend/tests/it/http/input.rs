//! Bad input: a clear refusal, and nothing changed.

use serde_json::{Value, json};
use wayfare_core::wire::{ErrorCode, QuoteList};

use crate::actors::{Actor, DROPOFF, PICKUP, alice, everything};
use crate::harness::TestServer;
use crate::people::post;

const JSON: &str = "application/json";

async fn sends(server: &TestServer, person: &Actor, content_type: &str, body: &str) -> u16 {
    let call = post(server, "/v1/quotes").by(&person.session);
    let answer = call.raw(content_type, body).await;
    let code = match answer.status {
        415 => ErrorCode::UnsupportedMediaType,
        400 => ErrorCode::InvalidRequest,
        // Whoever called says what was sent.
        other => return other,
    };
    answer.refused(answer.status, code);
    answer.status
}

#[tokio::test]
async fn absurd_coordinates_get_no_quote() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let before = everything(&server).await;
    for (lat, lng) in [
        ("91", "0"),
        ("-91", "0"),
        ("90.0000001", "0"),
        ("0", "181"),
        ("0", "-180.1"),
        ("1e308", "0"),
        ("1e400", "0"),
        ("0", "-1e308"),
        ("\"NaN\"", "0"),
        ("NaN", "0"),
        ("Infinity", "0"),
        ("null", "0"),
        ("\"41.15\"", "0"),
        ("[41.15]", "0"),
        ("true", "0"),
        ("{}", "0"),
        ("", "0"),
        ("0x10", "0"),
        ("41,15", "0"),
    ] {
        let place = format!(r#"{{"lat": {lat}, "lng": {lng}}}"#);
        let good = json!(DROPOFF).to_string();
        for (pickup, dropoff) in [(&place, &good), (&good, &place)] {
            let body = format!(r#"{{"pickup": {pickup}, "dropoff": {dropoff}}}"#);
            assert_eq!(sends(&server, &alice, JSON, &body).await, 400, "{body}");
        }
    }
    assert_eq!(everything(&server).await, before);
}

#[tokio::test]
async fn places_at_the_edges_of_the_world_are_places() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    for (pickup, dropoff) in [
        ([0.0, 0.0], [0.02, 0.0]),
        ([0.0, 179.99], [0.0, -179.99]),
        ([90.0, 0.0], [89.98, 180.0]),
        ([-90.0, -180.0], [-89.98, 180.0]),
    ] {
        let place = |[lat, lng]: [f64; 2]| json!({ "lat": lat, "lng": lng });
        let body = json!({ "pickup": place(pickup), "dropoff": place(dropoff) });
        let list: QuoteList = alice.posts(&server, "/v1/quotes", body).await.told(201);
        let distance_m = list.quotes[0].distance_m;
        assert!(
            (2_000..7_000).contains(&distance_m),
            "{pickup:?} {dropoff:?}: {distance_m}"
        );
    }
}

#[tokio::test]
async fn a_body_that_is_not_the_wanted_json_is_refused() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let before = everything(&server).await;
    let good = json!({ "pickup": PICKUP, "dropoff": DROPOFF });
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body.to_string()
    };
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep_field = with("pickup", json!(0)).replace('0', &deep);
    let good_text = good.to_string();
    for body in [
        "",
        " ",
        "null",
        "0",
        "\"text\"",
        "[]",
        "{}",
        "{",
        "}",
        "{]",
        "{\"pickup\"",
        "\u{feff}{}",
        "pickup=1&dropoff=2",
        "<quote/>",
        &deep,
        &deep_field,
        &with("surge", json!(1)),
        &with("vehicle_class", json!("standard")),
        &with("pickup", json!({ "lat": 41.15, "lng": -8.61, "alt": 3 })),
        &with("pickup", json!({ "lat": 41.15 })),
        &with("dropoff", Value::Null),
        &with("dropoff", json!([41.17, -8.63])),
        &format!("{good_text}{good_text}"),
        &good_text[..good_text.len() - 1],
        &format!(
            "{}, \"pickup\": {}}}",
            &good_text[..good_text.len() - 1],
            json!(PICKUP)
        ),
        &good_text.replace("\"lat\"", "\"LAT\""),
        &good_text.replace('"', "'"),
    ] {
        let start: String = body.chars().take(100).collect();
        assert_eq!(sends(&server, &alice, JSON, body).await, 400, "{start}");
    }
    assert_eq!(everything(&server).await, before);
    assert_eq!(alice.posts(&server, "/v1/quotes", good).await.status, 201);
}

#[tokio::test]
async fn a_body_that_is_not_utf_8_is_refused() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let answer = server
        .http
        .post(server.url("/v1/quotes"))
        .bearer_auth(&alice.session.access_token)
        .header("Content-Type", JSON)
        .body(b"{\"pickup\": \"\xff\xfe\"}".to_vec())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 400);
}

#[tokio::test]
async fn only_json_is_taken() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let good = json!({ "pickup": PICKUP, "dropoff": DROPOFF }).to_string();
    for content_type in [
        "text/plain",
        "text/json",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "json",
        "application/jsonx",
    ] {
        assert_eq!(
            sends(&server, &alice, content_type, &good).await,
            415,
            "{content_type}"
        );
    }
    let none = server.http.post(server.url("/v1/quotes"));
    let none = none
        .bearer_auth(&alice.session.access_token)
        .body(good.clone());
    assert_eq!(none.send().await.unwrap().status(), 415);
    for content_type in ["application/json; charset=utf-8", "APPLICATION/JSON"] {
        let call = post(&server, "/v1/quotes").by(&alice.session);
        assert_eq!(
            call.raw(content_type, &good).await.status,
            201,
            "{content_type}"
        );
    }
}

#[tokio::test]
async fn ids_are_of_their_kind_and_well_formed() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let digits = "0".repeat(32);
    for quote_id in [
        format!("trip_{digits}"),
        digits.clone(),
        format!("quote_{}", &digits[1..]),
        format!("quote_{digits}0"),
        format!("QUOTE_{digits}"),
        format!("quote_{}", "A".repeat(32)),
        format!("quote_{}", "z".repeat(32)),
        String::new(),
        "quote_".to_owned(),
        "quote_00000000-0000-0000-0000-000000000000".to_owned(),
    ] {
        let answer = alice
            .posts(&server, "/v1/trips", json!({ "quote_id": quote_id }))
            .await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    let unknown = json!({ "quote_id": format!("quote_{digits}") });
    alice
        .posts(&server, "/v1/trips", unknown)
        .await
        .refused(404, ErrorCode::NotFound);
    for trip in [
        "1",
        &format!("offer_{digits}"),
        "trip_%00",
        "..%2f..%2fetc",
        "trip_'--",
    ] {
        let answer = alice.gets(&server, &format!("/v1/trips/{trip}")).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
}

#[tokio::test]
async fn a_cancellation_needs_a_known_reason() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let trip = alice.requests_trip(&server).await;
    let before = everything(&server).await;
    for body in [
        json!({}),
        json!({ "reason": "because" }),
        json!({ "reason": 1 }),
        json!("other"),
        json!({ "reason": "other", "note": 5 }),
        json!({ "reason": "other", "fee": 0 }),
        json!({ "reason": ["other"] }),
        Value::Null,
    ] {
        let answer = alice.tries(&server, "cancel", trip.id, body).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    assert_eq!(everything(&server).await, before);
}
