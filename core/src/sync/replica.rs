//! What a device knows of its person's trips and offers: the server's state and what was done since.
//!
//! Three things make a trip on the device, see [`ReplicaTrip`]: the newest [`TripKit`] of the server,
//! the own steps that the server has applied since that kit, and the own steps that wait for its
//! answer. What is shown is always made of these anew ([`Replica::rebase`]), by the same conflict
//! table that the server decides by, and never patched. So once nothing waits and the server's
//! messages are taken, the trip is the server's trip, but for the PIN.
//!
//! Whoever owns the replica calls, and keeps what changed:
//!
//! - [`Replica::act`] when the person does something, before the command is stored;
//! - [`Replica::answered`] for each answer, [`Replica::take`] for each message and
//!   [`Replica::take_snapshot`] for a snapshot, and then
//! - [`Replica::rebase`] once for each trip that these named, with the commands of that trip which
//!   still wait, and [`Replica::rebase_shift`] with those that name no trip.
//!
//! What the replica refuses changes nothing, with one exception: wrong PINs are counted.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::command::DeviceAction;
use super::kit::TripKit;
use super::pin_check::PinKey;
use crate::id::{CommandId, DriverId, OfferId, TripId};
use crate::pricing::Fare;
use crate::trip::{Assignment, Pin, Refusal, Trip};
use crate::wire::{ErrorCode, Offer};

mod act;
mod messages;
mod order;
mod rebase;
mod shown;
mod start;

/// Why the device itself refuses what a person wants. Nothing is stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LocalRefusal {
    /// The trip is not on this device.
    #[error("this trip is not on this device")]
    UnknownTrip,
    /// The offer is not on this device, or is over.
    #[error("the offer is no longer open")]
    OfferOver,
    /// The rules of trips do not allow it.
    #[error(transparent)]
    Trip(#[from] Refusal),
    /// The PIN was wrong too often.
    #[error("the PIN was wrong too often; try again later")]
    TooManyPins {
        /// When it may be tried again.
        until: DateTime<Utc>,
    },
    /// The device has not been given what PINs are checked with: it was never registered.
    #[error("this device cannot check PINs yet; it has to reach the server once")]
    NoPinKey,
    /// It is not known what the trip costs, so nobody can say that it was paid.
    #[error("it is not known yet what this trip costs")]
    FareUnknown,
    /// Anything else that the server would refuse as well.
    #[error("refused: {0}")]
    Rule(ErrorCode),
}

/// What a person wants.
#[derive(Debug, Clone, Copy)]
pub struct Act<'a> {
    /// What.
    pub action: &'a DeviceAction,
    /// When it happens, by the trusted clock.
    pub at: DateTime<Utc>,
    /// What PINs are checked with, once it is known.
    pub pin_key: Option<&'a PinKey>,
}

/// A waiting command that does not fit the server's state any more. The server's own answer is still
/// to come, and is what counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The command.
    pub command: CommandId,
    /// Its kind, see [`DeviceAction::as_str`].
    pub kind: &'static str,
    /// Why, for programs.
    pub code: ErrorCode,
    /// The rule, if it is one of trips.
    pub refusal: Option<Refusal>,
}

/// An own step that the server has applied and that is newer than the kit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedStep {
    /// What was done.
    pub action: DeviceAction,
    /// When it counts as having happened.
    pub at: DateTime<Utc>,
    /// The trip's version after it.
    pub version: u32,
}

/// What the server has said for good about what comes after a ride.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Confirmed {
    /// What the trip costs.
    pub fare: Option<Fare>,
    /// It is paid.
    pub paid: bool,
    /// The driver has rated it.
    pub rated: bool,
}

/// A trip on the device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReplicaTrip {
    /// As the server gave it; `shown` is replaced by every newer message about the trip.
    pub kit: TripKit,
    /// With everything that was done here since. This is the trip.
    pub current: Trip,
    /// How this driver got the trip last.
    pub assignment: Option<Assignment>,
    /// Own steps that are newer than the kit, in the order of their versions.
    pub applied: Vec<AppliedStep>,
    /// What the server has said about money and rating.
    pub confirmed: Confirmed,
    /// The server says that this driver does not have the trip any more. It stays here only as long as
    /// something waits that may bring it back.
    pub lost: bool,
    /// The server has a newer state than can be made from what is here: ask for a snapshot.
    pub behind: bool,
    /// A snapshot was taken when the newest version was this one: a further one brings no more.
    pub asked_version: u32,
    /// What the rider told, once it was right.
    pub pin: Option<Pin>,
    /// How often the PIN was wrong since it was last right.
    pub wrong_pins: u32,
    /// Until when no PIN is taken.
    pub locked_until: Option<DateTime<Utc>>,
    /// What the rider pays, once the ride is over: as the server says, or else as the device computed.
    pub fare: Option<Fare>,
    /// The driver has the money, as the server says or as was said here.
    pub cash_taken: bool,
    /// The driver has rated the trip, as the server says or as was done here.
    pub rated: bool,
}

/// What a device knows.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Replica {
    /// Whose, once it is known.
    pub driver: Option<DriverId>,
    /// By their ids.
    pub trips: BTreeMap<TripId, ReplicaTrip>,
    /// Trips of this driver that the server told of without their kits: ask for a snapshot.
    pub without_kit: BTreeSet<TripId>,
    /// Those that are open.
    pub offers: BTreeMap<OfferId, Offer>,
    /// Offers that were accepted here and whose trip is not here yet.
    pub accepting: BTreeMap<OfferId, Offer>,
    /// The person wants offers, as the server says or as was said here.
    pub online: bool,
    /// The person wants offers, as the server says.
    pub online_at_server: bool,
}

#[cfg(test)]
mod tests;
