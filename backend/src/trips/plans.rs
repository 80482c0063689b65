//! The plan of a trip whose stops are not those that were quoted.

use sqlx::PgConnection;
use wayfare_core::geo::LatLng;
use wayfare_core::pricing::RideLength;
use wayfare_core::track::{StraightLine, measure};
use wayfare_core::trip::{Leg, Trip, TripState};

use super::rows::StoredTrip;
use super::track;
use crate::app::App;
use crate::platform::clock;
use crate::platform::failure::Failure;
use crate::pricing::quotes;

/// Plans the trip along its new stops and estimates what it costs.
pub(super) async fn replan(
    connection: &mut PgConnection,
    app: &App,
    stored: &mut StoredTrip,
) -> Result<(), Failure> {
    stored.plan = plan(connection, app, &stored.trip).await?;
    let (quote, rider) = (stored.quote, stored.rider());
    let waypoints = stored.trip.stops.waypoints.len();
    stored.fare = quotes::estimate(connection, quote, rider, &stored.plan, waypoints).await?;
    Ok(())
}

/// Before the ride the whole of it; in a ride what was driven so far, and the way from where the car
/// was seen last over the stops that are left.
async fn plan(
    connection: &mut PgConnection,
    app: &App,
    trip: &Trip,
) -> Result<RideLength, Failure> {
    let config = &app.config.pricing;
    let TripState::InProgress {
        started_at, leg, ..
    } = trip.state
    else {
        return quotes::plan(config, &trip.stops.route_from(trip.request.pickup));
    };
    let now = clock::now();
    let track = track::list_track(connection, trip.request.trip, started_at, now).await?;
    let Some(seen) = track.last() else {
        let mut places = places_reached(trip);
        places.extend(stops_ahead(trip, leg));
        return quotes::plan_ahead(config, &places);
    };
    let mut places = vec![seen.position];
    places.extend(stops_ahead(trip, leg));
    let ahead = quotes::plan_ahead(config, &places)?;
    let driven_m = measure(&track, &StraightLine).distance_m();
    let driven_s = (now - started_at).num_seconds().max(0);
    Ok(RideLength {
        distance_m: driven_m.saturating_add(ahead.distance_m),
        duration_s: driven_s.saturating_add(ahead.duration_s),
    })
}

fn stops_ahead(trip: &Trip, leg: Leg) -> impl Iterator<Item = LatLng> + use<'_> {
    let first = match leg {
        Leg::EnRoute { stop } => stop,
        Leg::AtStop { stop, .. } => stop.saturating_add(1),
    };
    (first..=u8::MAX).map_while(|stop| trip.stops.position(stop))
}

/// The plan along the stops that were made: all of them, unless the rider got out early.
pub(super) fn plan_as_made(app: &App, ridden: &Trip, planned: RideLength) -> RideLength {
    if ridden.stops_skipped() == 0 {
        return planned;
    }
    let mut places = places_reached(ridden);
    if ridden.open_stand().is_none() {
        places.push(ridden.stops.dropoff);
    }
    quotes::length_along(&app.config.pricing, &places)
}

/// The pickup and the stops that the car came to.
fn places_reached(trip: &Trip) -> Vec<LatLng> {
    let reached = trip.visits.iter();
    let mut places = vec![trip.request.pickup];
    places.extend(reached.filter_map(|visit| trip.stops.position(visit.stop)));
    places
}
