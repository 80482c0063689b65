//! The lines of a fare while it is put together.

use super::{Fare, FareError, FareLine, LineKind};
use crate::pricing::exact::{BPS, Exact};
use crate::pricing::tariff::TariffSpec;

/// The lines so far, with the sum of each kind. A line of zero is left out, except the base.
pub(in crate::pricing) struct Lines {
    lines: Vec<FareLine>,
    sums: [Exact; LineKind::COUNT],
    total: Exact,
}

impl Lines {
    pub(in crate::pricing) fn with_capacity(count: usize) -> Self {
        Self {
            lines: Vec::with_capacity(count),
            sums: [Exact::ZERO; LineKind::COUNT],
            total: Exact::ZERO,
        }
    }

    pub(in crate::pricing) fn push_always(
        &mut self,
        kind: LineKind,
        detail: Option<&str>,
        amount: Exact,
    ) -> Result<(), FareError> {
        let amount_minor = amount.minor()?;
        self.total = self.total.add(amount)?;
        let sum = self.sums.get_mut(kind as usize);
        let sum = sum.ok_or(FareError::Overflow)?;
        *sum = sum.add(amount)?;
        self.lines.push(FareLine {
            kind,
            detail: detail.map(str::to_owned),
            amount_minor,
        });
        Ok(())
    }

    pub(in crate::pricing) fn push(
        &mut self,
        kind: LineKind,
        amount: Exact,
    ) -> Result<(), FareError> {
        if amount == Exact::ZERO {
            Ok(())
        } else {
            self.push_always(kind, None, amount)
        }
    }

    pub(in crate::pricing) fn push_detailed(
        &mut self,
        kind: LineKind,
        detail: &str,
        amount: Exact,
    ) -> Result<(), FareError> {
        if amount == Exact::ZERO {
            Ok(())
        } else {
            self.push_always(kind, Some(detail), amount)
        }
    }

    /// The sum of all lines of these kinds, each named once.
    pub(in crate::pricing) fn sum(&self, kinds: &[LineKind]) -> Result<Exact, FareError> {
        kinds.iter().try_fold(Exact::ZERO, |sum, kind| {
            sum.add(self.sums.get(*kind as usize).copied().unwrap_or_default())
        })
    }

    pub(in crate::pricing) const fn total(&self) -> Exact {
        self.total
    }

    /// Adds the taxes, which are never on each other, and the rounding: the last lines of a fare.
    pub(in crate::pricing) fn finish(&mut self, spec: &TariffSpec) -> Result<(), FareError> {
        for tax in &spec.taxes {
            let taxed = self.sum(&tax.on)?.at_least_zero();
            let amount = taxed.times(tax.bps)?.round_div(BPS)?;
            self.push_detailed(LineKind::Tax, &tax.name, amount)?;
        }
        let rounding = spec.rounding;
        let rounded = self
            .total
            .to_multiple_of(rounding.unit_minor, rounding.mode)?;
        self.push(LineKind::Rounding, rounded.sub(self.total)?)
    }

    /// The fare of these lines.
    pub(in crate::pricing) fn into_fare(
        self,
        spec: &TariffSpec,
        driver_share: Exact,
        tip_minor: i64,
    ) -> Result<Fare, FareError> {
        Ok(Fare {
            currency: spec.currency,
            total_minor: self.total.minor()?,
            tip_minor,
            driver_share_minor: driver_share.minor()?,
            lines: self.lines,
        })
    }
}
