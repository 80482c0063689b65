use pathfinding::kuhn_munkres::kuhn_munkres_min;
use pathfinding::matrix::Matrix;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::*;

/// Edges from `(row, column, cost)`.
fn edges(edges: &[(u32, u32, i64)]) -> Vec<Edge> {
    let edge = |&(row, column, cost)| Edge { row, column, cost };
    edges.iter().map(edge).collect()
}

/// What an assignment costs. Fails where it takes a column twice, or one that may not be taken.
fn cost(problem: &Problem<'_>, rows: &[Option<u32>]) -> i128 {
    assert_eq!(rows.len(), problem.unmatched.len());
    let mut taken = std::collections::HashSet::new();
    let of_row = |(row, column): (usize, &Option<u32>)| {
        let Some(column) = *column else {
            return i128::from(problem.unmatched[row]);
        };
        assert!(taken.insert(column), "column {column} is taken twice");
        assert!(column < problem.columns);
        let edges = problem.edges.iter();
        let between = edges.filter(|edge| edge.row as usize == row && edge.column == column);
        i128::from(between.map(|edge| edge.cost).min().expect("an edge"))
    };
    rows.iter().enumerate().map(of_row).sum()
}

/// The least cost, by another solver on the whole matrix, where each row has a column of its own for
/// staying without one.
fn reference(problem: &Problem<'_>) -> i128 {
    let (rows, columns) = (problem.unmatched.len(), problem.columns as usize);
    if rows == 0 {
        return 0;
    }
    let never = 1 << 60;
    let mut matrix = Matrix::new(rows, columns + rows, never);
    for edge in problem.edges {
        let cell = (edge.row as usize, edge.column as usize);
        if cell.0 < rows && cell.1 < columns {
            matrix[cell] = matrix[cell].min(i128::from(edge.cost));
        }
    }
    for (row, unmatched) in problem.unmatched.iter().enumerate() {
        matrix[(row, columns + row)] = i128::from(*unmatched);
    }
    kuhn_munkres_min(&matrix).0
}

/// A problem that owns its parts.
#[derive(Debug, Clone)]
struct Instance {
    columns: u32,
    edges: Vec<Edge>,
    unmatched: Vec<i64>,
}

impl Instance {
    /// Of any shape: many or few rows, sparse or full, with ties, negative costs, edges twice and
    /// edges that lead nowhere.
    fn random(random: &mut Pcg64) -> Self {
        let rows: u32 = random.random_range(0..=24);
        let columns: u32 = random.random_range(0..=30);
        let density = random.random_range(0.0..1.0_f64).powi(2);
        let span = [1, 3, 50, 1_000_000][random.random_range(0..4)];
        let shift = [0, -span, -span / 2][random.random_range(0..3)];
        let leave = [0, span / 2, span, span * 100][random.random_range(0..4)];
        let mut edges = Vec::new();
        for row in 0..rows {
            for column in 0..columns {
                while random.random_bool(density.min(0.9)) {
                    let cost = random.random_range(0..=span) + shift;
                    edges.push(Edge { row, column, cost });
                    if random.random_bool(0.8) {
                        break;
                    }
                }
            }
        }
        if random.random_bool(0.2) {
            edges.push(Edge {
                row: rows,
                column: 0,
                cost: -span,
            });
            edges.push(Edge {
                row: 0,
                column: columns,
                cost: -span,
            });
        }
        edges.shuffle(random);
        let unmatched = (0..rows).map(|_| leave + random.random_range(0..=span / 2));
        Self {
            columns,
            unmatched: unmatched.collect(),
            edges,
        }
    }

    fn problem(&self) -> Problem<'_> {
        Problem {
            columns: self.columns,
            edges: &self.edges,
            unmatched: &self.unmatched,
        }
    }
}

#[test]
fn a_thousand_random_problems_cost_what_another_solver_finds() {
    let mut matched = 0;
    for seed in 0..1_000 {
        let instance = Instance::random(&mut Pcg64::seed_from_u64(seed));
        let problem = instance.problem();
        let rows = solve(&problem);
        matched += rows.iter().flatten().count();
        assert_eq!(cost(&problem, &rows), reference(&problem), "seed {seed}");
    }
    assert!(matched > 3_000, "{matched} rows got a column");
}

#[test]
fn the_answer_is_the_same_in_every_order_of_the_edges() {
    for seed in 0..200 {
        let mut random = Pcg64::seed_from_u64(seed);
        let mut instance = Instance::random(&mut random);
        let before = solve(&instance.problem());
        instance.edges.shuffle(&mut random);
        assert_eq!(solve(&instance.problem()), before, "seed {seed}");
        instance.edges.reverse();
        assert_eq!(solve(&instance.problem()), before, "seed {seed}");
    }
}

#[test]
fn nothing_is_assigned_where_nothing_may_be_taken() {
    let problem = Problem {
        columns: 3,
        edges: &[],
        unmatched: &[5, 7],
    };
    assert_eq!(solve(&problem), [None, None]);
    let problem = Problem {
        columns: 0,
        edges: &[],
        unmatched: &[],
    };
    assert_eq!(solve(&problem), []);
}

#[test]
fn a_row_gives_up_its_best_column_where_that_helps_more() {
    let problem = Problem {
        columns: 2,
        edges: &edges(&[(0, 0, 1), (0, 1, 3), (1, 0, 1), (1, 1, 10)]),
        unmatched: &[100, 100],
    };
    assert_eq!(solve(&problem), [Some(1), Some(0)]);
}

#[test]
fn a_chain_through_all_rows_is_found() {
    // Each row likes the column of its own number a little better, and the last row has only the
    // first one.
    let rows = 200;
    let mut all = Vec::new();
    for row in 0..rows {
        all.push((row, row, 10));
        all.push((row, row + 1, 11));
    }
    all.push((rows, 0, 10));
    let unmatched = vec![10_000; rows as usize + 1];
    let problem = Problem {
        columns: rows + 1,
        edges: &edges(&all),
        unmatched: &unmatched,
    };
    let mut expected: Vec<_> = (1..=rows).map(Some).collect();
    expected.push(Some(0));
    assert_eq!(solve(&problem), expected);
}

#[test]
fn of_rows_that_compete_the_one_that_is_dearer_to_leave_out_is_served() {
    let all = edges(&[(0, 0, 5), (1, 0, 5), (2, 0, 5)]);
    for (unmatched, served) in [([20, 30, 25], 1), ([30, 20, 25], 0), ([1, 1, 6], 2)] {
        let problem = Problem {
            columns: 1,
            edges: &all,
            unmatched: &unmatched,
        };
        let mut expected = [None; 3];
        expected[served] = Some(0);
        assert_eq!(solve(&problem), expected);
    }
}

#[test]
fn an_edge_that_is_no_better_than_none_is_not_taken() {
    let problem = Problem {
        columns: 2,
        edges: &edges(&[(0, 0, 7), (0, 1, 8), (1, 1, -3)]),
        unmatched: &[7, -4],
    };
    assert_eq!(solve(&problem), [None, None]);
}

#[test]
fn of_several_edges_between_the_same_two_the_cheapest_counts() {
    let problem = Problem {
        columns: 2,
        edges: &edges(&[(0, 0, 9), (0, 1, 4), (0, 0, 3), (0, 0, 5)]),
        unmatched: &[7],
    };
    assert_eq!(solve(&problem), [Some(0)]);
}

#[test]
fn edges_to_nowhere_do_not_count() {
    let problem = Problem {
        columns: 1,
        edges: &edges(&[
            (0, 1, -50),
            (0, u32::MAX, -50),
            (1, 0, -50),
            (u32::MAX, 0, -50),
        ]),
        unmatched: &[7],
    };
    assert_eq!(solve(&problem), [None]);
}

#[test]
fn the_largest_and_smallest_numbers_do_not_overflow() {
    let (least, most) = (i64::MIN, i64::MAX);
    let problem = Problem {
        columns: u32::MAX,
        edges: &edges(&[
            (0, 0, least),
            (0, 4_000_000_000, least + 1),
            (1, 0, least),
            (1, 7, most - 1),
            (2, 7, 0),
        ]),
        unmatched: &[most, most, most],
    };
    let rows = solve(&problem);
    assert_eq!(rows, [Some(4_000_000_000), Some(0), Some(7)]);
    assert_eq!(cost(&problem, &rows), 2 * i128::from(least) + 1);
}
