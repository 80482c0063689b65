//! Riders, admins and the dispatcher: those who have a network.

use rand::RngExt;
use rand::seq::SliceRandom;
use uuid::Uuid;
use wayfare_core::id::TripId;
use wayfare_core::trip::{CancelReason, Pin, Stops, TripState};

use super::agenda::{MINUTE, Moment, SECOND, utc};
use super::backend::{Backend, Deed, Glimpse};
use super::car::somewhere;
use super::world::{Event, World};

/// Who was not given a car within this goes another way.
const SEARCH_MAX: Moment = 8 * MINUTE;
/// Nobody asks for a trip so shortly before the shifts end.
const LAST_TRIP: Moment = 8 * MINUTE;

impl<B: Backend> World<B> {
    /// A rider wants to go somewhere, now or after the present trip.
    pub(super) fn ride(&mut self, rider: usize) {
        if self.now + LAST_TRIP > self.end {
            return;
        }
        let person = &mut self.riders[rider];
        let chance = &mut person.chance;
        let pause = chance.random_range(2 * MINUTE..12 * MINUTE);
        let trip = TripId::from_uuid(Uuid::from_u128(chance.random()));
        let waypoints = [0, 0, 0, 1, 1, 2][chance.random_range(0..6)];
        let pin = Pin::from_number(chance.random_range(1..10_000));
        let deed = Deed::Ask {
            trip,
            rider: person.id,
            pickup: somewhere(chance),
            stops: Stops {
                waypoints: (0..waypoints).map(|_| somewhere(chance)).collect(),
                dropoff: somewhere(chance),
            },
            pin,
        };
        let meddles = chance.random_range(0..3_u32);
        let moments: Vec<Moment> = (0..meddles)
            .map(|_| chance.random_range(20 * SECOND..15 * MINUTE))
            .collect();
        if self.deed(&deed) {
            self.pins.insert(trip, pin);
            for after in moments {
                self.agenda.at(self.now + after, Event::Meddle(trip));
            }
        }
        self.agenda.at(self.now + pause, Event::Ride(rider));
    }

    /// Somebody changes their mind about a trip.
    pub(super) fn meddle(&mut self, trip: TripId) {
        if self.healed.is_some() {
            return;
        }
        let trips = self.backend.trips();
        let Some(glimpse) = trips.into_iter().find(|glimpse| glimpse.trip == trip) else {
            return;
        };
        let deed = match self.town.random_range(0..10) {
            0..=2 => Deed::Cancel {
                trip,
                reason: CancelReason::ChangedMind,
            },
            3..=6 => Deed::ChangeStops {
                trip,
                stops: self.other_stops(&glimpse),
            },
            7 => Deed::Complete { trip },
            _ => Deed::Reassign { trip },
        };
        let done = self.deed(&deed);
        // Who called a trip off often asks for another one at once.
        if done && matches!(deed, Deed::Cancel { .. }) && self.town.random_bool(0.5) {
            let rider = self
                .riders
                .iter()
                .position(|rider| rider.id == glimpse.rider);
            if let Some(rider) = rider {
                self.agenda.at(self.now + 10 * SECOND, Event::Ride(rider));
            }
        }
    }

    fn other_stops(&mut self, glimpse: &Glimpse) -> Stops {
        let mut stops = glimpse.stops.clone();
        match self.town.random_range(0..3) {
            0 => stops.dropoff = somewhere(&mut self.town),
            1 if stops.waypoints.len() < 3 => {
                let at = self
                    .town
                    .random_range(glimpse.passed..=stops.waypoints.len());
                stops.waypoints.insert(at, somewhere(&mut self.town));
            }
            _ if stops.waypoints.len() > glimpse.passed => {
                stops.waypoints.truncate(glimpse.passed);
            }
            _ => stops.dropoff = somewhere(&mut self.town),
        }
        stops
    }

    /// The dispatcher proposes trips to drivers, and ends what took too long.
    pub(super) fn dispatch(&mut self) {
        if self.healed.is_some() {
            return;
        }
        self.agenda.at(self.now + 5 * SECOND, Event::Dispatch);
        let asked_before = utc(self.now) - chrono::TimeDelta::milliseconds(millis(SEARCH_MAX));
        self.deed(&Deed::Expire { asked_before });
        let open =
            |glimpse: &Glimpse| matches!(glimpse.state, TripState::Requested) && !glimpse.proposed;
        let trips: Vec<TripId> = self
            .backend
            .trips()
            .iter()
            .filter(|glimpse| open(glimpse))
            .map(|glimpse| glimpse.trip)
            .collect();
        for trip in trips {
            let mut order: Vec<usize> = (0..self.drivers.len()).collect();
            order.shuffle(&mut self.town);
            for driver in order {
                let lasts = self.town.random_range(15 * SECOND..60 * SECOND);
                let deed = Deed::Propose {
                    trip,
                    driver: self.drivers[driver].id,
                    until: utc(self.now + lasts),
                };
                if self.deed(&deed) {
                    break;
                }
            }
        }
    }
}

fn millis(moment: Moment) -> i64 {
    i64::try_from(moment).unwrap_or(i64::MAX / 4)
}
