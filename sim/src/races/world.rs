//! One interleaving: everybody at once for a while, and then in peace until every trip is over.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use rand::{RngExt, SeedableRng};
use wayfare_core::trip::TripState;

use super::checks::{Checks, Wrong};
use super::database::{Database, Tx};
use super::people::{Mood, wish};
use super::protections::Protections;
use super::report::Report;
use super::requests::{Answer, Person, Request, serve};
use super::rounds::{Leader, cars, list_waiting, round, take_lease};
use super::rows::OfferStatus;
use super::session::Shared;
use super::trace;
use crate::chance::Chance;

/// Choices of the scheduler while everybody does what they want.
const WILD_STEPS: u32 = 240;
/// Rounds of the peace after it. So many are never needed.
const PEACE_ROUNDS: u32 = 400;
/// After so many rounds in which nothing happened, time makes a leap.
const QUIET_ROUNDS: u32 = 7;
/// Requests that go on at the same time.
const TASKS_MAX: usize = 12;
/// A request is sent so often at most before its answer is waited for.
const ATTEMPTS_MAX: u8 = 3;

/// What is different from seed to seed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub(super) trips: usize,
    pub(super) drivers: usize,
    pub(super) broadcast: bool,
    /// How long a driver is looked for, in seconds.
    pub(super) search_timeout_s: i64,
    /// How often drivers give back what they can give back, of ten times.
    pub(super) fickle: u32,
}

impl Plan {
    fn by(chance: &mut Chance) -> Self {
        Self {
            trips: chance.random_range(1..=4),
            drivers: chance.random_range(2..=6),
            broadcast: chance.random_bool(0.4),
            search_timeout_s: if chance.random_bool(0.3) { 60 } else { 600 },
            fickle: [1, 4, 9][chance.random_range(0..3)],
        }
    }

    /// How many are asked at once.
    pub(super) const fn at_once(&self) -> usize {
        if self.broadcast { 2 } else { 1 }
    }

    pub(super) const fn waves_max(&self) -> u32 {
        if self.broadcast { 3 } else { 5 }
    }
}

/// "The trip is yours", said to a driver.
#[derive(Debug, Clone, Copy)]
pub(super) struct Promise {
    pub(super) driver: usize,
    pub(super) trip: usize,
    pub(super) releases: u32,
}

/// What came of a task.
enum Done {
    Served(Request, Answer),
    Lease(usize, Option<u32>),
    Round(usize, bool),
}

/// Something that a server process is doing.
struct Task {
    of: Owner,
    work: Pin<Box<dyn Future<Output = Done>>>,
    tx: Option<Tx>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Person(Person),
    Leader(usize),
}

/// Somebody with a phone.
struct Client {
    who: Person,
    waits_for: Option<Request>,
    attempts: u8,
}

/// A process that wants to be the leader.
#[derive(Default)]
struct Process {
    epoch: Option<u32>,
}

pub(super) struct World {
    shared: Shared,
    plan: Plan,
    chance: Chance,
    tasks: Vec<Task>,
    clients: Vec<Client>,
    processes: [Process; 2],
    promises: Vec<Promise>,
    checks: Checks,
    checked: u64,
    steps: u64,
}

/// What came of an interleaving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) report: Report,
    pub(super) wrong: Option<Wrong>,
}

/// Runs an interleaving, up to the first thing that goes wrong.
pub(super) fn run(seed: u64, protections: Protections, traced: bool) -> Outcome {
    let mut chance = Chance::seed_from_u64(seed);
    let plan = Plan::by(&mut chance);
    let mut database = Database::new(plan.trips, plan.drivers, protections);
    database.traced = traced;
    trace::tell(&database, || format!("seed {seed}: {plan:?}"));
    let drivers = (0..plan.drivers).map(Person::Driver);
    let riders = (0..plan.trips).map(Person::Rider);
    let client = |who| Client {
        who,
        waits_for: None,
        attempts: 0,
    };
    let mut world = World {
        shared: Rc::new(RefCell::new(database)),
        plan,
        chance,
        tasks: Vec::with_capacity(TASKS_MAX),
        clients: drivers.chain(riders).map(client).collect(),
        processes: Default::default(),
        promises: Vec::new(),
        checks: Checks::default(),
        checked: 0,
        steps: 0,
    };
    let outcome = world.be_wild().and_then(|()| world.be_peaceful());
    if let Err(wrong) = outcome {
        trace::tell(&world.shared.borrow(), || format!("WRONG: {wrong:?}"));
    }
    let wrong = outcome.err();
    Outcome {
        report: world.report(seed, wrong),
        wrong,
    }
}

impl World {
    fn be_wild(&mut self) -> Result<(), Wrong> {
        for _ in 0..WILD_STEPS {
            match self.chance.random_range(0..100) {
                0..=59 => self.step_any(true)?,
                60..=79 => {
                    let chosen = self.chance.random_range(0..self.clients.len());
                    self.ask(chosen, false);
                }
                80..=90 => self.lead(),
                91..=97 => {
                    let seconds = self.chance.random_range(1..=5);
                    self.pass(seconds);
                }
                _ => self.crash(),
            }
        }
        Ok(())
    }

    /// Nobody changes their mind any more, nothing gets lost, and every trip comes to an end.
    fn be_peaceful(&mut self) -> Result<(), Wrong> {
        trace::tell(&self.shared.borrow(), || "peace".to_owned());
        let mut quiet = 0;
        for _ in 0..PEACE_ROUNDS {
            self.finish()?;
            if self.is_over() {
                return Ok(());
            }
            let before = self.progress();
            self.lead_both();
            self.finish()?;
            for client in 0..self.clients.len() {
                self.ask(client, true);
            }
            self.finish()?;
            quiet = if self.progress() == before {
                quiet + 1
            } else {
                0
            };
            if quiet < QUIET_ROUNDS {
                self.pass(3);
                continue;
            }
            self.check_nobody_is_overlooked()?;
            self.pass(self.plan.search_timeout_s);
            quiet = 0;
        }
        Err(Wrong::Lost("a trip never ends"))
    }

    /// If nothing happens any more although a trip waits, nobody is there who could be asked.
    fn check_nobody_is_overlooked(&self) -> Result<(), Wrong> {
        let mut database = self.shared.borrow_mut();
        let tx = database.begin();
        let waiting = list_waiting(&database, tx, self.plan);
        let cars = cars(&database, tx);
        database.end(tx, false);
        for car in cars {
            if waiting.iter().any(|waits| waits.could_ask(car.driver)) {
                return Err(Wrong::Lost("a driver who fits is never asked"));
            }
        }
        Ok(())
    }

    /// What changes when anything happens to a trip.
    fn progress(&self) -> (usize, u32, usize) {
        let database = self.shared.borrow();
        let versions = database.committed_trips().map(|(_, row)| row.trip.version);
        let open = |status| status == OfferStatus::Open;
        let answered = database
            .committed_offers()
            .filter(|(_, offer)| !open(offer.status));
        (database.offers.len(), versions.sum(), answered.count())
    }

    fn is_over(&self) -> bool {
        let database = self.shared.borrow();
        let over = database.committed_trips().all(|(_, row)| row.is_over());
        over && self.tasks.is_empty()
    }

    /// Lets everything that was begun come to its end.
    fn finish(&mut self) -> Result<(), Wrong> {
        let mut idle = 0_u32;
        while !self.tasks.is_empty() {
            let before = self.steps;
            self.step_any(false)?;
            idle = if self.steps == before { idle + 1 } else { 0 };
            if idle > 1_000 {
                return Err(Wrong::Deadlock);
            }
        }
        Ok(())
    }

    /// Somebody makes the next step.
    fn step_any(&mut self, wild: bool) -> Result<(), Wrong> {
        if self.tasks.is_empty() {
            return Ok(());
        }
        let chosen = self.chance.random_range(0..self.tasks.len());
        let Some(task) = self.tasks.get_mut(chosen) else {
            return Ok(());
        };
        {
            let mut database = self.shared.borrow_mut();
            if task.tx.is_some_and(|tx| database.is_waiting(tx)) {
                return Ok(());
            }
            database.last = None;
            if database.traced {
                database.actor = task.of.to_string();
            }
        }
        self.steps += 1;
        let mut context = Context::from_waker(Waker::noop());
        let polled = task.work.as_mut().poll(&mut context);
        task.tx = self.shared.borrow().last;
        if let Poll::Ready(done) = polled {
            drop(self.tasks.swap_remove(chosen));
            self.hear(done, wild);
        }
        let commits = self.shared.borrow().commits;
        let deadlocks = self.shared.borrow().deadlocks;
        if commits != self.checked || deadlocks > 0 {
            self.checked = commits;
            let database = self.shared.borrow();
            self.checks.check(&database, self.plan, &self.promises)?;
        }
        Ok(())
    }

    /// An answer reaches the one who asked, or gets lost on the way.
    fn hear(&mut self, done: Done, wild: bool) {
        match done {
            Done::Lease(process, epoch) => self.processes[process].epoch = epoch,
            Done::Round(process, leads) => {
                if !leads {
                    self.processes[process].epoch = None;
                }
            }
            Done::Served(request, answer) => {
                if wild && self.chance.random_bool(0.1) {
                    trace::tell(&self.shared.borrow(), || {
                        format!("{:?}: the answer gets lost: {answer:?}", request.who)
                    });
                    return;
                }
                trace::tell(&self.shared.borrow(), || {
                    format!(
                        "{:?}: {:?} is answered: {answer:?}",
                        request.who, request.ask
                    )
                });
                if let (Answer::Yours { trip, releases }, Person::Driver(driver)) =
                    (answer, request.who)
                {
                    self.promises.push(Promise {
                        driver,
                        trip,
                        releases,
                    });
                }
                let clients = self.clients.iter_mut();
                for client in clients.filter(|client| client.waits_for == Some(request)) {
                    client.waits_for = None;
                    client.attempts = 0;
                }
            }
        }
    }

    /// Somebody asks for something, or asks again for what was not answered.
    fn ask(&mut self, chosen: usize, peaceful: bool) {
        if self.tasks.len() >= TASKS_MAX {
            return;
        }
        let Some(client) = self.clients.get_mut(chosen) else {
            return;
        };
        if client.waits_for.is_some() && client.attempts >= ATTEMPTS_MAX && !peaceful {
            return;
        }
        let request = client.waits_for.or_else(|| {
            let mut database = self.shared.borrow_mut();
            let mood = Mood {
                peaceful,
                fickle: self.plan.fickle,
            };
            let ask = wish(&database, client.who, mood, &mut self.chance)?;
            database.keys.push(super::database::Row::absent());
            Some(Request {
                who: client.who,
                ask,
                key: database.keys.len() - 1,
            })
        });
        let Some(request) = request else {
            return;
        };
        client.waits_for = Some(request);
        client.attempts = client.attempts.saturating_add(1);
        trace::tell(&self.shared.borrow(), || {
            format!("{:?} asks: {:?}", request.who, request.ask)
        });
        let shared = Rc::clone(&self.shared);
        self.tasks.push(Task {
            of: Owner::Person(request.who),
            work: Box::pin(async move { Done::Served(request, serve(shared, request).await) }),
            tx: None,
        });
    }

    /// One of the processes that want to lead does its next piece of work.
    fn lead(&mut self) {
        let process = self.chance.random_range(0..self.processes.len());
        if self
            .tasks
            .iter()
            .any(|task| task.of == Owner::Leader(process))
        {
            return;
        }
        let leads = self.processes[process].epoch;
        let renews = leads.is_some() && self.chance.random_bool(0.15);
        self.start(process, leads.filter(|_| !renews));
    }

    /// Both processes do their work. One of them is the leader.
    fn lead_both(&mut self) {
        for process in 0..self.processes.len() {
            let leads = self.processes[process].epoch;
            self.start(process, leads);
        }
    }

    /// A round in this epoch, or asking for the lease.
    fn start(&mut self, process: usize, epoch: Option<u32>) {
        let shared = Rc::clone(&self.shared);
        let plan = self.plan;
        let work: Pin<Box<dyn Future<Output = Done>>> = match epoch {
            None => {
                Box::pin(async move { Done::Lease(process, take_lease(shared, process).await) })
            }
            Some(epoch) => {
                let chance = Chance::seed_from_u64(self.chance.random());
                let leader = Leader { process, epoch };
                Box::pin(
                    async move { Done::Round(process, round(shared, leader, plan, chance).await) },
                )
            }
        };
        self.tasks.push(Task {
            of: Owner::Leader(process),
            work,
            tx: None,
        });
    }

    /// A process dies in the middle of what it was doing. Whoever asked it hears nothing.
    fn crash(&mut self) {
        if self.tasks.is_empty() {
            return;
        }
        let chosen = self.chance.random_range(0..self.tasks.len());
        let dead = self.tasks.swap_remove(chosen);
        trace::tell(&self.shared.borrow(), || {
            format!("the process that works for {} dies", dead.of)
        });
        if let Owner::Leader(process) = dead.of {
            self.processes[process].epoch = None;
        }
    }

    fn pass(&mut self, seconds: i64) {
        self.shared.borrow_mut().now += seconds;
    }

    fn report(&self, seed: u64, wrong: Option<Wrong>) -> Report {
        let database = self.shared.borrow();
        let offers = |status: OfferStatus| {
            let offers = database.committed_offers();
            count(offers.filter(|(_, offer)| offer.status == status).count())
        };
        let cancelled = database.committed_trips();
        let cancelled =
            cancelled.filter(|(_, row)| matches!(row.trip.state, TripState::Cancelled { .. }));
        let releases = database.committed_trips().map(|(_, row)| row.trip.releases);
        let ahead = database.committed_offers().filter(|(_, offer)| {
            let taken = [OfferStatus::Accepted, OfferStatus::Released];
            offer.forward && taken.contains(&offer.status)
        });
        let is = |kind: bool| u64::from(kind);
        Report {
            interleavings: 1,
            steps: self.steps,
            accepted: offers(OfferStatus::Accepted) + offers(OfferStatus::Released),
            taken_ahead: count(ahead.count()),
            declined: offers(OfferStatus::Declined),
            timed_out: offers(OfferStatus::TimedOut),
            cancelled: count(cancelled.count()),
            reassigned: releases.map(u64::from).sum(),
            double_assignments: is(matches!(wrong, Some(Wrong::Double(_)))),
            lost_trips: is(matches!(wrong, Some(Wrong::Lost(_)))),
            deadlocks: is(matches!(wrong, Some(Wrong::Deadlock))),
            other_violations: is(matches!(wrong, Some(Wrong::Other(_)))),
            first_failing_seed: wrong.map(|_| seed),
        }
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

impl std::fmt::Display for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Person(Person::Driver(number)) => write!(f, "driver {number}"),
            Self::Person(Person::Rider(number)) => write!(f, "rider {number}"),
            Self::Leader(number) => write!(f, "leader {number}"),
        }
    }
}
