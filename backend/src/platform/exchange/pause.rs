//! How long to wait before the next attempt.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// Pauses that double, each with chance in it: instances that lost Redis together do not come back
/// together.
#[derive(Debug, Default)]
pub(super) struct Pauses {
    failures: u32,
}

impl Pauses {
    /// It worked: the next pause is short again.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    /// The next pause. `chance` is between 0 and 1.
    pub(super) fn next(&mut self, chance: f64) -> Duration {
        let doublings = self.failures.min(16);
        self.failures = self.failures.saturating_add(1);
        let whole = FIRST.saturating_mul(1 << doublings).min(LONGEST);
        whole.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_their_limit_and_begin_anew() {
        let mut pauses = Pauses::default();
        assert_eq!(pauses.next(1.0), FIRST);
        assert_eq!(pauses.next(1.0), FIRST * 2);
        assert_eq!(pauses.next(0.0), FIRST * 2);
        for _ in 0..100 {
            assert!(pauses.next(1.0) <= LONGEST);
        }
        assert_eq!(pauses.next(1.0), LONGEST);
        pauses.reset();
        assert_eq!(pauses.next(1.0), FIRST);
    }
}
