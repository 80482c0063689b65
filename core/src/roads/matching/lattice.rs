//! The most likely sequence of places, by Viterbi's algorithm.
//!
//! A chain of places breaks where no car can have come from any place of one point to any of the
//! next few. A few points that cannot be reached, or that cannot be left, are outliers.

use super::candidate::{Candidate, candidates};
use super::likelihood::{Hop, Way};
use super::thin::Kept;
use crate::roads::hierarchy::{Cost, Search, Seed};
use crate::roads::network::RoadNetwork;

/// Silence that is longer is never bridged.
const GAP_MS_MAX: i64 = 600_000;
/// Points in a row that may be outliers; one more ends the chain.
const OUTLIERS_MAX: usize = 3;
/// A place that is less likely than the best by this factor (as a logarithm) is given up.
const BEAM: f64 = 25.0;

/// A point in its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed {
    /// Position among the points that were kept.
    pub(super) kept: usize,
    pub(super) candidate: Candidate,
}

/// The places of one point that are worth following.
struct Layer {
    kept: usize,
    states: Vec<State>,
}

struct State {
    candidate: Candidate,
    /// Logarithm of the likelihood of the best sequence that ends here.
    score: f64,
    /// State of the layer before.
    came_from: usize,
}

/// The most likely places by time, in unbroken chains.
pub(super) fn chains(
    network: &RoadNetwork,
    search: &mut Search,
    kept: &[Kept],
) -> Vec<Vec<Placed>> {
    let mut chains = Vec::new();
    let mut start = Some(0);
    // Each chain holds at least the point it starts with, so this ends.
    while let Some(from) = start {
        let (layers, rest) = chain(network, search, kept, from);
        chains.extend(most_likely(layers));
        start = rest;
    }
    chains
}

/// One chain from a point on, and where the next one starts.
fn chain(
    network: &RoadNetwork,
    search: &mut Search,
    kept: &[Kept],
    from: usize,
) -> (Vec<Layer>, Option<usize>) {
    let mut chain = Chain::default();
    let mut index = from;
    while let Some(here) = kept.get(index) {
        let places = candidates(network, here);
        let reached = if places.is_empty() {
            Reached::OffRoad
        } else {
            chain.reach(network, search, kept, (index, &places))
        };
        match reached {
            Reached::Yes => chain.missed = Missed::default(),
            Reached::OffRoad => {}
            Reached::No => chain.missed.add(index),
            Reached::TooLate => return chain.end(index),
        }
        index = index.saturating_add(1);
        let is_last = index >= kept.len();
        if chain.missed.count > OUTLIERS_MAX || is_last {
            let Some(first) = chain.missed.first else {
                continue;
            };
            // What was taken for the drive may have been the outliers.
            if !chain.retreat(network, search, kept, first) {
                return chain.end(first);
            }
            index = first.saturating_add(1);
        }
    }
    chain.end_of_track()
}

/// A chain that grows.
#[derive(Default)]
struct Chain {
    layers: Vec<Layer>,
    missed: Missed,
}

/// Points after the last layer that cannot be reached from it.
#[derive(Default)]
struct Missed {
    first: Option<usize>,
    count: usize,
}

enum Reached {
    Yes,
    No,
    TooLate,
    OffRoad,
}

impl Missed {
    fn add(&mut self, index: usize) {
        self.first = self.first.or(Some(index));
        self.count = self.count.saturating_add(1);
    }
}

impl Chain {
    /// Goes on to the places of a point if any can be reached.
    fn reach(
        &mut self,
        network: &RoadNetwork,
        search: &mut Search,
        kept: &[Kept],
        (index, places): (usize, &[Candidate]),
    ) -> Reached {
        let Some(base) = self.layers.last() else {
            self.layers.push(Layer::first(index, places));
            return Reached::Yes;
        };
        let pair = kept.get(base.kept).zip(kept.get(index));
        let Some(hop) = pair.and_then(|(last, here)| hop(last, here)) else {
            return Reached::TooLate;
        };
        match base.next(network, search, index, &hop, places) {
            Some(layer) => {
                self.layers.push(layer);
                Reached::Yes
            }
            None => Reached::No,
        }
    }

    /// Gives up the last layers if fewer of them than of the points that cannot be reached are in
    /// the way: whether the drive goes on at the first of those points then.
    fn retreat(
        &mut self,
        network: &RoadNetwork,
        search: &mut Search,
        kept: &[Kept],
        first: usize,
    ) -> bool {
        let Some(here) = kept.get(first) else {
            return false;
        };
        let places = candidates(network, here);
        for given_up in 1..self.missed.count {
            let Some(last) = self.layers.len().checked_sub(given_up.saturating_add(1)) else {
                return false;
            };
            let Some(base) = self.layers.get(last) else {
                return false;
            };
            let hop = kept.get(base.kept).and_then(|last| hop(last, here));
            let next = hop.and_then(|hop| base.next(network, search, first, &hop, &places));
            if let Some(layer) = next {
                self.layers.truncate(last.saturating_add(1));
                self.layers.push(layer);
                self.missed = Missed::default();
                return true;
            }
        }
        false
    }

    /// The chain ends, and another starts at this point or at one before it that was missed.
    fn end(self, next: usize) -> (Vec<Layer>, Option<usize>) {
        let next = self.missed.first.unwrap_or(next);
        (self.layers, Some(next))
    }

    fn end_of_track(self) -> (Vec<Layer>, Option<usize>) {
        (self.layers, self.missed.first)
    }
}

/// What lies between two points; `None` if it is too long ago.
fn hop(last: &Kept, here: &Kept) -> Option<Hop> {
    let elapsed_ms = here.first.at_ms.saturating_sub(last.left_ms());
    if elapsed_ms > GAP_MS_MAX {
        return None;
    }
    Some(Hop {
        straight_m: last.at.distance_m(here.at),
        elapsed_s: whole(elapsed_ms),
        sigma_m: last.sigma_m.max(here.sigma_m),
    })
}

impl Layer {
    fn first(kept: usize, places: &[Candidate]) -> Self {
        let states = places
            .iter()
            .map(|candidate| State {
                candidate: *candidate,
                score: candidate.emission,
                came_from: 0,
            })
            .collect();
        Self { kept, states }.within_beam()
    }

    /// The places of the next point, those that can be reached; `None` if none can.
    fn next(
        &self,
        network: &RoadNetwork,
        search: &mut Search,
        kept: usize,
        hop: &Hop,
        places: &[Candidate],
    ) -> Option<Self> {
        if !hop.is_possible() {
            return None;
        }
        let costs = self.costs(network, search, places);
        let mut states = Vec::new();
        for (column, place) in places.iter().enumerate() {
            let mut best: Option<(f64, usize)> = None;
            for (row, state) in self.states.iter().enumerate() {
                let cell = row.saturating_mul(places.len()).saturating_add(column);
                let cost = costs.get(cell).copied().flatten();
                let Some(step) = transition(&state.candidate, place, hop, cost) else {
                    continue;
                };
                let score = state.score + step;
                if best.is_none_or(|(best, _)| score > best) {
                    best = Some((score, row));
                }
            }
            states.extend(best.map(|(score, row)| State {
                candidate: *place,
                score: score + place.emission,
                came_from: row,
            }));
        }
        (!states.is_empty()).then(|| Self { kept, states }.within_beam())
    }

    /// What it costs from each place to each of the next point, row by row.
    fn costs(
        &self,
        network: &RoadNetwork,
        search: &mut Search,
        places: &[Candidate],
    ) -> Vec<Option<Cost>> {
        let from: Vec<Vec<Seed>> = self
            .states
            .iter()
            .map(|state| vec![state.candidate.seed])
            .collect();
        let to: Vec<Vec<Seed>> = places.iter().map(|place| vec![place.seed]).collect();
        network.costs(search, &from, &to)
    }

    fn within_beam(mut self) -> Self {
        let best = self
            .states
            .iter()
            .map(|state| state.score)
            .fold(f64::NEG_INFINITY, f64::max);
        self.states.retain_mut(|state| {
            // Scores stay small however long the chain is.
            state.score -= best;
            state.score >= -BEAM
        });
        self
    }
}

/// Whether a car in one place that is then seen in another has simply gone on along its arc, or
/// stood and drifted. The length it moved forwards in millimetres; negative for a drift backwards.
pub(super) fn moved_on_arc(from: &Candidate, to: &Candidate, hop: &Hop) -> Option<i64> {
    if from.seed.arc != to.seed.arc {
        return None;
    }
    let forward_mm = i64::from(to.along_mm).saturating_sub(i64::from(from.along_mm));
    (whole(forward_mm) >= -hop.drift_m_max()).then_some(forward_mm)
}

fn transition(from: &Candidate, to: &Candidate, hop: &Hop, cost: Option<Cost>) -> Option<f64> {
    match moved_on_arc(from, to, hop) {
        Some(forward_mm) if forward_mm < 0 => return Some(hop.drift(-whole(forward_mm))),
        Some(forward_mm) => {
            let (start, end) = (from.seed.offset, to.seed.offset);
            return hop.transition(&Way {
                length_m: whole(forward_mm),
                duration_s: whole(end.duration_ms.saturating_sub(start.duration_ms)),
                turned_deg: 0.0,
            });
        }
        None => {}
    }
    let cost = cost?;
    let turned = (from.bearing_deg - to.bearing_deg).abs();
    hop.transition(&Way {
        length_m: whole(cost.length_mm),
        duration_s: whole(cost.duration_ms),
        turned_deg: turned.min(360.0 - turned),
    })
}

/// Thousandths as a number of wholes: millimetres as metres, milliseconds as seconds.
#[expect(
    clippy::cast_precision_loss,
    reason = "no way is 2^53 mm long, no gap 2^53 ms"
)]
fn whole(thousandths: i64) -> f64 {
    thousandths as f64 / 1000.0
}

/// Walks back from the most likely last place.
fn most_likely(layers: Vec<Layer>) -> Option<Vec<Placed>> {
    let last = layers.last()?;
    let (mut at, _) = last
        .states
        .iter()
        .enumerate()
        .max_by(|(_, a), (_, b)| a.score.total_cmp(&b.score))?;
    let mut chain = Vec::with_capacity(layers.len());
    for layer in layers.iter().rev() {
        let state = layer.states.get(at)?;
        chain.push(Placed {
            kept: layer.kept,
            candidate: state.candidate,
        });
        at = state.came_from;
    }
    chain.reverse();
    Some(chain)
}

/// What lies between two points of a chain.
pub(super) fn hop_between(kept: &[Kept], from: &Placed, to: &Placed) -> Option<Hop> {
    hop(kept.get(from.kept)?, kept.get(to.kept)?)
}
