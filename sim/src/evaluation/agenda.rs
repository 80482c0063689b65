//! What will happen, in the order of virtual time.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

/// Things to come. Those of one moment come in the order in which they were noted.
#[derive(Debug)]
pub(super) struct Agenda<E> {
    now: Duration,
    noted: u64,
    coming: BTreeMap<Reverse<(Duration, u64)>, E>,
}

impl<E> Agenda<E> {
    /// Nothing to come, at the beginning of time.
    pub(super) fn new() -> Self {
        Self {
            now: Duration::ZERO,
            noted: 0,
            coming: BTreeMap::new(),
        }
    }

    /// The present moment, since the beginning.
    pub(super) fn now(&self) -> Duration {
        self.now
    }

    /// Notes something to come. What should have been before comes now: time never runs backwards.
    pub(super) fn note(&mut self, at: Duration, event: E) {
        self.noted += 1;
        let place = Reverse((at.max(self.now), self.noted));
        self.coming.insert(place, event);
    }

    /// Goes on to what comes next.
    pub(super) fn next(&mut self) -> Option<E> {
        let (Reverse((at, _)), event) = self.coming.pop_last()?;
        self.now = at;
        Some(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_come_in_order_and_never_before_the_present() {
        let mut agenda = Agenda::new();
        let second = Duration::from_secs;
        agenda.note(second(7), "c");
        agenda.note(second(3), "a");
        agenda.note(second(3), "b");
        assert_eq!((agenda.next(), agenda.now()), (Some("a"), second(3)));
        agenda.note(second(1), "late");
        let mut last = agenda.now();
        let mut order = Vec::new();
        while let Some(event) = agenda.next() {
            assert!(agenda.now() >= last, "{event}");
            last = agenda.now();
            order.push((event, last));
        }
        assert_eq!(
            order,
            [("b", second(3)), ("late", second(3)), ("c", second(7))]
        );
    }
}
