//! The fare of a trip, line by line.

use super::{Fare, FareError, LineKind, Lines};
use crate::pricing::exact::{BPS, Exact};
use crate::pricing::facts::{Facts, NO_SURGE_BPS, Promo, WaypointFacts};
use crate::pricing::tariff::{Tariff, TariffSpec};

const M_PER_KM: i128 = 1000;
const S_PER_MIN: i128 = 60;
/// The lines that a fare has at most once.
const SINGLE_LINES: usize = 13;

/// Computes the fare of a trip.
pub fn compute(tariff: &Tariff, facts: &Facts) -> Result<Fare, FareError> {
    check_facts(facts)?;
    let spec = tariff.spec();
    let repeated = [facts.tolls.len(), facts.zones.len(), spec.taxes.len()];
    let mut lines = Lines::with_capacity(
        repeated
            .into_iter()
            .fold(SINGLE_LINES, usize::saturating_add),
    );
    ride(tariff, facts, &mut lines)?;
    let before_fees = lines.total();
    fees(spec, facts, &mut lines)?;
    if let Some(promo) = facts.promo {
        let discount = discount(promo, before_fees)?;
        lines.push(LineKind::Promo, Exact::ZERO.sub(discount)?)?;
    }
    lines.finish(spec)?;
    let share = driver_share(spec, &lines)?;
    lines.into_fare(spec, share, facts.tip_minor)
}

fn check_facts(facts: &Facts) -> Result<(), FareError> {
    not_negative([
        ("distance_m", facts.distance_m),
        ("duration_s", facts.duration_s),
        ("wait_s", facts.wait_s),
        ("weight_kg", facts.weight_kg),
        ("loading_s", facts.loading_s),
        ("unloading_s", facts.unloading_s),
        ("tip_minor", facts.tip_minor),
    ])?;
    waits_not_negative(&facts.waypoints)?;
    match facts.promo {
        None => {}
        Some(Promo::Fixed { amount_minor }) => {
            not_negative([("promo.amount_minor", amount_minor)])?;
        }
        Some(Promo::Percent { bps, cap_minor }) => {
            not_negative([("promo.bps", bps), ("promo.cap_minor", cap_minor)])?;
            if i128::from(bps) > BPS {
                return Err(FareError::PromoAboveWhole);
            }
        }
    }
    if facts.surge_bps < NO_SURGE_BPS {
        Err(FareError::SurgeBelowOne)
    } else {
        Ok(())
    }
}

/// Refuses the first of these fields that is below zero.
pub(in crate::pricing) fn not_negative<const N: usize>(
    fields: [(&str, i64); N],
) -> Result<(), FareError> {
    match fields.into_iter().find(|(_, value)| *value < 0) {
        None => Ok(()),
        Some((field, _)) => Err(FareError::Negative {
            field: field.to_owned(),
        }),
    }
}

/// Refuses the first stop at which the car stood for less than nothing.
pub(in crate::pricing) fn waits_not_negative(waypoints: &[WaypointFacts]) -> Result<(), FareError> {
    match waypoints.iter().position(|waypoint| waypoint.wait_s < 0) {
        None => Ok(()),
        Some(index) => Err(FareError::Negative {
            field: format!("waypoints[{index}].wait_s"),
        }),
    }
}

/// Lines 1 to 10: what tolls, fees, promotion and taxes come on top of.
fn ride(tariff: &Tariff, facts: &Facts, lines: &mut Lines) -> Result<(), FareError> {
    let spec = tariff.spec();
    lines.push_always(LineKind::Base, None, spec.base_minor.into())?;
    lines.push(LineKind::Distance, distance(spec, facts.distance_m)?)?;
    lines.push(LineKind::Time, time(spec, facts.duration_s)?)?;
    let mut surged = lines.total();
    lines.push(LineKind::Waiting, waiting(spec, facts)?)?;
    lines.push(LineKind::Waypoints, waypoints(spec, facts)?)?;
    lines.push(LineKind::Loading, loading(spec, facts)?)?;
    lines.push(LineKind::Weight, weight(spec, facts)?)?;
    if is_night(tariff, facts) {
        let night = surged.times(spec.night.bps)?.round_div(BPS)?;
        lines.push(LineKind::Night, night)?;
        surged = surged.add(night)?;
    }
    let surge_bps = Exact::from(facts.surge_bps.min(spec.surge_cap_bps)).sub(NO_SURGE_BPS)?;
    let surge = surged.times(surge_bps)?.round_div(BPS)?;
    lines.push(LineKind::Surge, surge)?;
    let lacking = Exact::from(spec.minimum_minor).sub(lines.total())?;
    lines.push(LineKind::MinimumTopUp, lacking.at_least_zero())
}

/// Lines 11 to 13.
fn fees(spec: &TariffSpec, facts: &Facts, lines: &mut Lines) -> Result<(), FareError> {
    for toll in &facts.tolls {
        let price = spec.tolls.get(toll).copied();
        let price = price.ok_or_else(|| FareError::UnknownToll(toll.clone()))?;
        lines.push_detailed(LineKind::Toll, toll, price.into())?;
    }
    for zone in &facts.zones {
        let fee = spec.zones.get(zone).copied();
        let fee = fee.ok_or_else(|| FareError::UnknownZone(zone.clone()))?;
        lines.push_detailed(LineKind::Zone, zone, fee.into())?;
    }
    lines.push(LineKind::BookingFee, spec.booking_fee_minor.into())
}

fn distance(spec: &TariffSpec, distance_m: i64) -> Result<Exact, FareError> {
    let tiers = spec.distance_tiers.iter();
    let prices = tiers.map(|tier| (tier.from_m, tier.per_km_minor));
    tiered(prices, distance_m)?.round_div(M_PER_KM)
}

fn time(spec: &TariffSpec, duration_s: i64) -> Result<Exact, FareError> {
    let tiers = spec.time_tiers.iter();
    let prices = tiers.map(|tier| (tier.from_s, tier.per_min_minor));
    tiered(prices, duration_s)?.round_div(S_PER_MIN)
}

/// Σ (amount inside the tier × its price), for tiers that ascend from 0.
fn tiered(
    tiers: impl Iterator<Item = (i64, i64)> + Clone,
    amount: i64,
) -> Result<Exact, FareError> {
    let ends = tiers.clone().skip(1).map(|(from, _)| from);
    let mut sum = Exact::ZERO;
    for ((from, price), end) in tiers.zip(ends.chain([i64::MAX])) {
        let inside = Exact::from(amount.min(end)).sub(from)?.at_least_zero();
        sum = sum.add(inside.times(price)?)?;
    }
    Ok(sum)
}

fn waiting(spec: &TariffSpec, facts: &Facts) -> Result<Exact, FareError> {
    let at_pickup = Exact::from(facts.wait_s).sub(spec.free_wait_s)?;
    let mut paid_s = at_pickup.at_least_zero();
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

/// The local clock is only asked if the night costs something.
fn is_night(tariff: &Tariff, facts: &Facts) -> bool {
    let night = &tariff.spec().night;
    if night.bps == 0 || night.windows.is_empty() {
        return false;
    }
    let local = facts.started_at.with_timezone(&tariff.timezone()).time();
    night.windows.iter().any(|window| window.contains(local))
}

fn discount(promo: Promo, before_fees: Exact) -> Result<Exact, FareError> {
    match promo {
        Promo::Fixed { amount_minor } => Ok(Exact::from(amount_minor).min(before_fees)),
        Promo::Percent { bps, cap_minor } => {
            let share = before_fees.times(bps)?.round_div(BPS)?;
            Ok(share.min(cap_minor.into()))
        }
    }
}

fn driver_share(spec: &TariffSpec, lines: &Lines) -> Result<Exact, FareError> {
    let commission = lines
        .sum(&spec.commission.on)?
        .times(spec.commission.bps)?
        .round_div(BPS)?;
    let share = lines
        .total()
        .sub(lines.sum(&[LineKind::Tax, LineKind::Promo])?)?
        .sub(lines.sum(&spec.platform_lines)?)?
        .sub(commission)?;
    Ok(share.at_least_zero())
}
