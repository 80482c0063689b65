//! The edges of the hierarchy and their weights, found again by contracting node after node.
//!
//! Contracting a node takes it out and looks at each way through it, from one of its neighbours that
//! are left to another. Where an edge leads from the one to the other already, it gets the weight of
//! the way if that is less. Where none does, one bit says whether the builder had to add it. These
//! bits, and the order of the nodes, are all a pack keeps.

use super::super::error::RoadsError;
use super::super::network::flat::{count_u32, index_of};
use super::super::pack::coder::{Coder, Odds};
use super::ways::{Extent, TurnWays, Way};
use super::weights::{Half, Weighted};

/// Networks whose hierarchy has more edges than this for each node are refused.
const EDGES_PER_NODE_MAX: usize = 64;
/// Networks that have more ways through nodes than this for each node are refused.
const TRIANGLES_PER_NODE_MAX: usize = 4_096;
/// Numbers of neighbours that have odds of their own.
const DEGREES: usize = 12;
/// The lists of the neighbours of nodes are brought into the processor's cache this many nodes
/// before they are needed.
const TOUCH_AHEAD: u32 = 6;

/// The nodes at the other ends of the edges of a node, and the edges.
type Neighbours<'a> = &'a [(u32, Way)];

/// Contracts all nodes, which are numbered by rank. `wanted` tells a writer which edges to add.
pub(super) fn grow<C: Coder>(
    coder: &mut C,
    turns: &TurnWays<'_>,
    wanted: impl Fn(u32, u32) -> bool,
) -> Result<Weighted, RoadsError> {
    const TOO_DENSE: RoadsError = RoadsError::Unfit("the roads are too dense for a hierarchy");
    let nodes = index_of(turns.node_count());
    let edges_max = nodes.saturating_mul(EDGES_PER_NODE_MAX);
    let mut triangles_left = nodes.saturating_mul(TRIANGLES_PER_NODE_MAX);
    let mut growing = Growing::of(turns);
    let mut odds = BitOdds::new();
    let mut grown = Weighted::with_room(nodes);
    let (mut sources, mut targets) = (Vec::new(), Vec::new());
    for node in 0..turns.node_count() {
        growing.touch(node.saturating_add(TOUCH_AHEAD));
        growing.into.take(node, &mut sources);
        growing.out.take(node, &mut targets);
        add_node(&mut grown.into, &sources)?;
        add_node(&mut grown.out, &targets)?;
        let ways = sources.len().saturating_mul(targets.len());
        triangles_left = triangles_left.checked_sub(ways).ok_or(TOO_DENSE)?;
        let odds = odds.of(sources.len(), targets.len());
        growing.contract(node, (&sources, &targets), |from, to| {
            coder.bit(odds, wanted(from, to))
        });
        if growing.count() > edges_max {
            return Err(TOO_DENSE);
        }
    }
    grown.into.end();
    grown.out.end();
    Ok(grown)
}

fn add_node(half: &mut Half, neighbours: Neighbours<'_>) -> Result<(), RoadsError> {
    count_u32(half.len().saturating_add(neighbours.len()))?;
    half.add_node(neighbours);
    Ok(())
}

/// Odds by how many ways lead through a node.
struct BitOdds([[Odds; DEGREES]; DEGREES]);

impl BitOdds {
    fn new() -> Self {
        Self([[Odds::EVEN; DEGREES]; DEGREES])
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "both are cut to the size of the array"
    )]
    fn of(&mut self, sources: usize, targets: usize) -> &mut Odds {
        let cut = |degree: usize| degree.min(DEGREES.saturating_sub(1));
        &mut self.0[cut(sources)][cut(targets)]
    }
}

/// The edges between nodes that are left, each at its less important node.
struct Growing {
    /// Edges from each node up.
    out: Lists,
    /// Edges into each node from above.
    into: Lists,
}

impl Growing {
    fn of(turns: &TurnWays<'_>) -> Self {
        let mut growing = Self {
            out: Lists::new(turns.node_count()),
            into: Lists::new(turns.node_count()),
        };
        turns.for_each(|from, to, way| {
            if from < to {
                growing.out.push(from, to, way);
            } else {
                growing.into.push(to, from, way);
            }
        });
        growing
    }

    fn count(&self) -> usize {
        self.out.rests.len().saturating_add(self.into.rests.len())
    }

    /// Offers the ways through a node to the edges from their starts to their ends, and adds the
    /// edges that are missing if `is_wanted` says so.
    fn contract(
        &mut self,
        node: u32,
        (sources, targets): (Neighbours<'_>, Neighbours<'_>),
        mut is_wanted: impl FnMut(u32, u32) -> bool,
    ) {
        for (from, before) in sources {
            for (to, after) in targets {
                let (list, low, high) = match from.cmp(to) {
                    std::cmp::Ordering::Less => (&mut self.out, *from, *to),
                    std::cmp::Ordering::Greater => (&mut self.into, *to, *from),
                    std::cmp::Ordering::Equal => continue,
                };
                match list.find(low, high) {
                    Some(place) => list.offer((low, place), (before, after), node),
                    None if is_wanted(*from, *to) => {
                        list.push(low, high, before.then(*after, node))
                    }
                    None => {}
                }
            }
        }
    }

    /// Looks at the lists that contracting a node will look at. These loads do not wait for each
    /// other as those of the contraction do.
    fn touch(&self, node: u32) {
        let sources = self.into.touch(node, &self.out);
        let targets = self.out.touch(node, &self.into);
        std::hint::black_box(sources ^ targets);
    }
}

/// Neighbours that a row has room for.
const FEW: usize = 4;

/// Lists of edges that grow. A processor waits far longer for a line of memory than it takes to look
/// at it, so a short list, as most are, is one line.
struct Lists {
    rows: Vec<Row>,
    /// The lists that are too long for their rows.
    many: Vec<ListedEdge>,
    /// What is seldom looked at, in the order in which edges came.
    rests: Vec<Rest>,
}

/// The edges of a node.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(64))]
struct Row {
    length: u32,
    /// Where a long list is, and how long it may become there; 0 for a short one.
    start: u32,
    room: u32,
    few: [ListedEdge; FEW],
}

#[derive(Debug, Clone, Copy, Default)]
struct ListedEdge {
    to: u32,
    weight: u32,
    rest: u32,
}

/// What an edge costs and means besides its weight.
#[derive(Debug, Clone, Copy)]
struct Rest {
    extent: Extent,
    middle: u32,
}

#[expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    reason = "rows are nodes, short lists have at most FEW edges, long ones lie within their vector, \
              and edges are limited to 2^30"
)]
impl Lists {
    fn new(node_count: u32) -> Self {
        let nodes = index_of(node_count);
        Self {
            rows: vec![Row::default(); nodes],
            many: Vec::new(),
            rests: Vec::with_capacity(nodes.saturating_mul(3)),
        }
    }

    fn push(&mut self, node: u32, to: u32, way: Way) {
        let edge = ListedEdge {
            to,
            weight: way.weight,
            rest: self.rests.len() as u32,
        };
        self.rests.push(Rest {
            extent: way.extent,
            middle: way.middle,
        });
        let row = &mut self.rows[index_of(node)];
        let length = index_of(row.length);
        row.length += 1;
        if row.room == 0 && length < FEW {
            row.few[length] = edge;
            return;
        }
        if length >= index_of(row.room) {
            let old = index_of(row.start)..index_of(row.start + row.room);
            row.start = self.many.len() as u32;
            if row.room == 0 {
                self.many.extend_from_slice(&row.few);
            } else {
                self.many.extend_from_within(old);
            }
            row.room = length as u32 * 2;
            let end = index_of(row.start + row.room);
            self.many.resize(end, ListedEdge::default());
        }
        self.many[index_of(row.start) + length] = edge;
    }

    #[inline]
    fn list(&self, node: u32) -> &[ListedEdge] {
        let row = &self.rows[index_of(node)];
        if row.room == 0 {
            &row.few[..index_of(row.length)]
        } else {
            &self.many[index_of(row.start)..index_of(row.start + row.length)]
        }
    }

    /// Where in its list the edge to a neighbour is.
    #[inline]
    fn find(&self, node: u32, to: u32) -> Option<usize> {
        self.list(node).iter().position(|edge| edge.to == to)
    }

    /// A list, sorted.
    fn take(&self, node: u32, into: &mut Vec<(u32, Way)>) {
        into.clear();
        into.extend(self.list(node).iter().map(|edge| {
            let rest = self.rests[index_of(edge.rest)];
            let way = Way {
                weight: edge.weight,
                extent: rest.extent,
                middle: rest.middle,
            };
            (edge.to, way)
        }));
        into.sort_unstable_by_key(|(neighbour, _)| *neighbour);
    }

    /// Offers a way to an edge.
    #[inline]
    fn offer(&mut self, (node, place): (u32, usize), ways: (&Way, &Way), middle: u32) {
        let (before, after) = ways;
        let row = &mut self.rows[index_of(node)];
        let edge = if row.room == 0 {
            &mut row.few[place]
        } else {
            &mut self.many[index_of(row.start) + place]
        };
        if before.weight.saturating_add(after.weight) < edge.weight {
            let way = before.then(*after, middle);
            edge.weight = way.weight;
            self.rests[index_of(edge.rest)] = Rest {
                extent: way.extent,
                middle,
            };
        }
    }

    /// Looks at the lists that the neighbours of a node have among others.
    fn touch(&self, node: u32, others: &Self) -> u32 {
        if index_of(node) >= self.rows.len() {
            return 0;
        }
        let neighbours = self.list(node).iter();
        neighbours.fold(0, |seen, edge| seen ^ others.rows[index_of(edge.to)].length)
    }
}
