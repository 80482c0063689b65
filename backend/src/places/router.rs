//! Who finds ways by road.
//!
//! The core's routes and tables are the answers of both implementations; an OSRM server knows nothing
//! of a pack's arcs, so its routes have none.

use std::fmt;

use futures_util::future::BoxFuture;
use wayfare_core::geo::LatLng;
use wayfare_core::roads::{NoRoute, Route, RouteRequest, Table};

use super::osrm::OsrmError;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RouterError {
    /// No road connects the places, or they are too few or too many.
    #[error(transparent)]
    NoRoute(#[from] NoRoute),
    /// There is no road anywhere near a place.
    #[error("no road is near stop {stop}: the nearest is {distance_m:.0} m away")]
    FarFromRoads {
        /// Its position among the stops.
        stop: usize,
        /// How far the nearest road is.
        distance_m: f64,
    },
    /// More places than a table may have.
    #[error("a table has at most {max} places on a side, not {found}")]
    TableTooLarge {
        /// What was asked for.
        found: usize,
        /// What is allowed.
        max: usize,
    },
    /// The OSRM server gave no answer that can be used.
    #[error("the OSRM server gave no answer")]
    Osrm(#[from] OsrmError),
    /// The search did not come to its end.
    #[error("the search was broken off")]
    BrokenOff,
}

/// A table between these places.
#[derive(Debug, Clone)]
pub struct TableRequest {
    /// Where ways start.
    pub from: Vec<LatLng>,
    /// Where they end.
    pub to: Vec<LatLng>,
    /// Multiplier of durations in basis points, of the time of day; 10,000 leaves them alone.
    pub slowness_bps: u32,
}

impl TableRequest {
    /// More places on one side are refused.
    pub const SIDE_MAX: usize = 1000;

    /// Refuses what is too large to be worked on.
    pub(super) fn check(&self) -> Result<(), RouterError> {
        let (found, max) = (self.from.len().max(self.to.len()), Self::SIDE_MAX);
        if found > max {
            return Err(RouterError::TableTooLarge { found, max });
        }
        Ok(())
    }
}

/// Finds ways by road.
pub trait Router: fmt::Debug + Send + Sync {
    /// The fastest way through the stops.
    fn route(&self, request: RouteRequest) -> BoxFuture<'_, Result<Route, RouterError>>;

    /// The fastest way from each start to each end.
    fn table(&self, request: TableRequest) -> BoxFuture<'_, Result<Table, RouterError>>;
}

/// A place is brought to the nearest road, but not over a mountain or a lake.
const ROAD_WITHIN_M: f64 = 2000.0;

/// Refuses a route that does not begin, stop or end anywhere near where it should.
pub(super) fn check_near(stops: &[LatLng], route: &Route) -> Result<(), RouterError> {
    let far = stops.iter().zip(&route.stops).enumerate();
    let far = far.map(|(stop, (wanted, found))| (stop, wanted.distance_m(*found)));
    match far
        .into_iter()
        .find(|(_, distance_m)| *distance_m > ROAD_WITHIN_M)
    {
        Some((stop, distance_m)) => Err(RouterError::FarFromRoads { stop, distance_m }),
        None => Ok(()),
    }
}

/// Refuses what no router would work on.
pub(super) fn check_stops(request: &RouteRequest) -> Result<(), RouterError> {
    let count = request.stops.len();
    if (2..=RouteRequest::STOPS_MAX).contains(&count) {
        Ok(())
    } else {
        Err(NoRoute::Stops(count).into())
    }
}
