//! Kept decisions as they are shown.

use wayfare_core::id::DriverId;
use wayfare_core::wire::{
    CarVerdict, CostView, ExplainedCar, ExplainedRound, GateName, GateUnit, GateView, LostTo,
    OfferFate, OfferStatus,
};
use wayfare_dispatch::{Considered, Cost, Decision, Gate, Verdict};

use super::keep::round_outcome;
use super::queries::OfferRow;
use super::words;
use crate::platform::failure::Failure;

/// What became of a car that was looked at.
pub(super) fn car(decision: &Decision, one: &Considered, offers: &[OfferRow]) -> Car {
    let driver_id = one.driver;
    let best = Considered::best_asked(&decision.considered);
    let bare = ExplainedCar {
        driver_id,
        verdict: CarVerdict::Dropped,
        sentence: one.verdict.explain(best.map(|(_, cost)| cost)),
        gate: None,
        cost: None,
        lost_to: None,
        offer: None,
        sighting: None,
    };
    match one.verdict {
        Verdict::Dropped(gate) => Ok(ExplainedCar {
            gate: Some(gate_view(gate)),
            ..bare
        }),
        Verdict::Lost { cost, asked_for } => {
            let lost_to = LostTo {
                driver_id: best.map(|(best, _)| best.driver),
                by_ms: best.map(|(_, less)| cost.total_ms().saturating_sub(less.total_ms())),
                trip_id: asked_for,
            };
            Ok(ExplainedCar {
                verdict: CarVerdict::Lost,
                sentence: join(bare.sentence, words::lost_to(lost_to)),
                cost: Some(cost_view(cost)),
                lost_to: Some(lost_to),
                ..bare
            })
        }
        Verdict::Asked { cost } => {
            let offer = offer_fate(decision, driver_id, offers)?;
            Ok(ExplainedCar {
                verdict: CarVerdict::Asked,
                sentence: join(bare.sentence, Some(words::offer_fate(offer))),
                cost: Some(cost_view(cost)),
                offer,
                ..bare
            })
        }
    }
}

/// What became of a car, or why that cannot be read.
type Car = Result<ExplainedCar, Failure>;

/// A round with these of its cars.
pub(super) fn round(decision: &Decision, cars: Vec<ExplainedCar>) -> ExplainedRound {
    ExplainedRound {
        at: decision.at,
        radius_m: decision.radius_m,
        waves: decision.waves,
        outcome: round_outcome(decision.outcome),
        cars_considered: u32::try_from(decision.considered.len()).unwrap_or(u32::MAX),
        cars_left_out: decision.left_out,
        cars,
    }
}

fn join(sentence: String, more: Option<String>) -> String {
    match more {
        Some(more) => format!("{sentence} {more}"),
        None => sentence,
    }
}

/// The first offer to this driver that was made in the round or after it.
fn offer_fate(
    decision: &Decision,
    driver: DriverId,
    offers: &[OfferRow],
) -> Result<Option<OfferFate>, Failure> {
    let of_driver = offers
        .iter()
        .filter(|offer| offer.driver_id == driver.uuid() && offer.created_at >= decision.at);
    let Some(offer) = of_driver.min_by_key(|offer| offer.created_at) else {
        return Ok(None);
    };
    let status = OfferStatus::ALL
        .into_iter()
        .find(|status| status.as_str() == offer.status)
        .ok_or_else(|| Failure::broken("reading an offer", UnknownName(offer.status.clone())))?;
    Ok(Some(OfferFate {
        status,
        made_at: offer.created_at,
        ended_at: offer.closed_at,
    }))
}

/// A name in the database that this version does not know.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not known")]
pub(super) struct UnknownName(pub(super) String);

const fn cost_view(cost: Cost) -> CostView {
    CostView {
        total_ms: cost.total_ms(),
        way_ms: cost.way_ms,
        finishing_ms: cost.finishing_ms,
        idle_ms: cost.idle_ms,
        rating_ms: cost.rating_ms,
        cancel_ms: cost.cancel_ms,
        way_m: cost.way_m,
    }
}

/// The numbers of a gate.
struct Numbers {
    found: u32,
    limit: Option<u32>,
    unit: GateUnit,
}

fn gate_view(gate: Gate) -> GateView {
    let numbers = gate_numbers(gate);
    let mut view = GateView {
        name: gate_name(gate),
        found: numbers.as_ref().map(|numbers| numbers.found),
        limit: numbers.as_ref().and_then(|numbers| numbers.limit),
        unit: numbers.map(|numbers| numbers.unit),
        vehicle_class: None,
        wanted_class: None,
        missing_feature: None,
    };
    if let Gate::OtherClass { has, wanted } = gate {
        (view.vehicle_class, view.wanted_class) = (Some(has), Some(wanted));
    }
    if let Gate::MissingFeature { feature } = gate {
        view.missing_feature = Some(feature);
    }
    view
}

const fn gate_numbers(gate: Gate) -> Option<Numbers> {
    let (found, limit, unit) = match gate {
        Gate::Silent { age_s, limit_s } => (age_s, Some(limit_s), GateUnit::Seconds),
        Gate::FinishesLate { free_in_s, limit_s } => (free_in_s, Some(limit_s), GateUnit::Seconds),
        Gate::TooFewSeats { has, needed } => (has as u32, Some(needed as u32), GateUnit::Seats),
        Gate::TooSmallLoad { has_kg, needed_kg } => (has_kg, Some(needed_kg), GateUnit::Kilograms),
        Gate::OutOfReach {
            straight_m,
            radius_m,
        } => (straight_m, Some(radius_m), GateUnit::Metres),
        Gate::TooFarByRoad { road_m, radius_m } => (road_m, Some(radius_m), GateUnit::Metres),
        Gate::NotOnTheWayHome { before_m, after_m } => (after_m, Some(before_m), GateUnit::Metres),
        Gate::EnoughNearer { nearer } => (nearer, None, GateUnit::Drivers),
        Gate::BehindInQueue { before } => (before, None, GateUnit::Drivers),
        Gate::Driving
        | Gate::HasOffer
        | Gate::OtherClass { .. }
        | Gate::MissingFeature { .. }
        | Gate::AskedBefore
        | Gate::GaveBack
        | Gate::OwnTrip
        | Gate::Blocked
        | Gate::NoRoad
        | Gate::WaitsInQueue => return None,
    };
    Some(Numbers { found, limit, unit })
}

const fn gate_name(gate: Gate) -> GateName {
    match gate {
        Gate::Silent { .. } => GateName::Silent,
        Gate::Driving => GateName::Driving,
        Gate::HasOffer => GateName::HasOffer,
        Gate::FinishesLate { .. } => GateName::FinishesLate,
        Gate::OtherClass { .. } => GateName::OtherClass,
        Gate::TooFewSeats { .. } => GateName::TooFewSeats,
        Gate::TooSmallLoad { .. } => GateName::TooSmallLoad,
        Gate::MissingFeature { .. } => GateName::MissingFeature,
        Gate::AskedBefore => GateName::AskedBefore,
        Gate::GaveBack => GateName::GaveBack,
        Gate::OwnTrip => GateName::OwnTrip,
        Gate::Blocked => GateName::Blocked,
        Gate::OutOfReach { .. } => GateName::OutOfReach,
        Gate::TooFarByRoad { .. } => GateName::TooFarByRoad,
        Gate::NoRoad => GateName::NoRoad,
        Gate::EnoughNearer { .. } => GateName::EnoughNearer,
        Gate::NotOnTheWayHome { .. } => GateName::NotOnTheWayHome,
        Gate::WaitsInQueue => GateName::WaitsInQueue,
        Gate::BehindInQueue { .. } => GateName::BehindInQueue,
    }
}

#[cfg(test)]
mod tests;
