//! Asking for trips, reading them, and counting them.

use std::collections::HashSet;

use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::id::{DriverId, QuoteId, RiderId, TripId, UserId};
use wayfare_core::trip::{Actor, Event, Pin, Rules, Trip, TripRequest, TripStatus};
use wayfare_core::wire::{self, ErrorCode, StreamEvent, TripCounts, TripPage, TripSide};

use super::change::{new_event, to_json};
use super::queries::{self, NewTripRow};
use super::rows::StoredTrip;
use super::view;
use crate::app::App;
use crate::identity;
use crate::platform::clock;
use crate::platform::failure::{Failure, on_constraint};
use crate::pricing;
use crate::realtime::Feed;

/// The rules of trips as this city set them.
pub fn rules(app: &App) -> Rules {
    Rules {
        releases_max: app.config.dispatch.max_reassignments,
    }
}

/// Makes a trip of a quote.
pub(super) async fn request_trip(
    connection: &mut PgConnection,
    rider: RiderId,
    quote: QuoteId,
) -> Result<wire::Trip, Failure> {
    let now = clock::now();
    let quote = pricing::service::get_valid_quote(connection, quote, rider, now).await?;
    let request = TripRequest {
        trip: TripId::from_uuid(Uuid::now_v7()),
        rider,
        vehicle_class: quote.vehicle_class,
        pickup: quote.pickup,
        dropoff: quote.dropoff,
        pin: Pin::from_number(rand::random_range(0..10_000)),
        requested_at: now,
    };
    let stored = StoredTrip {
        trip: Trip::requested(request.clone()),
        quote: quote.id,
        distance_m: quote.distance_m,
        duration_s: quote.duration_s,
        rider_name: identity::service::find_name(connection, rider.into()).await?,
        driver_card: None,
        cancel_note: None,
        fare: quote.fare,
    };
    insert(connection, &stored).await?;
    let event = new_event(
        &stored,
        &Event::Requested(request),
        Actor::Rider(rider),
        now,
    )?;
    queries::insert_event(connection, event).await?;
    let trip = view::one(connection, &stored, rider.into()).await?;
    let mut feed = Feed::default();
    feed.push(
        rider,
        StreamEvent::TripUpdated {
            trip: Box::new(trip.clone()),
        },
    );
    feed.write(connection).await?;
    metrics::counter!("wayfare_trip_events_total", "kind" => "requested").increment(1);
    Ok(trip)
}

async fn insert(connection: &mut PgConnection, stored: &StoredTrip) -> Result<(), Failure> {
    let row = NewTripRow {
        trip: &stored.trip,
        quote_id: stored.quote.uuid(),
        distance_m: stored.distance_m,
        duration_s: stored.duration_s,
        rider_name: stored.rider_name.as_deref(),
        state: to_json(&stored.trip.state)?,
        fare: to_json(&stored.fare)?,
    };
    queries::insert_trip(connection, row)
        .await
        .map_err(|error| {
            let constraint = error
                .as_database_error()
                .and_then(|error| error.constraint());
            if constraint == Some("trips_quote_key") {
                let detail = "this quote became a trip before";
                return Failure::refused(ErrorCode::QuoteUsed, detail);
            }
            on_constraint(error, "trips_one_active_per_rider", || {
                let detail = "you have a trip that is not over";
                Failure::refused(ErrorCode::ActiveTripExists, detail)
            })
        })
}

/// A trip as this person sees it.
pub async fn view_trip(
    connection: &mut PgConnection,
    stored: &StoredTrip,
    viewer: UserId,
) -> Result<wire::Trip, Failure> {
    view::one(connection, stored, viewer).await
}

/// A trip that the person rides in or drives.
pub async fn get_trip(
    connection: &mut PgConnection,
    trip: TripId,
    user: UserId,
) -> Result<wire::Trip, Failure> {
    let row = queries::find_trip_of(connection, trip, user).await?;
    let stored = StoredTrip::try_from(row.ok_or_else(|| Failure::not_found("trip"))?)?;
    view::one(connection, &stored, user).await
}

/// A page of the person's trips on one side, newest first.
pub(super) async fn list_trips(
    connection: &mut PgConnection,
    user: UserId,
    side: TripSide,
    cursor: Option<TripId>,
    limit: usize,
) -> Result<TripPage, Failure> {
    // One more than wanted tells whether there is a next page.
    let wanted = i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX);
    let rows = queries::list_trips_of(connection, user, side, cursor, wanted).await?;
    let more = rows.len() > limit;
    let stored = rows
        .into_iter()
        .take(limit)
        .map(StoredTrip::try_from)
        .collect::<Result<Vec<_>, _>>()?;
    let trips = view::many(connection, &stored, user).await?;
    let next_cursor = if more {
        trips.last().map(|trip| trip.id)
    } else {
        None
    };
    Ok(TripPage { trips, next_cursor })
}

/// Trips that look for a driver, oldest first, locked until the transaction ends.
pub async fn list_requested(
    connection: &mut PgConnection,
    limit: i64,
) -> Result<Vec<StoredTrip>, Failure> {
    let rows = queries::list_requested_for_update(connection, limit).await?;
    rows.into_iter().map(StoredTrip::try_from).collect()
}

/// A trip, if it looks for a driver.
pub async fn find_requested(
    connection: &mut PgConnection,
    trip: TripId,
) -> Result<Option<StoredTrip>, Failure> {
    let row = queries::find_requested_trip(connection, trip).await?;
    row.map(StoredTrip::try_from).transpose()
}

/// The drivers who have a trip.
pub async fn list_busy_drivers(
    connection: &mut PgConnection,
) -> Result<HashSet<DriverId>, Failure> {
    let ids = queries::list_busy_drivers(connection).await?;
    Ok(ids.into_iter().map(DriverId::from_uuid).collect())
}

/// How many trips stand where, and how many drivers have two of them.
pub async fn count_trips(connection: &mut PgConnection) -> Result<(TripCounts, i64), Failure> {
    let mut counts = TripCounts::default();
    for row in queries::count_by_status(connection).await? {
        let status: TripStatus = row
            .status
            .parse()
            .map_err(|error| Failure::broken("counting trips", error))?;
        let slot = match status {
            TripStatus::Requested => &mut counts.requested,
            TripStatus::Assigned => &mut counts.assigned,
            TripStatus::Arrived => &mut counts.arrived,
            TripStatus::InProgress => &mut counts.in_progress,
            TripStatus::Completed => &mut counts.completed,
            TripStatus::Cancelled => &mut counts.cancelled,
            TripStatus::Expired => &mut counts.expired,
        };
        *slot = row.count;
    }
    Ok((counts, queries::count_double_drivers(connection).await?))
}

/// On which side of a trip a person is. A driver who gave the trip back is on none.
pub(super) async fn side_of(
    connection: &mut PgConnection,
    trip: TripId,
    user: UserId,
) -> Result<TripSide, Failure> {
    let row = queries::find_trip_of(connection, trip, user).await?;
    let stored = StoredTrip::try_from(row.ok_or_else(|| Failure::not_found("trip"))?)?;
    Ok(view::side_of(&stored, user))
}
