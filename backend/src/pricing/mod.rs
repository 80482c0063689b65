//! Tariffs, the prices that are promised by them, and what trips cost in the end.
//!
//! A tariff's versions never change. A quote keeps the facts it was computed from and the version of
//! the tariff, and is signed. When a trip is over, the core settles it on the same tariff, and the
//! receipt, signed as well, holds everything that the price follows from.

pub mod api;
mod fees;
mod json;
pub mod keys;
pub mod promotions;
pub mod quotes;
pub mod receipts;
pub mod surge;
pub mod tariffs;
