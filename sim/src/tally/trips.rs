//! The sim's own book of trips: what riders and drivers saw, to be held against the server's.

use std::collections::HashMap;

use wayfare_core::id::TripId;
use wayfare_core::money::Money;
use wayfare_core::trip::TripStatus;
use wayfare_core::wire::{Trip, TripSide};

/// What was seen of one trip.
#[derive(Debug, Clone)]
struct Record {
    status: TripStatus,
    version: u32,
    /// A rider of this sim asked for it.
    ours: bool,
    /// It was seen before it was over.
    seen_open: bool,
    requested_s: Option<f64>,
    arrived_s: Option<f64>,
    wait_counted: bool,
    offered: bool,
    held_by: Option<usize>,
    fare_of_rider: Option<Money>,
    fare_of_driver: Option<Money>,
    paid: bool,
    /// Its receipt was computed again.
    proven: bool,
}

impl Record {
    const NEW: Self = Self {
        status: TripStatus::Requested,
        version: 0,
        ours: false,
        seen_open: false,
        requested_s: None,
        arrived_s: None,
        wait_counted: false,
        offered: false,
        held_by: None,
        fare_of_rider: None,
        fare_of_driver: None,
        paid: false,
        proven: false,
    };

    fn saw(&mut self, trip: &Trip, side: TripSide, now_s: f64) -> Option<f64> {
        if trip.version >= self.version {
            self.version = trip.version;
            self.status = trip.status;
        }
        self.seen_open |= !self.is_over();
        if trip.status == TripStatus::Completed {
            let fare = match side {
                TripSide::Rider => &mut self.fare_of_rider,
                TripSide::Driver => &mut self.fare_of_driver,
            };
            *fare = Some(trip.fare.total());
        }
        if trip.status == TripStatus::Arrived {
            self.arrived_s.get_or_insert(now_s);
        }
        // The driver can be there before the rider's own request has been answered.
        let wait_s = self.arrived_s? - self.requested_s?;
        let first = !std::mem::replace(&mut self.wait_counted, true);
        first.then_some(wait_s.max(0.0))
    }

    /// Adds the trip to the sums or takes it out.
    fn count(&self, counts: &mut Counts, fares: &mut Fares, sign: Sign) {
        if !self.ours {
            let is_completed = self.seen_open && self.status == TripStatus::Completed;
            sign.count(&mut counts.others_completed, is_completed);
            sign.count(&mut counts.others_open, self.seen_open && !self.is_over());
            return;
        }
        sign.count(&mut counts.requested, true);
        sign.count(&mut counts.open, self.is_open());
        sign.count(&mut counts.paid, self.paid);
        sign.count(&mut counts.unproven, self.paid && !self.proven);
        let state = match self.status {
            TripStatus::Requested => &mut counts.searching,
            TripStatus::Assigned => &mut counts.assigned,
            TripStatus::Arrived => &mut counts.arrived,
            TripStatus::InProgress => &mut counts.riding,
            TripStatus::Completed => &mut counts.completed,
            TripStatus::Cancelled => &mut counts.cancelled,
            TripStatus::Expired => &mut counts.expired,
        };
        sign.count(state, true);
        let (rider, driver) = (self.fare_of_rider, self.fare_of_driver);
        sign.amount(&mut fares.riders_minor, rider);
        sign.amount(&mut fares.drivers_minor, driver);
        sign.count(&mut fares.one_sided, rider.is_some() != driver.is_some());
        let differ = rider.is_some() && driver.is_some() && rider != driver;
        sign.count(&mut fares.differing, differ);
    }

    fn is_over(&self) -> bool {
        matches!(
            self.status,
            TripStatus::Completed | TripStatus::Cancelled | TripStatus::Expired
        )
    }

    fn is_open(&self) -> bool {
        !self.is_over() || (self.status == TripStatus::Completed && !self.paid)
    }
}

/// How many trips of this sim stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// All that were asked for.
    pub requested: u64,
    /// Looking for a driver.
    pub searching: u64,
    /// A driver is on the way.
    pub assigned: u64,
    /// The driver waits.
    pub arrived: u64,
    /// The rider is in the car.
    pub riding: u64,
    /// The rider is there.
    pub completed: u64,
    /// And has paid.
    pub paid: u64,
    /// And nobody has a receipt that holds, although drivers look at it before they take the money.
    pub unproven: u64,
    /// Called off.
    pub cancelled: u64,
    /// No driver was found.
    pub expired: u64,
    /// Not over, or not paid yet.
    pub open: u64,
    /// Wishes that are not trips yet: somebody signs in or reads a quote.
    pub asking: u64,
    /// Trips that nobody of this run asked for, such as those left over from an earlier one, and
    /// that a driver of this run brought to their end.
    pub others_completed: u64,
    /// Trips like these that are not over.
    pub others_open: u64,
}

impl Counts {
    /// Trips that are neither completed nor cancelled nor expired.
    pub fn in_progress(&self) -> u64 {
        self.searching + self.assigned + self.arrived + self.riding
    }
}

/// What the two sides saw of the fares.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fares {
    /// Sum of the fares that riders saw, in minor units.
    pub riders_minor: i64,
    /// Sum of the fares that drivers saw, in minor units.
    pub drivers_minor: i64,
    /// Trips whose fare only one side saw.
    pub one_sided: u64,
    /// Trips whose two sides saw different fares.
    pub differing: u64,
}

/// All trips. The sums are kept along: a day has more trips than can be counted at each change.
#[derive(Debug, Default)]
pub struct TripBook {
    records: HashMap<TripId, Record>,
    counts: Counts,
    fares: Fares,
    double_assignments: u64,
}

impl TripBook {
    /// A rider asked for a trip.
    pub fn requested(&mut self, trip: &Trip, now_s: f64) {
        self.change(trip.id, |record| {
            record.ours = true;
            record.requested_s.get_or_insert(now_s);
        });
        self.saw(trip, TripSide::Rider, now_s);
    }

    /// An offer reached a driver. Whether it is the first one for the trip.
    pub fn offered(&mut self, trip: TripId) -> bool {
        self.change(trip, |record| !std::mem::replace(&mut record.offered, true))
    }

    /// A driver was told that the trip is theirs. Whether nobody else holds it.
    pub fn assigned(&mut self, trip: TripId, driver: usize) -> bool {
        let holder = self.change(trip, |record| record.held_by.replace(driver));
        let alone = holder.is_none_or(|holder| holder == driver);
        self.double_assignments += u64::from(!alone);
        alone
    }

    /// A driver has several trips at once.
    pub fn overloaded(&mut self) {
        self.double_assignments += 1;
    }

    /// A driver no longer has the trip.
    pub fn released(&mut self, trip: TripId, driver: usize) {
        self.change(trip, |record| {
            record.held_by = record.held_by.filter(|holder| *holder != driver);
        });
    }

    /// The money is with the driver. Whether that is news.
    pub fn paid(&mut self, trip: TripId) -> bool {
        self.change(trip, |record| !std::mem::replace(&mut record.paid, true))
    }

    /// The receipt was computed again. Whether that is news.
    pub fn proven(&mut self, trip: TripId) -> bool {
        self.change(trip, |record| !std::mem::replace(&mut record.proven, true))
    }

    /// One side sees a trip. Gives the wait for the car in simulated seconds, once per trip.
    pub fn saw(&mut self, trip: &Trip, side: TripSide, now_s: f64) -> Option<f64> {
        self.change(trip.id, |record| record.saw(trip, side, now_s))
    }

    /// Somebody begins or ends to ask for a trip.
    pub fn asking(&mut self, begins: bool) {
        let asking = self.counts.asking;
        self.counts.asking = if begins {
            asking + 1
        } else {
            asking.saturating_sub(1)
        };
    }

    /// How many trips stand where.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The fares of completed trips, as each side saw them.
    pub fn fares(&self) -> Fares {
        self.fares
    }

    /// Drivers who shared a trip, and trips that shared a driver.
    pub fn double_assignments(&self) -> u64 {
        self.double_assignments
    }

    /// Takes a record out of the sums, changes it, and puts it back in.
    fn change<T>(&mut self, trip: TripId, change: impl FnOnce(&mut Record) -> T) -> T {
        let record = self.records.entry(trip).or_insert(Record::NEW);
        record.count(&mut self.counts, &mut self.fares, Sign::Minus);
        let result = change(record);
        record.count(&mut self.counts, &mut self.fares, Sign::Plus);
        result
    }
}

/// Into a sum or out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Plus,
    Minus,
}

impl Sign {
    fn count(self, sum: &mut u64, counts: bool) {
        let by = u64::from(counts);
        *sum = match self {
            Self::Plus => sum.saturating_add(by),
            Self::Minus => sum.saturating_sub(by),
        };
    }

    fn amount(self, sum: &mut i64, fare: Option<Money>) {
        let amount_minor = fare.map_or(0, |fare| fare.amount_minor);
        *sum = match self {
            Self::Plus => sum.saturating_add(amount_minor),
            Self::Minus => sum.saturating_sub(amount_minor),
        };
    }
}
