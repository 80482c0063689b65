//! One seed: a few drivers with their phones, riders, a dispatcher, and everything that goes wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rand::RngExt;
use uuid::Uuid;
use wayfare_core::id::{DriverId, RiderId, TripId, UserId, VehicleId};
use wayfare_core::sync::device::{Device, Request};
use wayfare_core::sync::engine::{CallId, Effect, Input, Network};
use wayfare_core::trip::Pin;

use super::agenda::{Agenda, HOUR, MINUTE, Moment, SECOND};
use super::backend::{Backend, Deed};
use super::calls::{Flight, Parked};
use super::car::{Car, somewhere};
use super::checks::Deeds;
use super::driver::Mood;
use super::phone::{Account, Called, Hardware, Stored};
use super::protections::Protections;
use super::report::Seen;
use super::trouble::{Faults, Mishap, Weather};
use crate::chance::{Chance, Stream, chance};

/// After the networks healed, everything has to be quiet within this.
const QUIET_WITHIN: Moment = 3 * HOUR;
/// So many events mean that something goes round in circles.
const EVENTS_MAX: u64 = 400_000;

/// What happens at a moment.
#[derive(Debug)]
pub(super) enum Event {
    /// A driver looks at the phone and does something.
    Turn(usize),
    /// Satellites tell a driver's phone where it is.
    Fix(usize),
    /// A device wanted to be woken.
    Wake { account: usize, life: u64 },
    /// A request reaches the server.
    Reaches(Box<Flight>),
    /// An answer reaches the device.
    Returns(Box<Flight>),
    /// A call for changes waited long enough.
    PollEnds(u64),
    /// Something happens to a phone.
    Mishap { account: usize, mishap: Mishap },
    /// The program is started again.
    Reopen { account: usize, life: u64 },
    /// The person signs in again.
    SignIn { account: usize, life: u64 },
    /// Somebody works on another person's device.
    Guest { account: usize, left: u32 },
    /// A rider wants to go somewhere.
    Ride(usize),
    /// A rider or an admin changes their mind about a trip.
    Meddle(TripId),
    /// The dispatcher looks for drivers.
    Dispatch,
    /// The server ends every call and starts anew.
    Restart,
    /// Every network works again, and every program runs.
    Heal,
}

/// A driver as a person.
#[derive(Debug)]
pub(super) struct Driver {
    pub(super) id: DriverId,
    pub(super) vehicle: VehicleId,
    pub(super) car: Car,
    pub(super) moods: BTreeMap<TripId, Mood>,
    /// Wants to work no more after this.
    pub(super) until: Moment,
    /// When the next thing may be done: people take their time.
    pub(super) busy_until: Moment,
    pub(super) chance: Chance,
    /// Measurements that the program has not written yet.
    pub(super) fixes: Vec<wayfare_core::track::segment::SegmentPoint>,
}

/// A rider as a person.
#[derive(Debug)]
pub(super) struct Rider {
    pub(super) id: RiderId,
    pub(super) chance: Chance,
}

/// How a seed is played.
#[derive(Debug, Clone, Copy)]
pub(super) struct Play {
    /// The seed.
    pub(super) seed: u64,
    /// What keeps it from harm.
    pub(super) protections: Protections,
    /// Every step is printed.
    pub(super) logged: bool,
}

/// Everything of one seed.
pub(super) struct World<B> {
    pub(super) play: Play,
    pub(super) now: Moment,
    pub(super) agenda: Agenda<Event>,
    pub(super) backend: B,
    pub(super) hardware: Vec<Hardware>,
    /// The drivers' first, in their order, then those of guests.
    pub(super) accounts: Vec<Account>,
    pub(super) drivers: Vec<Driver>,
    pub(super) riders: Vec<Rider>,
    pub(super) pins: BTreeMap<TripId, Pin>,
    /// Who sits in whose car.
    pub(super) aboard: BTreeMap<RiderId, usize>,
    pub(super) parked: BTreeMap<u64, Parked>,
    pub(super) abandoned: BTreeSet<(usize, u64, CallId)>,
    pub(super) in_flight: BTreeMap<usize, u32>,
    pub(super) weather: Weather,
    pub(super) net: Chance,
    pub(super) town: Chance,
    pub(super) faults: Faults,
    pub(super) deeds: Deeds,
    /// When the shifts end.
    pub(super) end: Moment,
    pub(super) healed: Option<Moment>,
    pub(super) quiet: Option<Moment>,
    /// When after that every command was answered.
    pub(super) told_at: Option<Moment>,
    /// What must not happen and did.
    pub(super) wrong: Vec<String>,
    pub(super) polls: u64,
}

impl<B: Backend> World<B> {
    /// A morning: everybody is there and nothing has happened.
    pub(super) fn new(play: Play, backend: B, folder: &Path) -> Self {
        let mut town = chance(play.seed, Stream::Demand);
        let weather = Weather::draw(&mut town);
        let end = town.random_range(25 * MINUTE..90 * MINUTE);
        let mut world = Self {
            play,
            now: 0,
            agenda: Agenda::default(),
            backend,
            hardware: Vec::new(),
            accounts: Vec::new(),
            drivers: Vec::new(),
            riders: Vec::new(),
            pins: BTreeMap::new(),
            aboard: BTreeMap::new(),
            parked: BTreeMap::new(),
            abandoned: BTreeSet::new(),
            in_flight: BTreeMap::new(),
            weather,
            net: chance(play.seed, Stream::Streets),
            town,
            faults: Faults::default(),
            deeds: Deeds::default(),
            end,
            healed: None,
            quiet: None,
            told_at: None,
            wrong: Vec::new(),
            polls: 0,
        };
        world.people(folder);
        world
    }

    fn people(&mut self, folder: &Path) {
        let count = self.town.random_range(1..=4_usize);
        for number in 0..count {
            let chance = chance(self.play.seed, Stream::Driver(number));
            self.driver(number, chance, folder);
        }
        for number in 0..count {
            let guest = UserId::from_uuid(Uuid::from_u128(self.town.random()));
            let account = Account::new(guest, number, folder, &mut self.town);
            self.register(account.driver());
            self.accounts.push(account);
        }
        for number in 0..count * 2 + 1 {
            let mut chance = chance(self.play.seed, Stream::Rider(number));
            let id = RiderId::from_uuid(Uuid::from_u128(chance.random()));
            let at = chance.random_range(5 * SECOND..5 * MINUTE);
            self.riders.push(Rider { id, chance });
            self.agenda.at(at, Event::Ride(number));
        }
        self.agenda.at(2 * SECOND, Event::Dispatch);
        let restart = self.town.random_range(0..self.end * 2);
        self.agenda.at(restart, Event::Restart);
        self.agenda.at(self.end, Event::Heal);
    }

    fn driver(&mut self, number: usize, mut chance: Chance, folder: &Path) {
        let user = UserId::from_uuid(Uuid::from_u128(chance.random()));
        let account = Account::new(user, number, folder, &mut chance);
        let vehicle = self.register(account.driver());
        self.hardware.push(Hardware::new(&mut chance));
        self.accounts.push(account);
        let weather = self.weather;
        for (at, mishap) in weather.plan(&mut chance, self.end) {
            let account = number;
            self.agenda.at(at, Event::Mishap { account, mishap });
        }
        let begins = chance.random_range(0..20 * SECOND);
        self.agenda.at(
            begins,
            Event::Reopen {
                account: number,
                life: 0,
            },
        );
        self.agenda.at(begins + SECOND, Event::Turn(number));
        self.agenda.at(begins + 2 * SECOND, Event::Fix(number));
        self.drivers.push(Driver {
            id: user.into(),
            vehicle,
            car: Car::at(somewhere(&mut chance)),
            moods: BTreeMap::new(),
            until: self.end.saturating_sub(chance.random_range(0..10 * MINUTE)),
            busy_until: 0,
            chance,
            fixes: Vec::new(),
        });
    }

    fn register(&mut self, driver: DriverId) -> VehicleId {
        let vehicle = VehicleId::from_uuid(Uuid::from_u128(self.town.random()));
        let deed = Deed::Register { driver, vehicle };
        self.deed(&deed);
        vehicle
    }

    /// Plays the seed to its end.
    pub(super) fn run(mut self) -> Seen {
        let mut events = 0_u64;
        while let Some((at, event)) = self.agenda.next() {
            self.now = self.now.max(at);
            events += 1;
            self.happens(event);
            if self.is_over(events) {
                break;
            }
        }
        self.stragglers();
        self.seen()
    }

    /// What was given up long ago comes to the server after everything, and must change nothing.
    fn stragglers(&mut self) {
        while let Some((at, event)) = self.agenda.next() {
            if let Event::Reaches(flight) = event {
                self.now = self.now.max(at);
                self.arrives_late(*flight);
            }
        }
    }

    fn is_over(&mut self, events: u64) -> bool {
        if !self.wrong.is_empty() {
            return true;
        }
        if events > EVENTS_MAX {
            self.fail("there is no end to it".to_owned());
            return true;
        }
        let Some(healed) = self.healed else {
            return false;
        };
        let waits = |account: &Account| {
            let pending = account.device.as_ref().map(Device::pending);
            pending.is_some_and(|pending| pending.commands > 0)
        };
        if self.told_at.is_none() && !self.accounts.iter().any(waits) {
            self.told_at = Some(self.now);
        }
        if self.is_quiet() {
            self.quiet = Some(self.now);
        }
        self.quiet.is_some() || self.now > healed + QUIET_WITHIN
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Turn(driver) => self.turn(driver),
            Event::Fix(driver) => self.fix(driver),
            Event::Wake { account, life } => {
                if self.accounts[account].life == life {
                    self.input(account, Input::Tick);
                }
            }
            Event::Reaches(flight) => self.reaches(*flight),
            Event::Returns(flight) => self.returns(*flight),
            Event::PollEnds(poll) => self.poll_ends(poll),
            Event::Mishap { account, mishap } => self.mishap(account, mishap),
            Event::Reopen { account, life } => {
                if self.accounts[account].life == life {
                    self.open(account);
                }
            }
            Event::SignIn { account, life } => {
                self.accounts[account].signed_in = true;
                if self.accounts[account].life == life {
                    self.input(account, Input::SignedIn);
                }
            }
            Event::Guest { account, left } => self.guest(account, left),
            Event::Ride(rider) => self.ride(rider),
            Event::Meddle(trip) => self.meddle(trip),
            Event::Dispatch => self.dispatch(),
            Event::Restart => self.restart(),
            Event::Heal => self.heal(),
        }
    }

    /// Starts the program of an account.
    pub(super) fn open(&mut self, account: usize) {
        if self.accounts[account].device.is_some() {
            return;
        }
        if let Err(error) = self.accounts[account].open() {
            self.fail(format!(
                "{}: the store does not open: {error}",
                self.name(account)
            ));
            return;
        }
        self.log(account, "the program starts");
        self.input(account, Input::Started);
        let link = self.hardware[self.accounts[account].hardware].link;
        if link != Network::Offline {
            self.input(account, Input::Network(link));
        }
    }

    /// Tells a device something and does what it says.
    pub(super) fn input(&mut self, account: usize, input: Input) {
        let time = self.time(account);
        let called = self.accounts[account].call(|device| device.input(input, time));
        let _stored = self.follow(account, called);
    }

    /// What the device's clocks say.
    pub(super) fn time(&self, account: usize) -> wayfare_core::sync::clock::DeviceTime {
        let hardware = &self.hardware[self.accounts[account].hardware];
        hardware.time(self.now, self.play.protections.clock_is_monotonic)
    }

    /// Does what a device says. Answers whether what was asked of it was stored.
    pub(super) fn follow(&mut self, account: usize, called: Called<Vec<Effect>>) -> Stored {
        match called {
            Called::Done(effects) => {
                self.effects(account, effects);
                Stored::Yes
            }
            Called::Refused(why) => {
                self.log(account, &format!("refuses: {why}"));
                self.deeds.refused_here += 1;
                Stored::No
            }
            Called::Torn(stored) => {
                self.faults.torn_commits += 1;
                self.log(account, "the program ends inside a commit");
                self.crash(account);
                stored
            }
            Called::Broken(error) => {
                self.fail(format!("{}: the device fails: {error}", self.name(account)));
                Stored::Perhaps
            }
            Called::Off => Stored::No,
        }
    }

    fn effects(&mut self, account: usize, effects: Vec<Effect>) {
        let life = self.accounts[account].life;
        for effect in effects {
            if self.healed.is_none() && self.weather.crashes(&mut self.net) {
                self.faults.crashes += 1;
                self.log(account, "the program ends between two steps");
                self.crash(account);
            }
            // The program may have ended in the effect before.
            if self.accounts[account].life != life {
                return;
            }
            match effect {
                Effect::Call { id, call } => self.send(account, id, call),
                Effect::Abandon(id) => {
                    self.abandoned.insert((account, life, id));
                }
                Effect::WakeAt(at) => {
                    let hardware = &self.hardware[self.accounts[account].hardware];
                    let at = hardware.moment(at, self.play.protections.clock_is_monotonic);
                    let at = at.max(self.now + 1);
                    self.agenda.at(at, Event::Wake { account, life });
                }
                Effect::NeedsSignIn => {
                    let calm = self.healed.is_some();
                    let after = if calm { 1..2 } else { 5 * SECOND..6 * MINUTE };
                    let at = self.now + self.net.random_range(after);
                    self.agenda.at(at, Event::SignIn { account, life });
                }
            }
        }
    }

    /// Ends a program, which is started again a little later.
    pub(super) fn crash(&mut self, account: usize) {
        self.end_program(account);
        let pause = self.net.random_range(100..30 * SECOND);
        let life = self.accounts[account].life;
        self.agenda
            .at(self.now + pause, Event::Reopen { account, life });
    }

    /// Ends a program. Nobody waits for its calls any more.
    pub(super) fn end_program(&mut self, account: usize) {
        self.accounts[account].kill();
        if let Some(driver) = self.drivers.get_mut(account) {
            // What was measured and not written yet is gone with the program.
            driver.fixes.clear();
        }
        self.in_flight.remove(&account);
        self.parked.retain(|_, parked| parked.account != account);
    }

    /// Does something on the server that people with a network do, and tells those who wait.
    pub(super) fn deed(&mut self, deed: &Deed) -> bool {
        let done = self
            .backend
            .perform(deed, super::agenda::utc(self.now))
            .is_ok();
        if done && self.play.logged && !matches!(deed, Deed::Expire { .. }) {
            self.say(&format!("town: {deed:?}"));
        }
        self.wake_parked();
        done
    }

    /// Whether everything that was to be done is done.
    fn is_quiet(&mut self) -> bool {
        let at_rest = self.accounts.iter().enumerate().all(|(number, account)| {
            let Some(device) = &account.device else {
                return account.life == 0;
            };
            let flights = self.in_flight.get(&number).copied().unwrap_or_default();
            // The call for changes that waits at the server is all that is left.
            let parked = self.parked.values().any(|parked| parked.account == number);
            let pending = device.pending();
            let nothing = (pending.commands, pending.segments, pending.blobs) == (0, 0, 0);
            // What the server refused is put aside on the device and tried again later.
            let refused = device.store().refused();
            let aside = refused.is_ok_and(|aside| (aside.segments, aside.blobs) != (0, 0));
            nothing && !aside && parked && flights == 1
        });
        at_rest && self.has_all_points()
    }

    /// How a log names an account.
    pub(super) fn name(&self, account: usize) -> String {
        match account.checked_sub(self.drivers.len()) {
            None => format!("driver {account}"),
            Some(guest) => format!("guest {guest}"),
        }
    }

    /// Notes that something must not have happened.
    pub(super) fn fail(&mut self, what: String) {
        self.say(&format!("WRONG: {what}"));
        self.wrong.push(what);
    }

    /// A line of the log about an account.
    pub(super) fn log(&self, account: usize, what: &str) {
        if self.play.logged {
            self.say(&format!("{}: {what}", self.name(account)));
        }
    }

    /// A line of the log.
    pub(super) fn say(&self, what: &str) {
        if self.play.logged {
            let (s, ms) = (self.now / SECOND, self.now % SECOND);
            let (h, m, s) = (s / 3600, s / 60 % 60, s % 60);
            eprintln!("{h:02}:{m:02}:{s:02}.{ms:03} {what}");
        }
    }
}

/// What a log says of a request.
pub(super) fn describe(request: &Request) -> String {
    match request {
        Request::Register(_) => "register".to_owned(),
        Request::Commands(batch) => format!("{} commands", batch.commands.len()),
        Request::Snapshot => "snapshot".to_owned(),
        Request::Changes { cursor, wait_s } => format!("changes after {cursor}, waits {wait_s} s"),
        Request::Segment { bytes, .. } => format!("segment of {} bytes", bytes.len()),
        Request::BeginBlob(new) => format!("announces a file of {} bytes", new.size),
        Request::Chunk { offset, bytes, .. } => format!("{} bytes at {offset}", bytes.len()),
    }
}
