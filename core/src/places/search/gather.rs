//! Which places answer to which words, and how well.

use super::super::PlaceIndex;
use super::look_up::{Answer, look_up_all};
use super::query::{Query, WORDS_MAX};
use super::spacing::{join_neighbours, split_unknown};

/// Entries of words' lists that one query may read.
const PLACE_BUDGET: u32 = 1_500_000;

// How well a place answers to a word that is not in its name, beside how well the word answers.
/// A word for what it is.
const OF_KIND: f32 = 0.95;
/// In the name of its district or town.
const IN_CONTEXT: f32 = 0.85;
/// A word of another name than the one that is shown.
const OF_OTHER_NAME: f32 = 0.95;

/// What a number weighs beside words, as a share of theirs: the street matters more.
const NUMBER_SHARE: f32 = 0.3;

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

    /// Notes that a place answers to words; the first answer to a word counts.
    pub(super) fn touch(&mut self, id: u32, words: u16, sum: f32, source: Source) {
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
pub(super) enum Source {
    /// In the name that is shown.
    Name,
    /// In another name.
    OtherName,
    /// It is a word for what it is.
    Kind,
}

impl Source {
    pub(super) const fn of(is_other_name: bool) -> Self {
        if is_other_name {
            Self::OtherName
        } else {
            Self::Name
        }
    }
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
    join_neighbours(index, query, &words, &mut gathered);
    split_unknown(index, query, &words, &mut gathered);
    gathered
}

fn numbers_of(query: &Query) -> u16 {
    let numbers = query.words.iter().enumerate();
    let numbers = numbers.filter(|(_, word)| word.is_number);
    numbers.fold(0, |bits, (position, _)| bits | bit(position))
}

/// The bit of a word.
pub(super) fn bit(position: usize) -> u16 {
    u32::try_from(position).map_or(0, |position| 1_u16.wrapping_shl(position))
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
