//! What holds for every address: who may ask how often, what is refused, and how.

mod input;
mod large;
mod pages;

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use serde_json::{Value, json};
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{ErrorCode, OtpChallenge, Session};

use crate::actors::{alice, bob, carol, everything, ride_until};
use crate::harness::TestServer;
use crate::people::{Answer, ask_otp, delete, get, give_otp, post, put};

#[tokio::test]
async fn requests_without_a_good_token_are_refused_with_the_reason() {
    let server = TestServer::start().await;
    let (alice, carol) = (alice(&server).await, carol(&server).await);
    delete(&server, "/v1/auth/session")
        .by(&carol.session)
        .send()
        .await
        .done();
    let good = &alice.session.access_token;
    let (head, signature) = good.rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", signature.chars().rev().collect::<String>());
    let none = format!(
        "{}.{}.",
        "eyJhbGciOiJub25lIn0",
        head.split_once('.').unwrap().1
    );
    for (token, code) in [
        ("", ErrorCode::Unauthenticated),
        ("garbage", ErrorCode::Unauthenticated),
        (&forged, ErrorCode::Unauthenticated),
        (&none, ErrorCode::Unauthenticated),
        (&alice.session.refresh_token, ErrorCode::Unauthenticated),
        (&carol.session.access_token, ErrorCode::SessionEnded),
    ] {
        let answer = get(&server, "/v1/me").token(token).send().await;
        answer.refused(401, code);
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
    for value in [
        good.as_str(),
        &format!("Basic {good}"),
        "Bearer",
        "Bearer  ",
    ] {
        let answer = get(&server, "/v1/me")
            .header(AUTHORIZATION.as_str(), value)
            .send()
            .await;
        answer.refused(401, ErrorCode::Unauthenticated);
    }
    get(&server, "/v1/me")
        .send()
        .await
        .refused(401, ErrorCode::Unauthenticated);
    assert_eq!(
        get(&server, "/v1/me")
            .by(&alice.session)
            .send()
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn an_access_token_that_is_too_old_says_so_and_can_be_refreshed() {
    let server = TestServer::start_with(|config| config.auth.access_ttl_s = 0).await;
    let phone = "+351920000009";
    let challenge: OtpChallenge = ask_otp(&server, phone).await.told(201);
    let code = server.otp_code(phone).await;
    let session: Session = give_otp(&server, &challenge, &code).await.told(201);
    for call in [get(&server, "/v1/me"), get(&server, "/v1/trips?side=rider")] {
        call.by(&session)
            .send()
            .await
            .refused(401, ErrorCode::TokenExpired);
    }
    let quote = json!({ "quote_id": "quote_00000000000000000000000000000000" });
    let answer = post(&server, "/v1/trips").by(&session).json(quote).await;
    answer.refused(401, ErrorCode::TokenExpired);
    let body = json!({ "refresh_token": session.refresh_token });
    let fresh: Session = post(&server, "/v1/auth/refresh").json(body).await.told(200);
    assert_eq!(fresh.session_id, session.session_id);
}

#[tokio::test]
async fn every_operation_needs_a_token_except_signing_in_and_the_public_keys() {
    let server = TestServer::start().await;
    let spec: Value = get(&server, "/openapi.json").send().await.body;
    let mut open = Vec::new();
    for (path, operations) in spec["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            if operation["security"].is_null() {
                open.push(id);
                continue;
            }
            let path = path.replace("{trip_id}", "trip_00000000000000000000000000000000");
            let path = path.replace("{offer_id}", "offer_00000000000000000000000000000000");
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let sent = server
                .http
                .request(method, server.url(&path))
                .json(&json!({}))
                .send();
            let answer = sent.await.unwrap();
            assert_eq!(answer.status(), 401, "{id}");
        }
    }
    open.sort_unstable();
    let wanted = [
        "create_otp",
        "create_session",
        // Maps are loaded without a token, and have to name whom they are by.
        "get_city",
        // Whoever is shown a receipt can check it without an account.
        "list_signing_keys",
        "refresh_session",
    ];
    assert_eq!(open, wanted);
}

#[tokio::test]
async fn a_path_or_method_that_does_not_exist_is_a_problem_too() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    for path in [
        "/nothing",
        "/v1",
        "/v1/",
        "/v1/trip",
        "/v2/trips",
        "/v1/me/",
        "/docs/x",
        "/.env",
    ] {
        let answer = get(&server, path).by(&alice.session).send().await;
        answer.refused(404, ErrorCode::NotFound);
    }
    let wrong_methods = [
        delete(&server, "/v1/trips"),
        post(&server, "/v1/me"),
        put(&server, "/v1/quotes"),
        get(&server, "/v1/auth/otp"),
        post(&server, "/openapi.json"),
        post(&server, "/v1/stream"),
        post(&server, "/"),
    ];
    for call in wrong_methods {
        let answer = call.by(&alice.session).json(json!({})).await;
        answer.refused(405, ErrorCode::MethodNotAllowed);
    }
    let malformed = get(&server, "/v1/trips/42").by(&alice.session).send().await;
    malformed.refused(400, ErrorCode::InvalidRequest);
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .unwrap_or_else(|| panic!("no {name}"))
        .to_str()
        .unwrap()
}

#[tokio::test]
async fn a_request_id_is_echoed_only_if_it_is_harmless() {
    let server = TestServer::start().await;
    let ask = |id: String| get(&server, "/v1/me").header("X-Request-Id", &id).send();
    for id in ["a", "Order-66_b", &"x".repeat(64)] {
        let answer = ask(id.to_owned()).await;
        let problem = answer.refused(401, ErrorCode::Unauthenticated);
        assert_eq!(problem.request_id, id);
    }
    for id in [
        "",
        "two words",
        "<script>",
        "a\"b",
        "a;b",
        "ü",
        &"x".repeat(65),
    ] {
        let answer = ask(id.to_owned()).await;
        let problem = answer.refused(401, ErrorCode::Unauthenticated);
        assert_ne!(problem.request_id, id);
        assert_eq!(problem.request_id.len(), 32, "{problem:?}");
    }
    let one = get(&server, "/openapi.json").send().await;
    let two = get(&server, "/openapi.json").send().await;
    assert_ne!(
        header(&one.headers, "x-request-id"),
        header(&two.headers, "x-request-id")
    );
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let answers = [
        get(&server, "/v1/me").by(&alice.session).send().await,
        get(&server, "/v1/me").send().await,
        get(&server, "/nothing").send().await,
        get(&server, "/openapi.json").send().await,
        post(&server, "/v1/quotes")
            .by(&alice.session)
            .json(json!({}))
            .await,
    ];
    for Answer {
        status, headers, ..
    } in answers
    {
        assert_eq!(
            header(&headers, "x-content-type-options"),
            "nosniff",
            "{status}"
        );
        assert_eq!(header(&headers, "x-frame-options"), "DENY", "{status}");
        assert_eq!(
            header(&headers, "referrer-policy"),
            "no-referrer",
            "{status}"
        );
        assert_eq!(header(&headers, "cache-control"), "no-store", "{status}");
        assert!(!headers.contains_key("server"), "{status}");
    }
}

/// Limit, remaining and reset of an answer.
fn told_limits(answer: &Answer) -> (u64, u64, u64) {
    let number = |name| header(&answer.headers, name).parse().unwrap();
    (
        number("ratelimit-limit"),
        number("ratelimit-remaining"),
        number("ratelimit-reset"),
    )
}

#[tokio::test]
async fn whoever_asks_too_often_without_a_session_has_to_wait() {
    let server = TestServer::start_with(|config| {
        config.limits.anonymous_per_window = 3;
        config.limits.window_s = 60;
    })
    .await;
    let alice = alice(&server).await;
    for left in [2, 1, 0] {
        let answer = get(&server, "/openapi.json").send().await;
        assert_eq!(answer.status, 200);
        let (limit, remaining, reset_s) = told_limits(&answer);
        assert_eq!((limit, remaining), (3, left));
        assert!((1..=60).contains(&reset_s));
    }
    for path in ["/openapi.json", "/v1/me", "/nothing"] {
        let answer = get(&server, path).send().await;
        answer.refused(429, ErrorCode::RateLimited);
        let wait_s: u64 = header(&answer.headers, "retry-after").parse().unwrap();
        assert_eq!(told_limits(&answer), (3, 0, wait_s));
        assert_eq!(header(&answer.headers, "x-content-type-options"), "nosniff");
    }
    // A bad token is no way around it, and a good one is not held back by it.
    let bad = get(&server, "/v1/me").token("garbage").send().await;
    bad.refused(429, ErrorCode::RateLimited);
    assert_eq!(alice.gets(&server, "/v1/me").await.status, 200);
    let healthy = get(&server, "/health/ready").send().await;
    assert_eq!(
        healthy.status, 200,
        "whoever watches the server is not limited"
    );
}

#[tokio::test]
async fn logins_are_counted_by_address() {
    let server = TestServer::start_with(|config| config.limits.login_per_window = 3).await;
    for n in 1..=3 {
        let answer = ask_otp(&server, &format!("+35192000010{n}")).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        assert_eq!(told_limits(&answer).0, 3);
    }
    let answer = ask_otp(&server, "+351920000104").await;
    answer.refused(429, ErrorCode::RateLimited);
    assert!(
        header(&answer.headers, "retry-after")
            .parse::<u64>()
            .unwrap()
            <= 900
    );
    let body = json!({
        "challenge_id": "challenge_00000000000000000000000000000000", "code": "000000",
        "device_name": "test",
    });
    let answer = post(&server, "/v1/auth/sessions").json(body).await;
    answer.refused(429, ErrorCode::RateLimited);
    let answer = get(&server, "/openapi.json").send().await;
    assert_eq!(
        answer.status, 200,
        "other requests have a counter of their own"
    );
}

#[tokio::test]
async fn each_signed_in_person_has_a_limit_of_their_own() {
    let server = TestServer::start_with(|config| config.limits.per_user_per_window = 4).await;
    let (alice, carol) = (alice(&server).await, carol(&server).await);
    // Saying their name was the first request.
    for left in [2, 1, 0] {
        let answer = alice.gets(&server, "/v1/me").await;
        assert_eq!((answer.status, told_limits(&answer).1), (200, left));
    }
    alice
        .gets(&server, "/v1/me")
        .await
        .refused(429, ErrorCode::RateLimited);
    assert_eq!(carol.gets(&server, "/v1/me").await.status, 200);
}

#[tokio::test]
async fn a_failure_of_the_server_is_told_without_what_is_inside() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::InProgress).await;
    sqlx::query("ALTER TABLE payments.entries RENAME TO entries_gone")
        .execute(&server.pool)
        .await
        .unwrap();
    let answer = bob.tries(&server, "complete", trip.id, Value::Null).await;
    let problem = answer.refused(500, ErrorCode::Internal);
    for inside in ["entries", "payments", "sql", "relation"] {
        assert!(!answer.body.to_string().contains(inside), "{problem:?}");
    }
    sqlx::query("ALTER TABLE payments.entries_gone RENAME TO entries")
        .execute(&server.pool)
        .await
        .unwrap();
    assert_eq!(
        alice.sees(&server, trip.id).await.status,
        TripStatus::InProgress
    );
    bob.completes(&server, trip.id).await;
    assert!(everything(&server).await["entries"].is_array());
}
