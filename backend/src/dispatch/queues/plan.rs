//! Who has a place in which queue: a pure function of the places and of where the cars are.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use wayfare_core::id::DriverId;

/// A place in the queue of a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) driver: DriverId,
    /// Short id of the zone.
    pub(super) zone: String,
    pub(super) since: DateTime<Utc>,
    /// Since when the car was not seen in the zone.
    pub(super) away_since: Option<DateTime<Utc>>,
}

/// What a driver is doing, as far as queues go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    /// Waits for a trip.
    Free,
    /// Has an offer to answer.
    Asked,
    /// Has a trip.
    Driving,
}

/// A car that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen<'a> {
    pub(super) driver: DriverId,
    /// The queue zone in which it was.
    pub(super) zone: Option<&'a str>,
    pub(super) doing: Doing,
    /// When.
    pub(super) at: DateTime<Utc>,
}

/// How long things count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Patience {
    /// A car that was silent for longer is offline.
    pub(super) fresh_for: TimeDelta,
    /// Who is away for longer loses the place.
    pub(super) away_for: TimeDelta,
}

/// Since when a driver who keeps a place is away, if away at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Away {
    pub(super) driver: DriverId,
    pub(super) since: Option<DateTime<Utc>>,
}

/// What is different from before; a driver is in one of the lists at most.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Changes {
    /// New places, by driver.
    pub(super) joined: Vec<Place>,
    /// Drivers who went away or came back, by id.
    pub(super) away: Vec<Away>,
    /// Drivers without a place from now on, by id.
    pub(super) lost: Vec<DriverId>,
}

impl Changes {
    pub(super) fn is_empty(&self) -> bool {
        self.joined.is_empty() && self.away.is_empty() && self.lost.is_empty()
    }
}

/// Decides who joins a queue, is away from it, comes back, or loses the place.
///
/// A driver has one place at a time: who keeps one while away gets no other before the round after
/// it is lost. A car that is silent counts as away from its last position on, and one that was not
/// seen at all (after a restart nobody was) from now on.
pub(super) fn plan_queue_changes(
    places: &[Place],
    seen: &[Seen<'_>],
    patience: Patience,
    now: DateTime<Utc>,
) -> Changes {
    let by_driver: HashMap<DriverId, &Seen<'_>> =
        seen.iter().map(|seen| (seen.driver, seen)).collect();
    let mut changes = Changes::default();
    for place in places {
        let driver = place.driver;
        let seen = by_driver.get(&driver).copied();
        match presence(place, seen, patience, now) {
            Presence::Lost => changes.lost.push(driver),
            Presence::Kept { away_since: since } if since != place.away_since => {
                changes.away.push(Away { driver, since });
            }
            Presence::Kept { .. } => {}
        }
    }
    let placed: HashSet<DriverId> = places.iter().map(|place| place.driver).collect();
    let unplaced = seen.iter().filter(|seen| !placed.contains(&seen.driver));
    changes.joined = unplaced
        .filter_map(|seen| join(seen, patience, now))
        .collect();
    changes.joined.sort_by_key(|place| place.driver);
    changes.away.sort_by_key(|away| away.driver);
    changes.lost.sort_unstable();
    changes
}

enum Presence {
    Kept { away_since: Option<DateTime<Utc>> },
    Lost,
}

fn presence(
    place: &Place,
    seen: Option<&Seen<'_>>,
    patience: Patience,
    now: DateTime<Utc>,
) -> Presence {
    let away_since = match seen {
        Some(seen) if seen.doing == Doing::Driving => return Presence::Lost,
        Some(seen) if is_silent(seen, patience, now) => Some(seen.at),
        Some(seen) if seen.zone == Some(&place.zone) => None,
        Some(_) | None => Some(now),
    };
    // Away is away since the first time.
    let away_since = away_since.map(|since| place.away_since.map_or(since, |at| at.min(since)));
    if away_since.is_some_and(|since| now - since > patience.away_for) {
        Presence::Lost
    } else {
        Presence::Kept { away_since }
    }
}

fn join(seen: &Seen<'_>, patience: Patience, now: DateTime<Utc>) -> Option<Place> {
    if seen.doing != Doing::Free || is_silent(seen, patience, now) {
        return None;
    }
    Some(Place {
        driver: seen.driver,
        zone: seen.zone?.to_owned(),
        since: now,
        away_since: None,
    })
}

fn is_silent(seen: &Seen<'_>, patience: Patience, now: DateTime<Utc>) -> bool {
    now - seen.at > patience.fresh_for
}

#[cfg(test)]
mod tests;
