//! What it costs to call a trip off: shown before, charged as shown, proven afterwards.

use serde_json::json;
use uuid::Uuid;
use wayfare_core::id::TripId;
use wayfare_core::pricing::{CancellationRule, LineKind};
use wayfare_core::receipt::{Charged, ReceiptError};
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{ErrorCode, PaymentMethod, PaymentStatus, Trip};

use super::rides::{Proof, age};
use crate::actors::{
    Actor, PICKUP, admin, alice, bob, carol, dan, everything, north_of_pickup, ride_until,
};
use crate::harness::TestServer;
use crate::people::count;

/// What moved on which account: kind of transaction, kind of account, whose, minor units.
async fn entries(server: &TestServer, trip: TripId) -> Vec<(String, String, Option<Uuid>, i64)> {
    sqlx::query_as(
        "SELECT t.kind, a.kind, a.owner_id, e.amount_minor
         FROM payments.entries e
         JOIN payments.transactions t ON t.id = e.transaction_id
         JOIN payments.accounts a ON a.id = e.account_id
         WHERE t.trip_id = $1 ORDER BY e.id",
    )
    .bind(trip.uuid())
    .fetch_all(&server.pool)
    .await
    .unwrap()
}

/// Asks, calls off, and checks that it costs what was said, which is nothing.
async fn cancels_for_nothing(
    server: &TestServer,
    rider: &Actor,
    trip: &Trip,
    rule: CancellationRule,
) {
    let cost = rider.asks_what_cancelling_costs(server, trip.id).await;
    assert_eq!((cost.rule, cost.fare), (rule, None));
    let off = rider.cancels(server, trip.id, "changed_mind").await;
    assert_eq!((off.status, &off.payment), (TripStatus::Cancelled, &None));
    assert_eq!(off.fare, trip.fare);
    assert_eq!(entries(server, trip.id).await, []);
    let answer = rider.tries_to_get_receipt(server, trip.id).await;
    answer.refused(404, ErrorCode::NotFound);
}

#[tokio::test]
async fn calling_off_is_free_without_a_driver_just_after_and_when_the_driver_is_late() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    for (reached, older_s, rule) in [
        (TripStatus::Requested, 200, CancellationRule::NoDriver),
        (TripStatus::Assigned, 0, CancellationRule::JustAssigned),
        (TripStatus::Assigned, 100, CancellationRule::JustAssigned),
        (TripStatus::Arrived, 100, CancellationRule::JustAssigned),
        (TripStatus::Assigned, 901, CancellationRule::DriverLate),
    ] {
        let trip = ride_until(&server, &alice, &bob, reached).await;
        age(&server, trip.id, older_s).await;
        cancels_for_nothing(&server, &alice, &trip, rule).await;
        bob.goes_offline(&server).await;
    }
}

#[tokio::test]
async fn calling_off_late_costs_what_was_shown_and_the_driver_gets_four_fifths() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    for (reached, older_s) in [
        (TripStatus::Assigned, 125),
        (TripStatus::Assigned, 880),
        // A driver who is there is not late.
        (TripStatus::Arrived, 3000),
    ] {
        let trip = ride_until(&server, &alice, &bob, reached).await;
        age(&server, trip.id, older_s).await;
        let shown = alice.asks_what_cancelling_costs(&server, trip.id).await;
        assert_eq!(shown.rule, CancellationRule::TooLate);
        let drivers = bob.asks_what_cancelling_costs(&server, trip.id).await;
        assert_eq!(
            (drivers.rule, drivers.fare),
            (CancellationRule::NotTheRider, None)
        );

        let off = alice.cancels(&server, trip.id, "changed_mind").await;
        assert_eq!(Some(&off.fare), shown.fare.as_ref());
        assert_eq!(off.basis, None);
        // Half of the minimum of 350, and 6 % of tax: 10.5, to even.
        let fee = &off.fare;
        assert_eq!(fee.sum_minor(LineKind::Cancellation), 175);
        assert_eq!(fee.sum_minor(LineKind::Tax), 10);
        assert_eq!((fee.total_minor, fee.driver_share_minor), (185, 140));
        let payment = bob.sees(&server, trip.id).await.payment.unwrap();
        assert_eq!(
            (payment.method, payment.status, payment.amount),
            (PaymentMethod::Account, PaymentStatus::Due, fee.total())
        );
        assert_eq!(off.payment, Some(payment));

        let (rider, driver) = (Some(alice.id().uuid()), Some(bob.id().uuid()));
        let entry = |account: &str, owner, amount| {
            let kind = "cancellation_fee".to_owned();
            (kind, account.to_owned(), owner, amount)
        };
        assert_eq!(
            entries(&server, trip.id).await,
            [
                entry("rider_receivable", rider, 185),
                entry("driver_balance", driver, -140),
                entry("tax_payable", None, -10),
                entry("platform_revenue", None, -35),
            ]
        );
    }
}

#[tokio::test]
async fn the_receipt_of_a_cancellation_verifies_and_holds_its_facts() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let carol = carol(&server).await;
    let trip = ride_until(&server, &alice, &bob, TripStatus::Arrived).await;
    age(&server, trip.id, 200).await;
    let off = alice.cancels(&server, trip.id, "wait_too_long").await;
    let proof = Proof::of(&server, &alice, trip.id).await;
    let receipt = proof.verify(None).unwrap();
    assert_eq!((receipt.trip, &receipt.fare), (trip.id, &off.fare));
    assert_eq!(receipt.driver.unwrap().uuid(), bob.id().uuid());
    let Charged::Cancellation { facts, rule } = receipt.charge else {
        panic!("{receipt:?}")
    };
    assert_eq!(rule, CancellationRule::TooLate);
    assert_eq!(facts.assigned_at, off.assigned_at);
    assert_eq!(facts.cancelled_at, off.cancelled.unwrap().at);
    assert!(facts.arrived_at >= facts.assigned_at);
    let no_track = proof.verify(Some(&[]));
    assert!(matches!(no_track, Err(ReceiptError::UnexpectedTrack)));
    assert_eq!(Proof::of(&server, &bob, trip.id).await.signed, proof.signed);
    let answer = carol.tries_to_get_receipt(&server, trip.id).await;
    answer.refused(404, ErrorCode::NotFound);
}

#[tokio::test]
async fn a_rider_who_does_not_come_pays_the_minimum_and_the_driver_gets_four_fifths() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Arrived).await;
    age(&server, trip.id, 301).await;
    bob.is_at(&server, north_of_pickup(40.0)).await;
    let ended = bob.cancels(&server, trip.id, "rider_no_show").await;
    let fee = &ended.fare;
    // 350 and 21 of tax, to a multiple of 5.
    assert_eq!(fee.sum_minor(LineKind::NoShow), 350);
    assert_eq!((fee.total_minor, fee.driver_share_minor), (370, 280));
    let seen = alice.sees(&server, trip.id).await;
    assert_eq!(seen.payment.unwrap().method, PaymentMethod::Account);
    let receipt = Proof::of(&server, &alice, trip.id)
        .await
        .verify(None)
        .unwrap();
    let Charged::Cancellation { facts, rule } = receipt.charge else {
        panic!("{receipt:?}")
    };
    assert_eq!((rule, facts.no_show), (CancellationRule::NoShow, true));
    let sum: i64 = entries(&server, trip.id)
        .await
        .iter()
        .map(|entry| entry.3)
        .sum();
    assert_eq!(sum, 0);
}

#[tokio::test]
async fn a_fee_is_not_paid_in_cash() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    age(&server, trip.id, 200).await;
    let off = alice.cancels(&server, trip.id, "changed_mind").await;
    let before = everything(&server).await;
    let cash = json!({ "amount": off.fare.total() });
    let answer = bob.tries(&server, "cash-payment", trip.id, cash).await;
    answer.refused(409, ErrorCode::WrongTripState);
    assert_eq!(everything(&server).await, before);
}

#[tokio::test]
async fn calling_off_again_under_its_key_charges_once() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    age(&server, trip.id, 200).await;
    let path = format!("/v1/trips/{}/cancel", trip.id);
    let body = json!({ "reason": "changed_mind" });
    let calls = (0..4).map(|_| alice.posts_as(&server, "off", &path, body.clone()));
    let answers = futures_util::future::join_all(calls).await;
    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (200, &answers[0].body));
    }
    let charges = "SELECT count(*) FROM payments.transactions";
    assert_eq!(count(&server, charges).await, 1);
    assert_eq!(
        count(&server, "SELECT count(*) FROM pricing.receipts").await,
        1
    );
}

#[tokio::test]
async fn a_trip_that_its_driver_calls_off_costs_nothing() {
    let server = TestServer::start_with(|config| config.dispatch.max_reassignments = 0).await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Arrived).await;
    age(&server, trip.id, 1000).await;
    let off = bob.cancels(&server, trip.id, "vehicle_problem").await;
    assert_eq!((off.status, &off.payment), (TripStatus::Cancelled, &None));
    assert_eq!(entries(&server, trip.id).await, []);
    let answer = alice.tries_to_get_receipt(&server, trip.id).await;
    answer.refused(404, ErrorCode::NotFound);
}

#[tokio::test]
async fn a_trip_that_was_given_back_is_called_off_for_nothing() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Arrived).await;
    age(&server, trip.id, 250).await;
    bob.cancels(&server, trip.id, "vehicle_problem").await;
    let trip = alice.sees(&server, trip.id).await;
    cancels_for_nothing(&server, &alice, &trip, CancellationRule::NoDriver).await;
}

#[tokio::test]
async fn the_fee_is_shown_to_those_on_the_trip_while_it_can_be_called_off() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let (carol, dan) = (carol(&server).await, dan(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::InProgress).await;
    let path = format!("/v1/trips/{}/cancellation-fee", trip.id);
    for stranger in [&carol, &dan] {
        let answer = stranger.gets(&server, &path).await;
        answer.refused(404, ErrorCode::NotFound);
    }
    for person in [&alice, &bob] {
        let answer = person.gets(&server, &path).await;
        answer.refused(409, ErrorCode::WrongTripState);
    }
    bob.completes(&server, trip.id).await;
    let answer = alice.gets(&server, &path).await;
    answer.refused(409, ErrorCode::WrongTripState);
}

#[tokio::test]
async fn asking_for_the_fee_changes_nothing_and_stands_a_clock_that_is_behind() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Arrived).await;
    // As if another server, whose clock is ahead, had taken the steps so far.
    age(&server, trip.id, -30).await;
    let before = everything(&server).await;
    let cost = alice.asks_what_cancelling_costs(&server, trip.id).await;
    assert_eq!(cost.rule, CancellationRule::JustAssigned);
    assert_eq!(everything(&server).await, before);
    alice.cancels(&server, trip.id, "changed_mind").await;
}

#[tokio::test]
async fn the_books_are_right_after_rides_fees_and_trips_that_cost_nothing() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let admin = admin(&server).await;
    let ride = ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    bob.takes_cash(&server, ride.id).await;
    ride_until(&server, &alice, &bob, TripStatus::Completed).await;

    let late = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    age(&server, late.id, 200).await;
    alice.cancels(&server, late.id, "changed_mind").await;
    let missed = ride_until(&server, &alice, &bob, TripStatus::Arrived).await;
    age(&server, missed.id, 400).await;
    bob.is_at(&server, PICKUP).await;
    bob.cancels(&server, missed.id, "rider_no_show").await;
    let free = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    alice.cancels(&server, free.id, "changed_mind").await;
    let ended = ride_until(&server, &alice, &bob, TripStatus::InProgress).await;
    let done = admin
        .tries_as_admin(&server, "complete", ended.id, serde_json::Value::Null)
        .await;
    assert_eq!(done.status, 200);

    let integrity = admin.checks_integrity(&server).await;
    assert_eq!(
        (integrity.unbooked_trips, integrity.double_assignments),
        (0, 0)
    );
    // Three rides, one of them paid, and two fees.
    assert_eq!(
        (
            integrity.ledger.transactions,
            integrity.ledger.imbalance_minor
        ),
        (6, 0)
    );
    assert_eq!(
        (integrity.trips.completed, integrity.trips.cancelled),
        (3, 3)
    );
    assert_eq!(
        count(&server, "SELECT count(*) FROM pricing.receipts").await,
        5
    );
}

#[tokio::test]
async fn a_no_show_costs_nothing_if_the_car_was_never_at_the_pickup() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Arrived).await;
    age(&server, trip.id, 301).await;
    bob.is_at(&server, north_of_pickup(400.0)).await;
    let ended = bob.cancels(&server, trip.id, "rider_no_show").await;
    assert_eq!((ended.status, ended.payment), (TripStatus::Cancelled, None));
    let answer = alice.tries_to_get_receipt(&server, trip.id).await;
    answer.refused(404, ErrorCode::NotFound);
}
