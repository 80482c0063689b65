//! What an OSRM server answers, and what it means to the core.

use serde::Deserialize;
use wayfare_core::geo::LatLng;
use wayfare_core::roads::{Route, RouteRequest, Table};

use super::super::router::TableRequest;
use super::OsrmError;
use super::steps::{OsrmStep, steps};

const FREE_BPS: f64 = 10_000.0;
const TOLL: &str = "toll";

/// What every answer says.
#[derive(Debug, Deserialize)]
pub(super) struct Said {
    pub(super) code: String,
    #[serde(default)]
    pub(super) message: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct RouteAnswer {
    routes: Vec<OsrmRoute>,
    waypoints: Vec<Waypoint>,
}

#[derive(Debug, Deserialize)]
struct OsrmRoute {
    geometry: Option<Line>,
    legs: Vec<Leg>,
}

#[derive(Debug, Deserialize)]
struct Leg {
    distance: f64,
    duration: f64,
    steps: Vec<OsrmStep>,
}

/// Longitude before latitude.
#[derive(Debug, Deserialize)]
pub(super) struct Line {
    pub(super) coordinates: Vec<[f64; 2]>,
}

#[derive(Debug, Deserialize)]
struct Waypoint {
    location: [f64; 2],
}

#[derive(Debug, Deserialize)]
pub(super) struct TableAnswer {
    durations: Vec<Vec<Option<f64>>>,
    distances: Vec<Vec<Option<f64>>>,
}

impl RouteAnswer {
    /// The route that was asked for.
    pub(super) fn route(self, request: &RouteRequest) -> Result<Route, OsrmError> {
        let found = self.routes.into_iter().next();
        let found = found.ok_or(OsrmError::Misfit("there is no route"))?;
        let stops = self
            .waypoints
            .iter()
            .map(|waypoint| place(waypoint.location));
        let stops = stops.collect::<Result<Vec<_>, _>>()?;
        if stops.len() != request.stops.len() || found.legs.len() + 1 != stops.len() {
            return Err(OsrmError::Misfit("it has another number of stops"));
        }
        let legs: Vec<(u64, u64)> = found
            .legs
            .iter()
            .map(|leg| {
                (
                    thousandths(leg.distance),
                    slowed_ms(leg.duration, request.slowness_bps),
                )
            })
            .collect();
        let has_toll = found
            .legs
            .iter()
            .flat_map(|leg| &leg.steps)
            .any(|step| step.has_class(TOLL));
        let overview = found.geometry.map(|line| line.places()).transpose()?;
        let (steps, along_steps) = match request.steps {
            true => {
                let legs = found.legs.iter().map(|leg| leg.steps.as_slice());
                steps(legs, request.slowness_bps)?
            }
            false => (Vec::new(), Vec::new()),
        };
        let geometry = match (request.geometry, request.steps) {
            (false, _) => Vec::new(),
            // The steps' own lines: their positions in it are known.
            (true, true) => along_steps,
            (true, false) => overview.ok_or(OsrmError::Misfit("it has no geometry"))?,
        };
        let sum = |part: fn(&(u64, u64)) -> u64| legs.iter().map(part).sum();
        Ok(Route {
            length_mm: sum(|leg| leg.0),
            duration_ms: sum(|leg| leg.1),
            legs,
            stops,
            geometry,
            steps,
            arcs: Vec::new(),
            has_toll,
        })
    }
}

impl Line {
    pub(super) fn places(&self) -> Result<Vec<LatLng>, OsrmError> {
        self.coordinates.iter().copied().map(place).collect()
    }
}

impl TableAnswer {
    /// The table that was asked for.
    pub(super) fn table(self, request: &TableRequest) -> Result<Table, OsrmError> {
        let (rows, columns) = (request.from.len(), request.to.len());
        let fits = |side: &[Vec<Option<f64>>]| {
            side.len() == rows && side.iter().all(|row| row.len() == columns)
        };
        if !fits(&self.durations) || !fits(&self.distances) {
            return Err(OsrmError::Misfit("it has another number of places"));
        }
        let durations = self.durations.into_iter().flatten();
        let cells =
            durations
                .zip(self.distances.into_iter().flatten())
                .map(|(duration, distance)| {
                    Some((
                        slowed_ms(duration?, request.slowness_bps),
                        thousandths(distance?),
                    ))
                });
        Ok(Table {
            rows,
            columns,
            cells: cells.collect(),
        })
    }
}

pub(super) fn place([lng, lat]: [f64; 2]) -> Result<LatLng, OsrmError> {
    LatLng::from_degrees(lat, lng).map_err(|_| OsrmError::Misfit("a position is none"))
}

/// Millimetres of metres, milliseconds of seconds. What is no length at all is 0.
pub(super) fn thousandths(value: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "casts to whole numbers saturate, and lengths on the earth are far below 2^64 mm"
    )]
    let thousandths = (value * 1000.0).round() as u64;
    thousandths
}

pub(super) fn slowed_ms(seconds: f64, slowness_bps: u32) -> u64 {
    thousandths(seconds * f64::from(slowness_bps) / FREE_BPS)
}
