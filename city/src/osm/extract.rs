//! What is kept of an extract: every node that something needs, every way, and the relations that
//! matter for roads, areas and boundaries.

use wayfare_core::geo::LatLng;

/// Position of a node among the nodes of an extract.
pub type NodeIndex = u32;

/// Keys and values of one thing. The texts live in the extract.
#[derive(Debug, Clone, Copy)]
pub struct Tags<'a> {
    pub(super) pairs: &'a [(u32, u32)],
    pub(super) texts: &'a [String],
}

impl<'a> Tags<'a> {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&'a str> {
        self.iter().find(|(k, _)| *k == key).map(|(_, v)| v)
    }

    /// Whether a key has this value.
    pub fn is(&self, key: &str, value: &str) -> bool {
        self.get(key) == Some(value)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let texts = self.texts;
        let text = move |index: u32| {
            let index = usize::try_from(index).unwrap_or(usize::MAX);
            texts.get(index).map_or("", String::as_str)
        };
        self.pairs.iter().map(move |(k, v)| (text(*k), text(*v)))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }
}

/// A node that says something by itself: a shop, a traffic light, a house number.
#[derive(Debug, Clone, Copy)]
pub struct TaggedNode<'a> {
    /// OpenStreetMap's id.
    pub id: i64,
    /// Among the nodes of the extract.
    pub node: NodeIndex,
    /// Where.
    pub at: LatLng,
    /// What.
    pub tags: Tags<'a>,
}

/// A line or an area.
#[derive(Debug, Clone, Copy)]
pub struct Way<'a> {
    /// OpenStreetMap's id.
    pub id: i64,
    /// Its nodes in order; those that the extract does not hold are left out, so a way may have
    /// fewer than two. [`Way::is_cut`] tells.
    pub nodes: &'a [NodeIndex],
    /// Whether nodes are missing.
    pub is_cut: bool,
    /// What it is.
    pub tags: Tags<'a>,
}

impl Way<'_> {
    /// Whether it ends where it starts and has at least three corners.
    pub fn is_closed(&self) -> bool {
        self.nodes.len() >= 4 && self.nodes.first() == self.nodes.last()
    }
}

/// What a member of a relation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberKind {
    /// A node; the index is its [`NodeIndex`].
    Node(NodeIndex),
    /// A way; the index is its position in [`Extract::ways`].
    Way(u32),
}

/// A member of a relation that the extract holds.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// What.
    pub kind: MemberKind,
    /// `outer`, `inner`, `from`, `via`, `to`, `admin_centre` …
    pub role: &'a str,
}

/// Several things that belong together. Kept are the types multipolygon, boundary, restriction
/// (also `restriction:…`) and associatedStreet.
#[derive(Debug, Clone)]
pub struct Relation<'a> {
    /// OpenStreetMap's id.
    pub id: i64,
    /// The members that the extract holds.
    pub members: Vec<Member<'a>>,
    /// Whether members are missing.
    pub is_cut: bool,
    /// What it is.
    pub tags: Tags<'a>,
}

/// An extract. Nothing in it refers to something that is not in it.
#[derive(Debug, Default)]
pub struct Extract {
    pub(super) texts: Vec<String>,
    pub(super) positions: Vec<LatLng>,
    pub(super) pairs: Vec<(u32, u32)>,
    pub(super) tagged: Vec<StoredNode>,
    pub(super) ways: Vec<StoredWay>,
    pub(super) way_nodes: Vec<NodeIndex>,
    pub(super) relations: Vec<StoredRelation>,
}

/// A range of a shared list.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Range {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Range {
    pub(super) fn of<'a, T>(&self, list: &'a [T]) -> &'a [T] {
        list.get(self.start..self.end).unwrap_or_default()
    }
}

#[derive(Debug)]
pub(super) struct StoredNode {
    pub(super) id: i64,
    pub(super) node: NodeIndex,
    pub(super) tags: Range,
}

#[derive(Debug)]
pub(super) struct StoredWay {
    pub(super) id: i64,
    pub(super) nodes: Range,
    pub(super) is_cut: bool,
    pub(super) tags: Range,
}

#[derive(Debug)]
pub(super) struct StoredRelation {
    pub(super) id: i64,
    pub(super) members: Vec<(MemberKind, u32)>,
    pub(super) is_cut: bool,
    pub(super) tags: Range,
}

impl Extract {
    /// Positions of all nodes; a [`NodeIndex`] points into them.
    pub fn positions(&self) -> &[LatLng] {
        &self.positions
    }

    /// Where a node is.
    pub fn position(&self, node: NodeIndex) -> Option<LatLng> {
        self.positions.get(usize::try_from(node).ok()?).copied()
    }

    /// The nodes that have tags, by id.
    pub fn tagged_nodes(&self) -> impl Iterator<Item = TaggedNode<'_>> {
        self.tagged.iter().filter_map(|stored| {
            Some(TaggedNode {
                id: stored.id,
                node: stored.node,
                at: self.position(stored.node)?,
                tags: self.tags(stored.tags),
            })
        })
    }

    /// Number of ways.
    pub fn way_count(&self) -> usize {
        self.ways.len()
    }

    /// A way by its position.
    pub fn way(&self, index: usize) -> Option<Way<'_>> {
        let stored = self.ways.get(index)?;
        Some(Way {
            id: stored.id,
            nodes: stored.nodes.of(&self.way_nodes),
            is_cut: stored.is_cut,
            tags: self.tags(stored.tags),
        })
    }

    /// All ways, in the order of the file.
    pub fn ways(&self) -> impl Iterator<Item = Way<'_>> {
        (0..self.ways.len()).filter_map(|index| self.way(index))
    }

    /// The relations that are kept.
    pub fn relations(&self) -> impl Iterator<Item = Relation<'_>> {
        self.relations.iter().map(|stored| Relation {
            id: stored.id,
            members: stored
                .members
                .iter()
                .map(|(kind, role)| Member {
                    kind: *kind,
                    role: self.text(*role),
                })
                .collect(),
            is_cut: stored.is_cut,
            tags: self.tags(stored.tags),
        })
    }

    fn tags(&self, range: Range) -> Tags<'_> {
        Tags {
            pairs: range.of(&self.pairs),
            texts: &self.texts,
        }
    }

    fn text(&self, index: u32) -> &str {
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        self.texts.get(index).map_or("", String::as_str)
    }
}
