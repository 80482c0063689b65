//! Turn bans as an automaton on arcs.
//!
//! A ban is a sequence of arcs that must not be driven one after the other. Where it runs through
//! whole arcs, what a driver may do next depends on where they came from. So the automaton of
//! Aho and Corasick follows the arcs: its state is the longest end of the drive so far that begins a
//! ban. A state of two or more arcs becomes a *copy* of its last arc, with turns of its own; all
//! other states are the arcs themselves.

use std::collections::BTreeMap;

use super::arcs::Arcs;
use super::flat::{FlatRoads, index_of};
use crate::roads::error::RoadsError;

/// More arcs in all bans together are refused.
const STATES_MAX: usize = 1 << 22;
/// A ban through this many loops would be too many sequences.
const SEQUENCES_MAX: usize = 64;

/// A state of the automaton.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct State(u32);

impl State {
    /// No ban has begun.
    pub(super) const NONE: Self = Self(0);
}

#[derive(Debug, Clone)]
struct StateRow {
    /// The last arc; meaningless for [`State::NONE`].
    arc: u32,
    depth: u32,
    /// The longest proper end of this state that is a state.
    shorter: State,
    /// Whether some ban is complete.
    is_banned: bool,
    /// Node of the copy, for states of two or more arcs that are not banned.
    node: Option<u32>,
}

/// The automaton.
#[derive(Debug)]
pub(super) struct Bans {
    states: Vec<StateRow>,
    next: BTreeMap<(State, u32), State>,
    /// The arc of each copy.
    copies: Vec<(u32, State)>,
    arc_count: u32,
}

/// What turning into an arc leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Into {
    /// A node.
    Node(u32),
    /// A ban.
    Banned,
}

impl Bans {
    pub(super) fn of(roads: &FlatRoads, arcs: &Arcs) -> Result<Self, RoadsError> {
        let mut bans = Self {
            states: vec![StateRow::new(u32::MAX, 0)],
            next: BTreeMap::new(),
            copies: Vec::new(),
            arc_count: arcs.count(),
        };
        for ban in &roads.bans {
            for sequence in sequences(ban, roads, arcs)? {
                bans.add(&sequence)?;
            }
        }
        bans.link();
        Ok(bans)
    }

    fn add(&mut self, sequence: &[u32]) -> Result<(), RoadsError> {
        let mut state = State::NONE;
        for (depth, arc) in (1_u32..).zip(sequence) {
            state = if let Some(next) = self.next.get(&(state, *arc)) {
                *next
            } else {
                if self.states.len() >= STATES_MAX {
                    return Err(RoadsError::Unfit("there are too many turn bans"));
                }
                let new = State(super::flat::count_u32(self.states.len())?);
                self.states.push(StateRow::new(*arc, depth));
                self.next.insert((state, *arc), new);
                new
            };
        }
        if let Some(row) = self.states.get_mut(index_of(state.0)) {
            row.is_banned = true;
        }
        Ok(())
    }

    /// Links each state to its longest proper end, the shallow ones first, and numbers the copies.
    fn link(&mut self) {
        let mut by_depth: Vec<(u32, State, u32, State)> = self
            .next
            .iter()
            .map(|((from, arc), to)| (self.row(*to).depth, *from, *arc, *to))
            .collect();
        by_depth.sort_unstable();
        for (depth, from, arc, to) in by_depth {
            let shorter = if depth <= 1 {
                State::NONE
            } else {
                self.follow(self.row(from).shorter, arc)
            };
            let is_banned = self.row(shorter).is_banned;
            let node = self
                .arc_count
                .saturating_add(u32::try_from(self.copies.len()).unwrap_or(0));
            let Some(row) = self.states.get_mut(index_of(to.0)) else {
                continue;
            };
            row.shorter = shorter;
            row.is_banned |= is_banned;
            if row.depth >= 2 && !row.is_banned {
                row.node = Some(node);
                self.copies.push((row.arc, to));
            }
        }
    }

    fn row(&self, state: State) -> &StateRow {
        static NONE: StateRow = StateRow::new(u32::MAX, 0);
        self.states.get(index_of(state.0)).unwrap_or(&NONE)
    }

    /// The state after an arc: the longest end that is a state.
    fn follow(&self, state: State, arc: u32) -> State {
        let mut state = state;
        loop {
            if let Some(next) = self.next.get(&(state, arc)) {
                return *next;
            }
            if state == State::NONE {
                return State::NONE;
            }
            // Always shallower, so this ends.
            state = self.row(state).shorter;
        }
    }

    /// The state of someone who sets off on an arc.
    pub(super) fn start(&self, arc: u32) -> State {
        if self.next.is_empty() {
            return State::NONE;
        }
        self.next
            .get(&(State::NONE, arc))
            .copied()
            .unwrap_or(State::NONE)
    }

    /// Where a turn into an arc leads from a state.
    pub(super) fn turn(&self, from: State, arc: u32) -> Into {
        if from == State::NONE {
            return Into::Node(arc);
        }
        let row = self.row(self.follow(from, arc));
        match (row.is_banned, row.node) {
            (true, _) => Into::Banned,
            (false, Some(copy)) => Into::Node(copy),
            (false, None) => Into::Node(arc),
        }
    }

    /// The copies of arcs with their states; their nodes follow those of the arcs.
    pub(super) fn copies(&self) -> &[(u32, State)] {
        &self.copies
    }
}

impl StateRow {
    const fn new(arc: u32, depth: u32) -> Self {
        Self {
            arc,
            depth,
            shorter: State::NONE,
            is_banned: false,
            node: None,
        }
    }
}

/// The sequences of arcs that a ban forbids: one, or more if it has loops, or none if one of its
/// segments may not be driven that way anyway.
fn sequences(
    ban: &crate::roads::data::TurnBan,
    roads: &FlatRoads,
    arcs: &Arcs,
) -> Result<Vec<Vec<u32>>, RoadsError> {
    let segment = |index: u32| roads.segments.get(index_of(index));
    let mut found: Vec<Vec<u32>> = vec![Vec::new()];
    let mut via = ban.first_via;
    for (position, index) in ban.segments.iter().enumerate() {
        let Some(row) = segment(*index) else {
            return Ok(Vec::new());
        };
        let is_loop = row.start == row.end;
        // The first ends at the junction, all others start at one.
        let forward = if position == 0 {
            row.end == via
        } else {
            row.start == via
        };
        if position > 0 {
            via = if forward { row.end } else { row.start };
        }
        let directions: &[bool] = match (is_loop, forward) {
            (true, _) => &[true, false],
            (false, true) => &[true],
            (false, false) => &[false],
        };
        let next: Vec<u32> = directions
            .iter()
            .filter_map(|forward| arcs.find(*index, *forward))
            .collect();
        found = found
            .iter()
            .flat_map(|begun| next.iter().map(|arc| [begun.as_slice(), &[*arc]].concat()))
            .collect();
        if found.len() > SEQUENCES_MAX {
            return Err(RoadsError::Unfit("a turn ban leads through too many loops"));
        }
    }
    Ok(found)
}
