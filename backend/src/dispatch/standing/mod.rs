//! What weighs for and against asking a driver: counted when it happens, read once a round.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use wayfare_core::id::DriverId;
use wayfare_core::wire::OfferOutcome;
use wayfare_dispatch::Standing;

use crate::app::App;
use crate::platform::failure::Failure;

/// What is known of these drivers. A driver of whom nothing is known yet stands as a new one.
pub(super) async fn list(
    connection: &mut PgConnection,
    app: &App,
    drivers: &[DriverId],
    now: DateTime<Utc>,
) -> Result<HashMap<DriverId, Standing>, Failure> {
    // Stub
    let _ = (connection, app);
    let new = Standing {
        idle_since: now,
        rating_milli: None,
        cancel_bps: 0,
        home: None,
        queue: None,
    };
    Ok(drivers.iter().map(|driver| (*driver, new)).collect())
}

/// Drivers answered offers, or did not.
pub(super) async fn note_answers(
    connection: &mut PgConnection,
    drivers: &[DriverId],
    outcome: OfferOutcome,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    // Stub
    let _ = (connection, drivers, outcome, now);
    Ok(())
}

/// A driver gave a trip back.
pub async fn note_gave_back(
    connection: &mut PgConnection,
    driver: DriverId,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    // Stub
    let _ = (connection, driver, now);
    Ok(())
}

/// A driver has no trip from now on: one came online, or a trip ended.
pub async fn note_idle(
    connection: &mut PgConnection,
    driver: DriverId,
    since: DateTime<Utc>,
) -> Result<(), Failure> {
    // Stub
    let _ = (connection, driver, since);
    Ok(())
}

/// A rider rated a driver.
pub async fn note_rating(
    connection: &mut PgConnection,
    driver: DriverId,
    stars: u8,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    // Stub
    let _ = (connection, driver, stars, now);
    Ok(())
}
