//! The planned length, duration and way of a ride.
//!
//! By road, with the traffic of the hour, where this server knows somebody who finds ways. Without, the
//! straight lines from stop to stop are made longer by the city's detour and driven at its usual
//! speed. A city with roads never falls back to that: a price that jumps is worse than none.

use chrono::{DateTime, Utc};
use wayfare_core::geo::LatLng;
use wayfare_core::pricing::RideLength;
use wayfare_core::ride::StraightPlan;
use wayfare_core::roads::{NoRoute, Route, RouteRequest};
use wayfare_core::wire::ErrorCode;

use crate::app::App;
use crate::places::{self, City, RouterError};
use crate::platform::config::PricingConfig;
use crate::platform::failure::Failure;

const THOUSAND: u64 = 1000;

/// Shorter rides are walks.
const DISTANCE_MIN_M: i64 = 100;
/// Longer rides leave the city.
const DISTANCE_MAX_M: i64 = 200_000;

/// What is planned of a ride.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// How long it is.
    pub length: RideLength,
    /// The toll lines that it crosses, in order.
    pub tolls: Vec<String>,
}

/// The plan of a ride that begins then, from the first of these places over the others to the last,
/// or why there is none.
pub async fn plan(app: &App, places: &[LatLng], begins: DateTime<Utc>) -> Result<Plan, Failure> {
    let plan = along(app, places, begins).await?;
    if is_ride(&plan.length) {
        return Ok(plan);
    }
    let detail = "the stops are too close together or too far apart for a trip";
    Err(Failure::refused(ErrorCode::OutsideServiceArea, detail))
}

/// The plan of what is left of a ride: it may be short, and not too long.
pub async fn plan_ahead(
    app: &App,
    places: &[LatLng],
    begins: DateTime<Utc>,
) -> Result<Plan, Failure> {
    let plan = along(app, places, begins).await?;
    if is_rest(&plan.length) {
        return Ok(plan);
    }
    let detail = "the stops are too far apart for a trip";
    Err(Failure::refused(ErrorCode::OutsideServiceArea, detail))
}

/// The planned length along places that were driven to, however short; `None` if nobody finds the way
/// now.
pub async fn length_along(
    app: &App,
    places: &[LatLng],
    begins: DateTime<Utc>,
) -> Option<RideLength> {
    match along(app, places, begins).await {
        Ok(plan) => Some(plan.length),
        Err(failure) => {
            let error = &failure as &dyn std::error::Error;
            tracing::warn!(error, "a driven way is planned along straight lines");
            None
        }
    }
}

async fn along(app: &App, places: &[LatLng], begins: DateTime<Utc>) -> Result<Plan, Failure> {
    let city = &app.city;
    let Some(router) = city.router() else {
        return Ok(Plan {
            length: straight_plan(&app.config.pricing).length(places),
            tolls: Vec::new(),
        });
    };
    let has_tolls = city.pack().is_some_and(|pack| pack.has_tolls());
    let request = RouteRequest {
        stops: places.to_vec(),
        slowness_bps: city.slowness_bps(begins),
        geometry: has_tolls,
        steps: false,
    };
    let route = router.route(request).await;
    let route = route.map_err(|error| in_words(error, places.len()))?;
    Ok(Plan {
        length: length_of(&route),
        tolls: tolls(city, &route),
    })
}

fn length_of(route: &Route) -> RideLength {
    let whole = |thousandths: u64| {
        i64::try_from((thousandths + THOUSAND / 2) / THOUSAND).unwrap_or(i64::MAX)
    };
    RideLength {
        distance_m: whole(route.length_mm),
        duration_s: whole(route.duration_ms),
    }
}

fn tolls(city: &City, route: &Route) -> Vec<String> {
    let pack = city.pack();
    pack.map(|pack| pack.zones.tolls_along(&route.geometry))
        .unwrap_or_default()
}

/// What the rider is told of a way that there is not.
fn in_words(error: RouterError, stops: usize) -> Failure {
    let detail = match error {
        RouterError::NoRoute(NoRoute::NotConnected(_)) => {
            "no road leads from the pickup to the other stops".to_owned()
        }
        RouterError::FarFromRoads { stop: 0, .. } => "there is no road near the pickup".to_owned(),
        RouterError::FarFromRoads { stop, .. } if stop + 1 == stops => {
            "there is no road near the dropoff".to_owned()
        }
        RouterError::FarFromRoads { stop, .. } => {
            format!("there is no road near stop {stop} on the way")
        }
        error => return places::service::refused(error),
    };
    Failure::refused(ErrorCode::NoRoute, detail)
}

fn is_ride(length: &RideLength) -> bool {
    (DISTANCE_MIN_M..=DISTANCE_MAX_M).contains(&length.distance_m)
}

fn is_rest(length: &RideLength) -> bool {
    length.distance_m <= DISTANCE_MAX_M
}

/// How this city plans where nobody finds ways.
pub fn straight_plan(config: &PricingConfig) -> StraightPlan {
    StraightPlan {
        detour_bps: config.detour_bps,
        speed_kmh: config.planned_speed_kmh,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(lats: &[f64]) -> RideLength {
        let plan = StraightPlan {
            detour_bps: 13_000,
            speed_kmh: 36,
        };
        let at = |lat: &f64| LatLng::from_degrees(*lat, -8.61).unwrap();
        plan.length(&lats.iter().map(at).collect::<Vec<_>>())
    }

    #[test]
    fn walks_and_journeys_are_no_rides() {
        for lats in [&[41.15, 41.1505][..], &[41.15, 43.0], &[41.15]] {
            assert!(!is_ride(&length(lats)), "{lats:?}");
        }
        assert!(is_ride(&length(&[41.15, 41.16])));
        assert!(is_rest(&length(&[41.15])) && !is_rest(&length(&[41.15, 43.0])));
    }

    #[test]
    fn the_rider_is_told_which_stop_has_no_road() {
        let told = |stop| {
            let error = RouterError::FarFromRoads {
                stop,
                distance_m: 9000.0,
            };
            let failure = in_words(error, 3);
            assert_eq!(failure.code(), ErrorCode::NoRoute);
            failure.to_string()
        };
        assert_eq!(told(0), "there is no road near the pickup");
        assert_eq!(told(1), "there is no road near stop 1 on the way");
        assert_eq!(told(2), "there is no road near the dropoff");
    }
}
