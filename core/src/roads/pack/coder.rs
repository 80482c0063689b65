//! Adaptive binary range coding: few bits for what is likely, with odds that learn as they go.
//!
//! Writing and reading share one trait: whoever codes a value passes it in and gets it back, and a
//! reader ignores what is passed in. So each format is stated once, and both sides agree.
//!
//! A reader never fails by itself: past the end it reads zeros and says so in
//! [`Reader::is_past_end`].
#![expect(
    clippy::arithmetic_side_effects,
    reason = "runs for every bit of a pack; each operation's range is stated beside it"
)]

/// Odds are out of 2^15.
const ODDS_BITS: u32 = 15;
const ODDS_ONE: u16 = 1 << ODDS_BITS;
/// How fast odds learn: the newest bit counts for 1/32.
const ADAPT_SHIFT: u32 = 5;
/// The range is kept at or above this.
const RANGE_MIN: u32 = 1 << 24;
/// More raw bits at once would leave the range too few.
pub(in crate::roads) const RAW_BITS_MAX: u32 = 16;

/// How likely a bit is to be false. Stays within 31…2^15 − 31.
#[derive(Debug, Clone, Copy)]
pub(in crate::roads) struct Odds(u16);

impl Odds {
    pub(in crate::roads) const EVEN: Self = Self(ODDS_ONE / 2);

    fn learn(&mut self, bit: bool) {
        // The difference is never negative, so neither wraps.
        if bit {
            self.0 -= self.0 >> ADAPT_SHIFT;
        } else {
            self.0 += (ODDS_ONE - self.0) >> ADAPT_SHIFT;
        }
    }
}

/// Writes or reads bits.
pub(in crate::roads) trait Coder {
    /// One bit with odds. A writer writes `value` and returns it; a reader returns what it reads.
    fn bit(&mut self, odds: &mut Odds, value: bool) -> bool;

    /// Up to [`RAW_BITS_MAX`] bits without odds.
    fn raw(&mut self, bits: u32, value: u32) -> u32;

    /// Any number without odds.
    fn raw_u32(&mut self, value: u32) -> u32 {
        let high = self.raw(RAW_BITS_MAX, value >> RAW_BITS_MAX);
        let low = self.raw(RAW_BITS_MAX, value & 0xffff);
        high << RAW_BITS_MAX | low
    }
}

/// Writes to a vector.
#[derive(Debug)]
pub(in crate::roads) struct Writer {
    low: u64,
    range: u32,
    held: u8,
    held_ff: usize,
    bytes: Vec<u8>,
}

impl Writer {
    pub(in crate::roads) fn new() -> Self {
        Self {
            low: 0,
            range: u32::MAX,
            held: 0,
            held_ff: 0,
            bytes: Vec::new(),
        }
    }

    /// The bytes of everything that was written.
    pub(in crate::roads) fn finish(mut self) -> Vec<u8> {
        for _ in 0..5 {
            self.shift();
        }
        self.bytes
    }

    /// Moves the topmost byte of `low` out. A byte is held back, and 255s after it, until it is
    /// known whether a carry still reaches it.
    #[expect(clippy::cast_possible_truncation, reason = "bytes are cut out")]
    fn shift(&mut self) {
        let carry = (self.low >> 32) as u8;
        let top = (self.low >> 24) as u8;
        if top < 0xff || carry > 0 {
            self.bytes.push(self.held.wrapping_add(carry));
            let filler = 0xff_u8.wrapping_add(carry);
            self.bytes.extend(std::iter::repeat_n(filler, self.held_ff));
            self.held_ff = 0;
            self.held = top;
        } else {
            self.held_ff += 1;
        }
        self.low = (self.low & 0x00ff_ffff) << 8;
    }

    fn normalise(&mut self) {
        while self.range < RANGE_MIN {
            self.range <<= 8;
            self.shift();
        }
    }
}

impl Coder for Writer {
    fn bit(&mut self, odds: &mut Odds, value: bool) -> bool {
        // Odds are below 2^15, so 0 < bound < range.
        let bound = (self.range >> ODDS_BITS) * u32::from(odds.0);
        if value {
            self.low += u64::from(bound);
            self.range -= bound;
        } else {
            self.range = bound;
        }
        odds.learn(value);
        self.normalise();
        value
    }

    fn raw(&mut self, bits: u32, value: u32) -> u32 {
        // At least 2^8 is left of the range, and value < 2^bits.
        self.range >>= bits;
        self.low += u64::from(value) * u64::from(self.range);
        self.normalise();
        value
    }
}

/// Reads what a [`Writer`] wrote.
#[derive(Debug)]
pub(in crate::roads) struct Reader<'a> {
    code: u32,
    range: u32,
    rest: std::slice::Iter<'a, u8>,
    missing: u32,
}

impl<'a> Reader<'a> {
    pub(in crate::roads) fn new(bytes: &'a [u8]) -> Self {
        let mut reader = Self {
            code: 0,
            range: u32::MAX,
            rest: bytes.iter(),
            missing: 0,
        };
        // The first byte of a writer is the zero it held before anything was written.
        for _ in 0..5 {
            reader.code = reader.code << 8 | u32::from(reader.next_byte());
        }
        reader
    }

    /// Whether more was read than was written.
    pub(in crate::roads) fn is_past_end(&self) -> bool {
        self.missing > 0
    }

    fn next_byte(&mut self) -> u8 {
        if let Some(byte) = self.rest.next() {
            *byte
        } else {
            self.missing = self.missing.saturating_add(1);
            0
        }
    }

    fn normalise(&mut self) {
        while self.range < RANGE_MIN {
            self.range <<= 8;
            self.code = self.code << 8 | u32::from(self.next_byte());
        }
    }
}

impl Coder for Reader<'_> {
    #[inline]
    fn bit(&mut self, odds: &mut Odds, _value: bool) -> bool {
        // As in the writer; `code` is only lessened by what it holds.
        let bound = (self.range >> ODDS_BITS) * u32::from(odds.0);
        let bit = self.code >= bound;
        if bit {
            self.code -= bound;
            self.range -= bound;
        } else {
            self.range = bound;
        }
        odds.learn(bit);
        self.normalise();
        bit
    }

    #[inline]
    fn raw(&mut self, bits: u32, _value: u32) -> u32 {
        // The range is at least 2^24, so it does not become 0. Damaged bytes may make the quotient
        // too large, which the mask of the highest value mends.
        self.range >>= bits;
        let value = (self.code / self.range).min((1 << bits) - 1);
        self.code -= value * self.range;
        self.normalise();
        value
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a program wrote: with odds, or raw with a number of bits.
    fn entries() -> impl Strategy<Value = Vec<(usize, u32, u32)>> {
        let entry = (0..4_usize, 1..=RAW_BITS_MAX, any::<u32>())
            .prop_map(|(model, bits, value)| (model, bits, value & ((1 << bits) - 1)));
        prop::collection::vec(entry, 0..2_000)
    }

    fn run(coder: &mut impl Coder, entries: &[(usize, u32, u32)], show: bool) -> Vec<u32> {
        let mut odds = [Odds::EVEN; 3];
        let code = |(model, bits, value): &(usize, u32, u32)| {
            let shown = if show { *value } else { 0 };
            match odds.get_mut(*model) {
                // Mostly false, so that odds become extreme.
                Some(odds) => u32::from(coder.bit(odds, shown % 64 == 63)),
                None => coder.raw(*bits, shown),
            }
        };
        entries.iter().map(code).collect()
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(entries in entries()) {
            let mut writer = Writer::new();
            let written = run(&mut writer, &entries, true);
            let bytes = writer.finish();
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(run(&mut reader, &entries, false), written);
            prop_assert!(!reader.is_past_end());
        }

        #[test]
        fn any_bytes_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..50), entries in entries()) {
            let mut reader = Reader::new(&bytes);
            run(&mut reader, &entries, false);
        }
    }

    #[test]
    fn likely_bits_cost_little() {
        let mut writer = Writer::new();
        let mut odds = Odds::EVEN;
        for _ in 0..100_000 {
            writer.bit(&mut odds, false);
        }
        assert!(writer.finish().len() < 60);
    }

    #[test]
    fn reading_on_after_the_end_is_noticed() {
        let mut reader = Reader::new(&[0, 1, 2, 3, 4, 5]);
        for _ in 0..8 {
            reader.raw(16, 0);
        }
        assert!(reader.is_past_end());
    }
}
