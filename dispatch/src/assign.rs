//! The assignment problem on a sparse graph: rows to columns, each at most once, at the least cost.

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
    /// Number of columns.
    pub columns: u32,
    /// What may be taken. Of several edges between the same two, the cheapest counts.
    pub edges: &'a [Edge],
    /// What it costs to leave a row without a column, for each row.
    pub unmatched: &'a [i64],
}

/// The column of each row, such that the costs of the taken edges and of the rows left out sum to the
/// least that is possible. The same problem has the same answer in every order of its edges.
pub fn solve(problem: &Problem<'_>) -> Vec<Option<u32>> {
    // Stub: the cheapest edge first, which is not optimal.
    let mut edges = problem.edges.to_vec();
    edges.sort_by_key(|edge| (edge.cost, edge.row, edge.column));
    let mut taken = std::collections::BTreeSet::new();
    let mut columns = vec![None; problem.unmatched.len()];
    for edge in edges {
        let row = usize::try_from(edge.row)
            .ok()
            .and_then(|row| columns.get_mut(row));
        if let Some(column @ None) = row
            && taken.insert(edge.column)
        {
            *column = Some(edge.column);
        }
    }
    columns
}
