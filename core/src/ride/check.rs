//! What can be said of a claimed fare before its track is there.

use chrono::{DateTime, Utc};

use super::over::{Ridden, RideOver};
use super::price::RideError;
use crate::pricing::{Driven, FareError, RideLength, Settlement, proven_ride, settle};
use crate::sync::FareClaim;
use crate::track::Reading;
use crate::trip::{Trip, WAYPOINTS_MAX};

/// No car is faster than this on the whole, in metres per second.
const SPEED_M_S_MAX: i64 = 100;
/// A gap may be bridged by a way that is longer than the one that was driven, in metres.
const BRIDGED_M_MAX: i64 = 10_000;

/// Why a claimed fare is not charged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimRefusal {
    /// The ride has no price at all.
    #[error(transparent)]
    Ride(#[from] RideError),
    /// A fact is not what the trip says.
    #[error("`{field}` is not what the trip says")]
    NotTheTrip {
        /// Which one.
        field: &'static str,
    },
    /// What the track is said to prove does not follow from its reading.
    #[error("`{field}` does not follow from the reading of the track")]
    NotTheReading {
        /// Which one.
        field: &'static str,
    },
    /// Farther than any car drives in that time.
    #[error("no car drives that far in that time")]
    TooFar,
    /// What is claimed has another price.
    #[error("the fare is not what comes of the facts")]
    OtherFare,
}

impl From<FareError> for ClaimRefusal {
    fn from(error: FareError) -> Self {
        Self::Ride(error.into())
    }
}

/// Settles a claimed ride again from what is claimed, and refuses it where the trip itself says
/// something else. The track of `over` is not looked at.
///
/// Whatever depends on the track or on the ground (how far it was, tolls, zones, how long the car
/// stood where nobody said that it left) is taken as claimed. So is the plan of stops that were
/// changed: a driver without a network cannot know of a change.
pub fn check_claim(over: &RideOver<'_>, claim: &FareClaim) -> Result<Settlement, ClaimRefusal> {
    let ridden = Ridden::of(&RideOver {
        track: &[],
        ..*over
    })?;
    let driven = &claim.driven;
    check_times(&ridden, driven)?;
    check_stops(&ridden, driven)?;
    check_reading(&ridden, claim)?;
    let settlement = settle(over.tariff, over.quoted, driven)?;
    if settlement.basis == claim.basis && settlement.fare == claim.fare {
        Ok(settlement)
    } else {
        Err(ClaimRefusal::OtherFare)
    }
}

fn check_times(ridden: &Ridden<'_>, driven: &Driven) -> Result<(), ClaimRefusal> {
    let fields = [
        ("started_at", driven.started_at == ridden.started_at),
        ("wait_s", driven.wait_s == ridden.trip.wait_s()),
        ("loading_s", driven.loading_s == 0),
        ("unloading_s", driven.unloading_s == 0),
        ("tip_minor", driven.tip_minor == 0),
    ];
    first_wrong(fields).map_or(Ok(()), |field| Err(ClaimRefusal::NotTheTrip { field }))
}

/// The stops that were made, and how long the car stood there where the driver said so.
fn check_stops(ridden: &Ridden<'_>, driven: &Driven) -> Result<(), ClaimRefusal> {
    let waits: Vec<i64> = driven.waypoints.iter().map(|made| made.wait_s).collect();
    // A change of the stops may not have come to the driver, who then made others.
    let fields = if ridden.trip.stop_changes > 0 {
        let whole = ridden.whole_s();
        let within =
            waits.len() <= WAYPOINTS_MAX && waits.iter().all(|wait_s| (0..=whole).contains(wait_s));
        [("waypoints", within), ("replanned", true)]
    } else {
        // Where the ride ended in an open stand, the track decides whether a stop was left out.
        let unsure = ridden.trip.open_stand().is_some();
        let changed = driven.replanned.is_some() == ridden.trip.stops_changed();
        [
            (
                "waypoints",
                waits_fit(&ridden.trip, ridden.completed_at, &waits),
            ),
            ("replanned", unsure || changed),
        ]
    };
    first_wrong(fields).map_or(Ok(()), |field| Err(ClaimRefusal::NotTheTrip { field }))
}

/// Whether the car may have stood so long at the stops that it came to: exactly so long where the
/// driver said that it left, and at most until the end elsewhere.
fn waits_fit(trip: &Trip, completed_at: DateTime<Utc>, waits: &[i64]) -> bool {
    let longest = trip.waypoint_waits(Some(completed_at));
    let left = trip.visits.iter().map(|visit| visit.left_at.is_some());
    let mut stands = waits.iter().zip(&longest).zip(left);
    waits.len() == longest.len()
        && stands.all(|((wait_s, longest), left)| {
            if left {
                wait_s == longest
            } else {
                (0..=*longest).contains(wait_s)
            }
        })
}

fn check_reading(ridden: &Ridden<'_>, claim: &FareClaim) -> Result<(), ClaimRefusal> {
    let driven = &claim.driven;
    let reading = claim.track.as_ref().map(|track| &track.reading);
    let proven =
        reading.and_then(|reading| proven_ride(reading, ridden.started_at, ridden.completed_at));
    let measured_m = reading.map_or(0, Reading::distance_m);
    let enough = |plan: &RideLength| plan.distance_m >= measured_m;
    let fields = [
        ("ride", driven.ride == proven),
        ("replanned", driven.replanned.as_ref().is_none_or(enough)),
        (
            "tolls",
            proven.is_some() || driven.tolls == ridden.over.quoted.tolls,
        ),
    ];
    if let Some(field) = first_wrong(fields) {
        return Err(ClaimRefusal::NotTheReading { field });
    }
    let far_m = ridden
        .whole_s()
        .saturating_mul(SPEED_M_S_MAX)
        .saturating_add(BRIDGED_M_MAX);
    if measured_m > far_m {
        return Err(ClaimRefusal::TooFar);
    }
    Ok(())
}

fn first_wrong<const N: usize>(fields: [(&'static str, bool); N]) -> Option<&'static str> {
    let mut wrong = fields.into_iter().filter(|(_, right)| !right);
    wrong.next().map(|(field, _)| field)
}
