//! Puts an extract together: nodes, ways and relations by their OpenStreetMap ids, in any order.
//!
//! What nothing needs is dropped: nodes without tags that no way runs through, ways without tags
//! that no relation names, relations of other types. What refers to something that was not added
//! is marked as cut.

use std::collections::HashMap;

use wayfare_core::geo::LatLng;

use super::extract::{
    Extract, MemberKind, NodeIndex, Range, StoredNode, StoredRelation, StoredWay,
};

/// Keys that say nothing about the city.
const DROPPED_KEYS: [&str; 6] = [
    "created_by",
    "source",
    "note",
    "fixme",
    "FIXME",
    "attribution",
];
const DROPPED_PREFIXES: [&str; 3] = ["source:", "tiger:", "note:"];
/// A key that looks dropped but tells which speed limit holds.
const KEPT_KEY: &str = "source:maxspeed";

/// Types of relations that are kept.
const RELATION_TYPES: [&str; 4] = [
    "multipolygon",
    "boundary",
    "restriction",
    "associatedStreet",
];

/// A member of a relation, by its OpenStreetMap id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewMember<'a> {
    /// A node and its role.
    Node(i64, &'a str),
    /// A way and its role.
    Way(i64, &'a str),
    /// Another relation; never kept.
    Relation(i64, &'a str),
}

/// Collects the things of an extract.
#[derive(Debug, Default)]
pub struct ExtractBuilder {
    texts: Texts,
    nodes: Vec<(i64, LatLng)>,
    tagged: Vec<(i64, Range)>,
    pairs: Vec<(u32, u32)>,
    ways: Vec<(i64, Range, Range)>,
    way_refs: Vec<i64>,
    relations: Vec<NewRelation>,
}

#[derive(Debug)]
struct NewRelation {
    id: i64,
    members: Vec<(bool, i64, u32)>,
    /// Other relations among the members: never kept.
    is_cut: bool,
    tags: Range,
}

/// Each text once.
#[derive(Debug, Default)]
struct Texts {
    list: Vec<String>,
    index: HashMap<String, u32>,
}

impl Texts {
    fn index_of(&mut self, text: &str) -> u32 {
        if let Some(index) = self.index.get(text) {
            return *index;
        }
        let index = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.list.push(text.to_owned());
        self.index.insert(text.to_owned(), index);
        index
    }
}

impl ExtractBuilder {
    /// A builder with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a node. The last of several with one id counts.
    pub fn node<'a>(
        &mut self,
        id: i64,
        at: LatLng,
        tags: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) {
        self.nodes.push((id, at));
        let tags = self.store_tags(tags);
        if tags.start < tags.end {
            self.tagged.push((id, tags));
        }
    }

    /// Adds a way through nodes.
    pub fn way<'a>(
        &mut self,
        id: i64,
        refs: impl IntoIterator<Item = i64>,
        tags: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) {
        let start = self.way_refs.len();
        self.way_refs.extend(refs);
        let refs = Range {
            start,
            end: self.way_refs.len(),
        };
        let tags = self.store_tags(tags);
        self.ways.push((id, refs, tags));
    }

    /// Adds a relation, if its type matters.
    pub fn relation<'a>(
        &mut self,
        id: i64,
        members: impl IntoIterator<Item = NewMember<'a>>,
        tags: impl IntoIterator<Item = (&'a str, &'a str)> + Clone,
    ) {
        let matters = tags.clone().into_iter().any(|(key, value)| {
            key == "type" && (RELATION_TYPES.contains(&value) || value.starts_with("restriction:"))
        });
        if !matters {
            return;
        }
        let mut kept = Vec::new();
        let mut is_cut = false;
        for member in members {
            match member {
                NewMember::Node(id, role) => kept.push((true, id, self.texts.index_of(role))),
                NewMember::Way(id, role) => kept.push((false, id, self.texts.index_of(role))),
                NewMember::Relation(..) => is_cut = true,
            }
        }
        let tags = self.store_tags(tags);
        self.relations.push(NewRelation {
            id,
            members: kept,
            is_cut,
            tags,
        });
    }

    /// How many nodes and ways were added.
    pub fn counts(&self) -> (usize, usize) {
        (self.nodes.len(), self.ways.len())
    }

    /// The extract of everything that was added and is needed.
    pub fn build(mut self) -> Extract {
        self.drop_loose_ways();
        let needed = self.needed_nodes();
        let nodes = known_nodes(self.nodes, &needed);
        let index_of = |id: i64| -> Option<NodeIndex> {
            let index = nodes.binary_search_by_key(&id, |node| node.0).ok()?;
            NodeIndex::try_from(index).ok()
        };

        let mut way_nodes = Vec::with_capacity(self.way_refs.len());
        let ways: Vec<StoredWay> = (self.ways.iter())
            .map(|(id, refs, tags)| {
                let start = way_nodes.len();
                let refs = refs.of(&self.way_refs);
                way_nodes.extend(refs.iter().filter_map(|id| index_of(*id)));
                let nodes = Range {
                    start,
                    end: way_nodes.len(),
                };
                StoredWay {
                    id: *id,
                    nodes,
                    is_cut: nodes.end - nodes.start < refs.len(),
                    tags: *tags,
                }
            })
            .collect();
        let way_index: HashMap<i64, u32> =
            (0_u32..).zip(&ways).map(|(i, way)| (way.id, i)).collect();

        let relations = (self.relations.into_iter())
            .map(|relation| {
                let count = relation.members.len();
                let members: Vec<(MemberKind, u32)> = (relation.members.into_iter())
                    .filter_map(|(is_node, id, role)| {
                        let kind = if is_node {
                            MemberKind::Node(index_of(id)?)
                        } else {
                            MemberKind::Way(*way_index.get(&id)?)
                        };
                        Some((kind, role))
                    })
                    .collect();
                StoredRelation {
                    id: relation.id,
                    is_cut: relation.is_cut || members.len() < count,
                    members,
                    tags: relation.tags,
                }
            })
            .collect();

        let mut tagged: Vec<StoredNode> = (self.tagged.iter())
            .filter_map(|(id, tags)| {
                Some(StoredNode {
                    id: *id,
                    node: index_of(*id)?,
                    tags: *tags,
                })
            })
            .collect();
        // Stable, so that the last of one id is the last here as well.
        tagged.sort_by_key(|node| node.id);
        tagged.dedup_by(|later, kept| {
            let same = later.id == kept.id;
            if same {
                kept.tags = later.tags;
            }
            same
        });

        Extract {
            texts: self.texts.list,
            positions: nodes.into_iter().map(|(_, at)| at).collect(),
            pairs: self.pairs,
            tagged,
            ways,
            way_nodes,
            relations,
        }
    }

    fn store_tags<'a>(&mut self, tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> Range {
        let start = self.pairs.len();
        for (key, value) in tags {
            let dropped = DROPPED_KEYS.contains(&key)
                || DROPPED_PREFIXES
                    .iter()
                    .any(|prefix| key.starts_with(prefix));
            if !dropped || key == KEPT_KEY {
                let pair = (self.texts.index_of(key), self.texts.index_of(value));
                self.pairs.push(pair);
            }
        }
        Range {
            start,
            end: self.pairs.len(),
        }
    }

    /// Ways without tags matter only as parts of relations.
    fn drop_loose_ways(&mut self) {
        let mut members: Vec<i64> = (self.relations.iter())
            .flat_map(|relation| &relation.members)
            .filter(|(is_node, _, _)| !is_node)
            .map(|(_, id, _)| *id)
            .collect();
        members.sort_unstable();
        // Stable, so that the last of one id is the last here as well.
        self.ways.sort_by_key(|(id, _, _)| *id);
        self.ways.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                *kept = *later;
            }
            same
        });
        self.ways
            .retain(|(id, _, tags)| tags.start < tags.end || members.binary_search(id).is_ok());
    }

    /// Ids of the nodes that something refers to, sorted.
    fn needed_nodes(&self) -> Vec<i64> {
        let of_ways = (self.ways.iter()).flat_map(|(_, refs, _)| refs.of(&self.way_refs).iter());
        let of_relations = (self.relations.iter())
            .flat_map(|relation| &relation.members)
            .filter(|(is_node, _, _)| *is_node)
            .map(|(_, id, _)| id);
        let tagged = self.tagged.iter().map(|(id, _)| id);
        let mut needed: Vec<i64> = of_ways.chain(of_relations).chain(tagged).copied().collect();
        needed.sort_unstable();
        needed.dedup();
        needed
    }
}

/// The nodes that are needed, sorted by id, each once.
fn known_nodes(mut nodes: Vec<(i64, LatLng)>, needed: &[i64]) -> Vec<(i64, LatLng)> {
    nodes.retain(|(id, _)| needed.binary_search(id).is_ok());
    // Stable, so that the last of one id is the last here as well.
    nodes.sort_by_key(|(id, _)| *id);
    nodes.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same {
            *kept = *later;
        }
        same
    });
    nodes
}
