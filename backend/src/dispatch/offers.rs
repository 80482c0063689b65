//! What happens to offers because of their trip or their driver.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use wayfare_core::id::{DriverId, OfferId, TripId};
use wayfare_core::wire::{OfferOutcome, StreamEvent};

use super::queries::{self, ClosedOffer};
use super::{service, standing};
use crate::platform::clock;
use crate::platform::failure::Failure;
use crate::realtime::Feed;
use crate::trips::StoredTrip;

/// Takes back the open offers of a trip that is called off.
pub async fn withdraw_open(
    connection: &mut PgConnection,
    trip: TripId,
    feed: &mut Feed,
) -> Result<(), Failure> {
    let closed = queries::withdraw_offers(connection, trip, clock::now()).await?;
    tell_closed(closed, OfferOutcome::Withdrawn, feed);
    Ok(())
}

/// Tells those who are being asked for a trip that it leads elsewhere now, and what it is worth.
pub async fn renew_open(
    connection: &mut PgConnection,
    stored: &StoredTrip,
    feed: &mut Feed,
) -> Result<(), Failure> {
    let share_minor = stored.fare.driver_share_minor;
    for row in queries::renew_open_offers(connection, stored.id(), share_minor).await? {
        let offer = Box::new(service::show(stored, &row));
        let driver = DriverId::from_uuid(row.driver_id);
        feed.push(driver, StreamEvent::OfferCreated { offer });
    }
    Ok(())
}

/// Takes back the open offers of a driver who went offline.
pub(super) async fn withdraw_open_of_driver(
    connection: &mut PgConnection,
    driver: DriverId,
    feed: &mut Feed,
) -> Result<(), Failure> {
    let closed = queries::withdraw_offers_of_driver(connection, driver, clock::now()).await?;
    tell_closed(closed, OfferOutcome::Withdrawn, feed);
    Ok(())
}

/// Notes that the driver who accepted gave the trip back.
pub async fn release_accepted(connection: &mut PgConnection, trip: TripId) -> Result<(), Failure> {
    Ok(queries::release_accepted_offer(connection, trip).await?)
}

/// Whether the driver who has the trip took it ahead of the end of another one.
pub async fn was_taken_ahead(connection: &mut PgConnection, trip: TripId) -> Result<bool, Failure> {
    Ok(queries::was_accepted_forward(connection, trip).await?)
}

/// How many trips have two accepted offers.
pub async fn count_double(connection: &mut PgConnection) -> Result<i64, Failure> {
    Ok(queries::count_double_offers(connection).await?)
}

/// Notes that these drivers let their offers run out.
pub(super) async fn note_timed_out(
    connection: &mut PgConnection,
    offers: &[ClosedOffer],
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    if offers.is_empty() {
        return Ok(());
    }
    let drivers: Vec<DriverId> = offers
        .iter()
        .map(|offer| DriverId::from_uuid(offer.driver_id))
        .collect();
    standing::note_answers(connection, &drivers, OfferOutcome::TimedOut, now).await
}

pub(super) fn tell_closed(closed: Vec<ClosedOffer>, outcome: OfferOutcome, feed: &mut Feed) {
    for offer in closed {
        metrics::counter!("wayfare_offers_total", "outcome" => outcome.as_str()).increment(1);
        let offer_id = OfferId::from_uuid(offer.id);
        let driver = DriverId::from_uuid(offer.driver_id);
        feed.push(driver, StreamEvent::OfferClosed { offer_id, outcome });
    }
}
