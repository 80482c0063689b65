//! What a trip costs when it is over: as quoted, or by what was driven.

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::facts::{Facts, WaypointFacts};
use super::fare::{Fare, FareError, compute, not_negative, waits_not_negative};
use super::tariff::Tariff;
use crate::track::Reading;

/// The first and the last point of a track must be this close to the start and the end of the ride.
const ENDS_WITHIN: TimeDelta = TimeDelta::seconds(60);
/// A track with fewer points than this shows no way.
const POINTS_MIN: u32 = 2;
/// At most one point in so many may have been left out.
const LEFT_OUT_ONE_IN: u64 = 2;

/// A ride's length and duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RideLength {
    /// Metres.
    pub distance_m: i64,
    /// Seconds.
    pub duration_s: i64,
}

/// What happened on a trip, whatever it is priced by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Driven {
    /// What the track proves; `None` if it proves nothing, see [`proven_ride`].
    pub ride: Option<RideLength>,
    /// If a stop was added, moved or skipped: the plan of the stops as they are now.
    pub replanned: Option<RideLength>,
    /// When the ride began, on the clock of the tariff's zone or any other.
    pub started_at: DateTime<FixedOffset>,
    /// From the arrival (not before the agreed time of a scheduled trip) to the start, in seconds.
    pub wait_s: i64,
    /// The stops that were made.
    pub waypoints: Vec<WaypointFacts>,
    /// Tolls crossed, in order.
    pub tolls: Vec<String>,
    /// Zones with a fee of the pickup and of the dropoff as driven.
    pub zones: Vec<String>,
    /// Freight: seconds.
    pub loading_s: i64,
    /// Freight: seconds.
    pub unloading_s: i64,
    /// Minor units.
    pub tip_minor: i64,
}

/// By what a trip is priced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The quote holds.
    Quote,
    /// A stop changed: what was driven.
    DrivenStopsChanged,
    /// The driven distance differs too much from the plan: what was driven.
    DrivenDistanceDiffers,
    /// A stop changed and no track proves the ride: the plan of the stops as they are now.
    Replanned,
}

/// The price of a trip that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// By what it is priced.
    pub basis: Basis,
    /// The facts that the fare was computed from.
    pub facts: Facts,
    /// The fare.
    pub fare: Fare,
}

/// The ride that a track proves, if it proves one.
///
/// What was driven can change a price that was promised, so the track must show the whole ride and
/// not a phone's trouble: a phone that started to measure late, stopped early, or was wrong most of
/// the time must neither cheapen nor raise the price. A track proves the ride if
///
/// - at least two of its points count,
/// - the first that counts is within 60 s of the start, and the last within 60 s of the end,
/// - not more than half of its points were left out.
///
/// A gap counts as it was bridged, along the roads or in a straight line. The duration is that of the trip, not of the track. A ride that ends before it starts is none.
pub fn proven_ride(
    reading: &Reading,
    started_at: DateTime<Utc>,
    completed_at: DateTime<Utc>,
) -> Option<RideLength> {
    let left_out = reading.inaccurate.saturating_add(reading.too_fast);
    let used = reading.points.saturating_sub(left_out);
    let few_left_out =
        u64::from(left_out).saturating_mul(LEFT_OUT_ONE_IN) <= u64::from(reading.points);
    let from_start = is_near(reading.first_used_at?, started_at);
    let to_end = is_near(reading.last_used_at?, completed_at);
    let proven =
        used >= POINTS_MIN && few_left_out && from_start && to_end && started_at <= completed_at;
    proven.then(|| RideLength {
        distance_m: reading.distance_m(),
        duration_s: completed_at.signed_duration_since(started_at).num_seconds(),
    })
}

fn is_near(point_at: DateTime<Utc>, moment: DateTime<Utc>) -> bool {
    point_at.signed_duration_since(moment).abs() <= ENDS_WITHIN
}

/// Prices a trip that is over: `quoted` are the facts of its quote.
///
/// The quote's length and duration hold, unless a stop changed or the proven ride differs from the
/// plan by more than the tariff's `requote_over_m`, see [`Basis`]. Whatever the basis is, the surge,
/// the promotion and the load stay as promised, and waiting, stops, tolls, loading and the tip are
/// as driven. With the quote's length also its hour and its zones hold.
pub fn settle(tariff: &Tariff, quoted: &Facts, driven: &Driven) -> Result<Settlement, FareError> {
    driven.check()?;
    let (basis, length) = basis(tariff, quoted, driven);
    let (started_at, zones) = match basis {
        Basis::Quote => (quoted.started_at, &quoted.zones),
        Basis::DrivenStopsChanged | Basis::DrivenDistanceDiffers | Basis::Replanned => {
            (driven.started_at, &driven.zones)
        }
    };
    let facts = Facts {
        distance_m: length.distance_m,
        duration_s: length.duration_s,
        wait_s: driven.wait_s,
        waypoints: driven.waypoints.clone(),
        started_at,
        tolls: driven.tolls.clone(),
        zones: zones.clone(),
        surge_bps: quoted.surge_bps,
        promo: quoted.promo,
        weight_kg: quoted.weight_kg,
        loading_s: driven.loading_s,
        unloading_s: driven.unloading_s,
        tip_minor: driven.tip_minor,
    };
    let fare = compute(tariff, &facts)?;
    Ok(Settlement { basis, facts, fare })
}

fn basis(tariff: &Tariff, quoted: &Facts, driven: &Driven) -> (Basis, RideLength) {
    match (driven.replanned, driven.ride) {
        (Some(_), Some(ride)) => (Basis::DrivenStopsChanged, ride),
        (Some(plan), None) => (Basis::Replanned, plan),
        (None, Some(ride)) if differs(tariff, quoted, &ride) => {
            (Basis::DrivenDistanceDiffers, ride)
        }
        (None, _) => {
            let promised = RideLength {
                distance_m: quoted.distance_m,
                duration_s: quoted.duration_s,
            };
            (Basis::Quote, promised)
        }
    }
}

fn differs(tariff: &Tariff, quoted: &Facts, ride: &RideLength) -> bool {
    let difference_m = i128::from(ride.distance_m).abs_diff(i128::from(quoted.distance_m));
    difference_m > u128::from(tariff.spec().requote_over_m.unsigned_abs())
}

impl Driven {
    /// Refuses what is below zero, whether or not the price comes from it.
    fn check(&self) -> Result<(), FareError> {
        if let Some(ride) = &self.ride {
            not_negative([
                ("ride.distance_m", ride.distance_m),
                ("ride.duration_s", ride.duration_s),
            ])?;
        }
        if let Some(plan) = &self.replanned {
            not_negative([
                ("replanned.distance_m", plan.distance_m),
                ("replanned.duration_s", plan.duration_s),
            ])?;
        }
        not_negative([
            ("wait_s", self.wait_s),
            ("loading_s", self.loading_s),
            ("unloading_s", self.unloading_s),
            ("tip_minor", self.tip_minor),
        ])?;
        waits_not_negative(&self.waypoints)
    }
}

#[cfg(test)]
mod tests;
