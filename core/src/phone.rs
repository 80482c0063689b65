//! Telephone numbers as the whole world writes them: E.164.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Not a telephone number in international form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a telephone number in international form, such as +351912345678")]
pub struct PhoneError;

/// A telephone number in E.164 form: `+`, then 8 to 15 digits of which the first is not 0.
///
/// It says who somebody is, so `Debug` shows only its last two digits.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

impl Phone {
    /// The number with its leading `+`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number with all but its last two digits hidden, for logs and screens.
    pub fn masked(&self) -> String {
        let shown = self.0.len().saturating_sub(2);
        format!("+…{}", self.0.get(shown..).unwrap_or_default())
    }
}

impl FromStr for Phone {
    type Err = PhoneError;

    fn from_str(text: &str) -> Result<Self, PhoneError> {
        let digits = text.strip_prefix('+').ok_or(PhoneError)?;
        let valid = (8..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|b| b.is_ascii_digit());
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(PhoneError)
        }
    }
}

impl TryFrom<String> for Phone {
    type Error = PhoneError;

    fn try_from(text: String) -> Result<Self, PhoneError> {
        text.parse()
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> Self {
        phone.0
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(feature = "openapi")]
crate::wire::openapi::string_type!(Phone, "phone", r"^\+[1-9][0-9]{7,14}$");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_international_numbers_are_accepted() {
        assert!("+351912345678".parse::<Phone>().is_ok());
        for text in [
            "",
            "+",
            "912345678",
            "+0351912345",
            "+35191234567a",
            "+1234567",
            "+1234567890123456",
            "+351 912",
        ] {
            assert_eq!(text.parse::<Phone>(), Err(PhoneError), "{text}");
        }
    }

    #[test]
    fn a_number_does_not_show_itself_in_debug_output() {
        let phone: Phone = "+351912345678".parse().unwrap();
        assert_eq!(format!("{phone:?}"), "+…78");
    }
}
