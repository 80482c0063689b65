//! A ride that began, with the rider's PIN, after the trip had been called off, given up or taken from
//! its driver, who had no network: what happened wins over what was decided meanwhile.
//!
//! Whatever was decided is undone in the transaction that resumes the trip: the fee is given back, the
//! promotion is used again, the rider's next booking and the driver's next trip are let go, and a
//! driver who was on the way instead is free.

mod queries;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sqlx::PgConnection;
use wayfare_core::id::{DriverId, TripId};
use wayfare_core::trip::{Actor, CancelReason, Command, TripState, TripStatus};
use wayfare_core::wire::ErrorCode;

use super::change::{Afterwards, Change, change_as};
use super::forward;
use super::rows::StoredTrip;
use crate::app::App;
use crate::dispatch::offers;
use crate::payments::service::reverse_cancellation;
use crate::platform::failure::Failure;
use crate::pricing::promotions;
use crate::pricing::quotes::{self, Plan};
use crate::realtime::Feed;

/// Lets go what stands in the way of the trip being resumed: another trip of its rider that waits for
/// a car, and another one that its driver was given. Lets go of nothing if it is refused.
pub(super) async fn make_way(
    connection: &mut PgConnection,
    app: &App,
    (stored, driver): (&StoredTrip, DriverId),
    feed: &mut Feed,
) -> Result<(), Failure> {
    let reason = CancelReason::Other;
    let booked = rider_elsewhere(connection, stored).await?;
    let given = driver_elsewhere(connection, stored.id(), driver).await?;
    if let Some(other) = booked {
        // The rider's booking may be what the driver was given.
        let afterwards = if given == booked {
            Afterwards::Drives
        } else {
            Afterwards::Free
        };
        let change = Change::now(other, Command::Cancel { reason }, Actor::System);
        let_go(connection, app, (change, afterwards), feed).await?;
    }
    if let Some(other) = given.filter(|given| booked != Some(*given))
        && !forward::comes_after(connection, other, feed).await?
    {
        let change = Change::now(other, Command::Reassign { reason }, Actor::System);
        let_go(connection, app, (change, Afterwards::Drives), feed).await?;
    }
    Ok(())
}

/// A trip may be changed because of another one; that one is changed because of no third.
fn let_go<'a>(
    connection: &'a mut PgConnection,
    app: &'a App,
    (change, afterwards): (Change<'a>, Afterwards),
    feed: &'a mut Feed,
) -> BoxFuture<'a, Result<(), Failure>> {
    async move {
        change_as(connection, app, change, afterwards, feed).await?;
        Ok(())
    }
    .boxed()
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
