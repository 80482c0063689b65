//! What drivers and riders want next, by chance.

use rand::RngExt;
use wayfare_core::trip::TripState;

use super::database::Database;
use super::requests::{Ask, Person};
use super::rows::OfferStatus;
use crate::chance::Chance;

/// How somebody feels about what they see.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mood {
    /// Does what there is to do, and never anything else.
    pub(super) peaceful: bool,
    /// How often a driver gives back what can be given back, of ten times.
    pub(super) fickle: u32,
}

/// What somebody asks for, of what they see; nothing if they wait.
pub(super) fn wish(
    database: &Database,
    who: Person,
    mood: Mood,
    chance: &mut Chance,
) -> Option<Ask> {
    match who {
        Person::Driver(driver) => drivers_wish(database, driver, mood, chance),
        Person::Rider(trip) => {
            let row = database.trips.get(trip)?.committed()?;
            let calls_off = !mood.peaceful && !row.is_over() && chance.random_bool(0.06);
            calls_off.then_some(Ask::Cancel(trip))
        }
    }
}

fn drivers_wish(
    database: &Database,
    driver: usize,
    mood: Mood,
    chance: &mut Chance,
) -> Option<Ask> {
    let online = database.drivers.get(driver)?.committed() == Some(&true);
    if !online && (mood.peaceful || chance.random_bool(0.5)) {
        return Some(Ask::GoOnline);
    }
    if online && !mood.peaceful && chance.random_bool(0.05) {
        return Some(Ask::GoOffline);
    }
    if let Some(ask) = answer(database, driver, mood, chance) {
        return Some(ask);
    }
    let mut own = database
        .committed_trips()
        .filter(|(_, row)| row.engaged() == Some(driver));
    // Now and then about the trip that comes later.
    let skipped = usize::from(!mood.peaceful && chance.random_bool(0.3));
    let (trip, row) = own.by_ref().nth(skipped).or_else(|| own.next())?;
    if mood.peaceful && row.forward {
        let mut own = database.committed_trips();
        let (trip, row) = own.find(|(_, row)| row.engaged() == Some(driver) && !row.forward)?;
        return step(trip, &row.trip.state);
    }
    let may_give_back = !matches!(row.trip.state, TripState::InProgress { .. });
    if !mood.peaceful && may_give_back && chance.random_ratio(mood.fickle, 10) {
        return Some(Ask::Cancel(trip));
    }
    step(trip, &row.trip.state)
}

const fn step(trip: usize, state: &TripState) -> Option<Ask> {
    match state {
        TripState::Assigned { .. } => Some(Ask::Arrive(trip)),
        TripState::Arrived { .. } => Some(Ask::Start(trip)),
        TripState::InProgress { .. } => Some(Ask::Complete(trip)),
        _ => None,
    }
}

/// An answer to an offer; sometimes to one that is closed by now.
fn answer(database: &Database, driver: usize, mood: Mood, chance: &mut Chance) -> Option<Ask> {
    let late = !mood.peaceful && chance.random_bool(0.1);
    let mut own = database
        .committed_offers()
        .filter(|(_, offer)| offer.driver == driver && (late || offer.status == OfferStatus::Open));
    let (offer, _) = own.next()?;
    if mood.peaceful {
        return Some(Ask::Accept(offer));
    }
    match chance.random_range(0..10) {
        0..=6 => Some(Ask::Accept(offer)),
        7 => Some(Ask::Decline(offer)),
        // Silence.
        _ => None,
    }
}
