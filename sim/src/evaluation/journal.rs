//! Everything that happened, in the order of time: what the figures are made from.

use std::time::Duration;

/// Something that happened to a rider, by the rider's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) at: Duration,
    pub(super) rider: usize,
    pub(super) what: What,
}

/// What happened. Cars are told by their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// The rider asked for a trip.
    Requested,
    /// A driver was asked, who finishes another trip first if `forward`.
    Asked { car: usize, forward: bool },
    /// The driver did not want the trip.
    Declined { car: usize },
    /// The driver took the trip.
    Accepted { car: usize },
    /// The car left for the pickup.
    SetOut { car: usize, way_m: u64 },
    /// The car reached the rider.
    PickedUp { car: usize },
    /// The ride began.
    Left { car: usize },
    /// The rider got out.
    DroppedOff { car: usize },
    /// Nobody came in time.
    GaveUp,
    /// Enough drivers were asked.
    Expired,
}
