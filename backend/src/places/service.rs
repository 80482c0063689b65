//! What is asked of the city's ground.

use std::sync::Arc;

use tokio::task::spawn_blocking;
use wayfare_core::city::CityPack;
use wayfare_core::geo::LatLng;
use wayfare_core::places::{FoundPlace, PlaceIndex};
use wayfare_core::roads::{Route, RouteRequest};
use wayfare_core::wire::{CityView, ErrorCode, RouteQuery};

use super::city::City;
use super::router::RouterError;
use crate::platform::failure::Failure;

/// Without traffic.
const FREE_BPS: u32 = 10_000;
/// What is at a position is no further away.
const REVERSE_RADIUS_M: f64 = 250.0;

/// What the city's pack says of itself.
pub fn view(city: &City) -> Result<CityView, Failure> {
    Ok(CityView::from(&city.open_pack()?.pack.manifest))
}

/// What a person may mean by a text, best first.
pub async fn search(
    city: &City,
    text: String,
    near: Option<LatLng>,
    limit: u32,
) -> Result<Vec<FoundPlace>, Failure> {
    let limit = count(limit);
    if text.trim().is_empty() {
        return Err(Failure::refused(
            ErrorCode::InvalidRequest,
            "q: it is empty",
        ));
    }
    look_up(city, move |places| places.search(&text, near, limit)).await
}

/// What is at a position, the best name first.
pub async fn reverse(city: &City, at: LatLng, limit: u32) -> Result<Vec<FoundPlace>, Failure> {
    let limit = count(limit);
    look_up(city, move |places| {
        places.reverse(at, REVERSE_RADIUS_M, limit)
    })
    .await
}

fn count(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// A position in degrees.
pub fn position(lat: f64, lng: f64) -> Result<LatLng, Failure> {
    LatLng::from_degrees(lat, lng)
        .map_err(|error| Failure::refused(ErrorCode::InvalidRequest, error.to_string()))
}

/// A position that need not be given, but not by half.
pub fn near(lat: Option<f64>, lng: Option<f64>) -> Result<Option<LatLng>, Failure> {
    match (lat, lng) {
        (None, None) => Ok(None),
        (Some(lat), Some(lng)) => position(lat, lng).map(Some),
        _ => {
            let detail = "lat and lng come together";
            Err(Failure::refused(ErrorCode::InvalidRequest, detail))
        }
    }
}

/// Looks something up in a thread that may take its time.
async fn look_up<T: Send + 'static>(
    city: &City,
    work: impl FnOnce(&PlaceIndex) -> T + Send + 'static,
) -> Result<T, Failure> {
    let pack: Arc<CityPack> = Arc::clone(&city.open_pack()?.pack);
    spawn_blocking(move || work(&pack.places))
        .await
        .map_err(|error| Failure::broken("looking up a place", error))
}

/// The fastest way through the stops.
pub async fn route(city: &City, query: &RouteQuery) -> Result<Route, Failure> {
    let stops = query.stops.iter().enumerate().map(|(index, stop)| {
        LatLng::try_from(*stop).map_err(|error| {
            let detail = format!("stops[{index}]: {error}");
            Failure::refused(ErrorCode::InvalidRequest, detail)
        })
    });
    let request = RouteRequest {
        stops: stops.collect::<Result<_, _>>()?,
        slowness_bps: query.depart_at.map_or(FREE_BPS, |at| city.slowness_bps(at)),
        geometry: query.geometry,
        steps: query.steps,
    };
    find_route(city, request).await
}

/// The fastest way, or why there is none.
pub async fn find_route(city: &City, request: RouteRequest) -> Result<Route, Failure> {
    let Some(router) = city.router() else {
        // It has no pack either.
        city.open_pack()?;
        return Err(Failure::refused(
            ErrorCode::CityNotConfigured,
            "nobody finds ways here",
        ));
    };
    router.route(request).await.map_err(refused)
}

/// What the person who asked is told.
pub(crate) fn refused(error: RouterError) -> Failure {
    match error {
        RouterError::NoRoute(_) | RouterError::FarFromRoads { .. } => {
            Failure::refused(ErrorCode::NoRoute, error.to_string())
        }
        RouterError::TableTooLarge { .. } => {
            Failure::refused(ErrorCode::InvalidRequest, error.to_string())
        }
        RouterError::Osrm(_) | RouterError::BrokenOff => {
            // The next attempt may succeed, so it is no failure of this server.
            tracing::warn!(error = &error as &dyn std::error::Error, "no way was found");
            let detail = "ways cannot be found at the moment; try again";
            Failure::Refused {
                code: ErrorCode::Unavailable,
                detail: detail.into(),
                retry_after_s: Some(5),
            }
        }
    }
}
