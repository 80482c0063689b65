//! Search: every word is looked up by itself, then the places that answer to most of them are put
//! in order by how well they answer, how well known they are, and how near they are.

mod gather;
mod house;
mod look_up;
mod query;
mod spacing;

pub(super) use look_up::rarity;

use self::gather::{Gathered, Score, gather};
use self::house::{House, find_house};
use self::query::Query;
use super::index::PlaceIndex;
use super::layout::Head;
use super::position::{Plane, Spot};
use super::{FoundPlace, PlaceKind};
use crate::geo::LatLng;

/// Only the best are looked at closely.
const CLOSE_LOOKS: usize = 128;
/// Places that answer to less of the query than this are no results.
const ANSWER_MIN: f32 = 0.32;
/// Nor those that answer much worse than the best.
const ANSWER_MIN_OF_BEST: f32 = 0.7;

// What counts besides answering to all words, which is 1.
const NOTHING_ELSE: f32 = 0.25;
const OF_KIND: f32 = 0.05;
/// How much of its name is typed when what it is is typed.
const NAME_OF_KIND: f32 = 0.6;
const WELL_KNOWN: f32 = 0.25;
const NEAR: f32 = 0.24;
const WITH_NUMBER: f32 = 0.04;

/// Where nearness is worth half.
const HALF_NEAR_M: f64 = 2_500.0;
/// Streets and areas of one name and one context are one result up to here.
const SAME_WITHIN_M: f64 = 2_000.0;

/// A place on its way to be a result.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    id: u32,
    head: Head,
    score: f32,
    /// How well it answers to the words, as a share of how well the best does.
    share: f32,
    house: Option<House>,
    /// Where it is shown: of the house, or near it on its street.
    spot: Spot,
}

impl PlaceIndex {
    /// What a person may mean by a text: whole words or their beginnings, in any order, with a typo
    /// or two, accents or not, number before or after the street. Best first; near places before
    /// far ones when a position is given. A text of no letters or digits finds nothing.
    ///
    /// A number that the map does not have finds the street, at its nearest known number if that is
    /// close, or at its middle.
    pub fn search(&self, text: &str, near: Option<LatLng>, limit: usize) -> Vec<FoundPlace> {
        let query = Query::parse(text);
        let limit = limit.min(Self::LIMIT_MAX);
        if query.words.is_empty() || limit == 0 {
            return Vec::new();
        }
        let plane = near.map(|near| Plane::at(Spot::of(near)));
        let gathered = gather(self, &query);
        let mut candidates = self.best(&gathered, plane.as_ref());
        for candidate in &mut candidates {
            self.look_closely(&query, &gathered, candidate);
        }
        candidates.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.id.cmp(&b.id)));
        let mut shown = Vec::new();
        for candidate in &candidates {
            if shown.len() >= limit {
                break;
            }
            let distance_m = near.and_then(|near| {
                let at = candidate.spot.position()?;
                Some(near.distance_m(at))
            });
            let Some(found) = self.show(candidate, distance_m) else {
                continue;
            };
            if !shown.iter().any(|other| is_same(other, &found)) {
                shown.push(found);
            }
        }
        shown
    }

    /// The candidates that are worth a close look.
    fn best(&self, gathered: &Gathered, plane: Option<&Plane>) -> Vec<Candidate> {
        let (weight, words_weight) = gathered.weight();
        let mut answers = Vec::with_capacity(gathered.touched.len());
        let (mut best, mut best_sum) = (0.0_f32, f32::MIN_POSITIVE);
        for id in &gathered.touched {
            let Some(head) = self.head(*id) else {
                continue;
            };
            let score = gathered.score(*id);
            let (of_context, telling) = gathered.of_context(head.context, score.words);
            let words = score.sum + of_context;
            // A house number alone brings no street in.
            let answer = if words_weight > 0.0 {
                words / words_weight
            } else {
                score.numbers / weight
            };
            best = best.max(answer);
            best_sum = best_sum.max(score.sum + telling);
            answers.push((*id, head, answer, score.sum + telling, score));
        }
        let least = ANSWER_MIN.max(best * ANSWER_MIN_OF_BEST);
        let mut candidates: Vec<Candidate> = answers
            .into_iter()
            .filter(|(_, _, answer, ..)| *answer >= least)
            .map(|(id, head, _, sum, score)| Candidate {
                id,
                head,
                score: (sum + score.numbers) / weight + worth(&head, &score, plane),
                share: sum / best_sum,
                house: None,
                spot: head.spot,
            })
            .collect();
        if candidates.len() > CLOSE_LOOKS {
            candidates.select_nth_unstable_by(CLOSE_LOOKS, |a, b| {
                b.score.total_cmp(&a.score).then(a.id.cmp(&b.id))
            });
            candidates.truncate(CLOSE_LOOKS);
        }
        candidates
    }

    /// Looks for the house number.
    fn look_closely(&self, query: &Query, gathered: &Gathered, candidate: &mut Candidate) {
        if query.numbers.is_empty() {
            return;
        }
        let Some(record) = self.record(candidate.id) else {
            return;
        };
        let Some(house) = find_house(self, query, &record) else {
            return;
        };
        candidate.spot = house.house.spot;
        let Some(fit) = house.fit else {
            return;
        };
        let known = gathered.score(candidate.id).words;
        let added: f32 = gathered
            .weights
            .iter()
            .zip(0_u32..)
            .filter(|(_, bit)| (house.covers & !known).wrapping_shr(*bit) & 1 == 1)
            .map(|(weight, _)| weight)
            .sum();
        let (weight, _) = gathered.weight();
        // The number of another street is no reason to prefer that street.
        let trust = candidate.share * candidate.share;
        candidate.score += fit * trust * trust * (added / weight + WITH_NUMBER);
        candidate.house = Some(house);
    }

    fn show(&self, candidate: &Candidate, distance_m: Option<f64>) -> Option<FoundPlace> {
        let name = self.record(candidate.id)?.name;
        let mut found = self.found(&candidate.head, name, distance_m)?;
        match candidate.house {
            Some(house) => self.found_house(found, &house.house, distance_m),
            None => {
                found.at = candidate.spot.position()?;
                Some(found)
            }
        }
    }
}

/// What a place is worth besides answering.
fn worth(head: &Head, score: &Score, plane: Option<&Plane>) -> f32 {
    let of_name = (score.named / head.weight().max(0.1)).min(1.0);
    let (all_said, of_kind) = if score.is_of_kind {
        (of_name.max(NAME_OF_KIND), OF_KIND)
    } else {
        (of_name, 0.0)
    };
    let known = f32::from(head.importance) / 255.0;
    let near = plane.map_or(0.0, |plane| {
        let distance_m = plane.distance_m(head.spot);
        #[expect(clippy::cast_possible_truncation, reason = "a number between 0 and 1")]
        let near = (HALF_NEAR_M / (HALF_NEAR_M + distance_m)) as f32;
        near
    });
    of_kind + NOTHING_ELSE * all_said + WELL_KNOWN * known + NEAR * near
}

/// Whether two results would look the same to a person.
fn is_same(a: &FoundPlace, b: &FoundPlace) -> bool {
    a.kind == b.kind
        && a.kind != PlaceKind::Poi
        && a.name == b.name
        && a.context == b.context
        && a.at.distance_m(b.at) <= SAME_WITHIN_M
}
