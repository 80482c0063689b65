//! Tariffs, promotions, receipts and the cost of cancelling, on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::pricing::{CancellationRule, Fare, PromoCode};
use crate::signing::Jws;
use crate::vehicle::VehicleClass;

/// Enters a version of a tariff.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(
    feature = "openapi",
    oai(deny_unknown_fields, skip_serializing_if_is_none)
)]
#[serde(deny_unknown_fields)]
pub struct NewTariff {
    /// The tariff as `docs/fare.md` describes it.
    pub spec: serde_json::Value,
    /// From when on it is in force; absent for at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<DateTime<Utc>>,
}

/// A version of a tariff. It never changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct TariffVersion {
    /// The tariff.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// The class of vehicle that it prices.
    pub vehicle_class: VehicleClass,
    /// From when on it is in force.
    pub valid_from: DateTime<Utc>,
    /// Its fingerprint, which quotes and receipts name.
    pub digest: String,
    /// The tariff as `docs/fare.md` describes it.
    pub spec: serde_json::Value,
}

/// The versions of all tariffs, those that came into force last first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct TariffList {
    /// The tariffs.
    pub tariffs: Vec<TariffVersion>,
}

/// Enters a promotion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(deny_unknown_fields))]
#[serde(deny_unknown_fields)]
pub struct NewPromotion {
    /// The promotion as `docs/fare.md` describes it.
    pub rule: serde_json::Value,
}

/// A promotion and how often it was used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct PromotionView {
    /// What riders type.
    pub code: PromoCode,
    /// The promotion as `docs/fare.md` describes it.
    pub rule: serde_json::Value,
    /// How often it was used.
    pub uses: u32,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
}

/// All promotions, the newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct PromotionList {
    /// The promotions.
    pub promotions: Vec<PromotionView>,
}

/// What it would cost to call the trip off now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct CancellationCost {
    /// Why it costs something or nothing.
    pub rule: CancellationRule,
    /// What it costs; absent if nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fare: Option<Fare>,
}

/// The receipt of a trip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct TripReceipt {
    /// The receipt, signed as JWS; checked with the keys of `GET /v1/signing-keys`.
    pub signed: Jws,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
}
