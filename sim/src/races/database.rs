//! A database in memory that behaves as PostgreSQL does in READ COMMITTED, as far as races go.
//!
//! A reader sees what was committed and what its own transaction wrote. A writer locks the row until
//! its transaction ends; whoever wants the row meanwhile waits. A value that a unique index would
//! refuse is refused if it was committed, and waited for if it was not. A transaction that is dropped
//! leaves nothing behind.

use super::protections::Protections;
use super::rows::{LeaseRow, OfferRow, OfferStatus, TripRow};

/// A transaction.
pub(super) type Tx = usize;

/// Why a statement does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    /// Another transaction has to end first.
    By(Tx),
    /// A unique index refuses it.
    Unique(&'static str),
}

/// A row, with what an open transaction made of it.
#[derive(Debug, Clone)]
pub(super) struct Row<T> {
    committed: Option<T>,
    pending: Option<T>,
    locks: Locks,
}

#[derive(Debug, Clone, Default)]
struct Locks {
    owner: Option<Tx>,
    sharers: Vec<Tx>,
}

/// A row by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    Trip(usize),
    Offer(usize),
    Driver(usize),
    Key(usize),
    Lease,
}

#[derive(Debug, Default)]
struct Open {
    ended: bool,
    waits_for: Option<Tx>,
    touched: Vec<Name>,
}

/// The whole database.
#[derive(Debug)]
pub(super) struct Database {
    pub(super) now: i64,
    pub(super) protections: Protections,
    pub(super) trips: Vec<Row<TripRow>>,
    pub(super) offers: Vec<Row<OfferRow>>,
    /// Whether each driver is online.
    pub(super) drivers: Vec<Row<bool>>,
    /// Answers by idempotency key.
    pub(super) keys: Vec<Row<super::requests::Answer>>,
    pub(super) lease: Row<LeaseRow>,
    open: Vec<Open>,
    /// How often something was committed.
    pub(super) commits: u64,
    /// How often two waited for each other.
    pub(super) deadlocks: u64,
    /// The transaction that ran last.
    pub(super) last: Option<Tx>,
    /// Whose turn it is, for the trace.
    pub(super) actor: String,
    pub(super) traced: bool,
}

impl<T: Clone> Row<T> {
    pub(super) fn new(value: T) -> Self {
        Self {
            committed: Some(value),
            ..Self::absent()
        }
    }

    pub(super) fn absent() -> Self {
        Self {
            committed: None,
            pending: None,
            locks: Locks::default(),
        }
    }

    /// What everybody sees.
    pub(super) fn committed(&self) -> Option<&T> {
        self.committed.as_ref()
    }

    /// What this transaction sees.
    pub(super) fn seen_by(&self, tx: Tx) -> Option<&T> {
        if self.locks.owner == Some(tx) && self.pending.is_some() {
            self.pending.as_ref()
        } else {
            self.committed.as_ref()
        }
    }

    /// Another transaction than this one has written it and not ended yet.
    fn written_by_other(&self, tx: Tx) -> Option<Tx> {
        let owner = self.locks.owner.filter(|owner| *owner != tx)?;
        self.pending.as_ref().map(|_| owner)
    }

    fn end(&mut self, tx: Tx, keep: bool) {
        if self.locks.owner == Some(tx) {
            let pending = self.pending.take();
            if keep && pending.is_some() {
                self.committed = pending;
            }
            self.locks.owner = None;
        }
        self.locks.sharers.retain(|sharer| *sharer != tx);
    }
}

impl Database {
    pub(super) fn new(trips: usize, drivers: usize, protections: Protections) -> Self {
        let lease = LeaseRow {
            holder: None,
            epoch: 0,
            expires_at: 0,
        };
        Self {
            now: 0,
            protections,
            trips: (0..trips)
                .map(|number| Row::new(TripRow::requested(number, 0)))
                .collect(),
            offers: Vec::with_capacity(16),
            drivers: (0..drivers).map(|_| Row::new(true)).collect(),
            keys: Vec::with_capacity(32),
            lease: Row::new(lease),
            open: Vec::with_capacity(64),
            commits: 0,
            deadlocks: 0,
            last: None,
            actor: String::new(),
            traced: false,
        }
    }

    pub(super) fn begin(&mut self) -> Tx {
        self.open.push(Open::default());
        self.open.len() - 1
    }

    /// Ends a transaction: everything it wrote counts from now on, or nothing of it.
    pub(super) fn end(&mut self, tx: Tx, keep: bool) {
        let touched = std::mem::take(&mut self.open[tx].touched);
        for name in touched {
            match name {
                Name::Trip(row) => self.trips[row].end(tx, keep),
                Name::Offer(row) => self.offers[row].end(tx, keep),
                Name::Driver(row) => self.drivers[row].end(tx, keep),
                Name::Key(row) => self.keys[row].end(tx, keep),
                Name::Lease => self.lease.end(tx, keep),
            }
        }
        self.open[tx].ended = true;
        self.open[tx].waits_for = None;
        self.commits += u64::from(keep);
    }

    /// Whether a transaction waits for another one that goes on.
    pub(super) fn is_waiting(&self, tx: Tx) -> bool {
        let waits_for = self.open[tx].waits_for;
        waits_for.is_some_and(|other| !self.open[other].ended)
    }

    /// Notes that one waits for another. Answers false if they would wait for each other for ever.
    pub(super) fn wait(&mut self, tx: Tx, holder: Tx) -> bool {
        self.open[tx].waits_for = Some(holder);
        let mut next = Some(holder);
        while let Some(other) = next.filter(|other| !self.open[*other].ended) {
            if other == tx {
                return false;
            }
            next = self.open[other].waits_for;
        }
        true
    }

    pub(super) fn go_on(&mut self, tx: Tx) {
        self.open[tx].waits_for = None;
    }

    /// `FOR UPDATE`, and what every write does first.
    pub(super) fn lock(&mut self, tx: Tx, name: Name) -> Result<(), Held> {
        let locks = self.locks(name);
        if locks.owner == Some(tx) {
            return Ok(());
        }
        if let Some(owner) = locks.owner {
            return Err(Held::By(owner));
        }
        if let Some(sharer) = locks.sharers.iter().find(|sharer| **sharer != tx) {
            return Err(Held::By(*sharer));
        }
        locks.owner = Some(tx);
        self.open[tx].touched.push(name);
        Ok(())
    }

    /// `FOR SHARE`.
    pub(super) fn share(&mut self, tx: Tx, name: Name) -> Result<(), Held> {
        let locks = self.locks(name);
        if let Some(owner) = locks.owner.filter(|owner| *owner != tx) {
            return Err(Held::By(owner));
        }
        if !locks.sharers.contains(&tx) {
            locks.sharers.push(tx);
            self.open[tx].touched.push(name);
        }
        Ok(())
    }

    fn locks(&mut self, name: Name) -> &mut Locks {
        match name {
            Name::Trip(row) => &mut self.trips[row].locks,
            Name::Offer(row) => &mut self.offers[row].locks,
            Name::Driver(row) => &mut self.drivers[row].locks,
            Name::Key(row) => &mut self.keys[row].locks,
            Name::Lease => &mut self.lease.locks,
        }
    }

    pub(super) fn write_trip(&mut self, tx: Tx, number: usize, row: TripRow) -> Result<(), Held> {
        self.lock(tx, Name::Trip(number))?;
        if let Some(driver) = row.engaged() {
            let index = if row.forward {
                "trips_one_forward_per_driver"
            } else {
                "trips_one_driven_per_driver"
            };
            let same =
                |other: &TripRow| other.engaged() == Some(driver) && other.forward == row.forward;
            check_unique(&self.trips, Some(number), tx, same, index)?;
        }
        self.trips[number].pending = Some(row);
        Ok(())
    }

    /// Changes an offer that this transaction may change.
    pub(super) fn write_offer(
        &mut self,
        tx: Tx,
        number: usize,
        status: OfferStatus,
    ) -> Result<(), Held> {
        self.lock(tx, Name::Offer(number))?;
        let Some(mut row) = self.offers[number].seen_by(tx).copied() else {
            return Ok(());
        };
        row.status = status;
        if status == OfferStatus::Accepted && self.protections.accepted_index {
            let same =
                |other: &OfferRow| other.status == OfferStatus::Accepted && other.trip == row.trip;
            let index = "offers_one_accepted_per_trip";
            check_unique(&self.offers, Some(number), tx, same, index)?;
        }
        self.offers[number].pending = Some(row);
        Ok(())
    }

    /// `INSERT … ON CONFLICT DO NOTHING`. Answers whether it was inserted.
    pub(super) fn insert_offer(&mut self, tx: Tx, row: OfferRow) -> Result<bool, Held> {
        let open = |other: &OfferRow| other.status == OfferStatus::Open;
        let of_driver = |other: &OfferRow| open(other) && other.driver == row.driver;
        let in_turn = |other: &OfferRow| {
            open(other) && other.trip == row.trip && !other.broadcast && !row.broadcast
        };
        let index = "offers_one_open_per_driver";
        let one_per_driver = check_unique(&self.offers, None, tx, of_driver, index);
        let index = "offers_one_in_turn_per_trip";
        let one_in_turn = || check_unique(&self.offers, None, tx, in_turn, index);
        match one_per_driver.and_then(|()| one_in_turn()) {
            Err(Held::Unique(_)) => return Ok(false),
            other => other?,
        }
        let number = self.offers.len();
        self.offers.push(Row::absent());
        self.lock(tx, Name::Offer(number))?;
        self.offers[number].pending = Some(row);
        Ok(true)
    }

    pub(super) fn write_driver(&mut self, tx: Tx, number: usize, online: bool) -> Result<(), Held> {
        self.lock(tx, Name::Driver(number))?;
        self.drivers[number].pending = Some(online);
        Ok(())
    }

    pub(super) fn write_lease(&mut self, tx: Tx, row: LeaseRow) -> Result<(), Held> {
        self.lock(tx, Name::Lease)?;
        self.lease.pending = Some(row);
        Ok(())
    }

    pub(super) fn write_key(
        &mut self,
        tx: Tx,
        key: usize,
        answer: super::requests::Answer,
    ) -> Result<(), Held> {
        self.lock(tx, Name::Key(key))?;
        self.keys[key].pending = Some(answer);
        Ok(())
    }

    /// The committed offers.
    pub(super) fn committed_offers(&self) -> impl Iterator<Item = (usize, &OfferRow)> {
        let rows = self.offers.iter().enumerate();
        rows.filter_map(|(number, row)| Some((number, row.committed()?)))
    }

    /// The committed trips.
    pub(super) fn committed_trips(&self) -> impl Iterator<Item = (usize, &TripRow)> {
        let rows = self.trips.iter().enumerate();
        rows.filter_map(|(number, row)| Some((number, row.committed()?)))
    }
}

/// What a unique index says of a new value: refused, or to be waited for, if another row has it.
fn check_unique<T: Clone>(
    rows: &[Row<T>],
    own: Option<usize>,
    tx: Tx,
    same: impl Fn(&T) -> bool,
    index: &'static str,
) -> Result<(), Held> {
    for (number, row) in rows.iter().enumerate() {
        if own == Some(number) {
            continue;
        }
        if let Some(other) = row.written_by_other(tx) {
            let versions = [row.committed.as_ref(), row.pending.as_ref()];
            if versions.into_iter().flatten().any(&same) {
                return Err(Held::By(other));
            }
        } else if row.seen_by(tx).is_some_and(&same) {
            return Err(Held::Unique(index));
        }
    }
    Ok(())
}
