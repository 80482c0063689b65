//! The price of a trip, computed on the phone to the same minor unit as on the server.

use serde::de::DeserializeOwned;
use wayfare_core::pricing::{self, Facts, LineKind, Tariff, TariffError, TariffSpec};

/// Why there is no fare.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum FareError {
    /// The tariff's JSON is not a tariff.
    #[error("the tariff cannot be read: {reason}")]
    TariffUnreadable {
        /// What is wrong, and where in the text.
        reason: String,
    },
    /// The tariff says things that cannot be.
    #[error("the tariff has {} problems", .problems.len())]
    TariffInvalid {
        /// Each of them.
        problems: Vec<FieldProblem>,
    },
    /// The facts' JSON is not the facts of a trip.
    #[error("the facts cannot be read: {reason}")]
    FactsUnreadable {
        /// What is wrong, and where in the text.
        reason: String,
    },
    /// A fact is below zero.
    #[error("`{field}` is negative")]
    Negative {
        /// Which fact.
        field: String,
    },
    /// A surge below 10000 basis points would be a discount.
    #[error("`surge_bps` is below 10000")]
    SurgeBelowOne,
    /// A promotion of more than the whole price.
    #[error("`promo.bps` is above 10000")]
    PromoAboveWhole,
    /// The tariff has no price for a toll.
    #[error("the tariff knows no toll `{id}`")]
    UnknownToll {
        /// Which toll.
        id: String,
    },
    /// The tariff has no fee for a zone.
    #[error("the tariff knows no zone `{id}`")]
    UnknownZone {
        /// Which zone.
        id: String,
    },
    /// Two moments stand in the wrong order.
    #[error("`{field}` is before `{earlier}`")]
    Backwards {
        /// Which moment.
        field: String,
        /// The one that must come first.
        earlier: String,
    },
    /// An amount does not fit into 64 bits.
    #[error("an amount is too large")]
    Overflow,
}

/// One thing that is wrong with a tariff.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FieldProblem {
    /// The field, such as `distance_tiers[1].from_m`.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
}

/// What a trip costs, with every line of it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Fare {
    /// The currency's ISO 4217 code.
    pub currency: String,
    /// The lines, in the order of [`FareLineKind`]. They sum to the total.
    pub lines: Vec<FareLine>,
    /// What the rider pays without the tip.
    pub total_minor: i64,
    /// What the rider gives the driver on top.
    pub tip_minor: i64,
    /// What the driver keeps of the total; the tip comes on top.
    pub driver_share_minor: i64,
}

/// One line of a fare.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FareLine {
    /// What it is for.
    pub kind: FareLineKind,
    /// Which toll, zone or tax.
    pub detail: Option<String>,
    /// Minor units of the fare's currency.
    pub amount_minor: i64,
}

/// Gives the core's kinds of lines a mirror that crosses to Kotlin and Swift.
macro_rules! line_kinds {
    ($($(#[$doc:meta])* $kind:ident),* $(,)?) => {
        /// The kinds of lines.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
        pub enum FareLineKind {
            $($(#[$doc])* $kind,)*
        }

        impl From<LineKind> for FareLineKind {
            fn from(kind: LineKind) -> Self {
                match kind {
                    $(LineKind::$kind => Self::$kind,)*
                }
            }
        }
    };
}

line_kinds! {
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
    /// A trip that the rider called off too late.
    Cancellation,
    /// A trip whose rider did not come.
    NoShow,
}

/// The fare of a trip: `tariff_json` as the backend publishes it, `facts_json` as `docs/fare.md`
/// writes it.
#[uniffi::export]
pub fn compute_fare(tariff_json: &str, facts_json: &str) -> Result<Fare, FareError> {
    let spec: TariffSpec =
        read(tariff_json).map_err(|reason| FareError::TariffUnreadable { reason })?;
    let tariff = Tariff::new(spec).map_err(|problems| FareError::TariffInvalid {
        problems: problems.into_iter().map(FieldProblem::from).collect(),
    })?;
    let facts: Facts = read(facts_json).map_err(|reason| FareError::FactsUnreadable { reason })?;
    Ok(pricing::compute(&tariff, &facts)?.into())
}

fn read<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

impl From<TariffError> for FieldProblem {
    fn from(error: TariffError) -> Self {
        Self {
            field: error.field,
            problem: error.problem.to_owned(),
        }
    }
}

impl From<pricing::FareError> for FareError {
    fn from(error: pricing::FareError) -> Self {
        match error {
            pricing::FareError::Negative { field } => Self::Negative {
                field: field.to_owned(),
            },
            pricing::FareError::SurgeBelowOne => Self::SurgeBelowOne,
            pricing::FareError::PromoAboveWhole => Self::PromoAboveWhole,
            pricing::FareError::UnknownToll(id) => Self::UnknownToll { id },
            pricing::FareError::UnknownZone(id) => Self::UnknownZone { id },
            pricing::FareError::Backwards { field, earlier } => Self::Backwards {
                field: field.to_owned(),
                earlier: earlier.to_owned(),
            },
            pricing::FareError::Overflow => Self::Overflow,
        }
    }
}

impl From<pricing::Fare> for Fare {
    fn from(fare: pricing::Fare) -> Self {
        Self {
            currency: fare.currency.to_string(),
            lines: fare.lines.into_iter().map(FareLine::from).collect(),
            total_minor: fare.total_minor,
            tip_minor: fare.tip_minor,
            driver_share_minor: fare.driver_share_minor,
        }
    }
}

impl From<pricing::FareLine> for FareLine {
    fn from(line: pricing::FareLine) -> Self {
        Self {
            kind: line.kind.into(),
            detail: line.detail,
            amount_minor: line.amount_minor,
        }
    }
}

#[cfg(test)]
mod tests;
