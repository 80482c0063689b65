//! Why a car was not asked, with the numbers.

use serde::{Deserialize, Serialize};
use wayfare_core::vehicle::{VehicleClass, VehicleFeature};

/// A gate that a car did not pass, with the numbers. Gates are looked at in the order in which they
/// stand here, and the first one that a car does not pass is the one that is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "gate", rename_all = "snake_case")]
pub enum Gate {
    /// The last position is too old: the car is offline, wherever it stands.
    Silent {
        /// Age of the position in seconds.
        age_s: u32,
        /// The oldest that counts.
        limit_s: u32,
    },
    /// The driver has a trip that does not end soon.
    Driving,
    /// The driver has an offer to answer.
    HasOffer,
    /// The driver's trip ends too late.
    FinishesLate {
        /// In so many seconds.
        free_in_s: u32,
        /// The latest that counts.
        limit_s: u32,
    },
    /// Another class of vehicle was asked for.
    OtherClass {
        /// What the driver drives.
        has: VehicleClass,
        /// What was asked for.
        wanted: VehicleClass,
    },
    /// Too few seats.
    TooFewSeats {
        /// What the vehicle has.
        has: u8,
        /// What is needed.
        needed: u8,
    },
    /// Too little payload.
    TooSmallLoad {
        /// What the vehicle takes, in kilograms.
        has_kg: u32,
        /// What is needed.
        needed_kg: u32,
    },
    /// The vehicle lacks something that the rider needs.
    MissingFeature {
        /// What is missing.
        feature: VehicleFeature,
    },
    /// The driver was asked for this trip and did not take it.
    AskedBefore,
    /// The driver took this trip and gave it back.
    GaveBack,
    /// It is the driver's own trip as a rider.
    OwnTrip,
    /// One of the two does not want to meet the other again.
    Blocked,
    /// The driver wants to get home, and the trip does not lead there.
    NotOnTheWayHome {
        /// From the car to the driver's destination in a straight line, in metres.
        before_m: u32,
        /// From the dropoff to the driver's destination, in metres.
        after_m: u32,
    },
    /// The driver waits in the queue of a zone, and the pickup is not in it.
    WaitsInQueue,
    /// Outside the radius of the search in a straight line, so by road as well.
    OutOfReach {
        /// In a straight line, in metres.
        straight_m: u32,
        /// The radius at that time, in metres.
        radius_m: u32,
    },
    /// Enough cars were nearer in a straight line.
    EnoughNearer {
        /// How many.
        nearer: u32,
    },
    /// No road leads from the car to the pickup.
    NoRoad,
    /// Within the radius in a straight line, but outside by road.
    TooFarByRoad {
        /// By road, in metres.
        road_m: u32,
        /// The radius at that time, in metres.
        radius_m: u32,
    },
    /// Others wait longer in the queue of this zone.
    BehindInQueue {
        /// How many are before the driver.
        before: u32,
    },
}
