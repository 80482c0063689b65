//! What must hold after every commit.

use super::database::Database;
use super::rows::{OfferStatus, TripRow, number_of};
use super::world::{Plan, Promise};

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    /// A trip or a driver was given away twice.
    Double(&'static str),
    /// A trip is not looked after any more.
    Lost(&'static str),
    /// Two transactions waited for each other.
    Deadlock,
    /// Anything else that must not be.
    Other(&'static str),
}

/// What is checked against what was there at the last commit.
#[derive(Debug, Default)]
pub(super) struct Checks {
    /// Of each offer that was there; the others were not made yet.
    before: Vec<Option<OfferStatus>>,
}

impl Checks {
    /// Checks everything that is committed.
    pub(super) fn check(
        &mut self,
        database: &Database,
        plan: Plan,
        promises: &[Promise],
    ) -> Result<(), Wrong> {
        if database.deadlocks > 0 {
            return Err(Wrong::Deadlock);
        }
        for (number, trip) in database.committed_trips() {
            check_trip(database, number, trip, plan)?;
        }
        for driver in 0..database.drivers.len() {
            check_driver(database, driver)?;
        }
        for promise in promises {
            check_promise(database, promise)?;
        }
        self.check_answers(database)
    }

    /// Only an open offer is answered, and only the leader makes new ones.
    fn check_answers(&mut self, database: &Database) -> Result<(), Wrong> {
        self.before.resize(database.offers.len(), None);
        let epoch = database.lease.committed().map(|lease| lease.epoch);
        for (number, offer) in database.committed_offers() {
            let before = self.before[number].replace(offer.status);
            let allowed = match (before, offer.status) {
                (None, _) if epoch != Some(offer.epoch) => {
                    return Err(Wrong::Other("a leader who was replaced made an offer"));
                }
                (None | Some(OfferStatus::Open), _) => true,
                (Some(OfferStatus::Accepted), OfferStatus::Released) => true,
                (Some(before), now) => before == now,
            };
            if !allowed {
                return Err(Wrong::Other("an offer that was closed was answered"));
            }
        }
        Ok(())
    }
}

fn check_trip(database: &Database, number: usize, row: &TripRow, plan: Plan) -> Result<(), Wrong> {
    let mut accepted = None;
    let mut open = 0;
    for (_, offer) in database.committed_offers() {
        if offer.trip != number {
            continue;
        }
        match offer.status {
            OfferStatus::Accepted if accepted.is_some() => {
                return Err(Wrong::Double("a trip has two accepted offers"));
            }
            OfferStatus::Accepted => accepted = Some(offer.driver),
            OfferStatus::Open => open += 1,
            _ => {}
        }
    }
    if open > plan.at_once() {
        return Err(Wrong::Other("more drivers are asked at once than may be"));
    }
    if open > 0 && row.engaged().is_some() {
        return Err(Wrong::Other("a driver is asked for a trip that has one"));
    }
    let has = row
        .assignment()
        .map(|assignment| number_of(assignment.driver));
    if has != accepted {
        return Err(Wrong::Double("the trip's driver is not who accepted it"));
    }
    if row.forward && row.engaged().is_none() {
        return Err(Wrong::Other(
            "a trip without a driver comes after another one",
        ));
    }
    // The last one to give it back calls it off.
    if row.trip.releases > wayfare_core::trip::Rules::default().releases_max {
        return Err(Wrong::Other("a trip was given back too often"));
    }
    Ok(())
}

fn check_driver(database: &Database, driver: usize) -> Result<(), Wrong> {
    let of_driver = |forward| {
        let trips = database.committed_trips();
        trips
            .filter(|(_, row)| row.engaged() == Some(driver) && row.forward == forward)
            .count()
    };
    if of_driver(false) > 1 {
        return Err(Wrong::Double("a driver drives two trips"));
    }
    match of_driver(true) {
        0 => {}
        1 if of_driver(false) == 1 => {}
        1 => return Err(Wrong::Lost("a trip comes after one that is over")),
        _ => return Err(Wrong::Double("a driver has two trips ahead")),
    }
    let open = database.committed_offers();
    let open =
        open.filter(|(_, offer)| offer.driver == driver && offer.status == OfferStatus::Open);
    if open.count() > 1 {
        return Err(Wrong::Other("a driver has two offers to answer"));
    }
    Ok(())
}

/// Whoever was answered "yours" has the trip, unless it was given back since.
fn check_promise(database: &Database, promise: &Promise) -> Result<(), Wrong> {
    let row = database
        .trips
        .get(promise.trip)
        .and_then(|row| row.committed());
    let kept = row.is_some_and(|row| {
        let has = row
            .assignment()
            .map(|assignment| number_of(assignment.driver));
        has == Some(promise.driver) || row.trip.releases > promise.releases
    });
    if kept {
        Ok(())
    } else {
        Err(Wrong::Double("a driver was promised a trip and has it not"))
    }
}
