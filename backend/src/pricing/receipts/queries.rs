//! SQL of the receipts.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use wayfare_core::id::TripId;

pub(super) struct ReceiptRow {
    pub(super) signed: String,
    pub(super) issued_at: DateTime<Utc>,
}

pub(super) async fn insert_receipt(
    connection: &mut PgConnection,
    trip: TripId,
    signed: &str,
    issued_at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO pricing.receipts (trip_id, signed, issued_at) VALUES ($1, $2, $3)",
        trip.uuid(),
        signed,
        issued_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn find_receipt(
    connection: &mut PgConnection,
    trip: TripId,
) -> sqlx::Result<Option<ReceiptRow>> {
    sqlx::query_as!(
        ReceiptRow,
        "SELECT signed, issued_at FROM pricing.receipts WHERE trip_id = $1",
        trip.uuid(),
    )
    .fetch_optional(connection)
    .await
}
