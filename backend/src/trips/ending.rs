//! What a trip costs when it is over or its stops change.

use sqlx::PgConnection;
use wayfare_core::geo::LatLng;
use wayfare_core::pricing::{CancellationFacts, Fare, RideLength};
use wayfare_core::trip::{Party, Trip, TripState};

use super::rows::StoredTrip;
use super::track;
use crate::app::App;
use crate::platform::failure::Failure;
use crate::pricing::quotes;
use crate::pricing::receipts::{self, RideOver};

/// Plans the trip along its new stops and estimates what it costs.
pub(super) async fn replan(
    connection: &mut PgConnection,
    app: &App,
    stored: &mut StoredTrip,
) -> Result<(), Failure> {
    let trip = &stored.trip;
    let waypoints = trip.stops.waypoints.len();
    stored.plan = quotes::plan(&app.config.pricing, &places(trip))?;
    let (quote, rider) = (stored.quote, trip.request.rider);
    stored.fare = quotes::estimate(connection, quote, rider, &stored.plan, waypoints).await?;
    Ok(())
}

/// Prices a trip that was just completed.
pub(super) async fn settle(
    connection: &mut PgConnection,
    app: &App,
    stored: &mut StoredTrip,
) -> Result<(), Failure> {
    let TripState::Completed {
        assignment,
        started_at,
        completed_at,
        ..
    } = stored.trip.state
    else {
        return Ok(());
    };
    let track = track::list_track(connection, stored.id(), started_at, completed_at).await?;
    let over = RideOver {
        trip: &stored.trip,
        quote: stored.quote,
        driver: assignment.driver,
        plan: plan_as_made(app, stored),
        started_at,
        completed_at,
        track: &track,
    };
    let priced = receipts::settle_ride(connection, app, &over).await?;
    stored.fare = priced.fare;
    stored.basis = Some(priced.basis);
    Ok(())
}

/// Prices a trip that was just called off. Answers what it costs, if it costs anything.
pub(super) async fn settle_cancellation(
    connection: &mut PgConnection,
    app: &App,
    stored: &mut StoredTrip,
) -> Result<Option<Fare>, Failure> {
    let Some(facts) = cancellation_facts(&stored.trip) else {
        return Ok(None);
    };
    let (trip, quote) = (&stored.trip, stored.quote);
    let charge = receipts::settle_cancellation(connection, app, trip, quote, facts).await?;
    if let Some(fare) = &charge.fare {
        stored.fare = fare.clone();
    }
    Ok(charge.fare)
}

fn cancellation_facts(trip: &Trip) -> Option<CancellationFacts> {
    match trip.state {
        TripState::Cancelled {
            by,
            reason,
            cancelled_at,
            ..
        } => Some(trip.cancellation_facts(by.party(), reason, cancelled_at)),
        _ => None,
    }
}

/// The plan along the stops that were made: all of them, unless the rider got out early.
fn plan_as_made(app: &App, stored: &StoredTrip) -> RideLength {
    let trip = &stored.trip;
    if trip.stops_skipped() == 0 {
        return stored.plan;
    }
    let made = trip.visits.iter();
    let mut places = vec![trip.request.pickup];
    places.extend(made.filter_map(|visit| trip.stops.position(visit.stop)));
    let ended_at_waypoint = trip
        .visits
        .last()
        .is_some_and(|visit| visit.left_at.is_none());
    if !ended_at_waypoint {
        places.push(trip.stops.dropoff);
    }
    quotes::length_along(&app.config.pricing, &places)
}

fn places(trip: &Trip) -> Vec<LatLng> {
    let mut places = vec![trip.request.pickup];
    places.extend(&trip.stops.waypoints);
    places.push(trip.stops.dropoff);
    places
}

/// Who would pay if this party called the trip off now, as far as the domain is concerned.
pub(super) fn facts_if_cancelled(
    trip: &Trip,
    by: Party,
    at: chrono::DateTime<chrono::Utc>,
) -> CancellationFacts {
    trip.cancellation_facts(by, wayfare_core::trip::CancelReason::ChangedMind, at)
}
