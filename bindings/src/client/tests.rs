//! Calls without a backend: what is refused on the device, and what a dead network looks like.

use serde_json::json;

use super::*;

/// Nobody listens on this port.
const NOBODY: &str = "http://127.0.0.1:1";
const CHALLENGE: &str = "challenge_0192f3c1b0a07c31b2b1d9a8f0c3e5d7";

fn client() -> Arc<WayfareClient> {
    WayfareClient::new(NOBODY.to_owned()).unwrap()
}

fn session() -> String {
    json!({
        "session_id": "session_0192f3c1b0a07c31b2b1d9a8f0c3e5d7",
        "access_token": "a", "access_expires_at": "2026-11-20T12:00:00Z",
        "refresh_token": "r", "refresh_expires_at": "2026-11-27T12:00:00Z",
        "user": {
            "id": "user_0192f3c1b0a07c31b2b1d9a8f0c3e5d7", "phone": "+351910000001",
            "name": "Ana", "roles": ["rider", "driver"]
        }
    })
    .to_string()
}

#[test]
fn an_address_that_is_none_is_refused_with_the_address() {
    for address in ["", "api.example.org", "ftp://example.org"] {
        let refused = WayfareClient::new(address.to_owned()).unwrap_err();
        assert!(
            matches!(refused, CallError::InvalidAddress { address: given, .. } if given == address)
        );
    }
}

#[tokio::test]
async fn a_number_that_is_none_is_refused_before_anything_is_sent() {
    let refused = client().request_otp("910000001".to_owned()).await;
    assert_eq!(
        refused,
        Err(CallError::InvalidPhone {
            phone: "910000001".to_owned()
        })
    );
}

#[tokio::test]
async fn an_id_that_is_none_is_refused_before_anything_is_sent() {
    let refused = client()
        .create_session("trip_1".to_owned(), "123456".to_owned(), "phone".to_owned())
        .await;
    assert!(matches!(refused, Err(CallError::InvalidId { id, .. }) if id == "trip_1"));
}

#[tokio::test]
async fn a_dead_network_is_told_from_a_refusal() {
    let client = client();
    let unreachable = client.request_otp("+351910000001".to_owned()).await;
    assert!(
        matches!(unreachable, Err(CallError::Unreachable { .. })),
        "{unreachable:?}"
    );
    let unreachable = client
        .create_session(
            CHALLENGE.to_owned(),
            "123456".to_owned(),
            "phone".to_owned(),
        )
        .await;
    assert!(
        matches!(unreachable, Err(CallError::Unreachable { .. })),
        "{unreachable:?}"
    );
}

#[tokio::test]
async fn nobody_is_signed_in_at_first() {
    assert_eq!(client().me().await, Err(CallError::SignedOut));
    assert_eq!(client().saved_session(), Ok(None));
}

#[test]
fn a_saved_session_comes_back_whole() {
    let client = client();
    let account = client.restore_session(&session()).unwrap();
    assert_eq!(account.roles, [AccountRole::Rider, AccountRole::Driver]);
    let saved = client.saved_session().unwrap().unwrap();
    let (saved, kept): (serde_json::Value, serde_json::Value) = (
        serde_json::from_str(&saved).unwrap(),
        serde_json::from_str(&session()).unwrap(),
    );
    assert_eq!(saved, kept);
}

#[test]
fn a_broken_saved_session_leaves_the_client_as_it_was() {
    let client = client();
    assert!(matches!(
        client.restore_session("{}"),
        Err(CallError::InvalidSession { .. })
    ));
    assert_eq!(client.saved_session(), Ok(None));
}

#[tokio::test]
async fn signing_out_forgets_the_tokens_even_without_a_network() {
    let client = client();
    client.restore_session(&session()).unwrap();
    assert!(client.sign_out().await.is_err());
    assert_eq!(client.saved_session(), Ok(None));
}
