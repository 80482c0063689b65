//! What a way of dispatching would have done with a day's demand: the code of the server's rounds,
//! run in virtual time over the roads of a city pack.
//!
//! The same riders ask at the same times, the same drivers begin at the same places, and whether a
//! driver takes a trip is drawn for that driver and that trip alone. So two runs with one seed differ
//! by what is dispatched and by nothing else. Real time is measured only for the length of the
//! rounds; everything else comes out the same each time.
//!
//! What is not modelled: drivers who go off duty, riders who cancel after somebody accepted, ratings,
//! and traffic on the way to the pickup.

mod agenda;
mod answers;
mod figures;
mod fleet;
mod journal;
mod journeys;
mod order;
mod output;
mod policy;
mod riders;
mod roaming;
mod simulation;
#[cfg(test)]
mod tests;
mod ways;

pub use figures::{BatchQuantiles, Figures, WaitQuantiles};
pub use journeys::{Journey, JourneyError, Journeys};
pub use order::ReplayOrder;
pub use output::to_text;
pub use policy::Policy;
pub use simulation::{Conditions, Simulation};

use std::sync::Arc;

use crate::chance::{Stream, chance};
use crate::city::{City, CityError};

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationError {
    /// The city cannot be used.
    #[error(transparent)]
    City(#[from] CityError),
    /// There is no demand.
    #[error(transparent)]
    Journeys(#[from] JourneyError),
}

/// Replays what is ordered and tells what came of it.
pub fn run(order: &ReplayOrder) -> Result<Figures, EvaluationError> {
    let city = Arc::new(City::open(&order.city)?);
    let journeys = journeys::of(order, &city)?;
    let conditions = order.conditions();
    let mut starts = chance(conditions.seed, Stream::Fleet);
    let cars = (0..order.fleet).filter_map(|_| journeys.draw_pickup(&mut starts));
    let simulation = Simulation::new(&city.roads, &journeys, conditions, cars.collect());
    Ok(simulation.run())
}
