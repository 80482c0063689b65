//! One's own account, and accounts that run the city.

use serde_json::json;
use wayfare_backend::identity;
use wayfare_core::wire::{ErrorCode, Role, User};

use crate::harness::TestServer;
use crate::people::{ALICE, BOB, get, patch, sign_in};

#[tokio::test]
async fn a_person_says_what_to_be_called() {
    let server = TestServer::start().await;
    let (alice, bob) = (sign_in(&server, ALICE).await, sign_in(&server, BOB).await);
    assert_eq!(alice.user.name, None);
    let body = json!({ "name": "  Alice Sá " });
    let me: User = patch(&server, "/v1/me")
        .by(&alice)
        .json(body)
        .await
        .told(200);
    assert_eq!(me.name.as_deref(), Some("Alice Sá"));
    assert_eq!(
        get(&server, "/v1/me")
            .by(&alice)
            .send()
            .await
            .told::<User>(200),
        me
    );
    let other: User = get(&server, "/v1/me").by(&bob).send().await.told(200);
    assert_eq!(other.name, None);
}

#[tokio::test]
async fn an_admin_is_made_once_and_keeps_the_chosen_name() {
    let server = TestServer::start().await;
    let (phone, bobs) = (ALICE.parse().unwrap(), BOB.parse().unwrap());
    let made = identity::service::create_admin(&server.pool, &phone, "Alice")
        .await
        .unwrap();
    let again = identity::service::create_admin(&server.pool, &phone, "Somebody")
        .await
        .unwrap();
    assert_eq!(made, again);
    let alice = sign_in(&server, ALICE).await.user;
    assert_eq!((alice.id, alice.name.as_deref()), (made, Some("Alice")));
    assert_eq!(alice.roles, [Role::Rider, Role::Admin]);

    let bob = sign_in(&server, BOB).await;
    assert_eq!(bob.user.roles, [Role::Rider]);
    identity::service::create_admin(&server.pool, &bobs, "Bob")
        .await
        .unwrap();
    let me: User = get(&server, "/v1/me").by(&bob).send().await.told(200);
    assert_eq!(
        me.roles,
        [Role::Rider, Role::Admin],
        "the role counts from the next request on"
    );

    let refused = identity::service::create_admin(&server.pool, &phone, " \n")
        .await
        .unwrap_err();
    assert_eq!(refused.code(), ErrorCode::InvalidRequest);
}
