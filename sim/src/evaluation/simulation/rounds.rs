//! Looking for drivers: who asks, who is asked, what comes of it.

use std::time::{Duration, Instant};

use wayfare_core::vehicle::VehicleClass;
use wayfare_dispatch::{Exclusion, FeatureSet, Needs, Proposal, Request, Round};

use super::{Event, Simulation};
use crate::evaluation::answers::Question;
use crate::evaluation::journal::What;
use crate::evaluation::riders::{self, Stage};

/// So many drivers are asked for a trip before it expires.
const OFFERS_MAX: u32 = 5;

impl Simulation<'_> {
    pub(super) fn requests(&mut self, rider: usize) {
        let Some(one) = self.riders.get_mut(rider) else {
            return;
        };
        one.stage = Stage::Looking;
        self.looking.push(rider);
        self.note(rider, What::Requested);
        let gives_up = self.agenda.now() + self.conditions.patience;
        self.agenda.note(gives_up, Event::GivesUp(rider));
        self.look();
    }

    /// Notes the next round, as something changed.
    pub(super) fn look(&mut self) {
        if !self.looking.is_empty() {
            let conditions = &self.conditions;
            let at = conditions
                .policy
                .round_after(self.agenda.now(), conditions.window);
            self.note_round(at);
        }
    }

    fn note_round(&mut self, at: Duration) {
        if self.round_at.is_none_or(|noted| at < noted) {
            self.round_at = Some(at);
            self.agenda.note(at, Event::Round);
        }
    }

    /// Plans a round and asks the drivers. One that an earlier round took the place of is left out.
    pub(super) fn round(&mut self) {
        let now = self.agenda.now();
        if self.round_at != Some(now) {
            return;
        }
        self.round_at = None;
        if self.looking.is_empty() {
            return;
        }
        self.fleet.report(now);
        let requests: Vec<Request> = self
            .looking
            .iter()
            .filter_map(|r| self.request(*r))
            .collect();
        let round = Round {
            at: self.fleet.begins_at + now,
            rules: &self.conditions.rules,
            requests: &requests,
            index: &self.fleet.index,
            travel: &self.travel,
        };
        let began = Instant::now();
        let plan = self.conditions.policy.plan(&round);
        self.rounds.push(began.elapsed());
        for proposal in &plan.proposals {
            self.ask(proposal);
        }
        if !self.looking.is_empty() {
            let conditions = &self.conditions;
            let again = conditions.policy.round_again(now, conditions.window);
            self.note_round(again);
        }
    }

    fn request(&self, rider: usize) -> Option<Request> {
        let (one, journey) = (self.riders.get(rider)?, self.journeys.list.get(rider)?);
        Some(Request {
            trip: riders::trip_id(rider),
            pickup: journey.pickup,
            dropoff: journey.dropoff,
            vehicle_class: VehicleClass::Standard,
            needs: Needs {
                seats: 1,
                load_kg: 0,
                features: FeatureSet::default(),
            },
            since: self.fleet.begins_at + journey.at,
            waves: one.offers,
            queue: None,
            excluded: one.excluded.clone(),
        })
    }

    fn ask(&mut self, proposal: &Proposal) {
        let numbers = (
            riders::rider_of(proposal.trip),
            riders::car_of(proposal.driver),
        );
        let (Some(rider), Some(car)) = numbers else {
            return;
        };
        let (Some(one), Some(asked)) = (self.riders.get_mut(rider), self.fleet.cars.get_mut(car))
        else {
            return;
        };
        // What a plan must never say is not done, and the figures show it.
        if one.stage != Stage::Looking || asked.asked_for.is_some() || asked.next.is_some() {
            return;
        }
        one.stage = Stage::Offered;
        one.offers += 1;
        asked.asked_for = Some(rider);
        self.looking.retain(|other| *other != rider);
        let forward = asked.is_riding();
        self.note(rider, What::Asked { car, forward });
        let now = self.agenda.now();
        self.fleet.tell(car, now);
        let question = Question { rider, car };
        let answer = self.answers.of(question);
        self.agenda
            .note(now + answer.after, Event::Answers(question));
    }

    /// A driver answers, unless the rider is gone.
    pub(super) fn answers(&mut self, question: Question) {
        let Question { rider, car } = question;
        let asked = self.fleet.cars.get_mut(car);
        let Some(asked) = asked.filter(|asked| asked.asked_for == Some(rider)) else {
            return;
        };
        asked.asked_for = None;
        if self.answers.of(question).accepts {
            self.accepts(question);
        } else {
            self.note(rider, What::Declined { car });
            self.looks_on(question);
        }
        let now = self.agenda.now();
        self.fleet.tell(car, now);
        self.look();
    }

    fn accepts(&mut self, question: Question) {
        let Question { rider, car } = question;
        self.note(rider, What::Accepted { car });
        if let Some(one) = self.riders.get_mut(rider) {
            one.stage = Stage::Taken;
        }
        let Some(taken) = self.fleet.cars.get_mut(car) else {
            return;
        };
        if taken.is_riding() {
            taken.next = Some(rider);
        } else {
            self.sets_out(question);
        }
    }

    /// The rider is offered to others, or to nobody any more.
    pub(super) fn looks_on(&mut self, question: Question) {
        let Question { rider, car } = question;
        let Some(one) = self.riders.get_mut(rider) else {
            return;
        };
        if one.offers >= OFFERS_MAX {
            one.stage = Stage::Gone;
            self.note(rider, What::Expired);
            return;
        }
        one.stage = Stage::Looking;
        one.excluded
            .insert(riders::driver_id(car), Exclusion::Asked);
        // Riders are numbered in the order of their time.
        let place = self.looking.partition_point(|other| *other < rider);
        self.looking.insert(place, rider);
    }

    /// A rider whom nobody took in time is gone, and whoever is asked need not answer.
    pub(super) fn gives_up(&mut self, rider: usize) {
        let Some(one) = self.riders.get_mut(rider) else {
            return;
        };
        if !matches!(one.stage, Stage::Looking | Stage::Offered) {
            return;
        }
        one.stage = Stage::Gone;
        self.looking.retain(|other| *other != rider);
        self.note(rider, What::GaveUp);
        let asked = |car: &super::Car| car.asked_for == Some(rider);
        if let Some(car) = self.fleet.cars.iter().position(asked) {
            if let Some(asked) = self.fleet.cars.get_mut(car) {
                asked.asked_for = None;
            }
            let now = self.agenda.now();
            self.fleet.tell(car, now);
            self.look();
        }
    }
}
