//! The cars of the drivers who are online: what they are doing, and how long they take.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use wayfare_core::geo::LatLng;
use wayfare_core::id::DriverId;
use wayfare_dispatch::{
    CarState, Fix, LiveIndex, RoadTravel, Rules, Standing, StraightTravel, Travel, Wanted,
};

use super::{queries, standing};
use crate::app::App;
use crate::fleet::{self, OnlineDriver};
use crate::platform::failure::Failure;
use crate::trips::{self, Engagement, Ride};

/// No car is faster, in metres per second: to nobody farther away the way must be computed to know
/// that it takes too long.
const FASTEST_MPS: i64 = 40;

/// What the database knows of the drivers who are online.
#[derive(Debug)]
pub(super) struct Fleet {
    online: Vec<OnlineDriver>,
    standing: HashMap<DriverId, Standing>,
    asked: HashSet<DriverId>,
    tasks: HashMap<DriverId, Task>,
}

/// What a driver with a trip has to do.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Task {
    /// Present while a rider is in the car.
    ride: Option<Ride>,
    /// The next trip is taken already.
    has_next: bool,
}

/// By what it is told when drivers are free.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outlook<'a> {
    pub(super) now: DateTime<Utc>,
    pub(super) rules: &'a Rules,
    pub(super) travel: &'a dyn Travel,
}

/// Reads what the database knows of the drivers who are online.
pub(super) async fn read(
    connection: &mut PgConnection,
    app: &App,
    now: DateTime<Utc>,
) -> Result<Fleet, Failure> {
    let online = fleet::service::online_drivers(connection).await?;
    let drivers: Vec<DriverId> = online.iter().map(|online| online.driver).collect();
    let asked = queries::list_drivers_with_open_offer(connection).await?;
    let engagements = trips::forward::list_engagements(connection).await?;
    Ok(Fleet {
        standing: standing::list(connection, app, &drivers, now).await?,
        asked: asked.into_iter().map(DriverId::from_uuid).collect(),
        tasks: tasks(&engagements),
        online,
    })
}

fn tasks(engagements: &[Engagement]) -> HashMap<DriverId, Task> {
    let mut tasks: HashMap<DriverId, Task> = HashMap::new();
    for engagement in engagements {
        let task = tasks.entry(engagement.driver).or_default();
        task.has_next |= engagement.forward;
        task.ride = task.ride.or(engagement.ride);
    }
    tasks
}

impl Fleet {
    /// Brings the index up to date. Answers how many drivers are free.
    pub(super) fn enter(&self, index: &LiveIndex, outlook: Outlook<'_>) -> usize {
        let mut free = 0;
        for online in &self.online {
            let driver = online.driver;
            let Some(standing) = self.standing.get(&driver) else {
                continue;
            };
            let state = self.state(driver, index, outlook);
            free += usize::from(state == CarState::Free);
            index.set(driver, online.profile(), *standing, state);
        }
        let online: HashSet<DriverId> = self.online.iter().map(|online| online.driver).collect();
        for car in index.all() {
            if !online.contains(&car.driver) {
                index.remove(car.driver);
            }
        }
        free
    }

    fn state(&self, driver: DriverId, index: &LiveIndex, outlook: Outlook<'_>) -> CarState {
        if self.asked.contains(&driver) {
            return CarState::Asked;
        }
        let Some(task) = self.tasks.get(&driver) else {
            return CarState::Free;
        };
        let ride = task.ride.filter(|ride| ride.last_leg && !task.has_next);
        ride.and_then(|ride| {
            let free_at = outlook.free_at(&ride, index.find_fix(driver))?;
            let at = ride.dropoff;
            Some(CarState::Finishing { at, free_at })
        })
        .unwrap_or(CarState::Driving)
    }
}

impl Outlook<'_> {
    /// When a ride to its dropoff is over, unless it clearly takes too long for the driver to be
    /// asked. Where the car was seen last tells more than what was planned.
    fn free_at(&self, ride: &Ride, fix: Option<Fix>) -> Option<DateTime<Utc>> {
        let within = self.rules.forward_within;
        if within <= TimeDelta::zero() {
            return None;
        }
        let seen = fix.filter(|fix| fix.age(self.now) <= self.rules.fresh_for);
        let Some(fix) = seen else {
            let planned = TimeDelta::try_seconds(ride.duration_s)?;
            return Some((ride.started_at + planned).max(self.now));
        };
        let straight_m = i64::try_from(fix.position.distance_mm(ride.dropoff) / 1000).ok()?;
        if straight_m > within.num_seconds().saturating_mul(FASTEST_MPS) {
            return None;
        }
        let wanted = [Wanted {
            pickup: ride.dropoff,
            cars: vec![0],
        }];
        let ways = self.travel.reach(&[fix.position], &wanted);
        let way = (*ways.first()?.first()?)?;
        let left_ms = i64::try_from(way.duration_ms).ok()?;
        Some(fix.at.min(self.now) + TimeDelta::try_milliseconds(left_ms)?)
    }
}

/// How long cars take here at this time.
pub(super) fn travel(app: &App, now: DateTime<Utc>) -> Arc<dyn Travel> {
    match app.city.pack() {
        Some(pack) => Arc::new(RoadTravel {
            roads: Arc::clone(&pack.roads),
            slowness_bps: app.city.slowness_bps(now),
        }),
        None => Arc::new(StraightTravel {
            detour_bps: app.config.pricing.detour_bps,
            speed_kmh: app.config.pricing.planned_speed_kmh,
        }),
    }
}

/// Where the drivers are who want offers, have none, have no trip, and were seen lately.
pub(super) async fn list_free_positions(
    connection: &mut PgConnection,
    app: &App,
    now: DateTime<Utc>,
) -> Result<Vec<LatLng>, Failure> {
    let fresh_for = TimeDelta::seconds(app.config.dispatch.driver_fresh_s.into());
    let engagements = trips::forward::list_engagements(connection).await?;
    let mut busy: HashSet<DriverId> = engagements.iter().map(|engaged| engaged.driver).collect();
    let asked = queries::list_drivers_with_open_offer(connection).await?;
    busy.extend(asked.into_iter().map(DriverId::from_uuid));
    let online = fleet::service::online_drivers(connection).await?;
    let free = online
        .iter()
        .filter(|online| !busy.contains(&online.driver));
    let seen = free.filter_map(|online| app.index.find_fix(online.driver));
    let fresh = seen.filter(|fix| fix.age(now) <= fresh_for);
    Ok(fresh.map(|fix| fix.position).collect())
}

#[cfg(test)]
mod tests;
