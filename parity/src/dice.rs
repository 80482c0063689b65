//! The random numbers of one trip.

use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg32;

/// 2^64 divided by the golden ratio: spreads neighbouring trip numbers over all seeds.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// Random numbers that depend on the seed and the trip's number alone: PCG XSH RR 64/32.
#[derive(Debug)]
pub(crate) struct Dice(Pcg32);

impl Dice {
    pub(crate) fn new(seed: u64, number: u64) -> Self {
        let start = seed.wrapping_add(number.wrapping_mul(SPREAD));
        Self(Pcg32::seed_from_u64(start))
    }

    /// A number from 0 until just before `end`; 0 when there is none. The low numbers come more
    /// often by a share of `end / 2^64`, which nobody here can see.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0.next_u64().checked_rem(end).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = high.abs_diff(low).saturating_add(1);
        low.saturating_add_unsigned(self.below(width))
    }

    /// The same for the numbers that are 32 bits wide.
    pub(crate) fn between_32(&mut self, low: i32, high: i32) -> i32 {
        let number = self.between(low.into(), high.into());
        i32::try_from(number).unwrap_or(low)
    }

    /// A number from 0 to `high` of which every order of magnitude is as likely as the next.
    pub(crate) fn magnitude(&mut self, high: i64) -> i64 {
        let orders = high.max(1).ilog2().saturating_add(2);
        let order = self.below(orders.into());
        let end = 1_i64
            .checked_shl(u32::try_from(order).unwrap_or(0))
            .unwrap_or(high);
        self.between(0, end.min(high))
    }

    /// Whether something happens that happens in so many of a thousand cases.
    pub(crate) fn permille(&mut self, cases: u64) -> bool {
        self.below(1000) < cases
    }

    /// One of these.
    ///
    /// # Panics
    ///
    /// When there is nothing to choose from.
    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.index(choices.len())]
    }

    /// A position in a list of this length.
    pub(crate) fn index(&mut self, length: usize) -> usize {
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        usize::try_from(self.below(length)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_numbers_never_change() {
        let mut dice = Dice::new(1, 0);
        let numbers = [dice.below(1000), dice.below(1000), dice.below(1000)];
        assert_eq!(numbers, [918, 681, 315]);
    }

    #[test]
    fn neighbouring_trips_begin_differently() {
        let mut first: Vec<u64> = (0..1000)
            .map(|number| Dice::new(1, number).below(u64::MAX))
            .collect();
        first.sort_unstable();
        first.dedup();
        assert_eq!(first.len(), 1000);
    }

    #[test]
    fn numbers_stay_in_their_range_and_reach_both_ends() {
        let mut dice = Dice::new(7, 7);
        let numbers: Vec<i64> = (0..200).map(|_| dice.between(-2, 2)).collect();
        assert_eq!(numbers.iter().min(), Some(&-2));
        assert_eq!(numbers.iter().max(), Some(&2));
        let sizes: Vec<i64> = (0..2000).map(|_| dice.magnitude(100)).collect();
        assert!(sizes.iter().all(|size| (0..=100).contains(size)));
        assert!(sizes.contains(&0) && sizes.contains(&100));
    }
}
