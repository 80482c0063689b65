//! The cars, and what the live index is told of them.

use std::time::Duration;

use chrono::{DateTime, Utc};
use wayfare_core::geo::LatLng;
use wayfare_core::id::VehicleId;
use wayfare_core::vehicle::VehicleClass;
use wayfare_dispatch::{Capacity, CarProfile, CarState, FeatureSet, Fix, LiveIndex, Standing};

use super::journeys::Journey;
use super::riders;
use super::roaming::Roam;

/// A car that is about to be free tells where it is this often.
const RIDING_EVERY: Duration = Duration::from_secs(3);
/// A car that waits does so this often.
const WAITING_EVERY: Duration = Duration::from_secs(10);

/// A car with its driver, who is always on duty.
#[derive(Debug)]
pub(super) struct Car {
    /// Where it stands, or where it last stood.
    place: LatLng,
    pub(super) doing: Doing,
    /// The rider the driver is asked about.
    pub(super) asked_for: Option<usize>,
    /// The rider after this one.
    pub(super) next: Option<usize>,
    /// The last rider, if there was one.
    pub(super) last: Option<usize>,
    /// Since when it has no rider.
    pub(super) idle_since: Duration,
    /// Since when it waits where it is.
    pub(super) waits_since: Duration,
    /// How often it roamed since its last rider.
    pub(super) roamed: usize,
    /// When the index last heard of it.
    reported: Option<Duration>,
}

/// What a car does.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Doing {
    Waiting,
    Roaming(Roam),
    Approaching,
    Riding(Ride),
}

/// A ride that was begun, or will be as soon as the rider sits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ride {
    pub(super) begins: Duration,
    /// How long the roads say it takes.
    pub(super) by_road: Duration,
    /// How long it takes.
    pub(super) takes: Duration,
    pub(super) to: LatLng,
}

impl Ride {
    /// The ride on a journey whose rider sits at `begins`.
    pub(super) fn of(journey: &Journey, begins: Duration) -> Self {
        Self {
            begins,
            by_road: journey.by_road,
            takes: journey.takes,
            to: journey.dropoff,
        }
    }

    /// Whether its driver is free soon. Nobody is if soon is at once.
    fn ends_within(&self, soon: Duration, now: Duration) -> bool {
        !soon.is_zero() && self.left(now) <= soon
    }

    /// How much longer it will take, as the roads say: whoever is halfway has half of it left.
    fn left(&self, now: Duration) -> Duration {
        let before = self.begins.saturating_sub(now);
        let driven = now.saturating_sub(self.begins).as_secs_f64();
        let takes = self.takes.as_secs_f64();
        let share = if takes > 0.0 { driven / takes } else { 1.0 };
        before + self.by_road.mul_f64((1.0 - share).clamp(0.0, 1.0))
    }
}

/// All cars, and how they are told to the index.
#[derive(Debug)]
pub(super) struct Fleet {
    pub(super) cars: Vec<Car>,
    pub(super) index: LiveIndex,
    /// The moment of time zero.
    pub(super) begins_at: DateTime<Utc>,
    /// Drivers whose ride takes no longer are free soon.
    pub(super) forward_within: Duration,
}

impl Fleet {
    /// Cars that wait at these places.
    pub(super) fn new(
        places: Vec<LatLng>,
        begins_at: DateTime<Utc>,
        forward_within: Duration,
    ) -> Self {
        let waiting = |place| Car {
            place,
            doing: Doing::Waiting,
            asked_for: None,
            next: None,
            last: None,
            idle_since: Duration::ZERO,
            waits_since: Duration::ZERO,
            roamed: 0,
            reported: None,
        };
        Self {
            cars: places.into_iter().map(waiting).collect(),
            index: LiveIndex::default(),
            begins_at,
            forward_within,
        }
    }

    /// Tells the index of the cars that have not told of themselves for a while.
    pub(super) fn report(&mut self, now: Duration) {
        for number in 0..self.cars.len() {
            if self.cars.get(number).is_some_and(|car| car.is_due(now)) {
                self.tell(number, now);
            }
        }
    }

    /// Tells the index where a car is and what its driver does.
    pub(super) fn tell(&mut self, number: usize, now: Duration) {
        let (begins_at, forward_within) = (self.begins_at, self.forward_within);
        let Some(car) = self.cars.get_mut(number) else {
            return;
        };
        car.reported = Some(now);
        let driver = riders::driver_id(number);
        let fix = Fix {
            position: car.position(now),
            heading_deg: None,
            speed_mps: None,
            at: begins_at + now,
        };
        let standing = Standing {
            idle_since: begins_at + car.idle_since,
            rating_milli: None,
            cancel_bps: 0,
            home: None,
            queue: None,
        };
        let state = match &car.doing {
            _ if car.asked_for.is_some() => CarState::Asked,
            Doing::Waiting | Doing::Roaming(_) => CarState::Free,
            Doing::Riding(ride) if car.next.is_none() && ride.ends_within(forward_within, now) => {
                CarState::Finishing {
                    at: ride.to,
                    free_at: begins_at + (now + ride.left(now)),
                }
            }
            Doing::Riding(_) | Doing::Approaching => CarState::Driving,
        };
        self.index.report(driver, fix);
        self.index.set(driver, profile(number), standing, state);
    }
}

impl Car {
    /// Whether a rider sits in it, or is about to.
    pub(super) fn is_riding(&self) -> bool {
        matches!(self.doing, Doing::Riding(_))
    }

    /// Where it is: while it drives to a rider or with one, where it began to.
    pub(super) fn position(&self, now: Duration) -> LatLng {
        let roams = match &self.doing {
            Doing::Roaming(roam) => roam.position(now),
            Doing::Waiting | Doing::Approaching | Doing::Riding(_) => None,
        };
        roams.unwrap_or(self.place)
    }

    /// It is at a place now, and does something there.
    pub(super) fn is_at(&mut self, place: LatLng, doing: Doing) {
        self.place = place;
        self.doing = doing;
    }

    fn is_due(&self, now: Duration) -> bool {
        let every = match self.doing {
            Doing::Waiting | Doing::Roaming(_) => WAITING_EVERY,
            Doing::Riding(_) if self.next.is_none() => RIDING_EVERY,
            // Nobody looks at it.
            Doing::Riding(_) | Doing::Approaching => return false,
        };
        self.reported.is_none_or(|reported| now >= reported + every)
    }
}

fn profile(number: usize) -> CarProfile {
    CarProfile {
        vehicle: VehicleId::from_uuid(riders::uuid(number)),
        vehicle_class: VehicleClass::Standard,
        capacity: Capacity {
            seats: 4,
            load_kg: 300,
        },
        features: FeatureSet::default(),
    }
}
