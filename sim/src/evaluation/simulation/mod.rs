//! The day itself: events in virtual time, and what they change.

mod rounds;
mod trips;

use std::sync::Arc;
use std::time::Duration;

use wayfare_core::geo::LatLng;
use wayfare_core::roads::RoadNetwork;
use wayfare_dispatch::{RoadTravel, Rules};

use super::agenda::Agenda;
use super::answers::{Answers, Question};
use super::figures::{Day, Figures};
use super::fleet::{Car, Fleet};
use super::journal::{Entry, What};
use super::journeys::Journeys;
use super::policy::Policy;
use super::riders::Rider;
use super::ways::FREE_BPS;

/// Under which conditions demand is replayed.
#[derive(Debug, Clone)]
pub struct Conditions {
    /// How drivers are chosen.
    pub policy: Policy,
    /// From one round to the next, of batch.
    pub window: Duration,
    /// What the operator chose.
    pub rules: Rules,
    /// Of where cars begin and of what drivers answer.
    pub seed: u64,
    /// Share of the offers that are declined.
    pub decline: f64,
    /// Riders without a driver give up after this.
    pub patience: Duration,
    /// Until a rider sits.
    pub boarding: Duration,
    /// Drivers who waited so long at a place go to where riders are likely.
    pub roam_after: Option<Duration>,
}

/// Something that comes. Riders and cars are told by their number.
#[derive(Debug, Clone, Copy)]
enum Event {
    Requests(usize),
    Round,
    Answers(Question),
    GivesUp(usize),
    PicksUp { car: usize, rider: usize },
    Leaves { car: usize, rider: usize },
    DropsOff { car: usize, rider: usize },
    Roams { car: usize, since: Duration },
    Arrives { car: usize, since: Duration },
}

/// A day that is replayed.
#[derive(Debug)]
pub struct Simulation<'a> {
    conditions: Conditions,
    journeys: &'a Journeys,
    roads: &'a RoadNetwork,
    travel: RoadTravel,
    answers: Answers,
    agenda: Agenda<Event>,
    fleet: Fleet,
    riders: Vec<Rider>,
    /// Those who look for a driver, who asked first first.
    looking: Vec<usize>,
    /// The only round that is still to come.
    round_at: Option<Duration>,
    /// How long rounds took in real time.
    rounds: Vec<Duration>,
    journal: Vec<Entry>,
}

impl<'a> Simulation<'a> {
    /// A day with cars that wait at these places.
    pub fn new(
        roads: &'a Arc<RoadNetwork>,
        journeys: &'a Journeys,
        conditions: Conditions,
        cars: Vec<LatLng>,
    ) -> Self {
        let forward_within = match conditions.policy.asks_ahead() {
            true => conditions.rules.forward_within.to_std().unwrap_or_default(),
            false => Duration::ZERO,
        };
        let mut agenda = Agenda::new();
        for (rider, journey) in journeys.list.iter().enumerate() {
            agenda.note(journey.at, Event::Requests(rider));
        }
        let riders = journeys.list.iter().map(|_| Rider::expected());
        Self {
            answers: Answers {
                seed: conditions.seed,
                decline: conditions.decline,
            },
            conditions,
            journeys,
            roads,
            travel: RoadTravel {
                roads: roads.clone(),
                slowness_bps: FREE_BPS,
            },
            agenda,
            fleet: Fleet::new(cars, journeys.begins_at, forward_within),
            riders: riders.collect(),
            looking: Vec::new(),
            round_at: None,
            rounds: Vec::new(),
            journal: Vec::new(),
        }
    }

    /// Lives the day until the last rider has arrived or gone.
    pub fn run(mut self) -> Figures {
        self.live();
        Figures::of(&Day {
            conditions: &self.conditions,
            journeys: self.journeys,
            fleet: self.fleet.cars.len(),
            journal: &self.journal,
            rounds: &self.rounds,
        })
    }

    /// What happened, without figures.
    #[cfg(test)]
    pub(super) fn into_journal(mut self) -> Vec<Entry> {
        self.live();
        self.journal
    }

    fn live(&mut self) {
        for car in 0..self.fleet.cars.len() {
            self.waits(car);
        }
        while let Some(event) = self.agenda.next() {
            self.happens(event);
        }
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Requests(rider) => self.requests(rider),
            Event::Round => self.round(),
            Event::Answers(question) => self.answers(question),
            Event::GivesUp(rider) => self.gives_up(rider),
            Event::PicksUp { car, rider } => self.picks_up(car, rider),
            Event::Leaves { car, rider } => self.note(rider, What::Left { car }),
            Event::DropsOff { car, rider } => self.drops_off(car, rider),
            Event::Roams { car, since } => self.roams(car, since),
            Event::Arrives { car, since } => self.arrives(car, since),
        }
    }

    fn note(&mut self, rider: usize, what: What) {
        let at = self.agenda.now();
        self.journal.push(Entry { at, rider, what });
    }
}
