//! One round: requests and cars in, proposals and decisions out.

mod around;
mod batch;
mod crowd;
mod field;
mod gates;
mod measure;
mod nearest;
mod queues;
#[cfg(test)]
mod tests;
mod verdicts;

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use wayfare_core::id::{DriverId, TripId, VehicleId};

use crate::decision::{Cost, Decision};
use crate::index::LiveIndex;
use crate::request::Request;
use crate::rules::Rules;
use crate::travel::Travel;
use field::Field;

/// What a round is planned with.
#[derive(Debug, Clone, Copy)]
pub struct Round<'a> {
    /// When.
    pub at: DateTime<Utc>,
    /// What the operator chose.
    pub rules: &'a Rules,
    /// The trips that look for a driver and that nobody is asked for at the moment.
    pub requests: &'a [Request],
    /// The cars, with what their drivers are doing at this moment.
    pub index: &'a LiveIndex,
    /// How long they take.
    pub travel: &'a dyn Travel,
}

/// A trip and a driver who is to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proposal {
    /// The trip.
    pub trip: TripId,
    /// The driver.
    pub driver: DriverId,
    /// What the driver drives.
    pub vehicle: VehicleId,
    /// Which wave of offers of this trip it belongs to, from 1.
    pub wave: u32,
    /// Whether the driver finishes another trip first.
    pub forward: bool,
    /// What asking this driver costs.
    pub cost: Cost,
}

/// How long the parts of a round took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PlanTimes {
    /// Finding cars and letting them pass the gates.
    pub candidates: Duration,
    /// The ways by road.
    pub table: Duration,
    /// The assignment.
    pub solve: Duration,
}

/// What a round decided.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Who is asked. No trip twice in sequential mode, and no driver twice.
    pub proposals: Vec<Proposal>,
    /// A decision for each request, in their order.
    pub decisions: Vec<Decision>,
    /// How long it took.
    pub times: PlanTimes,
}

/// Plans a round: whoever is asked costs the least in sum, over all requests together. The same input
/// gives the same proposals in every order of its elements.
///
/// As many requests as possible get a driver; which ones, where there are not enough drivers, depends
/// on what their drivers cost and on how long they have waited.
pub fn plan(round: &Round<'_>) -> Plan {
    plan_with(round, batch::choose)
}

/// Plans a round the simple way, as a measure for [`plan`]: one request after the other, in the order
/// in which their searches began, gets the free car that is nearest in a straight line. The gates are
/// the same, except that drivers who finish a trip first are not asked.
pub fn plan_nearest(round: &Round<'_>) -> Plan {
    let rules = Rules {
        forward_within: TimeDelta::MIN,
        ..round.rules.clone()
    };
    let round = Round {
        rules: &rules,
        ..*round
    };
    plan_with(&round, |_, field| nearest::choose(field))
}

fn plan_with(round: &Round<'_>, choose: impl FnOnce(&Round<'_>, &mut Field<'_>)) -> Plan {
    let begun = Instant::now();
    let mut field = Field::gather(round);
    let gathered = Instant::now();
    field.measure(round);
    let measured = Instant::now();
    queues::choose(&mut field);
    choose(round, &mut field);
    let proposals = field.proposals();
    let decisions = field.into_decisions(round);
    Plan {
        proposals,
        decisions,
        times: PlanTimes {
            candidates: gathered - begun,
            table: measured - gathered,
            solve: measured.elapsed(),
        },
    }
}
