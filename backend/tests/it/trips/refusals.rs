//! What a trip does not allow, and that a refusal changes nothing.

use serde_json::{Value, json};
use wayfare_core::trip::{Pin, TripStatus};
use wayfare_core::wire::{ErrorCode, QuoteList, Trip};

use crate::actors::{
    Actor, DROPOFF, PICKUP, alice, bob, carol, everything, north_of_pickup, ride_until,
};
use crate::harness::{TestServer, wait_for};

/// A step, and whether the rider takes it or the driver.
type Step = (&'static str, Side);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Side {
    Rider,
    Driver,
}

const CASH_BY_DRIVER: Step = ("cash-payment", Side::Driver);
const RATING_BY_RIDER: Step = ("ratings", Side::Rider);
const RATING_BY_DRIVER: Step = ("ratings", Side::Driver);
const ARRIVE: Step = ("arrive", Side::Driver);
const START: Step = ("start", Side::Driver);
const COMPLETE: Step = ("complete", Side::Driver);
const CANCEL_BY_RIDER: Step = ("cancel", Side::Rider);
const CANCEL_BY_DRIVER: Step = ("cancel", Side::Driver);

/// Every step that a status does not allow to those whose trip it is.
fn wrong_steps(status: TripStatus) -> Vec<Step> {
    let steps: &[Step] = match status {
        TripStatus::Requested | TripStatus::Expired => &[RATING_BY_RIDER],
        TripStatus::Assigned => &[
            START,
            COMPLETE,
            CASH_BY_DRIVER,
            RATING_BY_RIDER,
            RATING_BY_DRIVER,
        ],
        TripStatus::Arrived => &[
            ARRIVE,
            COMPLETE,
            CASH_BY_DRIVER,
            RATING_BY_RIDER,
            RATING_BY_DRIVER,
        ],
        TripStatus::InProgress => &[
            ARRIVE,
            START,
            CANCEL_BY_RIDER,
            CANCEL_BY_DRIVER,
            CASH_BY_DRIVER,
            RATING_BY_RIDER,
            RATING_BY_DRIVER,
        ],
        TripStatus::Completed => &[ARRIVE, START, COMPLETE, CANCEL_BY_RIDER, CANCEL_BY_DRIVER],
        TripStatus::Cancelled => &[
            ARRIVE,
            START,
            COMPLETE,
            CANCEL_BY_RIDER,
            CANCEL_BY_DRIVER,
            CASH_BY_DRIVER,
            RATING_BY_RIDER,
            RATING_BY_DRIVER,
        ],
    };
    let mut steps = steps.to_vec();
    if status == TripStatus::Expired {
        steps.push(CANCEL_BY_RIDER);
    }
    steps
}

fn body(step: &str, trip: &Trip, pin: Pin) -> Value {
    match step {
        "start" => json!({ "pin": pin }),
        "cancel" => json!({ "reason": "other" }),
        "cash-payment" => json!({ "amount": trip.fare.total() }),
        "ratings" => json!({ "stars": 3 }),
        _ => Value::Null,
    }
}

#[tokio::test]
async fn a_step_from_a_wrong_state_is_refused_and_changes_nothing() {
    let server = TestServer::start_with(|config| {
        config.limits.pin_attempts = 20;
        config.dispatch.search_timeout_s = 3600;
    })
    .await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    for status in [
        TripStatus::Assigned,
        TripStatus::Arrived,
        TripStatus::InProgress,
        TripStatus::Completed,
        TripStatus::Cancelled,
        TripStatus::Requested,
    ] {
        let reached = if status == TripStatus::Cancelled {
            TripStatus::Assigned
        } else {
            status
        };
        let trip = ride_until(&server, &alice, &bob, reached).await;
        // Completed trips no longer show it, and the refusal must not be because of the PIN.
        let pin: String = sqlx::query_scalar("SELECT pin FROM trips.trips WHERE id = $1")
            .bind(trip.id.uuid())
            .fetch_one(&server.pool)
            .await
            .unwrap();
        if status == TripStatus::Cancelled {
            alice.cancels(&server, trip.id, "wait_too_long").await;
        }
        // Otherwise a new offer to bob would be a change that the step did not make.
        bob.goes_offline(&server).await;
        wait_for("all offers to be closed", || async {
            crate::people::count(
                &server,
                "SELECT count(*) FROM dispatch.offers WHERE status = 'open'",
            )
            .await
            .eq(&0)
            .then_some(())
        })
        .await;
        check_steps(
            &server,
            (&alice, &bob),
            (&trip, pin.parse().unwrap()),
            status,
        )
        .await;
        end(&server, &alice, &bob, &trip, status).await;
    }
}

#[tokio::test]
async fn an_expired_trip_allows_nothing() {
    let server = TestServer::start_with(|config| {
        config.dispatch.offer_timeout_s = 1;
        config.dispatch.search_timeout_s = 1;
    })
    .await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = alice.requests_trip(&server).await;
    wait_for("the trip to expire", || async {
        let trip = alice.sees(&server, trip.id).await;
        (trip.status == TripStatus::Expired).then_some(())
    })
    .await;
    let pin = trip.pin.unwrap();
    check_steps(&server, (&alice, &bob), (&trip, pin), TripStatus::Expired).await;
}

async fn check_steps(
    server: &TestServer,
    (rider, driver): (&Actor, &Actor),
    (trip, pin): (&Trip, Pin),
    status: TripStatus,
) {
    let before = everything(server).await;
    for (step, side) in wrong_steps(status) {
        let who = if side == Side::Rider { rider } else { driver };
        let answer = who
            .tries(server, step, trip.id, body(step, trip, pin))
            .await;
        assert_eq!(
            answer.status, 409,
            "{status} {step} by {side:?}: {}",
            answer.body
        );
        answer.refused(409, ErrorCode::WrongTripState);
        assert_eq!(
            everything(server).await,
            before,
            "{status} {step} by {side:?}"
        );
    }
}

/// Ends the trip, so that rider and driver are free for the next one.
async fn end(server: &TestServer, rider: &Actor, driver: &Actor, trip: &Trip, status: TripStatus) {
    match status {
        TripStatus::Requested | TripStatus::Assigned | TripStatus::Arrived => {
            rider.cancels(server, trip.id, "changed_mind").await;
        }
        TripStatus::InProgress => {
            driver.completes(server, trip.id).await;
        }
        TripStatus::Completed | TripStatus::Cancelled | TripStatus::Expired => {}
    }
}

#[tokio::test]
async fn a_wrong_pin_does_not_start_the_ride_and_may_be_tried_five_times() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Arrived).await;
    let pin = trip.pin.unwrap();
    let wrong = if pin == Pin::from_number(1234) {
        "1235"
    } else {
        "1234"
    };
    let before = everything(&server).await;
    for _ in 0..5 {
        let answer = bob
            .tries(&server, "start", trip.id, json!({ "pin": wrong }))
            .await;
        answer.refused(409, ErrorCode::WrongPin);
    }
    let answer = bob
        .tries(&server, "start", trip.id, json!({ "pin": pin }))
        .await;
    answer.refused(429, ErrorCode::RateLimited);
    let wait_s: u32 = answer.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=900).contains(&wait_s), "{wait_s}");
    assert_eq!(everything(&server).await, before);
}

#[tokio::test]
async fn attempts_at_one_trip_do_not_count_for_the_next() {
    let server = TestServer::start_with(|config| config.limits.pin_attempts = 1).await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    for _ in 0..2 {
        ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    }
}

#[tokio::test]
async fn a_pin_must_be_four_digits() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Arrived).await;
    let pins = ["", "123", "12345", "12a4", "١٢٣٤"].map(|pin| json!({ "pin": pin }));
    for body in pins
        .into_iter()
        .chain([json!({ "pin": 1234 }), json!({}), Value::Null])
    {
        let answer = bob.tries(&server, "start", trip.id, body).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    bob.starts(&server, &trip).await;
}

#[tokio::test]
async fn a_rider_has_one_trip_at_a_time() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let trip = alice.requests_trip(&server).await;
    let quote = alice.gets_quote(&server).await;
    let before = everything(&server).await;
    let wanted = json!({ "quote_id": quote.id });
    let answer = alice.posts(&server, "/v1/trips", wanted.clone()).await;
    answer.refused(409, ErrorCode::ActiveTripExists);
    assert_eq!(everything(&server).await, before);
    alice.cancels(&server, trip.id, "changed_mind").await;
    alice
        .posts(&server, "/v1/trips", wanted)
        .await
        .told::<Trip>(201);
}

#[tokio::test]
async fn a_quote_becomes_a_trip_once() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let wanted = json!({ "quote_id": alice.gets_quote(&server).await.id });
    let trip: Trip = alice
        .posts(&server, "/v1/trips", wanted.clone())
        .await
        .told(201);
    alice
        .posts(&server, "/v1/trips", wanted.clone())
        .await
        .refused(409, ErrorCode::QuoteUsed);
    alice.cancels(&server, trip.id, "changed_mind").await;
    alice
        .posts(&server, "/v1/trips", wanted)
        .await
        .refused(409, ErrorCode::QuoteUsed);
}

#[tokio::test]
async fn a_quote_that_is_too_old_or_somebody_elses_makes_no_trip() {
    let server = TestServer::start().await;
    let (alice, carol) = (alice(&server).await, carol(&server).await);
    let quote = alice.gets_quote(&server).await;
    let wanted = json!({ "quote_id": quote.id });
    carol
        .posts(&server, "/v1/trips", wanted.clone())
        .await
        .refused(404, ErrorCode::NotFound);
    sqlx::query("UPDATE pricing.quotes SET expires_at = now() - interval '1 second'")
        .execute(&server.pool)
        .await
        .unwrap();
    let before = everything(&server).await;
    alice
        .posts(&server, "/v1/trips", wanted)
        .await
        .refused(409, ErrorCode::QuoteExpired);
    assert_eq!(everything(&server).await, before);
}

#[tokio::test]
async fn a_walk_and_a_journey_get_no_quote() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    for dropoff in [PICKUP, north_of_pickup(50.0), north_of_pickup(300_000.0)] {
        let body = json!({ "pickup": PICKUP, "dropoff": dropoff });
        let answer = alice.posts(&server, "/v1/quotes", body).await;
        answer.refused(409, ErrorCode::OutsideServiceArea);
    }
    let body = json!({ "pickup": PICKUP, "dropoff": DROPOFF });
    let list: QuoteList = alice.posts(&server, "/v1/quotes", body).await.told(201);
    assert_eq!(list.quotes.len(), 2, "one for each class of vehicle");
    assert!(list.quotes[0].fare.total_minor < list.quotes[1].fare.total_minor);
}

#[tokio::test]
async fn each_side_rates_a_trip_once_with_one_to_five_stars() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    for stars in [
        json!(0),
        json!(6),
        json!(-1),
        json!(4.5),
        json!("5"),
        json!(256),
    ] {
        let answer = alice
            .tries(&server, "ratings", trip.id, json!({ "stars": stars }))
            .await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    alice.rates(&server, trip.id, 1).await;
    let before = everything(&server).await;
    let again = alice
        .tries(&server, "ratings", trip.id, json!({ "stars": 5 }))
        .await;
    again.refused(409, ErrorCode::AlreadyRated);
    assert_eq!(everything(&server).await, before);
    assert_eq!(bob.sees(&server, trip.id).await.my_rating, None);
}

#[tokio::test]
async fn notes_and_comments_hold_text_and_nothing_else() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    let long = "a".repeat(501);
    for text in ["", "a\0b", long.as_str()] {
        let body = json!({ "stars": 5, "comment": text });
        let answer = alice.tries(&server, "ratings", trip.id, body).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    let next = alice.requests_trip(&server).await;
    for text in ["", "a\0b", long.as_str()] {
        let body = json!({ "reason": "other", "note": text });
        let answer = alice.tries(&server, "cancel", next.id, body).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    let note = "ç".repeat(500);
    let body = json!({ "reason": "other", "note": note });
    let cancelled: Trip = alice
        .tries(&server, "cancel", next.id, body)
        .await
        .told(200);
    assert_eq!(cancelled.cancelled.unwrap().note, Some(note));
}
