//! One round: requests and cars in, proposals and decisions out.

use std::time::Duration;

use chrono::{DateTime, Utc};
use wayfare_core::id::{DriverId, TripId, VehicleId};

use crate::decision::{Cost, Decision};
use crate::index::LiveIndex;
use crate::request::Request;
use crate::rules::Rules;
use crate::travel::Travel;

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

/// Plans a round. The same input gives the same proposals in every order of its elements.
pub fn plan(round: &Round<'_>) -> Plan {
    let _ = round; // Stub
    Plan::default()
}
