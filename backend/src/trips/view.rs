//! A trip as one side sees it. Only the rider sees the PIN.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::id::{RiderId, TripId, UserId};
use wayfare_core::trip::{Leg, TripState};
use wayfare_core::wire::{CancelledTrip, Trip, TripLeg, TripPayment, TripSide};

use super::queries;
use super::rows::StoredTrip;
use crate::payments::service::list_trip_payments;
use crate::platform::failure::Failure;

/// These trips as this person sees them.
pub(super) async fn many(
    connection: &mut PgConnection,
    trips: &[StoredTrip],
    viewer: UserId,
) -> Result<Vec<Trip>, Failure> {
    let ids: Vec<TripId> = trips.iter().map(StoredTrip::id).collect();
    let uuids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let mut payments = list_trip_payments(connection, &ids).await?;
    let mut stars = HashMap::new();
    for rating in queries::list_ratings(connection, &uuids).await? {
        let count = u8::try_from(rating.stars)
            .map_err(|error| Failure::broken("reading a rating", error))?;
        stars.insert((TripId::from_uuid(rating.trip_id), rating.side), count);
    }
    let show = |stored: &StoredTrip| {
        let side = side_of(stored, viewer);
        let my_rating = stars.get(&(stored.id(), side.as_str().to_owned())).copied();
        show(stored, side, payments.remove(&stored.id()), my_rating)
    };
    Ok(trips.iter().map(show).collect())
}

/// This trip as this person sees it.
pub(super) async fn one(
    connection: &mut PgConnection,
    stored: &StoredTrip,
    viewer: UserId,
) -> Result<Trip, Failure> {
    let mut trips = many(connection, std::slice::from_ref(stored), viewer).await?;
    trips.pop().ok_or_else(|| Failure::not_found("trip"))
}

/// On which side of a trip a person is who is on one of them.
pub(super) fn side_of(stored: &StoredTrip, viewer: UserId) -> TripSide {
    if stored.rider() == RiderId::from(viewer) {
        TripSide::Rider
    } else {
        TripSide::Driver
    }
}

fn show(
    stored: &StoredTrip,
    side: TripSide,
    payment: Option<TripPayment>,
    my_rating: Option<u8>,
) -> Trip {
    let request = &stored.trip.request;
    let state = stored.trip.state;
    let (arrived_at, started_at, completed_at) = match state {
        TripState::Arrived { arrived_at, .. } => (Some(arrived_at), None, None),
        TripState::InProgress {
            arrived_at,
            started_at,
            ..
        } => (Some(arrived_at), Some(started_at), None),
        TripState::Completed {
            arrived_at,
            started_at,
            completed_at,
            ..
        } => (Some(arrived_at), Some(started_at), Some(completed_at)),
        _ => (None, None, None),
    };
    let cancelled = match state {
        TripState::Cancelled {
            by,
            reason,
            cancelled_at,
            ..
        } => Some(CancelledTrip {
            by: by.party(),
            reason,
            note: stored.cancel_note.clone(),
            at: cancelled_at,
        }),
        _ => None,
    };
    let leg = match state {
        TripState::InProgress { leg, .. } => Some(TripLeg {
            stop: leg.stop(),
            arrived_at: match leg {
                Leg::EnRoute { .. } => None,
                Leg::AtStop { arrived_at, .. } => Some(arrived_at),
            },
        }),
        _ => None,
    };
    let stops = &stored.trip.stops;
    let waypoints = stops.waypoints.iter().map(|place| (*place).into());
    let asked = side == TripSide::Rider;
    let rides = stored
        .passenger
        .as_ref()
        .map(|passenger| passenger.name.clone());
    let pin_matters = side == TripSide::Rider && !state.status().is_final();
    Trip {
        id: request.trip,
        status: state.status(),
        version: stored.trip.version,
        rider_id: request.rider,
        rider_name: rides.or_else(|| stored.rider_name.clone()),
        passenger: asked.then(|| stored.passenger.clone()).flatten(),
        vehicle_class: request.vehicle_class,
        needs: (!stored.needs.is_empty()).then(|| stored.needs.clone()),
        pickup: request.pickup.into(),
        waypoints: waypoints.collect(),
        dropoff: stops.dropoff.into(),
        pickup_at: request.pickup_at,
        leg,
        distance_m: stored.plan.distance_m,
        duration_s: stored.plan.duration_s,
        fare: stored.fare.clone(),
        quote_id: stored.quote,
        basis: stored.basis,
        pin: request.pin.filter(|_| pin_matters),
        driver: stored.driver_card.as_ref().map(|card| card.driver.clone()),
        vehicle: stored.driver_card.as_ref().map(|card| card.vehicle.clone()),
        car: None,
        requested_at: request.requested_at,
        driver_finishes_first: stored.forward,
        assigned_at: state.assignment().map(|assignment| assignment.assigned_at),
        arrived_at,
        started_at,
        completed_at,
        cancelled,
        payment,
        my_rating,
    }
}
