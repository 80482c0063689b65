//! Routes through stops.
//!
//! Each leg is the fastest way from one stop to the next, whatever the leg before it was: at a stop
//! people get in and out, and the car may leave it in either direction of the street. A stop is
//! brought to the nearest road. If that road is on an island (cut off from most others) and no road
//! leads to the other stops, the nearest road that leads anywhere is taken instead.

use super::drive::{append_geometry, parts_of};
use super::hierarchy::{Search, Seed};
use super::network::{ArcId, RoadNetwork};
use super::snap::{RoadStop, Snapped};
use super::steps::{LegSteps, Step};
use crate::geo::LatLng;

/// A multiplier of 1 in basis points.
const UNCHANGED_BPS: u64 = 10_000;

/// What is asked of a route.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteRequest {
    /// The stops in driving order: at least two, at most [`RouteRequest::STOPS_MAX`].
    pub stops: Vec<LatLng>,
    /// Multiplier of durations in basis points, of the time of day; 10,000 leaves them alone.
    pub slowness_bps: u32,
    /// Whether the geometry is wanted.
    pub geometry: bool,
    /// Whether steps are wanted.
    pub steps: bool,
}

impl RouteRequest {
    /// More stops than this are refused.
    pub const STOPS_MAX: usize = 25;

    /// A route through these stops with geometry and steps, in free traffic.
    pub fn through(stops: Vec<LatLng>) -> Self {
        Self {
            stops,
            slowness_bps: 10_000,
            geometry: true,
            steps: true,
        }
    }
}

/// Why there is no route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoRoute {
    /// Fewer than two stops, or too many.
    #[error("a route has from 2 to 25 stops, not {0}")]
    Stops(usize),
    /// No road connects two stops.
    #[error("no road leads from stop {0} to the next")]
    NotConnected(usize),
}

/// A way through all stops.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// Length in millimetres, from road point to road point.
    pub length_mm: u64,
    /// Time in milliseconds.
    pub duration_ms: u64,
    /// Length in millimetres and time in milliseconds from each stop to the next.
    pub legs: Vec<(u64, u64)>,
    /// Where each stop is on the road.
    pub stops: Vec<LatLng>,
    /// Along the road, no point twice in a row; a single one if all stops are one place. Empty if it
    /// was not asked for.
    pub geometry: Vec<LatLng>,
    /// Instructions; empty if they were not asked for.
    pub steps: Vec<Step>,
    /// The arcs in driving order. The one that a stop is on comes once, unless the car turns round
    /// there.
    pub arcs: Vec<ArcId>,
    /// Whether a part of it costs a toll.
    pub has_toll: bool,
}

/// A stop of a leg: a place on the leg's first or last arc.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) at: LatLng,
    /// From the start of the arc.
    pub(super) along_mm: u64,
    /// From the start of the arc in free traffic.
    pub(super) along_ms: u64,
    /// The piece of the arc's shape that it is on, from 0 between its first two positions.
    pub(super) piece: usize,
}

/// The way from one stop to the next, in free traffic.
#[derive(Debug, Clone)]
pub(super) struct Leg {
    pub(super) length_mm: u64,
    pub(super) duration_ms: u64,
    /// In driving order, at least one.
    pub(super) arcs: Vec<ArcId>,
    pub(super) start: Place,
    pub(super) end: Place,
}

impl RoadNetwork {
    /// The fastest way through the stops. Each is brought to the nearest road, however far.
    pub fn route(&self, search: &mut Search, request: &RouteRequest) -> Result<Route, NoRoute> {
        let count = request.stops.len();
        if !(2..=RouteRequest::STOPS_MAX).contains(&count) {
            return Err(NoRoute::Stops(count));
        }
        let stops: Option<Vec<RoadStop>> =
            request.stops.iter().map(|at| self.road_stop(*at)).collect();
        let stops = stops.ok_or(NoRoute::NotConnected(0))?;
        let nearest: Vec<&Snapped> = stops.iter().map(|stop| &stop.nearest).collect();
        let legs = match self.legs(search, &nearest) {
            Err(_) if stops.iter().any(RoadStop::is_on_island) => {
                let mainland: Vec<&Snapped> = stops.iter().map(RoadStop::mainland).collect();
                self.legs(search, &mainland)?
            }
            result => result?,
        };
        Ok(self.describe(&legs, request))
    }

    /// The length in millimetres of the fastest way between two positions by road, with the
    /// straight legs to and from the roads. `None` if a position is farther from its road than
    /// that many metres, if no road connects them, or if both are nearest to the same place.
    pub(crate) fn bridge_mm(&self, ends: [LatLng; 2], off_road_m_max: f64) -> Option<u64> {
        let [from, to] = ends;
        let (start, end) = (self.road_stop(from)?, self.road_stop(to)?);
        if start.nearest.is_at(&end.nearest) {
            return None;
        }
        let is_on_island = start.is_on_island() || end.is_on_island();
        let nearest = [&start.nearest, &end.nearest];
        let mainland = is_on_island.then(|| [start.mainland(), end.mainland()]);
        let leg = [Some(nearest), mainland]
            .into_iter()
            .flatten()
            .find_map(|stops| {
                let is_off_road = |stop: &&Snapped| stop.point.distance_m > off_road_m_max;
                if stops.iter().any(is_off_road) {
                    return None;
                }
                let [start, end] = stops;
                self.with_search(|search| self.leg(search, start, end))
            })?;
        let legs_mm = from
            .distance_mm(leg.start.at)
            .saturating_add(leg.end.at.distance_mm(to));
        Some(leg.length_mm.saturating_add(legs_mm))
    }

    fn legs(&self, search: &mut Search, stops: &[&Snapped]) -> Result<Vec<Leg>, NoRoute> {
        let pairs = stops.iter().zip(stops.iter().skip(1)).enumerate();
        pairs
            .map(|(index, (from, to))| {
                let leg = self.leg(search, from, to);
                leg.ok_or(NoRoute::NotConnected(index))
            })
            .collect()
    }

    fn leg(&self, search: &mut Search, from: &Snapped, to: &Snapped) -> Option<Leg> {
        if from.is_at(to) {
            let place = self.place(from, from.seeds.first()?)?;
            return Some(Leg {
                length_mm: 0,
                duration_ms: 0,
                arcs: vec![from.point.arc],
                start: place,
                end: place,
            });
        }
        let path = self.shortest(search, &from.seeds, &to.seeds)?;
        Some(Leg {
            length_mm: path.cost.length_mm.unsigned_abs(),
            duration_ms: path.cost.duration_ms.unsigned_abs(),
            start: self.place(from, from.seeds.get(path.from)?)?,
            end: self.place(to, to.seeds.get(path.to)?)?,
            arcs: path.arcs,
        })
    }

    /// A stop on one of its arcs.
    fn place(&self, stop: &Snapped, seed: &Seed) -> Option<Place> {
        let piece = if seed.arc == stop.point.arc {
            stop.piece
        } else {
            let positions = self.shape(seed.arc).len();
            positions.checked_sub(2)?.checked_sub(stop.piece)?
        };
        Some(Place {
            at: stop.point.at,
            along_mm: seed.offset.length_mm.unsigned_abs(),
            along_ms: seed.offset.duration_ms.unsigned_abs(),
            piece,
        })
    }

    /// A route of legs, with what the request wants to know.
    fn describe(&self, legs: &[Leg], request: &RouteRequest) -> Route {
        let slowness_bps = request.slowness_bps;
        let ends = legs.iter().map(|leg| leg.end.at);
        let mut route = Route {
            length_mm: 0,
            duration_ms: 0,
            legs: Vec::with_capacity(legs.len()),
            stops: legs
                .first()
                .map(|leg| leg.start.at)
                .into_iter()
                .chain(ends)
                .collect(),
            geometry: Vec::new(),
            steps: Vec::new(),
            arcs: Vec::new(),
            has_toll: false,
        };
        for (leg, stop) in legs.iter().zip(1..) {
            let duration_ms = scaled_ms(leg.duration_ms, slowness_bps);
            route.length_mm = route.length_mm.saturating_add(leg.length_mm);
            route.duration_ms = route.duration_ms.saturating_add(duration_ms);
            route.legs.push((leg.length_mm, duration_ms));
            let repeats = route.arcs.last() == leg.arcs.first();
            route
                .arcs
                .extend(leg.arcs.iter().skip(usize::from(repeats)));
            if request.geometry || request.steps {
                let mut parts = parts_of(self, leg);
                append_geometry(&mut route.geometry, leg, &mut parts);
                if request.steps {
                    let steps = LegSteps {
                        network: self,
                        leg,
                        parts: &parts,
                        geometry: &route.geometry,
                        stop,
                        slowness_bps,
                    };
                    route.steps.extend(steps.list());
                }
            }
        }
        route.has_toll = self.any_toll(&route.arcs);
        if !request.geometry {
            route.geometry = Vec::new();
        }
        route
    }

    fn any_toll(&self, arcs: &[ArcId]) -> bool {
        let mut known = arcs.iter().filter_map(|id| self.arc(*id));
        known.any(|arc| arc.flags.toll)
    }
}

/// A duration times a multiplier in basis points, rounded to the nearest millisecond.
pub(super) fn scaled_ms(duration_ms: u64, slowness_bps: u32) -> u64 {
    duration_ms
        .saturating_mul(u64::from(slowness_bps))
        .saturating_add(UNCHANGED_BPS / 2)
        .checked_div(UNCHANGED_BPS)
        .unwrap_or(duration_ms)
}

#[cfg(test)]
mod tests;
