//! Which trip comes first, and which offers and trips are of the past.

use chrono::{DateTime, Utc};

use super::{Replica, ReplicaTrip};
use crate::id::{DriverId, OfferId, TripId};
use crate::trip::TripStatus;

impl Replica {
    /// The trip that the driver drives: of those that are not over the one that comes first. When it
    /// is over, it is the one that was taken ahead.
    pub fn driven(&self) -> Option<TripId> {
        self.in_order().next()
    }

    /// This driver's trips that are not over, the one that is driven first.
    pub fn in_order(&self) -> impl Iterator<Item = TripId> {
        let mut live: Vec<_> = self
            .trips
            .iter()
            .filter(|(_, held)| held.is_live())
            .map(|(trip, held)| (held.place(), *trip))
            .collect();
        live.sort_unstable();
        live.into_iter().map(|(_, trip)| trip)
    }

    /// Whether something is missing that only a snapshot brings.
    pub fn is_behind(&self) -> bool {
        !self.without_kit.is_empty() || self.trips.values().any(|held| held.behind)
    }

    /// Forgets offers that are over at this time. Answers which.
    pub fn expire_offers(&mut self, at: DateTime<Utc>) -> Vec<OfferId> {
        let over = self
            .offers
            .extract_if(.., |_, offer| offer.expires_at < at)
            .map(|(id, _)| id);
        over.collect()
    }

    /// Forgets trips that are over, but for the newest `keep` of them and those of which something
    /// `waits`. Answers which.
    pub fn forget_ended(&mut self, keep: usize, waits: impl Fn(TripId) -> bool) -> Vec<TripId> {
        let mut ended: Vec<_> = self
            .trips
            .iter()
            .filter(|(_, held)| held.current.state.status().is_final())
            .map(|(trip, held)| (held.current.last_event_at, *trip))
            .collect();
        ended.sort_unstable();
        let forgotten: Vec<TripId> = ended
            .into_iter()
            .rev()
            .skip(keep)
            .map(|(_, trip)| trip)
            .filter(|trip| !waits(*trip))
            .collect();
        for trip in &forgotten {
            self.trips.remove(trip);
        }
        forgotten
    }
}

impl ReplicaTrip {
    /// This driver, as far as the trip says who that is.
    pub(super) fn driver(&self) -> Option<DriverId> {
        self.assignment.map(|assignment| assignment.driver)
    }

    /// Whether the trip as it stands has, or ended with, this driver.
    pub(super) fn is_own(&self) -> bool {
        let assignment = self.current.state.assignment();
        assignment.map(|assignment| assignment.driver) == self.driver() && self.assignment.is_some()
    }

    /// Whether the driver has something to do for it.
    pub(super) fn is_live(&self) -> bool {
        self.is_own() && !self.current.state.status().is_final()
    }

    /// Lower comes first: the rider in the car, the rider at the kerb, the way to a rider, and then
    /// what was taken ahead.
    fn place(&self) -> (u8, Option<DateTime<Utc>>) {
        let place = match self.current.state.status() {
            TripStatus::InProgress => 0,
            TripStatus::Arrived => 1,
            _ if self.kit.shown.driver_finishes_first => 3,
            _ => 2,
        };
        (
            place,
            self.assignment.map(|assignment| assignment.assigned_at),
        )
    }
}
