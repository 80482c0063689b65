//! The surge of one cell, and why it is what it is.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// What was seen in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// Riders who want a car: requests and looks at a price, as the operator counts them.
    pub demand: u32,
    /// Cars that could take one now.
    pub supply: u32,
}

/// The surge of a cell, with the numbers it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct CellSurge {
    /// What prices are multiplied with, in basis points: 10000 is none, 12500 a quarter more. It
    /// follows `smoothed_bps` in steps.
    pub surge_bps: i64,
    /// The running mean of `raw_bps`, in basis points.
    pub smoothed_bps: i64,
    /// What demand and supply of this moment alone would ask for, in basis points.
    pub raw_bps: i64,
    /// Riders who want a car, those of the neighbouring cells counted in part, in thousandths.
    pub demand_milli: i64,
    /// Cars that are free, those of the neighbouring cells counted in part, in thousandths.
    pub supply_milli: i64,
    /// Riders per thousand free cars; nothing if no car is free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub ratio_milli: Option<i64>,
    /// When this was seen.
    pub observed_at: DateTime<Utc>,
    /// Since when `surge_bps` has been what it is.
    pub changed_at: DateTime<Utc>,
}

impl CellSurge {
    /// Says in a plain sentence how the surge came about.
    pub fn explain(&self) -> String {
        let ratio = match self.ratio_milli {
            Some(ratio) => format!("{} per free car", Decimal(ratio, 3)),
            None => "no car is free".to_owned(),
        };
        format!(
            "{} riders want a car and {} are free, neighbours counted in part: {ratio}. That asks \
             for {}×, smoothed {}×; prices are {}× since {}.",
            Decimal(self.demand_milli, 3),
            Decimal(self.supply_milli, 3),
            Decimal(self.raw_bps, 4),
            Decimal(self.smoothed_bps, 4),
            Decimal(self.surge_bps, 4),
            self.changed_at.to_rfc3339_opts(SecondsFormat::Secs, true),
        )
    }
}

/// A whole number of tenths, hundredths, …: `Decimal(12_500, 4)` is 1.25.
struct Decimal(i64, u32);

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(number, digits) = *self;
        let unit = 10_u64.saturating_pow(digits);
        let sign = if number < 0 { "-" } else { "" };
        let number = number.unsigned_abs();
        let whole = number.checked_div(unit).unwrap_or_default();
        let part = number.checked_rem(unit).unwrap_or_default();
        let width = usize::try_from(digits).unwrap_or_default();
        let part = format!("{part:0width$}");
        match part.trim_end_matches('0') {
            "" => write!(f, "{sign}{whole}"),
            part => write!(f, "{sign}{whole}.{part}"),
        }
    }
}
