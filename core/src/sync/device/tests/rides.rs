//! People, trips and prices for tests.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::geo::LatLng;
use crate::id::{DriverId, OfferId, QuoteId, TripId, UserId, VehicleId};
use crate::pricing::{Facts, Fare, RideLength, Tariff, TariffSpec, compute};
use crate::ride::StraightPlan;
use crate::sync::{DeviceAction, PinKey, TripKit};
use crate::trip::{Actor, Command, CommandContext, Event, Pin, Rules, Trip, TripState, decide};
use crate::wire;

const TARIFF: &str = include_str!("../../../../../docs/examples/tariff.json");
const FACTS: &str = include_str!("../../../../../docs/examples/facts.json");

pub(in crate::sync) const PERSON: u128 = 0xd1;

pub(in crate::sync) fn user() -> UserId {
    UserId::from_uuid(Uuid::from_u128(PERSON))
}

pub(in crate::sync) fn driver() -> DriverId {
    user().into()
}

pub(in crate::sync) fn vehicle() -> VehicleId {
    VehicleId::from_uuid(Uuid::from_u128(0xca))
}

pub(in crate::sync) fn trip_id(number: u128) -> TripId {
    TripId::from_uuid(Uuid::from_u128(number))
}

pub(in crate::sync) fn offer_id(number: u128) -> OfferId {
    OfferId::from_uuid(Uuid::from_u128(number))
}

pub(in crate::sync) fn pin() -> Pin {
    "4711".parse().unwrap()
}

pub(in crate::sync) fn place(step: i32) -> LatLng {
    LatLng::from_e7(437_384_000 + step * 5_000, 74_246_000).unwrap()
}

/// A trip at the server.
pub(in crate::sync) struct Ride {
    pub(in crate::sync) trip: Trip,
    pub(in crate::sync) fare: Option<Fare>,
    pub(in crate::sync) paid: bool,
    pub(in crate::sync) stars: Option<u8>,
}

pub(in crate::sync) fn pin_key() -> PinKey {
    PinKey::from_bytes([7; 32])
}

pub(super) fn step(ride: &mut Ride, command: Command, actor: Actor, at: DateTime<Utc>) {
    let context = CommandContext { actor, at };
    let events: Vec<Event> = decide(&ride.trip, command, context, Rules::default()).unwrap();
    events.iter().for_each(|event| ride.trip.apply(event));
}

pub(super) fn command_of(action: &DeviceAction) -> Command {
    match action {
        DeviceAction::Arrive { .. } => Command::Arrive,
        DeviceAction::Start { pin, .. } => Command::Start { pin: *pin },
        DeviceAction::Complete { .. } => Command::Complete,
        DeviceAction::Cancel { reason, .. } => Command::Cancel { reason: *reason },
        other => panic!("{other:?}"),
    }
}

pub(in crate::sync) fn tariff() -> Tariff {
    let spec: TariffSpec = serde_json::from_str(TARIFF).unwrap();
    Tariff::new(spec).unwrap()
}

pub(in crate::sync) fn facts() -> Facts {
    serde_json::from_str(FACTS).unwrap()
}

fn plan() -> RideLength {
    RideLength {
        distance_m: 1_000,
        duration_s: 200,
    }
}

pub(super) fn kit(ride: &Ride) -> TripKit {
    let mut trip = ride.trip.clone();
    let id = trip.request.trip;
    let pin = trip.request.pin.take().unwrap();
    TripKit {
        pin_check: pin_key().seal(id, pin, [1; 16]),
        trip,
        quoted: facts(),
        tariff: tariff().spec().clone(),
        plan: plan(),
        straight: StraightPlan {
            detour_bps: 13_000,
            speed_kmh: 36,
        },
        rules: Rules::default(),
        shown: shown(ride),
    }
}

fn quoted_fare() -> Fare {
    compute(&tariff(), &facts()).unwrap()
}

pub(in crate::sync) fn shown(ride: &Ride) -> wire::Trip {
    let (trip, state) = (&ride.trip, ride.trip.state);
    let assignment = state.assignment();
    let (started_at, completed_at) = match state {
        TripState::InProgress { started_at, .. } => (Some(started_at), None),
        TripState::Completed {
            started_at,
            completed_at,
            ..
        } => (Some(started_at), Some(completed_at)),
        _ => (None, None),
    };
    let cancelled = match state {
        TripState::Cancelled {
            by,
            reason,
            cancelled_at,
            ..
        } => Some(wire::CancelledTrip {
            by: by.party(),
            reason,
            note: None,
            at: cancelled_at,
        }),
        _ => None,
    };
    let fare = ride.fare.clone().unwrap_or_else(quoted_fare);
    let payment = ride.fare.as_ref().map(|fare| wire::TripPayment {
        id: crate::id::PaymentId::from_uuid(Uuid::from_u128(1)),
        method: wire::PaymentMethod::Cash,
        status: if ride.paid {
            wire::PaymentStatus::Paid
        } else {
            wire::PaymentStatus::Due
        },
        amount: fare.total(),
    });
    wire::Trip {
        id: trip.request.trip,
        status: state.status(),
        version: trip.version,
        rider_id: trip.request.rider,
        rider_name: None,
        passenger: None,
        vehicle_class: trip.request.vehicle_class,
        needs: None,
        pickup: trip.request.pickup.into(),
        waypoints: trip.stops.waypoints.iter().map(|at| (*at).into()).collect(),
        dropoff: trip.stops.dropoff.into(),
        pickup_at: None,
        leg: None,
        distance_m: 1_000,
        duration_s: 200,
        fare,
        quote_id: QuoteId::from_uuid(Uuid::from_u128(2)),
        basis: None,
        pin: None,
        driver: assignment.map(|had| wire::TripDriver {
            id: had.driver,
            name: "Dora".into(),
            rating: None,
        }),
        vehicle: None,
        driver_finishes_first: false,
        car: None,
        requested_at: trip.request.requested_at,
        assigned_at: assignment.map(|had| had.assigned_at),
        arrived_at: state.arrived_at(),
        started_at,
        completed_at,
        cancelled,
        payment,
        my_rating: ride.stars,
    }
}
