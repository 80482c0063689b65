//! What a trip costs that was called off.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::exact::{BPS, Exact};
use super::fare::{Fare, FareError, LineKind, Lines};
use super::tariff::Tariff;
use crate::trip::Party;

/// The fee and the rounding; taxes come on top.
const FEE_LINES: usize = 2;
const NO_TIP: i64 = 0;

/// What a tariff asks for trips that are called off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CancellationFees {
    /// A rider cancels for nothing within so many seconds after a driver took the trip.
    pub free_s: i64,
    /// What it costs after that, in minor units.
    pub fee_minor: i64,
    /// It costs nothing either if the driver is not there after so many seconds.
    pub free_if_late_s: i64,
    /// A scheduled trip is cancelled for nothing until so many seconds before its time.
    pub scheduled_free_s: i64,
    /// What it costs when the rider does not come to the pickup, in minor units.
    pub no_show_fee_minor: i64,
    /// Share of the fee that the driver gets, in basis points.
    pub driver_share_bps: i64,
}

/// What is known of a trip that is called off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CancellationFacts {
    /// Who calls it off.
    pub by: Party,
    /// The driver says that the rider did not come.
    pub no_show: bool,
    /// When the driver took it, if one did.
    pub assigned_at: Option<DateTime<Utc>>,
    /// When the driver came to the pickup, if one did.
    pub arrived_at: Option<DateTime<Utc>>,
    /// The agreed time of a scheduled trip.
    pub pickup_at: Option<DateTime<Utc>>,
    /// When it is called off.
    pub cancelled_at: DateTime<Utc>,
}

/// Why calling a trip off costs something or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum CancellationRule {
    /// Free: the tariff has no fees.
    NoFees,
    /// Free: it was not the rider, and the rider came.
    NotTheRider,
    /// Free: no driver had taken it.
    NoDriver,
    /// Free: a scheduled trip, in good time.
    InGoodTime,
    /// Free: just after a driver took it.
    JustAssigned,
    /// Free: the driver is late.
    DriverLate,
    /// Costs: the driver was on the way or there.
    TooLate,
    /// Costs: the driver waited and the rider did not come.
    NoShow,
}

/// What calling a trip off costs, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancellationCharge {
    /// The rule.
    pub rule: CancellationRule,
    /// What it costs; `None` if nothing.
    pub fare: Option<Fare>,
}

/// What calling this trip off costs. The rules are asked in this order, and the first that fits
/// decides:
///
/// 1. the tariff has no fees: [`NoFees`](CancellationRule::NoFees)
/// 2. the driver says that the rider did not come: [`NoShow`](CancellationRule::NoShow). Whether a
///    driver may say so yet is for the rules of the trip.
/// 3. it is not the rider: [`NotTheRider`](CancellationRule::NotTheRider)
/// 4. no driver took it: [`NoDriver`](CancellationRule::NoDriver)
/// 5. a scheduled trip, at the latest `scheduled_free_s` before its time:
///    [`InGoodTime`](CancellationRule::InGoodTime)
/// 6. at most `free_s` after a driver took it: [`JustAssigned`](CancellationRule::JustAssigned)
/// 7. no driver there more than `free_if_late_s` after one took it, or after the agreed time if that
///    is later: [`DriverLate`](CancellationRule::DriverLate)
/// 8. otherwise [`TooLate`](CancellationRule::TooLate)
///
/// Times that contradict each other are an error whatever the rules say.
pub fn cancellation_charge(
    tariff: &Tariff,
    facts: &CancellationFacts,
) -> Result<CancellationCharge, FareError> {
    facts.check()?;
    let spec = tariff.spec();
    let Some(fees) = &spec.cancellation else {
        return Ok(CancellationCharge::free(CancellationRule::NoFees));
    };
    let rule = rule(fees, facts);
    let (kind, fee_minor) = match rule {
        CancellationRule::NoShow => (LineKind::NoShow, fees.no_show_fee_minor),
        CancellationRule::TooLate => (LineKind::Cancellation, fees.fee_minor),
        CancellationRule::NoFees
        | CancellationRule::NotTheRider
        | CancellationRule::NoDriver
        | CancellationRule::InGoodTime
        | CancellationRule::JustAssigned
        | CancellationRule::DriverLate => return Ok(CancellationCharge::free(rule)),
    };
    if fee_minor == 0 {
        return Ok(CancellationCharge::free(rule));
    }
    let mut lines = Lines::with_capacity(FEE_LINES.saturating_add(spec.taxes.len()));
    lines.push(kind, fee_minor.into())?;
    lines.finish(spec)?;
    let share = Exact::from(fee_minor)
        .times(fees.driver_share_bps)?
        .round_div(BPS)?;
    let fare = lines.into_fare(spec, share, NO_TIP)?;
    Ok(CancellationCharge {
        rule,
        fare: Some(fare),
    })
}

fn rule(fees: &CancellationFees, facts: &CancellationFacts) -> CancellationRule {
    if facts.by == Party::Driver && facts.no_show {
        return CancellationRule::NoShow;
    }
    if facts.by != Party::Rider {
        return CancellationRule::NotTheRider;
    }
    let Some(assigned_at) = facts.assigned_at else {
        return CancellationRule::NoDriver;
    };
    let since = |moment: DateTime<Utc>| facts.cancelled_at.signed_duration_since(moment);
    let until = |moment: DateTime<Utc>| moment.signed_duration_since(facts.cancelled_at);
    let expected_from = facts
        .pickup_at
        .map_or(assigned_at, |at| at.max(assigned_at));
    let in_good_time = |pickup_at| until(pickup_at) >= seconds(fees.scheduled_free_s);
    if facts.pickup_at.is_some_and(in_good_time) {
        CancellationRule::InGoodTime
    } else if since(assigned_at) <= seconds(fees.free_s) {
        CancellationRule::JustAssigned
    } else if facts.arrived_at.is_none() && since(expected_from) > seconds(fees.free_if_late_s) {
        CancellationRule::DriverLate
    } else {
        CancellationRule::TooLate
    }
}

/// So many seconds, or more than there are between any two moments.
fn seconds(seconds: i64) -> TimeDelta {
    TimeDelta::try_seconds(seconds).unwrap_or(TimeDelta::MAX)
}

impl CancellationFacts {
    fn check(&self) -> Result<(), FareError> {
        in_order(
            ("assigned_at", self.assigned_at),
            ("arrived_at", self.arrived_at),
        )?;
        let cancelled = ("cancelled_at", Some(self.cancelled_at));
        in_order(("assigned_at", self.assigned_at), cancelled)?;
        in_order(("arrived_at", self.arrived_at), cancelled)
    }
}

type NamedMoment = (&'static str, Option<DateTime<Utc>>);

fn in_order(earlier: NamedMoment, later: NamedMoment) -> Result<(), FareError> {
    match (earlier, later) {
        ((earlier, Some(first)), (field, Some(then))) if then < first => {
            Err(FareError::Backwards { field, earlier })
        }
        _ => Ok(()),
    }
}

impl CancellationCharge {
    const fn free(rule: CancellationRule) -> Self {
        Self { rule, fare: None }
    }
}

#[cfg(test)]
mod tests;
