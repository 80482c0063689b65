//! Asking for trips, reading them, and counting them.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::geo::LatLng;
use wayfare_core::id::{DriverId, RiderId, TripId, UserId};
use wayfare_core::money::Money;
use wayfare_core::pricing::RideLength;
use wayfare_core::trip::{Actor, Event, Party, Pin, Rules, Trip, TripRequest, TripStatus};
use wayfare_core::wire::{
    self, CancellationCost, ErrorCode, NewTrip, Passenger, StreamEvent, TripCounts, TripPage,
    TripReceipt, TripSide,
};

use super::change::{new_event, to_json};
use super::queries::{self, NewTripRow};
use super::rows::StoredTrip;
use super::{ending, view};
use crate::app::App;
use crate::platform::clock;
use crate::platform::failure::{Failure, on_constraint};
use crate::platform::limits::Decision;
use crate::platform::plain_text::clean_line;
use crate::pricing::promotions;
use crate::pricing::quotes::{self, PromisedQuote};
use crate::pricing::receipts::{self, ReceiptKind};
use crate::realtime::Feed;
use crate::{identity, payments};

/// The most requests that count as demand.
const PICKUPS_MAX: i64 = 50_000;
const NAME_CHARACTERS_MAX: usize = 60;

/// The rules of trips as this city set them.
pub fn rules(app: &App) -> Rules {
    Rules {
        releases_max: app.config.dispatch.max_reassignments,
        no_show_after_s: app.config.trips.no_show_after_s.into(),
        stop_changes_max: app.config.trips.stop_changes_max,
    }
}

/// Makes a trip of a quote.
pub(super) async fn request_trip(
    connection: &mut PgConnection,
    app: &App,
    rider: RiderId,
    wanted: &NewTrip,
) -> Result<wire::Trip, Failure> {
    let now = clock::now();
    queries::lock_rider(connection, rider).await?;
    let quote = quotes::get_valid_quote(connection, wanted.quote_id, rider, now).await?;
    let promo_code = quote.promo_code.clone();
    let stored = new_trip(connection, quote, rider, wanted, now).await?;
    check_count(connection, app, rider).await?;
    insert(connection, &stored).await?;
    if let Some(code) = promo_code {
        promotions::use_code(connection, &code, rider, stored.id()).await?;
    }
    let requested = Event::Requested(stored.trip.request.clone());
    let event = new_event(&stored, &requested, Actor::Rider(rider), now)?;
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

async fn new_trip(
    connection: &mut PgConnection,
    quote: PromisedQuote,
    rider: RiderId,
    wanted: &NewTrip,
    now: DateTime<Utc>,
) -> Result<StoredTrip, Failure> {
    let passenger = wanted.passenger.as_ref().map(clean_passenger).transpose()?;
    let needs = wanted.needs.clone().unwrap_or_default();
    let needs = needs
        .checked(quote.vehicle_class)
        .map_err(|error| Failure::refused(ErrorCode::InvalidRequest, error.to_string()))?;
    let request = TripRequest {
        trip: TripId::from_uuid(Uuid::now_v7()),
        rider,
        vehicle_class: quote.vehicle_class,
        pickup: quote.pickup,
        waypoints: quote.waypoints,
        dropoff: quote.dropoff,
        pickup_at: quote.pickup_at,
        for_someone_else: passenger.is_some(),
        pin: Some(Pin::from_number(rand::random_range(0..10_000))),
        requested_at: now,
    };
    request
        .check()
        .map_err(|error| Failure::refused(ErrorCode::InvalidRequest, error.to_string()))?;
    Ok(StoredTrip {
        trip: Trip::requested(request),
        quote: quote.id,
        plan: RideLength {
            distance_m: quote.facts.distance_m,
            duration_s: quote.facts.duration_s,
        },
        rider_name: identity::service::find_name(connection, rider.into()).await?,
        passenger,
        driver_card: None,
        cancel_note: None,
        fare: quote.fare,
        basis: None,
        forward: false,
        needs,
    })
}

fn clean_passenger(passenger: &Passenger) -> Result<Passenger, Failure> {
    Ok(Passenger {
        name: clean_line("passenger.name", &passenger.name, NAME_CHARACTERS_MAX)?,
        phone: passenger.phone.clone(),
    })
}

/// A rider has one trip for now; others are for later or for somebody else, and not too many.
async fn check_count(
    connection: &mut PgConnection,
    app: &App,
    rider: RiderId,
) -> Result<(), Failure> {
    let open = queries::count_open_of_rider(connection, rider).await?;
    let max = app.config.trips.open_per_rider_max;
    if open < i64::from(max) {
        return Ok(());
    }
    let detail = format!("you have {open} trips that are not over; {max} are the most");
    Err(Failure::refused(ErrorCode::ActiveTripExists, detail))
}

async fn insert(connection: &mut PgConnection, stored: &StoredTrip) -> Result<(), Failure> {
    let row = NewTripRow {
        trip: &stored.trip,
        quote_id: stored.quote.uuid(),
        plan: &stored.plan,
        rider_name: stored.rider_name.as_deref(),
        passenger: stored.passenger.as_ref(),
        waypoints: to_json(&stored.trip.request.waypoints)?,
        state: to_json(&stored.trip.state)?,
        fare: to_json(&stored.fare)?,
        needs: to_json(&stored.needs)?,
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
            on_constraint(error, "trips_one_live_per_rider", || {
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

/// A trip that this driver has or had last.
pub async fn find_of_driver(
    connection: &mut PgConnection,
    trip: TripId,
    driver: DriverId,
) -> Result<Option<StoredTrip>, Failure> {
    let row = queries::find_trip_of(connection, trip, driver.into()).await?;
    let stored = row.map(StoredTrip::try_from).transpose()?;
    Ok(stored.filter(|stored| {
        let assignment = stored.trip.state.assignment();
        assignment.is_some_and(|assignment| assignment.driver == driver)
    }))
}

/// The two people of a trip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TripPeople {
    /// Who asked for it.
    pub rider: RiderId,
    /// Who drives or drove.
    pub driver: DriverId,
    /// On which side the one is who asks.
    pub side: TripSide,
    /// What the one who asks calls the other, if that is known.
    pub other_name: Option<String>,
}

/// The two people of a trip that the person rides in or drives.
pub async fn get_people(
    connection: &mut PgConnection,
    trip: TripId,
    user: UserId,
) -> Result<TripPeople, Failure> {
    let row = queries::find_trip_of(connection, trip, user).await?;
    let stored = StoredTrip::try_from(row.ok_or_else(|| Failure::not_found("trip"))?)?;
    let Some(assignment) = stored.trip.state.assignment() else {
        let detail = "this trip has no driver";
        return Err(Failure::refused(ErrorCode::WrongTripState, detail));
    };
    let side = view::side_of(&stored, user);
    let rides = stored.passenger.map(|passenger| passenger.name);
    Ok(TripPeople {
        rider: stored.trip.request.rider,
        driver: assignment.driver,
        side,
        other_name: match side {
            TripSide::Rider => stored.driver_card.map(|card| card.driver.name),
            TripSide::Driver => rides.or(stored.rider_name),
        },
    })
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

/// Trips that look for a driver, oldest first. Trips for later are among them if they begin before
/// this.
pub async fn list_requested(
    connection: &mut PgConnection,
    pickup_before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<StoredTrip>, Failure> {
    let rows = queries::list_requested(connection, pickup_before, limit).await?;
    rows.into_iter().map(StoredTrip::try_from).collect()
}

/// Those of the trips that look for a driver and did not change meanwhile, locked until the
/// transaction ends. One that somebody is just changing is left out.
pub async fn lock_unchanged(
    connection: &mut PgConnection,
    trips: &[&StoredTrip],
) -> Result<HashSet<TripId>, Failure> {
    let ids: Vec<Uuid> = trips.iter().map(|stored| stored.id().uuid()).collect();
    let versions: HashMap<TripId, u32> = trips
        .iter()
        .map(|stored| (stored.id(), stored.trip.version))
        .collect();
    let locked = queries::lock_requested(connection, &ids).await?;
    let unchanged = locked.into_iter().filter_map(|row| {
        let trip = TripId::from_uuid(row.id);
        let version = u32::try_from(row.version).ok();
        (versions.get(&trip).copied() == version).then_some(trip)
    });
    Ok(unchanged.collect())
}

/// A trip, if it looks for a driver.
pub async fn find_requested(
    connection: &mut PgConnection,
    trip: TripId,
) -> Result<Option<StoredTrip>, Failure> {
    let row = queries::find_requested_trip(connection, trip).await?;
    row.map(StoredTrip::try_from).transpose()
}

/// How many trips a rider completed.
pub async fn count_completed(
    connection: &mut PgConnection,
    rider: RiderId,
) -> Result<i64, Failure> {
    Ok(queries::count_completed_of_rider(connection, rider).await?)
}

/// Where trips for now were asked for since, the newest ones.
pub async fn list_pickups_since(
    connection: &mut PgConnection,
    since: DateTime<Utc>,
) -> Result<Vec<LatLng>, Failure> {
    let rows = queries::list_pickups_since(connection, since, PICKUPS_MAX).await?;
    rows.into_iter()
        .map(|row| {
            LatLng::from_e7(row.pickup_lat_e7, row.pickup_lng_e7)
                .map_err(|error| Failure::broken("reading a pickup", error))
        })
        .collect()
}

/// Where a driver was looked for, and when that began at the latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Search {
    /// Where the rider waited.
    pub pickup: LatLng,
    /// When the rider asked, or wanted to be picked up, whichever is later.
    pub began_by: DateTime<Utc>,
}

/// Where drivers were looked for, for each of these trips that exists.
pub async fn list_searches(
    connection: &mut PgConnection,
    trips: &[TripId],
) -> Result<HashMap<TripId, Search>, Failure> {
    let ids: Vec<Uuid> = trips.iter().map(|trip| trip.uuid()).collect();
    let rows = queries::list_searches(connection, &ids).await?;
    let read = |row: queries::SearchRow| {
        let pickup = LatLng::from_e7(row.pickup_lat_e7, row.pickup_lng_e7)
            .map_err(|error| Failure::broken("reading a pickup", error))?;
        let began_by = row.pickup_at.map_or(row.requested_at, |pickup_at| {
            pickup_at.max(row.requested_at)
        });
        Ok((TripId::from_uuid(row.id), Search { pickup, began_by }))
    };
    rows.into_iter().map(read).collect()
}

/// What it would cost the person to call the trip off now.
pub(super) async fn cancellation_cost(
    connection: &mut PgConnection,
    trip: TripId,
    user: UserId,
) -> Result<CancellationCost, Failure> {
    let row = queries::find_trip_of(connection, trip, user).await?;
    let stored = StoredTrip::try_from(row.ok_or_else(|| Failure::not_found("trip"))?)?;
    let status = stored.trip.state.status();
    if status.is_final() || status == TripStatus::InProgress {
        let detail = format!("a trip that is {status} cannot be called off");
        return Err(Failure::refused(ErrorCode::WrongTripState, detail));
    }
    let by = match view::side_of(&stored, user) {
        TripSide::Rider => Party::Rider,
        TripSide::Driver => Party::Driver,
    };
    // As when a trip changes: clocks of two servers may differ a little.
    let now = clock::now().max(stored.trip.last_event_at);
    let facts = ending::facts_if_cancelled(&stored.trip, by, now);
    receipts::cancellation_cost(connection, &stored.trip, stored.quote, &facts).await
}

/// The receipt of a trip that the person rode in or drove.
pub(super) async fn get_receipt(
    connection: &mut PgConnection,
    trip: TripId,
    user: UserId,
) -> Result<TripReceipt, Failure> {
    let row = queries::find_trip_of(connection, trip, user).await?;
    let stored = StoredTrip::try_from(row.ok_or_else(|| Failure::not_found("trip"))?)?;
    let kind = match stored.trip.state.status() {
        TripStatus::Cancelled => ReceiptKind::Cancellation,
        // One that was called off and goes on all the same has none of its fee any more.
        _ => ReceiptKind::Trip,
    };
    receipts::get_receipt(connection, trip, kind).await
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

/// Money that a driver took for a trip.
#[derive(Debug, Clone, Copy)]
pub struct CashTaken {
    /// The trip.
    pub trip: TripId,
    /// Who says so.
    pub driver: DriverId,
    /// How much.
    pub amount: Money,
    /// When.
    pub at: DateTime<Utc>,
}

/// The driver has the money. Answers the trip as the driver sees it.
pub async fn take_cash(
    connection: &mut PgConnection,
    cash: CashTaken,
    feed: &mut Feed,
) -> Result<wire::Trip, Failure> {
    let CashTaken {
        trip,
        driver,
        amount,
        at,
    } = cash;
    // Whoever has nothing to do with the trip does not learn that it exists.
    get_trip(connection, trip, driver.into()).await?;
    payments::service::take_cash(connection, trip, driver, amount, at).await?;
    let shown = get_trip(connection, trip, driver.into()).await?;
    let rider = shown.rider_id;
    let for_rider = get_trip(connection, trip, rider.into()).await?;
    let tell = |trip| StreamEvent::TripUpdated {
        trip: Box::new(trip),
    };
    feed.push(rider, tell(for_rider));
    feed.push(driver, tell(shown.clone()));
    Ok(shown)
}

/// Counts a try of a trip's PIN: ten thousand are quickly tried, so a driver has only a few.
pub fn count_pin_attempt(app: &App, trip: TripId, user: UserId) -> Decision {
    app.pin_attempts.check(&format!("{trip} {user}"))
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
