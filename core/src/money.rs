//! Amounts of money: whole minor units and their currency, never floating point.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why two amounts could not be put together, or a text is no currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The amounts are in different currencies.
    #[error("cannot combine {left} with {right}")]
    CurrencyMismatch {
        /// Currency of the first amount.
        left: Currency,
        /// Currency of the second amount.
        right: Currency,
    },
    /// The result does not fit into 64 bits.
    #[error("the amount is too large")]
    Overflow,
    /// Not three capital letters.
    #[error("a currency is three capital letters, as in ISO 4217")]
    UnknownCurrency,
}

/// An ISO 4217 code: three capital letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// The euro.
    pub const EUR: Self = Self(*b"EUR");

    /// How many decimals this currency's minor unit stands for, as ISO 4217 lists them.
    pub fn decimals(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG"
            | b"RWF" | b"UGX" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let code: [u8; 3] = text
            .as_bytes()
            .try_into()
            .map_err(|_| MoneyError::UnknownCurrency)?;
        if code.iter().all(u8::is_ascii_uppercase) {
            Ok(Self(code))
        } else {
            Err(MoneyError::UnknownCurrency)
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;

    fn try_from(text: String) -> Result<Self, MoneyError> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.to_string()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|letter| write!(f, "{}", char::from(*letter)))
    }
}

#[cfg(feature = "openapi")]
crate::wire::openapi::string_type!(Currency, "currency", "^[A-Z]{3}$");

/// An amount in minor units (cents) of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(deny_unknown_fields))]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Minor units: 640 is 6.40 EUR.
    pub amount_minor: i64,
    /// ISO 4217 code.
    pub currency: Currency,
}

impl Money {
    /// An amount of this many minor units.
    pub const fn new(amount_minor: i64, currency: Currency) -> Self {
        Self {
            amount_minor,
            currency,
        }
    }

    /// The sum, if both are in one currency and it fits.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch {
                left: self.currency,
                right: other.currency,
            });
        }
        let amount = self
            .amount_minor
            .checked_add(other.amount_minor)
            .ok_or(MoneyError::Overflow)?;
        Ok(Self::new(amount, self.currency))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = self.currency.decimals();
        let unit = 10_u64.saturating_pow(decimals);
        let sign = if self.amount_minor < 0 { "-" } else { "" };
        let amount = self.amount_minor.unsigned_abs();
        let (whole, part) = (
            amount.checked_div(unit).unwrap_or_default(),
            amount.checked_rem(unit).unwrap_or_default(),
        );
        if decimals == 0 {
            write!(f, "{sign}{whole} {}", self.currency)
        } else {
            let width = usize::try_from(decimals).unwrap_or(2);
            write!(f, "{sign}{whole}.{part:0width$} {}", self.currency)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_print_with_the_decimals_of_their_currency() {
        let print = |amount, code: &str| Money::new(amount, code.parse().unwrap()).to_string();
        assert_eq!(print(640, "EUR"), "6.40 EUR");
        assert_eq!(print(-5, "EUR"), "-0.05 EUR");
        assert_eq!(print(640, "JPY"), "640 JPY");
        assert_eq!(print(1_234_567, "KWD"), "1234.567 KWD");
        assert_eq!(print(i64::MIN, "EUR"), "-92233720368547758.08 EUR");
    }

    #[test]
    fn amounts_of_two_currencies_do_not_add() {
        let yen = "JPY".parse().unwrap();
        assert_eq!(
            Money::new(1, Currency::EUR).checked_add(Money::new(1, yen)),
            Err(MoneyError::CurrencyMismatch {
                left: Currency::EUR,
                right: yen
            })
        );
        assert_eq!(
            Money::new(i64::MAX, yen).checked_add(Money::new(1, yen)),
            Err(MoneyError::Overflow)
        );
    }

    #[test]
    fn a_currency_is_three_capital_letters() {
        for text in ["eur", "EU", "EURO", "E1R", "€"] {
            assert_eq!(
                text.parse::<Currency>(),
                Err(MoneyError::UnknownCurrency),
                "{text}"
            );
        }
    }
}
