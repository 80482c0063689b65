//! Queues at airports and stations: who came first is asked first.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use wayfare_core::geo::LatLng;

use crate::app::App;
use crate::platform::failure::Failure;

/// Lets cars that came into a zone with a queue join it, and takes those out that were away for too
/// long, drive a trip or are offline. The leader does this at the beginning of a round.
pub(super) async fn refresh(
    connection: &mut PgConnection,
    app: &App,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    // Stub
    let _ = (connection, app, now);
    Ok(())
}

/// The zone whose queue is asked for trips from here, as a position in the city's list of zones.
pub(super) fn zone_at(app: &App, pickup: LatLng) -> Option<u16> {
    // Stub
    let _ = (app, pickup);
    None
}
