//! A transaction as a server's code holds it. Every statement is a step: before it the scheduler lets
//! anybody else go first, and a statement that has to wait is tried again when the other one ended.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::database::{Database, Held, Name, Tx};
use super::protections::Protections;
use super::requests::Answer;
use super::rows::{OfferRow, OfferStatus, TripRow};
use super::trace;

/// The database that all actors share.
pub(super) type Shared = Rc<RefCell<Database>>;

/// Why a transaction comes to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// A unique index refused something.
    Unique,
    /// Two waited for each other. That must not happen.
    Deadlock,
    /// The request is refused.
    Refused(Answer),
}

/// An open transaction. Dropped without a commit, it leaves nothing behind.
#[derive(Debug)]
pub(super) struct Session {
    shared: Shared,
    tx: Tx,
    ended: bool,
}

impl Session {
    pub(super) async fn begin(shared: &Shared) -> Self {
        pause().await;
        let tx = shared.borrow_mut().begin();
        Self {
            shared: Rc::clone(shared),
            tx,
            ended: false,
        }
    }

    pub(super) async fn commit(mut self) {
        pause().await;
        let mut database = self.shared.borrow_mut();
        trace::say(&database, self.tx, "commits");
        database.end(self.tx, true);
        drop(database);
        self.ended = true;
    }

    /// Runs a statement, as soon as nobody holds what it needs.
    pub(super) async fn run<T>(
        &self,
        what: &'static str,
        mut statement: impl FnMut(&mut Database, Tx) -> Result<T, Held>,
    ) -> Result<T, Stop> {
        loop {
            pause().await;
            let mut database = self.shared.borrow_mut();
            database.last = Some(self.tx);
            trace::say(&database, self.tx, what);
            match statement(&mut database, self.tx) {
                Ok(done) => {
                    database.go_on(self.tx);
                    return Ok(done);
                }
                Err(Held::Unique(index)) => {
                    trace::say(&database, self.tx, index);
                    return Err(Stop::Unique);
                }
                Err(Held::By(holder)) => {
                    trace::say(&database, self.tx, "… waits");
                    if !database.wait(self.tx, holder) {
                        database.deadlocks += 1;
                        return Err(Stop::Deadlock);
                    }
                }
            }
        }
    }

    pub(super) fn protections(&self) -> Protections {
        self.shared.borrow().protections
    }

    pub(super) fn now(&self) -> i64 {
        self.shared.borrow().now
    }

    /// `SELECT … FOR UPDATE` of a trip.
    pub(super) async fn lock_trip(&self, number: usize) -> Result<TripRow, Stop> {
        let statement = |database: &mut Database, tx| {
            if database.protections.trip_lock {
                database.lock(tx, Name::Trip(number))?;
            }
            Ok(database.trips[number].seen_by(tx).cloned())
        };
        let row = self.run("locks the trip", statement).await?;
        row.ok_or(Stop::Refused(Answer::Refused))
    }

    /// `UPDATE dispatch.offers SET status = … WHERE …`
    pub(super) async fn update_offers(
        &self,
        what: &'static str,
        status: OfferStatus,
        which: impl Fn(&OfferRow) -> bool,
    ) -> Result<usize, Stop> {
        let statement = |database: &mut Database, tx| {
            let mut changed = 0;
            for number in 0..database.offers.len() {
                if database.offers[number].seen_by(tx).is_some_and(&which) {
                    database.lock(tx, Name::Offer(number))?;
                    database.write_offer(tx, number, status)?;
                    changed += 1;
                }
            }
            Ok(changed)
        };
        self.run(what, statement).await
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if !self.ended {
            let mut database = self.shared.borrow_mut();
            trace::say(&database, self.tx, "rolls back");
            database.end(self.tx, false);
        }
    }
}

/// Lets the scheduler choose who goes on.
pub(super) fn pause() -> impl Future<Output = ()> {
    Pause(false)
}

struct Pause(bool);

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        Poll::Pending
    }
}
