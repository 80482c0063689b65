//! Whole-number arithmetic that rounds once and never wraps around.

use super::fare::FareError;
use super::tariff::RoundingMode;

/// Basis points of a whole.
pub(super) const BPS: i128 = 10_000;

/// A whole number between its computation and the rounding of its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Exact(i128);

impl Exact {
    pub(super) const ZERO: Self = Self(0);

    pub(super) fn add(self, other: impl Into<i128>) -> Result<Self, FareError> {
        self.0
            .checked_add(other.into())
            .map(Self)
            .ok_or(FareError::Overflow)
    }

    pub(super) fn sub(self, other: impl Into<i128>) -> Result<Self, FareError> {
        self.0
            .checked_sub(other.into())
            .map(Self)
            .ok_or(FareError::Overflow)
    }

    pub(super) fn times(self, factor: impl Into<i128>) -> Result<Self, FareError> {
        self.0
            .checked_mul(factor.into())
            .map(Self)
            .ok_or(FareError::Overflow)
    }

    /// `max(0, self)`
    pub(super) fn at_least_zero(self) -> Self {
        self.max(Self::ZERO)
    }

    /// The quotient by a positive `divisor`, half to even.
    pub(super) fn round_div(self, divisor: i128) -> Result<Self, FareError> {
        self.divide(divisor, RoundingMode::HalfEven)
    }

    /// The multiple of a positive `unit` that `mode` chooses.
    pub(super) fn to_multiple_of(self, unit: i64, mode: RoundingMode) -> Result<Self, FareError> {
        self.divide(i128::from(unit), mode)?.times(unit)
    }

    fn divide(self, divisor: i128, mode: RoundingMode) -> Result<Self, FareError> {
        let quotient = self
            .0
            .checked_div_euclid(divisor)
            .ok_or(FareError::Overflow)?;
        let remainder = self
            .0
            .checked_rem_euclid(divisor)
            .ok_or(FareError::Overflow)?;
        let rest = divisor.checked_sub(remainder).ok_or(FareError::Overflow)?;
        let odd = quotient & 1 == 1;
        let up = match mode {
            RoundingMode::Down => false,
            RoundingMode::Up => remainder > 0,
            RoundingMode::HalfEven => remainder > rest || (remainder == rest && odd),
        };
        Self(quotient).add(i128::from(up))
    }

    /// The amount, if it fits into 64 bits.
    pub(super) fn minor(self) -> Result<i64, FareError> {
        i64::try_from(self.0).map_err(|_| FareError::Overflow)
    }
}

impl From<i64> for Exact {
    fn from(number: i64) -> Self {
        Self(i128::from(number))
    }
}

impl From<Exact> for i128 {
    fn from(number: Exact) -> Self {
        number.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_to_the_even_neighbour_on_both_sides_of_zero() {
        let round = |number: i64, divisor| Exact::from(number).round_div(divisor).unwrap();
        for (number, wanted) in [(5, 0), (15, 2), (25, 2), (-5, 0), (-15, -2), (-25, -2)] {
            assert_eq!(round(number, 10), Exact::from(wanted), "{number}/10");
        }
        assert_eq!(round(16, 10), Exact::from(2));
        assert_eq!(round(-14, 10), Exact::from(-1));
        assert_eq!(round(7, 3), Exact::from(2));
    }

    #[test]
    fn a_total_is_brought_to_the_unit_as_the_tariff_says() {
        let to_ten = |number: i64, mode| Exact::from(number).to_multiple_of(10, mode).unwrap();
        assert_eq!(to_ten(2091, RoundingMode::HalfEven), Exact::from(2090));
        assert_eq!(to_ten(2095, RoundingMode::HalfEven), Exact::from(2100));
        assert_eq!(to_ten(2085, RoundingMode::HalfEven), Exact::from(2080));
        assert_eq!(to_ten(2091, RoundingMode::Up), Exact::from(2100));
        assert_eq!(to_ten(2099, RoundingMode::Down), Exact::from(2090));
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let huge = Exact::from(i64::MAX).times(i64::MAX).unwrap();
        assert_eq!(huge.times(10), Err(FareError::Overflow));
        assert_eq!(huge.minor(), Err(FareError::Overflow));
        assert_eq!(huge.round_div(0), Err(FareError::Overflow));
    }
}
