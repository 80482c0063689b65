//! The assignment of all requests together.

use super::Round;
use super::field::{Field, Look, Pick};
use super::measure::weighed;
use crate::assign::{Edge, Problem, solve};
use crate::rules::{Mode, Rules};

/// Asks those who cost the least in sum. In broadcast mode further drivers are asked after that, as
/// long as some are left, always the cheapest in sum of those who are left.
pub(super) fn choose(round: &Round<'_>, field: &mut Field<'_>) {
    let offers = match round.rules.mode {
        Mode::Sequential => 1,
        Mode::Broadcast => round.rules.broadcast_offers,
    };
    for _ in 0..offers {
        let picks = Assignment::of(round, field).picks();
        if picks.is_empty() {
            break;
        }
        for pick in picks {
            field.ask(pick);
        }
    }
}

/// The looks of a round as an assignment problem.
#[derive(Debug)]
struct Assignment {
    columns: u32,
    edges: Vec<Edge>,
    unmatched: Vec<i64>,
    /// Where each edge comes from.
    picks: Vec<Pick>,
}

impl Assignment {
    fn of(round: &Round<'_>, field: &Field<'_>) -> Self {
        let mut assignment = Self {
            columns: u32::try_from(field.drivers.len()).unwrap_or(u32::MAX),
            edges: Vec::new(),
            unmatched: Vec::new(),
            picks: Vec::new(),
        };
        for (place, look) in field.looks.iter().enumerate() {
            if !look.settled {
                assignment.add(field, place, look);
            }
            assignment.unmatched.push(waiting_ms(round, look));
        }
        assignment.serve_as_many_as_possible();
        assignment
    }

    fn add(&mut self, field: &Field<'_>, place: usize, look: &Look<'_>) {
        let row = u32::try_from(place).unwrap_or(u32::MAX);
        for (candidate, one) in look.candidates.iter().enumerate() {
            let free = field
                .driver(one)
                .is_some_and(|driver| driver.asked_for.is_none());
            if let Some(cost) = one.cost.filter(|_| free) {
                self.edges.push(Edge {
                    row,
                    column: one.driver,
                    cost: cost.total_ms(),
                });
                self.picks.push(Pick {
                    look: place,
                    candidate,
                });
            }
        }
    }

    /// Makes leaving a request out cost more than any rearrangement of the others can save, so that
    /// none is left out to spare the others a detour.
    fn serve_as_many_as_possible(&mut self) {
        let costs = || self.edges.iter().map(|edge| edge.cost);
        let spread = costs().max().unwrap_or(0) - costs().min().unwrap_or(0).min(0);
        let longest = self.unmatched.iter().copied().max().unwrap_or(0);
        let rows = i64::try_from(self.unmatched.len()).unwrap_or(i64::MAX);
        let large = rows
            .saturating_add(1)
            .saturating_mul(spread.saturating_add(longest).saturating_add(1));
        for unmatched in &mut self.unmatched {
            *unmatched = unmatched.saturating_add(large);
        }
    }

    fn picks(&self) -> Vec<Pick> {
        let columns = solve(&Problem {
            columns: self.columns,
            edges: &self.edges,
            unmatched: &self.unmatched,
        });
        let taken = |edge: &Edge| {
            let row = usize::try_from(edge.row).ok();
            row.and_then(|row| columns.get(row).copied().flatten()) == Some(edge.column)
        };
        let edges = self.edges.iter().zip(&self.picks);
        edges
            .filter(|(edge, _)| taken(edge))
            .map(|(_, pick)| *pick)
            .collect()
    }
}

/// What the rider's waiting weighs.
fn waiting_ms(round: &Round<'_>, look: &Look<'_>) -> i64 {
    let Rules {
        waiting_weight_bps, ..
    } = round.rules;
    weighed(look.request.waited(round.at), *waiting_weight_bps)
}
