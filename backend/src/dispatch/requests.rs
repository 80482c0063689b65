//! The trips that look for a driver, as the planner knows them.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::id::{DriverId, RiderId, TripId};
use wayfare_core::trip::Trip;
use wayfare_dispatch::{Exclusion, Request};

use super::queries::{self, Asked};
use super::{blocks, queues, rules};
use crate::app::App;
use crate::platform::failure::Failure;
use crate::trips::{self, StoredTrip};

/// The most trips that are looked at in one round; the others wait for the next one.
const REQUESTS_MAX: i64 = 1000;

/// The trips that look for a driver.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// All of them, oldest first.
    pub(super) trips: Vec<StoredTrip>,
    /// Those for which the search goes on and nobody is asked at the moment.
    pub(super) requests: Vec<Request>,
    /// Those for which it is given up.
    pub(super) hopeless: Vec<TripId>,
}

/// Reads the trips that look for a driver.
pub(super) async fn read(
    connection: &mut PgConnection,
    app: &App,
    now: DateTime<Utc>,
) -> Result<Waiting, Failure> {
    let lead = TimeDelta::seconds(app.config.trips.schedule_search_s.into());
    let trips = trips::service::list_requested(connection, now + lead, REQUESTS_MAX).await?;
    let searches = searches(connection, &trips).await?;
    let riders: Vec<RiderId> = trips.iter().map(StoredTrip::rider).collect();
    let blocks = blocks::list(connection, &riders).await?;
    let patience = Patience::of(app, now);
    let mut waiting = Waiting::default();
    for stored in &trips {
        let new = Search::default();
        let search = searches.get(&stored.id()).unwrap_or(&new);
        let blocked = blocks.get(&stored.rider()).map_or(&[][..], Vec::as_slice);
        if patience.is_over(&stored.trip, search) {
            waiting.hopeless.push(stored.id());
        } else if !search.is_open {
            let request = &stored.trip.request;
            waiting.requests.push(Request {
                trip: stored.id(),
                pickup: request.pickup,
                dropoff: stored.trip.stops.dropoff,
                vehicle_class: request.vehicle_class,
                needs: stored.vehicle_needs(),
                since: search_began(&stored.trip, lead),
                waves: search.waves,
                queue: queues::zone_at(app, request.pickup),
                excluded: excluded(search, stored.rider(), blocked),
            });
        }
    }
    waiting.trips = trips;
    Ok(waiting)
}

/// How the search for a driver of one trip went so far.
#[derive(Debug, Default)]
struct Search {
    /// Somebody is being asked.
    is_open: bool,
    /// When the last driver was asked who gave the trip back: with that the search began anew.
    anew_at: Option<DateTime<Utc>>,
    /// Since then.
    waves: u32,
    /// Who did not take it, or not for long.
    refused: Vec<(DriverId, Exclusion)>,
}

async fn searches(
    connection: &mut PgConnection,
    trips: &[StoredTrip],
) -> Result<HashMap<TripId, Search>, Failure> {
    let ids: Vec<Uuid> = trips.iter().map(|stored| stored.id().uuid()).collect();
    let mut searches: HashMap<TripId, Search> = HashMap::new();
    for row in queries::list_offers_of_trips(connection, &ids).await? {
        let search = searches.entry(TripId::from_uuid(row.trip_id)).or_default();
        search.note(&row);
    }
    Ok(searches)
}

impl Search {
    /// Notes who was asked next.
    fn note(&mut self, row: &Asked) {
        let driver = DriverId::from_uuid(row.driver_id);
        // In a broadcast several are asked at one moment.
        if self.anew_at.is_none_or(|anew_at| anew_at < row.created_at) {
            let wave = u32::try_from(row.wave).unwrap_or(u32::MAX);
            self.waves = self.waves.max(wave);
        }
        match row.status.as_str() {
            "open" => self.is_open = true,
            "released" => {
                self.anew_at = Some(row.created_at);
                self.waves = 0;
                self.refused.push((driver, Exclusion::GaveBack));
            }
            // Those were not let answer: they went offline, or another one of a broadcast was faster.
            "withdrawn" => {}
            _ => self.refused.push((driver, Exclusion::Asked)),
        }
    }
}

fn excluded(
    search: &Search,
    rider: RiderId,
    blocked: &[DriverId],
) -> BTreeMap<DriverId, Exclusion> {
    let own = DriverId::from_uuid(rider.uuid());
    let blocked = blocked.iter().map(|driver| (*driver, Exclusion::Blocked));
    // What comes later stands.
    let refused = search.refused.iter().copied();
    refused
        .chain(blocked)
        .chain([(own, Exclusion::OwnTrip)])
        .collect()
}

/// When the search for a driver began: at the request, or for a trip for later when its time was
/// near.
fn search_began(trip: &Trip, lead: TimeDelta) -> DateTime<Utc> {
    let requested_at = trip.request.requested_at;
    trip.request
        .pickup_at
        .map_or(requested_at, |pickup_at| requested_at.max(pickup_at - lead))
}

/// How long a driver is looked for.
#[derive(Debug, Clone, Copy)]
struct Patience {
    now: DateTime<Utc>,
    /// After the last event.
    search_timeout: TimeDelta,
    waves_max: u32,
}

impl Patience {
    fn of(app: &App, now: DateTime<Utc>) -> Self {
        let config = &app.config.dispatch;
        Self {
            now,
            search_timeout: TimeDelta::seconds(config.search_timeout_s.into()),
            waves_max: rules::waves_max(config),
        }
    }

    /// A trip for later is not given up before its time, however many were asked.
    fn is_over(&self, trip: &Trip, search: &Search) -> bool {
        let request = &trip.request;
        let due_at = request.pickup_at.unwrap_or(request.requested_at);
        let too_long = due_at.max(trip.last_event_at) + self.search_timeout <= self.now;
        let too_often = !search.is_open && search.waves >= self.waves_max && due_at <= self.now;
        too_long || too_often
    }
}

#[cfg(test)]
mod tests;
