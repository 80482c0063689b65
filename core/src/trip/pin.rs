//! The four digits that a rider tells the driver before the trip starts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Not four digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a PIN is four digits")]
pub struct PinError;

/// Four decimal digits. `Debug` hides them.
#[derive(Clone, Copy, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pin([u8; 4]);

impl Pin {
    /// The PIN that a number stands for; only its last four digits count.
    pub fn from_number(number: u32) -> Self {
        let digit = |divisor: u32| {
            let value = number.checked_div(divisor).unwrap_or_default() % 10;
            b'0'.saturating_add(u8::try_from(value).unwrap_or_default())
        };
        Self([digit(1000), digit(100), digit(10), digit(1)])
    }
}

/// Compares all four digits whatever they are, so that the time it takes tells nothing.
impl PartialEq for Pin {
    fn eq(&self, other: &Self) -> bool {
        self.0
            .iter()
            .zip(other.0)
            .fold(0, |differs, (a, b)| differs | (a ^ b))
            == 0
    }
}

impl FromStr for Pin {
    type Err = PinError;

    fn from_str(text: &str) -> Result<Self, PinError> {
        let digits: [u8; 4] = text.as_bytes().try_into().map_err(|_| PinError)?;
        if digits.iter().all(u8::is_ascii_digit) {
            Ok(Self(digits))
        } else {
            Err(PinError)
        }
    }
}

impl TryFrom<String> for Pin {
    type Error = PinError;

    fn try_from(text: String) -> Result<Self, PinError> {
        text.parse()
    }
}

impl From<Pin> for String {
    fn from(pin: Pin) -> Self {
        pin.to_string()
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|digit| write!(f, "{}", char::from(*digit)))
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(…)")
    }
}

#[cfg(feature = "openapi")]
crate::wire::openapi::string_type!(Pin, "pin", "^[0-9]{4}$");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_keeps_its_leading_zeros() {
        assert_eq!(Pin::from_number(42).to_string(), "0042");
        assert_eq!(Pin::from_number(12_345), "2345".parse().unwrap());
    }

    #[test]
    fn anything_but_four_digits_is_refused() {
        for text in ["", "123", "12345", "12a4", "١٢٣٤"] {
            assert_eq!(text.parse::<Pin>(), Err(PinError), "{text}");
        }
    }

    #[test]
    fn a_pin_does_not_show_itself_in_debug_output() {
        assert_eq!(format!("{:?}", Pin::from_number(4719)), "Pin(…)");
    }
}
