//! A leg of a route in detail: where each of its arcs begins, and its geometry.

use super::network::{ArcId, RoadArc, RoadNetwork};
use super::route::Leg;
use crate::geo::LatLng;

/// An arc of a leg.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) id: ArcId,
    pub(super) arc: RoadArc,
    /// The whole of the arc, even if only a part of it is driven.
    pub(super) shape: Vec<LatLng>,
    /// From the start of the leg to the start of this part, in millimetres.
    pub(super) starts_mm: u64,
    /// The same in milliseconds of free traffic, the turn into the arc included.
    pub(super) starts_ms: u64,
    /// Its first point in the geometry of the route.
    pub(super) geometry_index: usize,
}

/// The arcs of a leg in driving order.
pub(super) fn parts_of(network: &RoadNetwork, leg: &Leg) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::with_capacity(leg.arcs.len());
    // The part before the start of the first arc has to be taken off again.
    let (mut driven_mm, mut driven_ms) = (0_u64, 0_u64);
    for id in &leg.arcs {
        let Some(arc) = network.arc(*id) else {
            continue;
        };
        if let Some(before) = parts.last() {
            let turn_ms = turn_ms(network, before.id, *id);
            driven_mm = driven_mm.saturating_add(u64::from(before.arc.length_mm));
            driven_ms = driven_ms
                .saturating_add(u64::from(before.arc.duration_ms))
                .saturating_add(turn_ms);
        }
        parts.push(Part {
            id: *id,
            arc,
            shape: network.shape(*id),
            starts_mm: driven_mm
                .saturating_sub(leg.start.along_mm)
                .min(leg.length_mm),
            starts_ms: driven_ms
                .saturating_sub(leg.start.along_ms)
                .min(leg.duration_ms),
            geometry_index: 0,
        });
    }
    parts
}

fn turn_ms(network: &RoadNetwork, from: ArcId, into: ArcId) -> u64 {
    let turns = network.turns(from);
    let turn = turns.iter().find(|(arc, _)| *arc == into);
    turn.map_or(0, |(_, turn_ms)| u64::from(*turn_ms))
}

/// Adds the points of a leg to the geometry of a route and tells its parts where theirs begin. The
/// geometry may end where the leg starts; no point comes twice in a row.
pub(super) fn append_geometry(geometry: &mut Vec<LatLng>, leg: &Leg, parts: &mut [Part]) {
    let last = parts.len().saturating_sub(1);
    for (index, part) in parts.iter_mut().enumerate() {
        // Of the first arc the points behind the start, of the last those up to the end.
        let (start, skipped) = match index {
            0 => (Some(leg.start.at), leg.start.piece.saturating_add(1)),
            _ => (part.shape.first().copied(), 0),
        };
        let end = if index == last {
            leg.end.piece
        } else {
            usize::MAX
        };
        if let Some(start) = start {
            push(geometry, start);
        }
        part.geometry_index = geometry.len().saturating_sub(1);
        let bends = part.shape.iter().take(end.saturating_add(1)).skip(skipped);
        for bend in bends {
            push(geometry, *bend);
        }
    }
    push(geometry, leg.end.at);
}

fn push(geometry: &mut Vec<LatLng>, point: LatLng) {
    if geometry.last() != Some(&point) {
        geometry.push(point);
    }
}
