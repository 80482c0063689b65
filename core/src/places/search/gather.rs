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
const OF_KIND: f32 = 0.95;
const IN_CONTEXT: f32 = 0.85;
/// What the first and the second slip leave.
const SLIPS: [f32; 3] = [1.0, 0.74, 0.56];
/// A word of another name than the one that is shown.
const OF_OTHER_NAME: f32 = 0.95;

/// What a number weighs beside words, as a share of theirs: the street matters more.
const NUMBER_SHARE: f32 = 0.3;
const UNKNOWN_WEIGHT: f32 = 0.5;

/// How much a word tells that `places_with` of all places have, from 0 to 1: the square of its
/// share of the information that tells one place from all, so that "street" counts next to nothing.
pub(in super::super) fn rarity(places_with: u32, places: u32) -> f32 {
    let (with, all) = (f64::from(places_with), f64::from(places));
    let share = libm::log(1.0 + all / (1.0 + with)) / libm::log(2.0 + all);
    #[expect(clippy::cast_possible_truncation, reason = "a number between 0 and 1")]
    let rarity = (share * share).clamp(0.02, 1.0) as f32;
    rarity
}

/// How a place answers.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Score {
    /// Sum over the words that are no numbers of weight times quality.
    pub(super) sum: f32,
    /// The same over the numbers.
    pub(super) numbers: f32,
    /// The part of it that lies in the name that is shown.
    pub(super) named: f32,
    /// A bit for each word that it answers to.
    pub(super) words: u16,
    /// Whether a word is a word for what it is.
    pub(super) is_of_kind: bool,
}

/// How all places answer.
#[derive(Debug)]
pub(super) struct Gathered {
    scores: Vec<Score>,
    /// The places that answer at all.
    pub(super) touched: Vec<u32>,
    /// Weight of each word.
    pub(super) weights: Vec<f32>,
    /// A bit for each word that is a number.
    number_words: u16,
    /// For each context how well it answers to each word; empty when none does.
    contexts: Vec<[f32; WORDS_MAX]>,
    /// For each word the share of places whose context does not answer to it.
    words_of_contexts: [f32; WORDS_MAX],
    budget: u32,
}

impl Gathered {
    pub(super) fn score(&self, id: u32) -> Score {
        let id = usize::try_from(id).unwrap_or(usize::MAX);
        self.scores.get(id).copied().unwrap_or_default()
    }

    /// What a place's context adds for the words that the place itself does not answer to: all of
    /// it, and the part of it that tells the place from those that are elsewhere.
    pub(super) fn of_context(&self, context: u16, words: u16) -> (f32, f32) {
        let (mut all, mut telling) = (0.0, 0.0);
        let qualities = self.contexts.get(usize::from(context));
        let words_of_context = self
            .words_of_contexts
            .iter()
            .zip(&self.weights)
            .zip(0_u32..);
        for (quality, ((telling_share, weight), bit)) in
            qualities.into_iter().flatten().zip(words_of_context)
        {
            if words.wrapping_shr(bit) & 1 == 0 {
                all += weight * quality;
                telling += weight * quality * telling_share;
            }
        }
        (all, telling)
    }

    /// Weight of all words together, and of those that are no numbers; never 0.
    pub(super) fn weight(&self) -> (f32, f32) {
        let (mut all, mut words) = (0.0, 0.0);
        for (weight, bit) in self.weights.iter().zip(0_u32..) {
            all += weight;
            if self.number_words.wrapping_shr(bit) & 1 == 0 {
                words += weight;
            }
        }
        (all.max(f32::MIN_POSITIVE), words)
    }

    /// Beside words, numbers weigh a share of what the words weigh.
    fn weigh_numbers(&mut self) {
        let (_, words) = self.weight();
        if words <= 0.0 {
            return;
        }
        let numbers = self.number_words;
        for (weight, bit) in self.weights.iter_mut().zip(0_u32..) {
            if numbers.wrapping_shr(bit) & 1 == 1 {
                *weight = words * NUMBER_SHARE;
            }
        }
    }

    /// A word that most contexts have tells little.
    fn compare_contexts(&mut self, index: &PlaceIndex) {
        let mut with = [0.0_f32; WORDS_MAX];
        for (qualities, places) in self.contexts.iter().zip(index.context_sizes()) {
            for (with, quality) in with.iter_mut().zip(qualities) {
                #[expect(clippy::cast_precision_loss, reason = "a share needs no more")]
                let places = places as f32;
                *with += if *quality > 0.0 { places } else { 0.0 };
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "a share needs no more")]
        let all = index.owner_count().max(1) as f32;
        for (share, with) in self.words_of_contexts.iter_mut().zip(with) {
            *share = (1.0 - with / all).clamp(0.0, 1.0);
        }
    }

    fn touch(&mut self, id: u32, words: u16, sum: f32, source: Source) {
        let is_number = self.number_words & words != 0;
        let Some(score) = usize::try_from(id)
            .ok()
            .and_then(|id| self.scores.get_mut(id))
        else {
            return;
        };
        score.is_of_kind |= source == Source::Kind;
        if score.words & words == words {
            return;
        }
        if score.words == 0 {
            self.touched.push(id);
        }
        score.words |= words;
        if is_number {
            score.numbers += sum;
        } else {
            score.sum += sum;
        }
        if source == Source::Name {
            score.named += sum;
        }
    }
}

/// Where a place has a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// In the name that is shown.
    Name,
    /// In another name.
    OtherName,
    /// It is a word for what it is.
    Kind,
}

impl Source {
    const fn of(is_other_name: bool) -> Self {
        if is_other_name {
            Self::OtherName
        } else {
            Self::Name
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
        number_words: numbers_of(query),
        contexts: Vec::new(),
        words_of_contexts: [1.0; WORDS_MAX],
        budget: PLACE_BUDGET,
    };
    let words = look_up_all(index, query);
    gathered.weights = words.iter().map(|word| word.weight).collect();
    gathered.weigh_numbers();
    for (position, word) in words.iter().enumerate() {
        let weight = gathered.weights.get(position).copied().unwrap_or(0.0);
        for answer in &word.answers {
            apply(index, &mut gathered, answer, position, weight);
        }
        apply_kinds(index, &mut gathered, &word.kinds, position, weight);
    }
    gathered.compare_contexts(index);
    join_neighbours(index, query, &mut gathered);
    split_unknown(index, query, &words, &mut gathered);
    gathered
}

/// What is known of a typed word.
struct Known<'a> {
    answers: Vec<Answer<'a>>,
    /// For each category whether it is a word for it; empty when for none.
    kinds: Vec<bool>,
    weight: f32,
}

fn look_up_all<'a>(index: &'a PlaceIndex, query: &Query) -> Vec<Known<'a>> {
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

fn numbers_of(query: &Query) -> u16 {
    let numbers = query.words.iter().enumerate();
    let numbers = numbers.filter(|(_, word)| word.is_number);
    numbers.fold(0, |bits, (position, _)| bits | bit(position))
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

fn apply(
    index: &PlaceIndex,
    gathered: &mut Gathered,
    answer: &Answer<'_>,
    position: usize,
    weight: f32,
) {
    let Some(budget) = gathered.budget.checked_sub(answer.entry.place_count) else {
        return;
    };
    gathered.budget = budget;
    let sum = weight * answer.quality;
    let contexts = answer.entry.read(|id, is_other_name| {
        let part = if is_other_name { OF_OTHER_NAME } else { 1.0 };
        gathered.touch(id, bit(position), sum * part, Source::of(is_other_name));
    });
    for context in contexts.unwrap_or_default() {
        if gathered.contexts.is_empty() {
            gathered.contexts = vec![[0.0; WORDS_MAX]; index.context_sizes().len()];
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

fn apply_kinds(
    index: &PlaceIndex,
    gathered: &mut Gathered,
    kinds: &[bool],
    position: usize,
    weight: f32,
) {
    if !kinds.contains(&true) {
        return;
    }
    for (head, id) in index.heads().zip(0..) {
        if kinds.get(usize::from(head.category)) == Some(&true) {
            gathered.touch(id, bit(position), weight * OF_KIND, Source::Kind);
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
                    gathered.touch(id, bit(word), weight * JOINED, Source::of(is_other_name));
                }
            });
        }
    }
}

/// "saobento" finds "São Bento".
fn split_unknown(index: &PlaceIndex, query: &Query, known: &[Known<'_>], gathered: &mut Gathered) {
    for (position, (word, known)) in query.words.iter().zip(known).enumerate() {
        let is_known = known.answers.iter().any(|answer| answer.is_whole);
        if is_known || word.is_number {
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
                    gathered.touch(id, bit(position), weight * SPLIT, Source::of(is_other_name));
                }
            });
        }
    }
}
