//! How long to wait after something failed: longer each time, and never two devices alike.

/// A seeded generator of numbers that only have to differ (`SplitMix64`, as its authors publish it:
/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
#[derive(Debug, Clone)]
pub(super) struct Jitter(u64);

impl Jitter {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Between half of this and all of it.
    fn spread(&mut self, whole: u64) -> u64 {
        let half = whole / 2;
        let width = whole.saturating_sub(half).max(1);
        half.saturating_add(self.next().checked_rem(width).unwrap_or(0))
            .max(1)
    }
}

/// How pauses grow: the first one and the longest one, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Growth {
    pub(super) first_ms: u64,
    pub(super) longest_ms: u64,
}

/// For what passes by itself: a lost answer, a server that has too much to do.
pub(super) const SHORT: Growth = Growth {
    first_ms: 1_000,
    longest_ms: 60_000,
};

/// For what needs another program or another state of the server: a refusal.
pub(super) const LONG: Growth = Growth {
    first_ms: 5 * 60_000,
    longest_ms: 60 * 60_000,
};

/// A server that asks for more is asked again after this all the same, in milliseconds.
pub(super) const RETRY_AFTER_MAX_MS: u64 = 60 * 60_000;

/// Until when something is left alone.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pause {
    until: u64,
    failures: u32,
}

impl Pause {
    pub(super) const fn is_over(&self, now: u64) -> bool {
        self.until <= now
    }

    pub(super) const fn until(&self) -> u64 {
        self.until
    }

    pub(super) const fn clear(&mut self) {
        self.until = 0;
        self.failures = 0;
    }

    /// It failed once more. `asked_ms` is what the server asked for.
    pub(super) fn fail(&mut self, now: u64, growth: Growth, asked_ms: u64, jitter: &mut Jitter) {
        let doublings = self.failures.min(20);
        let whole = growth
            .first_ms
            .saturating_mul(1 << doublings)
            .min(growth.longest_ms);
        let pause = jitter.spread(whole).max(asked_ms.min(RETRY_AFTER_MAX_MS));
        self.failures = self.failures.saturating_add(1);
        self.until = now.saturating_add(pause);
    }

    /// It ends at this time at the latest.
    pub(super) fn cut(&mut self, at: u64) {
        self.until = self.until.min(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_longest_one_and_differ_between_devices() {
        let (mut one, mut two) = (Jitter::new(1), Jitter::new(2));
        let (mut first, mut second) = (Pause::default(), Pause::default());
        let mut alike = 0;
        for failure in 0..12 {
            first.fail(0, SHORT, 0, &mut one);
            second.fail(0, SHORT, 0, &mut two);
            let whole = (1_000 << failure).min(60_000);
            for pause in [first.until(), second.until()] {
                assert!((whole / 2..=whole).contains(&pause), "{failure}: {pause}");
            }
            alike += u32::from(first.until() == second.until());
        }
        assert!(alike < 3);
    }

    #[test]
    fn what_the_server_asks_for_counts_up_to_an_hour() {
        let mut pause = Pause::default();
        pause.fail(10, SHORT, 90_000, &mut Jitter::new(1));
        assert_eq!(pause.until(), 90_010);
        pause.fail(10, SHORT, u64::MAX, &mut Jitter::new(1));
        assert_eq!(pause.until(), 3_600_010);
    }
}
