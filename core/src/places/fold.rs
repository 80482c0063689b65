//! Texts as people type them: no accents, no capitals, only words of ASCII letters and digits.
//!
//! "São João" becomes `sao joao`, "Straße" `strasse`, "ул. Ленина" `ul lenina`. Names in a pack and
//! queries are folded alike, so what is typed without accents finds what is written with them.

use deunicode::deunicode_char;

/// Longer words are cut, in names and in queries alike.
pub(super) const WORD_BYTES_MAX: usize = 40;

/// A folded word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Lower case ASCII letters and digits, never empty.
    pub(super) text: String,
    /// Whether only a hyphen or a slash stood between it and the word before: "12-14", "12/A".
    pub(super) is_glued: bool,
}

/// The first words of a text, folded.
pub(super) fn fold_words(text: &str, words_max: usize) -> Vec<Word> {
    let mut words = Vec::new();
    let mut current = String::new();
    let mut gap = Gap::Start;
    let mut gap_of_current = Gap::Start;
    let mut chars = text.chars().peekable();
    let mut push = |current: &mut String, gap: Gap| {
        if !current.is_empty() && words.len() < words_max {
            words.push(Word {
                text: std::mem::take(current),
                is_glued: gap == Gap::Glue,
            });
        }
        current.clear();
    };
    while let Some(letter) = chars.next() {
        if is_silent(letter) {
            continue;
        }
        if is_apostrophe(letter) && ends_with_s(&chars) {
            continue; // "McDonald's" is one word.
        }
        if !letter.is_alphanumeric() {
            push(&mut current, gap_of_current);
            gap = match gap {
                Gap::None if matches!(letter, '-' | '/' | '–') => Gap::Glue,
                _ => Gap::Wide,
            };
            continue;
        }
        if current.is_empty() {
            gap_of_current = gap;
        }
        let is_syllable = append_folded(&mut current, letter);
        gap = Gap::None;
        if is_syllable {
            push(&mut current, gap_of_current);
            gap = Gap::Wide;
        }
    }
    push(&mut current, gap_of_current);
    words
}

/// The folded words of a text with a space between them.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in fold_words(text, usize::MAX) {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(&word.text);
    }
    folded
}

/// What lies between two words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    Start,
    None,
    Glue,
    Wide,
}

/// Appends a letter; answers whether it is a word by itself, as in Chinese.
fn append_folded(word: &mut String, letter: char) -> bool {
    if letter.is_ascii() {
        append(word, letter);
        return false;
    }
    let Some(latin) = deunicode_char(letter) else {
        return false;
    };
    latin
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .for_each(|c| append(word, c));
    latin.ends_with(' ')
}

fn append(word: &mut String, letter: char) {
    if word.len() < WORD_BYTES_MAX {
        word.push(letter.to_ascii_lowercase());
    }
}

/// Accents that stand by themselves, and marks of no width.
const fn is_silent(letter: char) -> bool {
    matches!(
        letter,
        '\u{300}'..='\u{36f}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}

const fn is_apostrophe(letter: char) -> bool {
    matches!(letter, '\'' | '’' | '`' | '´' | 'ʼ')
}

fn ends_with_s(rest: &std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    let mut rest = rest.clone();
    matches!(rest.next(), Some('s' | 'S')) && rest.next().is_none_or(|c| !c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_capitals_and_scripts_fold_to_plain_letters() {
        for (text, folded) in [
            ("São João", "sao joao"),
            ("Sa\u{303}o Joa\u{303}o", "sao joao"),
            ("Königstraße", "konigstrasse"),
            ("ул. Ленина", "ul lenina"),
            ("Łódź", "lodz"),
            ("Avenue d’Ostende", "avenue d ostende"),
            ("McDonald's", "mcdonalds"),
            ("McDonald’s Drive", "mcdonalds drive"),
            ("北京", "bei jing"),
            ("R.  de\u{200b} Cima", "r de cima"),
            ("🚕🚕 ???", ""),
            ("", ""),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn a_hyphen_or_slash_glues_two_words() {
        let glued = |text| -> Vec<bool> {
            fold_words(text, 9)
                .iter()
                .map(|word| word.is_glued)
                .collect()
        };
        assert_eq!(glued("12-14"), [false, true]);
        assert_eq!(glued("12/A Main"), [false, true, false]);
        assert_eq!(glued("12 - 14"), [false, false]);
        assert_eq!(glued("-12"), [false]);
    }

    #[test]
    fn long_words_and_long_texts_are_cut() {
        assert_eq!(fold(&"a".repeat(500)).len(), WORD_BYTES_MAX);
        assert_eq!(fold_words(&"a ".repeat(500), 16).len(), 16);
    }
}
