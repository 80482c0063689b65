//! Rows that hold columns, and the prices that prove that nobody could hold better ones.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::{Add, Sub};

use super::Graph;

/// Whole numbers that hold the sums of a problem.
pub(super) trait Number:
    Copy + Ord + Default + std::fmt::Debug + Add<Output = Self> + Sub<Output = Self>
{
}

impl Number for i64 {}
impl Number for i128 {}

/// How often a row without a column may bid before it looks for the shortest chain, on average.
const BIDS_PER_ROW: usize = 8;

const NOBODY: u32 = u32::MAX;

/// What is known while rows take columns.
///
/// All gains are measured against leaving the row out, so that staying without a column is worth 0 to
/// every row. Between steps it holds that each row holds what is worth most to it after prices (its
/// column, or nothing), that no price is negative, and that columns that nobody holds cost nothing.
/// Together these prove that the rows that are settled are assigned optimally.
#[derive(Debug)]
pub(super) struct Matching<'a, N> {
    graph: &'a Graph,
    gains: Vec<N>,
    /// The price of each column.
    prices: Vec<N>,
    /// Who holds each column.
    holders: Vec<u32>,
    /// The column of each row.
    held: Vec<Option<u32>>,
    chains: Chains<N>,
}

/// Where a shortest path has been. Only what a search touched is cleared for the next one.
#[derive(Debug)]
struct Chains<N> {
    /// What a chain up to each column loses against the best one, where it has been seen.
    losses: Vec<Option<N>>,
    /// The row before each column on the chain.
    from: Vec<u32>,
    touched: Vec<u32>,
    /// Columns whose loss is final.
    done: Vec<u32>,
    heap: BinaryHeap<Reverse<(N, u32)>>,
}

/// How a chain ends.
#[derive(Debug, Clone, Copy)]
enum End {
    /// At a column that nobody holds.
    Column(u32),
    /// At a row that gives up its column for nothing.
    Row(u32),
}

fn at(place: u32) -> usize {
    place as usize
}

impl<'a, N: Number> Matching<'a, N> {
    /// The column of each row in an optimal assignment.
    pub(super) fn best(graph: &'a Graph, number: impl Fn(i128) -> N) -> Vec<Option<u32>> {
        let columns = graph.names.len();
        let rows = graph.starts.len() - 1;
        let mut matching = Self {
            graph,
            gains: graph.gains.iter().map(|gain| number(*gain)).collect(),
            prices: vec![N::default(); columns],
            holders: vec![NOBODY; columns],
            held: vec![None; rows],
            chains: Chains {
                losses: vec![None; columns],
                from: vec![NOBODY; columns],
                touched: Vec::new(),
                done: Vec::new(),
                heap: BinaryHeap::new(),
            },
        };
        for row in matching.bid() {
            matching.augment(row);
        }
        matching.held
    }

    /// Columns of a row with what each one gains before prices.
    fn edges(&self, row: u32) -> impl Iterator<Item = (u32, N)> + use<'_, 'a, N> {
        let range = self.graph.starts[at(row)]..self.graph.starts[at(row) + 1];
        let columns = self.graph.columns[range.clone()].iter().copied();
        columns.zip(self.gains[range].iter().copied())
    }

    /// Lets rows bid for columns. Answers the rows that are not settled then.
    fn bid(&mut self) -> Vec<u32> {
        let rows = u32::try_from(self.held.len()).unwrap_or(NOBODY);
        let mut bids_left = self.held.len().saturating_mul(BIDS_PER_ROW);
        let mut open = Vec::new();
        for first in 0..rows {
            let mut row = first;
            // A row that is outbid bids next, as long as prices rise and bids are left.
            while let Some((column, rise)) = self.bid_of(row) {
                let before = self.holders[at(column)];
                if before != NOBODY && (rise == N::default() || bids_left == 0) {
                    open.push(row);
                    break;
                }
                bids_left = bids_left.saturating_sub(1);
                self.prices[at(column)] = self.prices[at(column)] + rise;
                self.holders[at(column)] = row;
                self.held[at(row)] = Some(column);
                if before == NOBODY {
                    break;
                }
                self.held[at(before)] = None;
                row = before;
            }
        }
        open
    }

    /// The column that is worth most to a row after prices, and by how much more than the row's
    /// second choice; nothing if staying without is worth as much.
    fn bid_of(&self, row: u32) -> Option<(u32, N)> {
        let nothing = N::default();
        let (mut first, mut second, mut choice) = (nothing, nothing, None);
        for (column, gain) in self.edges(row) {
            let worth = gain - self.prices[at(column)];
            if worth > first {
                (first, second, choice) = (worth, first, Some(column));
            } else if worth > second {
                second = worth;
            }
        }
        let column = choice?;
        // Of equally good columns one that nobody holds is better: nobody has to move.
        if first == second && self.holders[at(column)] != NOBODY {
            let free = self.edges(row).find(|(column, gain)| {
                self.holders[at(*column)] == NOBODY && *gain - self.prices[at(*column)] == first
            });
            return Some((free.map_or(column, |(column, _)| column), nothing));
        }
        // A column that nobody wanted before stays free of charge as long as only one row wants it.
        Some((column, first - second))
    }

    /// Settles a row: finds the chain of changes that loses least and makes it.
    fn augment(&mut self, row: u32) {
        let (end, loss) = self.shortest(row);
        for column in &self.chains.done {
            let Some(own) = self.chains.losses[at(*column)] else {
                continue;
            };
            // Whoever ends a chain earlier would gladly pay the difference.
            if own < loss {
                self.prices[at(*column)] = self.prices[at(*column)] + (loss - own);
            }
        }
        let mut next = match end {
            End::Column(column) => Some(column),
            End::Row(giving) => self.held[at(giving)].take(),
        };
        // The chain backwards: each row takes the column after it and leaves the one before it.
        while let Some(column) = next {
            let holder = self.chains.from[at(column)];
            self.holders[at(column)] = holder;
            next = self.held[at(holder)].replace(column);
        }
        self.chains.clear();
    }

    /// The chain from a row that loses least: how it ends and what it loses. Losses count from what
    /// the row would like best, so they are never negative.
    fn shortest(&mut self, first: u32) -> (End, N) {
        let mut end: Option<(N, End)> = None;
        let mut row = first;
        let mut lost = N::default();
        loop {
            self.relax(row, lost, &mut end);
            let Some(column) = self.chains.pop() else {
                break;
            };
            let loss = self.chains.losses[at(column)].unwrap_or_default();
            if end.is_some_and(|(least, _)| least <= loss) {
                break;
            }
            self.chains.done.push(column);
            row = self.holders[at(column)];
            lost = loss;
        }
        let (loss, end) = end.unwrap_or((N::default(), End::Row(first)));
        (end, loss)
    }

    /// Looks at what a row could have instead of what it holds, at the end of a chain that has lost
    /// so much.
    fn relax(&mut self, row: u32, lost: N, end: &mut Option<(N, End)>) {
        let nothing = N::default();
        let graph = self.graph;
        let range = graph.starts[at(row)]..graph.starts[at(row) + 1];
        let mut most = nothing;
        for edge in range.clone() {
            let column = at(graph.columns[edge]);
            most = most.max(self.gains[edge] - self.prices[column]);
        }
        let without = lost + most;
        if end.is_none_or(|(least, _)| without < least) {
            *end = Some((without, End::Row(row)));
        }
        for edge in range {
            let column = graph.columns[edge];
            let loss = lost + (most - (self.gains[edge] - self.prices[at(column)]));
            if end.is_some_and(|(least, _)| least <= loss) {
                continue;
            }
            if !self.chains.improves(column, loss) {
                continue;
            }
            self.chains.note(column, loss, row);
            if self.holders[at(column)] == NOBODY {
                *end = Some((loss, End::Column(column)));
            } else {
                self.chains.heap.push(Reverse((loss, column)));
            }
        }
    }
}

impl<N: Number> Chains<N> {
    fn improves(&self, column: u32, loss: N) -> bool {
        self.losses[at(column)].is_none_or(|known| loss < known)
    }

    fn note(&mut self, column: u32, loss: N, from: u32) {
        if self.losses[at(column)].replace(loss).is_none() {
            self.touched.push(column);
        }
        self.from[at(column)] = from;
    }

    /// The nearest column that has not been looked at.
    fn pop(&mut self) -> Option<u32> {
        while let Some(Reverse((loss, column))) = self.heap.pop() {
            if self.losses[at(column)] == Some(loss) {
                return Some(column);
            }
        }
        None
    }

    fn clear(&mut self) {
        for column in self.touched.drain(..) {
            self.losses[at(column)] = None;
        }
        self.done.clear();
        self.heap.clear();
    }
}
