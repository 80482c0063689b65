//! A ride that began, with the rider's PIN, after the trip had been called off, given up or taken from
//! its driver, who had no network: what happened wins over what was decided meanwhile.
//!
//! Whatever was decided is undone in the transaction that resumes the trip: the fee is given back, the
//! promotion is used again, the rider's next booking and the driver's next trip are let go, and a
//! driver who was on the way instead is free.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use wayfare_core::id::{DriverId, TripId};
use wayfare_core::trip::{
    Actor, Assignment, CancelReason, Command, Event, TripState, TripStatus, Versioned,
};
use wayfare_core::wire::ErrorCode;

use super::change::{Afterwards, Change, apply};
use super::queries;
use super::rows::{StoredTrip, broken};
use crate::app::App;
use crate::dispatch::offers;
use crate::payments::service::reverse_cancellation;
use crate::platform::failure::Failure;
use crate::pricing::promotions;
use crate::pricing::quotes::{self, Plan};
use crate::realtime::Feed;

/// The last assignment that this driver had of the trip, wherever the trip is now.
pub async fn earlier_assignment(
    connection: &mut PgConnection,
    trip: TripId,
    driver: DriverId,
) -> Result<Option<Assignment>, Failure> {
    for payload in queries::list_assignments(connection, trip).await? {
        let event: Versioned<Event> = Versioned::from_value(payload).map_err(broken)?;
        if let Event::Assigned { assignment } | Event::Resumed { assignment, .. } = event.0
            && assignment.driver == driver
        {
            return Ok(Some(assignment));
        }
    }
    Ok(None)
}

/// Lets go what stands in the way of the trip being resumed: another trip of its rider that waits for
/// a car, and another one that its driver was given. `stored` is locked and may be resumed.
pub(super) async fn make_way(
    connection: &mut PgConnection,
    app: &App,
    stored: &StoredTrip,
    driver: DriverId,
    feed: &mut Feed,
) -> Result<(), Failure> {
    if let Some(other) = rider_elsewhere(connection, stored).await? {
        let reason = CancelReason::Other;
        let change = Change::now(other, Command::Cancel { reason }, Actor::System);
        apply(connection, app, change, Afterwards::Free, feed).await?;
    }
    if let Some(other) = driver_elsewhere(connection, stored.id(), driver).await? {
        let reason = CancelReason::Other;
        let change = Change::now(other, Command::Reassign { reason }, Actor::System);
        apply(connection, app, change, Afterwards::Drives, feed).await?;
    }
    Ok(())
}

/// The rider's other trip, of which there may be only one; refused if the rider is in its car.
async fn rider_elsewhere(
    connection: &mut PgConnection,
    stored: &StoredTrip,
) -> Result<Option<TripId>, Failure> {
    let request = &stored.trip.request;
    if request.pickup_at.is_some() || request.for_someone_else {
        return Ok(None);
    }
    let other = queries::find_live_of_rider(connection, request.rider, request.trip).await?;
    let Some(other) = other else {
        return Ok(None);
    };
    if other.status == TripStatus::InProgress.as_str() {
        let detail = "the rider is on another ride";
        return Err(Failure::refused(ErrorCode::RiderElsewhere, detail));
    }
    Ok(Some(TripId::from_uuid(other.id)))
}

/// The other trip that the driver is to drive; refused if a rider is in the car.
async fn driver_elsewhere(
    connection: &mut PgConnection,
    trip: TripId,
    driver: DriverId,
) -> Result<Option<TripId>, Failure> {
    let Some(other) = queries::find_driven_by(connection, driver, trip).await? else {
        return Ok(None);
    };
    if other.status == TripStatus::InProgress.as_str() {
        let detail = "the driver is on another ride";
        return Err(Failure::refused(ErrorCode::DriverBusy, detail));
    }
    Ok(Some(TripId::from_uuid(other.id)))
}

/// Prepares the row of a trip that was just resumed: what it is estimated to cost is what the ride
/// costs, and not the fee.
pub(super) async fn forget_fee(
    connection: &mut PgConnection,
    app: &App,
    stored: &mut StoredTrip,
) -> Result<(), Failure> {
    let quote = (stored.quote, stored.rider());
    let terms = quotes::get_terms(connection, quote.0, quote.1).await?;
    let plan = Plan {
        length: stored.plan,
        tolls: terms.facts.tolls,
    };
    stored.fare = quotes::estimate(connection, app, quote, &plan, &stored.trip.stops).await?;
    Ok(())
}

/// What happens elsewhere because a trip was resumed that stood like this before.
pub(super) async fn undo(
    connection: &mut PgConnection,
    stored: &StoredTrip,
    before: TripState,
    now: DateTime<Utc>,
    feed: &mut Feed,
) -> Result<(), Failure> {
    let driver = stored.trip.state.assignment().map(|now| now.driver);
    let another = before.assignment().map(|then| then.driver) != driver;
    if another {
        offers::release_accepted(connection, stored.id()).await?;
    }
    offers::withdraw_open(connection, stored.id(), feed).await?;
    if !before.status().is_final() {
        return Ok(());
    }
    let quote = (stored.quote, stored.rider());
    let terms = quotes::get_terms(connection, quote.0, quote.1).await?;
    if let Some(code) = &terms.promo_code {
        promotions::use_again(connection, code, stored.rider(), stored.id()).await?;
    }
    reverse_cancellation(connection, stored.id(), now).await
}
