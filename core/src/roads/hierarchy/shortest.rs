//! The cheapest way between two places.

use super::super::network::flat::index_of;
use super::super::network::{ArcId, RoadNetwork};
use super::search::{Search, Side};
use super::{Cost, Hierarchy, Path, Seed, UNREACHABLE};

/// Larger offsets are cut to this, so that a few of them never add up to [`UNREACHABLE`].
const OFFSET_MAX: i64 = 1 << 28;

/// A seed whose arc exists, with an offset that can be calculated with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    /// Position in the list it came from.
    pub(super) position: u32,
    pub(super) arc: u32,
    pub(super) offset: Offset,
}

/// A [`Cost`] that is neither negative nor large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Offset {
    pub(super) weight: u32,
    pub(super) length_mm: u32,
    pub(super) duration_ms: u32,
}

impl Offset {
    pub(super) fn of(cost: &Cost) -> Self {
        let cut = |value: i64| u32::try_from(value.clamp(0, OFFSET_MAX)).unwrap_or(0);
        Self {
            weight: cut(cost.weight),
            length_mm: cut(cost.length_mm),
            duration_ms: cut(cost.duration_ms),
        }
    }

    /// The cost of driving on from one place of an arc to another that is not behind it.
    pub(super) fn cost_to(self, ahead: Self) -> Cost {
        let between = |from: u32, to: u32| i64::from(to.saturating_sub(from));
        Cost {
            weight: between(self.weight, ahead.weight),
            duration_ms: between(self.duration_ms, ahead.duration_ms),
            length_mm: between(self.length_mm, ahead.length_mm),
        }
    }

    /// Each part the larger of the two.
    pub(super) fn or_more(self, other: Self) -> Self {
        Self {
            weight: self.weight.max(other.weight),
            length_mm: self.length_mm.max(other.length_mm),
            duration_ms: self.duration_ms.max(other.duration_ms),
        }
    }
}

/// The seeds on arcs of this network.
pub(super) fn starts(network: &RoadNetwork, seeds: &[Seed]) -> Vec<Start> {
    let on_network = |(position, seed): (u32, &Seed)| {
        let ArcId(arc) = seed.arc;
        (arc < network.arc_count()).then_some(Start {
            position,
            arc,
            offset: Offset::of(&seed.offset),
        })
    };
    (0_u32..).zip(seeds).filter_map(on_network).collect()
}

/// A way that was found.
#[derive(Debug, Clone)]
struct Found {
    weight: i64,
    from: u32,
    to: u32,
    arcs: Vec<u32>,
}

impl RoadNetwork {
    /// The cheapest way from one of the starts to one of the ends. A start and an end on one arc,
    /// the end behind the start, do not make a way by that arc alone.
    pub fn shortest(&self, search: &mut Search, from: &[Seed], to: &[Seed]) -> Option<Path> {
        let (starts, ends) = (starts(self, from), starts(self, to));
        let straight = straight_on(&starts, &ends);
        let limit = straight.as_ref().map_or(i64::MAX, |found| found.weight);
        let through = self.search_ways(search, &starts, &ends, limit);
        let best = through.or(straight)?;
        let start = starts.iter().find(|start| start.position == best.from)?;
        let end = ends.iter().find(|end| end.position == best.to)?;
        Some(Path {
            cost: self.cost_of(&best, start.offset, end.offset),
            from: index_of(best.from),
            to: index_of(best.to),
            arcs: best
                .arcs
                .into_iter()
                .map(|node| ArcId(self.node_turns().arc_of(node)))
                .collect(),
        })
    }

    /// The cost of a way, added up along its nodes.
    fn cost_of(&self, found: &Found, start: Offset, end: Offset) -> Cost {
        let costs = self.costs_of_arcs();
        let (mut duration_ms, mut length_mm) = (0_i64, 0_i64);
        for pair in found.arcs.windows(2) {
            let [node, next] = pair else { continue };
            let turns = self.node_turns();
            let arc = index_of(turns.arc_of(*node));
            let drive_ms = costs.durations_ms.get(arc).copied().unwrap_or(0);
            let turn = turns.from(*node).iter().find(|turn| turn.node == *next);
            let turn_ms = turn.map_or(0, |turn| turn.cost_ms);
            let arc_mm = costs.lengths_mm.get(arc).copied().unwrap_or(0);
            duration_ms = duration_ms
                .saturating_add(i64::from(drive_ms))
                .saturating_add(i64::from(turn_ms));
            length_mm = length_mm.saturating_add(i64::from(arc_mm));
        }
        let total = |way: i64, start: u32, end: u32| {
            let total = way.saturating_add(i64::from(end));
            total.saturating_sub(i64::from(start)).max(0)
        };
        Cost {
            weight: found.weight,
            duration_ms: total(duration_ms, start.duration_ms, end.duration_ms),
            length_mm: total(length_mm, start.length_mm, end.length_mm),
        }
    }

    /// The cheapest way that weighs less than `limit`.
    fn search_ways(
        &self,
        search: &mut Search,
        starts: &[Start],
        ends: &[Start],
        limit: i64,
    ) -> Option<Found> {
        let hierarchy = self.hierarchy();
        let nodes = index_of(self.node_turns().node_count());
        // Weights are lifted by the largest offset, so that none is negative.
        let lift = starts.iter().map(|start| start.offset.weight).max()?;
        search.forward.begin(nodes);
        search.backward.begin(nodes);
        for start in starts {
            let weight = lift.saturating_sub(start.offset.weight);
            if ends.iter().any(|end| is_behind(start, end)) {
                self.seed_turns(&mut search.forward, start, weight);
            } else if let Some(rank) = hierarchy.rank(start.arc) {
                search
                    .forward
                    .reach(rank, weight, super::NO_NODE, start.position);
            }
        }
        for end in ends {
            for node in self.node_turns().nodes_of(end.arc) {
                if let Some(rank) = hierarchy.rank(node) {
                    let weight = end.offset.weight;
                    search
                        .backward
                        .reach(rank, weight, super::NO_NODE, end.position);
                }
            }
        }
        let limit = limit.saturating_add(i64::from(lift));
        let limit = u32::try_from(limit).unwrap_or(UNREACHABLE);
        let (meeting, weight) = hierarchy.meet(search, limit)?;
        let mut found = hierarchy.unpack(search, meeting);
        found.weight = i64::from(weight).saturating_sub(i64::from(lift));
        // A start that was replaced by its turns comes first.
        let first = found
            .arcs
            .first()
            .copied()
            .map(|node| self.node_turns().arc_of(node));
        let start = starts.iter().find(|start| start.position == found.from)?;
        let is_replaced = ends.iter().any(|end| is_behind(start, end));
        debug_assert!(is_replaced || first == Some(start.arc));
        if is_replaced {
            found.arcs.insert(0, start.arc);
        }
        Some(found)
    }

    /// Starts at the arcs that follow.
    fn seed_turns(&self, side: &mut Side, start: &Start, weight: u32) {
        for turn in self.node_turns().from(start.arc) {
            if let Some(rank) = self.hierarchy().rank(turn.node) {
                let way = self.costs_of_arcs().way(start.arc, turn);
                let weight = weight.saturating_add(way.weight);
                side.reach(rank, weight, super::NO_NODE, start.position);
            }
        }
    }
}

/// Whether both are on one arc, the end behind the start: then the driver has to go round, so a
/// search must not start and end at that arc. It starts at the arcs that follow instead, which is
/// the same for all other ends; an end ahead on the same arc is looked at by [`straight_on`].
pub(super) fn is_behind(start: &Start, end: &Start) -> bool {
    start.arc == end.arc && end.offset < start.offset
}

/// The cheapest way that stays on its arc.
fn straight_on(starts: &[Start], ends: &[Start]) -> Option<Found> {
    let pairs = starts
        .iter()
        .flat_map(|start| ends.iter().map(move |end| (start, end)));
    pairs
        .filter(|(start, end)| start.arc == end.arc && !is_behind(start, end))
        .map(|(start, end)| Found {
            weight: start.offset.cost_to(end.offset).weight,
            from: start.position,
            to: end.position,
            arcs: vec![start.arc],
        })
        .min_by_key(|found| found.weight)
}

impl Hierarchy {
    /// The node where the cheapest way that weighs less than `limit` is highest.
    fn meet(&self, search: &mut Search, limit: u32) -> Option<(u32, u32)> {
        let Search {
            forward, backward, ..
        } = search;
        let (mut best, mut meeting) = (limit, None);
        loop {
            let next = |side: &Side| side.next_weight().filter(|weight| *weight < best);
            let is_forward = match (next(forward), next(backward)) {
                (None, None) => break,
                (Some(ahead), Some(back)) => ahead <= back,
                (ahead, _) => ahead.is_some(),
            };
            let (side, other) = if is_forward {
                (&mut *forward, &*backward)
            } else {
                (&mut *backward, &*forward)
            };
            let (along, against) = if is_forward {
                (&self.weighted.out, &self.weighted.into)
            } else {
                (&self.weighted.into, &self.weighted.out)
            };
            let Some((rank, weight, goes_on)) = side.settle(against) else {
                continue;
            };
            if !goes_on {
                continue;
            }
            if let Some(label) = other.label(rank) {
                let total = weight.saturating_add(label.weight);
                if total < best {
                    (best, meeting) = (total, Some(rank));
                }
            }
            side.relax(along, rank, weight);
        }
        meeting.map(|rank| (rank, best))
    }

    /// The way whose highest node is `meeting`: its nodes and where it starts and ends.
    fn unpack(&self, search: &Search, meeting: u32) -> Found {
        let (mut up, from) = climb(&search.forward, meeting);
        up.reverse();
        let (down, to) = climb(&search.backward, meeting);
        let mut ranks = Vec::new();
        let highest = up.iter().chain(down.iter().skip(1)).copied();
        let mut last = None;
        for rank in highest {
            if let Some(last) = last {
                self.unpack_edge(last, rank, &mut ranks);
            }
            ranks.push(rank);
            last = Some(rank);
        }
        let node = |rank: &u32| self.order.node.get(index_of(*rank)).copied();
        Found {
            weight: 0,
            from,
            to,
            arcs: ranks.iter().filter_map(node).collect(),
        }
    }

    /// Adds the nodes between the ends of an edge.
    fn unpack_edge(&self, from: u32, to: u32, ranks: &mut Vec<u32>) {
        let mut open = vec![(from, to)];
        while let Some((from, to)) = open.pop() {
            let middle = if from < to {
                self.weighted.out.middle(from, to)
            } else {
                self.weighted.into.middle(to, from)
            };
            match middle {
                Some(middle) => {
                    // The second half waits; its start is a node of the way.
                    open.push((middle, to));
                    open.push((from, middle));
                }
                None => ranks.push(to),
            }
        }
        // The last one is the end of the edge, which the caller adds.
        ranks.pop();
    }
}

/// The nodes from the meeting back to where the search of a side started, and its position.
fn climb(side: &Side, meeting: u32) -> (Vec<u32>, u32) {
    let (mut ranks, mut rank) = (Vec::new(), meeting);
    loop {
        ranks.push(rank);
        match side.label(rank) {
            Some(label) if label.parent != super::NO_NODE => rank = label.parent,
            Some(label) => return (ranks, label.edge),
            None => return (ranks, 0),
        }
    }
}
