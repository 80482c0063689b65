//! The people and trips of the tests below: every situation has its scene here.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::*;
use crate::geo::LatLng;
use crate::id::{OfferId, RiderId, TripId, UserId, VehicleId};
use crate::money::{Currency, Money};
use crate::sync::ActionKind;
use crate::trip::{CancelReason, TripRequest};
use crate::vehicle::VehicleClass;
use crate::wire::DeclineReason;

mod document;
mod meanwhile;
mod property;
mod rows;
mod table;

const ALICE: RiderId = RiderId::from_uuid(Uuid::from_u128(0xA11CE));
const CAROL: RiderId = RiderId::from_uuid(Uuid::from_u128(0xCA201));
const BOB: DriverId = DriverId::from_uuid(Uuid::from_u128(0xB0B));
const DAN: DriverId = DriverId::from_uuid(Uuid::from_u128(0xDA2));
const CAR: VehicleId = VehicleId::from_uuid(Uuid::from_u128(0xCA2));
const OFFICE: UserId = UserId::from_uuid(Uuid::from_u128(0xAD));
const TRIP: TripId = TripId::from_uuid(Uuid::from_u128(1));

const RIDER: Actor = Actor::Rider(ALICE);
const DRIVER: Actor = Actor::Driver(BOB);
const ANOTHER: Actor = Actor::Driver(DAN);
const ADMIN: Actor = Actor::Admin(OFFICE);
const SYSTEM: Actor = Actor::System;

/// So many minutes after noon.
fn minute(count: i64) -> DateTime<Utc> {
    "2026-01-05T12:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(count)
}

fn pin() -> Pin {
    Pin::from_number(4719)
}

/// One of a row of places, a kilometre or so apart.
fn place(number: i32) -> LatLng {
    LatLng::from_e7(411_500_000 + number * 100_000, -86_100_000).unwrap()
}

fn request() -> TripRequest {
    TripRequest {
        trip: TRIP,
        rider: ALICE,
        vehicle_class: VehicleClass::Standard,
        pickup: place(0),
        waypoints: vec![place(1)],
        dropoff: place(9),
        pickup_at: None,
        for_someone_else: false,
        pin: Some(pin()),
        requested_at: minute(0),
    }
}

fn assign(driver: DriverId) -> Command {
    Command::Assign {
        driver,
        vehicle: CAR,
    }
}

fn start() -> Command {
    Command::Start { pin: pin() }
}

fn cancel() -> Command {
    Command::Cancel {
        reason: CancelReason::ChangedMind,
    }
}

fn reassign() -> Command {
    Command::Reassign {
        reason: CancelReason::DriverNotComing,
    }
}

fn stops(waypoints: &[i32]) -> Command {
    Command::ChangeStops {
        waypoints: waypoints.iter().map(|number| place(*number)).collect(),
        dropoff: place(9),
    }
}

/// What the server has: a trip from place 0 over place 1 to place 9, and all that happened to it.
#[derive(Debug, Clone)]
struct Server {
    trip: Trip,
    events: Vec<Event>,
}

impl Server {
    fn requested() -> Self {
        Self {
            trip: Trip::requested(request()),
            events: vec![Event::Requested(request())],
        }
    }

    /// Bob has it from minute 1.
    fn assigned() -> Self {
        Self::requested().then(1, SYSTEM, assign(BOB))
    }

    /// Bob came at minute 2.
    fn arrived() -> Self {
        Self::assigned().then(2, DRIVER, Command::Arrive)
    }

    /// Bob started at minute 3.
    fn riding() -> Self {
        Self::arrived().then(3, DRIVER, start())
    }

    /// Taken from Bob at minute 4.
    fn looking() -> Self {
        Self::assigned().then(4, ADMIN, reassign())
    }

    /// Dan has it instead, from minute 5.
    fn with_another() -> Self {
        Self::looking().then(5, SYSTEM, assign(DAN))
    }

    /// Dan came and started.
    fn riding_with_another() -> Self {
        Self::with_another()
            .then(6, ANOTHER, Command::Arrive)
            .then(7, ANOTHER, start())
    }

    fn given_back() -> Self {
        Self::assigned().then(4, DRIVER, cancel())
    }

    fn then(self, minutes: i64, actor: Actor, command: Command) -> Self {
        let at = minute(minutes);
        let context = CommandContext { actor, at };
        let events = decide(&self.trip, command, context, Rules::default()).unwrap();
        self.with(&events)
    }

    fn with(mut self, events: &[Event]) -> Self {
        for event in events {
            self.trip.apply(event);
            self.events.push(event.clone());
        }
        self
    }

    /// What the server knows of this person, who says that something happened at this minute.
    fn told(&self, actor: Actor, minutes: i64) -> Told {
        let earlier = driver_of(actor).map(|driver| Earlier::of(driver, &self.events));
        Told {
            actor,
            at: minute(minutes),
            earlier: earlier.unwrap_or_default(),
        }
    }

    fn judge(&self, told: Told, action: &DeviceAction) -> Verdict {
        judge(&self.trip, action, told, Rules::default())
    }

    /// What comes of it that Bob says this at minute 20, when all of the above is over.
    fn hears(&self, action: &DeviceAction) -> Verdict {
        self.judge(self.told(DRIVER, 20), action)
    }

    fn hears_kind(&self, kind: ActionKind) -> Verdict {
        self.hears(&action(kind))
    }
}

/// An action of this kind that is right in itself.
fn action(kind: ActionKind) -> DeviceAction {
    let trip = TRIP;
    let offer = OfferId::from_uuid(Uuid::from_u128(7));
    match kind {
        ActionKind::GoOnline => DeviceAction::GoOnline { vehicle: CAR },
        ActionKind::GoOffline => DeviceAction::GoOffline,
        ActionKind::AcceptOffer => DeviceAction::AcceptOffer { offer },
        ActionKind::DeclineOffer => DeviceAction::DeclineOffer {
            offer,
            reason: DeclineReason::TooFar,
        },
        ActionKind::Arrive => DeviceAction::Arrive { trip },
        ActionKind::Start => start_with(pin()),
        ActionKind::ReachStop => DeviceAction::ReachStop {
            trip,
            place: Some(place(1)),
        },
        ActionKind::LeaveStop => DeviceAction::LeaveStop { trip },
        ActionKind::Complete => DeviceAction::Complete { trip, claim: None },
        ActionKind::Cancel => DeviceAction::Cancel {
            trip,
            reason: CancelReason::ChangedMind,
            note: None,
        },
        ActionKind::TakeCash => DeviceAction::TakeCash {
            trip,
            amount: Money::new(500, "EUR".parse::<Currency>().unwrap()),
        },
        ActionKind::Rate => DeviceAction::Rate {
            trip,
            stars: 5,
            comment: None,
        },
    }
}

/// Bob came at minute 2.
fn start_with(pin: Pin) -> DeviceAction {
    DeviceAction::Start {
        trip: TRIP,
        pin,
        arrived_at: minute(2),
    }
}

const STEPS: [ActionKind; 6] = [
    ActionKind::Arrive,
    ActionKind::Start,
    ActionKind::ReachStop,
    ActionKind::LeaveStop,
    ActionKind::Complete,
    ActionKind::Cancel,
];

const fn applied(events: Vec<Event>) -> Verdict {
    Verdict::Apply {
        events,
        resumed: false,
        retimed: false,
    }
}

/// How a situation of a trip comes about, and who speaks then.
struct Scene {
    server: Server,
    actor: Actor,
}

/// Where the situation of an action is found.
enum Stage {
    /// By [`judge`], in any of these scenes.
    Trip(Vec<Scene>),
    /// By the server, in its tables.
    Server,
}

fn by(actor: Actor, servers: impl IntoIterator<Item = Server>) -> Stage {
    let scene = |server| Scene { server, actor };
    Stage::Trip(servers.into_iter().map(scene).collect())
}

/// Every situation with its scenes. A new situation does not compile without one.
fn stage(situation: Situation) -> Stage {
    use Situation as S;
    let elsewhere = |server: Server| server.then(10, RIDER, stops(&[3]));
    match situation {
        S::OnTheWay => by(DRIVER, [Server::assigned(), elsewhere(Server::assigned())]),
        S::AtPickup => by(DRIVER, [Server::arrived(), elsewhere(Server::arrived())]),
        S::Driving => by(
            DRIVER,
            [
                Server::riding(),
                Server::riding().then(10, RIDER, stops(&[1, 2])),
            ],
        ),
        S::StopGone => by(
            DRIVER,
            [
                elsewhere(Server::riding()),
                Server::riding().then(10, RIDER, stops(&[])),
                Server::riding().then(10, RIDER, stops(&[2, 1])),
            ],
        ),
        S::AtStop => by(
            DRIVER,
            [Server::riding().then(4, DRIVER, Command::ReachStop)],
        ),
        S::Over => by(
            DRIVER,
            [
                Server::riding().then(8, DRIVER, Command::Complete),
                Server::riding().then(8, ADMIN, Command::Complete),
            ],
        ),
        S::CalledOff => by(DRIVER, called_off()),
        S::CalledOffByDriver => by(
            DRIVER,
            [
                Server::arrived().then(8, DRIVER, no_show()),
                Server::given_back().then(8, RIDER, cancel()),
                Server::given_back().then(8, SYSTEM, Command::Expire),
            ],
        ),
        S::GivenUp => by(DRIVER, [Server::looking().then(8, SYSTEM, Command::Expire)]),
        S::Looking => by(DRIVER, [Server::looking()]),
        S::WithAnother => by(
            DRIVER,
            [
                Server::with_another(),
                Server::with_another().then(6, ANOTHER, Command::Arrive),
            ],
        ),
        S::RidingWithAnother => by(
            DRIVER,
            [
                Server::riding_with_another(),
                Server::riding_with_another().then(9, ANOTHER, Command::Complete),
            ],
        ),
        S::GivenBack => by(
            DRIVER,
            [
                Server::given_back(),
                Server::given_back().then(5, SYSTEM, assign(DAN)),
            ],
        ),
        S::NeverHad => by(
            ANOTHER,
            [
                Server::requested(),
                Server::assigned(),
                Server::riding(),
                Server::assigned().then(3, RIDER, cancel()),
            ],
        ),
        S::RiderWaits => by(
            RIDER,
            [Server::requested(), Server::assigned(), Server::arrived()],
        ),
        S::RiderRides => by(
            RIDER,
            [
                Server::riding(),
                Server::riding().then(4, DRIVER, Command::ReachStop),
            ],
        ),
        S::RiderThere => by(RIDER, [Server::riding().then(8, DRIVER, Command::Complete)]),
        S::RiderWithoutTrip => by(
            RIDER,
            [
                Server::assigned().then(3, RIDER, cancel()),
                Server::requested().then(8, SYSTEM, Command::Expire),
            ],
        ),
        S::OfferOpen
        | S::OfferAccepted
        | S::OfferClosed
        | S::OfferUnknown
        | S::FareDue
        | S::FareDiffers
        | S::CashTaken
        | S::PaidOtherwise
        | S::NothingDue
        | S::NotTheDriver
        | S::NotRated
        | S::Rated
        | S::NotRatable
        | S::NotOnTheTrip
        | S::MayWork
        | S::SaidOtherwiseSince
        | S::MayNotWork => Stage::Server,
    }
}

/// All ways in which others end a trip that Bob had.
fn called_off() -> Vec<Server> {
    let had = [
        Server::assigned(),
        Server::arrived(),
        Server::looking(),
        Server::with_another(),
    ];
    had.into_iter()
        .flat_map(|server| {
            [RIDER, ADMIN, SYSTEM].map(|actor| server.clone().then(8, actor, cancel()))
        })
        .collect()
}

fn no_show() -> Command {
    Command::Cancel {
        reason: CancelReason::RiderNoShow,
    }
}
