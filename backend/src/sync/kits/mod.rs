//! What drivers' phones need to finish a trip by themselves.
//!
//! A kit holds the trip as the rules know it, what it is priced by, and something to check the rider's
//! PIN with, but never the PIN. It is pushed whenever a driver gets a trip, and when somebody else
//! changed what the phone computes with.

pub mod api;
mod queries;

use sqlx::PgConnection;
use wayfare_core::id::{DriverId, TripId, UserId};
use wayfare_core::sync::{PinKey, TripKit};

use crate::app::App;
use crate::platform::failure::Failure;
use crate::pricing::quotes::{get_terms, straight_plan};
use crate::trips::{self, StoredTrip};

/// Everything that the trip's driver needs to bring it to its end without a network. Refused if it has
/// no driver.
pub async fn kit(
    connection: &mut PgConnection,
    app: &App,
    stored: &StoredTrip,
) -> Result<TripKit, Failure> {
    let assignment = stored.trip.state.assignment();
    let driver = assignment.ok_or_else(no_kit)?.driver;
    let mut trip = stored.trip.clone();
    let pin = trip.request.pin.take();
    let pin = pin.ok_or_else(|| Failure::broken("sealing a PIN", NoPin))?;
    let key = pin_key(connection, driver.into()).await?;
    let terms = get_terms(connection, stored.quote, stored.rider()).await?;
    Ok(TripKit {
        trip,
        pin_check: key.seal(stored.id(), pin, rand::random()),
        quoted: terms.facts,
        tariff: terms.tariff.spec().clone(),
        plan: stored.plan,
        straight: straight_plan(&app.config.pricing),
        rules: trips::service::rules(app),
        shown: trips::service::view_trip(connection, stored, driver.into()).await?,
    })
}

/// The kit of a trip of this driver.
pub async fn get_kit(
    connection: &mut PgConnection,
    app: &App,
    trip: TripId,
    driver: DriverId,
) -> Result<TripKit, Failure> {
    let stored = trips::service::find_of_driver(connection, trip, driver).await?;
    let stored = stored.ok_or_else(no_kit)?;
    kit(connection, app, &stored).await
}

/// Nobody but its driver learns that there is such a trip.
fn no_kit() -> Failure {
    Failure::not_found("trip")
}

/// What this person's devices check PINs with. It is made on first use and stays.
pub async fn pin_key(connection: &mut PgConnection, user: UserId) -> Result<PinKey, Failure> {
    if let Some(stored) = queries::find_pin_key(connection, user).await? {
        return read_key(stored);
    }
    let fresh: [u8; 32] = rand::random();
    queries::insert_pin_key(connection, user, &fresh).await?;
    // Another transaction may have made one in between.
    let stored = queries::find_pin_key(connection, user).await?;
    read_key(stored.unwrap_or_default())
}

fn read_key(stored: Vec<u8>) -> Result<PinKey, Failure> {
    let bytes = stored
        .try_into()
        .map_err(|_| Failure::broken("reading a PIN key", WrongLength))?;
    Ok(PinKey::from_bytes(bytes))
}

#[derive(Debug, thiserror::Error)]
#[error("a PIN key has 32 bytes")]
struct WrongLength;

#[derive(Debug, thiserror::Error)]
#[error("the trip has no PIN")]
struct NoPin;
