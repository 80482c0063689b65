//! A ride that began while the server had decided otherwise: it goes on, and what was decided is undone.

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use wayfare_core::id::{TripId, UserId};
use wayfare_core::ride::NoGround;
use wayfare_core::sync::DeviceAction;
use wayfare_core::trip::{CancelReason, Party, Pin, TripStatus};
use wayfare_core::wire::{CommandOutcome, ErrorCode, PaymentMethod, PaymentStatus, Trip};

use super::away::by_phone;
use super::drives::{Away, Drive, Scene};
use super::fares::flags;
use super::phone::DevicePhone;
use crate::actors::{
    Actor, DROPOFF, PICKUP, admin, alice, bob, carol, dan, drive_until, ride_until,
};
use crate::harness::TestServer;
use crate::trips::rides::{Proof, age};

/// What moved on which kind of account, by kind of transaction, in minor units.
async fn entries(server: &TestServer, trip: TripId) -> Vec<(String, String, i64)> {
    sqlx::query_as(
        "SELECT t.kind, a.kind, e.amount_minor
         FROM payments.entries e
         JOIN payments.transactions t ON t.id = e.transaction_id
         JOIN payments.accounts a ON a.id = e.account_id
         WHERE t.trip_id = $1 AND a.kind IN ('rider_receivable', 'driver_balance')
         ORDER BY e.id",
    )
    .bind(trip.uuid())
    .fetch_all(&server.pool)
    .await
    .unwrap()
}

async fn receipt_kinds(server: &TestServer, trip: TripId) -> Vec<String> {
    sqlx::query_scalar("SELECT kind FROM pricing.receipts WHERE trip_id = $1 ORDER BY kind")
        .bind(trip.uuid())
        .fetch_all(&server.pool)
        .await
        .unwrap()
}

/// What a person was told of a trip last.
async fn last_told(server: &TestServer, person: UserId, trip: TripId) -> Value {
    sqlx::query_scalar(
        "SELECT payload -> 'trip' FROM realtime.messages
         WHERE user_id = $1 AND payload -> 'trip' ->> 'id' = $2 ORDER BY cursor DESC LIMIT 1",
    )
    .bind(person.uuid())
    .bind(trip.to_string())
    .fetch_one(&server.pool)
    .await
    .unwrap()
}

fn start(trip: &Trip, seconds_ago: i64) -> (DeviceAction, chrono::DateTime<Utc>) {
    let at = by_phone(Utc::now() - TimeDelta::seconds(seconds_ago));
    let start = DeviceAction::Start {
        trip: trip.id,
        pin: trip.pin.unwrap(),
        arrived_at: at,
    };
    (start, at)
}

/// Alice calls the trip that bob is on the way to off so late that it costs, which bob does not hear of.
async fn alice_calls_it_off_late(server: &TestServer, alice: &Actor, bob: &Actor) -> Trip {
    let trip = ride_until(server, alice, bob, TripStatus::Assigned).await;
    age(server, trip.id, 600).await;
    let off = alice.cancels(server, trip.id, "changed_mind").await;
    assert_eq!(off.fare.total_minor, 185);
    trip
}

#[tokio::test]
async fn a_ride_that_was_called_off_with_a_fee_goes_on_and_the_fee_is_given_back() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let admin = admin(&server).await;
    let mut phone = DevicePhone::of(&server, &bob).await;
    let scene = Scene {
        server: &server,
        alice: &alice,
        bob: &bob,
        phone: &mut phone,
        ground: NoGround,
    };
    let drive = Drive::straight(3000);
    let trip = scene.bob_is_away(&drive).await;
    let kit = bob.gets_kit(&server, trip.id).await;
    // Late, but the driver is there: that is no reason to go.
    sqlx::query(
        "UPDATE trips.trips SET state = jsonb_set(state, '{assignment,assigned_at}',
             to_jsonb(now() - interval '800 s')) WHERE id = $1",
    )
    .bind(trip.id.uuid())
    .execute(&server.pool)
    .await
    .unwrap();
    let off = alice.cancels(&server, trip.id, "changed_mind").await;
    assert_eq!(off.fare.total_minor, 185);
    assert_eq!(receipt_kinds(&server, trip.id).await, ["cancellation"]);

    let started_at = by_phone(Utc::now() - TimeDelta::seconds(400));
    let track = drive.track(started_at);
    let away = Away {
        drive: &drive,
        started_at,
        track: &track,
    };
    let (claim, done) = scene.ride(&kit, trip.pin.unwrap(), away, |_, _| {});
    let results = phone.tells(&server, &bob, done).await;
    let outcomes: Vec<_> = results
        .iter()
        .map(|result| (result.outcome, result.code))
        .collect();
    let applied = (CommandOutcome::Applied, None);
    // The trip was called off when bob arrived; that the rider sat in the car is what counts.
    let refused = (CommandOutcome::Rejected, Some(ErrorCode::WrongTripState));
    assert_eq!(outcomes, [refused, applied, applied], "{results:?}");
    let seen = alice.sees(&server, trip.id).await;
    assert_eq!(
        (seen.status, &seen.fare),
        (TripStatus::Completed, &claim.fare)
    );
    let payment = seen.payment.unwrap();
    assert_eq!(
        (payment.method, payment.status, payment.amount),
        (PaymentMethod::Cash, PaymentStatus::Due, claim.fare.total())
    );
    let total = claim.fare.total_minor;
    let share = claim.fare.driver_share_minor;
    let entry = |kind: &str, account: &str, amount| (kind.to_owned(), account.to_owned(), amount);
    assert_eq!(
        entries(&server, trip.id).await,
        [
            entry("cancellation_fee", "rider_receivable", 185),
            entry("cancellation_fee", "driver_balance", -140),
            entry("cancellation_reversal", "rider_receivable", -185),
            entry("cancellation_reversal", "driver_balance", 140),
            entry("trip_charge", "rider_receivable", total),
            entry("trip_charge", "driver_balance", -share),
        ]
    );
    assert_eq!(
        receipt_kinds(&server, trip.id).await,
        ["cancellation", "trip"]
    );
    let receipt = Proof::of(&server, &alice, trip.id)
        .await
        .verify(None)
        .unwrap();
    assert_eq!(receipt.fare, claim.fare, "the receipt is that of the ride");
    assert_eq!(flags(&server, trip.id).await, ["trip_resumed"]);
    bob.takes_cash(&server, trip.id).await;
    let integrity = admin.checks_integrity(&server).await;
    assert_eq!(integrity.ledger.imbalance_minor, 0);
}

#[tokio::test]
async fn the_rider_who_booked_anew_sits_in_the_first_car_and_pays_nothing_for_the_second() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let dan = dan(&server).await;
    let mut phone = DevicePhone::of(&server, &bob).await;
    let first = alice_calls_it_off_late(&server, &alice, &bob).await;
    bob.goes_offline(&server).await;
    let second = ride_until(&server, &alice, &dan, TripStatus::Arrived).await;
    age(&server, second.id, 900).await;

    phone
        .is_believed(&server, &bob, vec![start(&first, 60)])
        .await;
    let riding = alice.sees(&server, first.id).await;
    assert_eq!(
        (riding.status, riding.driver.unwrap().name, riding.payment),
        (TripStatus::InProgress, "Bob".to_owned(), None)
    );
    assert_eq!(riding.fare, first.fare, "as quoted, and not the fee");
    let booked = alice.sees(&server, second.id).await;
    let how = booked.cancelled.unwrap();
    assert_eq!((how.by, how.reason), (Party::System, CancelReason::Other));
    assert_eq!(booked.payment, None, "it costs nothing");
    let told = last_told(&server, dan.id(), second.id).await;
    assert_eq!(told["status"], "cancelled");
    // Both may go on.
    bob.completes(&server, first.id).await;
    dan.goes_offline(&server).await;
    let next = ride_until(&server, &alice, &dan, TripStatus::Assigned).await;
    assert_eq!(next.driver.unwrap().name, "Dan");
}

#[tokio::test]
async fn a_rider_who_is_in_another_car_is_not_in_this_one() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let dan = dan(&server).await;
    let mut phone = DevicePhone::of(&server, &bob).await;
    let first = alice_calls_it_off_late(&server, &alice, &bob).await;
    bob.goes_offline(&server).await;
    let second = ride_until(&server, &alice, &dan, TripStatus::InProgress).await;

    let results = phone.tells(&server, &bob, vec![start(&first, 60)]).await;
    assert_eq!(
        results[0].code,
        Some(ErrorCode::RiderElsewhere),
        "{results:?}"
    );
    assert_eq!(
        alice.sees(&server, first.id).await.status,
        TripStatus::Cancelled
    );
    assert_eq!(
        alice.sees(&server, second.id).await.status,
        TripStatus::InProgress
    );
    let payment = alice.sees(&server, first.id).await.payment.unwrap();
    assert_eq!(payment.status, PaymentStatus::Due, "the fee stays");
    assert_eq!(receipt_kinds(&server, first.id).await, ["cancellation"]);
    let none: [&str; 0] = [];
    assert_eq!(flags(&server, first.id).await, none);
}

#[tokio::test]
async fn a_wrong_pin_brings_nothing_back() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let mut phone = DevicePhone::of(&server, &bob).await;
    let trip = alice_calls_it_off_late(&server, &alice, &bob).await;
    let right = trip.pin.unwrap();
    let wrong = (0..2).map(Pin::from_number).find(|pin| *pin != right);
    let (_, at) = start(&trip, 60);
    let guess = DeviceAction::Start {
        trip: trip.id,
        pin: wrong.unwrap(),
        arrived_at: at,
    };
    let results = phone.tells(&server, &bob, vec![(guess, at)]).await;
    assert_eq!(results[0].code, Some(ErrorCode::WrongPin), "{results:?}");
    assert_eq!(
        alice.sees(&server, trip.id).await.status,
        TripStatus::Cancelled
    );
    assert_eq!(entries(&server, trip.id).await.len(), 2, "the fee stays");
}

/// Bob has a trip, loses the network, and an admin gives the trip to dan, who is on the way.
async fn dan_was_given_the_trip(
    server: &TestServer,
    (alice, bob, dan): (&Actor, &Actor, &Actor),
) -> Trip {
    let admin = admin(server).await;
    let trip = ride_until(server, alice, bob, TripStatus::Assigned).await;
    let body = json!({ "reason": "driver_not_coming" });
    let path = format!("/v1/admin/trips/{}/reassign", trip.id);
    let _: Trip = admin.posts(server, &path, body).await.told(200);
    bob.goes_offline(server).await;
    drive_until(server, alice, dan, &trip, TripStatus::Assigned).await;
    alice.sees(server, trip.id).await
}

#[tokio::test]
async fn a_trip_that_was_given_to_another_driver_is_the_first_ones_who_has_the_rider() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let dan = dan(&server).await;
    let mut phone = DevicePhone::of(&server, &bob).await;
    let trip = dan_was_given_the_trip(&server, (&alice, &bob, &dan)).await;

    phone
        .is_believed(&server, &bob, vec![start(&trip, 1)])
        .await;
    let riding = alice.sees(&server, trip.id).await;
    assert_eq!(
        (riding.status, riding.driver.unwrap().name),
        (TripStatus::InProgress, "Bob".to_owned())
    );
    let path = format!("/v1/trips/{}", trip.id);
    dan.gets(&server, &path)
        .await
        .refused(404, ErrorCode::NotFound);
    assert_eq!(
        last_told(&server, dan.id(), trip.id).await["status"],
        "in_progress"
    );
    let offers: Vec<(String, String)> = sqlx::query_as(
        "SELECT d.name, o.status FROM dispatch.offers o
         JOIN fleet.drivers d ON d.id = o.driver_id WHERE o.trip_id = $1 ORDER BY 1",
    )
    .bind(trip.id.uuid())
    .fetch_all(&server.pool)
    .await
    .unwrap();
    let released = |name: &str| (name.to_owned(), "released".to_owned());
    assert_eq!(offers, [released("Bob"), released("Dan")]);
    bob.completes(&server, trip.id).await;
    // Dan is free for the next one.
    let next = alice.requests_trip(&server).await;
    let offer = dan.is_offered_trip(&server).await;
    assert_eq!(offer.trip_id, next.id);
}

#[tokio::test]
async fn a_driver_who_was_given_another_trip_meanwhile_drives_the_one_with_the_rider() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let carol = carol(&server).await;
    let mut phone = DevicePhone::of(&server, &bob).await;
    let trip = alice_calls_it_off_late(&server, &alice, &bob).await;
    let other = ride_until(&server, &carol, &bob, TripStatus::Assigned).await;

    phone
        .is_believed(&server, &bob, vec![start(&trip, 30)])
        .await;
    assert_eq!(
        alice.sees(&server, trip.id).await.status,
        TripStatus::InProgress
    );
    let seen = carol.sees(&server, other.id).await;
    assert_eq!((seen.status, seen.driver), (TripStatus::Requested, None));
}

#[tokio::test]
async fn points_that_came_while_the_trip_was_somebody_elses_are_of_the_ride() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let dan = dan(&server).await;
    let mut phone = DevicePhone::of(&server, &bob).await;
    let trip = dan_was_given_the_trip(&server, (&alice, &bob, &dan)).await;
    let (step, at) = start(&trip, 1);
    let drive = Drive::straight(300);
    bob.sends_segments(&server, trip.id, &drive.track(at)).await;
    let count = "SELECT count(*) FROM trips.tracks WHERE trip_id = $1";
    let points = async || -> i64 {
        sqlx::query_scalar(count)
            .bind(trip.id.uuid())
            .fetch_one(&server.pool)
            .await
            .unwrap()
    };
    assert_eq!(points().await, 0);
    phone.is_believed(&server, &bob, vec![(step, at)]).await;
    assert!(points().await > 0);
}

/// How often the promotion was used.
async fn promotion_uses(server: &TestServer) -> (i32, i64) {
    sqlx::query_as(
        "SELECT uses, (SELECT count(*) FROM pricing.promotion_uses u WHERE u.code = p.code)
         FROM pricing.promotions p",
    )
    .fetch_one(&server.pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_promotion_counts_again_if_one_is_left_and_holds_either_way() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let carol = carol(&server).await;
    let admin = admin(&server).await;
    let mut phone = DevicePhone::of(&server, &bob).await;
    let hour = TimeDelta::hours(1);
    let rule = json!({
        "code": "TENTH", "promo": { "kind": "percent", "bps": 1000, "cap_minor": 300 },
        "valid_from": Utc::now() - hour, "valid_until": Utc::now() + hour,
        "uses_per_rider_max": 2, "uses_max": 2
    });
    let _: Value = admin
        .posts(&server, "/v1/admin/promotions", json!({ "rule": rule }))
        .await
        .told(201);
    let ride = || json!({ "pickup": PICKUP, "dropoff": DROPOFF, "promo_code": "TENTH" });
    for (others, uses) in [(0, (1, 1)), (1, (2, 2))] {
        let trip = alice.requests_ride(&server, ride()).await;
        drive_until(&server, &alice, &bob, &trip, TripStatus::Assigned).await;
        alice.cancels(&server, trip.id, "changed_mind").await;
        for _ in 0..others {
            // The last use is gone when bob tells of his ride.
            carol.requests_ride(&server, ride()).await;
        }
        bob.goes_offline(&server).await;
        phone
            .is_believed(&server, &bob, vec![start(&trip, 0)])
            .await;
        assert_eq!(promotion_uses(&server).await, uses);
        let done = bob.completes(&server, trip.id).await;
        assert_eq!(done.fare, trip.fare, "with what was promised");
    }
}

#[tokio::test]
async fn a_trip_that_was_taken_ahead_waits_for_the_ride_that_goes_on() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let carol = carol(&server).await;
    let mut phone = DevicePhone::of(&server, &bob).await;
    let first = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    let second = carol.requests_trip(&server).await;
    // As if bob had taken it ahead of the end of the first one.
    sqlx::query(
        "WITH driven AS (SELECT driver_id, vehicle_id, driver_card, state FROM trips.trips
             WHERE id = $1), offer AS (
             INSERT INTO dispatch.offers
             SELECT (jsonb_populate_record(o, jsonb_build_object(
                 'id', gen_random_uuid(), 'trip_id', $2, 'forward', true))).*
             FROM dispatch.offers o WHERE o.trip_id = $1)
         UPDATE trips.trips t SET status = 'assigned', driver_id = driven.driver_id,
             vehicle_id = driven.vehicle_id, driver_card = driven.driver_card,
             state = driven.state, forward = true
         FROM driven WHERE t.id = $2",
    )
    .bind(first.id.uuid())
    .bind(second.id.uuid())
    .execute(&server.pool)
    .await
    .unwrap();
    alice.cancels(&server, first.id, "changed_mind").await;
    assert!(!carol.sees(&server, second.id).await.driver_finishes_first);

    phone
        .is_believed(&server, &bob, vec![start(&first, 0)])
        .await;
    assert_eq!(
        alice.sees(&server, first.id).await.status,
        TripStatus::InProgress
    );
    let waits = carol.sees(&server, second.id).await;
    assert_eq!(
        (waits.status, waits.driver_finishes_first),
        (TripStatus::Assigned, true)
    );
    bob.completes(&server, first.id).await;
    assert!(!carol.sees(&server, second.id).await.driver_finishes_first);
    bob.arrives(&server, second.id).await;
}
