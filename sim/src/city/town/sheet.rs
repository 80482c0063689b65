//! The sheet that the town is drawn on: nodes, ways and relations with tags, as OpenStreetMap has
//! them.

use super::ground::Spot;

/// Number of a node, counted from 1.
pub type NodeId = i64;
/// Number of a way, counted from 1.
pub type WayId = i64;

/// Keys and values.
pub type Tags = Vec<(String, String)>;

/// A point.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where.
    pub at: Spot,
    /// What; empty for a bend.
    pub tags: Tags,
}

/// A line or an area.
#[derive(Debug, Clone, PartialEq)]
pub struct Way {
    /// Its nodes in order; an area ends where it starts.
    pub nodes: Vec<NodeId>,
    /// What it is.
    pub tags: Tags,
}

/// A part of a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A node.
    Node(NodeId),
    /// A way.
    Way(WayId),
}

/// Things that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Relation {
    /// Each with its role.
    pub members: Vec<(Part, &'static str)>,
    /// What it is.
    pub tags: Tags,
}

/// Everything that is drawn. Ids are positions in the lists, counted from 1.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sheet {
    /// Points.
    pub nodes: Vec<Node>,
    /// Lines and areas.
    pub ways: Vec<Way>,
    /// Things that belong together.
    pub relations: Vec<Relation>,
}

/// Tags that own their text.
pub(super) fn tags(pairs: &[(&str, &str)]) -> Tags {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

impl Sheet {
    /// A new point without tags.
    pub fn bend(&mut self, at: Spot) -> NodeId {
        self.point(at, Tags::new())
    }

    /// A new point.
    pub fn point(&mut self, at: Spot, tags: Tags) -> NodeId {
        self.nodes.push(Node { at, tags });
        id(self.nodes.len())
    }

    /// Adds to what a point is.
    pub fn tag(&mut self, node: NodeId, pairs: &[(&str, &str)]) {
        if let Some(node) = index(node).and_then(|index| self.nodes.get_mut(index)) {
            node.tags.extend(tags(pairs));
        }
    }

    /// Where a point is. The middle of the town for a point of another sheet.
    pub fn at(&self, node: NodeId) -> Spot {
        index(node)
            .and_then(|index| self.nodes.get(index))
            .map_or(Spot::MIDDLE, |node| node.at)
    }

    /// A new line through points that exist.
    pub fn way(&mut self, nodes: Vec<NodeId>, tags: Tags) -> WayId {
        self.ways.push(Way { nodes, tags });
        id(self.ways.len())
    }

    /// A new line through new points.
    pub fn line(&mut self, spots: &[Spot], tags: Tags) -> WayId {
        let nodes = spots.iter().map(|spot| self.bend(*spot)).collect();
        self.way(nodes, tags)
    }

    /// A new area with corners of its own.
    pub fn area(&mut self, corners: &[Spot], tags: Tags) -> WayId {
        let mut nodes: Vec<NodeId> = corners.iter().map(|spot| self.bend(*spot)).collect();
        nodes.extend(nodes.first().copied());
        self.way(nodes, tags)
    }

    /// A new relation.
    pub fn relation(&mut self, members: Vec<(Part, &'static str)>, tags: Tags) {
        self.relations.push(Relation { members, tags });
    }
}

fn id(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn index(id: i64) -> Option<usize> {
    usize::try_from(id.checked_sub(1)?).ok()
}
