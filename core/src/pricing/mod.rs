//! What a trip costs: one function from a tariff and a trip's facts to the lines of a fare.
//!
//! All amounts are whole minor units. Each line is computed exactly in 128 bits and rounded once,
//! half to even, so that every machine comes to the same cent. `docs/fare.md` lists the lines.

mod exact;
mod facts;
mod fare;
mod tariff;

pub use facts::{Facts, Promo, WaypointFacts};
pub use fare::{Fare, FareError, FareLine, LineKind, compute};
pub use tariff::{
    ClockTime, Commission, DistanceTier, Night, NightWindow, Rounding, RoundingMode, Tariff,
    TariffError, TariffSpec, Tax, TimeTier,
};
