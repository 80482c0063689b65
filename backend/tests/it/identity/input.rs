//! Bad input gets a clear refusal and changes nothing.

use serde_json::{Value, json};
use wayfare_core::wire::{ErrorCode, OtpChallenge, User};

use crate::harness::TestServer;
use crate::people::{ALICE, BOB, ask_otp, count, get, patch, post, sign_in};

#[tokio::test]
async fn a_bad_request_for_a_code_is_refused() {
    let server = TestServer::start().await;
    for body in [
        json!({}),
        json!([]),
        json!(null),
        json!({ "phone": null }),
        json!({ "phone": 351_910_000_001_i64 }),
        json!({ "phone": "910000001" }),
        json!({ "phone": "+351 910 000 001" }),
        json!({ "phone": "+351910000001\u{0}" }),
        json!({ "phone": ALICE, "channel": "voice" }),
    ] {
        let answer = post(&server, "/v1/auth/otp").json(body).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    assert_eq!(
        count(&server, "SELECT count(*) FROM identity.otp_challenges").await,
        0
    );
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused() {
    let server = TestServer::start().await;
    let path = "/v1/auth/otp";
    let broken = post(&server, path)
        .raw("application/json", "{\"phone\": ")
        .await;
    broken.refused(400, ErrorCode::InvalidRequest);
    let form = post(&server, path)
        .raw("application/x-www-form-urlencoded", "phone=1")
        .await;
    form.refused(415, ErrorCode::UnsupportedMediaType);
    let huge = json!({ "phone": "1".repeat(10_000_000) }).to_string();
    let answer = post(&server, path).raw("application/json", &huge).await;
    answer.refused(413, ErrorCode::BodyTooLarge);
}

#[tokio::test]
async fn a_bad_sign_in_is_refused_and_is_no_attempt() {
    let server = TestServer::start_with(|config| config.auth.otp_max_attempts = 1).await;
    let challenge: OtpChallenge = ask_otp(&server, ALICE).await.told(201);
    let code = server.otp_code(ALICE).await;
    let good = json!({
        "challenge_id": challenge.challenge_id, "code": code, "device_name": "test phone",
    });
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    for body in [
        json!({}),
        with("challenge_id", json!("challenge_1")),
        with(
            "challenge_id",
            json!("session_00000000000000000000000000000000"),
        ),
        with("code", json!("12345")),
        with("code", json!("1234567")),
        with("code", json!("١٢٣٤٥٦")),
        with("code", json!(123_456)),
        with("device_name", json!("")),
        with("device_name", json!("  ")),
        with("device_name", json!("a".repeat(61))),
        with("device_name", json!("a\u{0}b")),
        with("device_name", json!("a\nb")),
        with("admin", json!(true)),
    ] {
        let answer = post(&server, "/v1/auth/sessions").json(body).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    let answer = post(&server, "/v1/auth/sessions").json(good).await;
    assert_eq!(
        answer.status, 201,
        "the code is still good: {}",
        answer.body
    );
}

#[tokio::test]
async fn a_bad_refresh_is_refused_and_the_session_stays() {
    let server = TestServer::start().await;
    let alice = sign_in(&server, ALICE).await;
    let token = &alice.refresh_token;
    for body in [
        json!({}),
        json!({ "refresh_token": "" }),
        json!({ "refresh_token": "a".repeat(201) }),
        json!({ "refresh_token": 1 }),
        json!({ "refresh_token": token, "scope": "all" }),
    ] {
        let answer = post(&server, "/v1/auth/refresh").json(body).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    let unused = "SELECT count(*) FROM identity.refresh_tokens WHERE used_at IS NULL";
    assert_eq!(count(&server, unused).await, 1);
    get(&server, "/v1/me")
        .by(&alice)
        .send()
        .await
        .told::<User>(200);
}

#[tokio::test]
async fn a_bad_change_of_an_account_is_refused() {
    let server = TestServer::start().await;
    let bob = sign_in(&server, BOB).await;
    for body in [
        json!({}),
        json!({ "name": null }),
        json!({ "name": 7 }),
        json!({ "name": "" }),
        json!({ "name": " \t " }),
        json!({ "name": "B\u{0}b" }),
        json!({ "name": "B\u{202e}bo" }),
        json!({ "name": "b".repeat(61) }),
        json!({ "name": "Bob", "roles": ["admin"] }),
        json!({ "name": "Bob", "phone": ALICE }),
    ] {
        let answer = patch(&server, "/v1/me").by(&bob).json(body).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    let me: User = get(&server, "/v1/me").by(&bob).send().await.told(200);
    assert_eq!(me, bob.user);
    patch(&server, "/v1/me")
        .json(json!({ "name": "Bob" }))
        .await
        .refused(401, ErrorCode::Unauthenticated);
}
