//! The gates that need no road: can this driver be asked for this request at all?

use chrono::{DateTime, TimeDelta, Utc};

use super::Round;
use crate::car::{Car, CarState};
use crate::gate::Gate;
use crate::request::{Exclusion, Request};
use crate::rules::Rules;

/// What the gates of one request know.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gates<'a> {
    pub(super) request: &'a Request,
    pub(super) rules: &'a Rules,
    pub(super) at: DateTime<Utc>,
}

/// In whole seconds, as gates tell it.
fn seconds(time: TimeDelta) -> u32 {
    u32::try_from(time.num_seconds().max(0)).unwrap_or(u32::MAX)
}

/// In whole metres, as gates tell it.
fn metres(millimetres: u64) -> u32 {
    u32::try_from(millimetres / 1000).unwrap_or(u32::MAX)
}

impl<'a> Gates<'a> {
    pub(super) const fn new(round: &Round<'a>, request: &'a Request) -> Self {
        Self {
            request,
            rules: round.rules,
            at: round.at,
        }
    }

    /// The first gate that the car does not pass, in the order of [`Gate`]'s variants. What costs
    /// nothing to look at, and drops most cars, comes first.
    pub(super) fn first(&self, car: &Car) -> Option<Gate> {
        self.silent(car)
            .or_else(|| self.busy(car))
            .or_else(|| self.vehicle(car))
            .or_else(|| self.exclusion(car))
            .or_else(|| self.home(car))
            .or_else(|| self.queue(car))
    }

    fn silent(&self, car: &Car) -> Option<Gate> {
        let age = car.fix.age(self.at);
        (age > self.rules.fresh_for).then(|| Gate::Silent {
            age_s: seconds(age),
            limit_s: seconds(self.rules.fresh_for),
        })
    }

    fn busy(&self, car: &Car) -> Option<Gate> {
        match car.state {
            CarState::Free => None,
            CarState::Driving => Some(Gate::Driving),
            CarState::Asked => Some(Gate::HasOffer),
            CarState::Finishing { free_at, .. } => {
                let free_in = free_at - self.at;
                (free_in > self.rules.forward_within).then(|| Gate::FinishesLate {
                    free_in_s: seconds(free_in),
                    limit_s: seconds(self.rules.forward_within),
                })
            }
        }
    }

    fn vehicle(&self, car: &Car) -> Option<Gate> {
        let (has, needs) = (&car.profile, &self.request.needs);
        if has.vehicle_class != self.request.vehicle_class {
            return Some(Gate::OtherClass {
                has: has.vehicle_class,
                wanted: self.request.vehicle_class,
            });
        }
        if has.capacity.seats < needs.seats {
            return Some(Gate::TooFewSeats {
                has: has.capacity.seats,
                needed: needs.seats,
            });
        }
        if has.capacity.load_kg < needs.load_kg {
            return Some(Gate::TooSmallLoad {
                has_kg: has.capacity.load_kg,
                needed_kg: needs.load_kg,
            });
        }
        let feature = has.features.first_missing(needs.features)?;
        Some(Gate::MissingFeature { feature })
    }

    fn exclusion(&self, car: &Car) -> Option<Gate> {
        let exclusion = self.request.excluded.get(&car.driver)?;
        Some(match exclusion {
            Exclusion::Asked => Gate::AskedBefore,
            Exclusion::GaveBack => Gate::GaveBack,
            Exclusion::OwnTrip => Gate::OwnTrip,
            Exclusion::Blocked => Gate::Blocked,
        })
    }

    fn home(&self, car: &Car) -> Option<Gate> {
        let home = car.standing.home?.to;
        let before_mm = car.starts_at().distance_mm(home);
        let after_mm = self.request.dropoff.distance_mm(home);
        let most_mm = before_mm.saturating_mul(self.rules.home_left_bps.into()) / 10_000;
        (after_mm > most_mm).then(|| Gate::NotOnTheWayHome {
            before_m: metres(before_mm),
            after_m: metres(after_mm),
        })
    }

    fn queue(&self, car: &Car) -> Option<Gate> {
        let place = car.standing.queue?;
        (self.request.queue != Some(place.zone)).then_some(Gate::WaitsInQueue)
    }
}
