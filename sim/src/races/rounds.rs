//! The leader's rounds, in the same steps as the server's: read, plan without a lock, write.

use rand::RngExt;
use wayfare_core::trip::{Actor, Command, TripState};

use super::change::{Change, change_trip};
use super::database::{Database, Held, Name, Tx};
use super::rows::{LeaseRow, OfferRow, OfferStatus, TripRow};
use super::session::{Session, Shared, Stop};
use super::world::Plan as Settings;
use crate::chance::Chance;

/// A driver has so long to answer, in seconds.
pub(super) const OFFER_TIMEOUT_S: i64 = 15;
/// A lease that is not renewed ends after so long.
const LEASE_S: i64 = 5;

/// A process that may be the leader, and in which epoch it believes to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Leader {
    pub(super) process: usize,
    pub(super) epoch: u32,
}

/// Takes the lease if it is free, or renews it. Answers the epoch.
pub(super) async fn take_lease(shared: Shared, process: usize) -> Option<u32> {
    let session = Session::begin(&shared).await;
    let take = |database: &mut Database, tx| {
        let now = database.now;
        let Some(row) = database.lease.seen_by(tx).copied() else {
            return Ok(None);
        };
        let mine = row.holder == Some(process);
        // A row that is locked belongs to somebody who is alive.
        if !(mine || row.expires_at <= now) || database.lock(tx, Name::Lease).is_err() {
            return Ok(None);
        }
        let epoch = if mine { row.epoch } else { row.epoch + 1 };
        let taken = LeaseRow {
            holder: Some(process),
            epoch,
            expires_at: now + LEASE_S,
        };
        database.write_lease(tx, taken)?;
        Ok(Some(epoch))
    };
    let epoch = session.run("asks for the lease", take).await.ok()?;
    session.commit().await;
    epoch
}

/// One round. Answers false if the lease was lost.
pub(super) async fn round(
    shared: Shared,
    leader: Leader,
    settings: Settings,
    chance: Chance,
) -> bool {
    let leads = dispatch(&shared, leader, settings, chance).await;
    // After a round that failed the next one tries again.
    leads.unwrap_or(true)
}

async fn dispatch(
    shared: &Shared,
    leader: Leader,
    settings: Settings,
    mut chance: Chance,
) -> Result<bool, Stop> {
    let session = Session::begin(shared).await;
    if !lock_lease(&session, leader).await? {
        return Ok(false);
    }
    session.run("times offers out", time_out).await?;
    let list = |database: &mut Database, tx| Ok(list_waiting(database, tx, settings));
    let waiting = session.run("reads the trips that wait", list).await?;
    let cars = session.run("reads the drivers", list_cars).await?;
    session.commit().await;
    let proposals = propose(&waiting, &cars, settings, &mut chance);
    if proposals.is_empty() && waiting.iter().all(|waits| !waits.hopeless) {
        return Ok(true);
    }
    write(shared, leader, settings, &waiting, &proposals).await
}

async fn write(
    shared: &Shared,
    leader: Leader,
    settings: Settings,
    waiting: &[Waits],
    proposals: &[Proposal],
) -> Result<bool, Stop> {
    let session = Session::begin(shared).await;
    if !lock_lease(&session, leader).await? {
        return Ok(false);
    }
    let lock = |database: &mut Database, tx| Ok(lock_unchanged(database, tx, waiting));
    let unchanged = session.run("locks the trips that still wait", lock).await?;
    let hold = |database: &mut Database, tx| Ok(still_as_planned(database, tx, proposals));
    let fit = session.run("holds the drivers who still fit", hold).await?;
    for proposal in proposals {
        if !unchanged.contains(&proposal.trip) || !fit.contains(&proposal.driver) {
            continue;
        }
        let now = session.now();
        let offer = OfferRow {
            trip: proposal.trip,
            driver: proposal.driver,
            status: OfferStatus::Open,
            broadcast: settings.broadcast,
            forward: proposal.forward,
            wave: proposal.wave,
            created_at: now,
            expires_at: now + OFFER_TIMEOUT_S,
            epoch: leader.epoch,
        };
        let insert = |database: &mut Database, tx| database.insert_offer(tx, offer);
        session.run("makes an offer", insert).await?;
    }
    for waits in waiting.iter().filter(|waits| waits.hopeless) {
        if unchanged.contains(&waits.trip) {
            let change = Change {
                trip: waits.trip,
                command: Command::Expire,
                actor: Actor::System,
                ahead: false,
            };
            change_trip(&session, change).await?;
        }
    }
    session.commit().await;
    Ok(true)
}

/// Renews one's own lease and locks it until the transaction ends.
async fn lock_lease(session: &Session, leader: Leader) -> Result<bool, Stop> {
    let lock = |database: &mut Database, tx| {
        if !database.protections.lease_fence {
            return Ok(true);
        }
        let mine = |row: &LeaseRow| row.holder == Some(leader.process) && row.epoch == leader.epoch;
        let Some(mut row) = database.lease.seen_by(tx).copied().filter(mine) else {
            return Ok(false);
        };
        row.expires_at = database.now + LEASE_S;
        database.write_lease(tx, row)?;
        Ok(true)
    };
    session.run("locks the lease", lock).await
}

/// An offer that is just being answered is left out.
fn time_out(database: &mut Database, tx: Tx) -> Result<(), Held> {
    for number in 0..database.offers.len() {
        let now = database.now;
        let late = |row: &OfferRow| row.status == OfferStatus::Open && row.expires_at <= now;
        if database.offers[number].seen_by(tx).is_some_and(late)
            && database.lock(tx, Name::Offer(number)).is_ok()
        {
            database.write_offer(tx, number, OfferStatus::TimedOut)?;
        }
    }
    Ok(())
}

/// A trip that looks for a driver.
#[derive(Debug, Clone)]
pub(super) struct Waits {
    trip: usize,
    version: u32,
    pub(super) waves: u32,
    pub(super) asked_now: bool,
    hopeless: bool,
    excluded: Vec<usize>,
}

impl Waits {
    /// Somebody else may be asked, and this driver was not.
    pub(super) fn could_ask(&self, driver: usize) -> bool {
        !self.asked_now && !self.hopeless && !self.excluded.contains(&driver)
    }
}

pub(super) fn list_waiting(database: &Database, tx: Tx, settings: Settings) -> Vec<Waits> {
    let trips = database.trips.iter().enumerate();
    let waits = trips.filter_map(|(number, row)| {
        let row = row.seen_by(tx)?;
        matches!(row.trip.state, TripState::Requested)
            .then(|| waits(database, tx, (number, row), settings))
    });
    waits.collect()
}

fn waits(
    database: &Database,
    tx: Tx,
    (number, row): (usize, &TripRow),
    settings: Settings,
) -> Waits {
    let mut waits = Waits {
        trip: number,
        version: row.trip.version,
        waves: 0,
        asked_now: false,
        hopeless: false,
        excluded: Vec::new(),
    };
    // With each driver who gave the trip back the search began anew.
    let mut anew_at = None;
    for offer in &database.offers {
        let Some(offer) = offer.seen_by(tx).filter(|offer| offer.trip == number) else {
            continue;
        };
        if anew_at.is_none_or(|anew_at| anew_at < offer.created_at) {
            waits.waves = waits.waves.max(offer.wave);
        }
        match offer.status {
            OfferStatus::Open => waits.asked_now = true,
            OfferStatus::Released => {
                anew_at = Some(offer.created_at);
                waits.waves = 0;
                waits.excluded.push(offer.driver);
            }
            // Those were not let answer.
            OfferStatus::Withdrawn => {}
            OfferStatus::Accepted | OfferStatus::Declined | OfferStatus::TimedOut => {
                waits.excluded.push(offer.driver);
            }
        }
    }
    let patience_ends = row.trip.last_event_at.timestamp() + settings.search_timeout_s;
    let too_often = !waits.asked_now && waits.waves >= settings.waves_max();
    waits.hopeless = patience_ends <= database.now || too_often;
    waits
}

/// A driver as a round sees one.
#[derive(Debug, Clone, Copy)]
pub(super) struct CarSeen {
    pub(super) driver: usize,
    /// Finishes another trip first.
    forward: bool,
}

/// Those who can be asked.
fn list_cars(database: &mut Database, tx: Tx) -> Result<Vec<CarSeen>, Held> {
    Ok(cars(database, tx))
}

pub(super) fn cars(database: &Database, tx: Tx) -> Vec<CarSeen> {
    let drivers = database.drivers.iter().enumerate();
    let online = drivers.filter(|(_, online)| online.seen_by(tx) == Some(&true));
    let car = |(driver, _)| {
        let asked = database.offers.iter().filter_map(|offer| offer.seen_by(tx));
        let mut asked = asked.filter(|offer| offer.driver == driver);
        if asked.any(|offer| offer.status == OfferStatus::Open) {
            return None;
        }
        let trips = database.trips.iter().filter_map(|row| row.seen_by(tx));
        let mut has = trips.filter(|row| row.engaged() == Some(driver));
        match (has.next(), has.next()) {
            (None, _) => Some(CarSeen {
                driver,
                forward: false,
            }),
            // About to finish.
            (Some(row), None) => {
                let rides = matches!(row.trip.state, TripState::InProgress { .. });
                rides.then_some(CarSeen {
                    driver,
                    forward: true,
                })
            }
            (Some(_), Some(_)) => None,
        }
    };
    online.filter_map(car).collect()
}

/// A trip and a driver who is to be asked.
#[derive(Debug, Clone, Copy)]
struct Proposal {
    trip: usize,
    driver: usize,
    wave: u32,
    forward: bool,
}

/// Which drivers are near is chance here.
fn propose(
    waiting: &[Waits],
    cars: &[CarSeen],
    settings: Settings,
    chance: &mut Chance,
) -> Vec<Proposal> {
    let mut free = cars.to_vec();
    let mut proposals = Vec::new();
    for waits in waiting {
        for _ in 0..settings.at_once() {
            let fits = |car: &CarSeen| waits.could_ask(car.driver);
            let count = free.iter().filter(|car| fits(car)).count();
            if count == 0 {
                break;
            }
            let chosen = chance.random_range(0..count);
            let mut fitting = (0..free.len()).filter(|place| fits(&free[*place]));
            let Some(place) = fitting.nth(chosen) else {
                break;
            };
            let car = free.remove(place);
            proposals.push(Proposal {
                trip: waits.trip,
                driver: car.driver,
                wave: waits.waves + 1,
                forward: car.forward,
            });
        }
    }
    proposals
}

/// A trip that somebody is just changing is left out, and one that changed.
fn lock_unchanged(database: &mut Database, tx: Tx, waiting: &[Waits]) -> Vec<usize> {
    let mut unchanged = Vec::new();
    for waits in waiting {
        let requested = |row: &TripRow| matches!(row.trip.state, TripState::Requested);
        let same = |row: &TripRow| requested(row) && row.trip.version == waits.version;
        if database.trips[waits.trip]
            .seen_by(tx)
            .is_some_and(requested)
            && database.lock(tx, Name::Trip(waits.trip)).is_ok()
            && database.trips[waits.trip].seen_by(tx).is_some_and(same)
        {
            unchanged.push(waits.trip);
        }
    }
    unchanged
}

/// Who goes offline from now on waits for this transaction; who is just doing so is left out.
fn still_as_planned(database: &mut Database, tx: Tx, proposals: &[Proposal]) -> Vec<usize> {
    let mut fit = Vec::new();
    for proposal in proposals {
        let driver = proposal.driver;
        if database.drivers[driver].seen_by(tx) != Some(&true)
            || database.share(tx, Name::Driver(driver)).is_err()
        {
            continue;
        }
        let trips = database.trips.iter().filter_map(|row| row.seen_by(tx));
        let mut has = trips.filter(|row| row.engaged() == Some(driver));
        let as_before = match (has.next(), has.next()) {
            (None, _) => !proposal.forward,
            (Some(row), None) => proposal.forward && !row.forward,
            (Some(_), Some(_)) => false,
        };
        if as_before {
            fit.push(driver);
        }
    }
    fit
}
