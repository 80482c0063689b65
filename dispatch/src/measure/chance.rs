//! Numbers by chance that are the same for the same seed on every machine.

/// The generator SplitMix64 (Steele, Lea and Flood: Fast Splittable Pseudorandom Number Generators,
/// 2014).
#[derive(Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to, but not including, 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit exactly")]
    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From the first number to the second, both included.
    pub(super) fn between(&mut self, low: i32, high: i32) -> i32 {
        let span = u64::from(high.abs_diff(low)) + 1;
        let step = (u128::from(self.next()) * u128::from(span)) >> 64;
        let step = i64::try_from(step).unwrap_or(0);
        i32::try_from(i64::from(low.min(high)) + step).unwrap_or(low)
    }

    /// Puts things into another order.
    pub(super) fn shuffle<T>(&mut self, things: &mut [T]) {
        for last in (1..things.len()).rev() {
            let choices = u128::try_from(last).unwrap_or(0) + 1;
            let chosen = (u128::from(self.next()) * choices) >> 64;
            things.swap(last, usize::try_from(chosen).unwrap_or(last));
        }
    }
}
