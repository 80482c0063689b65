//! SQL of the receipts.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use wayfare_core::id::TripId;

use super::ReceiptKind;

pub(super) struct ReceiptRow {
    pub(super) signed: String,
    pub(super) issued_at: DateTime<Utc>,
}

pub(super) async fn insert_receipt(
    connection: &mut PgConnection,
    trip: TripId,
    (kind, signed): (ReceiptKind, &str),
    issued_at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO pricing.receipts (trip_id, kind, signed, issued_at) VALUES ($1, $2, $3, $4)",
        trip.uuid(),
        kind.as_str(),
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
    kind: ReceiptKind,
) -> sqlx::Result<Option<ReceiptRow>> {
    sqlx::query_as!(
        ReceiptRow,
        "SELECT signed, issued_at FROM pricing.receipts WHERE trip_id = $1 AND kind = $2",
        trip.uuid(),
        kind.as_str(),
    )
    .fetch_optional(connection)
    .await
}
