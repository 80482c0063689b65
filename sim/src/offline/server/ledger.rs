//! The money of trips: every transaction moves it between accounts, and none makes any.

use std::collections::BTreeMap;

use wayfare_core::id::{DriverId, RiderId, TripId};
use wayfare_core::money::Money;
use wayfare_core::pricing::{Fare, LineKind};
use wayfare_core::wire::{ErrorCode, PaymentMethod};

/// An account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Account {
    Rider(RiderId),
    Driver(DriverId),
    Platform,
    Tax,
}

/// A transaction: debits are positive.
#[derive(Debug)]
struct Transaction(Vec<(Account, i64)>);

/// What a trip's rider owes or paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Payment {
    /// Who gets cash.
    pub(super) driver: DriverId,
    /// Who owes it.
    pub(super) rider: RiderId,
    /// How it is paid.
    pub(super) method: PaymentMethod,
    /// How much.
    pub(super) amount: Money,
    /// Whether it is paid.
    pub(super) paid: bool,
    /// The platform's and the state's parts, to give them back.
    platform_minor: i64,
    tax_minor: i64,
}

/// Whose trip, and what it costs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bill<'a> {
    /// The trip.
    pub(super) trip: TripId,
    /// Who pays.
    pub(super) rider: RiderId,
    /// Who drove or was on the way.
    pub(super) driver: DriverId,
    /// What it costs.
    pub(super) fare: &'a Fare,
}

/// All transactions, and the payments by their trips.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    transactions: Vec<Transaction>,
    payments: BTreeMap<TripId, Payment>,
}

impl Ledger {
    /// Charges a trip.
    pub(super) fn charge(&mut self, bill: Bill<'_>, method: PaymentMethod) {
        let fare = bill.fare;
        let total = fare.total_minor + fare.tip_minor;
        let share = fare.driver_share_minor + fare.tip_minor;
        let tax_minor = fare.sum_minor(LineKind::Tax);
        let platform_minor = total - share - tax_minor;
        self.transactions.push(Transaction(vec![
            (Account::Rider(bill.rider), total),
            (Account::Driver(bill.driver), -share),
            (Account::Tax, -tax_minor),
            (Account::Platform, -platform_minor),
        ]));
        let payment = Payment {
            driver: bill.driver,
            rider: bill.rider,
            method,
            amount: Money::new(total, fare.currency),
            paid: total == 0,
            platform_minor,
            tax_minor,
        };
        self.payments.insert(bill.trip, payment);
    }

    /// Gives back the fee of a trip that took place after all.
    pub(super) fn reverse(&mut self, trip: TripId) {
        let Some(payment) = self.payments.remove(&trip) else {
            return;
        };
        let total = payment.amount.amount_minor;
        let share = total - payment.platform_minor - payment.tax_minor;
        self.transactions.push(Transaction(vec![
            (Account::Rider(payment.rider), -total),
            (Account::Driver(payment.driver), share),
            (Account::Tax, payment.tax_minor),
            (Account::Platform, payment.platform_minor),
        ]));
    }

    /// Books the cash that a driver took.
    pub(super) fn take_cash(
        &mut self,
        trip: TripId,
        driver: DriverId,
        amount: Money,
    ) -> Result<(), ErrorCode> {
        let payment = self.payments.get_mut(&trip);
        let payment = payment.ok_or(ErrorCode::WrongTripState)?;
        if payment.driver != driver {
            return Err(ErrorCode::Forbidden);
        }
        if payment.method != PaymentMethod::Cash {
            return Err(ErrorCode::WrongTripState);
        }
        if payment.paid {
            return Err(ErrorCode::AlreadyPaid);
        }
        if payment.amount != amount {
            return Err(ErrorCode::WrongAmount);
        }
        payment.paid = true;
        self.transactions.push(Transaction(vec![
            (Account::Driver(driver), amount.amount_minor),
            (Account::Rider(payment.rider), -amount.amount_minor),
        ]));
        Ok(())
    }

    /// What a trip's rider owes or paid.
    pub(super) fn payment(&self, trip: TripId) -> Option<&Payment> {
        self.payments.get(&trip)
    }

    /// The sum of everything, and how many transactions do not sum to zero.
    pub(super) fn sums(&self) -> (i64, u64) {
        let sums = self
            .transactions
            .iter()
            .map(|transaction| transaction.0.iter().map(|(_, amount)| amount).sum::<i64>());
        sums.fold((0, 0), |(all, torn), sum| {
            (all + sum, torn + u64::from(sum != 0))
        })
    }

    /// Accounts of riders who paid in cash are even again; answers those that are not.
    pub(super) fn uneven_riders(&self) -> u64 {
        let mut owed: Vec<(RiderId, i64)> = Vec::new();
        let mut add =
            |rider: RiderId, amount: i64| match owed.iter_mut().find(|(who, _)| *who == rider) {
                Some((_, sum)) => *sum += amount,
                None => owed.push((rider, amount)),
            };
        for Transaction(entries) in &self.transactions {
            for (account, amount) in entries {
                if let Account::Rider(rider) = account {
                    add(*rider, *amount);
                }
            }
        }
        for payment in self.payments.values().filter(|payment| !payment.paid) {
            add(payment.rider, -payment.amount.amount_minor);
        }
        owed.iter().map(|(_, sum)| u64::from(*sum != 0)).sum()
    }
}
