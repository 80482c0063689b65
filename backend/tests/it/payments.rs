//! The ledger: what a ride writes to it, what it refuses, and who may look.

use serde_json::json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use wayfare_core::id::TripId;
use wayfare_core::pricing::LineKind;
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{ErrorCode, PaymentStatus};

use crate::actors::{admin, alice, bob, everything, ride_until};
use crate::harness::TestServer;

/// An entry: transaction, account, whose account, minor units.
type Entry = (String, String, Option<Uuid>, i64);

async fn entries(server: &TestServer, trip: TripId) -> Vec<Entry> {
    sqlx::query_as(
        "SELECT t.kind, a.kind, a.owner_id, e.amount_minor
         FROM payments.entries e
         JOIN payments.transactions t ON t.id = e.transaction_id
         JOIN payments.accounts a ON a.id = e.account_id
         WHERE t.trip_id = $1 AND e.currency = 'EUR' AND a.currency = 'EUR'
         ORDER BY e.id",
    )
    .bind(trip.uuid())
    .fetch_all(&server.pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_ride_is_charged_when_it_ends_and_cash_settles_it() {
    let server = TestServer::start().await;
    let (alice, bob, admin) = (
        alice(&server).await,
        bob(&server).await,
        admin(&server).await,
    );
    let trip = ride_until(&server, &alice, &bob, TripStatus::InProgress).await;
    assert_eq!(entries(&server, trip.id).await, []);
    bob.completes(&server, trip.id).await;

    let (rider, driver) = (Some(alice.id().uuid()), Some(bob.id().uuid()));
    let fare = &trip.fare;
    let (total, share, tax) = (
        fare.total_minor,
        fare.driver_share_minor,
        fare.sum_minor(LineKind::Tax),
    );
    assert!(total > share && share > 0 && tax > 0, "{fare:?}");
    let entry = |kind: &str, account: &str, owner, amount| {
        (kind.to_owned(), account.to_owned(), owner, amount)
    };
    let charge = [
        entry("trip_charge", "rider_receivable", rider, total),
        entry("trip_charge", "driver_balance", driver, -share),
        entry("trip_charge", "tax_payable", None, -tax),
        entry("trip_charge", "platform_revenue", None, share + tax - total),
    ];
    assert_eq!(entries(&server, trip.id).await, charge);
    let integrity = admin.checks_integrity(&server).await;
    assert_eq!(
        (
            integrity.ledger.transactions,
            integrity.ledger.imbalance_minor
        ),
        (1, 0)
    );

    bob.takes_cash(&server, trip.id).await;
    let cash = [
        entry("cash_payment", "driver_balance", driver, total),
        entry("cash_payment", "rider_receivable", rider, -total),
    ];
    assert_eq!(
        entries(&server, trip.id).await,
        [&charge[..], &cash[..]].concat()
    );
    let owed: i64 = sqlx::query_scalar(
        "SELECT sum(e.amount_minor)::bigint FROM payments.entries e
         JOIN payments.accounts a ON a.id = e.account_id WHERE a.owner_id = $1",
    )
    .bind(rider)
    .fetch_one(&server.pool)
    .await
    .unwrap();
    assert_eq!(owed, 0, "the rider owes nothing more");
    let integrity = admin.checks_integrity(&server).await;
    assert_eq!(
        (
            integrity.ledger.transactions,
            integrity.ledger.imbalance_minor
        ),
        (2, 0)
    );
    assert_eq!(
        (integrity.unbooked_trips, integrity.trips.completed),
        (0, 1)
    );
}

#[tokio::test]
async fn cash_that_is_not_the_price_is_refused_and_changes_nothing() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    let total = trip.fare.total_minor;
    let before = everything(&server).await;
    let cash = |amount_minor: i64, currency: &str| json!({ "amount": { "amount_minor": amount_minor, "currency": currency } });
    for body in [
        cash(total - 1, "EUR"),
        cash(total + 1, "EUR"),
        cash(0, "EUR"),
        cash(-total, "EUR"),
        cash(total, "USD"),
        cash(i64::MAX, "EUR"),
    ] {
        let answer = bob.tries(&server, "cash-payment", trip.id, body).await;
        answer.refused(409, ErrorCode::WrongAmount);
    }
    for body in [
        cash(total, "euro"),
        cash(total, ""),
        json!({ "amount": total }),
        json!({}),
        json!({ "amount": { "amount_minor": 1.5, "currency": "EUR" } }),
        json!({ "amount": { "amount_minor": u64::MAX, "currency": "EUR" } }),
        json!({ "amount": { "amount_minor": total, "currency": "EUR", "tip": 1 } }),
    ] {
        let answer = bob.tries(&server, "cash-payment", trip.id, body).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    assert_eq!(everything(&server).await, before);
    let paid = bob.takes_cash(&server, trip.id).await;
    assert_eq!(paid.payment.unwrap().status, PaymentStatus::Paid);
}

#[tokio::test]
async fn a_trip_is_paid_once() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    let body = json!({ "amount": trip.fare.total() });
    let (one, two) = tokio::join!(
        bob.tries(&server, "cash-payment", trip.id, body.clone()),
        bob.tries(&server, "cash-payment", trip.id, body.clone()),
    );
    assert_eq!(one.status.min(two.status), 201);
    let late = if one.status == 201 { two } else { one };
    late.refused(409, ErrorCode::AlreadyPaid);
    let before = everything(&server).await;
    let again = bob.tries(&server, "cash-payment", trip.id, body).await;
    again.refused(409, ErrorCode::AlreadyPaid);
    assert_eq!(everything(&server).await, before);
}

#[tokio::test]
async fn a_rider_cannot_say_that_the_driver_has_the_money() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    let before = everything(&server).await;
    let body = json!({ "amount": trip.fare.total() });
    let answer = alice.tries(&server, "cash-payment", trip.id, body).await;
    answer.refused(403, ErrorCode::Forbidden);
    assert_eq!(everything(&server).await, before);
}

#[tokio::test]
async fn cash_confirmed_again_under_its_key_is_booked_once() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    let path = format!("/v1/trips/{}/cash-payment", trip.id);
    let body = json!({ "amount": trip.fare.total() });
    let first = bob.posts_as(&server, "cash", &path, body.clone()).await;
    let before = everything(&server).await;
    let second = bob.posts_as(&server, "cash", &path, body).await;
    assert_eq!((first.status, &first.body), (201, &second.body));
    assert_eq!(everything(&server).await, before);
}

#[tokio::test]
async fn what_is_in_the_ledger_is_never_changed() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    let before = everything(&server).await;
    for statement in [
        "UPDATE payments.entries SET amount_minor = amount_minor * 2",
        "UPDATE payments.transactions SET created_at = now()",
        "DELETE FROM payments.entries",
        "DELETE FROM payments.transactions",
        "TRUNCATE payments.entries",
        "TRUNCATE payments.transactions CASCADE",
        "UPDATE trips.events SET occurred_at = now()",
        "DELETE FROM trips.events",
        "TRUNCATE trips.events",
        "UPDATE pricing.tariffs SET valid_from = now()",
        "DELETE FROM pricing.tariffs",
        "TRUNCATE pricing.tariffs CASCADE",
    ] {
        let error = sqlx::query(statement)
            .execute(&server.pool)
            .await
            .unwrap_err();
        let error = error.into_database_error().unwrap();
        assert_eq!(
            error.constraint(),
            Some("append_only"),
            "{statement}: {error}"
        );
    }
    assert_eq!(everything(&server).await, before);
}

/// Books entries on two accounts, in one transaction, and answers the constraint that it breaks.
async fn book(pool: &PgPool, trip: TripId, entries: &[(i64, &str)]) -> Option<String> {
    let mut transaction = pool.begin().await.unwrap();
    insert(&mut transaction, trip, entries).await;
    match transaction.commit().await {
        Ok(()) => None,
        Err(error) => {
            let error = error.into_database_error().unwrap();
            Some(error.constraint().unwrap_or_default().to_owned())
        }
    }
}

async fn insert(connection: &mut PgConnection, trip: TripId, entries: &[(i64, &str)]) {
    let id = Uuid::now_v7();
    sqlx::query(
        "INSERT INTO payments.transactions (id, kind, trip_id, created_at)
         VALUES ($1, 'cash_payment', $2, now())",
    )
    .bind(id)
    .bind(trip.uuid())
    .execute(&mut *connection)
    .await
    .unwrap();
    for (amount_minor, currency) in entries {
        sqlx::query(
            "INSERT INTO payments.entries (transaction_id, account_id, currency, amount_minor)
             SELECT $1, id, $2, $3 FROM payments.accounts WHERE kind = 'platform_revenue'",
        )
        .bind(id)
        .bind(currency)
        .bind(amount_minor)
        .execute(&mut *connection)
        .await
        .unwrap();
    }
}

#[tokio::test]
async fn a_ledger_transaction_that_does_not_sum_to_zero_cannot_be_committed() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Completed)
        .await
        .id;
    let pool = &server.pool;
    let before = everything(&server).await;
    let refused = Some("ledger_balances".to_owned());
    assert_eq!(
        book(pool, trip, &[(100, "EUR")]).await,
        refused,
        "one side only"
    );
    assert_eq!(
        book(pool, trip, &[(100, "EUR"), (-99, "EUR")]).await,
        refused,
        "off by one"
    );
    assert_eq!(book(pool, trip, &[]).await, refused, "empty");
    let mixed = [(100, "EUR"), (-100, "USD")];
    assert_eq!(book(pool, trip, &mixed).await, refused, "two currencies");
    let foreign = [(100, "USD"), (-100, "USD")];
    assert_eq!(
        book(pool, trip, &foreign).await,
        refused,
        "not the account's currency"
    );
    assert_eq!(everything(&server).await, before);
    assert_eq!(book(pool, trip, &[(100, "EUR"), (-100, "EUR")]).await, None);
}

#[tokio::test]
async fn nothing_can_be_added_to_a_ledger_transaction_that_unbalances_it() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    ride_until(&server, &alice, &bob, TripStatus::Completed).await;
    let error = sqlx::query(
        "INSERT INTO payments.entries (transaction_id, account_id, currency, amount_minor)
         SELECT transaction_id, account_id, currency, 1 FROM payments.entries LIMIT 1",
    )
    .execute(&server.pool)
    .await
    .unwrap_err();
    let error = error.into_database_error().unwrap();
    assert_eq!(error.constraint(), Some("ledger_balances"), "{error}");
}

#[tokio::test]
async fn only_admins_see_whether_the_ledger_balances() {
    let server = TestServer::start().await;
    for person in [alice(&server).await, bob(&server).await] {
        let answer = person.gets(&server, "/v1/admin/integrity").await;
        answer.refused(403, ErrorCode::Forbidden);
    }
    let anonymous = crate::people::get(&server, "/v1/admin/integrity")
        .send()
        .await;
    anonymous.refused(401, ErrorCode::Unauthenticated);
    let integrity = admin(&server).await.checks_integrity(&server).await;
    assert_eq!(
        (integrity.ledger.transactions, integrity.double_assignments),
        (0, 0)
    );
}
