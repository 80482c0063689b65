//! What a road graph holds: nodes, directed edges, and the indexes that make both quick to find.

use super::grid::Grid;
use crate::geo::LatLng;

/// A node of one graph: a crossing, or a place where a road bends or changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(super) u32);

impl NodeId {
    /// Position of the node in [`RoadGraph::nodes`].
    pub fn index(self) -> usize {
        as_index(self.0)
    }
}

/// An edge of one graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EdgeId(pub(super) u32);

impl EdgeId {
    /// Position of the edge in [`RoadGraph::edges`].
    pub fn index(self) -> usize {
        as_index(self.0)
    }
}

/// What kind of road an edge is, from the largest to the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RoadClass {
    /// Limited access, separated carriageways.
    Motorway,
    /// A main road of the country.
    Trunk,
    /// A main road of the city.
    Primary,
    /// A main road of a district.
    Secondary,
    /// A through street.
    Tertiary,
    /// A street that people live in.
    Residential,
    /// An access road, an alley, a car park.
    Service,
}

/// A stretch of road in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// Where it starts.
    pub from: NodeId,
    /// Where it ends.
    pub to: NodeId,
    /// Length in millimetres.
    pub length_mm: u32,
    /// Speed that cars drive on it.
    pub speed_kmh: u16,
    /// Kind of road.
    pub class: RoadClass,
    pub(super) shape_start: u32,
    pub(super) shape_len: u32,
}

impl Edge {
    /// Length in metres.
    pub fn length_m(&self) -> f64 {
        f64::from(self.length_mm) / 1000.0
    }

    /// Time that a car needs for it in milliseconds, rounded up: never zero.
    pub fn duration_ms(&self) -> u64 {
        duration_ms(u64::from(self.length_mm), self.speed_kmh).max(1)
    }
}

/// The smallest rectangle that holds every node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// South-west corner.
    pub south_west: LatLng,
    /// North-east corner.
    pub north_east: LatLng,
}

impl Bounds {
    /// Whether the position lies inside or on the border.
    pub fn contains(&self, at: LatLng) -> bool {
        (self.south_west.lat_e7()..=self.north_east.lat_e7()).contains(&at.lat_e7())
            && (self.south_west.lng_e7()..=self.north_east.lng_e7()).contains(&at.lng_e7())
    }
}

/// Roads as directed edges between nodes. Never empty.
#[derive(Debug, Clone)]
pub struct RoadGraph {
    pub(super) nodes: Vec<LatLng>,
    /// The nodes as points in space, in metres from the centre of the earth.
    pub(super) in_space: Vec<[f64; 3]>,
    /// Sorted by the node they start at.
    pub(super) edges: Vec<Edge>,
    /// First edge of each node in `edges`, with one entry more at the end.
    pub(super) first_edge: Vec<u32>,
    /// Bends of all edges; each edge knows its slice.
    pub(super) shapes: Vec<LatLng>,
    pub(super) bounds: Bounds,
    pub(super) grid: Grid,
    pub(super) speed_kmh_max: u16,
}

impl RoadGraph {
    /// Positions of all nodes; [`NodeId::index`] points into them.
    pub fn nodes(&self) -> &[LatLng] {
        &self.nodes
    }

    /// All edges; [`EdgeId::index`] points into them.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// Ids of all nodes, in order.
    pub fn node_ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..as_u32(self.nodes.len())).map(NodeId)
    }

    /// The node at a position of [`RoadGraph::nodes`].
    pub fn find_node(&self, index: usize) -> Option<NodeId> {
        (index < self.nodes.len()).then(|| NodeId(as_u32(index)))
    }

    /// Where a node is. `None` when the id belongs to another, larger graph.
    pub fn position(&self, node: NodeId) -> Option<LatLng> {
        self.nodes.get(node.index()).copied()
    }

    /// An edge. `None` when the id belongs to another, larger graph.
    pub fn edge(&self, edge: EdgeId) -> Option<&Edge> {
        self.edges.get(edge.index())
    }

    /// The edges that leave a node. Empty when the id belongs to another, larger graph.
    pub fn edges_from(&self, node: NodeId) -> impl Iterator<Item = (EdgeId, &Edge)> {
        let start = self.first_edge.get(node.index()).copied().unwrap_or(0);
        let end = self
            .first_edge
            .get(node.index().saturating_add(1))
            .copied()
            .unwrap_or(start);
        (start..end).filter_map(|id| Some((EdgeId(id), self.edges.get(as_index(id))?)))
    }

    /// The bends between the ends of an edge; empty when it is straight.
    pub fn shape(&self, edge: &Edge) -> &[LatLng] {
        let start = as_index(edge.shape_start);
        let end = start.saturating_add(as_index(edge.shape_len));
        self.shapes.get(start..end).unwrap_or_default()
    }

    /// The rectangle that holds every node.
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }
}

/// Milliseconds for a length at a speed, rounded up. 1 km/h is 5/18 mm per millisecond.
pub(super) fn duration_ms(length_mm: u64, speed_kmh: u16) -> u64 {
    let per_5 = u64::from(speed_kmh).max(1).saturating_mul(5);
    length_mm.saturating_mul(18).div_ceil(per_5)
}

/// A position on the sphere as a point in space. The straight line between two such points is never
/// longer than the way over the surface, and needs no trigonometry to compare.
pub(super) fn in_space(at: LatLng) -> [f64; 3] {
    let (lat, lng) = (at.lat().to_radians(), at.lng().to_radians());
    let across = crate::geo::EARTH_RADIUS_M * libm::cos(lat);
    [
        across * libm::cos(lng),
        across * libm::sin(lng),
        crate::geo::EARTH_RADIUS_M * libm::sin(lat),
    ]
}

/// Square of the straight distance between two points in space, in square metres.
pub(super) fn squared_m(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    let [ax, ay, az] = a;
    let [bx, by, bz] = b;
    (ax - bx) * (ax - bx) + (ay - by) * (ay - by) + (az - bz) * (az - bz)
}

/// Ids are made by the builder, which keeps them in 32 bits.
pub(super) fn as_index(id: u32) -> usize {
    usize::try_from(id).unwrap_or(usize::MAX)
}

pub(super) fn as_u32(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
