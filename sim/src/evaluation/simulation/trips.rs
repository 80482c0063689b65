//! Driving: to the pickup, and with the rider.

use std::time::Duration;

use super::{Event, Simulation};
use crate::chance::{Stream, chance};
use crate::evaluation::answers::Question;
use crate::evaluation::fleet::{Car, Doing, Ride};
use crate::evaluation::journal::What;
use crate::evaluation::riders::Stage;
use crate::evaluation::roaming::Roam;
use crate::evaluation::ways::way;

impl Simulation<'_> {
    /// A car leaves for the pickup of its rider.
    pub(super) fn sets_out(&mut self, question: Question) {
        let Question { rider, car } = question;
        let (Some(leaving), Some(journey)) =
            (self.fleet.cars.get_mut(car), self.journeys.list.get(rider))
        else {
            return;
        };
        let now = self.agenda.now();
        let from = leaving.position(now);
        let Some(way) = way(self.roads, from, journey.pickup) else {
            // The plan knows the same roads, so this happens only where it could not tell.
            self.agenda
                .note(journey.at + self.conditions.patience, Event::GivesUp(rider));
            self.looks_on(question);
            return;
        };
        leaving.is_at(from, Doing::Approaching);
        let way_m = way.length_m;
        self.note(rider, What::SetOut { car, way_m });
        self.agenda
            .note(now + way.duration, Event::PicksUp { car, rider });
    }

    pub(super) fn picks_up(&mut self, car: usize, rider: usize) {
        let (Some(there), Some(journey)) =
            (self.fleet.cars.get_mut(car), self.journeys.list.get(rider))
        else {
            return;
        };
        let now = self.agenda.now();
        let ride = Ride::of(journey, now + self.conditions.boarding);
        there.is_at(journey.pickup, Doing::Riding(ride));
        self.note(rider, What::PickedUp { car });
        self.agenda.note(ride.begins, Event::Leaves { car, rider });
        let ends = ride.begins + ride.takes;
        self.agenda.note(ends, Event::DropsOff { car, rider });
        self.fleet.tell(car, now);
        if self.conditions.policy.asks_ahead() {
            self.look();
        }
    }

    pub(super) fn drops_off(&mut self, car: usize, rider: usize) {
        let now = self.agenda.now();
        let (Some(free), Some(one)) = (self.fleet.cars.get_mut(car), self.riders.get_mut(rider))
        else {
            return;
        };
        if let Doing::Riding(ride) = free.doing {
            free.is_at(ride.to, Doing::Waiting);
        }
        free.last = Some(rider);
        free.idle_since = now;
        free.roamed = 0;
        one.stage = Stage::Gone;
        let next = free.next.take();
        self.note(rider, What::DroppedOff { car });
        if let Some(rider) = next {
            self.sets_out(Question { rider, car });
        }
        self.waits(car);
        self.fleet.tell(car, now);
        self.look();
    }

    /// A car that does nothing else waits from now on where it is, but not for ever.
    pub(super) fn waits(&mut self, car: usize) {
        let now = self.agenda.now();
        let waiting = self.fleet.cars.get_mut(car);
        let Some(waiting) = waiting.filter(|one| one.doing == Doing::Waiting) else {
            return;
        };
        waiting.waits_since = now;
        if let Some(after) = self.conditions.roam_after {
            self.agenda
                .note(now + after, Event::Roams { car, since: now });
        }
    }

    /// A driver who has waited since then goes to where riders are likely.
    pub(super) fn roams(&mut self, car: usize, since: Duration) {
        let now = self.agenda.now();
        let waiting = self.fleet.cars.get_mut(car);
        let Some(waiting) =
            waiting.filter(|one| one.doing == Doing::Waiting && one.waits_since == since)
        else {
            return;
        };
        if now >= self.journeys.span {
            // Nobody else will ask.
            return;
        }
        // Where to depends on the driver and the rider before, not on what others do.
        let rider = waiting.last.map_or(0, |last| last.saturating_add(1));
        let drawn = Stream::Roam { driver: car, rider };
        let mut chance = chance(self.conditions.seed, drawn);
        let draws = (0..=waiting.roamed).map(|_| self.journeys.draw_pickup(&mut chance));
        let to = draws.last().flatten();
        let from = waiting.position(now);
        let roam = to.and_then(|to| Roam::along(self.roads, (from, to), now));
        if let Some(roam) = roam {
            self.agenda.note(roam.ends(), Event::Arrives { car, since });
            waiting.doing = Doing::Roaming(roam);
            waiting.roamed += 1;
        }
    }

    /// A driver who roamed since then has arrived.
    pub(super) fn arrives(&mut self, car: usize, since: Duration) {
        let now = self.agenda.now();
        let roaming = self.fleet.cars.get_mut(car);
        let is_roaming = |one: &Car| matches!(one.doing, Doing::Roaming(_));
        if let Some(there) = roaming.filter(|one| is_roaming(one) && one.waits_since == since) {
            there.is_at(there.position(now), Doing::Waiting);
            self.waits(car);
        }
    }
}
