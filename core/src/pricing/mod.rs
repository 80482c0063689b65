//! What a trip costs: one function from a tariff and a trip's facts to the lines of a fare.
//!
//! All amounts are whole minor units. Each line is computed exactly in 128 bits and rounded once,
//! half to even, so that every machine comes to the same cent. `docs/fare.md` lists the lines.

#[cfg(test)]
mod arbitrary;
mod cancellation;
mod check;
mod difference;
mod exact;
mod facts;
mod fare;
mod promotion;
mod settle;
pub mod surge;
mod tariff;
mod tariff_ref;

pub use cancellation::{
    CancellationCharge, CancellationFacts, CancellationFees, CancellationRule, cancellation_charge,
};
pub use check::InvalidField;
pub use difference::{FareDifference, FareSum};
pub use facts::{Facts, Promo, WaypointFacts};
pub use fare::{Fare, FareError, FareLine, LineKind, compute};
pub use promotion::{
    PromoCode, PromoCodeError, Promotion, PromotionRefusal, PromotionSpec, PromotionUse,
};
pub use settle::{Basis, Driven, RideLength, Settlement, proven_ride, settle};
pub use tariff::{
    ClockTime, Commission, DistanceTier, Night, NightWindow, Rounding, RoundingMode, Tariff,
    TariffError, TariffSpec, Tax, TimeTier,
};
pub use tariff_ref::{OtherTariff, TariffDigest, TariffDigestError, TariffRef};
