//! The meter: driven distance and time while they grow, in constant memory.
//!
//! Points come late, twice, and out of order. The meter keeps the newest [`WINDOW`] of them sorted;
//! when one more comes, the oldest is settled: walked over once and for all. It therefore says to
//! the millimetre what [`measure`](super::measure) says of the same points, as long as no point
//! comes after more than [`WINDOW`] points that belong behind it.

use std::collections::VecDeque;

use super::bridge::Roads;
use super::point::TrackPoint;
use super::reading::Reading;
use super::walk::Walk;

/// How many points a meter holds: 12 minutes at a point every 3 seconds, 4 at one a second.
pub const WINDOW: usize = 256;

/// What became of a point that was given to a meter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushed {
    /// It is in.
    Taken,
    /// There is a point of this moment already. Of the two the meter keeps the one that comes first
    /// in order, as the reading of the whole track does.
    Duplicate,
    /// It is as old as what is settled, or older. The reading stands without it; whoever keeps the
    /// whole track measures it anew.
    TooLate,
}

/// Measures a track while it is driven.
#[derive(Debug, Clone)]
pub struct Meter<R> {
    roads: R,
    settled: Walk,
    /// Sorted, each moment once, never more than [`WINDOW`].
    newest: VecDeque<TrackPoint>,
}

impl<R: Roads> Meter<R> {
    /// A meter that has seen nothing.
    pub const fn new(roads: R) -> Self {
        Self {
            roads,
            settled: Walk::new(),
            newest: VecDeque::new(),
        }
    }

    /// Takes a point. In order it costs the same however long the ride is; a late one is sorted in.
    pub fn push(&mut self, point: TrackPoint) -> Pushed {
        let settled = self.settled.last();
        if settled.is_some_and(|settled| point.at_ms <= settled.at_ms) {
            return Pushed::TooLate;
        }
        match self.place_of(&point) {
            Ok(place) => {
                if let Some(held) = self.newest.get_mut(place) {
                    *held = point.min(*held);
                }
                Pushed::Duplicate
            }
            Err(place) => {
                self.insert(place, point);
                Pushed::Taken
            }
        }
    }

    /// What the points so far say. It walks over the points that are held, and asks the roads about
    /// the gaps between them.
    pub fn reading(&self) -> Reading {
        let mut walk = self.settled.clone();
        for point in &self.newest {
            walk.take(point, &self.roads);
        }
        walk.reading()
    }

    /// Where a point of this moment is held, or else where it belongs.
    fn place_of(&self, point: &TrackPoint) -> Result<usize, usize> {
        match self.newest.back() {
            Some(newest) if newest.at_ms >= point.at_ms => self
                .newest
                .binary_search_by_key(&point.at_ms, |held| held.at_ms),
            _ => Err(self.newest.len()),
        }
    }

    fn insert(&mut self, place: usize, point: TrackPoint) {
        if self.newest.len() < WINDOW {
            // Room for all at once: it never grows again.
            self.newest
                .reserve_exact(WINDOW.saturating_sub(self.newest.len()));
            self.newest.insert(place, point);
            return;
        }
        let Some(place) = place.checked_sub(1) else {
            // Older than everything held.
            self.settled.take(&point, &self.roads);
            return;
        };
        if let Some(oldest) = self.newest.pop_front() {
            self.settled.take(&oldest, &self.roads);
        }
        self.newest.insert(place, point);
    }
}
