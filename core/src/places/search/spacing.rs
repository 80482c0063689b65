//! Spaces too many, too few, or in the wrong place.

use super::super::PlaceIndex;
use super::super::dictionary::find_exact;
use super::super::words;
use super::gather::{Gathered, Source, bit};
use super::look_up::Known;
use super::query::Query;

// How well such words answer, from 0 to 1.
const JOINED: f32 = 0.9;
const SPLIT: f32 = 0.85;
const MOVED: f32 = 0.75;

/// "Haupt Strasse" finds "Hauptstrasse", and "Ru aDireita" "Rua Direita".
pub(super) fn join_neighbours(
    index: &PlaceIndex,
    query: &Query,
    known: &[Known<'_>],
    gathered: &mut Gathered,
) {
    let next_words = query.words.iter().skip(1).zip(known.iter().skip(1));
    let words = query.words.iter().zip(known);
    for (position, ((word, is_known), (next, is_next_known))) in words.zip(next_words).enumerate() {
        if word.is_number || next.is_number {
            continue;
        }
        let both = [position, position.saturating_add(1)];
        let joined = format!("{}{}", word.text, next.text);
        let spellings = words::spellings(&joined);
        let texts = std::iter::once(&joined).chain(&spellings);
        for entry in texts.filter_map(|text| find_exact(index.dictionary(), text)) {
            entry.read(|id, is_other_name| {
                note(gathered, id, &both, JOINED, Source::of(is_other_name));
            });
        }
        if !is_known.is_whole() || !is_next_known.is_whole() {
            for (id, source) in with_both_parts(index, &joined, 1) {
                note(gathered, id, &both, MOVED, source);
            }
        }
    }
}

/// "saobento" finds "São Bento".
pub(super) fn split_unknown(
    index: &PlaceIndex,
    query: &Query,
    known: &[Known<'_>],
    gathered: &mut Gathered,
) {
    for (position, (word, known)) in query.words.iter().zip(known).enumerate() {
        if known.is_whole() || word.is_number {
            continue;
        }
        for (id, source) in with_both_parts(index, &word.text, 2) {
            note(gathered, id, &[position], SPLIT, source);
        }
    }
}

/// Places that have both parts of a text that is cut somewhere, as two words. Either part has at
/// least `letters_min`.
fn with_both_parts(index: &PlaceIndex, text: &str, letters_min: usize) -> Vec<(u32, Source)> {
    let mut places = Vec::new();
    let last_cut = text.len().saturating_sub(letters_min);
    for cut in letters_min..=last_cut {
        let Some((left, right)) = text.split_at_checked(cut) else {
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
                places.push((id, Source::of(is_other_name)));
            }
        });
    }
    places
}

fn note(gathered: &mut Gathered, id: u32, words: &[usize], quality: f32, source: Source) {
    for word in words {
        let weight = gathered.weights.get(*word).copied().unwrap_or(0.0);
        gathered.touch(id, bit(*word), weight * quality, source);
    }
}
