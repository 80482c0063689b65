//! Which arcs can reach each other: strongly connected components, after Tarjan.

use super::flat::index_of;
use super::turns::Turns;

/// Arcs of smaller components are cut off, unless it is the largest.
const WELL_CONNECTED_ARCS: u32 = 1_000;

/// The component of each arc.
#[derive(Debug)]
pub(in crate::roads) struct Components {
    of: Vec<u32>,
    is_large: Vec<bool>,
}

impl Components {
    /// The component of an arc.
    pub(in crate::roads) fn of(&self, arc: u32) -> Option<u32> {
        self.of.get(index_of(arc)).copied()
    }

    pub(in crate::roads) fn is_well_connected(&self, arc: u32) -> bool {
        let component = self.of(arc).unwrap_or(u32::MAX);
        self.is_large.get(index_of(component)) == Some(&true)
    }

    /// Finds them. Bans through several segments are left out of it.
    pub(in crate::roads) fn find(turns: &Turns, arc_count: u32) -> Self {
        let mut tarjan = Tarjan {
            turns,
            order: vec![0; index_of(arc_count)],
            low: vec![0; index_of(arc_count)],
            of: vec![u32::MAX; index_of(arc_count)],
            sizes: Vec::new(),
            visited: 0,
            open: Vec::new(),
            path: Vec::new(),
        };
        for arc in 0..arc_count {
            tarjan.visit(arc);
        }
        let largest = tarjan.sizes.iter().copied().max().unwrap_or(0);
        let limit = largest.min(WELL_CONNECTED_ARCS);
        Self {
            is_large: tarjan.sizes.iter().map(|size| *size >= limit).collect(),
            of: tarjan.of,
        }
    }
}

struct Tarjan<'a> {
    turns: &'a Turns,
    /// When each arc was first seen, from 1; 0 = not yet.
    order: Vec<u32>,
    /// The earliest arc that each is known to reach.
    low: Vec<u32>,
    of: Vec<u32>,
    sizes: Vec<u32>,
    visited: u32,
    /// Arcs whose component is not known yet.
    open: Vec<u32>,
    /// Arcs that are being looked at, with the number of turns that were followed.
    path: Vec<(u32, u32)>,
}

#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "turns lead to arcs, of which every array has all; counts of arcs fit 32 bits"
)]
impl Tarjan<'_> {
    fn visit(&mut self, start: u32) {
        if self.order[index_of(start)] != 0 {
            return;
        }
        self.enter(start);
        while let Some((arc, followed)) = self.path.last_mut() {
            let arc = *arc;
            if let Some(turn) = self.turns.from(arc).get(index_of(*followed)) {
                *followed += 1;
                let next = self.turns.arc_of(turn.node);
                if self.order[index_of(next)] == 0 {
                    self.enter(next);
                } else if self.of[index_of(next)] == u32::MAX {
                    let seen = self.order[index_of(next)];
                    let low = &mut self.low[index_of(arc)];
                    *low = (*low).min(seen);
                }
            } else {
                self.path.pop();
                self.leave(arc);
            }
        }
    }

    fn enter(&mut self, arc: u32) {
        self.visited += 1;
        self.order[index_of(arc)] = self.visited;
        self.low[index_of(arc)] = self.visited;
        self.open.push(arc);
        self.path.push((arc, 0));
    }

    fn leave(&mut self, arc: u32) {
        let low = self.low[index_of(arc)];
        if let Some((before, _)) = self.path.last() {
            let before = &mut self.low[index_of(*before)];
            *before = (*before).min(low);
        }
        if low != self.order[index_of(arc)] {
            return;
        }
        let component = u32::try_from(self.sizes.len()).unwrap_or(u32::MAX);
        let mut size = 0;
        while let Some(member) = self.open.pop() {
            self.of[index_of(member)] = component;
            size += 1;
            if member == arc {
                break;
            }
        }
        self.sizes.push(size);
    }
}
