//! Puts a road graph together and refuses what cannot be a road.

use super::graph::{Bounds, Edge, NodeId, RoadClass, RoadGraph, as_index, as_u32, in_space};
use super::grid::Grid;
use crate::geo::LatLng;

/// More nodes or edges than this do not fit: a country the size of Germany has a tenth of it.
const ITEMS_MAX: usize = 200_000_000;
/// Speeds above this are a mistake in the data.
const SPEED_KMH_MAX: u16 = 200;
/// A graph that is wider than this would need an index that knows the date line.
const WIDTH_E7_MAX: i64 = 1_800_000_000;
/// How much shorter than the straight line a given length may be before it is a mistake: maps
/// round lengths to whole metres.
const SHORT_BY_MM: u64 = 1_000;

/// Why roads do not make a graph.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// There is no node or no edge.
    #[error("a road graph needs at least two nodes and an edge between them")]
    Empty,
    /// More than the ids can number.
    #[error("a road graph holds at most {ITEMS_MAX} nodes and as many edges")]
    TooLarge,
    /// The nodes span more than half the globe, or the date line.
    #[error("a road graph may not span more than 180 degrees of longitude")]
    TooWide,
    /// An edge names a node that was not added.
    #[error("an edge names node {0}, which was not added")]
    UnknownNode(usize),
    /// An edge starts and ends at one node without going anywhere.
    #[error("an edge starts and ends at node {0} and has no bends")]
    Loop(usize),
    /// Nobody drives like that.
    #[error("a speed must be from 1 to {SPEED_KMH_MAX} km/h, not {0}")]
    Speed(u16),
    /// An edge is longer than 4,294 km.
    #[error("an edge of {0} m is too long")]
    TooLong(u64),
    /// The length that was given is shorter than the straight line.
    #[error("an edge is said to be {given_mm} mm long, but its ends are {straight_mm} mm apart")]
    TooShort {
        /// What the caller said.
        given_mm: u64,
        /// Distance between the ends.
        straight_mm: u64,
    },
}

/// An edge to add: a stretch of road in one direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEdge {
    /// Where it starts.
    pub from: NodeId,
    /// Where it ends.
    pub to: NodeId,
    /// Speed that cars drive on it.
    pub speed_kmh: u16,
    /// Kind of road.
    pub class: RoadClass,
    /// Length in millimetres; `None` measures along the bends.
    pub length_mm: Option<u64>,
    /// The bends between the ends, in driving order; empty for a straight road.
    pub shape: Vec<LatLng>,
}

impl NewEdge {
    /// The same road in the other direction.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let shape = self.shape.iter().rev().copied().collect();
        Self {
            from: self.to,
            to: self.from,
            shape,
            ..self.clone()
        }
    }
}

/// Collects nodes and edges and makes a [`RoadGraph`] of them.
#[derive(Debug, Clone, Default)]
pub struct RoadGraphBuilder {
    nodes: Vec<LatLng>,
    edges: Vec<Edge>,
    shapes: Vec<LatLng>,
}

impl RoadGraphBuilder {
    /// A builder with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a node and says how edges call it.
    pub fn add_node(&mut self, at: LatLng) -> Result<NodeId, BuildError> {
        if self.nodes.len() >= ITEMS_MAX {
            return Err(BuildError::TooLarge);
        }
        let id = NodeId(as_u32(self.nodes.len()));
        self.nodes.push(at);
        Ok(id)
    }

    /// Adds a road that is driven in one direction.
    pub fn add_edge(&mut self, edge: &NewEdge) -> Result<(), BuildError> {
        let from = self.position(edge.from)?;
        let to = self.position(edge.to)?;
        if edge.speed_kmh == 0 || edge.speed_kmh > SPEED_KMH_MAX {
            return Err(BuildError::Speed(edge.speed_kmh));
        }
        if edge.from == edge.to && edge.shape.is_empty() {
            return Err(BuildError::Loop(edge.from.index()));
        }
        if self.edges.len() >= ITEMS_MAX
            || self.shapes.len().saturating_add(edge.shape.len()) > ITEMS_MAX
        {
            return Err(BuildError::TooLarge);
        }
        let length_mm = length_mm(from, &edge.shape, to, edge.length_mm)?;
        self.edges.push(Edge {
            from: edge.from,
            to: edge.to,
            length_mm,
            speed_kmh: edge.speed_kmh,
            class: edge.class,
            shape_start: as_u32(self.shapes.len()),
            shape_len: as_u32(edge.shape.len()),
        });
        self.shapes.extend_from_slice(&edge.shape);
        Ok(())
    }

    /// Adds a road that is driven in both directions.
    pub fn add_road(&mut self, edge: &NewEdge) -> Result<(), BuildError> {
        self.add_edge(edge)?;
        self.add_edge(&edge.reversed())
    }

    /// The graph of everything that was added.
    pub fn build(self) -> Result<RoadGraph, BuildError> {
        let Self {
            nodes,
            mut edges,
            shapes,
        } = self;
        if edges.is_empty() {
            return Err(BuildError::Empty);
        }
        let bounds = bounds_of(&nodes).ok_or(BuildError::Empty)?;
        let width_e7 = i64::from(bounds.north_east.lng_e7())
            .saturating_sub(i64::from(bounds.south_west.lng_e7()));
        if width_e7 > WIDTH_E7_MAX {
            return Err(BuildError::TooWide);
        }
        edges.sort_by_key(|edge| (edge.from, edge.to));
        let first_edge = first_edges(nodes.len(), &edges);
        let speed_kmh_max = edges.iter().map(|edge| edge.speed_kmh).max().unwrap_or(1);
        let in_space: Vec<[f64; 3]> = nodes.iter().map(|node| in_space(*node)).collect();
        let grid = Grid::new(&nodes, bounds);
        Ok(RoadGraph {
            nodes,
            in_space,
            edges,
            first_edge,
            shapes,
            bounds,
            grid,
            speed_kmh_max,
        })
    }

    fn position(&self, node: NodeId) -> Result<LatLng, BuildError> {
        self.nodes
            .get(node.index())
            .copied()
            .ok_or(BuildError::UnknownNode(node.index()))
    }
}

/// Length of an edge, never under the straight line between its ends: the search relies on that.
fn length_mm(
    from: LatLng,
    shape: &[LatLng],
    to: LatLng,
    given_mm: Option<u64>,
) -> Result<u32, BuildError> {
    // The half millimetre that rounding may take away is put back on.
    let straight_mm = from.distance_mm(to).saturating_add(1);
    let length_mm = match given_mm {
        Some(given_mm) if given_mm.saturating_add(SHORT_BY_MM) < straight_mm => {
            return Err(BuildError::TooShort {
                given_mm,
                straight_mm,
            });
        }
        Some(given_mm) => given_mm,
        None => along_mm(from, shape, to),
    };
    let length_mm = length_mm.max(straight_mm);
    u32::try_from(length_mm).map_err(|_| BuildError::TooLong(length_mm.div_euclid(1000)))
}

fn along_mm(from: LatLng, shape: &[LatLng], to: LatLng) -> u64 {
    let (sum_mm, last) = shape.iter().fold((0_u64, from), |(sum_mm, last), bend| {
        (sum_mm.saturating_add(last.distance_mm(*bend)), *bend)
    });
    sum_mm.saturating_add(last.distance_mm(to))
}

fn bounds_of(nodes: &[LatLng]) -> Option<Bounds> {
    let (south, north) = min_max(nodes.iter().map(|node| node.lat_e7()))?;
    let (west, east) = min_max(nodes.iter().map(|node| node.lng_e7()))?;
    Some(Bounds {
        south_west: LatLng::from_e7(south, west).ok()?,
        north_east: LatLng::from_e7(north, east).ok()?,
    })
}

fn min_max(values: impl Iterator<Item = i32> + Clone) -> Option<(i32, i32)> {
    Some((values.clone().min()?, values.max()?))
}

/// Where the edges of each node start in the sorted list, with the end behind the last.
fn first_edges(node_count: usize, sorted: &[Edge]) -> Vec<u32> {
    let mut first = Vec::with_capacity(node_count.saturating_add(1));
    for (index, edge) in sorted.iter().enumerate() {
        while first.len() <= as_index(edge.from.0) {
            first.push(as_u32(index));
        }
    }
    while first.len() <= node_count {
        first.push(as_u32(sorted.len()));
    }
    first
}
