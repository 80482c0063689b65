//! The edges of the hierarchy, found again by contracting node after node.
//!
//! Contracting a node takes it out and looks at each way through it, from one of its neighbours that
//! are left to another. Where no edge leads from the one to the other, one bit says whether the
//! builder had to add it. These bits, and the order of the nodes, are all a pack keeps.

use super::super::error::RoadsError;
use super::super::network::flat::index_of;
use super::super::pack::coder::{Coder, Odds};

/// Networks whose hierarchy has more edges than this for each node are refused.
const EDGES_PER_NODE_MAX: usize = 64;
/// Networks that have more ways through nodes than this for each node are refused.
const TRIANGLES_PER_NODE_MAX: usize = 4_096;
/// Numbers of neighbours that have odds of their own.
const DEGREES: usize = 12;

/// The neighbours of each node that are more important than it, sorted. Nodes are numbered by rank.
#[derive(Debug, Default, Clone)]
pub(super) struct Upward {
    /// Where the neighbours of each node start; one more at the end.
    pub(super) first: Vec<u32>,
    pub(super) neighbours: Vec<u32>,
}

/// The edges of a hierarchy.
#[derive(Debug, Default, Clone)]
pub(super) struct Topology {
    /// Edges from each node up.
    pub(super) out: Upward,
    /// Edges into each node from above.
    pub(super) into: Upward,
}

/// Contracts all nodes. `edges` are the turns by rank, none twice, none from a node to itself;
/// `wanted` tells a writer which edges to add.
pub(super) fn grow<C: Coder>(
    coder: &mut C,
    node_count: u32,
    edges: &[(u32, u32)],
    wanted: impl Fn(u32, u32) -> bool,
) -> Result<Topology, RoadsError> {
    const TOO_DENSE: RoadsError = RoadsError::Unfit("the roads are too dense for a hierarchy");
    let nodes = index_of(node_count);
    let edges_max = nodes.saturating_mul(EDGES_PER_NODE_MAX);
    let mut triangles_left = nodes.saturating_mul(TRIANGLES_PER_NODE_MAX);
    let mut out = Lists::with_room(
        node_count,
        edges.iter().filter(|(x, y)| x < y).map(|(x, _)| *x),
    );
    let mut into = Lists::with_room(
        node_count,
        edges.iter().filter(|(x, y)| x > y).map(|(_, y)| *y),
    );
    for (from, to) in edges {
        if from < to {
            out.push(*from, *to);
        } else {
            into.push(*to, *from);
        }
    }
    let mut topology = Topology::default();
    let mut odds = BitOdds::new();
    let (mut sources, mut targets) = (Vec::new(), Vec::new());
    for node in 0..node_count {
        into.take(node, &mut sources);
        out.take(node, &mut targets);
        topology.into.add(&sources)?;
        topology.out.add(&targets)?;
        let ways = sources.len().saturating_mul(targets.len());
        triangles_left = triangles_left.checked_sub(ways).ok_or(TOO_DENSE)?;
        let odds = odds.of(sources.len(), targets.len());
        for from in &sources {
            for to in &targets {
                let (list, low, high) = match from.cmp(to) {
                    std::cmp::Ordering::Less => (&mut out, *from, *to),
                    std::cmp::Ordering::Greater => (&mut into, *to, *from),
                    std::cmp::Ordering::Equal => continue,
                };
                if !list.has(low, high) && coder.bit(odds, wanted(*from, *to)) {
                    list.push(low, high);
                }
            }
        }
        if out.count.saturating_add(into.count) > edges_max {
            return Err(TOO_DENSE);
        }
    }
    topology.into.add(&[])?;
    topology.out.add(&[])?;
    topology.into.first.truncate(nodes.saturating_add(1));
    topology.out.first.truncate(nodes.saturating_add(1));
    Ok(topology)
}

/// Odds by how many ways lead through a node.
struct BitOdds(Vec<Odds>);

impl BitOdds {
    fn new() -> Self {
        Self(vec![Odds::EVEN; DEGREES.saturating_mul(DEGREES)])
    }

    fn of(&mut self, sources: usize, targets: usize) -> &mut Odds {
        let most = DEGREES.saturating_sub(1);
        let row = sources.min(most).saturating_mul(DEGREES);
        let index = row.saturating_add(targets.min(most));
        debug_assert!(index < self.0.len());
        static_odds(&mut self.0, index)
    }
}

#[expect(clippy::indexing_slicing, reason = "both degrees are below DEGREES")]
fn static_odds(odds: &mut [Odds], index: usize) -> &mut Odds {
    &mut odds[index]
}

impl Upward {
    /// Adds the neighbours of the next node.
    fn add(&mut self, neighbours: &[u32]) -> Result<(), RoadsError> {
        self.first.push(super::super::network::flat::count_u32(
            self.neighbours.len(),
        )?);
        self.neighbours.extend_from_slice(neighbours);
        Ok(())
    }
}

/// Lists that grow, in one vector: a list without room moves to the end.
struct Lists {
    rows: Vec<List>,
    items: Vec<u32>,
    count: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct List {
    start: u32,
    length: u32,
    room: u32,
}

#[expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    reason = "rows are nodes, lists lie within the items, and both counts are limited to 2^30"
)]
impl Lists {
    /// Empty lists with room for what is known to come, and a bit more.
    fn with_room(node_count: u32, known: impl Iterator<Item = u32>) -> Self {
        let mut rows = vec![List::default(); index_of(node_count)];
        for node in known {
            rows[index_of(node)].room += 1;
        }
        let mut end = 0;
        for row in &mut rows {
            row.room += 2;
            row.start = end;
            end += row.room;
        }
        Self {
            rows,
            items: vec![0; index_of(end)],
            count: 0,
        }
    }

    fn push(&mut self, node: u32, item: u32) {
        let row = &mut self.rows[index_of(node)];
        if row.length == row.room {
            let old = index_of(row.start)..index_of(row.start + row.length);
            row.start = self.items.len() as u32;
            row.room = row.length * 2 + 2;
            self.items.extend_from_within(old);
            self.items.resize(index_of(row.start + row.room), 0);
        }
        self.items[index_of(row.start + row.length)] = item;
        row.length += 1;
        self.count += 1;
    }

    #[inline]
    fn list(&self, node: u32) -> &[u32] {
        let row = self.rows[index_of(node)];
        &self.items[index_of(row.start)..index_of(row.start + row.length)]
    }

    #[inline]
    fn has(&self, node: u32, item: u32) -> bool {
        self.list(node).contains(&item)
    }

    /// A list, sorted.
    fn take(&self, node: u32, into: &mut Vec<u32>) {
        into.clear();
        into.extend_from_slice(self.list(node));
        into.sort_unstable();
    }
}
