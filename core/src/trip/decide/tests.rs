//! The people and the trip that the tests below speak of.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::*;
use crate::geo::LatLng;
use crate::id::{DriverId, RiderId, TripId, UserId, VehicleId};
use crate::trip::{CancelReason, Pin, TripRequest, TripStage};
use crate::vehicle::VehicleClass;

mod ending;
mod pickup;
mod property;
mod resume;
mod stands;
mod stops;
mod table;

const ALICE: RiderId = RiderId::from_uuid(Uuid::from_u128(0xA11CE));
const CAROL: RiderId = RiderId::from_uuid(Uuid::from_u128(0xCA201));
const BOB: DriverId = DriverId::from_uuid(Uuid::from_u128(0xB0B));
const DAN: DriverId = DriverId::from_uuid(Uuid::from_u128(0xDA2));
const OFFICE: UserId = UserId::from_uuid(Uuid::from_u128(0xAD));
const CAR: VehicleId = VehicleId::from_uuid(Uuid::from_u128(0xCA2));

const RIDER: Actor = Actor::Rider(ALICE);
const DRIVER: Actor = Actor::Driver(BOB);
const ADMIN: Actor = Actor::Admin(OFFICE);
const SYSTEM: Actor = Actor::System;

fn noon() -> DateTime<Utc> {
    "2026-01-05T12:00:00Z".parse().unwrap()
}

fn minute(count: i64) -> DateTime<Utc> {
    noon() + TimeDelta::minutes(count)
}

fn pin() -> Pin {
    Pin::from_number(4719)
}

/// One of a row of places, a kilometre or so apart.
fn place(number: i32) -> LatLng {
    LatLng::from_e7(411_500_000 + number * 100_000, -86_100_000).unwrap()
}

/// From place 0 to place 9, over these.
fn request_over(waypoints: &[i32]) -> TripRequest {
    TripRequest {
        trip: TripId::from_uuid(Uuid::from_u128(1)),
        rider: ALICE,
        vehicle_class: VehicleClass::Standard,
        pickup: place(0),
        waypoints: places(waypoints),
        dropoff: place(9),
        pickup_at: None,
        for_someone_else: false,
        pin: Some(pin()),
        requested_at: noon(),
    }
}

fn places(numbers: &[i32]) -> Vec<LatLng> {
    numbers.iter().map(|number| place(*number)).collect()
}

fn assign() -> Command {
    Command::Assign {
        driver: BOB,
        vehicle: CAR,
    }
}

fn start() -> Command {
    Command::Start { pin: pin() }
}

/// Bob, who had the trip from minute 1 and came at minute 2, has the rider in the car.
fn resume() -> Command {
    Command::Resume {
        pin: pin(),
        assignment: Assignment {
            driver: BOB,
            vehicle: CAR,
            assigned_at: minute(1),
        },
        arrived_at: minute(2),
    }
}

fn cancel(reason: CancelReason) -> Command {
    Command::Cancel { reason }
}

fn stops_to(waypoints: &[i32], dropoff: i32) -> Command {
    Command::ChangeStops {
        waypoints: places(waypoints),
        dropoff: place(dropoff),
    }
}

/// A trip with all that happened to it.
#[derive(Debug, Clone)]
struct Story {
    trip: Trip,
    events: Vec<Event>,
    rules: Rules,
}

impl Story {
    fn of(request: TripRequest) -> Self {
        Self {
            trip: Trip::requested(request.clone()),
            events: vec![Event::Requested(request)],
            rules: Rules::default(),
        }
    }

    /// From place 0 to place 9, over these.
    fn over(waypoints: &[i32]) -> Self {
        Self::of(request_over(waypoints))
    }

    fn tries(&self, actor: Actor, at: DateTime<Utc>, command: Command) -> Result<(), Refusal> {
        decide(
            &self.trip,
            command,
            CommandContext { actor, at },
            self.rules,
        )
        .map(|_| ())
    }

    fn refusal(&self, actor: Actor, at: DateTime<Utc>, command: Command) -> Refusal {
        self.tries(actor, at, command).unwrap_err()
    }

    /// Carries the command out, so many minutes after noon.
    fn then(mut self, minutes: i64, actor: Actor, command: Command) -> Self {
        let at = minute(minutes);
        let context = CommandContext { actor, at };
        let events = decide(&self.trip, command, context, self.rules).unwrap();
        for event in events {
            self.trip.apply(&event);
            self.events.push(event);
        }
        self
    }

    /// The driver took the trip at minute 1, came at 2 and started at 3.
    fn riding_over(waypoints: &[i32]) -> Self {
        Self::over(waypoints)
            .then(1, SYSTEM, assign())
            .then(2, DRIVER, Command::Arrive)
            .then(3, DRIVER, start())
    }

    /// A trip over two waypoints that stands in this stage. If it ended early, its driver was Bob.
    fn in_stage(stage: TripStage) -> Self {
        let waypoints = &[1, 2];
        let assigned = || Self::over(waypoints).then(1, SYSTEM, assign());
        let story = match stage {
            TripStage::Requested => Self::over(waypoints),
            TripStage::Assigned => assigned(),
            TripStage::Arrived => assigned().then(2, DRIVER, Command::Arrive),
            TripStage::EnRoute => Self::riding_over(waypoints),
            TripStage::AtStop => Self::riding_over(waypoints).then(4, DRIVER, Command::ReachStop),
            TripStage::Completed => Self::riding_over(waypoints).then(4, DRIVER, Command::Complete),
            TripStage::Cancelled => assigned().then(2, RIDER, cancel(CancelReason::ChangedMind)),
            TripStage::Expired => Self::over(waypoints).then(1, SYSTEM, Command::Expire),
        };
        assert_eq!(story.trip.state.stage(), stage);
        story
    }
}
