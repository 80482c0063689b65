//! The words of the dictionary, and the kinds of places, that a typed word may mean.

use super::super::PlaceIndex;
use super::super::dictionary::{Entry, Match, Wanted, find, find_exact};
use super::super::typo::Rows;
use super::super::words;
use super::query::{Query, QueryWord};

/// Nodes of the dictionary that one query may look at.
const NODE_BUDGET: u32 = 150_000;

// How well a word answers to what was typed, from 0 to 1.
const EXACT: f32 = 1.0;
const OTHER_SPELLING: f32 = 0.97;
const BEGINNING_OF_LAST: f32 = 0.92;
const BEGINNING: f32 = 0.82;
/// What the first and the second slip leave.
const SLIPS: [f32; 3] = [1.0, 0.74, 0.56];
/// What a slip in a word of three letters leaves: it may well be another word.
const SLIP_IN_SHORT: f32 = 0.56;
const SHORT_LETTERS: usize = 3;

/// Of words that nothing answers to. Little: what else was typed may be enough.
const UNKNOWN_WEIGHT: f32 = 0.3;

/// How much a word tells that `places_with` of all places have, from 0 to 1: the square of its
/// share of the information that tells one place from all, so that "street" counts next to nothing.
pub(in super::super) fn rarity(places_with: u32, places: u32) -> f32 {
    let (with, all) = (f64::from(places_with), f64::from(places));
    let share = libm::log(1.0 + all / (1.0 + with)) / libm::log(2.0 + all);
    #[expect(clippy::cast_possible_truncation, reason = "a number between 0 and 1")]
    let rarity = (share * share).clamp(0.02, 1.0) as f32;
    rarity
}

/// A word of the dictionary that answers to a typed one.
pub(super) struct Answer<'a> {
    /// From 0 to 1.
    pub(super) quality: f32,
    /// Whether it is spelled so, or is another spelling of the same word.
    pub(super) is_whole: bool,
    /// Where it occurs.
    pub(super) entry: Entry<'a>,
}

/// What is known of a typed word.
pub(super) struct Known<'a> {
    /// Best first.
    pub(super) answers: Vec<Answer<'a>>,
    /// For each category whether it is a word for it; empty when for none.
    pub(super) kinds: Vec<bool>,
    /// How much it tells, from 0 to 1.
    pub(super) weight: f32,
}

impl Known<'_> {
    /// Whether there is a word that is spelled so.
    pub(super) fn is_whole(&self) -> bool {
        self.answers.iter().any(|answer| answer.is_whole)
    }
}

/// Looks up every word of a query.
pub(super) fn look_up_all<'a>(index: &'a PlaceIndex, query: &Query) -> Vec<Known<'a>> {
    let mut nodes = NODE_BUDGET;
    let look_up_one = |(position, word): (usize, &QueryWord)| {
        let is_last = position.saturating_add(1) == query.words.len();
        let answers = look_up(index, word, is_last && query.is_open, &mut nodes);
        let kinds = kinds_of(index, word, is_last && query.is_open);
        Known {
            weight: weigh(index, &answers, !kinds.is_empty()),
            answers,
            kinds,
        }
    };
    query.words.iter().enumerate().map(look_up_one).collect()
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
            ..SHORT_LETTERS => 0,
            SHORT_LETTERS..=7 => 1,
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
            quality: quality(&found, length, is_growing),
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

fn quality(found: &Match<'_>, typed_letters: usize, is_growing: bool) -> f32 {
    let slips = match found.edits {
        1 if typed_letters <= SHORT_LETTERS => SLIP_IN_SHORT,
        edits => SLIPS.get(usize::from(edits)).copied().unwrap_or(0.0),
    };
    slips
        * match (found.is_beginning, is_growing) {
            (false, _) => EXACT,
            (true, true) => BEGINNING_OF_LAST,
            (true, false) => BEGINNING,
        }
}

/// Words that few places have tell more. What is typed as it is written counts alone, if there is
/// any; then beginnings; then slips.
fn weigh(index: &PlaceIndex, answers: &[Answer<'_>], is_kind: bool) -> f32 {
    if answers.is_empty() && !is_kind {
        return UNKNOWN_WEIGHT;
    }
    let whole = answers.iter().filter(|answer| answer.is_whole);
    let mut places_with = sum_of_counts(whole);
    if places_with == 0 {
        let best = answers.first().map_or(0.0, |answer| answer.quality);
        places_with = sum_of_counts(answers.iter().filter(|answer| answer.quality >= best));
    }
    rarity(places_with, index.owner_count())
}

fn sum_of_counts<'a>(answers: impl Iterator<Item = &'a Answer<'a>>) -> u32 {
    answers.fold(0, |sum, answer| {
        sum.saturating_add(answer.entry.place_count)
    })
}

/// The categories that a word is a word for.
fn kinds_of(index: &PlaceIndex, word: &QueryWord, is_growing: bool) -> Vec<bool> {
    let typed = word.text.as_bytes();
    let is_beginning =
        |known: &str| is_growing && typed.len() >= 4 && known.starts_with(&word.text);
    let is_near = |known: &str| typed.len() >= 6 && is_slip(known.as_bytes(), typed);
    let meant_by = |means: &dyn Fn(&str) -> bool| -> Vec<&str> {
        words::kinds()
            .filter_map(|(kind, mut names)| names.any(means).then_some(kind))
            .collect()
    };
    let mut meant = meant_by(&|known| known == word.text);
    if meant.is_empty() {
        meant = meant_by(&|known| is_beginning(known) || is_near(known));
    }
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
