//! What drivers and riders ask of the server, in the same steps as the server's own code.

use wayfare_core::trip::{Actor, CancelReason, Command, Pin};

use super::change::{Change, change_trip};
use super::database::{Database, Name};
use super::rows::{OfferStatus, TripRow, driver, vehicle};
use super::session::{Session, Shared, Stop};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Person {
    Driver(usize),
    /// The rider of the trip with this number.
    Rider(usize),
}

/// What is asked for. Numbers name offers and trips.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    Accept(usize),
    Decline(usize),
    GoOffline,
    GoOnline,
    Arrive(usize),
    Start(usize),
    Complete(usize),
    /// A driver gives the trip back, or its rider calls it off.
    Cancel(usize),
}

/// A request. Sent again, it carries the same key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) who: Person,
    pub(super) ask: Ask,
    pub(super) key: usize,
}

/// What the server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// The trip is the driver's; so often it had been given back before.
    Yours {
        trip: usize,
        releases: u32,
    },
    Done,
    Refused,
}

/// Carries out a request, once under its key.
pub(super) async fn serve(shared: Shared, request: Request) -> Answer {
    let served = work(&shared, request).await;
    match served {
        Ok(answer) | Err(Stop::Refused(answer)) => answer,
        Err(Stop::Unique | Stop::Deadlock) => Answer::Refused,
    }
}

async fn work(shared: &Shared, request: Request) -> Result<Answer, Stop> {
    let session = Session::begin(shared).await;
    let seen = |database: &mut Database, tx| {
        database.lock(tx, Name::Key(request.key))?;
        Ok(database.keys[request.key].committed().copied())
    };
    if let Some(before) = session.run("looks the key up", seen).await? {
        return Ok(before);
    }
    let answer = carry_out(&session, request).await?;
    let keep = |database: &mut Database, tx| database.write_key(tx, request.key, answer);
    session.run("keeps the answer", keep).await?;
    session.commit().await;
    if request.ask == Ask::GoOffline {
        withdraw_own(shared, request.who).await?;
    }
    Ok(answer)
}

async fn carry_out(session: &Session, request: Request) -> Result<Answer, Stop> {
    let actor = match request.who {
        Person::Driver(number) => Actor::Driver(driver(number)),
        Person::Rider(trip) => Actor::Rider(TripRow::requested(trip, 0).trip.request.rider),
    };
    let command = match (request.ask, request.who) {
        (Ask::Accept(offer), Person::Driver(number)) => {
            return accept(session, offer, number).await;
        }
        (Ask::Decline(offer), _) => return decline(session, offer).await,
        (Ask::GoOffline, Person::Driver(number)) => return switch(session, number, false).await,
        (Ask::GoOnline, Person::Driver(number)) => return switch(session, number, true).await,
        (Ask::Arrive(trip), _) => (trip, Command::Arrive),
        (Ask::Start(trip), _) => {
            let pin = Pin::from_number(1234);
            (trip, Command::Start { pin })
        }
        (Ask::Complete(trip), _) => (trip, Command::Complete),
        (Ask::Cancel(trip), _) => {
            let reason = CancelReason::ChangedMind;
            (trip, Command::Cancel { reason })
        }
        (Ask::Accept(_) | Ask::GoOffline | Ask::GoOnline, Person::Rider(_)) => {
            return Err(Stop::Refused(Answer::Refused));
        }
    };
    let (trip, command) = command;
    let change = Change {
        trip,
        command,
        actor,
        ahead: false,
    };
    change_trip(session, change).await?;
    Ok(Answer::Done)
}

/// First the trip and then the offer: everybody who needs both takes them in this order.
async fn accept(session: &Session, offer: usize, number: usize) -> Result<Answer, Stop> {
    let read = |database: &mut Database, tx| Ok(database.offers[offer].seen_by(tx).copied());
    let row = session.run("reads the offer", read).await?;
    let closed = Stop::Refused(Answer::Refused);
    let row = row.ok_or(closed)?;
    let checked = session.protections().open_check;
    if checked && row.status != OfferStatus::Open {
        return Err(closed);
    }
    let change = Change {
        trip: row.trip,
        command: Command::Assign {
            driver: driver(number),
            vehicle: vehicle(number),
        },
        actor: Actor::System,
        ahead: row.forward,
    };
    let trip = change_trip(session, change).await?;
    let accept = |database: &mut Database, tx| {
        let now = database.now;
        let Some(row) = database.offers[offer].seen_by(tx).copied() else {
            return Ok(false);
        };
        if checked && (row.status != OfferStatus::Open || row.expires_at <= now) {
            return Ok(false);
        }
        database.write_offer(tx, offer, OfferStatus::Accepted)?;
        Ok(true)
    };
    if !session.run("accepts the offer", accept).await? {
        return Err(closed);
    }
    // Others may have been asked at the same time.
    withdraw(session, row.trip).await?;
    Ok(Answer::Yours {
        trip: row.trip,
        releases: trip.trip.releases,
    })
}

async fn decline(session: &Session, offer: usize) -> Result<Answer, Stop> {
    let decline = |database: &mut Database, tx| {
        let open = |status| status == OfferStatus::Open;
        let row = database.offers[offer].seen_by(tx);
        if !row.is_some_and(|row| open(row.status)) {
            return Ok(Answer::Refused);
        }
        database.write_offer(tx, offer, OfferStatus::Declined)?;
        Ok(Answer::Done)
    };
    session.run("declines the offer", decline).await
}

async fn switch(session: &Session, number: usize, online: bool) -> Result<Answer, Stop> {
    let what = if online {
        "goes online"
    } else {
        "goes offline"
    };
    let write = |database: &mut Database, tx| database.write_driver(tx, number, online);
    session.run(what, write).await?;
    Ok(Answer::Done)
}

/// Who went offline keeps no offer. That is a transaction of its own.
async fn withdraw_own(shared: &Shared, who: Person) -> Result<(), Stop> {
    let Person::Driver(number) = who else {
        return Ok(());
    };
    let session = Session::begin(shared).await;
    let what = "takes back the driver's offers";
    session
        .update_offers(what, OfferStatus::Withdrawn, |offer| {
            offer.driver == number && offer.status == OfferStatus::Open
        })
        .await?;
    session.commit().await;
    Ok(())
}

/// Takes back the open offers of a trip.
pub(super) async fn withdraw(session: &Session, trip: usize) -> Result<(), Stop> {
    let what = "takes back the trip's offers";
    session
        .update_offers(what, OfferStatus::Withdrawn, |offer| {
            offer.trip == trip && offer.status == OfferStatus::Open
        })
        .await?;
    Ok(())
}
