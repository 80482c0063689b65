//! Where cars are, for those who look: the rider of a trip, and admins.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use wayfare_core::id::DriverId;
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{
    DriverActivity, ErrorCode, LiveDriver, LiveDriverPage, Point, Trip, TripCar,
};
use wayfare_dispatch::Fix;

use super::Presence;
use super::presence::age_s;
use crate::app::App;
use crate::dispatch::queries;
use crate::fleet;
use crate::platform::clock;
use crate::platform::failure::Failure;
use crate::trips;

/// The car of a trip, if the trip has one now and it was seen.
pub fn find_car(app: &App, trip: &Trip) -> Option<TripCar> {
    use TripStatus::{Arrived, Assigned, InProgress};
    if !matches!(trip.status, Assigned | Arrived | InProgress) {
        return None;
    }
    let fix = app.index.find_fix(trip.driver.as_ref()?.id)?;
    let now = clock::now();
    let place = Point::from(fix.position);
    Some(TripCar {
        lat: place.lat,
        lng: place.lng,
        heading_deg: fix.heading_deg.map(f64::from),
        at: fix.at,
        age_s: age_s(&fix, now),
        presence: Presence::after_s(app.config.dispatch.driver_fresh_s).of(&fix, now),
    })
}

/// A part of the map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bounds {
    west: f64,
    south: f64,
    east: f64,
    north: f64,
}

impl Bounds {
    /// Reads `west,south,east,north` in degrees. A part that crosses the date line has its west east
    /// of its east.
    pub(super) fn parse(text: &str) -> Result<Self, Failure> {
        let wrong = || {
            let detail = "`bbox` has to be west,south,east,north in degrees";
            Failure::refused(ErrorCode::InvalidRequest, detail)
        };
        let numbers = text.split(',').map(|part| part.trim().parse::<f64>());
        let numbers: Vec<f64> = numbers.collect::<Result<_, _>>().map_err(|_| wrong())?;
        let [west, south, east, north] = numbers[..] else {
            return Err(wrong());
        };
        let is_lng = |lng: f64| (-180.0..=180.0).contains(&lng);
        let is_lat = |lat: f64| (-90.0..=90.0).contains(&lat);
        if is_lng(west) && is_lng(east) && is_lat(south) && is_lat(north) && south <= north {
            Ok(Self {
                west,
                south,
                east,
                north,
            })
        } else {
            Err(wrong())
        }
    }

    fn contains(&self, place: Point) -> bool {
        let within = if self.west <= self.east {
            (self.west..=self.east).contains(&place.lng)
        } else {
            place.lng >= self.west || place.lng <= self.east
        };
        within && (self.south..=self.north).contains(&place.lat)
    }
}

/// Which drivers are wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// Only those here.
    pub(super) bounds: Option<Bounds>,
    /// Only those whose ids come after this one.
    pub(super) after: Option<DriverId>,
    /// At most so many.
    pub(super) limit: usize,
}

/// The drivers at work whose position is known, by their ids. Who is silent is shown as such.
pub(super) async fn list_live(
    connection: &mut PgConnection,
    app: &App,
    wanted: Wanted,
) -> Result<LiveDriverPage, Failure> {
    let online = fleet::service::online_drivers(connection).await?;
    let engagements = trips::forward::list_engagements(connection).await?;
    let driving: HashSet<DriverId> = engagements.iter().map(|has| has.driver).collect();
    let asked = queries::list_drivers_with_open_offer(connection).await?;
    let asked: HashSet<DriverId> = asked.into_iter().map(DriverId::from_uuid).collect();
    let mut at_work: HashSet<DriverId> = online.into_iter().map(|online| online.driver).collect();
    at_work.extend(&driving);
    let mut at_work: Vec<DriverId> = at_work
        .into_iter()
        .filter(|driver| wanted.after.is_none_or(|after| *driver > after))
        .collect();
    at_work.sort_unstable();
    let now = clock::now();
    let presence = Presence::after_s(app.config.dispatch.driver_fresh_s);
    let activity = |driver| {
        if driving.contains(&driver) {
            DriverActivity::Driving
        } else if asked.contains(&driver) {
            DriverActivity::Asked
        } else {
            DriverActivity::Online
        }
    };
    let seen = at_work.into_iter().filter_map(|driver| {
        let fix = app.index.find_fix(driver)?;
        let place = Point::from(fix.position);
        wanted
            .bounds
            .is_none_or(|bounds| bounds.contains(place))
            .then(|| show((driver, activity(driver)), &fix, presence, now))
    });
    // One more than wanted tells whether there is a next page.
    let mut drivers: Vec<LiveDriver> = seen.take(wanted.limit.saturating_add(1)).collect();
    let more = drivers.len() > wanted.limit;
    drivers.truncate(wanted.limit);
    let next_cursor = drivers.last().filter(|_| more).map(|last| last.driver_id);
    Ok(LiveDriverPage {
        drivers,
        next_cursor,
    })
}

fn show(
    (driver_id, state): (DriverId, DriverActivity),
    fix: &Fix,
    presence: Presence,
    now: DateTime<Utc>,
) -> LiveDriver {
    let place = Point::from(fix.position);
    LiveDriver {
        driver_id,
        state,
        lat: place.lat,
        lng: place.lng,
        heading_deg: fix.heading_deg.map(f64::from),
        speed_mps: fix.speed_mps.map(f64::from),
        at: fix.at,
        age_s: age_s(fix, now),
        presence: presence.of(fix, now),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lng: f64, lat: f64) -> Point {
        Point { lat, lng }
    }

    #[test]
    fn a_part_of_the_map_contains_what_is_in_it_also_across_the_date_line() {
        let porto = Bounds::parse("-8.7, 41.1,-8.5,41.2").unwrap();
        assert!(porto.contains(at(-8.6, 41.15)) && porto.contains(at(-8.7, 41.1)));
        assert!(!porto.contains(at(-8.71, 41.15)) && !porto.contains(at(-8.6, 41.21)));
        let fiji = Bounds::parse("177,-20,-178,-16").unwrap();
        assert!(fiji.contains(at(179.0, -18.0)) && fiji.contains(at(-179.0, -18.0)));
        assert!(!fiji.contains(at(0.0, -18.0)));
    }

    #[test]
    fn what_is_no_part_of_the_map_is_refused() {
        for text in [
            "",
            "1,2,3",
            "1,2,3,4,5",
            "a,2,3,4",
            "1,3,2,2",
            "-181,0,0,1",
            "0,0,1,91",
            "NaN,0,1,1",
            "inf,0,1,1",
        ] {
            let refused = Bounds::parse(text).unwrap_err();
            assert_eq!(refused.code(), ErrorCode::InvalidRequest, "{text}");
        }
    }
}
