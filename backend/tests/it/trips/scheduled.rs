//! Trips for later: when they look for a driver, from when the rider lets the driver wait, and how many
//! of them a rider may have.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use futures_util::future::join_all;
use serde_json::{Value, json};
use wayfare_core::id::TripId;
use wayfare_core::pricing::{CancellationRule, LineKind};
use wayfare_core::receipt::Charged;
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{ErrorCode, Quote, Trip};

use super::rides::{Proof, age};
use crate::actors::{DROPOFF, PICKUP, alice, bob, dan, drive_until, everything, north_of_pickup};
use crate::harness::{TestServer, wait_for};
use crate::people::{count, open_connections};

/// So many seconds from now.
fn later(seconds: i64) -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6) + TimeDelta::seconds(seconds)
}

fn ride_at(pickup_at: DateTime<Utc>) -> Value {
    json!({ "pickup": PICKUP, "dropoff": DROPOFF, "pickup_at": pickup_at })
}

/// Trips for later may be asked for a second ahead, and look for a driver at once.
async fn start() -> TestServer {
    TestServer::start_with(|config| {
        config.trips.schedule_ahead_min_s = 1;
        config.trips.schedule_search_s = 86_400;
    })
    .await
}

/// When somebody was first asked to drive this trip.
async fn first_offer_at(server: &TestServer, trip: TripId) -> DateTime<Utc> {
    sqlx::query_scalar("SELECT min(created_at) FROM dispatch.offers WHERE trip_id = $1")
        .bind(trip.uuid())
        .fetch_one(&server.pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_trip_for_later_looks_for_a_driver_when_its_time_is_near() {
    let server = TestServer::start_with(|config| {
        config.trips.schedule_ahead_min_s = 1;
        config.trips.schedule_search_s = 2;
        // Shorter than it waits before it looks for anybody.
        config.dispatch.search_timeout_s = 1;
    })
    .await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    bob.is_free_at(&server, north_of_pickup(100.0)).await;
    let pickup_at = later(5);
    let trip = alice.requests_ride(&server, ride_at(pickup_at)).await;
    assert_eq!(trip.pickup_at, Some(pickup_at));
    assert!(trip.pin.is_some());
    let offer = bob.is_offered_trip(&server).await;
    assert_eq!((offer.trip_id, offer.pickup_at), (trip.id, Some(pickup_at)));
    let asked_at = first_offer_at(&server, trip.id).await;
    let (from, to) = (pickup_at - TimeDelta::seconds(2), pickup_at);
    assert!(from <= asked_at && asked_at < to, "{asked_at} {pickup_at}");
    assert_eq!(
        bob.accepts(&server, &offer).await.pickup_at,
        Some(pickup_at)
    );
}

#[tokio::test]
async fn a_trip_for_later_is_given_up_so_long_after_its_time_as_another_after_its_request() {
    let server = TestServer::start_with(|config| {
        config.trips.schedule_ahead_min_s = 1;
        config.trips.schedule_search_s = 60;
        config.dispatch.search_timeout_s = 1;
    })
    .await;
    let alice = alice(&server).await;
    let pickup_at = later(3);
    let trip = alice.requests_ride(&server, ride_at(pickup_at)).await;
    let now = alice.requests_trip(&server).await;
    let ended = async |trip: TripId| {
        wait_for("the trip to expire", || async {
            let seen = alice.sees(&server, trip).await;
            (seen.status == TripStatus::Expired).then_some(())
        })
        .await;
        let at: DateTime<Utc> = sqlx::query_scalar(
            "SELECT (state ->> 'expired_at')::timestamptz FROM trips.trips WHERE id = $1",
        )
        .bind(trip.uuid())
        .fetch_one(&server.pool)
        .await
        .unwrap();
        at
    };
    assert!(
        ended(now.id).await < pickup_at,
        "a trip for now is not held up"
    );
    let ended_at = ended(trip.id).await;
    assert!(
        ended_at >= pickup_at + TimeDelta::seconds(1),
        "{ended_at} {pickup_at}"
    );
}

#[tokio::test]
async fn who_waits_for_a_trip_for_later_waits_from_the_agreed_time_on() {
    let server = start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = alice.requests_ride(&server, ride_at(later(120))).await;
    drive_until(&server, &alice, &bob, &trip, TripStatus::Arrived).await;
    // Bob came seven minutes ago, two minutes too early.
    age(&server, trip.id, 420).await;
    bob.starts(&server, &trip).await;
    let done = bob.completes(&server, trip.id).await;
    let agreed = done.pickup_at.unwrap();
    let wait_s = (done.started_at.unwrap() - agreed).num_seconds();
    assert!(agreed > done.arrived_at.unwrap());
    assert!((299..=310).contains(&wait_s), "{wait_s}");
    let proof = Proof::of(&server, &alice, trip.id).await;
    let receipt = proof.verify(None).unwrap();
    let Charged::Trip { driven, .. } = receipt.charge else {
        panic!("{receipt:?}")
    };
    assert_eq!(driven.wait_s, wait_s);
    // 120 s beyond the free ones; from the arrival on it would be twice as much.
    let waiting = done.fare.sum_minor(LineKind::Waiting);
    assert!((49..=54).contains(&waiting), "{waiting}");
}

#[tokio::test]
async fn a_ride_that_begins_before_the_agreed_time_has_no_wait() {
    let server = start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = alice.requests_ride(&server, ride_at(later(3600))).await;
    drive_until(&server, &alice, &bob, &trip, TripStatus::Arrived).await;
    age(&server, trip.id, 600).await;
    bob.starts(&server, &trip).await;
    let done = bob.completes(&server, trip.id).await;
    assert_eq!(done.fare, trip.fare);
}

#[tokio::test]
async fn a_rider_of_a_trip_for_later_did_not_come_only_after_the_agreed_time() {
    let server = start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = alice.requests_ride(&server, ride_at(later(300))).await;
    drive_until(&server, &alice, &bob, &trip, TripStatus::Arrived).await;
    let no_show = json!({ "reason": "rider_no_show" });
    // There for 500 s, of which 200 count.
    age(&server, trip.id, 500).await;
    let answer = bob.tries(&server, "cancel", trip.id, no_show.clone()).await;
    answer.refused(409, ErrorCode::TooEarlyForNoShow);
    age(&server, trip.id, 105).await;
    bob.is_at(&server, PICKUP).await;
    let ended: Trip = bob
        .tries(&server, "cancel", trip.id, no_show)
        .await
        .told(200);
    assert_eq!(ended.status, TripStatus::Cancelled);
    assert_eq!(ended.fare.sum_minor(LineKind::NoShow), 350);
}

#[tokio::test]
async fn calling_a_trip_for_later_off_is_free_in_good_time_and_not_after_it() {
    let server = start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    for (ahead_s, rule) in [
        (7200, CancellationRule::InGoodTime),
        (3000, CancellationRule::TooLate),
    ] {
        let trip = alice.requests_ride(&server, ride_at(later(ahead_s))).await;
        let unassigned = alice.asks_what_cancelling_costs(&server, trip.id).await;
        let in_good_time = rule == CancellationRule::InGoodTime;
        assert_eq!(unassigned.rule, CancellationRule::NoDriver);
        drive_until(&server, &alice, &bob, &trip, TripStatus::Assigned).await;
        age(&server, trip.id, 1000).await;
        let cost = alice.asks_what_cancelling_costs(&server, trip.id).await;
        assert_eq!((cost.rule, cost.fare.is_none()), (rule, in_good_time));
        let off = alice.cancels(&server, trip.id, "changed_mind").await;
        assert_eq!(off.payment.is_none(), in_good_time);
        assert_eq!(off.fare, cost.fare.unwrap_or(trip.fare));
    }
}

#[tokio::test]
async fn a_driver_who_is_late_for_a_trip_for_later_is_late_from_the_agreed_time_on() {
    let server = start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = alice.requests_ride(&server, ride_at(later(300))).await;
    drive_until(&server, &alice, &bob, &trip, TripStatus::Assigned).await;
    for (older_s, rule) in [
        (1100, CancellationRule::TooLate),
        (110, CancellationRule::DriverLate),
    ] {
        age(&server, trip.id, older_s).await;
        let cost = alice.asks_what_cancelling_costs(&server, trip.id).await;
        assert_eq!(cost.rule, rule);
    }
    let off = alice.cancels(&server, trip.id, "driver_not_coming").await;
    assert_eq!(off.payment, None);
}

#[tokio::test]
async fn a_trip_too_soon_or_too_far_ahead_cannot_be_scheduled() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    for pickup_at in [
        later(-60),
        later(0),
        later(890),
        later(30 * 86_400 + 60),
        later(400 * 86_400),
    ] {
        let answer = alice.posts(&server, "/v1/quotes", ride_at(pickup_at)).await;
        answer.refused(409, ErrorCode::ScheduleRefused);
    }
    for pickup_at in [json!("tomorrow"), json!(1_800_000_000), json!("")] {
        let body = json!({ "pickup": PICKUP, "dropoff": DROPOFF, "pickup_at": pickup_at });
        let answer = alice.posts(&server, "/v1/quotes", body).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    assert_eq!(
        count(&server, "SELECT count(*) FROM pricing.quotes").await,
        0
    );
    for pickup_at in [later(910), later(30 * 86_400 - 60)] {
        alice.is_quoted(&server, ride_at(pickup_at)).await;
    }
}

#[tokio::test]
async fn a_rider_has_one_trip_for_now_beside_those_for_later() {
    let server = TestServer::start_with(|config| config.trips.open_per_rider_max = 3).await;
    let alice = alice(&server).await;
    let full = async |quote: &Quote| {
        let before = everything(&server).await;
        let answer = alice.takes_quote(&server, quote).await;
        answer.refused(409, ErrorCode::ActiveTripExists);
        assert_eq!(everything(&server).await, before);
    };
    alice.requests_ride(&server, ride_at(later(3600))).await;
    let now = alice.requests_trip(&server).await;
    full(&alice.gets_quote(&server).await).await;
    let second = alice.requests_ride(&server, ride_at(later(3600))).await;
    full(&alice.is_quoted(&server, ride_at(later(7200))).await).await;
    alice.cancels(&server, second.id, "changed_mind").await;
    alice.requests_ride(&server, ride_at(later(7200))).await;
    alice.cancels(&server, now.id, "changed_mind").await;
    alice.requests_trip(&server).await;
}

#[tokio::test]
async fn of_eight_requests_at_once_only_so_many_become_trips_as_a_rider_may_have() {
    let server = TestServer::start_with(|config| config.trips.open_per_rider_max = 3).await;
    let alice = alice(&server).await;
    open_connections(&server, &alice.session).await;
    for (ride, wanted) in [
        (json!({ "pickup": PICKUP, "dropoff": DROPOFF }), 1),
        (ride_at(later(3600)), 2),
    ] {
        let mut quotes = Vec::new();
        for _ in 0..8 {
            quotes.push(alice.is_quoted(&server, ride.clone()).await);
        }
        let asking = quotes.iter().map(|quote| alice.takes_quote(&server, quote));
        let answers = join_all(asking).await;
        let (made, refused): (Vec<_>, Vec<_>) =
            answers.iter().partition(|answer| answer.status == 201);
        for answer in refused {
            answer.refused(409, ErrorCode::ActiveTripExists);
        }
        assert_eq!(made.len(), wanted);
    }
    assert_eq!(count(&server, "SELECT count(*) FROM trips.trips").await, 3);
}

#[tokio::test]
async fn a_driver_of_a_trip_for_later_who_gives_it_back_leaves_it_to_another_one() {
    let server = TestServer::start_with(|config| {
        config.trips.schedule_search_s = 86_400;
        config.dispatch.search_timeout_s = 1;
    })
    .await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = alice.requests_ride(&server, ride_at(later(3600))).await;
    drive_until(&server, &alice, &bob, &trip, TripStatus::Assigned).await;
    bob.cancels(&server, trip.id, "vehicle_problem").await;
    // Longer than the patience for a trip for now.
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    let dan = dan(&server).await;
    dan.is_free_at(&server, north_of_pickup(100.0)).await;
    assert_eq!(dan.is_offered_trip(&server).await.trip_id, trip.id);
}
