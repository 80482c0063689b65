//! The fare: its lines in their order, the total, and the driver's share.

mod compute;
mod lines;

pub use compute::compute;
pub(super) use compute::{not_negative, waits_not_negative};
pub(super) use lines::Lines;

use serde::{Deserialize, Serialize};

use crate::money::{Currency, Money};

/// Why a fare could not be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FareError {
    /// A length, duration, weight or amount is below zero.
    #[error("`{field}` is negative")]
    Negative {
        /// The field of the facts, such as `waypoints[1].wait_s`.
        field: String,
    },
    /// Something happened before what it follows.
    #[error("`{field}` is before `{earlier}`")]
    Backwards {
        /// The field that comes later.
        field: &'static str,
        /// The field that it must not be before.
        earlier: &'static str,
    },
    /// Surge below 10000 would be a discount.
    #[error("`surge_bps` is below 10000")]
    SurgeBelowOne,
    /// A percentage above 10000 basis points.
    #[error("`promo.bps` is above 10000")]
    PromoAboveWhole,
    /// The tariff has no price for this toll.
    #[error("the tariff knows no toll `{0}`")]
    UnknownToll(String),
    /// The tariff has no fee for this zone.
    #[error("the tariff knows no zone `{0}`")]
    UnknownZone(String),
    /// An amount does not fit into 64 bits.
    #[error("an amount is too large")]
    Overflow,
}

/// The kinds of lines, in the order in which they stand in the fare of a trip. The fare of a trip
/// that was called off has its one line first, then its taxes and the rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// What every ride begins with.
    Base,
    /// By metres.
    Distance,
    /// By seconds.
    Time,
    /// Waiting at the pickup and at waypoints.
    Waiting,
    /// Per stop on the way.
    Waypoints,
    /// Freight: loading and unloading.
    Loading,
    /// Freight: weight above what is included.
    Weight,
    /// A ride that begins at night.
    Night,
    /// More demand than cars.
    Surge,
    /// What lacks to the minimum.
    MinimumTopUp,
    /// A toll.
    Toll,
    /// A fee of a zone.
    Zone,
    /// Per booking.
    BookingFee,
    /// A promotion; negative.
    Promo,
    /// A tax.
    Tax,
    /// What brings the total to a round amount.
    Rounding,
    /// The rider called the trip off too late.
    Cancellation,
    /// The rider did not come to the pickup.
    NoShow,
}

impl LineKind {
    /// How many kinds there are.
    const COUNT: usize = Self::NoShow as usize + 1;
}

/// One line of a fare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct FareLine {
    /// What it is for.
    pub kind: LineKind,
    /// Which toll, zone or tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub detail: Option<String>,
    /// Minor units of the fare's currency.
    pub amount_minor: i64,
}

/// What a trip costs, with every line of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Fare {
    /// Currency of all its amounts.
    pub currency: Currency,
    /// The lines in the order of their kinds. They sum to the total.
    pub lines: Vec<FareLine>,
    /// What the rider pays without the tip, in minor units.
    pub total_minor: i64,
    /// What the rider gives the driver on top, in minor units.
    pub tip_minor: i64,
    /// What the driver keeps of the total, in minor units; the tip comes on top.
    pub driver_share_minor: i64,
}

impl Fare {
    /// What the rider pays without the tip.
    pub const fn total(&self) -> Money {
        Money::new(self.total_minor, self.currency)
    }

    /// The sum of all lines of this kind, in minor units.
    pub fn sum_minor(&self, kind: LineKind) -> i64 {
        let of_kind = self.lines.iter().filter(|line| line.kind == kind);
        of_kind.fold(0, |sum: i64, line| sum.saturating_add(line.amount_minor))
    }

    /// What the ride costs before tolls, fees, promotion and taxes: the sum of the lines from
    /// `base` to `minimum_top_up`, in minor units.
    pub fn before_fees_minor(&self) -> i64 {
        let ride = self
            .lines
            .iter()
            .filter(|line| line.kind <= LineKind::MinimumTopUp);
        ride.fold(0, |sum: i64, line| sum.saturating_add(line.amount_minor))
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
