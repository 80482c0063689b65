//! What a person typed, taken apart.

use super::super::PlaceIndex;
use super::super::fold::{Word, fold_words};
use super::super::number::TypedNumber;

/// Words behind these are left out.
pub(super) const WORDS_MAX: usize = 16;

/// Words that announce a house number and mean nothing else.
const BEFORE_NUMBER: [&str; 8] = [
    "no",
    "nr",
    "num",
    "numero",
    "number",
    "nummer",
    "hausnummer",
    "hnr",
];
/// Endings of house numbers that stand apart: "45 bis".
const AFTER_NUMBER: [&str; 3] = ["bis", "ter", "quater"];
const ORDINAL_ENDINGS: [&str; 4] = ["st", "nd", "rd", "th"];

/// A text that was typed.
#[derive(Debug, Clone)]
pub(super) struct Query {
    /// Its words, folded; at most [`WORDS_MAX`].
    pub(super) words: Vec<QueryWord>,
    /// What may be the house number, in the order of the words.
    pub(super) numbers: Vec<NumberOption>,
    /// Whether the last word may still be growing.
    pub(super) is_open: bool,
}

/// A folded word.
#[derive(Debug, Clone)]
pub(super) struct QueryWord {
    pub(super) text: String,
    /// Whether it starts with digits as a house number does.
    pub(super) is_number: bool,
}

/// Words that together may be a house number.
#[derive(Debug, Clone)]
pub(super) struct NumberOption {
    /// The first of them.
    pub(super) word: usize,
    /// A bit for each of them.
    pub(super) covers: u16,
    pub(super) number: TypedNumber,
}

impl Query {
    pub(super) fn parse(text: &str) -> Self {
        let end = text.char_indices().nth(PlaceIndex::QUERY_CHARS_MAX);
        let text = end.and_then(|(end, _)| text.get(..end)).unwrap_or(text);
        // Half as many again, for the words that are dropped.
        let mut words = fold_words(text, WORDS_MAX.saturating_mul(3) / 2);
        drop_announcements(&mut words);
        words.truncate(WORDS_MAX);
        Self {
            numbers: number_options(&words),
            is_open: !text.ends_with(|c: char| c.is_whitespace() || c == ','),
            words: words
                .into_iter()
                .map(|word| QueryWord {
                    is_number: is_number(&word.text),
                    text: word.text,
                })
                .collect(),
        }
    }
}

fn is_number(word: &str) -> bool {
    let letters = word.trim_start_matches(|c: char| c.is_ascii_digit());
    letters.len() < word.len() && letters.len() <= 2 && !ORDINAL_ENDINGS.contains(&letters)
}

fn drop_announcements(words: &mut Vec<Word>) {
    let text = |index: usize| words.get(index).map_or("", |word| word.text.as_str());
    let is_dropped = |index: usize| {
        let (word, next) = (text(index), text(index.saturating_add(1)));
        let is_numero = index > 0 && word == "n";
        if is_numero && next == "o" {
            return starts_number(text(index.saturating_add(2))); // "n.º 45"
        }
        let ends_numero = index > 1 && word == "o" && text(index.saturating_sub(1)) == "n";
        (BEFORE_NUMBER.contains(&word) || is_numero || ends_numero) && starts_number(next)
    };
    let dropped: Vec<bool> = (0..words.len()).map(is_dropped).collect();
    let mut dropped = dropped.into_iter();
    words.retain(|_| !dropped.next().unwrap_or(false));
}

fn starts_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}

fn number_options(words: &[Word]) -> Vec<NumberOption> {
    let mut options = Vec::new();
    for (index, word) in words.iter().enumerate() {
        if !is_number(&word.text) {
            continue;
        }
        let mut add = |text: &str, words: u32| {
            let bits = if words == 1 { 1_u16 } else { 3 };
            let number = TypedNumber::new(text);
            let covers = u32::try_from(index)
                .ok()
                .map(|index| bits.wrapping_shl(index));
            if let (Some(number), Some(covers)) = (number, covers) {
                options.push(NumberOption {
                    word: index,
                    covers,
                    number,
                });
            }
        };
        if let Some(next) = words.get(index.saturating_add(1)) {
            let is_range = next.is_glued && next.text.starts_with(|c: char| c.is_ascii_digit());
            let is_ending = AFTER_NUMBER.contains(&next.text.as_str())
                || next.text.len() == 1 && next.text.starts_with(|c: char| c.is_ascii_alphabetic());
            if is_range {
                add(&format!("{}-{}", word.text, next.text), 2);
            } else if is_ending {
                add(&format!("{}{}", word.text, next.text), 2);
            }
        }
        add(&word.text, 1);
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let query = Query::parse(text);
        query.words.into_iter().map(|word| word.text).collect()
    }

    fn numbers(text: &str) -> Vec<TypedNumber> {
        let query = Query::parse(text);
        query.numbers.into_iter().map(|o| o.number).collect()
    }

    fn typed(text: &str) -> TypedNumber {
        TypedNumber::new(text).unwrap()
    }

    #[test]
    fn words_that_only_announce_a_number_are_dropped() {
        let plain = ["rua", "do", "almada", "45"];
        assert_eq!(words("Rua do Almada n.º 45"), plain);
        assert_eq!(words("Rua do Almada no. 45"), plain);
        assert_eq!(words("Rua do Almada, N 45"), ["rua", "do", "almada", "45"]);
        assert_eq!(words("N 5th St"), ["n", "5th", "st"]);
        assert_eq!(words("no exit"), ["no", "exit"]);
    }

    #[test]
    fn numbers_are_seen_with_what_belongs_to_them() {
        assert_eq!(numbers("12 Main St"), [typed("12")]);
        assert_eq!(numbers("Main St 45B"), [typed("45b")]);
        assert_eq!(numbers("Main St 45 B"), [typed("45b"), typed("45")]);
        assert_eq!(
            numbers("Main St 12-14"),
            [typed("12-14"), typed("12"), typed("14")]
        );
        assert_eq!(numbers("Main St"), []);
        assert_eq!(numbers("5th street"), []);
        assert!(!Query::parse("5th street").words[0].is_number);
        assert!(Query::parse("45b street").words[0].is_number);
    }

    #[test]
    fn long_queries_are_cut() {
        assert_eq!(words(&"a ".repeat(100)).len(), WORDS_MAX);
        assert_eq!(words(&"ü".repeat(5_000)).len(), 1);
        assert_eq!(words(&format!("{} x", "ü ".repeat(100))).len(), WORDS_MAX);
    }

    #[test]
    fn a_text_that_ends_with_a_space_is_not_growing() {
        assert!(Query::parse("rua").is_open);
        assert!(!Query::parse("rua ").is_open);
        assert!(!Query::parse("Rua do Almada,").is_open);
    }
}
