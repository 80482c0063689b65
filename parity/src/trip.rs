//! A trip's life: commands by anybody, and what the rules make of them.

use chrono::TimeDelta;
use uuid::Uuid;
use wayfare_core::geo::LatLng;
use wayfare_core::id::{DriverId, RiderId, TripId, UserId, VehicleId};
use wayfare_core::sync::DeviceAction;
use wayfare_core::sync::conflicts::{Earlier, Told, Verdict, judge};
use wayfare_core::trip::{
    Actor, Assignment, CancelReason, Command, CommandContext, Pin, Rules, Trip, TripRequest,
    Versioned, decide,
};
use wayfare_core::vehicle::VehicleClass;

use crate::dice::Dice;
use crate::facts::moment;
use crate::places::anywhere_e7;
use crate::records::Records;

const RIDER: RiderId = RiderId::from_uuid(Uuid::from_u128(1));
const DRIVER: DriverId = DriverId::from_uuid(Uuid::from_u128(2));
const STRANGER: DriverId = DriverId::from_uuid(Uuid::from_u128(3));
const ADMIN: UserId = UserId::from_uuid(Uuid::from_u128(4));
const CAR: VehicleId = VehicleId::from_uuid(Uuid::from_u128(5));
const STEPS: u64 = 16;

/// Writes what happened to a trip, and the trip at the end.
pub(crate) fn write(dice: &mut Dice, records: &mut Records<'_>) {
    let Some(mut trip) = requested(dice) else {
        return;
    };
    let mut at = trip.request.requested_at;
    let (mut happened, mut earlier) = (Vec::new(), Earlier::Never);
    for _ in 0..STEPS {
        at += TimeDelta::milliseconds(dice.between(-1000, 600_000));
        let (command, usual) = command(dice, &trip);
        let actor = if dice.permille(800) {
            usual
        } else {
            anybody(dice)
        };
        write_verdict(dice, &trip, Told { actor, at, earlier }, records);
        match decide(
            &trip,
            command,
            CommandContext { actor, at },
            Rules::default(),
        ) {
            Ok(events) => {
                for event in &events {
                    records.write("event", &Versioned(event));
                    trip.apply(event);
                }
                happened.extend(events);
                earlier = Earlier::of(DRIVER, &happened);
            }
            Err(refusal) => records.refused("event", &[refusal]),
        }
    }
    records.write("life", &trip);
    records.write(
        "waits",
        &(
            trip.wait_s(),
            trip.waypoint_waits(None),
            trip.stops_changed(),
        ),
    );
}

fn requested(dice: &mut Dice) -> Option<Trip> {
    let requested_at = moment(dice);
    let request = TripRequest {
        trip: TripId::from_uuid(Uuid::from_u128(6)),
        rider: RIDER,
        vehicle_class: VehicleClass::Standard,
        pickup: place(dice)?,
        waypoints: places(dice),
        dropoff: place(dice)?,
        pickup_at: dice
            .permille(200)
            .then(|| requested_at + TimeDelta::seconds(dice.magnitude(7200))),
        for_someone_else: dice.permille(100),
        pin: Some(Pin::from_number(1234)),
        requested_at,
    };
    Some(Trip::requested(request))
}

fn place(dice: &mut Dice) -> Option<LatLng> {
    let (lat_e7, lng_e7) = anywhere_e7(dice);
    LatLng::from_e7(lat_e7, lng_e7).ok()
}

fn places(dice: &mut Dice) -> Vec<LatLng> {
    (0..dice.below(4)).filter_map(|_| place(dice)).collect()
}

/// Mostly what comes next on a ride, with the one who usually gives it.
fn command(dice: &mut Dice, trip: &Trip) -> (Command, Actor) {
    let driver = Actor::Driver(DRIVER);
    let assign = Command::Assign {
        driver: DRIVER,
        vehicle: CAR,
    };
    let pin = Pin::from_number(if dice.permille(900) { 1234 } else { 1 });
    let reason = *dice.pick(&CancelReason::ALL);
    match dice.below(19) {
        0..=3 => (assign, Actor::System),
        4..=6 => (Command::Arrive, driver),
        7..=9 => (Command::Start { pin }, driver),
        10 | 11 => (Command::ReachStop, driver),
        12 | 13 => (Command::LeaveStop, driver),
        14 => {
            let mut waypoints = trip.stops.waypoints.clone();
            waypoints.extend(places(dice));
            let dropoff = place(dice).unwrap_or(trip.stops.dropoff);
            (
                Command::ChangeStops { waypoints, dropoff },
                Actor::Rider(RIDER),
            )
        }
        15 => (Command::Reassign { reason }, Actor::Admin(ADMIN)),
        16 if dice.permille(300) => (Command::Cancel { reason }, anybody(dice)),
        17 if dice.permille(100) => (Command::Expire, Actor::System),
        18 => (resume(dice, trip, pin), driver),
        _ => (Command::Complete, driver),
    }
}

/// What the conflict table says of something that a device tells, some time before or after.
fn write_verdict(dice: &mut Dice, trip: &Trip, told: Told, records: &mut Records<'_>) {
    let action = reported(dice, trip);
    let told = Told {
        at: told.at + TimeDelta::milliseconds(dice.between(-600_000, 600_000)),
        ..told
    };
    match judge(trip, &action, told, Rules::default()) {
        Verdict::Apply {
            events,
            resumed,
            retimed,
        } => {
            let events: Vec<_> = events.iter().map(Versioned).collect();
            records.write("verdict", &(events, resumed, retimed));
        }
        Verdict::Refuse { code, .. } => records.refused("verdict", &[code]),
    }
}

fn reported(dice: &mut Dice, of: &Trip) -> DeviceAction {
    let trip = of.request.trip;
    match dice.below(6) {
        0 => DeviceAction::Arrive { trip },
        1 => DeviceAction::ReachStop {
            trip,
            place: of.stops.waypoints.first().copied(),
        },
        2 => DeviceAction::LeaveStop { trip },
        3 => DeviceAction::Complete { trip, claim: None },
        4 => DeviceAction::Cancel {
            trip,
            reason: *dice.pick(&CancelReason::ALL),
            note: None,
        },
        _ => DeviceAction::Start {
            trip,
            pin: Pin::from_number(1234),
            arrived_at: of.last_event_at + TimeDelta::milliseconds(dice.between(-600_000, 600_000)),
        },
    }
}

/// The driver has the rider in the car, whatever became of the trip meanwhile.
fn resume(dice: &mut Dice, trip: &Trip, pin: Pin) -> Command {
    let assigned_at = trip.request.requested_at;
    Command::Resume {
        pin,
        assignment: Assignment {
            driver: DRIVER,
            vehicle: CAR,
            assigned_at,
        },
        arrived_at: assigned_at + TimeDelta::milliseconds(dice.between(-1000, 600_000)),
    }
}

fn anybody(dice: &mut Dice) -> Actor {
    *dice.pick(&[
        Actor::Rider(RIDER),
        Actor::Driver(DRIVER),
        Actor::Driver(STRANGER),
        Actor::Admin(ADMIN),
        Actor::System,
    ])
}
