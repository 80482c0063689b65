//! What happens when, in virtual time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use chrono::{DateTime, TimeDelta, Utc};

/// A moment, in milliseconds since the simulation began.
pub(super) type Moment = u64;

/// A second, in milliseconds.
pub(super) const SECOND: Moment = 1_000;
/// A minute, in milliseconds.
pub(super) const MINUTE: Moment = 60 * SECOND;
/// An hour, in milliseconds.
pub(super) const HOUR: Moment = 60 * MINUTE;

/// When every simulation begins: 2026-11-20 06:00:00 UTC, in milliseconds since 1970.
const BEGINNING_MS: i64 = 1_795_154_400_000;

/// The true time at a moment.
pub(super) fn utc(moment: Moment) -> DateTime<Utc> {
    let after = TimeDelta::milliseconds(i64::try_from(moment).unwrap_or(i64::MAX / 2));
    DateTime::from_timestamp_millis(BEGINNING_MS).unwrap_or_default() + after
}

/// What happens when. Of two things at one moment the one that was entered first comes first.
#[derive(Debug)]
pub(super) struct Agenda<T> {
    heap: BinaryHeap<Reverse<(Moment, u64, Entry<T>)>>,
    entered: u64,
}

/// Carries an event through the heap; the events themselves have no order.
#[derive(Debug)]
struct Entry<T>(T);

impl<T> PartialEq for Entry<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<T> Eq for Entry<T> {}

impl<T> PartialOrd for Entry<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Entry<T> {
    fn cmp(&self, _: &Self) -> std::cmp::Ordering {
        std::cmp::Ordering::Equal
    }
}

impl<T> Default for Agenda<T> {
    fn default() -> Self {
        Self {
            heap: BinaryHeap::new(),
            entered: 0,
        }
    }
}

impl<T> Agenda<T> {
    /// Enters an event.
    pub(super) fn at(&mut self, moment: Moment, event: T) {
        self.entered += 1;
        self.heap
            .push(Reverse((moment, self.entered, Entry(event))));
    }

    /// The next event and its moment.
    pub(super) fn next(&mut self) -> Option<(Moment, T)> {
        let Reverse((moment, _, Entry(event))) = self.heap.pop()?;
        Some((moment, event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_in_the_order_of_their_moments_and_of_their_entry() {
        let mut agenda = Agenda::default();
        for (moment, event) in [(5, "c"), (1, "a"), (5, "d"), (3, "b")] {
            agenda.at(moment, event);
        }
        let events: Vec<_> = std::iter::from_fn(|| agenda.next()).collect();
        assert_eq!(events, [(1, "a"), (3, "b"), (5, "c"), (5, "d")]);
    }

    #[test]
    fn the_beginning_is_a_morning() {
        assert_eq!(utc(1_500).to_rfc3339(), "2026-11-20T06:00:01.500+00:00");
    }
}
