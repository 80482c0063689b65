//! How far a build is.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A share is passed on when it grew by so much.
const SHARE_STEP: f64 = 0.01;

/// A step of a build. [`Step::Roads`] and [`Step::Contract`] run beside [`Step::Places`] and
/// [`Step::Map`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Reads the extract.
    Read,
    /// Collects the roads.
    Roads,
    /// Prepares the roads for fast queries.
    Contract,
    /// Collects and packs the places.
    Places,
    /// Draws the tiles of the map.
    Map,
    /// Hashes the files, opens the pack and puts it in its place.
    Check,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Read => "reading the extract",
            Self::Roads => "collecting roads",
            Self::Contract => "preparing routes",
            Self::Places => "packing places",
            Self::Map => "drawing the map",
            Self::Check => "checking the pack",
        })
    }
}

/// Who wants to know how far a build is.
pub trait Progress: Send {
    /// A step has done a share of its work, from 0 to 1. Several steps may run at once.
    fn advanced(&mut self, step: Step, share: f64);

    /// A step is done.
    fn finished(&mut self, step: Step, took: Duration);
}

/// Brings the news of all threads to one listener.
pub(super) struct Reporter<'a>(Mutex<State<'a>>);

struct State<'a> {
    listener: &'a mut dyn Progress,
    finished: Vec<(Step, Duration)>,
}

impl<'a> Reporter<'a> {
    pub(super) fn new(listener: &'a mut dyn Progress) -> Self {
        let finished = Vec::new();
        Self(Mutex::new(State { listener, finished }))
    }

    /// Does a step; it tells its share through the closure that it is given.
    pub(super) fn step<T, E>(
        &self,
        step: Step,
        work: impl FnOnce(&mut dyn FnMut(f64)) -> Result<T, E>,
    ) -> Result<T, E> {
        let began = Instant::now();
        self.tell(|state| state.listener.advanced(step, 0.0));
        let mut told = 0.0;
        let done = work(&mut |share: f64| {
            if share >= told + SHARE_STEP {
                told = share;
                self.tell(|state| state.listener.advanced(step, share.min(1.0)));
            }
        })?;
        let took = began.elapsed();
        self.tell(|state| {
            state.finished.push((step, took));
            state.listener.finished(step, took);
        });
        Ok(done)
    }

    fn tell(&self, news: impl FnOnce(&mut State<'a>)) {
        news(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// The steps that are done.
    pub(super) fn finished(self) -> Vec<(Step, Duration)> {
        let state = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        state.finished
    }
}
