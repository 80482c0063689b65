//! The ledger and the payments of trips.
//!
//! Money only moves in ledger transactions: entries that sum to zero, written once, never changed.
//! A completed trip is charged in the transaction that completes it. Debits are positive.
//!
//! | transaction | debit | credit |
//! |---|---|---|
//! | `trip_charge` | rider owes the total | driver's share, taxes, and the platform's rest |
//! | `cash_payment` | driver holds the cash | rider owes it no more |
//! | `cancellation_fee` | rider owes the fee | as `trip_charge` |
//! | `cancellation_reversal` | as was credited | rider owes the fee no more: the trip took place |

mod accounts;
mod queries;
pub mod service;

pub use accounts::{Account, Entry, cash_payment_entries, trip_charge_entries};
