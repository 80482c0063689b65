//! However often commands are sent, and however many do it at once, they happen once.

use futures_util::future::join_all;
use serde_json::Value;
use wayfare_core::sync::DeviceAction;
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{BatchAnswer, CommandResult, Trip};

use super::phone::{
    DevicePhone, arrive, codes, complete, flag_kinds, rate, sends, start, start_with, wrong_pin,
};
use crate::actors::{Actor, admin, alice, bob, everything, ride_until};
use crate::harness::TestServer;

/// A phone with a whole ride on it; the third command is refused.
async fn ridden(server: &TestServer, alice: &Actor, bob: &Actor) -> (DevicePhone, Trip) {
    let trip = ride_until(server, alice, bob, TripStatus::Assigned).await;
    let mut phone = DevicePhone::of(server, bob).await;
    let amount = trip.fare.total();
    phone.does(arrive(trip.id));
    phone.does(start_with(trip.id, wrong_pin(&trip)));
    phone.does(start(&trip));
    phone.does(complete(trip.id));
    phone.does(DeviceAction::TakeCash {
        trip: trip.id,
        amount,
    });
    phone.does(rate(trip.id, 4));
    phone.does(DeviceAction::GoOffline);
    (phone, trip)
}

/// As they were answered first.
fn as_first(results: &[CommandResult]) -> Vec<CommandResult> {
    let first = |result: &CommandResult| CommandResult {
        duplicate: false,
        ..result.clone()
    };
    results.iter().map(first).collect()
}

/// Everything, and the commands with their answers.
async fn all(server: &TestServer) -> (Value, Value) {
    let commands = sqlx::query_scalar(
        "SELECT jsonb_build_object(
             'commands', (SELECT jsonb_agg(x ORDER BY x.seq) FROM sync.commands x),
             'flags', (SELECT jsonb_agg(x ORDER BY x.id) FROM sync.flags x)
         )",
    )
    .fetch_one(&server.pool)
    .await
    .unwrap();
    (everything(server).await, commands)
}

#[tokio::test]
async fn a_batch_that_comes_again_is_answered_as_the_first_time() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let (phone, _) = ridden(&server, &alice, &bob).await;
    let batch = phone.batch();
    let first: BatchAnswer = sends(&server, &bob, &batch).await.told(200);
    assert!(codes(&first.results)[1].is_some());
    let before = all(&server).await;
    for _ in 0..2 {
        let again: BatchAnswer = sends(&server, &bob, &batch).await.told(200);
        assert!(again.results.iter().all(|result| result.duplicate));
        assert_eq!(as_first(&again.results), first.results);
        assert_eq!(again.next_seq, first.next_seq);
    }
    assert_eq!(all(&server).await, before);
}

#[tokio::test]
async fn any_part_may_be_sent_any_number_of_times() {
    let server = TestServer::start().await;
    let (admin, alice, bob) = (
        admin(&server).await,
        alice(&server).await,
        bob(&server).await,
    );
    let (phone, trip) = ridden(&server, &alice, &bob).await;
    let count = phone.waiting.len();
    let mut first: Vec<CommandResult> = Vec::new();
    for end in 1..=count {
        for begin in 0..end {
            let batch = phone.batch_of(&phone.waiting[begin..end]);
            let told: BatchAnswer = sends(&server, &bob, &batch).await.told(200);
            if begin > first.len() {
                continue;
            }
            let new = first.len() - begin;
            assert!(told.results[..new].iter().all(|result| result.duplicate));
            assert!(told.results[new..].iter().all(|result| !result.duplicate));
            assert_eq!(as_first(&told.results[..new]), first[begin..]);
            first.extend(told.results[new..].iter().cloned());
        }
    }
    assert_eq!(first.len(), count);
    assert_eq!(flag_kinds(&server, &admin).await, []);
    let seen = alice.sees(&server, trip.id).await;
    assert_eq!(seen.status, TripStatus::Completed);
    let integrity = admin.checks_integrity(&server).await;
    assert_eq!(integrity.ledger.imbalance_minor, 0);
    assert_eq!(integrity.ledger.transactions, 2);
}

#[tokio::test]
async fn one_batch_at_a_time_is_taken_of_a_device() {
    let server = TestServer::start().await;
    let (admin, alice, bob) = (
        admin(&server).await,
        alice(&server).await,
        bob(&server).await,
    );
    let (phone, trip) = ridden(&server, &alice, &bob).await;
    let whole = phone.batch();
    let part = phone.batch_of(&phone.waiting[..4]);
    let sent = [&whole, &part, &whole, &part].map(|batch| sends(&server, &bob, batch));
    let answers: Vec<BatchAnswer> = join_all(sent)
        .await
        .into_iter()
        .map(|answer| answer.told(200))
        .collect();
    // Each command is new to one of them, and all are answered alike.
    for (index, kept) in phone.waiting.iter().enumerate() {
        let told: Vec<&CommandResult> = answers
            .iter()
            .filter_map(|answer| answer.results.get(index))
            .collect();
        assert!(told.iter().all(|result| result.command_id == kept.id));
        assert_eq!(told.iter().filter(|result| !result.duplicate).count(), 1);
        let alike = as_first(&[told[0].clone()]);
        assert!(
            told.iter()
                .all(|result| as_first(&[(*result).clone()]) == alike)
        );
    }
    assert_eq!(flag_kinds(&server, &admin).await, []);
    let seen = bob.sees(&server, trip.id).await;
    assert_eq!(
        (seen.status, seen.my_rating),
        (TripStatus::Completed, Some(4))
    );
}

#[tokio::test]
async fn money_that_was_booked_online_is_not_booked_again() {
    let server = TestServer::start().await;
    let (admin, alice, bob) = (
        admin(&server).await,
        alice(&server).await,
        bob(&server).await,
    );
    let trip = ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    let mut phone = DevicePhone::of(&server, &bob).await;
    let amount = bob
        .takes_cash(&server, trip.id)
        .await
        .payment
        .unwrap()
        .amount;
    phone.does(DeviceAction::TakeCash {
        trip: trip.id,
        amount,
    });
    let mut other = amount;
    other.amount_minor += 1;
    phone.does(DeviceAction::TakeCash {
        trip: trip.id,
        amount: other,
    });
    let results = phone.syncs(&server, &bob).await;
    let paid = wayfare_core::wire::ErrorCode::AlreadyPaid;
    assert_eq!(codes(&results), [None, Some(paid)]);
    let integrity = admin.checks_integrity(&server).await;
    assert_eq!(integrity.ledger.transactions, 2);
}
