//! Turns between arcs, and the nodes of the hierarchy: the arcs, and copies of those that a ban
//! runs through.

use super::arcs::{Arcs, slice_of};
use super::bans::{Bans, Into, State};
use super::flat::{FlatRoads, FlatSegment, count_u32, index_of};
use super::shape::SegmentShape;
use super::turn_cost::{TurnAt, TurnCosts};
use crate::roads::error::RoadsError;

/// More turns than this for each arc, on average, are refused.
const TURNS_PER_ARC_MAX: usize = 64;

/// A turn into an arc.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::roads) struct Turn {
    /// The arc, or a copy of it.
    pub(in crate::roads) node: u32,
    /// Time in milliseconds.
    pub(in crate::roads) cost_ms: u16,
    /// Whether it leads onto destination-only roads from others.
    pub(in crate::roads) enters: bool,
}

/// The nodes of the hierarchy and the turns between them. Node `n` below the number of arcs is
/// arc `n`; the others are copies of arcs.
#[derive(Debug)]
pub(in crate::roads) struct Turns {
    first: Vec<u32>,
    turns: Vec<Turn>,
    arc_count: u32,
    copied: Vec<u32>,
    /// `(arc, node)` of the copies, in order.
    copies_by_arc: Vec<(u32, u32)>,
}

impl Turns {
    pub(super) fn of(
        roads: &FlatRoads,
        arcs: &Arcs,
        shapes: &[SegmentShape],
    ) -> Result<Self, RoadsError> {
        let bans = Bans::of(roads, arcs)?;
        let junctions = Junctions::of(roads);
        let maker = TurnMaker {
            roads,
            arcs,
            shapes,
            bans: &bans,
            junctions: &junctions,
            costs: TurnCosts::new(roads.drives_on_left),
        };
        let copies = bans.copies();
        let node_count = arcs.all().len().saturating_add(copies.len());
        count_u32(node_count)?;
        let limit = node_count.saturating_mul(TURNS_PER_ARC_MAX);
        let mut first = Vec::with_capacity(node_count.saturating_add(1));
        let mut turns = Vec::with_capacity(node_count.saturating_mul(3));
        let plain = (0..arcs.count()).map(|arc| (arc, bans.start(arc)));
        for (arc, state) in plain.chain(copies.iter().copied()) {
            first.push(count_u32(turns.len())?);
            maker.add_turns(arc, state, &mut turns);
            if turns.len() > limit {
                return Err(RoadsError::Unfit("too many roads meet at a junction"));
            }
        }
        first.push(count_u32(turns.len())?);
        let copied: Vec<u32> = copies.iter().map(|(arc, _)| *arc).collect();
        let mut copies_by_arc: Vec<(u32, u32)> =
            copied.iter().copied().zip(arcs.count()..).collect();
        copies_by_arc.sort_unstable();
        Ok(Self {
            first,
            turns,
            arc_count: arcs.count(),
            copied,
            copies_by_arc,
        })
    }

    pub(in crate::roads) fn node_count(&self) -> u32 {
        let copies = u32::try_from(self.copied.len()).unwrap_or(0);
        self.arc_count.saturating_add(copies)
    }

    /// All turns.
    pub(in crate::roads) fn count(&self) -> usize {
        self.turns.len()
    }

    /// The turns at the end of a node.
    #[inline]
    pub(in crate::roads) fn from(&self, node: u32) -> &[Turn] {
        slice_of(&self.first, &self.turns, node)
    }

    /// The arc of a node.
    #[inline]
    pub(in crate::roads) fn arc_of(&self, node: u32) -> u32 {
        match node.checked_sub(self.arc_count) {
            None => node,
            Some(copy) => self.copied.get(index_of(copy)).copied().unwrap_or(u32::MAX),
        }
    }

    /// Every node of an arc, the arc itself first.
    pub(in crate::roads) fn nodes_of(&self, arc: u32) -> impl Iterator<Item = u32> {
        let start = self.copies_by_arc.partition_point(|(of, _)| *of < arc);
        let copies = self.copies_by_arc.get(start..).unwrap_or(&[]);
        let copies = copies.iter().take_while(move |(of, _)| *of == arc);
        std::iter::once(arc).chain(copies.map(|(_, node)| *node))
    }
}

/// How many segments end at each junction.
struct Junctions {
    ends: Vec<u16>,
    two_way_ends: Vec<u16>,
}

impl Junctions {
    fn of(roads: &FlatRoads) -> Self {
        let mut ends = vec![0_u16; roads.junctions.len()];
        let mut two_way_ends = ends.clone();
        for segment in &roads.segments {
            for junction in [segment.start, segment.end] {
                if let Some(count) = ends.get_mut(index_of(junction)) {
                    *count = count.saturating_add(1);
                }
                let two_way = two_way_ends.get_mut(index_of(junction));
                if let Some(count) = two_way.filter(|_| segment.is_two_way()) {
                    *count = count.saturating_add(1);
                }
            }
        }
        Self { ends, two_way_ends }
    }
}

struct TurnMaker<'a> {
    roads: &'a FlatRoads,
    arcs: &'a Arcs,
    shapes: &'a [SegmentShape],
    bans: &'a Bans,
    junctions: &'a Junctions,
    costs: TurnCosts,
}

/// One side of a turn.
#[derive(Clone, Copy)]
struct Side<'a> {
    segment: &'a FlatSegment,
    shape: &'a SegmentShape,
    forward: bool,
}

impl TurnMaker<'_> {
    /// Adds the turns at the end of an arc that was reached in a state.
    fn add_turns(&self, arc: u32, state: State, turns: &mut Vec<Turn>) {
        let Some(from) = self.side(arc) else { return };
        let junction = self.arcs.to(arc);
        let ends = &self.junctions.ends;
        let roads = ends.get(index_of(junction)).copied().unwrap_or(0);
        let reverse = self.arcs.reverse(arc);
        let exits = self.arcs.exits(junction);
        for exit in exits {
            let is_u_turn = Some(*exit) == reverse;
            if is_u_turn && !self.may_turn_round(arc, junction, exits) {
                continue;
            }
            let (Some(into), Into::Node(node)) = (self.side(*exit), self.bans.turn(state, *exit))
            else {
                continue;
            };
            turns.push(self.turn(from, into, node, TurnKind { roads, is_u_turn }));
        }
    }

    /// As OSRM has it: at dead ends, where at most one two-way road ends, and where there is no
    /// other way to go on.
    fn may_turn_round(&self, arc: u32, junction: u32, exits: &[u32]) -> bool {
        let two_way_ends = &self.junctions.two_way_ends;
        let two_way = two_way_ends.get(index_of(junction)).copied().unwrap_or(0);
        let reverse = self.arcs.reverse(arc);
        let state = self.bans.start(arc);
        let is_other_way =
            |exit: &u32| Some(*exit) != reverse && self.bans.turn(state, *exit) != Into::Banned;
        two_way <= 1 || !exits.iter().any(is_other_way)
    }

    fn side(&self, arc: u32) -> Option<Side<'_>> {
        let arc = self.arcs.get(arc)?;
        let segment = index_of(arc.segment());
        Some(Side {
            segment: self.roads.segments.get(segment)?,
            shape: self.shapes.get(segment)?,
            forward: arc.forward(),
        })
    }

    fn turn(&self, from: Side<'_>, into: Side<'_>, node: u32, kind: TurnKind) -> Turn {
        let (before, after) = (&from.segment.attributes, &into.segment.attributes);
        let cost_ms = self.costs.cost_ms(&TurnAt {
            arrives: from.shape.arrives(from.forward),
            leaves: into.shape.leaves(into.forward),
            roads: kind.roads,
            is_u_turn: kind.is_u_turn,
            changes_mode: before.is_ferry() != after.is_ferry(),
            has_signals: TurnAt::signals(before.flags, from.forward),
            at_roundabout: before.flags.roundabout || after.flags.roundabout,
        });
        Turn {
            node,
            cost_ms,
            enters: after.flags.destination_only && !before.flags.destination_only,
        }
    }
}

#[derive(Clone, Copy)]
struct TurnKind {
    roads: u16,
    is_u_turn: bool,
}
