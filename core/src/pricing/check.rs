//! Checks rules that a person wrote down, and collects every field that breaks one.

/// One problem of a tariff, a promotion or the rules of surge, with the field that has it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct InvalidField {
    /// The field, such as `distance_tiers[1].from_m`.
    pub field: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

const BPS_MAX: i64 = 10_000;
const SURGE_MAX_BPS: i64 = 100_000;

/// The problems so far.
#[derive(Default)]
pub(super) struct Check {
    problems: Vec<InvalidField>,
}

impl Check {
    pub(super) fn that(&mut self, holds: bool, field: impl Into<String>, problem: &'static str) {
        if !holds {
            self.problems.push(InvalidField {
                field: field.into(),
                problem,
            });
        }
    }

    pub(super) fn not_negative(&mut self, field: impl Into<String>, amount: i64) {
        self.that(amount >= 0, field, "is negative");
    }

    pub(super) fn positive(&mut self, field: impl Into<String>, amount: i64) {
        self.that(amount > 0, field, "is not positive");
    }

    /// A share in basis points.
    pub(super) fn share(&mut self, field: impl Into<String>, bps: i64) {
        let fits = (0..=BPS_MAX).contains(&bps);
        self.that(fits, field, "is not from 0 to 10000");
    }

    /// The highest surge, in basis points.
    pub(super) fn surge_cap(&mut self, field: impl Into<String>, bps: i64) {
        let fits = (BPS_MAX..=SURGE_MAX_BPS).contains(&bps);
        self.that(fits, field, "is not from 10000 to 100000");
    }

    /// What was checked, if nothing is wrong with it.
    pub(super) fn pass<T>(self, checked: T) -> Result<T, Vec<InvalidField>> {
        if self.problems.is_empty() {
            Ok(checked)
        } else {
            Err(self.problems)
        }
    }
}
