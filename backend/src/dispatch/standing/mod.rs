//! What weighs for and against asking a driver: counted when it happens, read once a round.
//!
//! Everything is counted in the transaction in which it happens, after the trip's and the offer's row
//! and before the feeds; several drivers in the order of their ids.

mod queries;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::geo::LatLng;
use wayfare_core::id::DriverId;
use wayfare_core::wire::OfferOutcome;
use wayfare_dispatch::{GoingHome, QueuePlace, Standing};

use self::queries::{Answers, StandingRow};
use super::queues;
use crate::app::App;
use crate::platform::failure::Failure;

/// A mean of fewer ratings says little about the driver.
const RATINGS_MIN: i64 = 5;
/// Every driver begins as if one of twenty trips had been given back, so that the first one that is
/// does not count as all of them, and a driver with few trips does not pass for faultless.
const GAVE_BACK_BEFORE: i64 = 1;
const ACCEPTED_BEFORE: i64 = 20;
const BPS: i64 = 10_000;

/// What is known of these drivers. A driver of whom nothing is known yet stands as a new one.
pub async fn list(
    connection: &mut PgConnection,
    app: &App,
    drivers: &[DriverId],
    now: DateTime<Utc>,
) -> Result<HashMap<DriverId, Standing>, Failure> {
    let ids: Vec<Uuid> = drivers.iter().map(|driver| driver.uuid()).collect();
    let rows = queries::list_standing(connection, &ids, now).await?;
    rows.into_iter()
        .map(|row| {
            let queue = place(app, &row);
            Ok((
                DriverId::from_uuid(row.driver_id),
                standing(&row, queue, now)?,
            ))
        })
        .collect()
}

/// A zone that the city no longer has keeps nobody waiting.
fn place(app: &App, row: &StandingRow) -> Option<QueuePlace> {
    Some(QueuePlace {
        zone: queues::zone_named(app, row.queue_zone.as_deref()?)?,
        since: row.queue_since?,
    })
}

fn standing(
    row: &StandingRow,
    queue: Option<QueuePlace>,
    now: DateTime<Utc>,
) -> Result<Standing, Failure> {
    let home = row.home_lat_e7.zip(row.home_lng_e7);
    let home = home.map(|(lat, lng)| LatLng::from_e7(lat, lng)).transpose();
    Ok(Standing {
        idle_since: row.idle_since.unwrap_or(now),
        rating_milli: rating_milli(row.stars, row.ratings),
        cancel_bps: cancel_bps(row.gave_back, row.accepted),
        home: home
            .map_err(|error| Failure::broken("reading where a driver wants to get to", error))?
            .map(|to| GoingHome { to }),
        queue,
    })
}

fn rating_milli(stars: i64, ratings: i64) -> Option<u32> {
    if ratings < RATINGS_MIN {
        return None;
    }
    u32::try_from(stars.saturating_mul(1000) / ratings).ok()
}

/// The share of trips given back, in basis points, with the trips that every driver begins with.
fn cancel_bps(gave_back: i64, accepted: i64) -> u32 {
    let gave_back = gave_back.saturating_add(GAVE_BACK_BEFORE);
    // Trips that were accepted before they were counted may be given back as well.
    let accepted = accepted.saturating_add(ACCEPTED_BEFORE).max(gave_back);
    u32::try_from(gave_back.saturating_mul(BPS) / accepted).unwrap_or(u32::MAX)
}

/// Drivers answered offers, or did not. Who does not want an offer from a queue waits at its end
/// again; who accepts one has left it, and is not idle any more.
pub(super) async fn note_answers(
    connection: &mut PgConnection,
    drivers: &[DriverId],
    outcome: OfferOutcome,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let mut each = Answers::default();
    match outcome {
        OfferOutcome::Accepted => each.accepted = 1,
        OfferOutcome::Declined => each.declined = 1,
        OfferOutcome::TimedOut => each.timed_out = 1,
        // The driver had no say in it.
        OfferOutcome::Withdrawn => return Ok(()),
    }
    if drivers.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = drivers.iter().map(|driver| driver.uuid()).collect();
    queries::count_answers(connection, &ids, each, now).await?;
    if outcome == OfferOutcome::Accepted {
        queues::leave(connection, drivers).await
    } else {
        queues::move_to_end(connection, drivers, now).await
    }
}

/// A driver gave a trip back.
pub async fn note_gave_back(
    connection: &mut PgConnection,
    driver: DriverId,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    Ok(queries::count_gave_back(connection, driver, now).await?)
}

/// A driver has no trip from now on: one came online, or a trip ended.
pub async fn note_idle(
    connection: &mut PgConnection,
    driver: DriverId,
    since: DateTime<Utc>,
) -> Result<(), Failure> {
    Ok(queries::set_idle_since(connection, driver, since).await?)
}

/// A rider rated a driver.
pub async fn note_rating(
    connection: &mut PgConnection,
    driver: DriverId,
    stars: u8,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    Ok(queries::count_rating(connection, driver, stars.into(), now).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_ratings_say_nothing() {
        assert_eq!(rating_milli(0, 0), None);
        assert_eq!(rating_milli(4, 4), None);
        assert_eq!(rating_milli(23, 5), Some(4600));
        assert_eq!(rating_milli(5_000_000_000, 1_000_000_000), Some(5000));
    }

    #[test]
    fn one_trip_given_back_weighs_less_the_more_were_driven() {
        assert_eq!(cancel_bps(0, 0), 500, "a new driver");
        assert_eq!(cancel_bps(1, 1), 952);
        assert_eq!(cancel_bps(1, 180), 100);
        assert_eq!(cancel_bps(0, 180), 50);
        assert!(cancel_bps(0, 1_000_000) < cancel_bps(0, 100));
        assert_eq!(cancel_bps(500, 0), 10_000, "never more than all");
    }
}
