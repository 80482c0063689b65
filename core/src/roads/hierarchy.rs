//! The contraction hierarchy: its form, its weights and the searches on it.
//!
//! A node of the hierarchy is an arc of the network, an edge a turn from one arc into the next, so
//! that turns cost and signs forbid. The cost of an edge is the time for the first arc and the turn:
//! costs are measured at the *start* of arcs.

use super::data::RoadData;
use super::error::RoadsError;
use super::network::{ArcId, RoadNetwork};

/// What it costs to get somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// What the search minimises: milliseconds, with a surcharge for driving into or out of
    /// destination-only roads.
    pub weight: i64,
    /// Milliseconds.
    pub duration_ms: i64,
    /// Millimetres.
    pub length_mm: i64,
}

/// A place on an arc where a search starts or ends. `offset` is the cost from the start of the arc
/// to the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed {
    /// The arc.
    pub arc: ArcId,
    /// From its start to the place.
    pub offset: Cost,
}

/// The cheapest way between seeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// From place to place.
    pub cost: Cost,
    /// Position in the list of starts.
    pub from: usize,
    /// Position in the list of ends.
    pub to: usize,
    /// The arcs in driving order, the first and the last included; one if both places are on it.
    pub arcs: Vec<ArcId>,
}

/// Memory that searches use and leave for the next one. One per thread.
#[derive(Debug, Default)]
pub struct Search {}

/// The turns that a contraction has to keep the ways of: one edge `(from, to, weight)` each. Nodes
/// are numbered from 0 to `node_count - 1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractionInput {
    /// How many nodes.
    pub node_count: u32,
    /// Edges with their weight, none of them 0.
    pub edges: Vec<(u32, u32, u32)>,
}

/// What a contraction found: the order of the nodes and the edges it had to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contraction {
    /// Rank of each node; a permutation of 0 to `node_count - 1`, the least important first.
    pub ranks: Vec<u32>,
    /// Added edges `(from, to)`, each standing for a way through nodes of lower rank than both.
    pub shortcuts: Vec<(u32, u32)>,
}

impl ContractionInput {
    /// What has to be contracted for these roads.
    pub fn of(_data: &RoadData) -> Result<Self, RoadsError> {
        Err(RoadsError::Empty) // Stub
    }
}

impl RoadNetwork {
    /// The cheapest way from one of the starts to one of the ends. A start and an end on one arc,
    /// the end behind the start, do not make a way by that arc alone.
    pub fn shortest(&self, _search: &mut Search, _from: &[Seed], _to: &[Seed]) -> Option<Path> {
        None // Stub
    }

    /// The least cost from each of the starts to each of the ends (each a list of seeds of one
    /// place), row by row; `None` where there is no way.
    pub fn costs(
        &self,
        _search: &mut Search,
        _from: &[Vec<Seed>],
        _to: &[Vec<Seed>],
    ) -> Vec<Option<Cost>> {
        Vec::new() // Stub
    }
}
