//! SQL of the schema `payments`.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::id::{DriverId, LedgerTransactionId, PaymentId, RiderId, TripId};
use wayfare_core::money::Money;

pub(super) struct PaymentRow {
    pub(super) id: Uuid,
    pub(super) trip_id: Uuid,
    pub(super) rider_id: Uuid,
    pub(super) driver_id: Uuid,
    pub(super) method: String,
    pub(super) status: String,
    pub(super) amount_minor: i64,
    pub(super) currency: String,
}

pub(super) struct NewPayment<'a> {
    pub(super) id: PaymentId,
    pub(super) trip: TripId,
    pub(super) rider: RiderId,
    pub(super) driver: DriverId,
    pub(super) method: &'a str,
    pub(super) amount: Money,
    pub(super) paid_at: Option<DateTime<Utc>>,
    pub(super) now: DateTime<Utc>,
}

pub(super) struct EntryRow {
    pub(super) account_id: i64,
    pub(super) currency: String,
    pub(super) amount_minor: i64,
}

pub(super) struct LedgerRow {
    pub(super) transactions: i64,
    pub(super) imbalance_minor: i64,
}

/// The account's id; it is made when it is first needed.
pub(super) async fn ensure_account(
    connection: &mut PgConnection,
    kind: &str,
    owner: Option<Uuid>,
    currency: &str,
) -> sqlx::Result<i64> {
    let found = sqlx::query_scalar!(
        "SELECT id FROM payments.accounts
         WHERE kind = $1 AND owner_id IS NOT DISTINCT FROM $2 AND currency = $3",
        kind,
        owner,
        currency,
    )
    .fetch_optional(&mut *connection)
    .await?;
    if let Some(id) = found {
        return Ok(id);
    }
    // Another transaction may have made it in between; the update that changes nothing gets its id.
    sqlx::query_scalar!(
        "INSERT INTO payments.accounts (kind, owner_id, currency) VALUES ($1, $2, $3)
         ON CONFLICT (kind, owner_id, currency) DO UPDATE SET kind = excluded.kind
         RETURNING id",
        kind,
        owner,
        currency,
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn insert_transaction(
    connection: &mut PgConnection,
    id: LedgerTransactionId,
    kind: &str,
    trip: TripId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO payments.transactions (id, kind, trip_id, created_at) VALUES ($1, $2, $3, $4)",
        id.uuid(),
        kind,
        trip.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn insert_entry(
    connection: &mut PgConnection,
    transaction: LedgerTransactionId,
    account_id: i64,
    amount: Money,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO payments.entries (transaction_id, account_id, currency, amount_minor)
         VALUES ($1, $2, $3, $4)",
        transaction.uuid(),
        account_id,
        amount.currency.to_string(),
        amount.amount_minor,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn insert_payment(
    connection: &mut PgConnection,
    payment: NewPayment<'_>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO payments.trip_payments
             (id, trip_id, rider_id, driver_id, method, status, amount_minor, currency,
              created_at, paid_at)
         VALUES ($1, $2, $3, $4, $9, CASE WHEN $8::timestamptz IS NULL THEN 'due' ELSE 'paid' END,
             $5, $6, $7, $8)",
        payment.id.uuid(),
        payment.trip.uuid(),
        payment.rider.uuid(),
        payment.driver.uuid(),
        payment.amount.amount_minor,
        payment.amount.currency.to_string(),
        payment.now,
        payment.paid_at,
        payment.method,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn find_payment_for_update(
    connection: &mut PgConnection,
    trip: TripId,
) -> sqlx::Result<Option<PaymentRow>> {
    sqlx::query_as!(
        PaymentRow,
        "SELECT id, trip_id, rider_id, driver_id, method, status, amount_minor, currency
         FROM payments.trip_payments WHERE trip_id = $1 AND status <> 'void' FOR UPDATE",
        trip.uuid(),
    )
    .fetch_optional(connection)
    .await
}

pub(super) async fn list_payments(
    connection: &mut PgConnection,
    trips: &[Uuid],
) -> sqlx::Result<Vec<PaymentRow>> {
    sqlx::query_as!(
        PaymentRow,
        "SELECT id, trip_id, rider_id, driver_id, method, status, amount_minor, currency
         FROM payments.trip_payments WHERE trip_id = ANY($1) AND status <> 'void'",
        trips,
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn set_paid(
    connection: &mut PgConnection,
    payment: Uuid,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE payments.trip_payments SET status = 'paid', paid_at = $2 WHERE id = $1",
        payment,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The entries of a trip's transaction of one kind.
pub(super) async fn list_entries(
    connection: &mut PgConnection,
    trip: TripId,
    kind: &str,
) -> sqlx::Result<Vec<EntryRow>> {
    sqlx::query_as!(
        EntryRow,
        "SELECT e.account_id, e.currency, e.amount_minor
         FROM payments.entries e JOIN payments.transactions t ON t.id = e.transaction_id
         WHERE t.trip_id = $1 AND t.kind = $2
         ORDER BY e.id",
        trip.uuid(),
        kind,
    )
    .fetch_all(connection)
    .await
}

/// What was to be paid is not to be paid any more.
pub(super) async fn set_void(connection: &mut PgConnection, payment: Uuid) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE payments.trip_payments SET status = 'void', paid_at = NULL WHERE id = $1",
        payment,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Counts the ledger. Each transaction's distance from zero is summed, so two errors never cancel.
pub(super) async fn get_ledger_integrity(connection: &mut PgConnection) -> sqlx::Result<LedgerRow> {
    sqlx::query_as!(
        LedgerRow,
        r#"SELECT
             (SELECT count(*) FROM payments.transactions) AS "transactions!",
             (SELECT coalesce(sum(abs(off.amount)), 0)::bigint FROM (
                 SELECT sum(amount_minor) AS amount FROM payments.entries
                 GROUP BY transaction_id, currency
             ) off) AS "imbalance_minor!""#,
    )
    .fetch_one(connection)
    .await
}

/// How many completed trips have a payment whose amount is charged in the ledger. A trip that costs
/// nothing needs no transaction.
pub(super) async fn count_charged(connection: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "charged!" FROM payments.trip_payments p
         WHERE p.method = 'cash' AND (p.amount_minor = 0 OR EXISTS (
             SELECT FROM payments.transactions t
             WHERE t.trip_id = p.trip_id AND t.kind = 'trip_charge'
         ))"#,
    )
    .fetch_one(connection)
    .await
}
