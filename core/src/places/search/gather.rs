//! Which places answer to which words, and how well.

use super::super::PlaceIndex;
use super::super::dictionary::{Entry, Match, Wanted, find, find_exact};
use super::super::typo::Rows;
use super::super::words;
use super::query::{Query, QueryWord, WORDS_MAX};

/// Nodes of the dictionary that one query may look at.
const NODE_BUDGET: u32 = 150_000;
/// Entries of words' lists that one query may read.
const PLACE_BUDGET: u32 = 1_500_000;

// How well a word answers to what was typed, from 0 to 1.
const EXACT: f32 = 1.0;
const OTHER_SPELLING: f32 = 0.97;
const BEGINNING_OF_LAST: f32 = 0.92;
const BEGINNING: f32 = 0.82;
const JOINED: f32 = 0.9;
const SPLIT: f32 = 0.85;
const OF_KIND: f32 = 0.8;
const IN_CONTEXT: f32 = 0.85;
/// What the first and the second slip leave.
const SLIPS: [f32; 3] = [1.0, 0.74, 0.56];
/// A word of another name than the one that is shown.
const OF_OTHER_NAME: f32 = 0.95;

/// What numbers weigh at most: the street matters more.
const NUMBER_WEIGHT: f32 = 0.35;
const UNKNOWN_WEIGHT: f32 = 0.5;
const UNKNOWN_NUMBER_WEIGHT: f32 = 0.2;

/// How much a word tells that `places_with` of all places have, from 0 to 1.
pub(in super::super) fn rarity(places_with: u32, places: u32) -> f32 {
    let (with, all) = (f64::from(places_with), f64::from(places));
    let share = libm::log(1.0 + all / (1.0 + with)) / libm::log(2.0 + all);
    #[expect(clippy::cast_possible_truncation, reason = "a number between 0 and 1")]
    let share = share.clamp(0.06, 1.0) as f32;
    share
}

/// How a place answers.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Score {
    /// Sum over the words of weight times quality.
    pub(super) sum: f32,
    /// The part of it that lies in the name that is shown.
    pub(super) named: f32,
    /// A bit for each word that it answers to.
    pub(super) words: u16,
}

/// How all places answer.
#[derive(Debug)]
pub(super) struct Gathered {
    scores: Vec<Score>,
    /// The places that answer at all.
    pub(super) touched: Vec<u32>,
    /// Weight of each word.
    pub(super) weights: Vec<f32>,
    /// For each context how well it answers to each word; empty when none does.
    contexts: Vec<[f32; WORDS_MAX]>,
    budget: u32,
}

impl Gathered {
    pub(super) fn score(&self, id: u32) -> Score {
        let id = usize::try_from(id).unwrap_or(usize::MAX);
        self.scores.get(id).copied().unwrap_or_default()
    }

    /// What a place's context adds for the words that the place itself does not answer to.
    pub(super) fn of_context(&self, context: u16, words: u16) -> f32 {
        let Some(qualities) = self.contexts.get(usize::from(context)) else {
            return 0.0;
        };
        let open =
            |bit: usize| u32::try_from(bit).is_ok_and(|bit| words.wrapping_shr(bit) & 1 == 0);
        self.weights
            .iter()
            .zip(qualities)
            .enumerate()
            .filter(|(bit, _)| open(*bit))
            .map(|(_, (weight, quality))| weight * quality)
            .sum()
    }

    /// Weight of all words together.
    pub(super) fn weight(&self) -> f32 {
        self.weights.iter().sum()
    }

    fn touch(&mut self, id: u32, words: u16, sum: f32, is_named: bool) {
        let Some(score) = usize::try_from(id)
            .ok()
            .and_then(|id| self.scores.get_mut(id))
        else {
            return;
        };
        if score.words & words == words {
            return;
        }
        if score.words == 0 {
            self.touched.push(id);
        }
        score.words |= words;
        score.sum += sum;
        if is_named {
            score.named += sum;
        }
    }
}

/// A word of the dictionary that answers to a typed one.
struct Answer<'a> {
    quality: f32,
    is_whole: bool,
    entry: Entry<'a>,
}

/// Looks up every word.
pub(super) fn gather(index: &PlaceIndex, query: &Query) -> Gathered {
    let count = usize::try_from(index.owner_count()).unwrap_or(0);
    let mut gathered = Gathered {
        scores: vec![Score::default(); count],
        touched: Vec::new(),
        weights: Vec::new(),
        contexts: Vec::new(),
        budget: PLACE_BUDGET,
    };
    let mut nodes = NODE_BUDGET;
    let mut known = Vec::new();
    for (position, word) in query.words.iter().enumerate() {
        let is_last = position.saturating_add(1) == query.words.len();
        let answers = look_up(index, word, is_last && query.is_open, &mut nodes);
        let kinds = kinds_of(index, word, is_last && query.is_open);
        let weight = weigh(index, word, &answers, !kinds.is_empty());
        gathered.weights.push(weight);
        known.push(answers.iter().any(|answer| answer.is_whole));
        let bit = bit(position);
        for answer in &answers {
            apply(index, &mut gathered, answer, (position, bit), weight);
        }
        apply_kinds(index, &mut gathered, &kinds, bit, weight * OF_KIND);
    }
    join_neighbours(index, query, &mut gathered);
    split_unknown(index, query, &known, &mut gathered);
    gathered
}

fn bit(position: usize) -> u16 {
    u32::try_from(position).map_or(0, |position| 1_u16.wrapping_shl(position))
}

/// The words of the dictionary that answer to one, best first.
fn look_up<'a>(
    index: &'a PlaceIndex,
    word: &QueryWord,
    is_growing: bool,
    nodes: &mut u32,
) -> Vec<Answer<'a>> {
    let tree = index.dictionary();
    let length = word.text.len();
    let wanted = Wanted {
        word: word.text.as_bytes(),
        edits_max: match length {
            _ if word.is_number => 0,
            0..=3 => 0,
            4..=7 => 1,
            _ => 2,
        },
        beginning_edits_max: match length {
            _ if word.is_number && !is_growing => None,
            0..=2 if !is_growing => None,
            _ if word.is_number => Some(0),
            0..=4 => Some(0),
            _ => Some(1),
        },
    };
    let mut found = Vec::new();
    find(tree, wanted, nodes, &mut found);
    let mut answers: Vec<Answer<'a>> = found
        .into_iter()
        .map(|found| Answer {
            quality: quality(&found, is_growing),
            is_whole: found.edits == 0 && !found.is_beginning,
            entry: found.entry,
        })
        .collect();
    let spellings = words::spellings(&word.text);
    answers.extend(spellings.iter().filter_map(|spelling| {
        Some(Answer {
            quality: OTHER_SPELLING,
            is_whole: true,
            entry: find_exact(tree, spelling)?,
        })
    }));
    answers.sort_by(|a, b| b.quality.total_cmp(&a.quality));
    answers
}

fn quality(found: &Match<'_>, is_growing: bool) -> f32 {
    let slips = SLIPS.get(usize::from(found.edits)).copied().unwrap_or(0.0);
    slips
        * match (found.is_beginning, is_growing) {
            (false, _) => EXACT,
            (true, true) => BEGINNING_OF_LAST,
            (true, false) => BEGINNING,
        }
}

/// Words that few places have tell more. What is typed as it is written counts alone, if there is
/// any; then beginnings; then slips.
fn weigh(index: &PlaceIndex, word: &QueryWord, answers: &[Answer<'_>], is_kind: bool) -> f32 {
    let whole = answers.iter().filter(|answer| answer.is_whole);
    let mut places_with = sum_of_counts(whole);
    if places_with == 0 {
        let best = answers.first().map_or(0.0, |answer| answer.quality);
        places_with = sum_of_counts(answers.iter().filter(|answer| answer.quality >= best));
    }
    let is_unknown = answers.is_empty() && !is_kind;
    match (word.is_number, is_unknown) {
        (true, true) => UNKNOWN_NUMBER_WEIGHT,
        (false, true) => UNKNOWN_WEIGHT,
        (true, false) => rarity(places_with, index.owner_count()).min(NUMBER_WEIGHT),
        (false, false) => rarity(places_with, index.owner_count()),
    }
}

fn sum_of_counts<'a>(answers: impl Iterator<Item = &'a Answer<'a>>) -> u32 {
    answers.fold(0, |sum, answer| {
        sum.saturating_add(answer.entry.place_count)
    })
}

fn apply(
    index: &PlaceIndex,
    gathered: &mut Gathered,
    answer: &Answer<'_>,
    (position, bit): (usize, u16),
    weight: f32,
) {
    let Some(budget) = gathered.budget.checked_sub(answer.entry.place_count) else {
        return;
    };
    gathered.budget = budget;
    let sum = weight * answer.quality;
    let contexts = answer.entry.read(|id, is_other_name| {
        let part = if is_other_name { OF_OTHER_NAME } else { 1.0 };
        gathered.touch(id, bit, sum * part, !is_other_name);
    });
    for context in contexts.unwrap_or_default() {
        if gathered.contexts.is_empty() {
            gathered.contexts = vec![[0.0; WORDS_MAX]; index.context_count()];
        }
        let quality = usize::try_from(context)
            .ok()
            .and_then(|context| gathered.contexts.get_mut(context)?.get_mut(position));
        if let Some(quality) = quality {
            *quality = quality.max(answer.quality * IN_CONTEXT);
        }
    }
}

/// The categories that a word is a word for.
fn kinds_of(index: &PlaceIndex, word: &QueryWord, is_growing: bool) -> Vec<bool> {
    let typed = word.text.as_bytes();
    let means = |known: &str| {
        known == word.text
            || is_growing && typed.len() >= 4 && known.starts_with(&word.text)
            || typed.len() >= 6 && is_slip(known.as_bytes(), typed)
    };
    let meant: Vec<&str> = words::kinds()
        .filter_map(|(kind, mut names)| names.any(means).then_some(kind))
        .collect();
    if meant.is_empty() {
        return Vec::new();
    }
    let categories = index.categories().iter();
    categories
        .map(|(_, id)| meant.contains(&id.as_ref()))
        .collect()
}

fn is_slip(known: &[u8], typed: &[u8]) -> bool {
    if known.len().abs_diff(typed.len()) > 1 {
        return false;
    }
    let mut rows = Rows::new();
    typed.iter().for_each(|letter| rows.push(known, *letter));
    rows.to_whole(known) <= 1
}

fn apply_kinds(index: &PlaceIndex, gathered: &mut Gathered, kinds: &[bool], bit: u16, sum: f32) {
    if !kinds.contains(&true) {
        return;
    }
    for (head, id) in index.heads().zip(0..) {
        if kinds.get(usize::from(head.category)) == Some(&true) {
            gathered.touch(id, bit, sum, false);
        }
    }
}

/// "Haupt Strasse" finds "Hauptstrasse".
fn join_neighbours(index: &PlaceIndex, query: &Query, gathered: &mut Gathered) {
    for (position, (word, next)) in query
        .words
        .iter()
        .zip(query.words.iter().skip(1))
        .enumerate()
    {
        if word.is_number || next.is_number {
            continue;
        }
        let joined = format!("{}{}", word.text, next.text);
        let spellings = words::spellings(&joined);
        let texts = std::iter::once(&joined).chain(&spellings);
        let after = position.saturating_add(1);
        for entry in texts.filter_map(|text| find_exact(index.dictionary(), text)) {
            entry.read(|id, is_other_name| {
                for word in [position, after] {
                    let weight = gathered.weights.get(word).copied().unwrap_or(0.0);
                    gathered.touch(id, bit(word), weight * JOINED, !is_other_name);
                }
            });
        }
    }
}

/// "saobento" finds "São Bento".
fn split_unknown(index: &PlaceIndex, query: &Query, known: &[bool], gathered: &mut Gathered) {
    for (position, word) in query.words.iter().enumerate() {
        if known.get(position) == Some(&true) || word.is_number {
            continue;
        }
        let weight = gathered.weights.get(position).copied().unwrap_or(0.0);
        for cut in 2..word.text.len().saturating_sub(1) {
            let Some((left, right)) = word.text.split_at_checked(cut) else {
                continue;
            };
            let entry = |part| find_exact(index.dictionary(), part);
            let (Some(left), Some(right)) = (entry(left), entry(right)) else {
                continue;
            };
            let mut with_left = Vec::new();
            left.read(|id, _| with_left.push(id));
            right.read(|id, is_other_name| {
                if with_left.binary_search(&id).is_ok() {
                    gathered.touch(id, bit(position), weight * SPLIT, !is_other_name);
                }
            });
        }
    }
}
