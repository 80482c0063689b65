//! Where two fares differ.

use std::fmt;

use super::fare::{Fare, FareLine, LineKind};
use crate::money::{Currency, Money};

/// The first thing in which a fare is not the wanted one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FareDifference {
    /// The currency.
    #[error("the fare should be in {wanted}, but is in {found}")]
    Currency {
        /// As computed.
        wanted: Currency,
        /// As written.
        found: Currency,
    },
    /// A line is missing, one too many, or of another amount.
    #[error("{}", line_text(*.kind, .detail.as_deref(), *.wanted, *.found))]
    Line {
        /// What the line is for.
        kind: LineKind,
        /// Which toll, zone or tax.
        detail: Option<String>,
        /// As computed; `None` if there should be no such line here.
        wanted: Option<Money>,
        /// As written; `None` if there is no such line here.
        found: Option<Money>,
    },
    /// One of the sums, though every line is right.
    #[error("the {sum} should be {wanted}, but is {found}")]
    Sum {
        /// Which.
        sum: FareSum,
        /// As computed.
        wanted: Money,
        /// As written.
        found: Money,
    },
}

/// What a fare says beside its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FareSum {
    /// What the rider pays.
    Total,
    /// What the rider gives on top.
    Tip,
    /// What the driver keeps.
    DriverShare,
}

impl fmt::Display for FareSum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Total => "total",
            Self::Tip => "tip",
            Self::DriverShare => "driver's share",
        })
    }
}

impl FareDifference {
    /// Checks `found`, line by line, against the fare that was computed.
    pub fn check(wanted: &Fare, found: &Fare) -> Result<(), Self> {
        let currency = wanted.currency;
        if currency != found.currency {
            return Err(Self::Currency {
                wanted: currency,
                found: found.currency,
            });
        }
        check_lines(currency, &wanted.lines, &found.lines)?;
        let sums = [
            (FareSum::Total, wanted.total_minor, found.total_minor),
            (FareSum::Tip, wanted.tip_minor, found.tip_minor),
            (
                FareSum::DriverShare,
                wanted.driver_share_minor,
                found.driver_share_minor,
            ),
        ];
        match sums.into_iter().find(|(_, wanted, found)| wanted != found) {
            None => Ok(()),
            Some((sum, wanted, found)) => Err(Self::Sum {
                sum,
                wanted: Money::new(wanted, currency),
                found: Money::new(found, currency),
            }),
        }
    }
}

fn check_lines(
    currency: Currency,
    wanted: &[FareLine],
    found: &[FareLine],
) -> Result<(), FareDifference> {
    let count = wanted.len().max(found.len());
    let mut pairs = (0..count).map(|index| (wanted.get(index), found.get(index)));
    let (wanted_line, found_line) = match pairs.find(|(wanted, found)| wanted != found) {
        None => return Ok(()),
        Some((Some(wanted_line), Some(found_line))) if !is_same(wanted_line, found_line) => {
            // Either one is too many, or the other is missing.
            if wanted.iter().any(|line| is_same(line, found_line)) {
                (Some(wanted_line), None)
            } else {
                (None, Some(found_line))
            }
        }
        Some(pair) => pair,
    };
    let Some(named) = wanted_line.or(found_line) else {
        return Ok(());
    };
    let money = |line: &FareLine| Money::new(line.amount_minor, currency);
    Err(FareDifference::Line {
        kind: named.kind,
        detail: named.detail.clone(),
        wanted: wanted_line.map(money),
        found: found_line.map(money),
    })
}

/// Whether both are for the same, whatever their amounts.
fn is_same(line: &FareLine, other: &FareLine) -> bool {
    line.kind == other.kind && line.detail == other.detail
}

fn line_text(
    kind: LineKind,
    detail: Option<&str>,
    wanted: Option<Money>,
    found: Option<Money>,
) -> String {
    // The name that the kind has on the wire.
    let kind = serde_json::to_value(kind).unwrap_or_default();
    let kind = kind.as_str().unwrap_or_default();
    let detail = detail
        .map(|detail| format!(" {detail}"))
        .unwrap_or_default();
    let line = format!("the line `{kind}{detail}`");
    match (wanted, found) {
        (Some(wanted), Some(found)) => format!("{line} should be {wanted}, but is {found}"),
        (Some(wanted), None) => format!("{line} of {wanted} is missing"),
        (None, Some(found)) => format!("{line} of {found} should not be there"),
        (None, None) => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: LineKind, detail: Option<&str>, amount_minor: i64) -> FareLine {
        FareLine {
            kind,
            detail: detail.map(str::to_owned),
            amount_minor,
        }
    }

    fn fare() -> Fare {
        Fare {
            currency: Currency::EUR,
            lines: vec![
                line(LineKind::Base, None, 250),
                line(LineKind::Distance, None, 811),
                line(LineKind::Toll, Some("bridge"), 200),
                line(LineKind::Toll, Some("tunnel"), 300),
            ],
            total_minor: 1561,
            tip_minor: 50,
            driver_share_minor: 1300,
        }
    }

    fn difference(change: impl FnOnce(&mut Fare)) -> String {
        let mut changed = fare();
        change(&mut changed);
        let difference = FareDifference::check(&fare(), &changed);
        difference.unwrap_err().to_string()
    }

    #[test]
    fn a_fare_does_not_differ_from_itself() {
        assert_eq!(FareDifference::check(&fare(), &fare()), Ok(()));
    }

    #[test]
    fn the_first_line_that_differs_is_named() {
        let changed = difference(|fare| {
            fare.lines[1].amount_minor = 812;
            fare.lines[2].amount_minor = 0;
        });
        assert_eq!(
            changed,
            "the line `distance` should be 8.11 EUR, but is 8.12 EUR"
        );
        assert_eq!(
            difference(|fare| drop(fare.lines.remove(2))),
            "the line `toll bridge` of 2.00 EUR is missing"
        );
        assert_eq!(
            difference(|fare| drop(fare.lines.pop())),
            "the line `toll tunnel` of 3.00 EUR is missing"
        );
        assert_eq!(
            difference(|fare| fare.lines.swap(2, 3)),
            "the line `toll bridge` of 2.00 EUR is missing"
        );
        assert_eq!(
            difference(|fare| fare.lines.insert(2, line(LineKind::Surge, None, 100))),
            "the line `surge` of 1.00 EUR should not be there"
        );
        assert_eq!(
            difference(|fare| fare.lines.push(line(LineKind::Tax, Some("VAT"), 9))),
            "the line `tax VAT` of 0.09 EUR should not be there"
        );
    }

    #[test]
    fn the_sums_and_the_currency_count_as_well() {
        assert_eq!(
            difference(|fare| fare.total_minor = 1560),
            "the total should be 15.61 EUR, but is 15.60 EUR"
        );
        assert_eq!(
            difference(|fare| fare.tip_minor = 0),
            "the tip should be 0.50 EUR, but is 0.00 EUR"
        );
        assert_eq!(
            difference(|fare| fare.driver_share_minor = 1301),
            "the driver's share should be 13.00 EUR, but is 13.01 EUR"
        );
        assert_eq!(
            difference(|fare| fare.currency = "JPY".parse().unwrap()),
            "the fare should be in EUR, but is in JPY"
        );
    }
}
