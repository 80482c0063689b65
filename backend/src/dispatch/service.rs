//! Drivers' answers to offers.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use wayfare_core::geo::LatLng;
use wayfare_core::id::{DriverId, OfferId, TripId, VehicleId};
use wayfare_core::sync::conflicts::Situation;
use wayfare_core::trip::{Actor, Command};
use wayfare_core::wire::{DeclineReason, ErrorCode, Offer, OfferOutcome, StreamEvent, Trip};

use super::positions::PositionChange;
use super::queries::{self, NewOffer, OfferRow, OfferTerms};
use super::{cars, offers, queues, standing};
use crate::app::App;
use crate::fleet;
use crate::platform::clock;
use crate::platform::failure::Failure;
use crate::realtime::Feed;
use crate::trips::{self, Change, StoredTrip, change_trip};

/// A driver takes an offer: the trip is theirs, or the answer says why not.
pub(super) async fn accept_offer(
    connection: &mut PgConnection,
    app: &App,
    offer: OfferId,
    driver: DriverId,
) -> Result<Trip, Failure> {
    let mut feed = Feed::default();
    let stored = take_offer(connection, app, offer, driver, &mut feed).await?;
    let shown = trips::service::view_trip(connection, &stored, driver.into()).await?;
    feed.write(connection).await?;
    Ok(shown)
}

/// The same with the caller's messages. If it fails, some may have been added that are not true.
pub async fn take_offer(
    connection: &mut PgConnection,
    app: &App,
    offer: OfferId,
    driver: DriverId,
    feed: &mut Feed,
) -> Result<StoredTrip, Failure> {
    let row = get_offer(connection, offer, driver).await?;
    let trip = TripId::from_uuid(row.trip_id);
    let assign = Command::Assign {
        driver,
        vehicle: VehicleId::from_uuid(row.vehicle_id),
    };
    let change = Change {
        ahead: row.forward,
        ..Change::now(trip, assign, Actor::System)
    };
    // First the trip and then the offer: everybody who needs both takes them in this order.
    let stored = change_trip(connection, app, change, feed)
        .await
        .map_err(trip_is_gone)?;
    // Whoever had to wait for the trip may have waited too long.
    let now = clock::now();
    if !queries::accept_offer(connection, offer, now).await? {
        return Err(closed());
    }
    // Others may have been asked at the same time.
    offers::withdraw_open(connection, trip, feed).await?;
    standing::note_answers(connection, &[driver], OfferOutcome::Accepted, now).await?;
    tell_answered(driver, offer, OfferOutcome::Accepted, feed);
    Ok(stored)
}

/// How an offer stands for a driver who answers it late.
pub async fn offer_situation(
    connection: &mut PgConnection,
    offer: OfferId,
    driver: DriverId,
) -> Result<Situation, Failure> {
    let row = queries::find_offer_of(connection, offer, driver).await?;
    Ok(match row.as_ref().map(|row| row.status.as_str()) {
        None => Situation::OfferUnknown,
        Some("open") => Situation::OfferOpen,
        Some("accepted") => Situation::OfferAccepted,
        Some(_) => Situation::OfferClosed,
    })
}

/// A driver does not want an offer.
pub(super) async fn decline_offer(
    connection: &mut PgConnection,
    offer: OfferId,
    driver: DriverId,
    reason: DeclineReason,
) -> Result<(), Failure> {
    let mut feed = Feed::default();
    refuse_offer(connection, (offer, driver), reason, &mut feed).await?;
    feed.write(connection).await
}

/// The same with the caller's messages.
pub async fn refuse_offer(
    connection: &mut PgConnection,
    (offer, driver): (OfferId, DriverId),
    reason: DeclineReason,
    feed: &mut Feed,
) -> Result<(), Failure> {
    get_offer(connection, offer, driver).await?;
    let now = clock::now();
    if !queries::decline_offer(connection, offer, reason.as_str(), now).await? {
        return Err(closed());
    }
    let outcome = OfferOutcome::Declined;
    standing::note_answers(connection, &[driver], outcome, now).await?;
    tell_answered(driver, offer, outcome, feed);
    Ok(())
}

fn tell_answered(driver: DriverId, offer_id: OfferId, outcome: OfferOutcome, feed: &mut Feed) {
    metrics::counter!("wayfare_offers_total", "outcome" => outcome.as_str()).increment(1);
    feed.push(driver, StreamEvent::OfferClosed { offer_id, outcome });
}

/// The driver's open offers.
pub async fn list_offers(
    connection: &mut PgConnection,
    driver: DriverId,
) -> Result<Vec<Offer>, Failure> {
    let rows = queries::list_open_offers_of(connection, driver, clock::now()).await?;
    let mut shown = Vec::with_capacity(rows.len());
    for row in rows {
        let trip = TripId::from_uuid(row.trip_id);
        if let Some(stored) = trips::service::find_requested(connection, trip).await? {
            shown.push(show(&stored, &row));
        }
    }
    Ok(shown)
}

/// Whether the trip was ever offered to the driver.
pub async fn was_offered(
    connection: &mut PgConnection,
    trip: TripId,
    driver: DriverId,
) -> Result<bool, Failure> {
    Ok(queries::was_offered(connection, trip, driver).await?)
}

/// A new offer as its driver sees it.
pub(super) fn show_offer(stored: &StoredTrip, offer: &NewOffer, terms: OfferTerms) -> Offer {
    show(
        stored,
        &OfferRow {
            id: offer.id.uuid(),
            trip_id: offer.trip.uuid(),
            driver_id: offer.driver.uuid(),
            vehicle_id: offer.vehicle.uuid(),
            status: "open".to_owned(),
            wave: offer.wave,
            forward: offer.forward,
            pickup_distance_m: offer.pickup_distance_m,
            pickup_duration_s: Some(offer.pickup_duration_s),
            driver_share_minor: offer.driver_share_minor,
            expires_at: terms.expires_at,
        },
    )
}

/// An offer as its driver sees it.
pub(super) fn show(stored: &StoredTrip, row: &OfferRow) -> Offer {
    let (request, stops) = (&stored.trip.request, &stored.trip.stops);
    Offer {
        id: OfferId::from_uuid(row.id),
        trip_id: stored.id(),
        vehicle_class: request.vehicle_class,
        needs: (!stored.needs.is_empty()).then(|| stored.needs.clone()),
        pickup: request.pickup.into(),
        waypoints: stops
            .waypoints
            .iter()
            .map(|place| (*place).into())
            .collect(),
        dropoff: stops.dropoff.into(),
        pickup_at: request.pickup_at,
        pickup_distance_m: row.pickup_distance_m,
        pickup_duration_s: row.pickup_duration_s,
        forward: row.forward,
        wave: u32::try_from(row.wave).unwrap_or(u32::MAX),
        distance_m: stored.plan.distance_m,
        duration_s: stored.plan.duration_s,
        driver_share_minor: row.driver_share_minor,
        currency: stored.fare.currency,
        requested_at: request.requested_at,
        expires_at: row.expires_at,
    }
}

async fn get_offer(
    connection: &mut PgConnection,
    offer: OfferId,
    driver: DriverId,
) -> Result<OfferRow, Failure> {
    let row = queries::find_offer_of(connection, offer, driver).await?;
    let row = row.ok_or_else(|| Failure::not_found("offer"))?;
    if row.status == "open" && row.driver_id == driver.uuid() {
        Ok(row)
    } else {
        Err(closed())
    }
}

fn closed() -> Failure {
    Failure::refused(ErrorCode::OfferClosed, "the offer is no longer open")
}

/// For the driver, a trip that was called off or taken is an offer that is closed.
fn trip_is_gone(failure: Failure) -> Failure {
    if failure.code() == ErrorCode::WrongTripState {
        closed()
    } else {
        failure
    }
}

/// A driver went online or offline. Who is offline keeps no offer and is not looked for.
pub async fn driver_availability_changed(
    app: &App,
    driver: DriverId,
    online: Option<fleet::OnlineDriver>,
) -> Result<(), Failure> {
    if online.is_some() {
        return Ok(());
    }
    forget_position(app, driver);
    let mut transaction = app.pool.begin().await?;
    let mut feed = Feed::default();
    keep_nothing(&mut transaction, driver, &mut feed).await?;
    feed.write(&mut transaction).await?;
    transaction.commit().await?;
    Ok(())
}

/// A driver who goes offline is not looked for any more. A transaction does this once it is done.
pub fn forget_position(app: &App, driver: DriverId) {
    app.index.remove(driver);
    let at = clock::now();
    app.fixes.push(PositionChange::Gone { driver, at });
}

/// A driver who goes offline keeps no offer and no place in a queue.
pub async fn keep_nothing(
    connection: &mut PgConnection,
    driver: DriverId,
    feed: &mut Feed,
) -> Result<(), Failure> {
    offers::withdraw_open_of_driver(connection, driver, feed).await?;
    queues::leave(connection, &[driver]).await?;
    Ok(())
}

/// Where the drivers are who could take a trip now.
pub async fn list_free_positions(
    connection: &mut PgConnection,
    app: &App,
    now: DateTime<Utc>,
) -> Result<Vec<LatLng>, Failure> {
    cars::list_free_positions(connection, app, now).await
}
