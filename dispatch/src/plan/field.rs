//! Who is looked at for which request.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use wayfare_core::geo::LatLng;
use wayfare_core::id::{DriverId, TripId, VehicleId};

use super::Round;
use super::around::{Around, Seen};
use super::crowd::Crowd;
use super::measure;
use crate::car::{Car, CarState};
use crate::decision::{Considered, Cost, Verdict};
use crate::gate::Gate;
use crate::request::Request;

/// A driver who may be asked in this round, for whichever request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Driver {
    pub(super) id: DriverId,
    pub(super) vehicle: VehicleId,
    pub(super) starts_at: LatLng,
    /// Whether the driver finishes another trip first.
    pub(super) forward: bool,
    /// What asking the driver costs apart from the way.
    pub(super) standing: Cost,
    pub(super) asked_for: Option<TripId>,
}

/// A driver who passed the gates for a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    /// Position in [`Field::drivers`].
    pub(super) driver: u32,
    /// Position in [`Look::considered`].
    pub(super) considered: usize,
    /// Present for those who wait in the queue of the request's zone.
    pub(super) queue_since: Option<DateTime<Utc>>,
    /// Absent as long as the way is not known, and from when a gate was not passed.
    pub(super) cost: Option<Cost>,
    pub(super) asked: bool,
}

/// What is looked at for a request.
#[derive(Debug)]
pub(super) struct Look<'a> {
    pub(super) request: &'a Request,
    pub(super) radius_m: u32,
    /// Nearest first. Verdicts on candidates are filled in at the end.
    pub(super) considered: Vec<Considered>,
    /// Nearest first.
    pub(super) candidates: Vec<Candidate>,
    pub(super) left_out: u32,
    /// Whether a queue has answered it.
    pub(super) settled: bool,
}

/// Who is looked at in a round, for which request.
#[derive(Debug)]
pub(super) struct Field<'a> {
    /// A look per trip, in the order of their ids, so that the order of the requests does not matter.
    pub(super) looks: Vec<Look<'a>>,
    pub(super) drivers: Vec<Driver>,
}

impl<'a> Field<'a> {
    /// Finds the cars around each request and lets them pass the gates that need no road.
    pub(super) fn gather(round: &Round<'a>) -> Self {
        let mut requests: Vec<&'a Request> = round.requests.iter().collect();
        requests.sort_by_key(|request| (request.trip, request.since, request.pickup));
        requests.dedup_by_key(|request| request.trip);
        let mut gathering = Gathering {
            round,
            crowd: Crowd::new(round.index),
            drivers: Vec::new(),
            places: HashMap::new(),
            queued_before: HashMap::new(),
        };
        let looks = requests.iter().map(|request| gathering.look(request));
        Self {
            looks: looks.collect(),
            drivers: gathering.drivers,
        }
    }

    /// The driver of a candidate.
    pub(super) fn driver(&self, candidate: &Candidate) -> Option<&Driver> {
        self.drivers.get(usize::try_from(candidate.driver).ok()?)
    }

    /// Asks a candidate, unless the driver is asked already.
    pub(super) fn ask(&mut self, pick: Pick) -> bool {
        let Some(look) = self.looks.get_mut(pick.look) else {
            return false;
        };
        let Some(candidate) = look.candidates.get_mut(pick.candidate) else {
            return false;
        };
        let driver = usize::try_from(candidate.driver).unwrap_or(usize::MAX);
        match self.drivers.get_mut(driver) {
            Some(driver) if driver.asked_for.is_none() => {
                driver.asked_for = Some(look.request.trip);
                candidate.asked = true;
                true
            }
            Some(_) | None => false,
        }
    }
}

/// Somebody who is asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pick {
    /// Position in [`Field::looks`].
    pub(super) look: usize,
    /// Position in [`Look::candidates`].
    pub(super) candidate: usize,
}

impl Look<'_> {
    /// Notes that a candidate did not pass a gate after all.
    pub(super) fn drop_candidate(&mut self, candidate: usize, gate: Gate) {
        let Some(candidate) = self.candidates.get_mut(candidate) else {
            return;
        };
        candidate.cost = None;
        if let Some(considered) = self.considered.get_mut(candidate.considered) {
            considered.verdict = Verdict::Dropped(gate);
        }
    }
}

#[derive(Debug)]
struct Gathering<'r, 'a> {
    round: &'r Round<'a>,
    crowd: Crowd<'a>,
    drivers: Vec<Driver>,
    /// The position of each of them.
    places: HashMap<DriverId, u32>,
    /// How many of the requests so far are for the queue of each zone.
    queued_before: HashMap<u16, usize>,
}

impl<'a> Gathering<'_, 'a> {
    fn look(&mut self, request: &'a Request) -> Look<'a> {
        let queued_before = match request.queue {
            Some(zone) => {
                let before = self.queued_before.entry(zone).or_insert(0);
                *before += 1;
                *before - 1
            }
            None => 0,
        };
        let around = Around::find(self.round, &self.crowd, request, queued_before);
        let mut look = Look {
            request,
            radius_m: around.radius_m,
            considered: Vec::with_capacity(around.cars.len()),
            candidates: Vec::new(),
            left_out: around.left_out,
            settled: false,
        };
        for (car, seen) in &around.cars {
            let verdict = match seen {
                Seen::Dropped(gate) => Verdict::Dropped(*gate),
                Seen::Passed { queue_since } => {
                    look.candidates.push(Candidate {
                        driver: self.place(car),
                        considered: look.considered.len(),
                        queue_since: *queue_since,
                        cost: None,
                        asked: false,
                    });
                    // Until the way is known.
                    Verdict::Dropped(Gate::NoRoad)
                }
            };
            let driver = car.driver;
            look.considered.push(Considered { driver, verdict });
        }
        look
    }

    fn place(&mut self, car: &Car) -> u32 {
        let next = u32::try_from(self.drivers.len()).unwrap_or(u32::MAX);
        let place = *self.places.entry(car.driver).or_insert(next);
        if place == next {
            self.drivers.push(Driver {
                id: car.driver,
                vehicle: car.profile.vehicle,
                starts_at: car.starts_at(),
                forward: matches!(car.state, CarState::Finishing { .. }),
                standing: measure::standing(self.round, car),
                asked_for: None,
            });
        }
        place
    }
}
