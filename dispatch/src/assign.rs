//! The assignment problem on a sparse graph: rows to columns, each at most once, at the least cost.
//!
//! Rows look for columns one after the other. First they bid: a row takes the column that is
//! cheapest after prices, and the price rises until the row's second choice would be as good; whoever
//! held the column before bids again. That settles most rows. Each row that is left then takes the
//! cheapest chain of "you take another one, so that I can take yours" (a shortest path by Dijkstra's
//! algorithm over what the edges cost beyond the prices, which is never negative), after which the
//! prices are moved so that they prove the new assignment to be optimal. This is the method of
//! Jonker and Volgenant, on a graph where every row may also stay without a column.

mod matching;
#[cfg(test)]
mod tests;

use matching::Matching;

/// A row may take a column at this cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// The row.
    pub row: u32,
    /// The column.
    pub column: u32,
    /// What it costs.
    pub cost: i64,
}

/// An assignment problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem<'a> {
    /// Number of columns. Edges to others, and from rows without a place in `unmatched`, do not
    /// count.
    pub columns: u32,
    /// What may be taken. Of several edges between the same two, the cheapest counts.
    pub edges: &'a [Edge],
    /// What it costs to leave a row without a column, for each row.
    pub unmatched: &'a [i64],
}

/// The column of each row, such that the costs of the taken edges and of the rows left out sum to the
/// least that is possible. The same problem has the same answer in every order of its edges.
///
/// A row whose cheapest edge costs as much as being left out is left out.
pub fn solve(problem: &Problem<'_>) -> Vec<Option<u32>> {
    let graph = Graph::of(problem);
    // Chains sum at most as many differences as there are rows, twice; where 64 bits do not hold
    // that, 128 do.
    let chain = i128::try_from(problem.unmatched.len()).unwrap_or(i128::MAX);
    let largest = graph.largest_gain.saturating_mul(chain.saturating_add(2));
    let rows = if largest.saturating_mul(4) < i128::from(i64::MAX) {
        #[expect(clippy::cast_possible_truncation, reason = "the largest one fits")]
        Matching::best(&graph, |gain| gain as i64)
    } else {
        Matching::best(&graph, |gain| gain)
    };
    let columns = rows.into_iter().map(|column| graph.column_of(column));
    columns.collect()
}

/// The edges that are better than leaving their row out, by row, with columns numbered without gaps.
#[derive(Debug)]
struct Graph {
    /// Where the edges of each row begin, and where the last ones end.
    starts: Vec<usize>,
    /// Their columns, in rising order within a row.
    columns: Vec<u32>,
    /// How much less than leaving its row out each one costs; positive.
    gains: Vec<i128>,
    largest_gain: i128,
    /// The number in the problem of each column that has an edge, rising.
    names: Vec<u32>,
}

impl Graph {
    fn of(problem: &Problem<'_>) -> Self {
        let unmatched = |edge: &Edge| -> Option<i64> {
            let row = usize::try_from(edge.row).ok()?;
            problem.unmatched.get(row).copied()
        };
        let helps = |edge: &&Edge| {
            edge.column < problem.columns
                && unmatched(edge).is_some_and(|unmatched| edge.cost < unmatched)
        };
        let mut edges: Vec<Edge> = problem.edges.iter().filter(helps).copied().collect();
        edges.sort_unstable_by_key(|edge| (edge.row, edge.column, edge.cost));
        edges.dedup_by_key(|edge| (edge.row, edge.column));
        let mut names: Vec<u32> = edges.iter().map(|edge| edge.column).collect();
        names.sort_unstable();
        names.dedup();
        let mut graph = Self {
            starts: Vec::with_capacity(problem.unmatched.len() + 1),
            columns: Vec::with_capacity(edges.len()),
            gains: Vec::with_capacity(edges.len()),
            largest_gain: 0,
            names,
        };
        let mut edges = edges.iter().peekable();
        for (row, unmatched) in problem.unmatched.iter().enumerate() {
            graph.starts.push(graph.columns.len());
            while let Some(edge) = edges.next_if(|edge| usize::try_from(edge.row) == Ok(row)) {
                graph.push(edge, *unmatched);
            }
        }
        graph.starts.push(graph.columns.len());
        graph
    }

    fn push(&mut self, edge: &Edge, unmatched: i64) {
        let gain = i128::from(unmatched) - i128::from(edge.cost);
        self.largest_gain = self.largest_gain.max(gain);
        let place = self.names.partition_point(|name| *name < edge.column);
        // There are no more columns than fit into 32 bits.
        self.columns.push(u32::try_from(place).unwrap_or(u32::MAX));
        self.gains.push(gain);
    }

    fn column_of(&self, column: Option<u32>) -> Option<u32> {
        let place = usize::try_from(column?).ok()?;
        self.names.get(place).copied()
    }
}
