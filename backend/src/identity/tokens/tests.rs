use jsonwebtoken::{EncodingKey, Header};
use uuid::Uuid;

use super::*;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn tokens(secret: &str) -> Tokens {
    let config = AuthConfig {
        jwt_secret: None,
        access_ttl_s: 3600,
        refresh_ttl_s: 604_800,
        otp_ttl_s: 300,
        otp_max_attempts: 5,
        otp_resend_after_s: 30,
    };
    Tokens::new(&Secret::new(secret.to_owned()), &config)
}

fn alice() -> (UserId, SessionId) {
    (
        UserId::from_uuid(Uuid::from_u128(1)),
        SessionId::from_uuid(Uuid::from_u128(2)),
    )
}

fn noon() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn refusal(result: Result<Claims, Failure>) -> ErrorCode {
    result.unwrap_err().code()
}

#[test]
fn an_access_token_says_who_it_was_given_to_until_it_expires() {
    let (user, session) = alice();
    let tokens = tokens(SECRET);
    let given = tokens.access_token(user, session, noon()).unwrap();
    assert_eq!(given.expires_at, noon() + TimeDelta::hours(1));
    let last_second = given.expires_at - TimeDelta::seconds(1);
    let claims = tokens
        .check_access_token(&given.token, last_second)
        .unwrap();
    assert_eq!((claims.sub, claims.sid), (user, session));
    let late = tokens.check_access_token(&given.token, given.expires_at);
    assert_eq!(refusal(late), ErrorCode::TokenExpired);
}

#[test]
fn a_token_that_was_not_made_here_is_refused() {
    let (user, session) = alice();
    let tokens = tokens(SECRET);
    let ours = tokens.access_token(user, session, noon()).unwrap().token;
    let (head, signature) = ours.rsplit_once('.').unwrap();
    let (header, _) = head.split_once('.').unwrap();
    let claims = serde_json::json!({
        "sub": user, "sid": session, "iat": 0, "exp": i64::MAX, "iss": "wayfare",
    });
    let other_claims = BASE64_URL_SAFE_NO_PAD.encode(claims.to_string());
    let no_algorithm = BASE64_URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"none"}"#);
    let other_algorithm = BASE64_URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"HS512"}"#);
    let foreign = self::tokens("another secret of 32 bytes or so");
    for token in [
        String::new(),
        "a.b.c".to_owned(),
        head.to_owned(),
        format!("{head}."),
        format!("{header}.{other_claims}.{signature}"),
        format!("{no_algorithm}.{other_claims}."),
        format!("{other_algorithm}.{other_claims}.{signature}"),
        foreign.access_token(user, session, noon()).unwrap().token,
        tokens.refresh_token(noon()).token,
    ] {
        let answer = tokens.check_access_token(&token, noon());
        assert_eq!(refusal(answer), ErrorCode::Unauthenticated, "{token}");
    }
}

#[test]
fn a_token_of_another_issuer_or_without_an_end_is_refused() {
    let (user, session) = alice();
    let tokens = tokens(SECRET);
    for claims in [
        serde_json::json!({"sub": user, "sid": session, "iat": 0, "exp": i64::MAX, "iss": "other"}),
        serde_json::json!({"sub": user, "sid": session, "iat": 0, "iss": "wayfare"}),
    ] {
        let key = EncodingKey::from_secret(SECRET.as_bytes());
        let token = jsonwebtoken::encode(&Header::default(), &claims, &key).unwrap();
        let answer = tokens.check_access_token(&token, noon());
        assert_eq!(refusal(answer), ErrorCode::Unauthenticated, "{claims}");
    }
}

#[test]
fn a_refresh_token_is_random_and_known_by_its_hash() {
    let tokens = tokens(SECRET);
    let first = tokens.refresh_token(noon());
    assert!(first.token.starts_with("wfr_"));
    assert_eq!(first.token.len(), "wfr_".len() + 43);
    assert_eq!(first.expires_at, noon() + TimeDelta::days(7));
    assert_eq!(refresh_token_hash(&first.token), first.hash);
    assert_ne!(tokens.refresh_token(noon()).token, first.token);
}
