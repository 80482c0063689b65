//! The fare: its lines in their order, the total, and the driver's share.

use serde::{Deserialize, Serialize};

use super::exact::Exact;
use super::facts::{Facts, NO_SURGE_BPS, Promo};
use super::tariff::{Tariff, TariffSpec};
use crate::money::{Currency, Money};

const M_PER_KM: i128 = 1000;
const S_PER_MIN: i128 = 60;
const BPS: i128 = 10_000;

/// Why a fare could not be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FareError {
    /// A length, duration, weight or amount is below zero.
    #[error("`{field}` is negative")]
    Negative {
        /// The field of the facts.
        field: &'static str,
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

/// The kinds of lines, in the order in which they stand in a fare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// The lines, in the order of [`LineKind`]. They sum to the total.
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
}

/// Computes the fare of a trip.
pub fn compute(tariff: &Tariff, facts: &Facts) -> Result<Fare, FareError> {
    check_facts(facts)?;
    let spec = tariff.spec();
    let mut lines = Lines::default();

    lines.push_always(LineKind::Base, spec.base_minor.into())?;
    lines.push(LineKind::Distance, distance(spec, facts.distance_m)?)?;
    lines.push(LineKind::Time, time(spec, facts.duration_s)?)?;
    let ride = [LineKind::Base, LineKind::Distance, LineKind::Time];
    lines.push(LineKind::Waiting, waiting(spec, facts)?)?;
    lines.push(LineKind::Waypoints, waypoints(spec, facts)?)?;
    lines.push(LineKind::Loading, loading(spec, facts)?)?;
    lines.push(LineKind::Weight, weight(spec, facts)?)?;
    if is_night(tariff, facts) {
        let night = lines.sum(&ride)?.times(spec.night.bps)?.round_div(BPS)?;
        lines.push(LineKind::Night, night)?;
    }
    let surge_bps = Exact::from(facts.surge_bps.min(spec.surge_cap_bps)).sub(NO_SURGE_BPS)?;
    let surged = lines.sum(&ride)?.add(lines.sum(&[LineKind::Night])?)?;
    lines.push(LineKind::Surge, surged.times(surge_bps)?.round_div(BPS)?)?;
    let top_up = Exact::from(spec.minimum_minor)
        .sub(lines.total()?)?
        .at_least_zero();
    lines.push(LineKind::MinimumTopUp, top_up)?;
    let before_fees = lines.total()?;

    for toll in &facts.tolls {
        let price = spec
            .tolls
            .get(toll)
            .ok_or_else(|| FareError::UnknownToll(toll.clone()))?;
        lines.push_detailed(LineKind::Toll, toll, (*price).into())?;
    }
    for zone in &facts.zones {
        let fee = spec
            .zones
            .get(zone)
            .ok_or_else(|| FareError::UnknownZone(zone.clone()))?;
        lines.push_detailed(LineKind::Zone, zone, (*fee).into())?;
    }
    lines.push(LineKind::BookingFee, spec.booking_fee_minor.into())?;
    if let Some(promo) = facts.promo {
        lines.push(
            LineKind::Promo,
            Exact::ZERO.sub(discount(promo, before_fees)?)?,
        )?;
    }
    let untaxed = lines.clone();
    for tax in &spec.taxes {
        let amount = untaxed
            .sum(&tax.on)?
            .at_least_zero()
            .times(tax.bps)?
            .round_div(BPS)?;
        lines.push_detailed(LineKind::Tax, &tax.name, amount)?;
    }
    let exact_total = lines.total()?;
    let rounded = exact_total.to_multiple_of(spec.rounding.unit_minor, spec.rounding.mode)?;
    lines.push(LineKind::Rounding, rounded.sub(exact_total)?)?;

    Ok(Fare {
        currency: spec.currency,
        total_minor: rounded.minor()?,
        tip_minor: facts.tip_minor,
        driver_share_minor: driver_share(spec, &lines)?.minor()?,
        lines: lines.0,
    })
}

fn check_facts(facts: &Facts) -> Result<(), FareError> {
    let whole = [
        ("distance_m", facts.distance_m),
        ("duration_s", facts.duration_s),
        ("wait_s", facts.wait_s),
        ("weight_kg", facts.weight_kg),
        ("loading_s", facts.loading_s),
        ("unloading_s", facts.unloading_s),
        ("tip_minor", facts.tip_minor),
    ];
    let waypoints = facts
        .waypoints
        .iter()
        .map(|waypoint| ("waypoints.wait_s", waypoint.wait_s));
    let promo = match facts.promo {
        None => [("promo", 0), ("promo", 0)],
        Some(Promo::Fixed { amount_minor }) => [("promo.amount_minor", amount_minor), ("promo", 0)],
        Some(Promo::Percent { bps, cap_minor }) => {
            [("promo.bps", bps), ("promo.cap_minor", cap_minor)]
        }
    };
    let mut all = whole.into_iter().chain(waypoints).chain(promo);
    if let Some((field, _)) = all.find(|(_, value)| *value < 0) {
        return Err(FareError::Negative { field });
    }
    if matches!(facts.promo, Some(Promo::Percent { bps, .. }) if i128::from(bps) > BPS) {
        return Err(FareError::PromoAboveWhole);
    }
    if facts.surge_bps < NO_SURGE_BPS {
        Err(FareError::SurgeBelowOne)
    } else {
        Ok(())
    }
}

fn distance(spec: &TariffSpec, distance_m: i64) -> Result<Exact, FareError> {
    let tiers = spec
        .distance_tiers
        .iter()
        .map(|tier| (tier.from_m, tier.per_km_minor));
    tiered(tiers.collect(), distance_m)?.round_div(M_PER_KM)
}

fn time(spec: &TariffSpec, duration_s: i64) -> Result<Exact, FareError> {
    let tiers = spec
        .time_tiers
        .iter()
        .map(|tier| (tier.from_s, tier.per_min_minor));
    tiered(tiers.collect(), duration_s)?.round_div(S_PER_MIN)
}

/// Σ (amount inside the tier × its price), for tiers that ascend from 0.
fn tiered(tiers: Vec<(i64, i64)>, amount: i64) -> Result<Exact, FareError> {
    let ends = tiers
        .iter()
        .skip(1)
        .map(|(from, _)| *from)
        .chain([i64::MAX]);
    let mut sum = Exact::ZERO;
    for ((from, price), end) in tiers.iter().zip(ends) {
        let inside = Exact::from(amount.min(end)).sub(*from)?.at_least_zero();
        sum = sum.add(inside.times(*price)?)?;
    }
    Ok(sum)
}

fn waiting(spec: &TariffSpec, facts: &Facts) -> Result<Exact, FareError> {
    let mut paid_s = Exact::from(facts.wait_s)
        .sub(spec.free_wait_s)?
        .at_least_zero();
    for waypoint in &facts.waypoints {
        let over = Exact::from(waypoint.wait_s).sub(spec.waypoint_free_wait_s)?;
        paid_s = paid_s.add(over.at_least_zero())?;
    }
    paid_s.times(spec.wait_per_min_minor)?.round_div(S_PER_MIN)
}

fn waypoints(spec: &TariffSpec, facts: &Facts) -> Result<Exact, FareError> {
    let count = i64::try_from(facts.waypoints.len()).map_err(|_| FareError::Overflow)?;
    Exact::from(count).times(spec.per_waypoint_minor)
}

fn loading(spec: &TariffSpec, facts: &Facts) -> Result<Exact, FareError> {
    let spent = Exact::from(facts.loading_s).add(facts.unloading_s)?;
    let paid_s = spent.sub(spec.free_loading_s)?.at_least_zero();
    paid_s
        .times(spec.loading_per_min_minor)?
        .round_div(S_PER_MIN)
}

fn weight(spec: &TariffSpec, facts: &Facts) -> Result<Exact, FareError> {
    let extra_kg = Exact::from(facts.weight_kg)
        .sub(spec.included_weight_kg)?
        .at_least_zero();
    extra_kg.times(spec.per_extra_kg_minor)
}

fn is_night(tariff: &Tariff, facts: &Facts) -> bool {
    let local = facts.started_at.with_timezone(&tariff.timezone()).time();
    tariff
        .spec()
        .night
        .windows
        .iter()
        .any(|window| window.contains(local))
}

fn discount(promo: Promo, before_fees: Exact) -> Result<Exact, FareError> {
    match promo {
        Promo::Fixed { amount_minor } => Ok(Exact::from(amount_minor).min(before_fees)),
        Promo::Percent { bps, cap_minor } => Ok(before_fees
            .times(bps)?
            .round_div(BPS)?
            .min(cap_minor.into())),
    }
}

fn driver_share(spec: &TariffSpec, lines: &Lines) -> Result<Exact, FareError> {
    let commission = lines
        .sum(&spec.commission.on)?
        .times(spec.commission.bps)?
        .round_div(BPS)?;
    let share = lines
        .total()?
        .sub(lines.sum(&[LineKind::Tax])?)?
        .sub(lines.sum(&spec.platform_lines)?)?
        .sub(commission)?
        .sub(lines.sum(&[LineKind::Promo])?)?;
    Ok(share.at_least_zero())
}

/// The lines so far. A line of zero is left out, except the base.
#[derive(Default, Clone)]
struct Lines(Vec<FareLine>);

impl Lines {
    fn push_always(&mut self, kind: LineKind, amount: Exact) -> Result<(), FareError> {
        self.0.push(FareLine {
            kind,
            detail: None,
            amount_minor: amount.minor()?,
        });
        Ok(())
    }

    fn push(&mut self, kind: LineKind, amount: Exact) -> Result<(), FareError> {
        if amount == Exact::ZERO {
            Ok(())
        } else {
            self.push_always(kind, amount)
        }
    }

    fn push_detailed(
        &mut self,
        kind: LineKind,
        detail: &str,
        amount: Exact,
    ) -> Result<(), FareError> {
        if amount != Exact::ZERO {
            let detail = Some(detail.to_owned());
            self.0.push(FareLine {
                kind,
                detail,
                amount_minor: amount.minor()?,
            });
        }
        Ok(())
    }

    fn sum(&self, kinds: &[LineKind]) -> Result<Exact, FareError> {
        let named = self.0.iter().filter(|line| kinds.contains(&line.kind));
        named
            .into_iter()
            .try_fold(Exact::ZERO, |sum, line| sum.add(line.amount_minor))
    }

    fn total(&self) -> Result<Exact, FareError> {
        self.0
            .iter()
            .try_fold(Exact::ZERO, |sum, line| sum.add(line.amount_minor))
    }
}

#[cfg(test)]
mod tests;
