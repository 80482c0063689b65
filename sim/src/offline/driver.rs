//! What a driver does: looks at the phone, and does what there is to do with the car and the rider.
//!
//! A driver knows what the phone says and what happens in the street, and nothing else. Whatever a
//! program forgot when it ended, the driver sees that it is not done, and does it again.

use rand::RngExt;
use wayfare_core::geo::LatLng;
use wayfare_core::id::{OfferId, TripId};
use wayfare_core::sync::DeviceAction;
use wayfare_core::sync::replica::ReplicaTrip;
use wayfare_core::trip::{CancelReason, Leg, Pin, TripState};
use wayfare_core::wire::DeclineReason;

use super::agenda::{Moment, SECOND, utc};
use super::backend::Backend;
use super::world::{Event, World};
use crate::chance::Chance;

/// How a driver and a rider are on one trip.
#[derive(Debug, Clone)]
pub(super) struct Mood {
    /// The rider comes after so long; `None` if the rider does not come at all.
    comes_after: Option<Moment>,
    /// The rider tells a wrong PIN first.
    wrong_pin: bool,
    /// The driver gives the trip back on the way to the pickup.
    gives_back: bool,
    /// Stops that the driver does not say to have reached, and not to have left.
    silent: (bool, bool),
    /// How long the car stands at a stop.
    stands: Moment,
    /// The driver ends the ride before the last stop.
    ends_early: bool,
    photo: bool,
    rates: bool,
    /// Since when the car has been at its place.
    there_since: Option<(LatLng, Moment)>,
    /// Whether the rider sits in the car.
    rider_in: bool,
    /// The driver went on from a stop and said nothing, and drives to the end.
    went_on: bool,
}

impl Mood {
    fn draw(chance: &mut Chance) -> Self {
        let comes = chance.random_bool(0.93);
        let after = chance.random_range(5 * SECOND..100 * SECOND);
        Self {
            comes_after: comes.then_some(after),
            wrong_pin: chance.random_bool(0.08),
            gives_back: chance.random_bool(0.05),
            silent: (chance.random_bool(0.1), chance.random_bool(0.2)),
            stands: chance.random_range(10 * SECOND..70 * SECOND),
            ends_early: chance.random_bool(0.05),
            photo: chance.random_bool(0.3),
            rates: chance.random_bool(0.6),
            there_since: None,
            rider_in: false,
            went_on: false,
        }
    }
}

/// What a driver wants to do next.
#[derive(Debug, Clone)]
enum Wish {
    /// Tell the phone.
    Act(DeviceAction),
    /// Photograph something of this trip.
    Photo(TripId),
    /// Go on driving or waiting.
    Wait,
}

impl<B: Backend> World<B> {
    /// A driver looks at the phone.
    pub(super) fn turn(&mut self, driver: usize) {
        if self.healed.is_some() {
            return;
        }
        let pause = self.drivers[driver].chance.random_range(6..16) * SECOND;
        self.agenda.at(self.now + pause, Event::Turn(driver));
        if self.accounts[driver].device.is_none() || self.now < self.drivers[driver].busy_until {
            return;
        }
        self.read_notices(driver);
        let wish = self.wish(driver);
        match wish {
            Wish::Act(action) => self.act(driver, action),
            Wish::Photo(trip) => self.photograph(driver, Some(trip)),
            Wish::Wait => {}
        }
    }

    fn wish(&mut self, driver: usize) -> Wish {
        let Some(device) = &self.accounts[driver].device else {
            return Wish::Wait;
        };
        let replica = device.replica();
        let driven = replica.driven().and_then(|trip| replica.trips.get(&trip));
        let driven = driven.filter(|trip| !trip.lost).cloned();
        let over = |trip: &&ReplicaTrip| {
            !trip.lost && matches!(trip.current.state, TripState::Completed { .. })
        };
        let over: Vec<ReplicaTrip> = replica.trips.values().filter(over).cloned().collect();
        let online = replica.online;
        let offer = replica.offers.keys().next().copied();
        // Money first.
        for trip in &over {
            let wish = self.wish_of(driver, trip);
            if !matches!(wish, Wish::Wait) {
                return wish;
            }
        }
        if let Some(offer) = offer {
            let wish = self.answer_offer(driver, offer);
            if !matches!(wish, Wish::Wait) {
                return wish;
            }
        }
        if let Some(trip) = driven {
            return self.wish_of(driver, &trip);
        }
        self.aboard.retain(|_, car| *car != driver);
        let works = self.now < self.drivers[driver].until;
        if works != online {
            let vehicle = self.drivers[driver].vehicle;
            return Wish::Act(if works {
                DeviceAction::GoOnline { vehicle }
            } else {
                DeviceAction::GoOffline
            });
        }
        Wish::Wait
    }

    fn answer_offer(&mut self, driver: usize, offer: OfferId) -> Wish {
        match self.drivers[driver].chance.random_range(0..10) {
            0 => Wish::Act(DeviceAction::DeclineOffer {
                offer,
                reason: DeclineReason::TooFar,
            }),
            1 => Wish::Wait,
            _ => Wish::Act(DeviceAction::AcceptOffer { offer }),
        }
    }

    /// What there is to do about a trip.
    fn wish_of(&mut self, driver: usize, trip: &ReplicaTrip) -> Wish {
        let id = trip.current.request.trip;
        if !self.drivers[driver].moods.contains_key(&id) {
            let mood = Mood::draw(&mut self.drivers[driver].chance);
            self.drivers[driver].moods.insert(id, mood);
        }
        let Some(mood) = self.drivers[driver].moods.get(&id).cloned() else {
            return Wish::Wait;
        };
        match trip.current.state {
            TripState::Assigned { .. } => {
                let pickup = trip.current.request.pickup;
                if mood.gives_back && self.at_least_there(driver, id, pickup, 0).is_none() {
                    return Wish::Act(DeviceAction::Cancel {
                        trip: id,
                        reason: CancelReason::VehicleProblem,
                        note: None,
                    });
                }
                match self.at_least_there(driver, id, pickup, 0) {
                    Some(()) => Wish::Act(DeviceAction::Arrive { trip: id }),
                    None => Wish::Wait,
                }
            }
            TripState::Arrived { .. } => self.at_pickup(driver, trip, &mood),
            TripState::InProgress { leg, .. } => self.in_ride(driver, trip, (leg, &mood)),
            TripState::Completed { .. } => after_ride(trip, &mood, &self.deeds.photographed),
            _ => Wish::Wait,
        }
    }

    fn at_pickup(&mut self, driver: usize, trip: &ReplicaTrip, mood: &Mood) -> Wish {
        let id = trip.current.request.trip;
        let pickup = trip.current.request.pickup;
        let waited = |world: &mut Self, ms| world.at_least_there(driver, id, pickup, ms).is_some();
        let comes = mood
            .comes_after
            .filter(|_| mood.rider_in || self.rider_comes(driver, id));
        let Some(after) = comes else {
            return if waited(self, 150 * SECOND) {
                Wish::Act(DeviceAction::Cancel {
                    trip: id,
                    reason: CancelReason::RiderNoShow,
                    note: None,
                })
            } else {
                Wish::Wait
            };
        };
        if !waited(self, after) {
            return Wish::Wait;
        }
        let rider = trip.current.request.rider;
        self.aboard.insert(rider, driver);
        let wrong_pin = mood.wrong_pin;
        if let Some(mood) = self.drivers[driver].moods.get_mut(&id) {
            mood.rider_in = true;
            mood.wrong_pin = false;
        }
        let Some(right) = self.pins.get(&id).copied() else {
            return Wish::Wait;
        };
        let pin = if wrong_pin {
            Pin::from_number(0)
        } else {
            right
        };
        Wish::Act(DeviceAction::Start {
            trip: id,
            pin,
            arrived_at: utc(self.now),
        })
    }

    /// Whether the rider comes to this car, whatever the server says: people who called a trip off ride
    /// all the same if the car is there, unless they sit in another one.
    fn rider_comes(&mut self, driver: usize, trip: TripId) -> bool {
        let trips = self.backend.trips();
        let Some(glimpse) = trips.iter().find(|glimpse| glimpse.trip == trip) else {
            return false;
        };
        if let Some(car) = self.aboard.get(&glimpse.rider) {
            return *car == driver;
        }
        match glimpse.state {
            TripState::Cancelled { .. } | TripState::Expired { .. } | TripState::Requested => {
                trip.uuid().as_u128().is_multiple_of(2)
            }
            _ => true,
        }
    }

    fn in_ride(&mut self, driver: usize, trip: &ReplicaTrip, (leg, mood): (Leg, &Mood)) -> Wish {
        let id = trip.current.request.trip;
        let stops = &trip.current.stops;
        let place = stops.position(leg.stop()).unwrap_or(stops.dropoff);
        let at_waypoint = matches!(leg, Leg::AtStop { .. });
        let is_waypoint = at_waypoint || stops.is_waypoint(leg.stop());
        let says_nothing = match leg {
            Leg::EnRoute { .. } => is_waypoint && mood.silent.0,
            Leg::AtStop { .. } => mood.silent.1,
        };
        if mood.went_on || !is_waypoint {
            return self.drive_on(driver, trip);
        }
        let stands = if at_waypoint || says_nothing {
            mood.stands
        } else {
            0
        };
        if self.at_least_there(driver, id, place, stands).is_none() {
            return Wish::Wait;
        }
        if says_nothing {
            if let Some(mood) = self.drivers[driver].moods.get_mut(&id) {
                mood.went_on = true;
            }
            return self.drive_on(driver, trip);
        }
        Wish::Act(match leg {
            Leg::EnRoute { .. } => DeviceAction::ReachStop {
                trip: id,
                place: None,
            },
            Leg::AtStop { .. } if mood.ends_early => DeviceAction::Complete {
                trip: id,
                claim: None,
            },
            Leg::AtStop { .. } => DeviceAction::LeaveStop { trip: id },
        })
    }

    fn drive_on(&mut self, driver: usize, trip: &ReplicaTrip) -> Wish {
        let id = trip.current.request.trip;
        match self.at_least_there(driver, id, trip.current.stops.dropoff, 0) {
            Some(()) => Wish::Act(DeviceAction::Complete {
                trip: id,
                claim: None,
            }),
            None => Wish::Wait,
        }
    }

    /// Drives to a place. Answers once the car has stood there for so long.
    fn at_least_there(
        &mut self,
        driver: usize,
        trip: TripId,
        place: LatLng,
        long: Moment,
    ) -> Option<()> {
        let now = self.now;
        let person = &mut self.drivers[driver];
        let there = person.car.drive_to(place, now, &mut person.chance);
        let mood = person.moods.get_mut(&trip)?;
        if there > now {
            return None;
        }
        let since = match mood.there_since {
            Some((at, since)) if at == place => since,
            _ => {
                mood.there_since = Some((place, now));
                now
            }
        };
        (now >= since + long).then_some(())
    }
}

fn after_ride(
    trip: &ReplicaTrip,
    mood: &Mood,
    photographed: &std::collections::BTreeSet<TripId>,
) -> Wish {
    let id = trip.current.request.trip;
    if let Some(fare) = trip.fare.as_ref().filter(|_| !trip.cash_taken) {
        let mut amount = fare.total();
        amount.amount_minor += fare.tip_minor;
        return Wish::Act(DeviceAction::TakeCash { trip: id, amount });
    }
    if mood.rates && !trip.rated {
        return Wish::Act(DeviceAction::Rate {
            trip: id,
            stars: 5,
            comment: None,
        });
    }
    if mood.photo && !photographed.contains(&id) {
        return Wish::Photo(id);
    }
    Wish::Wait
}
