//! House numbers: "45", "45B", "12-14", "45 bis".

use super::fold::fold_words;

/// A house number in two parts, as it is packed and compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct HouseNumber {
    /// The digits it starts with; `None` when it starts otherwise.
    pub(super) digits: Option<u32>,
    /// What follows them, as it is written.
    pub(super) rest: String,
}

impl HouseNumber {
    /// From a number as a sign shows it.
    pub(super) fn of(text: &str) -> Self {
        let text = text.trim();
        let end = text.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = text.split_at_checked(end).unwrap_or_default();
        let starts_plainly = !digits.is_empty() && !digits.starts_with('0');
        match digits.parse::<u32>() {
            Ok(number) if starts_plainly && number < u32::MAX >> 2 => Self {
                digits: Some(number),
                rest: rest.to_owned(),
            },
            _ => Self {
                digits: None,
                rest: text.to_owned(),
            },
        }
    }
}

/// How well a number on the map answers to one that was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// 45 for 45B, or the other way round.
    SameDigits,
    /// 12-16 for 14.
    InRange,
    /// The same.
    Same,
}

/// A number that was typed, ready to be compared with many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TypedNumber {
    /// Its digits.
    pub(super) digits: u32,
    rest: String,
}

impl TypedNumber {
    /// From digits and what was typed behind them.
    pub(super) fn new(text: &str) -> Option<Self> {
        let number = HouseNumber::of(text);
        Some(Self {
            digits: number.digits?,
            rest: rest_key(&number.rest),
        })
    }

    /// How a number of the map fits, if at all.
    pub(super) fn fit(&self, digits: Option<u32>, rest: &str) -> Option<Fit> {
        let digits = digits?;
        if digits == self.digits {
            let key = rest_key(rest);
            return Some(match key == self.rest {
                true => Fit::Same,
                false if self.rest.is_empty() && range_end(&key).is_some() => Fit::InRange,
                false => Fit::SameDigits,
            });
        }
        let end = range_end(&rest_key(rest))?;
        let is_within = digits < self.digits && self.digits <= end;
        let same_side = digits % 2 == self.digits % 2;
        (is_within && same_side && self.rest.is_empty()).then_some(Fit::InRange)
    }
}

/// "B", " b" and "/B" are one; "-14" stays a range.
fn rest_key(rest: &str) -> String {
    if rest.is_empty() {
        return String::new();
    }
    let mut key = String::new();
    for word in fold_words(rest, 4) {
        let starts_with_digit = word.text.starts_with(|c: char| c.is_ascii_digit());
        if starts_with_digit {
            key.push('-');
        }
        key.push_str(&word.text);
    }
    key
}

fn range_end(key: &str) -> Option<u32> {
    key.strip_prefix('-')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_split_behind_its_digits() {
        for (text, digits, rest) in [
            ("45", Some(45), ""),
            (" 45B ", Some(45), "B"),
            ("12-14", Some(12), "-14"),
            ("007", None, "007"),
            ("A12", None, "A12"),
            ("99999999999", None, "99999999999"),
            ("", None, ""),
        ] {
            let number = HouseNumber::of(text);
            assert_eq!((number.digits, number.rest.as_str()), (digits, rest));
        }
    }

    #[test]
    fn numbers_fit_however_they_are_written() {
        for (typed, on_the_map, fit) in [
            ("45", "45", Some(Fit::Same)),
            ("45b", "45 B", Some(Fit::Same)),
            ("45b", "45/B", Some(Fit::Same)),
            ("12-14", "12–14", Some(Fit::Same)),
            ("45b", "45", Some(Fit::SameDigits)),
            ("45", "45A", Some(Fit::SameDigits)),
            ("12", "12-16", Some(Fit::InRange)),
            ("14", "12-16", Some(Fit::InRange)),
            ("16", "12-16", Some(Fit::InRange)),
            ("13", "12-16", None),
            ("18", "12-16", None),
            ("46", "45", None),
            ("45", "A45", None),
        ] {
            let number = HouseNumber::of(on_the_map);
            let typed = TypedNumber::new(typed).unwrap();
            assert_eq!(
                typed.fit(number.digits, &number.rest),
                fit,
                "{typed:?} {on_the_map}"
            );
        }
    }
}
