//! How long our assignment takes beside two published solvers, on the same problems:
//! `cargo run --release -p wayfare-dispatch --example solvers`.
//!
//! Rows and columns are points of a square, a row may take the nearest columns, and the cost is the
//! distance with some noise, as in a round of dispatch. The others work on the whole matrix, where
//! each row has a column of its own for staying without one.

use std::time::{Duration, Instant};

use lapjv::lapjv;
use pathfinding::kuhn_munkres::kuhn_munkres_min;
use pathfinding::matrix::Matrix;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use wayfare_dispatch::assign::{Edge, Problem, solve};

/// The square is so wide, in metres.
const WIDTH_M: i64 = 15_000;
/// Each row may take so many columns.
const EDGES: usize = 30;
/// What leaving a row out costs, at least.
const UNMATCHED: i64 = 10_000_000;

struct Round {
    columns: u32,
    edges: Vec<Edge>,
    unmatched: Vec<i64>,
}

impl Round {
    /// Most rows are near the middle, as in the evening.
    fn random(rows: u32, columns: u32, seed: u64) -> Self {
        let mut random = Pcg64::seed_from_u64(seed);
        let columns_at: Vec<(i64, i64)> = (0..columns)
            .map(|_| {
                (
                    random.random_range(0..WIDTH_M),
                    random.random_range(0..WIDTH_M),
                )
            })
            .collect();
        let mut edges = Vec::new();
        let mut unmatched = Vec::new();
        for row in 0..rows {
            let mut near_middle =
                || (random.random_range(0..WIDTH_M) + random.random_range(0..WIDTH_M)) / 2;
            let at = (near_middle(), near_middle());
            let mut ways: Vec<(i64, u32)> = (0..columns)
                .zip(&columns_at)
                .map(|(column, to)| ((at.0 - to.0).abs() + (at.1 - to.1).abs(), column))
                .collect();
            ways.sort_unstable();
            for (way_m, column) in ways.into_iter().take(EDGES) {
                let cost = way_m * 120 + random.random_range(-30_000..30_000);
                edges.push(Edge { row, column, cost });
            }
            unmatched.push(UNMATCHED + random.random_range(0..60_000));
        }
        Self {
            columns,
            edges,
            unmatched,
        }
    }

    fn problem(&self) -> Problem<'_> {
        Problem {
            columns: self.columns,
            edges: &self.edges,
            unmatched: &self.unmatched,
        }
    }

    /// All cells that have a cost: row, column, cost.
    fn cells(&self) -> impl Iterator<Item = (usize, usize, i64)> {
        let edges = self.edges.iter();
        let edges = edges.map(|edge| (edge.row as usize, edge.column as usize, edge.cost));
        let columns = self.columns as usize;
        let alone = self.unmatched.iter().enumerate();
        edges.chain(alone.map(move |(row, cost)| (row, columns + row, *cost)))
    }

    fn cost(&self, rows: &[Option<u32>]) -> i64 {
        let taken = |edge: &&Edge| rows[edge.row as usize] == Some(edge.column);
        let edges: i64 = self.edges.iter().filter(taken).map(|edge| edge.cost).sum();
        let left = rows.iter().zip(&self.unmatched);
        let left = left.filter(|(column, _)| column.is_none());
        edges + left.map(|(_, cost)| cost).sum::<i64>()
    }
}

/// The median of one run and so many others, and the answer of the last one.
fn timed<T>(others: usize, mut run: impl FnMut() -> T) -> (Duration, T) {
    let mut time = || {
        let begun = Instant::now();
        let answer = run();
        (begun.elapsed(), answer)
    };
    let (first, mut answer) = time();
    let mut times = vec![first];
    for _ in 0..others {
        let (next, again) = time();
        times.push(next);
        answer = again;
    }
    times.sort_unstable();
    (times[times.len() / 2], answer)
}

fn main() {
    for (rows, columns) in [
        (350, 2_000),
        (1_000, 5_000),
        (350, 300),
        (1_000, 900),
        (1_000, 400),
    ] {
        let round = Round::random(rows, columns, 1);
        let (ours, assigned) = timed(20, || solve(&round.problem()));
        let matched = assigned.iter().flatten().count();
        println!("{rows} x {columns}, {matched} matched");
        println!("  ours          {ours:>12.2?}");
        let large = rows > 400;
        let never = UNMATCHED * 1_000;
        let wide = (columns + rows) as usize;
        let mut matrix = Matrix::new(rows as usize, wide, never);
        for (row, column, cost) in round.cells() {
            matrix[(row, column)] = cost;
        }
        let (theirs, (cost, _)) = timed(if large { 0 } else { 2 }, || kuhn_munkres_min(&matrix));
        assert_eq!(cost, round.cost(&assigned));
        println!("  kuhn_munkres  {theirs:>12.2?}");
        // It takes squares only: the other rows take anything for nothing.
        #[expect(clippy::cast_precision_loss, reason = "53 bits are enough here")]
        let cell = |cost: i64| cost as f64;
        let mut square = lapjv::Matrix::from_elem((wide, wide), 0.0);
        square
            .rows_mut()
            .into_iter()
            .take(rows as usize)
            .for_each(|mut row| {
                row.fill(cell(never));
            });
        for (row, column, cost) in round.cells() {
            square[(row, column)] = cell(cost);
        }
        let (theirs, answer) = timed(if large { 0 } else { 2 }, || lapjv(&square));
        let Ok((columns_of, _)) = answer else {
            println!("  lapjv         {theirs:>12.2?} (no answer)");
            continue;
        };
        let cost: f64 = (0..rows as usize)
            .map(|row| square[(row, columns_of[row])])
            .sum();
        let same = (cost - cell(round.cost(&assigned))).abs() < 1.0;
        println!(
            "  lapjv         {theirs:>12.2?}{}",
            if same { "" } else { " (another cost)" }
        );
    }
}
