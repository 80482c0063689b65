//! The people, the trip and the messages that the tests below speak of.

use std::sync::LazyLock;

use chrono::TimeDelta;
use uuid::Uuid;

use super::*;
use crate::geo::LatLng;
use crate::id::{DeviceId, QuoteId, RiderId, VehicleId};
use crate::money::Currency;
use crate::pricing::{Facts, RideLength, TariffSpec};
use crate::ride::StraightPlan;
use crate::sync::command::{ClockReading, DeviceCommand, TimeSource, VERSION};
use crate::trip::{
    Actor, CancelReason, Command, CommandContext, Event, Leg, Rules, TripRequest, TripState,
    TripStatus, decide,
};
use crate::vehicle::VehicleClass;
use crate::wire::{self, CommandOutcome, CommandResult, StreamEvent};

mod acts;
mod interleaved;
mod messages;
mod offers;
mod pins;

const ALICE: RiderId = RiderId::from_uuid(Uuid::from_u128(0xA11CE));
const BOB: DriverId = DriverId::from_uuid(Uuid::from_u128(0xB0B));
const DAN: DriverId = DriverId::from_uuid(Uuid::from_u128(0xDA2));
const CAR: VehicleId = VehicleId::from_uuid(Uuid::from_u128(0xCA2));
const KEY: PinKey = PinKey::from_bytes([3; 32]);
const PIN: u32 = 4719;

fn minute(count: i64) -> DateTime<Utc> {
    let noon: DateTime<Utc> = "2026-11-20T12:00:00Z".parse().unwrap();
    noon + TimeDelta::minutes(count)
}

fn trip_id(number: u128) -> TripId {
    TripId::from_uuid(Uuid::from_u128(number))
}

fn offer_id(number: u128) -> OfferId {
    OfferId::from_uuid(Uuid::from_u128(number))
}

fn pin() -> Pin {
    Pin::from_number(PIN)
}

fn place(number: i32) -> LatLng {
    LatLng::from_e7(411_500_000 + number * 100_000, -86_100_000).unwrap()
}

/// A trip over two waypoints that Alice asked for at minute 0, as the server has it.
fn requested(number: u128) -> Trip {
    Trip::requested(TripRequest {
        trip: trip_id(number),
        rider: ALICE,
        vehicle_class: VehicleClass::Standard,
        pickup: place(0),
        waypoints: vec![place(1), place(2)],
        dropoff: place(9),
        pickup_at: None,
        for_someone_else: false,
        pin: Some(pin()),
        requested_at: minute(0),
    })
}

/// Does this to the server's trip.
fn change(trip: &mut Trip, command: Command, actor: Actor, at: DateTime<Utc>) {
    let context = CommandContext { actor, at };
    for event in decide(trip, command, context, Rules::default()).unwrap() {
        trip.apply(&event);
    }
}

fn assign(driver: DriverId) -> Command {
    Command::Assign {
        driver,
        vehicle: CAR,
    }
}

/// A trip that Bob took at minute 1.
fn assigned(number: u128) -> Trip {
    let mut trip = requested(number);
    change(&mut trip, assign(BOB), Actor::System, minute(1));
    trip
}

static FACTS: LazyLock<Facts> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../docs/examples/facts.json")).unwrap()
});
static TARIFF: LazyLock<TariffSpec> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../docs/examples/tariff.json")).unwrap()
});

fn fare(total_minor: i64) -> Fare {
    Fare {
        currency: Currency::EUR,
        lines: Vec::new(),
        total_minor,
        tip_minor: 0,
        driver_share_minor: 0,
    }
}

/// What the server gives Bob for this trip.
fn kit(trip: &Trip) -> TripKit {
    let mut without_pin = trip.clone();
    without_pin.request.pin = None;
    TripKit {
        pin_check: KEY.seal(trip.request.trip, pin(), [5; 16]),
        trip: without_pin,
        quoted: FACTS.clone(),
        tariff: TARIFF.clone(),
        plan: RideLength {
            distance_m: 7_000,
            duration_s: 900,
        },
        straight: StraightPlan {
            detour_bps: 13_000,
            speed_kmh: 25,
        },
        rules: Rules::default(),
        shown: shown(trip),
    }
}

/// The trip as the server shows it to its driver.
fn shown(trip: &Trip) -> wire::Trip {
    let state = trip.state;
    let (mut started_at, mut completed_at, mut leg, mut cancelled) = (None, None, None, None);
    match state {
        TripState::InProgress {
            started_at: at,
            leg: now,
            ..
        } => {
            started_at = Some(at);
            leg = Some(wire::TripLeg {
                stop: now.stop(),
                arrived_at: match now {
                    Leg::EnRoute { .. } => None,
                    Leg::AtStop { arrived_at, .. } => Some(arrived_at),
                },
            });
        }
        TripState::Completed {
            started_at: from,
            completed_at: to,
            ..
        } => (started_at, completed_at) = (Some(from), Some(to)),
        TripState::Cancelled {
            by,
            reason,
            cancelled_at,
            ..
        } => {
            cancelled = Some(wire::CancelledTrip {
                by: by.party(),
                reason,
                note: None,
                at: cancelled_at,
            });
        }
        _ => {}
    }
    let is_cancelled = cancelled.is_some();
    wire::Trip {
        id: trip.request.trip,
        status: state.status(),
        version: trip.version,
        rider_id: ALICE,
        rider_name: None,
        passenger: None,
        vehicle_class: VehicleClass::Standard,
        needs: None,
        pickup: trip.request.pickup.into(),
        waypoints: trip
            .stops
            .waypoints
            .iter()
            .map(|place| (*place).into())
            .collect(),
        dropoff: trip.stops.dropoff.into(),
        pickup_at: None,
        leg,
        distance_m: 7_000,
        duration_s: 900,
        fare: fare(1_000),
        quote_id: QuoteId::from_uuid(Uuid::from_u128(9)),
        basis: None,
        pin: None,
        driver: state.assignment().map(|assignment| wire::TripDriver {
            id: assignment.driver,
            name: "Somebody".to_owned(),
            rating: None,
        }),
        vehicle: None,
        driver_finishes_first: false,
        car: None,
        requested_at: minute(0),
        assigned_at: state.assignment().map(|assignment| assignment.assigned_at),
        arrived_at: state.arrived_at().filter(|_| !is_cancelled),
        started_at,
        completed_at,
        cancelled,
        payment: None,
        my_rating: None,
    }
}

fn kit_message(trip: &Trip) -> StreamEvent {
    StreamEvent::TripKit {
        kit: Box::new(kit(trip)),
    }
}

fn updated(trip: &Trip) -> StreamEvent {
    StreamEvent::TripUpdated {
        trip: Box::new(shown(trip)),
    }
}

/// A device that has this trip.
fn with(trips: &[&Trip]) -> Replica {
    let mut replica = Replica::default();
    for trip in trips {
        let touched = replica.take(&kit_message(trip));
        assert_eq!(touched, Some(trip.request.trip));
    }
    replica
}

fn act(
    replica: &mut Replica,
    action: &DeviceAction,
    at: DateTime<Utc>,
) -> Result<(), LocalRefusal> {
    replica.act(&Act {
        action,
        at,
        pin_key: Some(&KEY),
    })
}

fn command(seq: u64, action: DeviceAction, occurred_at: DateTime<Utc>) -> DeviceCommand {
    DeviceCommand {
        v: VERSION,
        id: CommandId::from_uuid(Uuid::from_u128(seq.into())),
        device: DeviceId::from_uuid(Uuid::from_u128(0xDE)),
        seq,
        expected_version: None,
        occurred_at,
        clock: ClockReading {
            boot: crate::id::BootId::from_uuid(Uuid::from_u128(1)),
            monotonic_ms: 0,
            source: TimeSource::Server,
            jumped: false,
        },
        action,
    }
}

fn answer(command: &DeviceCommand, outcome: CommandOutcome, version: Option<u32>) -> CommandResult {
    CommandResult {
        command_id: command.id,
        seq: command.seq,
        outcome,
        duplicate: false,
        code: None,
        detail: None,
        trip_version: version,
        counted_at: None,
        fare: None,
        trip: None,
    }
}

fn arrive(number: u128) -> DeviceAction {
    DeviceAction::Arrive {
        trip: trip_id(number),
    }
}

fn start(number: u128, pin: u32, arrived_at: DateTime<Utc>) -> DeviceAction {
    DeviceAction::Start {
        trip: trip_id(number),
        pin: Pin::from_number(pin),
        arrived_at,
    }
}

fn complete(number: u128) -> DeviceAction {
    DeviceAction::Complete {
        trip: trip_id(number),
        claim: None,
    }
}

fn cancel(number: u128, reason: CancelReason) -> DeviceAction {
    DeviceAction::Cancel {
        trip: trip_id(number),
        reason,
        note: None,
    }
}

/// The server's trip as a driver's device should have it.
fn without_pin(trip: &Trip) -> Trip {
    let mut trip = trip.clone();
    trip.request.pin = None;
    trip
}

/// The trip that the device has.
fn held(replica: &Replica, number: u128) -> &ReplicaTrip {
    &replica.trips[&trip_id(number)]
}

fn status(replica: &Replica, number: u128) -> TripStatus {
    held(replica, number).current.state.status()
}
