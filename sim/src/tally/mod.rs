//! Everything that is measured while the city runs.
//!
//! Actors report what they see; the screen, the headless lines and the summary read it. One lock
//! around all of it: each report is a few additions.

mod chart;
mod offline;
mod proofs;
mod searches;
mod spread;
#[cfg(test)]
mod tests;
mod trips;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use hdrhistogram::CreationError;
use tokio::sync::watch;
use tokio::time::Instant;
use wayfare_core::client::{CallOutcome, CallRecord, ClientError};
use wayfare_core::id::TripId;
use wayfare_core::money::Currency;
use wayfare_core::wire::{ErrorCode, Integrity, Trip, TripSide};

use crate::clock::SimClock;
pub use chart::{Bar, Chart};
pub use offline::OfflineCounts;
pub use proofs::{PricedBy, ProofCounts};
pub use searches::{Found, SearchCounts};
pub use spread::Spread;
pub use trips::{Counts, Fares, TripBook};

/// Events on the screen.
const EVENTS_MAX: usize = 60;
/// Unexpected answers that are told in full at the end.
const ERRORS_MAX: usize = 20;
/// Real time per bar of the charts.
pub const BAR: Duration = Duration::from_secs(3);

/// What the API did.
#[derive(Debug, Clone)]
pub struct ApiStats {
    /// Attempts that were sent.
    pub requests: u64,
    /// Answers that nobody expected, and calls that were given up.
    pub errors: u64,
    /// Attempts that had to be repeated: the server was away or asked for patience.
    pub retries: u64,
    /// From sending to the end of the answer.
    pub latency: Spread,
}

#[derive(Debug)]
struct State {
    trips: TripBook,
    currency: Option<Currency>,
    match_latency: Spread,
    pickup_wait: Spread,
    api: ApiStats,
    proofs: ProofCounts,
    searches: SearchCounts,
    offline: OfflineCounts,
    integrity: Option<Integrity>,
    online: usize,
    turned_away: u64,
    events: VecDeque<String>,
    errors: Vec<String>,
    chart: Chart,
}

/// The measurements.
#[derive(Debug)]
pub struct Tally {
    clock: SimClock,
    state: Mutex<State>,
    counts: watch::Sender<Counts>,
    /// Trips that were requested before are none of this run's.
    since: DateTime<Utc>,
    /// When the first rider could come, and when the day was over.
    day: Mutex<(Option<Instant>, Option<Instant>)>,
}

/// A copy of the measurements at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Trips by state.
    pub counts: Counts,
    /// Fares as each side saw them.
    pub fares: Fares,
    /// The currency of the fares, once there is one.
    pub currency: Option<Currency>,
    /// From the request to the first offer at a driver.
    pub match_latency: Spread,
    /// From the request to the car, in simulated time.
    pub pickup_wait: Spread,
    /// The API.
    pub api: ApiStats,
    /// Quotes and receipts that were checked.
    pub proofs: ProofCounts,
    /// Searches for streets and places.
    pub searches: SearchCounts,
    /// Phones that keep their work.
    pub offline: OfflineCounts,
    /// What the server says of itself.
    pub integrity: Option<Integrity>,
    /// Double assignments that drivers noticed.
    pub double_assignments: u64,
    /// Drivers who take offers or drive.
    pub online: usize,
    /// Riders whose wish never became a trip.
    pub turned_away: u64,
    /// What happened, newest last.
    pub events: Vec<String>,
    /// Unexpected answers in words.
    pub errors: Vec<String>,
    /// Measurements over time.
    pub chart: Chart,
}

/// Stands for a wish until it is a trip or came to nothing.
#[derive(Debug)]
pub struct Ticket(Arc<Tally>);

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.change_trips(|state| state.trips.asking(false));
    }
}

impl Tally {
    /// Nothing measured yet.
    pub fn new(clock: SimClock) -> Result<Self, CreationError> {
        let state = State {
            trips: TripBook::default(),
            currency: None,
            match_latency: Spread::new()?,
            pickup_wait: Spread::new()?,
            api: ApiStats {
                requests: 0,
                errors: 0,
                retries: 0,
                latency: Spread::new()?,
            },
            proofs: ProofCounts::default(),
            searches: SearchCounts::default(),
            offline: OfflineCounts::default(),
            integrity: None,
            online: 0,
            turned_away: 0,
            events: VecDeque::new(),
            errors: Vec::new(),
            chart: Chart::default(),
        };
        Ok(Self {
            clock,
            state: Mutex::new(state),
            counts: watch::Sender::default(),
            since: Utc::now(),
            day: Mutex::default(),
        })
    }

    /// Riders come from now on.
    pub fn begin(&self) {
        self.day.lock().unwrap_or_else(PoisonError::into_inner).0 = Some(Instant::now());
    }

    /// The day is over.
    pub fn end(&self) {
        self.day.lock().unwrap_or_else(PoisonError::into_inner).1 = Some(Instant::now());
    }

    /// Real time of the day so far, from when riders could come.
    pub fn wall(&self) -> Duration {
        let (began, ended) = *self.day.lock().unwrap_or_else(PoisonError::into_inner);
        began.map_or(Duration::ZERO, |began| {
            ended
                .unwrap_or_else(Instant::now)
                .saturating_duration_since(began)
        })
    }

    /// Somebody begins to ask for a trip.
    pub fn ticket(self: &Arc<Self>) -> Ticket {
        self.change_trips(|state| state.trips.asking(true));
        Ticket(self.clone())
    }

    /// A rider's request was taken by the API.
    pub fn requested(&self, trip: &Trip) {
        let now_s = self.clock.now_s();
        self.change_trips(|state| {
            state.currency = Some(trip.fare.currency);
            state.trips.requested(trip, now_s);
        });
    }

    /// One side sees a trip.
    pub fn saw(&self, trip: &Trip, side: TripSide) {
        let now_s = self.clock.now_s();
        self.change_trips(|state| {
            if let Some(wait_s) = state.trips.saw(trip, side, now_s) {
                state.pickup_wait.add(Duration::from_secs_f64(wait_s));
            }
        });
    }

    /// An offer reached a driver's client.
    pub fn offered(&self, trip: TripId, requested_at: DateTime<Utc>) {
        let latency = (Utc::now() - requested_at).to_std().unwrap_or_default();
        let mut state = self.lock();
        if state.trips.offered(trip) && requested_at >= self.since {
            state.match_latency.add(latency);
            let bar = self.bar(&mut state);
            bar.matches += 1;
            bar.match_sum_s += latency.as_secs_f64();
        }
    }

    /// A driver was told that a trip is theirs.
    pub fn assigned(&self, trip: TripId, driver: usize) {
        if !self.lock().trips.assigned(trip, driver) {
            self.event(format!("TROUBLE: two drivers were given {trip}"));
        }
    }

    /// A driver has several trips that are not over.
    pub fn overloaded(&self, driver: &str) {
        self.lock().trips.overloaded();
        self.event(format!("TROUBLE: {driver} was given two trips"));
    }

    /// A driver no longer has a trip.
    pub fn released(&self, trip: TripId, driver: usize) {
        self.lock().trips.released(trip, driver);
    }

    /// A driver has the money of a trip.
    pub fn paid(&self, trip: TripId) {
        self.change_trips(|state| {
            if state.trips.paid(trip) {
                self.bar(state).paid += 1;
            }
        });
    }

    /// A quote that a rider takes is a signed promise of its price.
    pub fn quote_proven(&self) {
        self.lock().proofs.quotes += 1;
    }

    /// Somebody on the trip computed its receipt again.
    pub fn receipt_proven(&self, trip: TripId, by: PricedBy) {
        self.change_trips(|state| {
            if state.trips.proven(trip) {
                state.proofs.receipt(by);
            }
        });
    }

    /// A quote or a receipt does not hold.
    pub fn proof_failed(&self, text: String) {
        self.lock().proofs.failed += 1;
        self.trouble(text);
    }

    /// A rider looked for a street or a place that exists.
    pub fn searched(&self, found: Found) {
        self.lock().searches.count(found);
    }

    /// A phone that keeps its work was put away for the day, with these counts.
    pub fn kept_offline(&self, phone: &OfflineCounts) {
        self.lock().offline.add(phone);
    }

    /// A rider's wish came to nothing before it was a trip.
    pub fn turned_away(&self, why: &str) {
        self.lock().turned_away += 1;
        self.event(format!("a rider was turned away: {why}"));
    }

    /// Drivers who take offers or drive.
    pub fn at_work(&self) -> usize {
        self.lock().online
    }

    /// A driver begins or ends the day.
    pub fn online(&self, comes: bool) {
        let mut state = self.lock();
        state.online = if comes {
            state.online + 1
        } else {
            state.online.saturating_sub(1)
        };
    }

    /// An attempt of a call.
    pub fn call(&self, record: &CallRecord) {
        let mut state = self.lock();
        state.api.requests += 1;
        if record.status.is_some() {
            state.api.latency.add(record.duration);
        }
        state.api.retries += u64::from(is_repeated(record.outcome));
        self.bar(&mut state).requests += 1;
    }

    /// An answer that nobody expected, or a call that was given up.
    pub fn unexpected(&self, who: &str, operation: &str, error: &ClientError) {
        let text = match error {
            ClientError::Refused { problem, .. } => format!(
                "{who}, {operation}: {error} (code {}, request {})",
                problem.code, problem.request_id
            ),
            error => format!("{who}, {operation}: {}", with_causes(error)),
        };
        self.lock().api.errors += 1;
        self.trouble(text);
    }

    /// Something that should not be, to be told at the end as well.
    pub fn trouble(&self, text: String) {
        let mut state = self.lock();
        if state.errors.len() < ERRORS_MAX {
            state.errors.push(text.clone());
        }
        drop(state);
        self.event(format!("TROUBLE: {text}"));
    }

    /// Something to tell, in plain words.
    pub fn event(&self, text: String) {
        let at = Utc::now().format("%H:%M:%S");
        let mut state = self.lock();
        if state.events.len() == EVENTS_MAX {
            state.events.pop_front();
        }
        state.events.push_back(format!("{at}  {text}"));
    }

    /// What the server says of itself.
    pub fn integrity(&self, integrity: Integrity) {
        self.lock().integrity = Some(integrity);
    }

    /// Trips by state, and news of them.
    pub fn counts(&self) -> watch::Receiver<Counts> {
        self.counts.subscribe()
    }

    /// A copy of everything.
    pub fn snapshot(&self) -> Snapshot {
        let mut state = self.lock();
        self.bar(&mut state);
        Snapshot {
            counts: state.trips.counts(),
            fares: state.trips.fares(),
            currency: state.currency,
            match_latency: state.match_latency.clone(),
            pickup_wait: state.pickup_wait.clone(),
            api: state.api.clone(),
            proofs: state.proofs,
            searches: state.searches,
            offline: state.offline,
            integrity: state.integrity.clone(),
            double_assignments: state.trips.double_assignments(),
            online: state.online,
            turned_away: state.turned_away,
            events: state.events.iter().cloned().collect(),
            errors: state.errors.clone(),
            chart: state.chart.clone(),
        }
    }

    fn change_trips(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        let counts = state.trips.counts();
        drop(state);
        self.counts.send_replace(counts);
    }

    /// The bar of this moment; time that passed without news leaves empty bars.
    fn bar<'a>(&self, state: &'a mut State) -> &'a mut Bar {
        let number = self.clock.wall().as_millis() / BAR.as_millis();
        state.chart.bar(u64::try_from(number).unwrap_or(u64::MAX))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Counters stay usable whatever happened to the task that held the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_repeated(outcome: CallOutcome) -> bool {
    match outcome {
        CallOutcome::Unreachable => true,
        CallOutcome::Refused(code) => matches!(
            code,
            ErrorCode::Unavailable
                | ErrorCode::RateLimited
                | ErrorCode::IdempotencyInProgress
                | ErrorCode::TokenExpired
        ),
        CallOutcome::Done | CallOutcome::Unreadable => false,
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    text
}
