//! A trip as the server keeps it, and as people see it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use wayfare_core::id::{DriverId, QuoteId, TripId, VehicleId};
use wayfare_core::pricing::{Basis, Facts, Fare, RideLength};
use wayfare_core::sync::FareClaim;
use wayfare_core::trip::{Assignment, Event, Leg, Trip, TripState};
use wayfare_core::wire::{
    self, CancelledTrip, PaymentStatus, TripDriver, TripLeg, TripPayment, TripVehicle,
};

use super::ledger::Payment;

/// A trip with what is kept beside its state.
#[derive(Debug, Clone)]
pub(super) struct StoredTrip {
    /// The trip as the domain knows it.
    pub(super) trip: Trip,
    /// Everything that happened to it.
    pub(super) events: Vec<Event>,
    /// The quote that it was made of.
    pub(super) quote: QuoteId,
    /// The facts of the quote.
    pub(super) quoted: Facts,
    /// The plan along the stops as they are now.
    pub(super) plan: RideLength,
    /// As quoted or estimated until the trip is over, then as charged.
    pub(super) fare: Fare,
    /// By what it was priced, once it is completed.
    pub(super) basis: Option<Basis>,
    /// The driver finishes another trip first.
    pub(super) forward: bool,
    /// The last assignment of every driver who had it.
    pub(super) had: BTreeMap<DriverId, Assignment>,
    /// What the device computed that it costs.
    pub(super) claim: Option<FareClaim>,
    /// The claim was taken.
    pub(super) claim_taken: bool,
    /// The driver's device said that it is over.
    pub(super) by_device: bool,
    /// The stars that the driver gave.
    pub(super) rated: Option<u8>,
}

impl StoredTrip {
    /// The trip's id.
    pub(super) const fn id(&self) -> TripId {
        self.trip.request.trip
    }

    /// The driver who has or had it in its present state.
    pub(super) fn driver(&self) -> Option<DriverId> {
        let assignment = self.trip.state.assignment();
        assignment.map(|assignment| assignment.driver)
    }

    /// Whether a driver is busy with it.
    pub(super) const fn is_driven(&self) -> bool {
        matches!(
            self.trip.state,
            TripState::Assigned { .. } | TripState::Arrived { .. } | TripState::InProgress { .. }
        )
    }

    /// Whether it is not over.
    pub(super) const fn is_live(&self) -> bool {
        !self.trip.state.status().is_final()
    }

    /// The trip as its driver sees it.
    pub(super) fn shown(&self, payment: Option<&Payment>) -> wire::Trip {
        let (trip, state) = (&self.trip, self.trip.state);
        let request = &trip.request;
        let assignment = state.assignment();
        wire::Trip {
            id: request.trip,
            status: state.status(),
            version: trip.version,
            rider_id: request.rider,
            rider_name: None,
            passenger: None,
            vehicle_class: request.vehicle_class,
            needs: None,
            pickup: request.pickup.into(),
            waypoints: trip.stops.waypoints.iter().map(|at| (*at).into()).collect(),
            dropoff: trip.stops.dropoff.into(),
            pickup_at: request.pickup_at,
            leg: leg(state),
            distance_m: self.plan.distance_m,
            duration_s: self.plan.duration_s,
            fare: self.fare.clone(),
            quote_id: self.quote,
            basis: self.basis,
            pin: None,
            driver: assignment.map(|assignment| driver_card(assignment.driver)),
            vehicle: assignment.map(|assignment| vehicle_card(assignment.vehicle)),
            driver_finishes_first: self.forward,
            car: None,
            requested_at: request.requested_at,
            assigned_at: assignment.map(|assignment| assignment.assigned_at),
            arrived_at: state.arrived_at(),
            started_at: started_at(state),
            completed_at: completed_at(state),
            cancelled: cancelled(state),
            payment: payment.map(|payment| shown_payment(request.trip, payment)),
            my_rating: self.rated,
        }
    }
}

fn leg(state: TripState) -> Option<TripLeg> {
    let TripState::InProgress { leg, .. } = state else {
        return None;
    };
    Some(TripLeg {
        stop: leg.stop(),
        arrived_at: match leg {
            Leg::EnRoute { .. } => None,
            Leg::AtStop { arrived_at, .. } => Some(arrived_at),
        },
    })
}

const fn started_at(state: TripState) -> Option<DateTime<Utc>> {
    match state {
        TripState::InProgress { started_at, .. } | TripState::Completed { started_at, .. } => {
            Some(started_at)
        }
        _ => None,
    }
}

const fn completed_at(state: TripState) -> Option<DateTime<Utc>> {
    match state {
        TripState::Completed { completed_at, .. } => Some(completed_at),
        _ => None,
    }
}

fn cancelled(state: TripState) -> Option<CancelledTrip> {
    let TripState::Cancelled {
        by,
        reason,
        cancelled_at,
        ..
    } = state
    else {
        return None;
    };
    Some(CancelledTrip {
        by: by.party(),
        reason,
        note: None,
        at: cancelled_at,
    })
}

fn driver_card(id: DriverId) -> TripDriver {
    TripDriver {
        id,
        name: "Driver".to_owned(),
        rating: None,
    }
}

fn vehicle_card(id: VehicleId) -> TripVehicle {
    let text = || "-".to_owned();
    TripVehicle {
        id,
        plate: text(),
        make: text(),
        model: text(),
        colour: text(),
    }
}

fn shown_payment(trip: TripId, payment: &Payment) -> TripPayment {
    TripPayment {
        id: wayfare_core::id::PaymentId::from_uuid(trip.uuid()),
        method: payment.method,
        status: if payment.paid {
            PaymentStatus::Paid
        } else {
            PaymentStatus::Due
        },
        amount: payment.amount,
    }
}
