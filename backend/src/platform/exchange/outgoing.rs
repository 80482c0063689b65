//! What waits to be told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Wake;

/// Things that are told at once.
const BATCH_MAX: usize = 500;
/// Things that may wait; beyond, the oldest is dropped.
const WAITING_MAX: usize = 20_000;

/// What waits to be told, oldest first. Whoever puts something in never waits.
#[derive(Debug)]
pub struct Outgoing<T> {
    waiting: Option<Mutex<VecDeque<T>>>,
    wake: Wake,
    topic: &'static str,
    waiting_max: usize,
}

/// For an instance that tells nobody anything.
impl<T> Default for Outgoing<T> {
    fn default() -> Self {
        Self {
            waiting: None,
            wake: Wake::default(),
            topic: "none",
            waiting_max: 0,
        }
    }
}

impl<T> Outgoing<T> {
    /// For the messages of this topic. `wake` is notified when there is a whole batch.
    pub fn of_topic(topic: &'static str, wake: &Wake) -> Self {
        Self {
            waiting: Some(Mutex::default()),
            wake: Arc::clone(wake),
            topic,
            waiting_max: WAITING_MAX,
        }
    }

    /// Adds something to tell. If too much waits, the oldest is dropped: the newest is worth more.
    pub fn push(&self, thing: T) {
        let Some(mut waiting) = self.lock() else {
            return;
        };
        if waiting.len() >= self.waiting_max {
            waiting.pop_front();
            metrics::counter!("wayfare_shared_dropped_total", "topic" => self.topic).increment(1);
        }
        waiting.push_back(thing);
        if waiting.len() >= BATCH_MAX {
            self.wake.notify_one();
        }
    }

    /// Takes out at most a batch, oldest first.
    pub fn take(&self) -> Vec<T> {
        let Some(mut waiting) = self.lock() else {
            return Vec::new();
        };
        let count = waiting.len().min(BATCH_MAX);
        waiting.drain(..count).collect()
    }

    fn lock(&self) -> Option<MutexGuard<'_, VecDeque<T>>> {
        let waiting = self.waiting.as_ref()?;
        Some(waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_win_and_come_in_their_order() {
        let mut outgoing = Outgoing::of_topic("test", &Wake::default());
        outgoing.waiting_max = 3;
        (1..=5).for_each(|thing| outgoing.push(thing));
        assert_eq!(outgoing.take(), [3, 4, 5]);
        assert_eq!(outgoing.take(), [0; 0]);
    }

    #[test]
    fn a_batch_is_bounded() {
        let outgoing = Outgoing::of_topic("test", &Wake::default());
        (0..BATCH_MAX + 2).for_each(|thing| outgoing.push(thing));
        assert_eq!(outgoing.take().len(), BATCH_MAX);
        assert_eq!(outgoing.take(), [BATCH_MAX, BATCH_MAX + 1]);
    }

    #[test]
    fn who_is_alone_keeps_nothing() {
        let outgoing = Outgoing::default();
        outgoing.push(1);
        assert_eq!(outgoing.take(), [0; 0]);
    }
}
