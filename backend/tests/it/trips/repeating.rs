//! Requests that come twice or at once: one trip, one charge, one answer.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{ErrorCode, Trip};

use crate::actors::{alice, bob, carol, everything, ride_until};
use crate::harness::TestServer;
use crate::people::count;

#[tokio::test]
async fn asking_for_a_trip_again_under_its_key_makes_one_trip_and_the_same_answer() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let body = json!({ "quote_id": alice.gets_quote(&server).await.id });
    let first = alice
        .posts_as(&server, "k1", "/v1/trips", body.clone())
        .await;
    alice
        .cancels(
            &server,
            first.body["id"].as_str().unwrap().parse().unwrap(),
            "other",
        )
        .await;
    let before = everything(&server).await;
    let second = alice.posts_as(&server, "k1", "/v1/trips", body).await;
    assert_eq!((first.status, second.status), (201, 201), "{}", second.body);
    assert_eq!(first.body, second.body, "the answer of then, not of now");
    assert_eq!(everything(&server).await, before);
    assert_eq!(count(&server, "SELECT count(*) FROM trips.trips").await, 1);
}

#[tokio::test]
async fn completing_again_under_its_key_charges_once_and_answers_the_same() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::InProgress).await;
    let path = format!("/v1/trips/{}/complete", trip.id);
    let answers = join_all((0..4).map(|_| bob.posts_as(&server, "done", &path, Value::Null))).await;
    let bodies: BTreeSet<String> = answers
        .iter()
        .map(|answer| answer.body.to_string())
        .collect();
    assert!(
        answers.iter().all(|answer| answer.status == 200),
        "{bodies:?}"
    );
    assert!(
        answers
            .iter()
            .all(|answer| answer.headers["etag"] == "\"5\"")
    );
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    assert_eq!(
        count(&server, "SELECT count(*) FROM payments.transactions").await,
        1
    );
    assert_eq!(
        count(&server, "SELECT count(*) FROM payments.trip_payments").await,
        1
    );
}

#[tokio::test]
async fn a_start_whose_answer_was_lost_often_is_no_attempt_at_the_pin() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Arrived).await;
    let path = format!("/v1/trips/{}/start", trip.id);
    for _ in 0..10 {
        let body = json!({ "pin": trip.pin });
        let answer = bob.posts_as(&server, "start", &path, body).await;
        assert_eq!(answer.told::<Trip>(200).status, TripStatus::InProgress);
    }
}

#[tokio::test]
async fn a_key_that_comes_with_another_request_is_refused() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let quotes = [
        alice.gets_quote(&server).await,
        alice.gets_quote(&server).await,
    ];
    let body = |n: usize| json!({ "quote_id": quotes[n].id });
    let trip: Trip = alice
        .posts_as(&server, "k1", "/v1/trips", body(0))
        .await
        .told(201);
    let before = everything(&server).await;
    let path = format!("/v1/trips/{}/cancel", trip.id);
    for (path, body) in [
        ("/v1/trips", body(1)),
        (
            "/v1/quotes",
            json!({ "pickup": trip.pickup, "dropoff": trip.dropoff }),
        ),
        (path.as_str(), json!({ "reason": "other" })),
    ] {
        let answer = alice.posts_as(&server, "k1", path, body).await;
        answer.refused(409, ErrorCode::IdempotencyKeyReused);
    }
    assert_eq!(everything(&server).await, before);
}

#[tokio::test]
async fn keys_of_two_people_have_nothing_to_do_with_each_other() {
    let server = TestServer::start().await;
    for person in [alice(&server).await, carol(&server).await] {
        let body = json!({ "quote_id": person.gets_quote(&server).await.id });
        let trip: Trip = person
            .posts_as(&server, "k1", "/v1/trips", body)
            .await
            .told(201);
        assert_eq!(trip.rider_id, person.id().into());
    }
}

#[tokio::test]
async fn a_request_that_was_refused_may_be_repeated_under_its_key() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let trip = alice.requests_trip(&server).await;
    let body = json!({ "quote_id": alice.gets_quote(&server).await.id });
    let refused = alice
        .posts_as(&server, "k1", "/v1/trips", body.clone())
        .await;
    refused.refused(409, ErrorCode::ActiveTripExists);
    alice.cancels(&server, trip.id, "changed_mind").await;
    alice
        .posts_as(&server, "k1", "/v1/trips", body)
        .await
        .told::<Trip>(201);
}

#[tokio::test]
async fn a_key_is_short_and_printable() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let body = json!({ "quote_id": alice.gets_quote(&server).await.id });
    for key in ["", "two words", &"k".repeat(101)] {
        let answer = alice
            .posts_as(&server, key, "/v1/trips", body.clone())
            .await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    let key = "k".repeat(100);
    alice
        .posts_as(&server, &key, "/v1/trips", body)
        .await
        .told::<Trip>(201);
}

#[tokio::test]
async fn eight_requests_at_once_under_one_key_make_one_trip() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let body = json!({ "quote_id": alice.gets_quote(&server).await.id });
    let ask = || alice.posts_as(&server, "once", "/v1/trips", body.clone());
    let answers = join_all((0..8).map(|_| ask())).await;
    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (201, &answers[0].body));
    }
    assert_eq!(count(&server, "SELECT count(*) FROM trips.trips").await, 1);
    assert_eq!(count(&server, "SELECT count(*) FROM trips.events").await, 1);
}

#[tokio::test]
async fn eight_requests_at_once_for_one_quote_make_one_trip() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let body = json!({ "quote_id": alice.gets_quote(&server).await.id });
    let (server, alice, body) = (&server, &alice, &body);
    let ask = |n: usize| async move {
        alice
            .posts_as(server, &format!("key-{n}"), "/v1/trips", body.clone())
            .await
    };
    let answers = join_all((0..8).map(ask)).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        let code = &answer.body["code"];
        assert!(
            code == "quote_used" || code == "active_trip_exists",
            "{}",
            answer.body
        );
    }
    assert_eq!(count(server, "SELECT count(*) FROM trips.trips").await, 1);
    let keys = "SELECT count(*) FROM platform.idempotency_keys";
    assert_eq!(
        count(server, keys).await,
        1,
        "refused requests leave no key"
    );
}
