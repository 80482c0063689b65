//! Many measured times, and the share of them that stays under a value.

use std::time::Duration;

use hdrhistogram::{CreationError, Histogram};

/// Three digits are exact: enough for a report, and small however many times are measured.
const DIGITS: u8 = 3;

/// Measured times, kept in microseconds.
#[derive(Debug, Clone)]
pub struct Spread(Histogram<u64>);

impl Spread {
    /// No times yet.
    pub fn new() -> Result<Self, CreationError> {
        Histogram::new(DIGITS).map(Self)
    }

    /// Adds a time.
    pub fn add(&mut self, time: Duration) {
        self.0 += u64::try_from(time.as_micros()).unwrap_or(u64::MAX >> 1);
    }

    /// How many were added.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The time that this share of all times does not exceed, in seconds; `None` without times.
    pub fn quantile_s(&self, share: f64) -> Option<f64> {
        (!self.0.is_empty()).then(|| self.0.value_at_quantile(share) as f64 / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_times() {
        let mut spread = Spread::new().unwrap();
        assert_eq!(spread.quantile_s(0.5), None);
        for ms in 1..=1000 {
            spread.add(Duration::from_millis(ms));
        }
        for (share, seconds) in [(0.5, 0.5), (0.95, 0.95), (0.99, 0.99), (1.0, 1.0)] {
            let found = spread.quantile_s(share).unwrap();
            assert!((found - seconds).abs() < 0.002, "{share}: {found}");
        }
        assert_eq!(spread.count(), 1000);
    }
}
