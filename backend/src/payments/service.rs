//! Charging trips, taking cash, and counting the ledger.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::id::{DriverId, LedgerTransactionId, PaymentId, RiderId, TripId};
use wayfare_core::money::{Currency, Money};
use wayfare_core::pricing::Fare;
use wayfare_core::wire::{ErrorCode, LedgerIntegrity, PaymentMethod, PaymentStatus, TripPayment};

use super::accounts::{Account, Entry, cash_payment_entries, trip_charge_entries};
use super::queries::{self, NewPayment, PaymentRow};
use crate::platform::failure::Failure;

/// A completed trip that has to be paid.
#[derive(Debug)]
pub struct Charge<'a> {
    /// The trip.
    pub trip: TripId,
    /// Who pays.
    pub rider: RiderId,
    /// Who drove.
    pub driver: DriverId,
    /// What it costs.
    pub fare: &'a Fare,
}

/// Charges a completed trip in the transaction that completes it.
pub async fn charge_trip(
    connection: &mut PgConnection,
    charge: Charge<'_>,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    charge_as(connection, charge, ("trip_charge", "cash"), now).await
}

/// Charges a trip that was called off in the transaction that does it. The rider has nobody to give
/// cash to, so it is owed.
pub async fn charge_cancellation(
    connection: &mut PgConnection,
    charge: Charge<'_>,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    charge_as(connection, charge, ("cancellation_fee", "account"), now).await
}

/// Gives back the fee of a trip that was called off and takes place after all, if it had one. Every
/// entry is booked the other way round, and nothing is due.
pub async fn reverse_cancellation(
    connection: &mut PgConnection,
    trip: TripId,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let Some(payment) = queries::find_payment_for_update(connection, trip).await? else {
        return Ok(());
    };
    queries::set_void(connection, payment.id).await?;
    let entries = queries::list_entries(connection, trip, "cancellation_fee").await?;
    if entries.is_empty() {
        return Ok(());
    }
    let id = LedgerTransactionId::from_uuid(Uuid::now_v7());
    queries::insert_transaction(connection, id, "cancellation_reversal", trip, now).await?;
    for entry in entries {
        let back = entry.amount_minor.saturating_neg();
        let amount = Money::new(back, parse_currency(&entry.currency)?);
        queries::insert_entry(connection, id, entry.account_id, amount).await?;
    }
    Ok(())
}

async fn charge_as(
    connection: &mut PgConnection,
    charge: Charge<'_>,
    (kind, method): (&str, &str),
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let entries = trip_charge_entries(charge.rider, charge.driver, charge.fare);
    let fare = charge.fare;
    let total = fare.total_minor.saturating_add(fare.tip_minor);
    let amount = Money::new(total, fare.currency);
    book(
        connection,
        kind,
        charge.trip,
        amount.currency,
        &entries,
        now,
    )
    .await?;
    let payment = NewPayment {
        id: PaymentId::from_uuid(Uuid::now_v7()),
        trip: charge.trip,
        rider: charge.rider,
        driver: charge.driver,
        method,
        amount,
        // A trip that costs nothing is paid.
        paid_at: (amount.amount_minor == 0).then_some(now),
        now,
    };
    queries::insert_payment(connection, payment).await?;
    Ok(())
}

/// Books cash that the trip's driver took.
pub async fn take_cash(
    connection: &mut PgConnection,
    trip: TripId,
    driver: DriverId,
    amount: Money,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let payment = queries::find_payment_for_update(connection, trip).await?;
    let Some(payment) = payment else {
        return Err(Failure::refused(
            ErrorCode::WrongTripState,
            "the trip is not completed",
        ));
    };
    if payment.driver_id != driver.uuid() {
        let detail = "only the trip's driver takes the money";
        return Err(Failure::refused(ErrorCode::Forbidden, detail));
    }
    if payment.method != "cash" {
        let detail = "this trip was called off; its fee is on the rider's account";
        return Err(Failure::refused(ErrorCode::WrongTripState, detail));
    }
    if payment.status == "paid" {
        return Err(Failure::refused(ErrorCode::AlreadyPaid, "the trip is paid"));
    }
    let due = Money::new(payment.amount_minor, parse_currency(&payment.currency)?);
    if amount != due {
        let detail = format!("the trip costs {due}, not {amount}");
        return Err(Failure::refused(ErrorCode::WrongAmount, detail));
    }
    let rider = RiderId::from_uuid(payment.rider_id);
    let entries = cash_payment_entries(rider, driver, due.amount_minor);
    book(
        connection,
        "cash_payment",
        trip,
        due.currency,
        &entries,
        now,
    )
    .await?;
    queries::set_paid(connection, payment.id, now).await?;
    Ok(())
}

/// Writes a transaction to the ledger. The database refuses it if it does not sum to zero.
async fn book(
    connection: &mut PgConnection,
    kind: &str,
    trip: TripId,
    currency: Currency,
    entries: &[Entry],
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    if entries.is_empty() {
        return Ok(());
    }
    let id = LedgerTransactionId::from_uuid(Uuid::now_v7());
    queries::insert_transaction(connection, id, kind, trip, now).await?;
    for entry in entries {
        let owner = match entry.account {
            Account::RiderReceivable(rider) => Some(rider.uuid()),
            Account::DriverBalance(driver) => Some(driver.uuid()),
            Account::PlatformRevenue | Account::TaxPayable => None,
        };
        let account = queries::ensure_account(
            connection,
            entry.account.kind(),
            owner,
            &currency.to_string(),
        )
        .await?;
        let amount = Money::new(entry.amount_minor, currency);
        queries::insert_entry(connection, id, account, amount).await?;
    }
    Ok(())
}

/// The payments of these trips, as far as they have one.
pub async fn list_trip_payments(
    connection: &mut PgConnection,
    trips: &[TripId],
) -> Result<HashMap<TripId, TripPayment>, Failure> {
    let ids: Vec<Uuid> = trips.iter().map(|trip| trip.uuid()).collect();
    let rows = queries::list_payments(connection, &ids).await?;
    rows.into_iter()
        .map(|row| Ok((TripId::from_uuid(row.trip_id), trip_payment(&row)?)))
        .collect()
}

fn trip_payment(row: &PaymentRow) -> Result<TripPayment, Failure> {
    let paid = row.status == "paid";
    Ok(TripPayment {
        id: PaymentId::from_uuid(row.id),
        method: match row.method.as_str() {
            "account" => PaymentMethod::Account,
            _ => PaymentMethod::Cash,
        },
        status: if paid {
            PaymentStatus::Paid
        } else {
            PaymentStatus::Due
        },
        amount: Money::new(row.amount_minor, parse_currency(&row.currency)?),
    })
}

fn parse_currency(code: &str) -> Result<Currency, Failure> {
    code.parse()
        .map_err(|error| Failure::broken("reading a currency", error))
}

/// Whether the ledger balances.
pub async fn ledger_integrity(connection: &mut PgConnection) -> Result<LedgerIntegrity, Failure> {
    let row = queries::get_ledger_integrity(connection).await?;
    Ok(LedgerIntegrity {
        transactions: row.transactions,
        imbalance_minor: row.imbalance_minor,
    })
}

/// How many trips were charged.
pub async fn count_charged(connection: &mut PgConnection) -> Result<i64, Failure> {
    Ok(queries::count_charged(connection).await?)
}
