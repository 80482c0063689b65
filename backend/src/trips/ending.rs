//! What a trip costs when it is over.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use sqlx::PgConnection;
use wayfare_core::id::TripId;
use wayfare_core::pricing::{CancellationFacts, Fare};
use wayfare_core::sync::FareClaim;
use wayfare_core::track::TrackPoint;
use wayfare_core::trip::{CancelReason, Party, Trip, TripState};

use super::rows::StoredTrip;
use super::{claims, track};
use crate::app::App;
use crate::platform::failure::Failure;
use crate::pricing::receipts::{self, RideOver};

/// A phone reports its position every few seconds, so the last point before the arrival counts too.
const SEEN_BEFORE_ARRIVAL: TimeDelta = TimeDelta::seconds(30);

/// A phone measures time in milliseconds, so the ride's first and last one count as a whole.
const LAST_OF_A_MILLISECOND: TimeDelta = TimeDelta::microseconds(999);

/// Prices a trip that was just completed, as its device claims if it does and may.
pub(super) async fn settle(
    connection: &mut PgConnection,
    app: &App,
    stored: &mut StoredTrip,
    claim: Option<&FareClaim>,
) -> Result<(), Failure> {
    let TripState::Completed {
        started_at,
        completed_at,
        ..
    } = stored.trip.state
    else {
        return Ok(());
    };
    let track = ride_track(connection, stored.id(), [started_at, completed_at]).await?;
    let over = RideOver {
        trip: &stored.trip,
        quote: stored.quote,
        plan: stored.plan,
        track: &track,
    };
    let priced = receipts::settle_ride(connection, app, &over, claim).await?;
    stored.fare = priced.fare;
    stored.basis = Some(priced.basis);
    match claim.zip(priced.verdict) {
        Some((claim, verdict)) => claims::keep(connection, stored, claim, &verdict).await,
        None => Ok(()),
    }
}

/// The points of a ride between two moments, both included, by whole milliseconds.
pub(super) async fn ride_track(
    connection: &mut PgConnection,
    trip: TripId,
    [from, to]: [DateTime<Utc>; 2],
) -> Result<Vec<TrackPoint>, Failure> {
    let to = to.trunc_subsecs(3) + LAST_OF_A_MILLISECOND;
    track::list_track(connection, trip, from.trunc_subsecs(3), to).await
}

/// Prices a trip that was just called off. Answers what it costs, if it costs anything.
pub(super) async fn settle_cancellation(
    connection: &mut PgConnection,
    app: &App,
    stored: &mut StoredTrip,
) -> Result<Option<Fare>, Failure> {
    let Some(mut facts) = cancellation_facts(&stored.trip) else {
        return Ok(None);
    };
    if facts.no_show {
        facts.no_show = was_at_pickup(connection, app, stored, &facts).await?;
    }
    let (trip, quote) = (&stored.trip, stored.quote);
    let charge = receipts::settle_cancellation(connection, app, trip, quote, facts).await?;
    if let Some(fare) = &charge.fare {
        stored.fare = fare.clone();
    }
    Ok(charge.fare)
}

/// Whether the driver's phone was at the pickup after it said so: nobody pays for a car that was not
/// there.
async fn was_at_pickup(
    connection: &mut PgConnection,
    app: &App,
    stored: &StoredTrip,
    facts: &CancellationFacts,
) -> Result<bool, Failure> {
    let Some(arrived_at) = facts.arrived_at else {
        return Ok(false);
    };
    let from = arrived_at - SEEN_BEFORE_ARRIVAL;
    let track = track::list_track(connection, stored.id(), from, facts.cancelled_at).await?;
    let radius_mm = u64::from(app.config.trips.arrived_radius_m) * 1000;
    let pickup = stored.trip.request.pickup;
    Ok(track
        .iter()
        .any(|point| point.position.distance_mm(pickup) <= radius_mm))
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

/// What the price of calling the trip off now depends on, if this party did it for a reason that is
/// no no-show.
pub(super) fn facts_if_cancelled(trip: &Trip, by: Party, at: DateTime<Utc>) -> CancellationFacts {
    trip.cancellation_facts(by, CancelReason::ChangedMind, at)
}
