//! Why a receipt is refused.

use super::VERSION;
use crate::pricing::{Basis, CancellationRule, FareDifference, FareError, OtherTariff, RideLength};
use crate::signing::SignatureError;
use crate::track::{Gaps, Reading, TrackDigest};
use crate::vehicle::VehicleClass;

/// Why a receipt is refused. `wanted` is what was computed again, `found` what the receipt says.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    /// Not signed as it has to be.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// Made by a newer Wayfare than this one.
    #[error("the receipt is of version {found}, and this program knows version {VERSION} at most")]
    TooNew {
        /// Its `v`.
        found: u32,
    },
    /// The tariff that was given is not the receipt's.
    #[error(transparent)]
    OtherTariff(#[from] Box<OtherTariff>),
    /// The tariff is for another class of vehicle.
    #[error("the receipt is for {found}, and its tariff for {wanted}")]
    OtherVehicleClass {
        /// The tariff's.
        wanted: VehicleClass,
        /// The receipt's.
        found: VehicleClass,
    },
    /// The receipt has two moments for the start of one ride.
    #[error("the receipt says of the start of the ride that it was at two different times")]
    TwoStarts,
    /// The ride that the fare was computed from is not the one that the reading proves.
    #[error(
        "the reading of the track proves {}, but the fare is by {}",
        ride_text(.wanted.as_ref()),
        ride_text(.found.as_ref())
    )]
    OtherRide {
        /// As the reading proves it.
        wanted: Option<RideLength>,
        /// As the receipt says.
        found: Option<RideLength>,
    },
    /// The tariff gives no fare for these facts.
    #[error("the fare cannot be computed again: {0}")]
    Fare(#[from] FareError),
    /// The trip is priced by something else.
    #[error(
        "the trip should be priced {}, but is priced {}",
        basis_text(*.wanted),
        basis_text(*.found)
    )]
    OtherBasis {
        /// As computed.
        wanted: Basis,
        /// As written.
        found: Basis,
    },
    /// Another rule decides about the cancellation.
    #[error(
        "the cancellation is {}, but the receipt says that it is {}",
        rule_text(*.wanted),
        rule_text(*.found)
    )]
    OtherRule {
        /// As computed.
        wanted: CancellationRule,
        /// As written.
        found: CancellationRule,
    },
    /// By its rule the cancellation is free, so there is nothing to charge.
    #[error("the cancellation costs nothing by the tariff, but the receipt charges for it")]
    NothingToCharge,
    /// The tariff gives another fare for these facts.
    #[error("the fare is not the tariff's: {0}")]
    FareDiffers(#[from] FareDifference),
    /// A track was given, and the receipt is held to none.
    #[error("the receipt was not made from a track, so this one proves nothing")]
    UnexpectedTrack,
    /// Another track was given.
    #[error("the track is not the one of the receipt: points are missing, added or changed")]
    OtherTrack {
        /// The fingerprint of the track that was given.
        wanted: TrackDigest,
        /// The one in the receipt.
        found: TrackDigest,
    },
    /// It is not the receipt of this promise.
    #[error("the receipt's {field} is not the one that was promised")]
    OtherPromise {
        /// What differs.
        field: &'static str,
    },
    /// The track is the right one but says something else.
    #[error(
        "the track says {}, but the receipt says {}",
        reading_text(.wanted),
        reading_text(.found)
    )]
    OtherReading {
        /// As measured.
        wanted: Box<Reading>,
        /// As written.
        found: Box<Reading>,
    },
    /// No roads bridge the gaps of the track like this.
    #[error(
        "the gaps of the track are {} mm in straight lines, and no roads make them {} mm by road and \
         {} mm in straight lines",
        .wanted.straight_mm,
        .found.by_road_mm,
        .found.straight_mm
    )]
    ImpossibleRoads {
        /// All of them bridged in straight lines.
        wanted: Gaps,
        /// As written.
        found: Gaps,
    },
}

fn ride_text(ride: Option<&RideLength>) -> String {
    match ride {
        None => "no ride".to_owned(),
        Some(ride) => format!("{} m in {} s", ride.distance_m, ride.duration_s),
    }
}

fn reading_text(reading: &Reading) -> String {
    let used = reading
        .points
        .saturating_sub(reading.inaccurate)
        .saturating_sub(reading.too_fast);
    let millimetres = reading.distance_mm;
    let gaps = reading.gaps.count;
    format!(
        "{millimetres} mm by {used} of {} points with {gaps} gaps",
        reading.points
    )
}

const fn basis_text(basis: Basis) -> &'static str {
    match basis {
        Basis::Quote => "as quoted",
        Basis::DrivenStopsChanged => "as driven, because a stop changed",
        Basis::DrivenDistanceDiffers => "as driven, because the distance differs",
        Basis::Replanned => "as planned anew, because a stop changed",
    }
}

const fn rule_text(rule: CancellationRule) -> &'static str {
    match rule {
        CancellationRule::NoFees => "free, because the tariff has no fees",
        CancellationRule::NotTheRider => "free, because it was not the rider's",
        CancellationRule::NoDriver => "free, because no driver had taken the trip",
        CancellationRule::InGoodTime => "free, because it was in good time",
        CancellationRule::JustAssigned => "free, because a driver had only just taken the trip",
        CancellationRule::DriverLate => "free, because the driver was late",
        CancellationRule::TooLate => "charged, because it was too late",
        CancellationRule::NoShow => "charged, because the rider did not come",
    }
}
