//! Routes with their geometry and steps.

use super::hierarchy::Search;
use super::network::{ArcId, RoadNetwork};
use crate::geo::LatLng;

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

/// What a driver does at the start of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Maneuver {
    /// Set off.
    Depart,
    /// Keep to the road whose name changes.
    Continue,
    /// A turn by less than 60 degrees.
    SlightLeft,
    /// A turn.
    Left,
    /// A turn by more than 120 degrees.
    SharpLeft,
    /// A turn by less than 60 degrees.
    SlightRight,
    /// A turn.
    Right,
    /// A turn by more than 120 degrees.
    SharpRight,
    /// Turn round.
    UTurn,
    /// Take this exit of a roundabout, counted from 1.
    Roundabout(u8),
    /// Join a motorway or main road from a ramp.
    Merge,
    /// Leave by a ramp, to the left.
    RampLeft,
    /// Leave by a ramp, to the right.
    RampRight,
    /// Go onto a boat.
    Ferry,
    /// A stop is reached; the position of the stop in the request.
    Arrive(usize),
}

/// A part of a route with one instruction at its start.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What to do.
    pub maneuver: Maneuver,
    /// Where.
    pub at: LatLng,
    /// Street that is driven after it; empty when it has no name.
    pub street: String,
    /// Direction after it, degrees clockwise from north.
    pub bearing_deg: u16,
    /// Length until the next step in metres.
    pub distance_m: u32,
    /// Time until the next step in seconds.
    pub duration_s: u32,
    /// First point of the geometry that belongs to it.
    pub geometry_index: usize,
}

/// A way through all stops.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// Length in millimetres, from road point to road point.
    pub length_mm: u64,
    /// Time in milliseconds.
    pub duration_ms: u64,
    /// Length and time from each stop to the next, in the same units.
    pub legs: Vec<(u64, u64)>,
    /// Where each stop is on the road.
    pub stops: Vec<LatLng>,
    /// Along the road; empty if it was not asked for.
    pub geometry: Vec<LatLng>,
    /// Instructions; empty if they were not asked for.
    pub steps: Vec<Step>,
    /// The arcs in driving order.
    pub arcs: Vec<ArcId>,
    /// Whether a part of it costs a toll.
    pub has_toll: bool,
}

impl RoadNetwork {
    /// The fastest way through the stops. Each is brought to the nearest road, however far.
    pub fn route(&self, _search: &mut Search, request: &RouteRequest) -> Result<Route, NoRoute> {
        Err(NoRoute::Stops(request.stops.len())) // Stub
    }
}
