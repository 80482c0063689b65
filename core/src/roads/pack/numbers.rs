//! Numbers of unknown size: their count of bits with odds that learn, then the bits themselves.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "runs for every number of a pack; a class has five bits and every array has 2^5 rows"
)]

use super::coder::{Coder, Odds, RAW_BITS_MAX};

const CLASS_BITS: u32 = 5;
const CLASSES: usize = 1 << CLASS_BITS;

/// Learns how large numbers from 0 to 2^32 − 2 are.
#[derive(Debug, Clone)]
pub(in crate::roads) struct Numbers {
    class: [Odds; CLASSES],
}

impl Numbers {
    /// The largest number that can be coded.
    pub(in crate::roads) const MAX: u32 = u32::MAX - 1;

    pub(in crate::roads) fn new() -> Self {
        Self {
            class: [Odds::EVEN; CLASSES],
        }
    }

    /// Codes a number; one above [`Numbers::MAX`] is written as that.
    #[inline]
    pub(in crate::roads) fn code<C: Coder>(&mut self, coder: &mut C, number: u32) -> u32 {
        let plus_one = number.min(Self::MAX) + 1;
        let class = self.code_class(coder, plus_one.ilog2());
        let mut bits_left = class;
        let mut value = 1_u32;
        while bits_left > 0 {
            let bits = bits_left.min(RAW_BITS_MAX);
            bits_left -= bits;
            let raw = coder.raw(bits, plus_one >> bits_left & ((1 << bits) - 1));
            value = value << bits | raw;
        }
        value - 1
    }

    fn code_class<C: Coder>(&mut self, coder: &mut C, class: u32) -> u32 {
        let mut node = 1_u32;
        for shift in (0..CLASS_BITS).rev() {
            let bit = coder.bit(&mut self.class[node as usize], class >> shift & 1 == 1);
            node = node << 1 | u32::from(bit);
        }
        // The node is the class with a leading one.
        node - (1 << CLASS_BITS)
    }
}

/// Learns how large numbers of either sign are, and which sign.
#[derive(Debug, Clone)]
pub(in crate::roads) struct SignedNumbers {
    size: Numbers,
    negative: [Odds; 3],
}

impl SignedNumbers {
    pub(in crate::roads) fn new() -> Self {
        Self {
            size: Numbers::new(),
            negative: [Odds::EVEN; 3],
        }
    }

    /// Codes a number whose sign is likely to have to do with that of `hint`.
    #[inline]
    pub(in crate::roads) fn code<C: Coder>(
        &mut self,
        coder: &mut C,
        number: i32,
        hint: i32,
    ) -> i32 {
        let size = self.size.code(coder, number.unsigned_abs());
        if size == 0 {
            return 0;
        }
        let odds = &mut self.negative[usize::from(hint > 0) + 2 * usize::from(hint < 0)];
        let size = size.cast_signed();
        if coder.bit(odds, number < 0) {
            size.wrapping_neg()
        } else {
            size
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::coder::{Reader, Writer};
    use super::*;

    proptest! {
        #[test]
        fn numbers_of_any_size_survive(numbers in prop::collection::vec((any::<u32>(), 0..32_u32), 0..300)) {
            let numbers: Vec<u32> = numbers.iter().map(|(n, shift)| (n >> shift).min(Numbers::MAX)).collect();
            let mut writer = Writer::new();
            let mut model = Numbers::new();
            for number in &numbers {
                model.code(&mut writer, *number);
            }
            let bytes = writer.finish();
            let (mut reader, mut model) = (Reader::new(&bytes), Numbers::new());
            let read: Vec<u32> = numbers.iter().map(|_| model.code(&mut reader, 0)).collect();
            prop_assert_eq!(read, numbers);
        }

        #[test]
        fn numbers_of_either_sign_survive(numbers in prop::collection::vec((any::<i32>(), 0..32_u32), 0..300)) {
            let numbers: Vec<i32> = numbers.iter().map(|(n, shift)| n >> shift).collect();
            let mut writer = Writer::new();
            let mut model = SignedNumbers::new();
            for number in &numbers {
                model.code(&mut writer, *number, 1);
            }
            let bytes = writer.finish();
            let (mut reader, mut model) = (Reader::new(&bytes), SignedNumbers::new());
            let read: Vec<i32> = numbers.iter().map(|_| model.code(&mut reader, 0, 1)).collect();
            prop_assert_eq!(read, numbers);
        }
    }
}
