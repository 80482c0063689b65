//! The price rules of a city for one class of vehicle, and what makes them valid.

mod rules;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::NaiveTime;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::cancellation::CancellationFees;
use super::check::InvalidField;
use super::fare::LineKind;
use crate::money::Currency;
use crate::vehicle::VehicleClass;

/// One problem of a tariff, with the field that has it.
pub type TariffError = InvalidField;

/// A tariff as it is written down: see `docs/fare.md` for its JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TariffSpec {
    /// Name of the tariff; its versions share it.
    pub id: String,
    /// Version, from 1.
    pub version: u32,
    /// Currency of all its amounts.
    pub currency: Currency,
    /// IANA name of the zone whose clock decides about the night.
    pub timezone: String,
    /// The class of vehicle it prices.
    pub vehicle_class: VehicleClass,
    /// Line 1, in minor units.
    pub base_minor: i64,
    /// Prices by distance, from 0 upwards.
    pub distance_tiers: Vec<DistanceTier>,
    /// Prices by time, from 0 upwards.
    pub time_tiers: Vec<TimeTier>,
    /// Seconds at the pickup that cost nothing.
    pub free_wait_s: i64,
    /// Seconds at each waypoint that cost nothing.
    pub waypoint_free_wait_s: i64,
    /// Minor units per minute of waiting.
    pub wait_per_min_minor: i64,
    /// Minor units per waypoint.
    pub per_waypoint_minor: i64,
    /// Seconds of loading and unloading together that cost nothing.
    pub free_loading_s: i64,
    /// Minor units per minute of loading and unloading.
    pub loading_per_min_minor: i64,
    /// Kilograms that cost nothing.
    pub included_weight_kg: i64,
    /// Minor units per further kilogram.
    pub per_extra_kg_minor: i64,
    /// What a night ride costs on top.
    pub night: Night,
    /// The highest surge this tariff allows, in basis points.
    pub surge_cap_bps: i64,
    /// The least that a ride costs before tolls and fees, in minor units.
    pub minimum_minor: i64,
    /// Price of each toll by its id, in minor units.
    pub tolls: BTreeMap<String, i64>,
    /// Fee of each zone by its id, in minor units.
    pub zones: BTreeMap<String, i64>,
    /// Line 13, in minor units.
    pub booking_fee_minor: i64,
    /// Lines that the platform keeps whole.
    pub platform_lines: Vec<LineKind>,
    /// Taxes, each its own line.
    pub taxes: Vec<Tax>,
    /// To what the total is rounded.
    pub rounding: Rounding,
    /// What the platform takes of the driver's lines.
    pub commission: Commission,
    /// The quote's price no longer holds if the driven distance differs by more than this.
    pub requote_over_m: i64,
    /// What calling a trip off costs; nothing without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancellation: Option<CancellationFees>,
}

/// A price per kilometre from a distance on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DistanceTier {
    /// Where it begins, in metres.
    pub from_m: i64,
    /// Minor units per kilometre.
    pub per_km_minor: i64,
}

/// A price per minute from a duration on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeTier {
    /// Where it begins, in seconds.
    pub from_s: i64,
    /// Minor units per minute.
    pub per_min_minor: i64,
}

/// What a night ride costs on top.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Night {
    /// When it is night.
    pub windows: Vec<NightWindow>,
    /// Share of base, distance and time, in basis points.
    pub bps: i64,
}

/// From `start` until just before `end`; it may cross midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NightWindow {
    /// First moment that counts as night.
    pub start: ClockTime,
    /// First moment that no longer does.
    pub end: ClockTime,
}

impl NightWindow {
    /// Whether this time of day is in the window.
    pub fn contains(&self, time: NaiveTime) -> bool {
        let (start, end) = (self.start.0, self.end.0);
        if start < end {
            start <= time && time < end
        } else {
            start <= time || time < end
        }
    }
}

/// A time of day to the minute, written `22:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClockTime(NaiveTime);

/// Not a time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a time of day is written 22:00")]
pub struct ClockTimeError;

impl FromStr for ClockTime {
    type Err = ClockTimeError;

    fn from_str(text: &str) -> Result<Self, ClockTimeError> {
        let (hour, minute) = text.split_once(':').ok_or(ClockTimeError)?;
        let number = |digits: &str| {
            let plain = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
            if plain { digits.parse().ok() } else { None }
        };
        let (hour, minute) = number(hour).zip(number(minute)).ok_or(ClockTimeError)?;
        NaiveTime::from_hms_opt(hour, minute, 0)
            .map(Self)
            .ok_or(ClockTimeError)
    }
}

impl TryFrom<String> for ClockTime {
    type Error = ClockTimeError;

    fn try_from(text: String) -> Result<Self, ClockTimeError> {
        text.parse()
    }
}

impl From<ClockTime> for String {
    fn from(time: ClockTime) -> Self {
        time.to_string()
    }
}

impl fmt::Display for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%H:%M"))
    }
}

/// A tax on the sum of some kinds of lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tax {
    /// What it is called on the receipt.
    pub name: String,
    /// Basis points: 1000 is a tenth.
    pub bps: i64,
    /// The kinds of lines it is on.
    pub on: Vec<LineKind>,
}

/// To what the total is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rounding {
    /// The total is a multiple of this many minor units.
    pub unit_minor: i64,
    /// To which multiple.
    pub mode: RoundingMode,
}

/// To which multiple a total is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoundingMode {
    /// To the nearest; from the middle to the even one.
    HalfEven,
    /// To the next higher one.
    Up,
    /// To the next lower one.
    Down,
}

/// What the platform takes of the driver's lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commission {
    /// Basis points: 2000 is a fifth.
    pub bps: i64,
    /// The kinds of lines it is on.
    pub on: Vec<LineKind>,
}

/// A tariff whose rules were checked; only such a tariff prices anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tariff {
    spec: TariffSpec,
    timezone: Tz,
}

impl Tariff {
    /// Checks the rules, and names every field that breaks one.
    pub fn new(spec: TariffSpec) -> Result<Self, Vec<TariffError>> {
        let timezone = rules::check(&spec)?;
        Ok(Self { spec, timezone })
    }

    /// The rules.
    pub const fn spec(&self) -> &TariffSpec {
        &self.spec
    }

    /// The zone whose clock decides about the night.
    pub const fn timezone(&self) -> Tz {
        self.timezone
    }
}
