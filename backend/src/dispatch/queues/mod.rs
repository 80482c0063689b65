//! Queues at airports and stations: who came first is asked first.
//!
//! Free cars inside a zone with a queue get a place by themselves; there is nothing to press. Who
//! leaves the zone or falls silent keeps the place for a while and is not asked from it meanwhile; a
//! trip or going offline ends the wait at once. Who declines an offer, or lets it time out, waits at
//! the end again. The leader keeps the places up to date at the beginning of every round.

pub(super) mod api;
mod plan;
mod queries;

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_core::geo::LatLng;
use wayfare_core::id::DriverId;
use wayfare_core::wire::{DriverQueue, ErrorCode, QueueList, QueueView, QueuedDriver};
use wayfare_core::zones::{Zone, ZoneKind, Zones};
use wayfare_dispatch::CarState;

use self::plan::{Doing, Patience, Place, Seen, plan_queue_changes};
use self::queries::{FirstPlaceRow, PlaceRow};
use crate::app::App;
use crate::platform::failure::Failure;
use crate::trips;

/// Admins see the first drivers of a queue.
const SHOWN_PER_ZONE: i64 = 100;

/// Lets cars that came into a zone with a queue join it, and takes those out that were away for too
/// long, drive a trip or are offline. The leader does this at the beginning of a round.
///
/// Drivers who answer offers change places as well, as the last thing before the feeds. So whoever
/// calls this must lock no trips, offers or drivers afterwards in the same transaction.
pub async fn refresh(
    connection: &mut PgConnection,
    app: &App,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let zones = zones(app);
    let rows = queries::list_places(connection).await?;
    let has_queues = zones.is_some_and(|zones| zones.all().iter().any(has_queue));
    if !has_queues && rows.is_empty() {
        return Ok(());
    }
    let places: Vec<Place> = rows.into_iter().map(place).collect();
    let cars = app.index.all();
    let seen: Vec<Seen<'_>> = cars
        .iter()
        .map(|car| Seen {
            driver: car.driver,
            zone: zones
                .and_then(|zones| zones.find_containing(car.fix.position, has_queue))
                .map(|(_, zone)| zone.id.as_str()),
            doing: match car.state {
                CarState::Free => Doing::Free,
                CarState::Asked => Doing::Asked,
                CarState::Driving | CarState::Finishing { .. } => Doing::Driving,
            },
            at: car.fix.at,
        })
        .collect();
    let config = &app.config.dispatch;
    let patience = Patience {
        fresh_for: TimeDelta::seconds(config.driver_fresh_s.into()),
        away_for: TimeDelta::seconds(config.queue_away_s.into()),
    };
    let mut changes = plan_queue_changes(&places, &seen, patience, now);
    if !changes.joined.is_empty() {
        // The index knows of a trip that was just accepted only after the next round.
        let drivers: Vec<DriverId> = changes.joined.iter().map(|place| place.driver).collect();
        let engaged = trips::forward::list_engaged(connection, &drivers).await?;
        let has_none = |place: &Place| !engaged.contains_key(&place.driver);
        changes.joined.retain(has_none);
    }
    if !changes.is_empty() {
        queries::write_changes(connection, &changes).await?;
    }
    Ok(())
}

/// The zone whose queue is asked for trips from here, as a position in the city's list of zones.
pub(super) fn zone_at(app: &App, pickup: LatLng) -> Option<u16> {
    let (position, _) = zones(app)?.find_containing(pickup, has_queue)?;
    u16::try_from(position).ok()
}

/// A zone with a queue, as a position in the city's list of zones.
pub(super) fn zone_named(app: &App, id: &str) -> Option<u16> {
    let named = |zone: &Zone| has_queue(zone) && zone.id == id;
    let position = zones(app)?.all().iter().position(named)?;
    u16::try_from(position).ok()
}

/// Drivers do not wait any more: they took a trip or went offline.
pub(super) async fn leave(
    connection: &mut PgConnection,
    drivers: &[DriverId],
) -> Result<(), Failure> {
    Ok(queries::delete_places(connection, &ids(drivers)).await?)
}

/// Drivers did not want an offer, so everybody else in their queue is before them.
pub(super) async fn move_to_end(
    connection: &mut PgConnection,
    drivers: &[DriverId],
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    Ok(queries::move_to_end(connection, &ids(drivers), now).await?)
}

/// Where a driver stands in the queue.
async fn get_own(
    connection: &mut PgConnection,
    app: &App,
    driver: DriverId,
) -> Result<DriverQueue, Failure> {
    let row = queries::find_own_place(connection, driver).await?;
    let row = row.ok_or_else(|| {
        let detail = "you wait in no queue; free cars in a zone with a queue join it by themselves";
        Failure::refused(ErrorCode::NotInQueue, detail)
    })?;
    let away_for = TimeDelta::seconds(app.config.dispatch.queue_away_s.into());
    Ok(DriverQueue {
        name: name_of(app, &row.zone),
        zone: row.zone,
        position: small(row.before.saturating_add(1)),
        waiting: small(row.waiting),
        since: row.since,
        kept_until: row.away_since.map(|since| since + away_for),
    })
}

/// All queues of the city, also those in which nobody waits.
async fn list_queues(connection: &mut PgConnection, app: &App) -> Result<QueueList, Failure> {
    let mut by_zone: HashMap<String, Vec<FirstPlaceRow>> = HashMap::new();
    for row in queries::list_first_places(connection, SHOWN_PER_ZONE).await? {
        by_zone.entry(row.zone.clone()).or_default().push(row);
    }
    let zones = zones(app).map_or(&[][..], Zones::all).iter();
    let queues = zones.filter(|zone| has_queue(zone)).map(|zone| {
        let rows = by_zone.remove(&zone.id).unwrap_or_default();
        QueueView {
            zone: zone.id.clone(),
            name: zone.name.clone(),
            waiting: rows.first().map_or(0, |row| small(row.waiting)),
            drivers: rows.into_iter().map(queued).collect(),
        }
    });
    Ok(QueueList {
        queues: queues.collect(),
    })
}

fn queued(row: FirstPlaceRow) -> QueuedDriver {
    QueuedDriver {
        driver_id: DriverId::from_uuid(row.driver_id),
        since: row.since,
        away_since: row.away_since,
    }
}

fn zones(app: &App) -> Option<&Zones> {
    app.city.pack().map(|pack| &pack.zones)
}

fn has_queue(zone: &Zone) -> bool {
    matches!(zone.kind, ZoneKind::AirportQueue | ZoneKind::StationQueue)
}

/// What people call a zone; its id if the city no longer has it.
fn name_of(app: &App, id: &str) -> String {
    let zones = zones(app).map_or(&[][..], Zones::all);
    let zone = zones.iter().find(|zone| zone.id == id);
    zone.map_or(id, |zone| &zone.name).to_owned()
}

fn place(row: PlaceRow) -> Place {
    Place {
        driver: DriverId::from_uuid(row.driver_id),
        zone: row.zone,
        since: row.since,
        away_since: row.away_since,
    }
}

fn ids(drivers: &[DriverId]) -> Vec<Uuid> {
    drivers.iter().map(|driver| driver.uuid()).collect()
}

fn small(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
