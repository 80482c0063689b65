//! A person's state as a whole, as it is at one moment.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use wayfare_core::id::{DriverId, UserId};
use wayfare_core::sync::TripKit;
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{Driver, Offer, PaymentStatus, Trip, TripPayment};

use crate::app::App;
use crate::platform::clock;
use crate::platform::db::begin_snapshot;
use crate::platform::failure::Failure;
use crate::realtime::service::start;
use crate::sync::kits;
use crate::trips::StoredTrip;
use crate::{dispatch, fleet, trips};

/// The newest trips that a snapshot has.
const TRIPS_MAX: i64 = 40;

/// What goes out as a `Snapshot`.
#[derive(Debug)]
pub(super) struct State {
    pub(super) cursor: i64,
    pub(super) driver: Option<Driver>,
    pub(super) kits: Vec<TripKit>,
    pub(super) trips: Vec<Trip>,
    pub(super) offers: Vec<Offer>,
    pub(super) server_time: DateTime<Utc>,
}

/// Reads everything in one transaction that sees one moment: what the cursor counts is in it, and
/// what it does not count is not.
pub(super) async fn take(app: &App, user: UserId) -> Result<State, Failure> {
    prepare(app, user).await?;
    let mut transaction = begin_snapshot(&app.pool).await?;
    let connection = &mut *transaction;
    let cursor = start(connection, user, None).await?.cursor;
    let drives = fleet::service::driver_exists(connection, user).await?;
    let driver = if drives {
        Some(fleet::service::get_driver_in(connection, user.into()).await?)
    } else {
        None
    };
    let offers = if drives {
        dispatch::service::list_offers(connection, user.into()).await?
    } else {
        Vec::new()
    };
    let stored = trips::own::list_newest(connection, user, TRIPS_MAX).await?;
    let shown = trips::own::show(connection, &stored, user).await?;
    let unpaid = stored.iter().zip(&shown).filter(|(_, trip)| is_owed(trip));
    let kits = if drives {
        let mut wanted = trips::own::list_open_of_driver(connection, user.into()).await?;
        let owed = unpaid.filter(|(stored, _)| drove(stored, user.into()));
        wanted.extend(owed.map(|(stored, _)| stored.clone()));
        build_kits(connection, app, &wanted).await?
    } else {
        Vec::new()
    };
    transaction.commit().await?;
    Ok(State {
        cursor,
        driver,
        kits,
        trips: shown,
        offers,
        server_time: clock::now(),
    })
}

/// Kits need a key, and a transaction that only reads cannot make it.
async fn prepare(app: &App, user: UserId) -> Result<(), Failure> {
    let mut connection = app.pool.acquire().await?;
    if fleet::service::driver_exists(&mut connection, user).await? {
        kits::pin_key(&mut connection, user).await?;
    }
    Ok(())
}

/// The driver still has to take the money.
fn is_owed(trip: &Trip) -> bool {
    let due = |payment: &TripPayment| payment.status == PaymentStatus::Due;
    trip.status == TripStatus::Completed && trip.payment.as_ref().is_some_and(due)
}

fn drove(stored: &StoredTrip, driver: DriverId) -> bool {
    let assignment = stored.trip.state.assignment();
    assignment.is_some_and(|assignment| assignment.driver == driver)
}

async fn build_kits(
    connection: &mut PgConnection,
    app: &App,
    trips: &[StoredTrip],
) -> Result<Vec<TripKit>, Failure> {
    let mut built = Vec::with_capacity(trips.len());
    for stored in trips {
        built.push(kits::kit(connection, app, stored).await?);
    }
    Ok(built)
}
