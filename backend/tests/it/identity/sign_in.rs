//! One-time passwords and the sessions they open.

use futures_util::future::join_all;
use reqwest::header::RETRY_AFTER;
use wayfare_core::id::ChallengeId;
use wayfare_core::wire::{ErrorCode, OtpChallenge, Role, Session, User};

use crate::harness::TestServer;
use crate::people::{
    ALICE, BOB, age_passwords, ask_otp, count, delete, get, give_otp, open_connections, post,
    sign_in,
};

async fn asked(server: &TestServer, phone: &str) -> (OtpChallenge, String) {
    let challenge = ask_otp(server, phone).await.told(201);
    (challenge, server.otp_code(phone).await)
}

/// Six digits, but not these.
fn another(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

#[tokio::test]
async fn a_person_signs_in_with_the_code_that_was_sent_to_the_phone() {
    let server = TestServer::start().await;
    let (challenge, code) = asked(&server, ALICE).await;
    assert_eq!(challenge.resend_after_s, 30);
    let session: Session = give_otp(&server, &challenge, &code).await.told(201);
    assert_eq!(session.user.phone.as_str(), ALICE);
    assert_eq!(session.user.roles, [Role::Rider]);
    let me: User = get(&server, "/v1/me").by(&session).send().await.told(200);
    assert_eq!(me, session.user);
}

#[tokio::test]
async fn the_first_sign_in_makes_the_account_and_later_ones_find_it() {
    let server = TestServer::start().await;
    let (first, second) = (sign_in(&server, ALICE).await, sign_in(&server, ALICE).await);
    assert_eq!(first.user.id, second.user.id);
    assert_ne!(first.session_id, second.session_id);
    assert_ne!(sign_in(&server, BOB).await.user.id, first.user.id);
    assert_eq!(
        count(&server, "SELECT count(*) FROM identity.users").await,
        2
    );
}

#[tokio::test]
async fn the_answer_does_not_tell_whether_a_number_is_known() {
    let server = TestServer::start().await;
    sign_in(&server, ALICE).await;
    age_passwords(&server, ALICE).await;
    let (known, unknown) = (ask_otp(&server, ALICE).await, ask_otp(&server, BOB).await);
    let keys = |body: &serde_json::Value| body.as_object().unwrap().keys().cloned().collect();
    let (known_keys, unknown_keys): (Vec<_>, Vec<_>) = (keys(&known.body), keys(&unknown.body));
    assert_eq!((known.status, known_keys), (unknown.status, unknown_keys));
}

#[tokio::test]
async fn another_code_is_sent_only_after_the_resend_time() {
    let server = TestServer::start().await;
    asked(&server, ALICE).await;
    let refused = ask_otp(&server, ALICE).await;
    refused.refused(429, ErrorCode::RateLimited);
    let wait_s: u32 = refused.headers[RETRY_AFTER]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=30).contains(&wait_s), "{wait_s}");
    let sent = std::fs::read_dir(server.data_dir().join("spool/sms"))
        .unwrap()
        .count();
    assert_eq!(sent, 0, "nothing was sent beside the code that was read");

    asked(&server, BOB).await;
    age_passwords(&server, ALICE).await;
    asked(&server, ALICE).await;
}

#[tokio::test]
async fn of_codes_asked_for_at_once_one_is_sent() {
    let server = TestServer::start().await;
    open_connections(&server, &sign_in(&server, BOB).await).await;
    let answers = join_all((0..5).map(|_| ask_otp(&server, ALICE))).await;
    let sent = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(sent, 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.refused(429, ErrorCode::RateLimited);
    }
}

#[tokio::test]
async fn a_phone_gets_only_so_many_codes_in_a_window() {
    let mut server = TestServer::start_with(|config| {
        config.limits.login_per_window = 3;
        config.auth.otp_resend_after_s = 0;
    })
    .await;
    for _ in 0..3 {
        ask_otp(&server, ALICE).await.told::<OtpChallenge>(201);
    }
    // The address may try again after a restart; the phone is counted in the database.
    server.restart().await;
    let refused = ask_otp(&server, ALICE).await;
    refused.refused(429, ErrorCode::RateLimited);
    let wait_s: u32 = refused.headers[RETRY_AFTER]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((800..=900).contains(&wait_s), "{wait_s}");
    ask_otp(&server, BOB).await.told::<OtpChallenge>(201);
    age_passwords(&server, ALICE).await;
    ask_otp(&server, ALICE).await.told::<OtpChallenge>(201);
}

#[tokio::test]
async fn only_the_newest_code_of_a_phone_opens() {
    let server = TestServer::start().await;
    let (old, old_code) = asked(&server, ALICE).await;
    age_passwords(&server, ALICE).await;
    let (new, new_code) = asked(&server, ALICE).await;
    give_otp(&server, &old, &old_code)
        .await
        .refused(401, ErrorCode::OtpExpired);
    give_otp(&server, &new, &new_code)
        .await
        .told::<Session>(201);
}

#[tokio::test]
async fn wrong_codes_are_counted_until_the_challenge_is_void() {
    let server = TestServer::start_with(|config| config.auth.otp_max_attempts = 3).await;
    let (challenge, code) = asked(&server, ALICE).await;
    for left in ["2 times", "once", "ask for a new one"] {
        let problem = give_otp(&server, &challenge, another(&code))
            .await
            .refused(401, ErrorCode::WrongOtp);
        assert!(problem.detail.contains(left), "{}", problem.detail);
    }
    give_otp(&server, &challenge, &code)
        .await
        .refused(401, ErrorCode::OtpExpired);
    assert_eq!(
        count(&server, "SELECT count(*) FROM identity.users").await,
        0
    );
}

#[tokio::test]
async fn guesses_at_the_same_time_are_all_counted() {
    let server = TestServer::start_with(|config| config.auth.otp_max_attempts = 4).await;
    let (challenge, code) = asked(&server, ALICE).await;
    let wrong = another(&code);
    open_connections(&server, &sign_in(&server, BOB).await).await;
    let answers = join_all((0..12).map(|_| give_otp(&server, &challenge, wrong))).await;
    let tried = answers
        .iter()
        .filter(|answer| answer.body["code"] == "wrong_otp")
        .count();
    let void = answers
        .iter()
        .filter(|answer| answer.body["code"] == "otp_expired")
        .count();
    assert_eq!((tried, void), (4, 8));
}

#[tokio::test]
async fn a_code_is_good_once() {
    let server = TestServer::start().await;
    let (challenge, code) = asked(&server, ALICE).await;
    open_connections(&server, &sign_in(&server, BOB).await).await;
    let answers = join_all((0..4).map(|_| give_otp(&server, &challenge, &code))).await;
    assert_eq!(
        answers.iter().filter(|answer| answer.status == 201).count(),
        1
    );
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.refused(401, ErrorCode::OtpExpired);
    }
    assert_eq!(
        count(&server, "SELECT count(*) FROM identity.sessions").await,
        2,
        "one of them is Bob's"
    );
}

#[tokio::test]
async fn a_code_that_is_too_old_opens_nothing() {
    let server = TestServer::start().await;
    let (challenge, code) = asked(&server, ALICE).await;
    sqlx::query("UPDATE identity.otp_challenges SET expires_at = now()")
        .execute(&server.pool)
        .await
        .unwrap();
    give_otp(&server, &challenge, &code)
        .await
        .refused(401, ErrorCode::OtpExpired);
}

#[tokio::test]
async fn a_code_opens_only_the_challenge_it_was_made_for() {
    let server = TestServer::start().await;
    let (alices, alices_code) = asked(&server, ALICE).await;
    let (bobs, bobs_code) = asked(&server, BOB).await;
    // One time in a million both codes are the same.
    if alices_code != bobs_code {
        let wrong = give_otp(&server, &alices, &bobs_code).await;
        wrong.refused(401, ErrorCode::WrongOtp);
    }
    let challenge_id = ChallengeId::from_uuid(uuid::Uuid::nil());
    let nobodys = OtpChallenge {
        challenge_id,
        ..bobs
    };
    let unknown = give_otp(&server, &nobodys, &bobs_code).await;
    unknown.refused(401, ErrorCode::OtpExpired);
}

#[tokio::test]
async fn a_code_that_cannot_be_sent_leaves_nothing_behind() {
    let server = TestServer::start().await;
    let spool = server.data_dir().join("spool/sms");
    std::fs::remove_dir(&spool).unwrap();
    let refused = ask_otp(&server, ALICE).await;
    refused.refused(503, ErrorCode::Unavailable);
    assert!(refused.headers.contains_key(RETRY_AFTER));
    assert_eq!(
        count(&server, "SELECT count(*) FROM identity.otp_challenges").await,
        0
    );

    std::fs::create_dir(&spool).unwrap();
    asked(&server, ALICE).await;
}

#[tokio::test]
async fn secrets_are_kept_as_hashes_only() {
    let server = TestServer::start().await;
    let (challenge, code) = asked(&server, ALICE).await;
    let session: Session = give_otp(&server, &challenge, &code).await.told(201);
    let rows: Vec<String> = sqlx::query_scalar(
        "SELECT c::text FROM identity.otp_challenges c
         UNION ALL SELECT t::text FROM identity.refresh_tokens t
         UNION ALL SELECT s::text FROM identity.sessions s",
    )
    .fetch_all(&server.pool)
    .await
    .unwrap();
    assert_eq!(rows.len(), 3);
    let hashes: Vec<Vec<u8>> = sqlx::query_scalar(
        "SELECT code_hash FROM identity.otp_challenges
         UNION ALL SELECT token_hash FROM identity.refresh_tokens",
    )
    .fetch_all(&server.pool)
    .await
    .unwrap();
    assert_eq!(hashes.len(), 2);
    for hash in hashes {
        assert_eq!(hash.len(), 32);
    }
    for row in rows {
        assert!(!row.contains(&session.refresh_token) && !row.contains(&session.access_token));
    }
}

#[tokio::test]
async fn signing_out_ends_this_session_and_no_other() {
    let server = TestServer::start().await;
    let (phone, tablet) = (sign_in(&server, ALICE).await, sign_in(&server, ALICE).await);
    delete(&server, "/v1/auth/session")
        .by(&phone)
        .send()
        .await
        .done();
    get(&server, "/v1/me")
        .by(&phone)
        .send()
        .await
        .refused(401, ErrorCode::SessionEnded);
    let body = serde_json::json!({ "refresh_token": phone.refresh_token });
    post(&server, "/v1/auth/refresh")
        .json(body)
        .await
        .refused(401, ErrorCode::SessionEnded);
    get(&server, "/v1/me")
        .by(&tablet)
        .send()
        .await
        .told::<User>(200);
    let signed_out = "SELECT count(*) FROM identity.sessions WHERE end_reason = 'signed_out'";
    assert_eq!(count(&server, signed_out).await, 1);
}
