//! Why dispatch asked whom: the record of its rounds for admins, and a driver's own view of it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{DriverId, TripId};
use crate::vehicle::{VehicleClass, VehicleFeature};

/// Why a driver was asked for a trip or not, round by round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct DispatchExplanation {
    /// The trip.
    pub trip_id: TripId,
    /// The driver, if one was asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver_id: Option<DriverId>,
    /// What happened, in a few sentences.
    pub summary: String,
    /// The rounds that looked for a driver for this trip, newest first. About one driver, the last
    /// 50; about all cars, one.
    pub rounds: Vec<ExplainedRound>,
    /// Whether there were rounds before these.
    pub more_before: bool,
}

/// A round of dispatch and a trip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct ExplainedRound {
    /// When it was.
    pub at: DateTime<Utc>,
    /// How far by road a car could be, in metres.
    pub radius_m: u32,
    /// How many waves of offers had been made for the trip before.
    pub waves: u32,
    /// What became of the trip in this round.
    pub outcome: RoundOutcome,
    /// How many cars were looked at.
    pub cars_considered: u32,
    /// How many more were within the radius, and not looked at.
    pub cars_left_out: u32,
    /// The driver that was asked about, or all that were looked at, nearest first.
    pub cars: Vec<ExplainedCar>,
}

/// What became of a trip in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum RoundOutcome {
    /// Drivers were asked.
    Asked,
    /// No car passed the gates.
    NobodyFits,
    /// The cars that passed went to other trips.
    PassedOver,
}

impl RoundOutcome {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Asked, Self::NobodyFits, Self::PassedOver];

    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::NobodyFits => "nobody_fits",
            Self::PassedOver => "passed_over",
        }
    }
}

/// What became of a driver in a round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct ExplainedCar {
    /// The driver.
    pub driver_id: DriverId,
    /// What became of the driver.
    pub verdict: CarVerdict,
    /// The same in plain words, with the numbers.
    pub sentence: String,
    /// The gate that the driver did not pass. Present if the verdict is `dropped`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<GateView>,
    /// What asking the driver would have cost. Present if the verdict is `asked` or `lost`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<CostView>,
    /// Who or what was better. Present if the verdict is `lost`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_to: Option<LostTo>,
    /// What became of the offer. Present if the verdict is `asked` and the offer was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<OfferFate>,
    /// Where the driver was last seen before the round. Present if the car was not looked at and was
    /// ever seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sighting: Option<SightingView>,
}

/// What became of a driver in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum CarVerdict {
    /// Asked.
    Asked,
    /// Passed all gates, and asking somebody else was better.
    Lost,
    /// Did not pass a gate.
    Dropped,
    /// Not looked at: was not among the cars at that time.
    Offline,
    /// Not looked at: was too far away in a straight line.
    TooFar,
    /// Not looked at: had a trip or an offer.
    Busy,
    /// Not looked at: enough other cars were nearer.
    LeftOut,
    /// Not looked at, and the record does not say why.
    NoRecord,
}

/// A gate and the numbers that decided there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct GateView {
    /// The gate.
    pub name: GateName,
    /// What was found, in the unit that `limit` has too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<u32>,
    /// What would have passed: at most, or for what a vehicle has at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// The unit of the two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<GateUnit>,
    /// What the driver drives, at the gate `other_class`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vehicle_class: Option<VehicleClass>,
    /// What was asked for, at the gate `other_class`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted_class: Option<VehicleClass>,
    /// What the vehicle lacks, at the gate `missing_feature`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_feature: Option<VehicleFeature>,
}

/// Why a car was not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum GateName {
    /// The last position was too old: seconds.
    Silent,
    /// The driver had a trip that did not end soon.
    Driving,
    /// The driver had an offer to answer.
    HasOffer,
    /// The driver's trip ended too late: seconds.
    FinishesLate,
    /// Another class of vehicle was asked for.
    OtherClass,
    /// Too few seats.
    TooFewSeats,
    /// Too little payload: kilograms.
    TooSmallLoad,
    /// The vehicle lacks something that the rider needs.
    MissingFeature,
    /// The driver was asked for this trip before.
    AskedBefore,
    /// The driver took this trip and gave it back.
    GaveBack,
    /// It is the driver's own trip as a rider.
    OwnTrip,
    /// One of the two does not want to meet the other again.
    Blocked,
    /// Too far in a straight line: metres.
    OutOfReach,
    /// Too far by road: metres.
    TooFarByRoad,
    /// No road leads from the car to the pickup.
    NoRoad,
    /// Enough cars were nearer in a straight line: cars.
    EnoughNearer,
    /// The driver wants to get home, and the trip does not lead there: metres to the driver's
    /// destination after the trip, against those before.
    NotOnTheWayHome,
    /// The driver waits in the queue of a zone, and the pickup is not in it.
    WaitsInQueue,
    /// Others wait longer in the queue of the zone: drivers.
    BehindInQueue,
}

impl GateName {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Driving => "driving",
            Self::HasOffer => "has_offer",
            Self::FinishesLate => "finishes_late",
            Self::OtherClass => "other_class",
            Self::TooFewSeats => "too_few_seats",
            Self::TooSmallLoad => "too_small_load",
            Self::MissingFeature => "missing_feature",
            Self::AskedBefore => "asked_before",
            Self::GaveBack => "gave_back",
            Self::OwnTrip => "own_trip",
            Self::Blocked => "blocked",
            Self::OutOfReach => "out_of_reach",
            Self::TooFarByRoad => "too_far_by_road",
            Self::NoRoad => "no_road",
            Self::EnoughNearer => "enough_nearer",
            Self::NotOnTheWayHome => "not_on_the_way_home",
            Self::WaitsInQueue => "waits_in_queue",
            Self::BehindInQueue => "behind_in_queue",
        }
    }
}

/// What a gate counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum GateUnit {
    /// Seconds.
    Seconds,
    /// Metres.
    Metres,
    /// Seats.
    Seats,
    /// Kilograms.
    Kilograms,
    /// Drivers with their cars.
    Drivers,
}

/// What asking a driver costs, in milliseconds of driving to the pickup. The sum decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct CostView {
    /// The sum.
    pub total_ms: i64,
    /// The way to the pickup by road.
    pub way_ms: i64,
    /// Until the driver's present trip is over.
    pub finishing_ms: i64,
    /// For the time without a trip; never positive.
    pub idle_ms: i64,
    /// For ratings below five stars.
    pub rating_ms: i64,
    /// For trips that were given back.
    pub cancel_ms: i64,
    /// Length of the way to the pickup in metres; it costs nothing by itself.
    pub way_m: u32,
}

/// Who or what was better than asking a driver for a trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct LostTo {
    /// Who was asked for the trip, if anybody was; of several, the one who cost least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver_id: Option<DriverId>,
    /// By how much asking that one cost less, in milliseconds. Negative if it cost more: then the
    /// trips of this round together cost least so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_ms: Option<i64>,
    /// The trip that the driver was asked for instead, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trip_id: Option<TripId>,
}

/// What became of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct OfferFate {
    /// Where it stands.
    pub status: OfferStatus,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// When it was answered or ended; absent while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
}

/// Where an offer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum OfferStatus {
    /// Waits for an answer.
    Open,
    /// The driver took it.
    Accepted,
    /// The driver did not want it.
    Declined,
    /// The driver did not answer in time.
    TimedOut,
    /// The trip was called off or given to somebody else, or the driver went offline.
    Withdrawn,
    /// The driver took it, and gave the trip back later.
    Released,
}

impl OfferStatus {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Open,
        Self::Accepted,
        Self::Declined,
        Self::TimedOut,
        Self::Withdrawn,
        Self::Released,
    ];

    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::TimedOut => "timed_out",
            Self::Withdrawn => "withdrawn",
            Self::Released => "released",
        }
    }
}

/// Where a driver was last seen before a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct SightingView {
    /// When this was noted.
    pub at: DateTime<Utc>,
    /// How long before the round that was, in seconds.
    pub age_s: u32,
    /// When the position was measured.
    pub fix_at: DateTime<Utc>,
    /// What the driver was doing.
    pub doing: Doing,
    /// From there to the pickup in a straight line, in metres.
    pub straight_m: u32,
    /// What the driver drove.
    pub vehicle_class: VehicleClass,
}

/// What a driver was doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    /// Waited for a trip.
    Free,
    /// Had an offer to answer.
    Asked,
    /// Had a trip.
    Driving,
    /// Had a trip that was about to end.
    Finishing,
    /// The last position was too old to count.
    Silent,
    /// Was no longer among the cars.
    Offline,
}

impl Doing {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Free,
        Self::Asked,
        Self::Driving,
        Self::Finishing,
        Self::Silent,
        Self::Offline,
    ];

    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Asked => "asked",
            Self::Driving => "driving",
            Self::Finishing => "finishing",
            Self::Silent => "silent",
            Self::Offline => "offline",
        }
    }
}

/// How dispatch saw a driver in the last hours, told to that driver. It says nothing about other
/// people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct OwnDispatch {
    /// Since when.
    pub since: DateTime<Utc>,
    /// Whether there were too many requests to count them all; then the newest ones are counted.
    pub cut_short: bool,
    /// How many requests the driver was looked at for.
    pub requests_near: u32,
    /// For how many of them the driver was asked.
    pub asked: u32,
    /// Why not for the others, the most frequent reason first.
    pub reasons: Vec<OwnReason>,
    /// The latest requests, at most 20, newest first.
    pub latest: Vec<OwnRequest>,
}

/// Why a driver was not asked, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct OwnReason {
    /// How many requests.
    pub count: u32,
    /// The reason in plain words.
    pub sentence: String,
}

/// A request that a driver was looked at for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct OwnRequest {
    /// When it was last decided.
    pub at: DateTime<Utc>,
    /// Roughly how far the pickup was, in metres: by road where that was computed, else in a straight
    /// line. Absent if it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance_m: Option<u32>,
    /// Whether the driver was asked.
    pub asked: bool,
    /// What became of it, in plain words.
    pub sentence: String,
}

#[cfg(test)]
mod tests;
