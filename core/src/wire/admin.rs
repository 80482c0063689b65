//! What an admin sees of the whole city.

use serde::{Deserialize, Serialize};

/// Whether the promises of the system hold, counted in the database at this moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Integrity {
    /// The ledger.
    pub ledger: LedgerIntegrity,
    /// Drivers with two active trips, trips with two accepted offers: always 0.
    pub double_assignments: i64,
    /// Completed trips whose fare is not in the ledger: always 0.
    pub unbooked_trips: i64,
    /// How many trips stand where.
    pub trips: TripCounts,
}

/// Whether the ledger balances.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct LedgerIntegrity {
    /// Number of transactions.
    pub transactions: i64,
    /// Sum over all transactions of how far each is from zero, in minor units: always 0.
    pub imbalance_minor: i64,
}

/// How many trips stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct TripCounts {
    /// Looking for a driver.
    pub requested: i64,
    /// A driver is on the way.
    pub assigned: i64,
    /// The driver waits at the pickup.
    pub arrived: i64,
    /// The rider is in the car.
    pub in_progress: i64,
    /// The rider is there.
    pub completed: i64,
    /// Called off.
    pub cancelled: i64,
    /// No driver was found.
    pub expired: i64,
}
