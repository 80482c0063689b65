//! Surge: what demand and supply do to prices, cell by cell.
//!
//! Every cell has a number that says by how much its prices rise. [`update_surge`] brings all of
//! them up to date from what was seen since the last time: it smooths, moves in steps, and only when
//! it is worth it, so that a price does not flicker. Everything is whole-number arithmetic, and each
//! [`CellSurge`] holds the numbers that it came from, so that anybody can compute it again.

mod cell;
mod rules;
mod state;
mod update;

pub use cell::{Cell, CellError};
pub use rules::SurgeRules;
pub use state::{CellSurge, Observation};
pub use update::{CELLS_MAX, SurgeError, update_surge};

#[cfg(test)]
mod tests;
