//! The digits of a one-time code, kept out of logs.

use std::fmt;

use super::CODE_LENGTH;

/// Up to [`CODE_LENGTH`] digits. `Debug` shows how many there are, not which.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Digits(String);

impl Digits {
    /// The digits in this text; letters, spaces and what is too much are left out.
    pub fn of(text: &str) -> Self {
        Self(
            text.chars()
                .filter(char::is_ascii_digit)
                .take(CODE_LENGTH)
                .collect(),
        )
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How many digits lack to a whole code.
    pub fn missing(&self) -> usize {
        CODE_LENGTH.saturating_sub(self.0.len())
    }

    /// Whether no digit is there yet.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digits({} of {CODE_LENGTH})", self.0.len())
    }
}
