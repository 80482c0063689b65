//! The track that a driver's phone keeps of its own way.
//!
//! No point that was measured is ever lost. It waits in a queue until the server has taken it, and
//! leaves the queue only then: a batch whose answer did not come is sent again, and the server keeps
//! a point that came twice once. If the queue is full the phone measures nothing until there is room.
//!
//! What the server took during a trip is the phone's own track of that trip. The receipt names the
//! fingerprint of the server's track, so both must hold the same points to the last one. Hence the
//! numbers are those of the core (whole milliseconds, 1e-7 degrees, thousandths), and hence
//! [`TrackLog::hold`]: a point that is measured while the ride is being completed would be on the
//! phone and not with the server.

use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, SubsecRound, Utc};
use wayfare_core::client::{Client, ClientError};
use wayfare_core::id::TripId;
use wayfare_core::track::{POINTS_MAX, TrackPoint};
use wayfare_core::wire::{LocationBatch, LocationPoint};

use crate::movement::Fix;

/// The most points that one batch may hold.
pub const BATCH_MAX: usize = 100;
/// Two points a second for more than an hour without a server.
const WAITING_MAX: usize = 10_000;
const ACCURACY_M: f64 = 6.0;
/// Digits after the second: milliseconds.
const TIME_DIGITS: u16 = 3;

/// A point as it is sent, and as it counts.
#[derive(Debug, Clone)]
struct Measured {
    sent: LocationPoint,
    counts: TrackPoint,
}

/// The trip under way.
#[derive(Debug)]
struct OwnTrack {
    trip: TripId,
    points: Vec<TrackPoint>,
    /// No point had to be left out.
    is_whole: bool,
}

#[derive(Debug)]
struct State {
    /// Oldest first.
    waiting: VecDeque<Measured>,
    newest_at: Option<DateTime<Utc>>,
    own: Option<OwnTrack>,
    holds: usize,
}

/// The track that a driver's phone keeps of its own way.
#[derive(Debug)]
pub struct TrackLog {
    /// What was driven before is not in it.
    since: DateTime<Utc>,
    state: Mutex<State>,
    /// Batches go one after the other.
    sending: tokio::sync::Mutex<()>,
}

/// Nothing is measured while it lives.
#[derive(Debug)]
pub struct Held<'a>(&'a TrackLog);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.holds = state.holds.saturating_sub(1);
    }
}

impl TrackLog {
    /// The log of a phone that is switched on now.
    pub fn new() -> Self {
        Self::since(Utc::now())
    }

    fn since(since: DateTime<Utc>) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            newest_at: None,
            own: None,
            holds: 0,
        };
        Self {
            since,
            state: Mutex::new(state),
            sending: tokio::sync::Mutex::new(()),
        }
    }

    /// The log of a trip, eastward at 11 m/s, with points at these moments that the server took.
    #[cfg(test)]
    pub(crate) fn driven(
        since: DateTime<Utc>,
        trip: TripId,
        moments: impl Iterator<Item = DateTime<Utc>>,
    ) -> Self {
        use wayfare_core::geo::LatLng;
        let log = Self::since(since);
        log.begin(trip);
        for at in moments {
            let east_m = 11.0 * (at - since).as_seconds_f64();
            let fix = Fix {
                at: LatLng::from_degrees(41.15, -8.61 + east_m / 83_700.0).unwrap(),
                speed_mps: 11.0,
                heading_deg: 90.0,
            };
            log.measure_at(&fix, at);
        }
        log.taken(log.waiting());
        log
    }

    /// The phone measures where it is.
    pub fn measure(&self, fix: &Fix) {
        self.measure_at(fix, Utc::now());
    }

    fn measure_at(&self, fix: &Fix, at: DateTime<Utc>) {
        let at = at.trunc_subsecs(TIME_DIGITS);
        let mut state = self.lock();
        let is_news = state.newest_at.is_none_or(|newest| newest < at);
        if state.holds > 0 || state.waiting.len() >= WAITING_MAX || !is_news {
            return;
        }
        if let Some(measured) = measured(fix, at) {
            state.newest_at = Some(at);
            state.waiting.push_back(measured);
        }
    }

    /// Nothing is measured until this is dropped.
    pub fn hold(&self) -> Held<'_> {
        let mut state = self.lock();
        state.holds = state.holds.saturating_add(1);
        Held(self)
    }

    /// A trip begins, or goes on after an interruption.
    pub fn begin(&self, trip: TripId) {
        let mut state = self.lock();
        if state.own.as_ref().is_some_and(|own| own.trip == trip) {
            return;
        }
        state.own = Some(OwnTrack {
            trip,
            points: Vec::new(),
            is_whole: true,
        });
    }

    /// The trip is over, and its track no longer needed.
    pub fn end(&self) {
        self.lock().own = None;
    }

    /// How many points the server does not have yet.
    pub fn waiting(&self) -> usize {
        self.lock().waiting.len()
    }

    /// Sends all points that wait at this moment.
    pub async fn send(&self, client: &Client) -> Result<(), ClientError> {
        let _turn = self.sending.lock().await;
        let mut left = self.waiting();
        while left > 0 {
            let batch = self.batch();
            client.send_locations(&batch).await?;
            self.taken(batch.points.len());
            left = left.saturating_sub(batch.points.len());
        }
        Ok(())
    }

    /// The oldest points that wait.
    fn batch(&self) -> LocationBatch {
        let state = self.lock();
        let oldest = state.waiting.iter().take(BATCH_MAX);
        LocationBatch {
            points: oldest.map(|measured| measured.sent.clone()).collect(),
        }
    }

    /// The server has the oldest points.
    fn taken(&self, count: usize) {
        let mut state = self.lock();
        let count = count.min(state.waiting.len());
        let taken: Vec<Measured> = state.waiting.drain(..count).collect();
        let Some(own) = &mut state.own else {
            return;
        };
        own.is_whole &= own.points.len().saturating_add(count) <= POINTS_MAX;
        if own.is_whole {
            own.points
                .extend(taken.iter().map(|measured| measured.counts));
        }
    }

    /// The phone's own track of a trip between two moments, both included; `None` if the phone was
    /// not there for all of it.
    pub fn own_track(
        &self,
        trip: TripId,
        span: &RangeInclusive<DateTime<Utc>>,
    ) -> Option<Vec<TrackPoint>> {
        let state = self.lock();
        let own = state.own.as_ref()?;
        if own.trip != trip || !own.is_whole || *span.start() < self.since {
            return None;
        }
        let points = own.points.iter().copied();
        Some(points.filter(|point| span.contains(&point.at())).collect())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for TrackLog {
    fn default() -> Self {
        Self::new()
    }
}

/// What the phone's sensors say; `None` only for numbers that no car has.
fn measured(fix: &Fix, at: DateTime<Utc>) -> Option<Measured> {
    let sent = LocationPoint {
        t: at,
        lat: fix.at.lat(),
        lng: fix.at.lng(),
        accuracy_m: ACCURACY_M,
        speed_mps: Some((fix.speed_mps * 1000.0).round() / 1000.0),
        heading_deg: Some(fix.heading_deg),
    };
    let counts = TrackPoint::try_from(&sent).ok()?;
    Some(Measured { sent, counts })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use wayfare_core::geo::LatLng;

    const NOON: &str = "2026-11-20T12:00:00.000700Z";

    fn at(ms: i64) -> DateTime<Utc> {
        NOON.parse::<DateTime<Utc>>().unwrap() + TimeDelta::milliseconds(ms)
    }

    fn fix() -> Fix {
        Fix {
            at: LatLng::from_degrees(41.15, -8.61).unwrap(),
            speed_mps: 11.123_456,
            heading_deg: 90.0,
        }
    }

    fn trip(number: u32) -> TripId {
        format!("trip_{number:032x}").parse().unwrap()
    }

    /// A log with a point each second, from the first one on.
    fn log(points: std::ops::Range<i64>) -> TrackLog {
        let log = TrackLog::since(at(-1));
        for second in points {
            log.measure_at(&fix(), at(second * 1000));
        }
        log
    }

    fn own_ms(log: &TrackLog, span: RangeInclusive<i64>) -> Vec<i64> {
        let span = at(*span.start())..=at(*span.end());
        let noon_ms = at(0).timestamp_millis();
        let own = log.own_track(trip(1), &span).unwrap();
        own.iter().map(|point| point.at_ms - noon_ms).collect()
    }

    #[test]
    fn a_batch_that_was_not_taken_is_sent_again_as_it_was() {
        let log = log(0..250);
        let first = log.batch();
        assert_eq!(first.points.len(), BATCH_MAX);
        assert_eq!(log.batch(), first, "nobody said that it was taken");
        log.taken(BATCH_MAX);
        assert_eq!(log.batch().points[0].t, at(100_000).trunc_subsecs(3));
        log.taken(BATCH_MAX);
        assert_eq!((log.batch().points.len(), log.waiting()), (50, 50));
    }

    #[test]
    fn the_own_track_is_what_the_server_took_between_start_and_end() {
        let log = log(0..3);
        log.begin(trip(1));
        log.taken(3);
        (3..8).for_each(|second| log.measure_at(&fix(), at(second * 1000)));
        log.taken(4);
        // The times are whole milliseconds, so a start 0.7 ms after one is after that point.
        assert_eq!(own_ms(&log, 1000..=5999), [2000, 3000, 4000, 5000]);
        assert_eq!(own_ms(&log, 1000..=9000).last(), Some(&6000));
        log.begin(trip(1));
        assert_eq!(own_ms(&log, 0..=9000).len(), 6, "the trip only goes on");
    }

    #[test]
    fn a_track_that_is_not_all_there_is_none() {
        let log = log(0..3);
        let span = at(0)..=at(2000);
        assert_eq!(log.own_track(trip(1), &span), None, "no trip");
        log.begin(trip(1));
        log.taken(3);
        assert!(log.own_track(trip(1), &span).is_some());
        assert_eq!(log.own_track(trip(2), &span), None, "another trip");
        let before = at(-5000)..=at(2000);
        assert_eq!(log.own_track(trip(1), &before), None, "the phone was off");
        log.end();
        assert_eq!(log.own_track(trip(1), &span), None, "over");
    }

    #[test]
    fn nothing_is_measured_while_the_log_is_held() {
        let log = log(0..1);
        let outer = log.hold();
        drop(log.hold());
        log.measure_at(&fix(), at(1000));
        assert_eq!(log.waiting(), 1);
        drop(outer);
        log.measure_at(&fix(), at(2000));
        assert_eq!(log.waiting(), 2);
    }

    #[test]
    fn a_moment_is_measured_once_and_a_full_queue_takes_nothing_new() {
        let log = log(0..1);
        log.measure_at(&fix(), at(0));
        log.measure_at(&fix(), at(-500));
        assert_eq!(log.waiting(), 1);
        let most = i64::try_from(WAITING_MAX).unwrap();
        (1..most + 5).for_each(|second| log.measure_at(&fix(), at(second * 1000)));
        assert_eq!(log.waiting(), WAITING_MAX);
        assert_eq!(log.batch().points[0].t, at(0).trunc_subsecs(3));
    }

    #[test]
    fn a_point_counts_the_same_after_it_went_over_the_wire() {
        let sent = measured(&fix(), at(0).trunc_subsecs(3)).unwrap();
        let wire = serde_json::to_string(&sent.sent).unwrap();
        let read: LocationPoint = serde_json::from_str(&wire).unwrap();
        assert_eq!(TrackPoint::try_from(&read).unwrap(), sent.counts);
        assert_eq!(sent.counts.speed_mm_s, Some(11_123));
    }
}
