//! Promotions: what a promo code takes off, for whom and how often.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::check::{Check, InvalidField};
use super::facts::Promo;
use crate::vehicle::VehicleClass;

const CODE_LENGTHS: std::ops::RangeInclusive<usize> = 3..=24;
const WHOLE_BPS: i64 = 10_000;

/// Not a promo code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a promo code is 3 to 24 letters A to Z, digits and hyphens")]
pub struct PromoCodeError;

/// What a rider types in: 3 to 24 letters, digits and hyphens. Small letters are taken as capitals.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PromoCode(String);

impl PromoCode {
    /// The code in capitals.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PromoCode {
    type Err = PromoCodeError;

    fn from_str(text: &str) -> Result<Self, PromoCodeError> {
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if plain && CODE_LENGTHS.contains(&text.len()) {
            Ok(Self(text.to_ascii_uppercase()))
        } else {
            Err(PromoCodeError)
        }
    }
}

impl TryFrom<String> for PromoCode {
    type Error = PromoCodeError;

    fn try_from(text: String) -> Result<Self, PromoCodeError> {
        text.parse()
    }
}

impl From<PromoCode> for String {
    fn from(code: PromoCode) -> Self {
        code.0
    }
}

impl fmt::Display for PromoCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(feature = "openapi")]
crate::wire::openapi::string_type!(PromoCode, "promo-code", "^[A-Za-z0-9-]{3,24}$");

/// A promotion as it is written down. Its amounts are in the currency of the tariff it is used with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromotionSpec {
    /// What a rider types in.
    pub code: PromoCode,
    /// What it takes off.
    pub promo: Promo,
    /// The first moment at which it can be used.
    pub valid_from: DateTime<Utc>,
    /// The first moment at which it no longer can.
    pub valid_until: DateTime<Utc>,
    /// The classes of vehicles it is for; none means all.
    #[serde(default)]
    pub vehicle_classes: Vec<VehicleClass>,
    /// Only for riders who have completed fewer trips than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_trips: Option<u32>,
    /// How often it can be used by everybody together; without it, without end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses_max: Option<u32>,
    /// How often one rider can use it.
    pub uses_per_rider_max: u32,
    /// The least that the ride must cost before tolls and fees, in minor units: see
    /// [`Fare::before_fees_minor`](super::Fare::before_fees_minor).
    #[serde(default)]
    pub minimum_minor: i64,
}

/// A promotion whose rules were checked; only such a promotion takes anything off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promotion {
    spec: PromotionSpec,
}

/// What is known when a rider wants to use a promotion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromotionUse {
    /// When.
    pub now: DateTime<Utc>,
    /// The class of vehicle the rider asks for.
    pub vehicle_class: VehicleClass,
    /// How many trips the rider has completed.
    pub completed_trips: u32,
    /// How often it was used by everybody together.
    pub uses: u32,
    /// How often this rider used it.
    pub uses_by_rider: u32,
    /// What the ride costs before tolls and fees without a promotion, in minor units.
    pub before_fees_minor: i64,
}

/// Why a promotion cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum PromotionRefusal {
    /// It is too early.
    #[error("the promotion has not begun")]
    NotYet,
    /// It is too late.
    #[error("the promotion is over")]
    Over,
    /// It is for other classes of vehicles.
    #[error("the promotion is not for this class of vehicle")]
    WrongClass,
    /// The rider has completed too many trips.
    #[error("the promotion is for new riders")]
    NotNew,
    /// It was used as often as it can be.
    #[error("the promotion is used up")]
    UsedUp,
    /// The rider used it as often as one can.
    #[error("the rider has used the promotion already")]
    UsedByRider,
    /// The ride costs too little.
    #[error("the ride costs less than the promotion asks for")]
    BelowMinimum,
}

impl Promotion {
    /// Checks the rules, and names every field that breaks one.
    pub fn new(spec: PromotionSpec) -> Result<Self, Vec<InvalidField>> {
        let mut check = Check::default();
        match spec.promo {
            Promo::Fixed { amount_minor } => check.positive("promo.amount_minor", amount_minor),
            Promo::Percent { bps, cap_minor } => {
                let fits = (1..=WHOLE_BPS).contains(&bps);
                check.that(fits, "promo.bps", "is not from 1 to 10000");
                check.positive("promo.cap_minor", cap_minor);
            }
        }
        let lasts = spec.valid_from < spec.valid_until;
        check.that(lasts, "valid_until", "is not after `valid_from`");
        for (index, class) in spec.vehicle_classes.iter().enumerate() {
            let repeated = spec.vehicle_classes.iter().take(index).any(|c| c == class);
            let field = format!("vehicle_classes[{index}]");
            check.that(!repeated, field, "is named twice");
        }
        check.that(spec.first_trips != Some(0), "first_trips", "is zero");
        check.that(spec.uses_max != Some(0), "uses_max", "is zero");
        check.that(spec.uses_per_rider_max > 0, "uses_per_rider_max", "is zero");
        check.not_negative("minimum_minor", spec.minimum_minor);
        check.pass(Self { spec })
    }

    /// The rules.
    pub const fn spec(&self) -> &PromotionSpec {
        &self.spec
    }

    /// What it takes off for this rider, or the first rule that stands against it.
    pub fn redeem(&self, wanted: &PromotionUse) -> Result<Promo, PromotionRefusal> {
        let spec = &self.spec;
        let for_class =
            spec.vehicle_classes.is_empty() || spec.vehicle_classes.contains(&wanted.vehicle_class);
        let is_new = spec
            .first_trips
            .is_none_or(|trips| wanted.completed_trips < trips);
        let is_left = spec.uses_max.is_none_or(|uses| wanted.uses < uses);
        let rules = [
            (spec.valid_from <= wanted.now, PromotionRefusal::NotYet),
            (wanted.now < spec.valid_until, PromotionRefusal::Over),
            (for_class, PromotionRefusal::WrongClass),
            (is_new, PromotionRefusal::NotNew),
            (is_left, PromotionRefusal::UsedUp),
            (
                wanted.uses_by_rider < spec.uses_per_rider_max,
                PromotionRefusal::UsedByRider,
            ),
            (
                wanted.before_fees_minor >= spec.minimum_minor,
                PromotionRefusal::BelowMinimum,
            ),
        ];
        match rules.into_iter().find(|(holds, _)| !holds) {
            None => Ok(spec.promo),
            Some((_, refusal)) => Err(refusal),
        }
    }
}

#[cfg(test)]
mod tests;
