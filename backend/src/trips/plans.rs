//! The plan of a trip whose stops are not those that were quoted.

use sqlx::PgConnection;
use wayfare_core::geo::LatLng;
use wayfare_core::pricing::RideLength;
use wayfare_core::ride::places_reached;
use wayfare_core::trip::{Leg, Trip, TripState};

use super::rows::StoredTrip;
use super::track;
use crate::app::App;
use crate::places::read_track;
use crate::platform::clock;
use crate::platform::failure::Failure;
use crate::pricing::quotes::{self, Plan};

/// Plans the trip along its new stops and estimates what it costs.
pub(super) async fn replan(
    connection: &mut PgConnection,
    app: &App,
    stored: &mut StoredTrip,
) -> Result<(), Failure> {
    let plan = plan(connection, app, &stored.trip).await?;
    let quote = (stored.quote, stored.rider());
    stored.plan = plan.length;
    stored.fare = quotes::estimate(connection, app, quote, &plan, &stored.trip.stops).await?;
    Ok(())
}

/// Before the ride the whole of it; in a ride what was driven so far, and the way from where the car
/// was seen last over the stops that are left.
async fn plan(connection: &mut PgConnection, app: &App, trip: &Trip) -> Result<Plan, Failure> {
    let now = clock::now();
    let TripState::InProgress {
        started_at, leg, ..
    } = trip.state
    else {
        let begins = trip.request.pickup_at.map_or(now, |at| at.max(now));
        return quotes::plan(app, &trip.stops.route_from(trip.request.pickup), begins).await;
    };
    let track = track::list_track(connection, trip.request.trip, started_at, now).await?;
    let Some(seen) = track.last() else {
        let mut places = places_reached(trip);
        places.extend(stops_ahead(trip, leg));
        return quotes::plan_ahead(app, &places, now).await;
    };
    let mut places = vec![seen.position];
    places.extend(stops_ahead(trip, leg));
    let ahead = quotes::plan_ahead(app, &places, now).await?;
    let driven = read_track(&app.city, &track).await?;
    let driven_s = (now - started_at).num_seconds().max(0);
    let mut tolls = driven.tolls.unwrap_or_default();
    tolls.extend(ahead.tolls);
    Ok(Plan {
        length: RideLength {
            distance_m: driven
                .reading
                .distance_m()
                .saturating_add(ahead.length.distance_m),
            duration_s: driven_s.saturating_add(ahead.length.duration_s),
        },
        tolls,
    })
}

fn stops_ahead(trip: &Trip, leg: Leg) -> impl Iterator<Item = LatLng> + use<'_> {
    let first = match leg {
        Leg::EnRoute { stop } => stop,
        Leg::AtStop { stop, .. } => stop.saturating_add(1),
    };
    (first..=u8::MAX).map_while(|stop| trip.stops.position(stop))
}
