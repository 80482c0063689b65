//! Puts together what is known of a ride and prices it.

use super::fees::{known_tolls, known_zones};
use super::ground::{DrivenWay, Found, Ground};
use super::over::{Ridden, RideOver};
use crate::pricing::{
    Driven, FareError, RideLength, Settlement, WaypointFacts, proven_ride, settle,
};
use crate::receipt::TrackProof;
use crate::track::TrackDigest;

/// Why a ride has no price.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RideError {
    /// It is not over.
    #[error("the trip is not completed")]
    NotCompleted,
    /// Its facts contradict each other or the tariff.
    #[error("the ride cannot be priced")]
    Fare(#[from] FareError),
}

/// What a ride costs, and from what that follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RidePrice {
    /// What happened.
    pub driven: Driven,
    /// The fingerprint and the reading of the track; absent if there was no point.
    pub track: Option<TrackProof>,
    /// By what it is priced, and the fare.
    pub settlement: Settlement,
}

/// Prices a ride that is over.
pub fn price<G: Ground + ?Sized>(over: &RideOver<'_>, ground: &G) -> Result<RidePrice, RideError> {
    let ridden = Ridden::of(over)?;
    let found = Found::of(&ridden, ground);
    price_found(&ridden, found)
}

/// Prices a ride that is over with what was found out about its ground.
pub fn price_found(ridden: &Ridden<'_>, found: Found) -> Result<RidePrice, RideError> {
    let RideOver { quoted, tariff, .. } = ridden.over;
    let plan = plan_as_made(ridden, found.made);
    let DrivenWay { reading, tolls } = found.way;
    let ride = proven_ride(&reading, ridden.started_at, ridden.completed_at);
    let waits = ridden.trip.waypoint_waits(ridden.stood_until).into_iter();
    let driven = Driven {
        ride,
        replanned: ridden.trip.stops_changed().then_some(RideLength {
            // What was measured is driven at least, even where it does not prove the whole ride.
            distance_m: plan.distance_m.max(reading.distance_m()),
            ..plan
        }),
        started_at: ridden.started_at.fixed_offset(),
        wait_s: ridden.trip.wait_s(),
        waypoints: waits.map(|wait_s| WaypointFacts { wait_s }).collect(),
        // Without a whole track, those of the plan count.
        tolls: match tolls.filter(|_| ride.is_some()) {
            Some(crossed) => known_tolls(tariff, &crossed),
            None => quoted.tolls.clone(),
        },
        zones: match found.zones {
            Some(zones) => known_zones(tariff, zones),
            None => quoted.zones.clone(),
        },
        loading_s: 0,
        unloading_s: 0,
        tip_minor: 0,
    };
    let settlement = settle(tariff, quoted, &driven)?;
    let track = (reading.points > 0).then(|| TrackProof {
        digest: TrackDigest::of(&ridden.track),
        reading,
    });
    Ok(RidePrice {
        driven,
        track,
        settlement,
    })
}

/// The plan along the stops that were made: all of them, unless the rider got out early.
fn plan_as_made(ridden: &Ridden<'_>, made: Option<RideLength>) -> RideLength {
    match ridden.places_to_plan() {
        None => ridden.over.plan,
        Some(places) => made.unwrap_or_else(|| ridden.over.straight.length(&places)),
    }
}
