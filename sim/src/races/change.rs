//! The one way in which a trip changes, decided by the core.

use wayfare_core::trip::{Actor, Command, CommandContext, Event, Rules, TripState, decide};

use super::database::{Database, Name};
use super::requests::{Answer, withdraw};
use super::rows::{OfferStatus, TripRow, instant, number_of};
use super::session::{Session, Stop};

/// What somebody wants of a trip.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) trip: usize,
    pub(super) command: Command,
    pub(super) actor: Actor,
    /// Who takes it may finish another trip first.
    pub(super) ahead: bool,
}

/// Changes a trip in the caller's transaction, with everything that follows from it.
pub(super) async fn change_trip(session: &Session, change: Change) -> Result<TripRow, Stop> {
    let mut row = session.lock_trip(change.trip).await?;
    let context = CommandContext {
        actor: change.actor,
        at: instant(session.now()).max(row.trip.last_event_at),
    };
    let refused = Stop::Refused(Answer::Refused);
    let events = decide(&row.trip, change.command, context, Rules::default());
    let events = events.map_err(|_| refused)?;
    let arrives = |event: &Event| matches!(event, Event::Arrived { .. });
    if row.forward && events.iter().any(arrives) {
        return Err(refused);
    }
    let before = row.engaged().filter(|_| !row.forward);
    for event in &events {
        row.trip.apply(event);
    }
    row.forward = is_forward(session, &row, change.ahead).await?;
    let written = row.clone();
    let write = |database: &mut Database, tx| database.write_trip(tx, change.trip, written.clone());
    session.run("writes the trip", write).await?;
    // The driver's next trip is locked before offers are.
    if let Some(freed) = before.filter(|_| row.engaged().is_none()) {
        come_first(session, freed).await?;
    }
    for event in &events {
        follow_up(session, change.trip, event).await?;
    }
    Ok(row)
}

/// Whether the trip comes after another one of its driver. Of a trip that is just being assigned the
/// other one is looked for, and does not end before the transaction does.
async fn is_forward(session: &Session, row: &TripRow, ahead: bool) -> Result<bool, Stop> {
    let TripState::Assigned { assignment } = row.trip.state else {
        return Ok(false);
    };
    if !ahead {
        return Ok(row.forward);
    }
    let driver = number_of(assignment.driver);
    let find = |database: &mut Database, tx| {
        let driven = |row: &TripRow| row.engaged() == Some(driver) && !row.forward;
        let mut trips = 0..database.trips.len();
        let found = trips.find(|number| database.trips[*number].seen_by(tx).is_some_and(driven));
        if let Some(number) = found {
            database.share(tx, Name::Trip(number))?;
        }
        Ok(found.is_some())
    };
    session.run("looks for the trip before", find).await
}

/// The trip that this driver took ahead is the one to drive now.
async fn come_first(session: &Session, driver: usize) -> Result<(), Stop> {
    let come = |database: &mut Database, tx| {
        let next = |row: &TripRow| row.engaged() == Some(driver) && row.forward;
        for number in 0..database.trips.len() {
            if database.trips[number].seen_by(tx).is_some_and(next) {
                database.lock(tx, Name::Trip(number))?;
                if let Some(mut row) = database.trips[number].seen_by(tx).cloned() {
                    row.forward = false;
                    database.write_trip(tx, number, row)?;
                }
            }
        }
        Ok(())
    };
    session.run("lets the next trip come first", come).await
}

async fn follow_up(session: &Session, trip: usize, event: &Event) -> Result<(), Stop> {
    match event {
        Event::Released { .. } => {
            let what = "notes that the trip was given back";
            session
                .update_offers(what, OfferStatus::Released, |offer| {
                    offer.trip == trip && offer.status == OfferStatus::Accepted
                })
                .await?;
            Ok(())
        }
        Event::Cancelled { .. } | Event::Expired { .. } => withdraw(session, trip).await,
        _ => Ok(()),
    }
}
