//! Counting what must hold. Each context counts its own tables.

use sqlx::PgConnection;
use wayfare_core::wire::Integrity;

use crate::platform::failure::Failure;
use crate::{dispatch, payments, trips};

/// Counts, in the caller's transaction, so that all numbers are of one moment.
pub async fn count_integrity(connection: &mut PgConnection) -> Result<Integrity, Failure> {
    let (trips, double_drivers) = trips::service::count_trips(connection).await?;
    let double_offers = dispatch::offers::count_double(connection).await?;
    let ledger = payments::service::ledger_integrity(connection).await?;
    let charged = payments::service::count_charged(connection).await?;
    Ok(Integrity {
        ledger,
        double_assignments: double_drivers + double_offers,
        unbooked_trips: trips.completed - charged,
        trips,
    })
}
