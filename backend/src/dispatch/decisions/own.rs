//! How dispatch saw a driver in the last hours, for that driver: nothing about other people.
//!
//! The decisions with the driver among the cars that were looked at are found by an index, so the
//! answer takes as long as there were such decisions, of which it looks at a limited number.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use wayfare_core::id::{DriverId, TripId};
use wayfare_core::wire::{OwnDispatch, OwnReason, OwnRequest};
use wayfare_dispatch::{Considered, Cost, Gate, Verdict};

use super::keep::driver_bits;
use super::queries::{self, DecisionRow, DecisionsNear};
use super::{explain, unseen, words};
use crate::platform::failure::Failure;
use crate::trips;

/// The most decisions that are looked at, the newest ones.
const DECISIONS_MAX: usize = 5000;
/// The most requests that are told one by one.
const LATEST_MAX: usize = 20;

/// Whose view, of how many hours until when.
#[derive(Debug, Clone, Copy)]
pub(super) struct OwnQuestion {
    pub(super) driver: DriverId,
    pub(super) hours: u32,
    pub(super) now: DateTime<Utc>,
}

/// A request as it was last decided for the driver.
#[derive(Debug, Clone, Copy)]
struct Seen {
    trip: TripId,
    at: DateTime<Utc>,
    verdict: Verdict,
    /// What the cheapest driver cost who was asked in that round.
    best: Option<Cost>,
}

/// What the driver may know of the last hours.
pub(super) async fn own_view(
    connection: &mut PgConnection,
    question: OwnQuestion,
) -> Result<OwnDispatch, Failure> {
    let since = question.now - TimeDelta::hours(question.hours.into());
    let wanted = DecisionsNear {
        driver_bits: driver_bits(question.driver),
        since,
        limit: i64::try_from(DECISIONS_MAX).unwrap_or(i64::MAX),
    };
    let rows = queries::list_decisions_near(connection, wanted).await?;
    let cut_short = rows.len() >= DECISIONS_MAX;
    let driver = question.driver;
    // Thousands of records take a while to read.
    let seen = tokio::task::spawn_blocking(move || by_request(rows, driver))
        .await
        .map_err(|error| Failure::broken("reading decisions", error))??;
    let asked = seen.iter().filter(|one| is_asked(one)).count();
    Ok(OwnDispatch {
        since,
        cut_short,
        requests_near: count(seen.len()),
        asked: count(asked),
        reasons: reasons(&seen),
        latest: latest(connection, driver, &seen).await?,
    })
}

/// One entry per request, newest first: that the driver was asked, or else what was decided last.
fn by_request(rows: Vec<DecisionRow>, driver: DriverId) -> Result<Vec<Seen>, Failure> {
    let mut seen: Vec<Seen> = Vec::new();
    let mut places: HashMap<TripId, usize> = HashMap::new();
    for row in rows {
        let decision = explain::decision(row)?;
        let Some(verdict) = decision.verdict_of(driver).copied() else {
            continue; // Another driver with the same last bits.
        };
        let one = Seen {
            trip: decision.trip,
            at: decision.at,
            verdict,
            best: Considered::best_asked(&decision.considered).map(|(_, cost)| *cost),
        };
        match places.get(&one.trip).and_then(|place| seen.get_mut(*place)) {
            None => {
                places.insert(one.trip, seen.len());
                seen.push(one);
            }
            Some(newer) if is_asked(&one) && !is_asked(newer) => newer.verdict = verdict,
            Some(_) => {}
        }
    }
    seen.retain(|one| reason(one).is_some());
    Ok(seen)
}

const fn is_asked(one: &Seen) -> bool {
    matches!(one.verdict, Verdict::Asked { .. })
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn reason(one: &Seen) -> Option<&'static str> {
    words::own_reason(&one.verdict, one.best.as_ref())
}

fn reasons(seen: &[Seen]) -> Vec<OwnReason> {
    let mut counts: BTreeMap<&'static str, u32> = BTreeMap::new();
    let others = seen.iter().filter(|one| !is_asked(one));
    for reason in others.filter_map(reason) {
        let count = counts.entry(reason).or_default();
        *count = count.saturating_add(1);
    }
    let told = |(reason, count): (&str, u32)| OwnReason {
        count,
        sentence: reason.to_owned(),
    };
    let mut reasons: Vec<OwnReason> = counts.into_iter().map(told).collect();
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.count));
    reasons
}

async fn latest(
    connection: &mut PgConnection,
    driver: DriverId,
    seen: &[Seen],
) -> Result<Vec<OwnRequest>, Failure> {
    let latest = seen.get(..LATEST_MAX).unwrap_or(seen);
    let straight = straight_distances(connection, driver, latest).await?;
    let told = latest.iter().map(|one| OwnRequest {
        at: one.at,
        distance_m: distance_m(&one.verdict)
            .or_else(|| straight.get(&one.trip).copied())
            .map(roughly),
        asked: is_asked(one),
        sentence: one.verdict.tell_driver(one.best.as_ref()),
    });
    Ok(told.collect())
}

/// How far the pickups were from where the driver was last seen before each decision.
async fn straight_distances(
    connection: &mut PgConnection,
    driver: DriverId,
    seen: &[Seen],
) -> Result<HashMap<TripId, u32>, Failure> {
    let unknown = || seen.iter().filter(|one| distance_m(&one.verdict).is_none());
    let trips: Vec<TripId> = unknown().map(|one| one.trip).collect();
    let moments: Vec<DateTime<Utc>> = unknown().map(|one| one.at).collect();
    let searches = trips::service::list_searches(connection, &trips).await?;
    let rows = queries::list_last_sightings(connection, driver, &moments).await?;
    let mut distances = HashMap::new();
    for one in unknown() {
        let row = rows.iter().find(|row| row.before == one.at);
        if let (Some(search), Some(row)) = (searches.get(&one.trip), row) {
            let sighting = unseen::sighting(row, search.pickup)?;
            distances.insert(one.trip, sighting.straight_m);
        }
    }
    Ok(distances)
}

/// What the decision itself knows of the distance.
const fn distance_m(verdict: &Verdict) -> Option<u32> {
    match verdict {
        Verdict::Asked { cost } | Verdict::Lost { cost, .. } => Some(cost.way_m),
        Verdict::Dropped(Gate::TooFarByRoad { road_m, .. }) => Some(*road_m),
        Verdict::Dropped(Gate::OutOfReach { straight_m, .. }) => Some(*straight_m),
        Verdict::Dropped(_) => None,
    }
}

/// Rounded, so that nobody's door is found.
const fn roughly(metres: u32) -> u32 {
    let step = if metres < 2000 { 100 } else { 500 };
    metres.saturating_add(step / 2) / step * step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_rough() {
        let pairs = [
            (0, 0),
            (49, 0),
            (50, 100),
            (1949, 1900),
            (2249, 2000),
            (2250, 2500),
        ];
        for (metres, rough) in pairs {
            assert_eq!(roughly(metres), rough, "{metres}");
        }
    }
}
