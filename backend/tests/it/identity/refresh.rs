//! Refresh tokens: rotation, reuse, and answers that got lost; access tokens that are no good.

use futures_util::future::join_all;
use serde_json::json;
use sha2::{Digest, Sha256};
use wayfare_backend::identity;
use wayfare_core::wire::{ErrorCode, Session, User};

use crate::harness::{TestServer, wait_for};
use crate::people::{ALICE, Answer, count, get, open_connections, post, sign_in};

async fn refresh(server: &TestServer, token: &str) -> Answer {
    post(server, "/v1/auth/refresh")
        .json(json!({ "refresh_token": token }))
        .await
}

async fn refreshed(server: &TestServer, session: &Session) -> Session {
    refresh(server, &session.refresh_token).await.told(200)
}

async fn age_used_tokens(server: &TestServer, seconds: i32) {
    sqlx::query("UPDATE identity.refresh_tokens SET used_at = used_at - make_interval(secs => $1)")
        .bind(f64::from(seconds))
        .execute(&server.pool)
        .await
        .unwrap();
}

async fn is_signed_in(server: &TestServer, session: &Session) -> bool {
    get(server, "/v1/me").by(session).send().await.status == 200
}

#[tokio::test]
async fn a_refresh_token_gets_the_next_tokens_of_the_same_session() {
    let server = TestServer::start().await;
    let first = sign_in(&server, ALICE).await;
    let second = refreshed(&server, &first).await;
    assert_eq!(second.session_id, first.session_id);
    assert_eq!(second.user, first.user);
    assert_ne!(second.refresh_token, first.refresh_token);
    assert!(is_signed_in(&server, &second).await);
    let third = refreshed(&server, &second).await;
    assert!(is_signed_in(&server, &third).await);
}

#[tokio::test]
async fn a_refresh_token_that_comes_back_ends_the_session() {
    let server = TestServer::start().await;
    let stolen = sign_in(&server, ALICE).await;
    let other_device = sign_in(&server, ALICE).await;
    let second = refreshed(&server, &stolen).await;
    let third = refreshed(&server, &second).await;
    let reuse = refresh(&server, &stolen.refresh_token).await;
    reuse.refused(401, ErrorCode::RefreshTokenReused);
    refresh(&server, &third.refresh_token)
        .await
        .refused(401, ErrorCode::SessionEnded);
    get(&server, "/v1/me")
        .by(&third)
        .send()
        .await
        .refused(401, ErrorCode::SessionEnded);
    let ended = "SELECT count(*) FROM identity.sessions WHERE end_reason = 'token_reused'";
    assert_eq!(count(&server, ended).await, 1);
    assert!(is_signed_in(&server, &other_device).await);
}

#[tokio::test]
async fn a_device_that_did_not_get_the_answer_gets_another() {
    let server = TestServer::start().await;
    let session = sign_in(&server, ALICE).await;
    let _lost = refreshed(&server, &session).await;
    age_used_tokens(&server, 30).await;
    let _lost_too = refreshed(&server, &session).await;
    let got = refreshed(&server, &session).await;
    assert!(is_signed_in(&server, &got).await);
    refreshed(&server, &got).await;
}

#[tokio::test]
async fn a_successor_that_was_replaced_ends_the_session() {
    let server = TestServer::start().await;
    let session = sign_in(&server, ALICE).await;
    let owners = refreshed(&server, &session).await;
    let thiefs = refreshed(&server, &session).await;
    let reuse = refresh(&server, &owners.refresh_token).await;
    reuse.refused(401, ErrorCode::RefreshTokenReused);
    assert!(!is_signed_in(&server, &thiefs).await);
}

#[tokio::test]
async fn a_used_token_is_answered_again_for_a_minute_only() {
    let server = TestServer::start().await;
    let session = sign_in(&server, ALICE).await;
    let unused = refreshed(&server, &session).await;
    age_used_tokens(&server, 61).await;
    let late = refresh(&server, &session.refresh_token).await;
    late.refused(401, ErrorCode::RefreshTokenReused);
    assert!(!is_signed_in(&server, &unused).await);
}

#[tokio::test]
async fn refreshes_at_once_leave_one_good_token() {
    let server = TestServer::start().await;
    let session = sign_in(&server, ALICE).await;
    open_connections(&server, &session).await;
    let sessions = join_all((0..8).map(|_| refreshed(&server, &session))).await;
    let unused = "SELECT count(*) FROM identity.refresh_tokens WHERE used_at IS NULL";
    assert_eq!(count(&server, unused).await, 1);
    for session in &sessions {
        assert!(is_signed_in(&server, session).await);
    }
    let mut still_good = 0;
    for session in &sessions {
        let hash = Sha256::digest(session.refresh_token.as_bytes()).to_vec();
        let used: bool = sqlx::query_scalar(
            "SELECT used_at IS NOT NULL FROM identity.refresh_tokens WHERE token_hash = $1",
        )
        .bind(hash)
        .fetch_one(&server.pool)
        .await
        .unwrap();
        still_good += u32::from(!used);
    }
    assert_eq!(still_good, 1, "and one of the devices that asked has it");
}

#[tokio::test]
async fn a_refresh_token_that_is_too_old_or_unknown_gets_nothing() {
    let server = TestServer::start().await;
    let session = sign_in(&server, ALICE).await;
    for unknown in [
        "wfr_unknown",
        "\u{0}",
        session.access_token.get(..150).unwrap(),
    ] {
        refresh(&server, unknown)
            .await
            .refused(401, ErrorCode::Unauthenticated);
    }
    sqlx::query("UPDATE identity.refresh_tokens SET expires_at = now()")
        .execute(&server.pool)
        .await
        .unwrap();
    refresh(&server, &session.refresh_token)
        .await
        .refused(401, ErrorCode::SessionEnded);
}

#[tokio::test]
async fn an_access_token_expires_and_is_refreshed() {
    let server = TestServer::start_with(|config| config.auth.access_ttl_s = 1).await;
    let session = sign_in(&server, ALICE).await;
    let refused = wait_for("the access token to expire", || async {
        let answer = get(&server, "/v1/me").by(&session).send().await;
        (answer.status != 200).then_some(answer)
    })
    .await;
    refused.refused(401, ErrorCode::TokenExpired);
    assert_eq!(refused.headers["www-authenticate"], "Bearer");
    refreshed(&server, &session).await;
}

#[tokio::test]
async fn a_token_that_is_missing_or_not_ours_is_refused() {
    let server = TestServer::start().await;
    let elsewhere = TestServer::start().await;
    let foreign = sign_in(&elsewhere, ALICE).await;
    let ours = sign_in(&server, ALICE).await;
    get(&server, "/v1/me")
        .send()
        .await
        .refused(401, ErrorCode::Unauthenticated);
    for token in ["", "x", "a.b.c", &ours.refresh_token, &foreign.access_token] {
        let answer = get(&server, "/v1/me").token(token).send().await;
        answer.refused(401, ErrorCode::Unauthenticated);
    }
}

#[tokio::test]
async fn a_token_signed_with_our_secret_for_another_database_is_refused() {
    let secret = "one secret for two databases, 32+";
    let with_secret = |config: &mut wayfare_backend::platform::config::Config| {
        config.auth.jwt_secret = Some(wayfare_backend::platform::config::Secret::new(
            secret.to_owned(),
        ));
    };
    let server = TestServer::start_with(with_secret).await;
    let elsewhere = TestServer::start_with(with_secret).await;
    let foreign = sign_in(&elsewhere, ALICE).await;
    let answer = get(&server, "/v1/me").by(&foreign).send().await;
    answer.refused(401, ErrorCode::Unauthenticated);
}

#[tokio::test]
async fn sessions_outlive_a_restart() {
    let mut server = TestServer::start().await;
    let session = sign_in(&server, ALICE).await;
    server.restart().await;
    let me: User = get(&server, "/v1/me").by(&session).send().await.told(200);
    assert_eq!(me, session.user);
    refreshed(&server, &session).await;
}

#[tokio::test]
async fn what_is_of_no_use_any_more_is_forgotten() {
    let server = TestServer::start().await;
    let session = sign_in(&server, ALICE).await;
    let now = chrono::Utc::now();
    let forgotten = identity::service::delete_stale(&server.pool, now)
        .await
        .unwrap();
    assert_eq!(forgotten, 0);
    let next_week = now + chrono::TimeDelta::days(9);
    let forgotten = identity::service::delete_stale(&server.pool, next_week)
        .await
        .unwrap();
    assert_eq!(forgotten, 2, "a used password and a refresh token");
    refresh(&server, &session.refresh_token)
        .await
        .refused(401, ErrorCode::Unauthenticated);
}
