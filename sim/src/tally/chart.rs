//! Measurements over time, in bars of equal length.

use std::collections::VecDeque;

/// Bars that are kept: more than the widest screen shows.
const BARS_MAX: usize = 240;

/// What happened during one bar.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Bar {
    /// Offers that reached a driver.
    pub matches: u32,
    /// Sum of how long they took.
    pub match_sum_s: f64,
    /// Trips that were paid.
    pub paid: u32,
    /// Requests to the API.
    pub requests: u32,
}

impl Bar {
    /// Mean time from a request to its offer.
    pub fn match_mean_s(&self) -> Option<f64> {
        (self.matches > 0).then(|| self.match_sum_s / f64::from(self.matches))
    }
}

/// Bars side by side. The last one is still growing.
#[derive(Debug, Clone, Default)]
pub struct Chart {
    bars: VecDeque<Bar>,
    /// Number of the bar that is growing, counted from the start.
    growing: u64,
    last: Bar,
}

impl Chart {
    /// The bar of a moment. Time that passed without news leaves empty bars.
    pub fn bar(&mut self, number: u64) -> &mut Bar {
        let passed = number.saturating_sub(self.growing);
        for _ in 0..passed.min(BARS_MAX as u64) {
            self.bars.push_back(std::mem::take(&mut self.last));
            if self.bars.len() > BARS_MAX {
                self.bars.pop_front();
            }
        }
        self.growing = self.growing.max(number);
        &mut self.last
    }

    /// All bars that are complete, oldest first.
    pub fn complete(&self) -> impl DoubleEndedIterator<Item = &Bar> {
        self.bars.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_time_leaves_empty_bars_and_old_bars_go() {
        let mut chart = Chart::default();
        chart.bar(0).paid += 2;
        chart.bar(0).paid += 1;
        chart.bar(3).paid += 7;
        let paid = |chart: &Chart| chart.complete().map(|bar| bar.paid).collect::<Vec<_>>();
        assert_eq!(paid(&chart), [3, 0, 0]);
        // A report that comes late counts for the present.
        chart.bar(1).paid += 1;
        chart.bar(4);
        assert_eq!(paid(&chart), [3, 0, 0, 8]);
        chart.bar(1_000_000_000);
        assert_eq!(chart.complete().count(), BARS_MAX);
    }

    #[test]
    fn the_mean_needs_a_match() {
        assert_eq!(Bar::default().match_mean_s(), None);
        let bar = Bar {
            matches: 4,
            match_sum_s: 6.0,
            ..Bar::default()
        };
        assert_eq!(bar.match_mean_s(), Some(1.5));
    }
}
