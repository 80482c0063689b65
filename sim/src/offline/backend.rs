//! What a simulated world needs of a server, whichever it is.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use wayfare_core::geo::LatLng;
use wayfare_core::id::{BlobId, CommandId, DeviceId, DriverId, RiderId, TripId, UserId, VehicleId};
use wayfare_core::pricing::Fare;
use wayfare_core::sync::TripKit;
use wayfare_core::sync::device::{Answer, Request};
use wayfare_core::track::segment::SegmentPoint;
use wayfare_core::trip::{CancelReason, Pin, Stops, Trip, TripState};
use wayfare_core::wire::{CommandOutcome, ErrorCode, Offer};

/// A server: the one in memory, or a real one.
pub trait Backend {
    /// Answers a device of this person. It never waits: who asks for changes asks again when
    /// [`Backend::has_changes`] says so.
    fn handle(&mut self, user: UserId, request: &Request, now: DateTime<Utc>) -> Answer;

    /// Whether there is something for this person after the cursor.
    fn has_changes(&self, user: UserId, cursor: i64) -> bool;

    /// Something that people do who have a network. What the rules refuse changes nothing.
    fn perform(&mut self, deed: &Deed, now: DateTime<Utc>) -> Result<(), Refused>;

    /// All trips as those see them who are not on a device of the simulation.
    fn trips(&self) -> Vec<Glimpse>;

    /// The next batch fails after so many commands, if this server can be made to.
    fn fail_after(&mut self, commands: usize);

    /// How many points it keeps.
    fn points_kept(&self) -> u64;

    /// Everything that must hold at rest is checked against this.
    fn truth(&self) -> Truth;

    /// What a driver's device must know at rest.
    fn rest_of(&self, driver: DriverId) -> Rest;
}

/// Something that people do who have a network.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    /// Somebody is registered as a driver with a vehicle.
    Register {
        /// The driver.
        driver: DriverId,
        /// The vehicle.
        vehicle: VehicleId,
    },
    /// A rider asks for a trip.
    Ask {
        /// The trip.
        trip: TripId,
        /// Who asks.
        rider: RiderId,
        /// Where the rider waits.
        pickup: LatLng,
        /// Where it goes.
        stops: Stops,
        /// What the rider tells the driver.
        pin: Pin,
    },
    /// The rider calls the trip off.
    Cancel {
        /// Which one.
        trip: TripId,
        /// Why.
        reason: CancelReason,
    },
    /// The rider wants to go elsewhere.
    ChangeStops {
        /// Which trip.
        trip: TripId,
        /// Where it goes.
        stops: Stops,
    },
    /// An admin ends the ride.
    Complete {
        /// Which one.
        trip: TripId,
    },
    /// An admin takes the trip from its driver.
    Reassign {
        /// Which one.
        trip: TripId,
    },
    /// The dispatcher proposes a trip to a driver, if that is possible.
    Propose {
        /// Which trip.
        trip: TripId,
        /// To whom.
        driver: DriverId,
        /// Until when.
        until: DateTime<Utc>,
    },
    /// Offers that nobody answered and trips that nobody took are over.
    Expire {
        /// Trips that were asked for before this.
        asked_before: DateTime<Utc>,
    },
}

/// A deed that the rules do not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("refused: {0}")]
pub struct Refused(pub ErrorCode);

/// A trip as those see it who are not on a device of the simulation.
#[derive(Debug, Clone, PartialEq)]
pub struct Glimpse {
    /// The trip.
    pub trip: TripId,
    /// Who asked.
    pub rider: RiderId,
    /// Where the rider waits.
    pub pickup: LatLng,
    /// Where it goes now.
    pub stops: Stops,
    /// How many stops the car came to.
    pub passed: usize,
    /// Where it stands.
    pub state: TripState,
    /// A driver is asked already.
    pub proposed: bool,
}

/// What a server has at rest.
#[derive(Debug, Clone, Default)]
pub struct Truth {
    /// Every command that it knows.
    pub commands: Vec<KeptCommand>,
    /// Every point that it keeps, as often as it keeps it.
    pub points: Vec<KeptPoint>,
    /// Every file.
    pub blobs: Vec<(BlobId, Option<Vec<u8>>)>,
    /// Every trip that was completed.
    pub charges: Vec<Charged>,
    /// The sum of the ledger, in minor units.
    pub ledger_sum_minor: i64,
    /// Transactions of the ledger that do not sum to zero.
    pub ledger_torn: u64,
    /// How often an admin was told of something, by its kind.
    pub flags: BTreeMap<String, u64>,
}

/// A command as a server knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptCommand {
    /// The command.
    pub id: CommandId,
    /// Whose.
    pub device: DeviceId,
    /// What became of it.
    pub outcome: CommandOutcome,
    /// Why it was refused.
    pub code: Option<ErrorCode>,
    /// How often it took effect or was refused.
    pub times: u32,
    /// When it happened, as the device said.
    pub occurred_at: DateTime<Utc>,
    /// The device had heard what time it is, from the server or from satellites.
    pub knew_the_time: bool,
}

/// A point as a server keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptPoint {
    /// Whose.
    pub user: UserId,
    /// The trip that it is of, if it is of one.
    pub trip: Option<TripId>,
    /// The point.
    pub point: SegmentPoint,
}

/// What a completed trip cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charged {
    /// The trip.
    pub trip: TripId,
    /// Who drove.
    pub driver: DriverId,
    /// What was charged.
    pub fare: Fare,
    /// What comes of the points that the server has now; `None` if it cannot say.
    pub by_own_points: Option<Fare>,
    /// The points that the device reckoned with are those that the server has; `None` without a claim.
    pub same_track: Option<bool>,
    /// What the driver's device computed, if it did.
    pub claimed: Option<Fare>,
    /// The claim was not taken, or the track said something else later.
    pub corrected: bool,
    /// The driver's device said that the ride was over, and not an admin.
    pub by_device: bool,
    /// The rider or an admin changed where it goes.
    pub stops_changed: bool,
}

/// What a driver's device must know at rest.
#[derive(Debug, Clone, Default)]
pub struct Rest {
    /// The driver's trips that are not over or not paid.
    pub kits: Vec<TripKit>,
    /// The driver's trips that are completed and paid; without their PINs.
    pub paid: Vec<Trip>,
    /// The driver's open offers.
    pub offers: Vec<Offer>,
    /// The driver wants offers.
    pub online: bool,
}
