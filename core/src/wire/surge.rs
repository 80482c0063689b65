//! Surge on the wire: the multiplier of a cell with the numbers behind it.

use serde::{Deserialize, Serialize};

use super::place::Point;
use crate::pricing::surge::{Cell, CellSurge};

/// Surge in one H3 cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct CellSurgeView {
    /// The cell.
    pub cell: Cell,
    /// The multiplier and how it came about.
    pub surge: CellSurge,
    /// The same in a sentence.
    pub explanation: String,
}

/// Surge in one H3 cell, with its outline for a map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct SurgeArea {
    /// The cell.
    pub cell: Cell,
    /// The multiplier and how it came about.
    pub surge: CellSurge,
    /// The corners of the cell.
    pub outline: Vec<Point>,
}

/// All cells where surge is above none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct SurgeMap {
    /// The cells.
    pub areas: Vec<SurgeArea>,
}
