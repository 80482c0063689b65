//! What a person did on a device, as it is kept, chained and sent.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::action_kind::ActionKind;
use super::claim::FareClaim;
use crate::geo::LatLng;
use crate::id::{BootId, CommandId, DeviceId, OfferId, TripId, VehicleId};
use crate::money::Money;
use crate::trip::{CancelReason, Pin};
use crate::wire::DeclineReason;

/// The version of commands that is written.
pub const VERSION: u32 = 1;

/// What a person did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DeviceAction {
    /// The driver wants offers from now on.
    GoOnline {
        /// Drives this.
        vehicle: VehicleId,
    },
    /// The driver wants no more offers.
    GoOffline,
    /// The driver takes an offer.
    AcceptOffer {
        /// Which one.
        offer: OfferId,
    },
    /// The driver does not want an offer.
    DeclineOffer {
        /// Which one.
        offer: OfferId,
        /// Why.
        reason: DeclineReason,
    },
    /// The driver is at the pickup.
    Arrive {
        /// Of this trip.
        trip: TripId,
    },
    /// The rider is in the car and told the PIN. It stands on its own: whatever became of the arrival,
    /// it says when that was.
    Start {
        /// This trip.
        trip: TripId,
        /// What the rider told.
        pin: Pin,
        /// When the driver came to the pickup.
        arrived_at: DateTime<Utc>,
    },
    /// The car is at the waypoint that it was on the way to.
    ReachStop {
        /// Of this trip.
        trip: TripId,
        /// Where that waypoint is, as the device knew it: the rider may have moved it meanwhile. The
        /// device fills it in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<LatLng>,
    },
    /// The car goes on from a waypoint.
    LeaveStop {
        /// Of this trip.
        trip: TripId,
    },
    /// The ride is over.
    Complete {
        /// This trip's.
        trip: TripId,
        /// What the device computed that it costs; absent if it could not.
        claim: Option<Box<FareClaim>>,
    },
    /// The person calls the trip off.
    Cancel {
        /// This trip.
        trip: TripId,
        /// Why.
        reason: CancelReason,
        /// In the person's own words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// The driver has the money.
    TakeCash {
        /// For this trip.
        trip: TripId,
        /// How much.
        amount: Money,
    },
    /// What one side thinks of the other.
    Rate {
        /// On this trip.
        trip: TripId,
        /// 1 to 5.
        stars: u8,
        /// In the person's own words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        comment: Option<String>,
    },
}

impl DeviceAction {
    /// The trip that it is about, if it names one.
    pub const fn trip(&self) -> Option<TripId> {
        match self {
            Self::Arrive { trip }
            | Self::Start { trip, .. }
            | Self::ReachStop { trip, .. }
            | Self::LeaveStop { trip }
            | Self::Complete { trip, .. }
            | Self::Cancel { trip, .. }
            | Self::TakeCash { trip, .. }
            | Self::Rate { trip, .. } => Some(*trip),
            Self::GoOnline { .. }
            | Self::GoOffline
            | Self::AcceptOffer { .. }
            | Self::DeclineOffer { .. } => None,
        }
    }

    /// The action without its contents.
    pub const fn kind(&self) -> ActionKind {
        match self {
            Self::GoOnline { .. } => ActionKind::GoOnline,
            Self::GoOffline => ActionKind::GoOffline,
            Self::AcceptOffer { .. } => ActionKind::AcceptOffer,
            Self::DeclineOffer { .. } => ActionKind::DeclineOffer,
            Self::Arrive { .. } => ActionKind::Arrive,
            Self::Start { .. } => ActionKind::Start,
            Self::ReachStop { .. } => ActionKind::ReachStop,
            Self::LeaveStop { .. } => ActionKind::LeaveStop,
            Self::Complete { .. } => ActionKind::Complete,
            Self::Cancel { .. } => ActionKind::Cancel,
            Self::TakeCash { .. } => ActionKind::TakeCash,
            Self::Rate { .. } => ActionKind::Rate,
        }
    }

    /// The name under which it is kept and counted.
    pub const fn as_str(&self) -> &'static str {
        self.kind().as_str()
    }
}

/// How a device knows what time it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeSource {
    /// From an answer of the server during this run, and the monotonic clock since.
    Server,
    /// From a satellite fix during this run, and the monotonic clock since.
    Satellite,
    /// From the clock on the wall, corrected by what was known of it in an earlier run.
    Wall,
}

/// What the device's clocks said when something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockReading {
    /// Which run of the device.
    pub boot: BootId,
    /// Milliseconds since the run began, also while the device slept.
    pub monotonic_ms: u64,
    /// What `occurred_at` is from.
    pub source: TimeSource,
    /// The clock on the wall jumped against the monotonic one since the command before this one, or
    /// time would have run backwards.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub jumped: bool,
}

/// One thing that a person did on a device. Its JSON text, exactly as it was first written, is what is
/// chained and sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceCommand {
    /// [`VERSION`].
    pub v: u32,
    /// The command; it is applied once.
    pub id: CommandId,
    /// Where it was given.
    pub device: DeviceId,
    /// Its place in the device's chain, from 1 and without gaps.
    pub seq: u64,
    /// The trip's version as the device knew it, if it is about a trip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_version: Option<u32>,
    /// When it happened, in milliseconds.
    pub occurred_at: DateTime<Utc>,
    /// How the device knows.
    pub clock: ClockReading,
    /// What was done.
    pub action: DeviceAction,
}
