//! Costs between many places at once.
//!
//! A search from each end upwards leaves its costs at every node it settles, in *buckets*; then a
//! search from each start looks into the buckets of the nodes it settles. Durations and lengths are
//! carried along with the weights that are minimised, but only looked up for nodes that are settled.

use super::super::network::RoadNetwork;
use super::super::network::flat::index_of;
use super::search::{Search, Side};
use super::shortest::{Offset, Start, is_behind, starts};
use super::ways::Extent;
use super::weights::Half;
use super::{Cost, NO_NODE, Seed, UNREACHABLE};

/// What an end left at a node: the cost from there to the end.
#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    column: u32,
    weight: u32,
    extent: Extent,
}

/// What all ends left, by node.
#[derive(Debug, Default)]
pub(super) struct Buckets {
    /// In the order in which they were left, with their nodes.
    left: Vec<(u32, Entry)>,
    /// Sorted by node.
    entries: Vec<Entry>,
    /// Where the entries of each node are. Only rows of this round are valid.
    rows: Vec<Row>,
    /// Nodes with entries.
    touched: Vec<u32>,
    round: u32,
    /// Duration and length to each node that the current search settled.
    extents: Vec<Extent>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Row {
    round: u32,
    start: u32,
    end: u32,
}

/// The least cost to each end that was found so far.
#[derive(Debug, Clone, Copy)]
struct Best {
    weight: u32,
    extent: Extent,
}

impl Best {
    const NONE: Self = Self {
        weight: UNREACHABLE,
        extent: Extent {
            duration_ms: 0,
            length_mm: 0,
        },
    };
}

impl RoadNetwork {
    /// The least cost from each of the starts to each of the ends (each a list of seeds of one
    /// place), row by row; `None` where there is no way.
    pub fn costs(
        &self,
        search: &mut Search,
        from: &[Vec<Seed>],
        to: &[Vec<Seed>],
    ) -> Vec<Option<Cost>> {
        let ends: Vec<Vec<Start>> = to.iter().map(|seeds| starts(self, seeds)).collect();
        self.fill_buckets(search, &ends);
        let ends_by_arc = EndsByArc::of(&ends);
        let mut row = vec![Best::NONE; to.len()];
        let mut costs = Vec::with_capacity(from.len().saturating_mul(to.len()));
        for seeds in from {
            row.fill(Best::NONE);
            let starts = starts(self, seeds);
            let lift = starts.iter().map(|start| start.offset);
            let lift = lift.fold(Offset::default(), Offset::or_more);
            self.search_row(search, &starts, lift, &ends_by_arc, &mut row);
            costs.extend(row.iter().map(|best| best.cost(lift)));
        }
        costs
    }

    /// Searches from every end.
    fn fill_buckets(&self, search: &mut Search, ends: &[Vec<Start>]) {
        let nodes = index_of(self.node_turns().node_count());
        let Search {
            backward, buckets, ..
        } = search;
        buckets.begin(nodes);
        for (column, seeds) in (0_u32..).zip(ends) {
            backward.begin(nodes);
            for (position, seed) in (0_u32..).zip(seeds) {
                for node in self.node_turns().nodes_of(seed.arc) {
                    if let Some(rank) = self.hierarchy().rank(node) {
                        backward.reach(rank, seed.offset.weight, NO_NODE, position);
                    }
                }
            }
            let offset = |position: u32| seeds.get(index_of(position)).map(|seed| seed.offset);
            let offset = |position| offset(position).unwrap_or_default().extent();
            let weighted = &self.hierarchy().weighted;
            buckets.leave(backward, (&weighted.into, &weighted.out), column, offset);
        }
        buckets.sort();
    }

    /// Searches from one start.
    fn search_row(
        &self,
        search: &mut Search,
        starts: &[Start],
        lift: Offset,
        ends: &EndsByArc,
        row: &mut [Best],
    ) {
        let Search {
            forward, buckets, ..
        } = search;
        forward.begin(index_of(self.node_turns().node_count()));
        let mut seeds = Vec::new();
        for start in starts {
            let mut seed = |node: u32, weight: u32, extent: Extent| {
                if let Some(rank) = self.hierarchy().rank(node) {
                    let position = u32::try_from(seeds.len()).unwrap_or(0);
                    forward.reach(rank, weight, NO_NODE, position);
                    seeds.push(extent);
                }
            };
            let left = lift.less(start.offset);
            if !ends.has_behind(start) {
                seed(start.arc, left.weight, left.extent());
                continue;
            }
            for turn in self.node_turns().from(start.arc) {
                let way = self.costs_of_arcs().way(start.arc, turn);
                let weight = left.weight.saturating_add(way.weight);
                seed(turn.node, weight, left.extent().plus(way.extent));
            }
            ends.offer_ahead(start, lift, row);
        }
        let offset = |position: u32| seeds.get(index_of(position)).copied().unwrap_or_default();
        let weighted = &self.hierarchy().weighted;
        buckets.collect(forward, (&weighted.out, &weighted.into), offset, row);
    }
}

impl Offset {
    pub(super) fn extent(self) -> Extent {
        Extent {
            duration_ms: self.duration_ms,
            length_mm: self.length_mm,
        }
    }

    fn less(self, other: Self) -> Self {
        Self {
            weight: self.weight.saturating_sub(other.weight),
            length_mm: self.length_mm.saturating_sub(other.length_mm),
            duration_ms: self.duration_ms.saturating_sub(other.duration_ms),
        }
    }
}

impl Best {
    /// The cost without the offset that lifted it.
    fn cost(&self, lift: Offset) -> Option<Cost> {
        if self.weight == UNREACHABLE {
            return None;
        }
        let less = |lifted: u32, lift: u32| i64::from(lifted.saturating_sub(lift));
        Some(Cost {
            weight: less(self.weight, lift.weight),
            duration_ms: less(self.extent.duration_ms, lift.duration_ms),
            length_mm: less(self.extent.length_mm, lift.length_mm),
        })
    }

    fn offer(&mut self, weight: u32, extent: Extent) {
        if weight < self.weight {
            *self = Self { weight, extent };
        }
    }
}

/// The ends on each arc.
struct EndsByArc(Vec<(u32, Start)>);

impl EndsByArc {
    fn of(ends: &[Vec<Start>]) -> Self {
        let columns = (0_u32..).zip(ends);
        let mut all: Vec<(u32, Start)> = columns
            .flat_map(|(column, seeds)| seeds.iter().map(move |seed| (column, *seed)))
            .collect();
        all.sort_by_key(|(column, end)| (end.arc, end.offset, *column));
        Self(all)
    }

    /// The ends on an arc, the nearest to its start first.
    fn on(&self, arc: u32) -> impl Iterator<Item = &(u32, Start)> {
        let first = self.0.partition_point(|(_, end)| end.arc < arc);
        let rest = self.0.get(first..).unwrap_or(&[]);
        rest.iter().take_while(move |(_, end)| end.arc == arc)
    }

    fn has_behind(&self, start: &Start) -> bool {
        let mut ends = self.on(start.arc);
        ends.next().is_some_and(|(_, end)| is_behind(start, end))
    }

    /// Offers the ends ahead on the arc itself.
    fn offer_ahead(&self, start: &Start, lift: Offset, row: &mut [Best]) {
        let left = lift.less(start.offset);
        for (column, end) in self.on(start.arc) {
            if is_behind(start, end) {
                continue;
            }
            if let Some(best) = row.get_mut(index_of(*column)) {
                let weight = left.weight.saturating_add(end.offset.weight);
                best.offer(weight, left.extent().plus(end.offset.extent()));
            }
        }
    }
}

#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "the innermost loops of tables: ranks come from the hierarchy and columns from the ends, \
              and there is a row for each; weights are added saturating"
)]
impl Buckets {
    fn begin(&mut self, nodes: usize) {
        self.left.clear();
        self.round = self.round.wrapping_add(1);
        if self.round == 0 || self.rows.len() < nodes {
            self.rows.clear();
            self.rows.resize(nodes, Row::default());
            self.round = 1;
        }
        if self.extents.len() < nodes {
            self.extents.resize(nodes, Extent::default());
        }
    }

    /// Runs the search of an end and leaves its costs.
    fn leave(
        &mut self,
        side: &mut Side,
        (along, against): (&Half, &Half),
        column: u32,
        offset: impl Fn(u32) -> Extent,
    ) {
        while let Some((rank, weight, goes_on)) = side.settle(against) {
            let extent = self.extend(side, along, rank, &offset);
            if goes_on {
                let entry = Entry {
                    column,
                    weight,
                    extent,
                };
                self.left.push((rank, entry));
                side.relax(along, rank, weight);
            }
        }
    }

    /// Runs the search of a start and takes the cheapest of what the ends left.
    fn collect(
        &mut self,
        side: &mut Side,
        (along, against): (&Half, &Half),
        offset: impl Fn(u32) -> Extent,
        row: &mut [Best],
    ) {
        while let Some((rank, weight, goes_on)) = side.settle(against) {
            let extent = self.extend(side, along, rank, &offset);
            if !goes_on {
                continue;
            }
            for entry in self.entries_at(rank) {
                let best = &mut row[index_of(entry.column)];
                let total = weight.saturating_add(entry.weight);
                if total < best.weight {
                    *best = Best {
                        weight: total,
                        extent: extent.plus(entry.extent),
                    };
                }
            }
            side.relax(along, rank, weight);
        }
    }

    /// Duration and length to a node that was just settled.
    fn extend(
        &mut self,
        side: &Side,
        along: &Half,
        rank: u32,
        offset: impl Fn(u32) -> Extent,
    ) -> Extent {
        let Some(label) = side.label(rank) else {
            return Extent::default();
        };
        let extent = if label.parent == NO_NODE {
            offset(label.edge)
        } else {
            self.extents[index_of(label.parent)].plus(along.extent(label.edge))
        };
        self.extents[index_of(rank)] = extent;
        extent
    }

    fn entries_at(&self, rank: u32) -> &[Entry] {
        let row = self.rows[index_of(rank)];
        if row.round == self.round {
            &self.entries[index_of(row.start)..index_of(row.end)]
        } else {
            &[]
        }
    }

    /// Sorts what was left by node, counting.
    fn sort(&mut self) {
        self.touched.clear();
        for (rank, _) in &self.left {
            let row = &mut self.rows[index_of(*rank)];
            if row.round != self.round {
                self.touched.push(*rank);
                *row = Row {
                    round: self.round,
                    start: 0,
                    end: 0,
                };
            }
            row.end += 1;
        }
        let mut start = 0;
        for rank in &self.touched {
            let row = &mut self.rows[index_of(*rank)];
            let count = row.end;
            (row.start, row.end) = (start, start);
            start += count;
        }
        self.entries.clear();
        self.entries.resize(self.left.len(), Entry::default());
        for (rank, entry) in &self.left {
            let row = &mut self.rows[index_of(*rank)];
            self.entries[index_of(row.end)] = *entry;
            row.end += 1;
        }
    }
}
