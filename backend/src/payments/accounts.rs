//! Which accounts a trip's money moves between. Pure: amounts in, entries out.

use wayfare_core::id::{DriverId, RiderId};
use wayfare_core::pricing::{Fare, LineKind};

/// An account of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// What a rider owes.
    RiderReceivable(RiderId),
    /// What a driver holds of the platform's money (positive) or is owed (negative).
    DriverBalance(DriverId),
    /// What the platform earns.
    PlatformRevenue,
    /// What the platform owes the state.
    TaxPayable,
}

impl Account {
    /// The kind's name in the database.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::RiderReceivable(_) => "rider_receivable",
            Self::DriverBalance(_) => "driver_balance",
            Self::PlatformRevenue => "platform_revenue",
            Self::TaxPayable => "tax_payable",
        }
    }
}

/// A change of one account: debits are positive, credits negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The account.
    pub account: Account,
    /// Minor units.
    pub amount_minor: i64,
}

/// The entries of a completed trip. Entries of zero are left out.
pub fn trip_charge_entries(rider: RiderId, driver: DriverId, fare: &Fare) -> Vec<Entry> {
    let tax = fare.sum_minor(LineKind::Tax);
    let total = fare.total_minor.saturating_add(fare.tip_minor);
    let driver_part = fare.driver_share_minor.saturating_add(fare.tip_minor);
    let platform = total.saturating_sub(driver_part).saturating_sub(tax);
    without_zeros([
        Entry {
            account: Account::RiderReceivable(rider),
            amount_minor: total,
        },
        Entry {
            account: Account::DriverBalance(driver),
            amount_minor: -driver_part,
        },
        Entry {
            account: Account::TaxPayable,
            amount_minor: -tax,
        },
        Entry {
            account: Account::PlatformRevenue,
            amount_minor: -platform,
        },
    ])
}

/// The entries of cash that the driver took.
pub fn cash_payment_entries(rider: RiderId, driver: DriverId, amount_minor: i64) -> Vec<Entry> {
    without_zeros([
        Entry {
            account: Account::DriverBalance(driver),
            amount_minor,
        },
        Entry {
            account: Account::RiderReceivable(rider),
            amount_minor: -amount_minor,
        },
    ])
}

fn without_zeros<const N: usize>(entries: [Entry; N]) -> Vec<Entry> {
    entries
        .into_iter()
        .filter(|entry| entry.amount_minor != 0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;
    use wayfare_core::money::Currency;
    use wayfare_core::pricing::FareLine;

    const ALICE: RiderId = RiderId::from_uuid(Uuid::from_u128(0xA11CE));
    const BOB: DriverId = DriverId::from_uuid(Uuid::from_u128(0xB0B));

    fn fare(total_minor: i64, tax: i64, driver_share_minor: i64) -> Fare {
        let line = |kind, amount_minor| FareLine {
            kind,
            detail: None,
            amount_minor,
        };
        Fare {
            currency: Currency::EUR,
            lines: vec![
                line(LineKind::Base, total_minor - tax),
                line(LineKind::Tax, tax),
            ],
            total_minor,
            tip_minor: 0,
            driver_share_minor,
        }
    }

    fn sum(entries: &[Entry]) -> i64 {
        entries.iter().map(|entry| entry.amount_minor).sum()
    }

    #[test]
    fn a_trip_is_charged_to_the_rider_and_split() {
        let entries = trip_charge_entries(ALICE, BOB, &fare(2090, 190, 1440));
        assert_eq!(
            entries,
            [
                Entry {
                    account: Account::RiderReceivable(ALICE),
                    amount_minor: 2090
                },
                Entry {
                    account: Account::DriverBalance(BOB),
                    amount_minor: -1440
                },
                Entry {
                    account: Account::TaxPayable,
                    amount_minor: -190
                },
                Entry {
                    account: Account::PlatformRevenue,
                    amount_minor: -460
                },
            ]
        );
        assert_eq!(sum(&entries), 0);
    }

    #[test]
    fn a_promo_that_costs_the_platform_more_than_it_earns_still_balances() {
        let entries = trip_charge_entries(ALICE, BOB, &fare(100, 10, 700));
        assert_eq!(
            entries[3],
            Entry {
                account: Account::PlatformRevenue,
                amount_minor: 610
            }
        );
        assert_eq!(sum(&entries), 0);
    }

    #[test]
    fn a_tip_goes_to_the_driver_whole() {
        let entries = trip_charge_entries(
            ALICE,
            BOB,
            &Fare {
                tip_minor: 200,
                ..fare(2090, 190, 1440)
            },
        );
        assert_eq!(entries[0].amount_minor, 2290);
        assert_eq!(entries[1].amount_minor, -1640);
        assert_eq!(sum(&entries), 0);
    }

    #[test]
    fn cash_moves_the_debt_from_the_rider_to_the_driver() {
        let entries = cash_payment_entries(ALICE, BOB, 2090);
        assert_eq!(sum(&entries), 0);
        assert_eq!(entries[0].account, Account::DriverBalance(BOB));
        assert!(cash_payment_entries(ALICE, BOB, 0).is_empty());
    }
}
