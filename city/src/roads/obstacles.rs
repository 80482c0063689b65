//! Nodes that stop cars: barriers, gates and traffic lights.

use std::collections::HashMap;

use super::access::{self, Access};
use super::directions::Directions;
use super::measure::metres;
use crate::osm::{Extract, NodeIndex, Tags};

/// Barriers that cars pass.
const PASSABLE: [&str; 8] = [
    "cattle_grid",
    "border_control",
    "toll_booth",
    "sally_port",
    "no",
    "entrance",
    "height_restrictor",
    "arch",
];
/// Barriers that somebody has to open first.
const GATES: [&str; 2] = ["gate", "lift_gate"];
/// Height of a large car.
const HEIGHT_M: f64 = 2.0;

/// What stands on a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Obstacle {
    /// No car gets past.
    pub(super) blocks: bool,
    /// A gate that has to be opened.
    pub(super) gate: bool,
    /// A light for who comes along the way, and for who comes against it.
    pub(super) lights: Directions<bool>,
}

/// The nodes with obstacles.
pub(super) fn of(extract: &Extract) -> HashMap<NodeIndex, Obstacle> {
    extract
        .tagged_nodes()
        .map(|node| (node.node, obstacle(node.tags)))
        .filter(|(_, obstacle)| *obstacle != Obstacle::default())
        .collect()
}

fn obstacle(tags: Tags) -> Obstacle {
    let (blocks, gate) = match access::of_node(tags) {
        Access::Closed => (true, false),
        Access::Unsaid => tags
            .get("barrier")
            .map_or((false, false), |barrier| barrier_of(tags, barrier)),
        _ => (false, false),
    };
    Obstacle {
        blocks,
        gate,
        lights: lights(tags),
    }
}

/// Whether a barrier blocks, and whether it is a gate.
fn barrier_of(tags: Tags, barrier: &str) -> (bool, bool) {
    if GATES.contains(&barrier) {
        return (false, true);
    }
    let is_low = barrier == "height_restrictor"
        && tags
            .get("maxheight")
            .and_then(metres)
            .is_some_and(|height| height < HEIGHT_M);
    let is_flat_kerb = matches!(tags.get("kerb"), Some("lowered" | "flush"))
        || (barrier == "kerb" && tags.is("highway", "crossing"));
    // A fence for animals, who hear it.
    let is_heard = barrier == "fence" && matches!(tags.get("sensory"), Some("audible" | "audio"));
    let lets_pass =
        PASSABLE.contains(&barrier) || tags.is("bollard", "rising") || is_flat_kerb || is_heard;
    (!lets_pass || is_low, false)
}

fn lights(tags: Tags) -> Directions<bool> {
    if !tags.is("highway", "traffic_signals") {
        return Directions::both(false);
    }
    let direction = tags
        .get("traffic_signals:direction")
        .or_else(|| tags.get("direction"));
    Directions {
        forward: direction != Some("backward"),
        backward: direction != Some("forward"),
    }
}
