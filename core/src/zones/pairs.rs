//! Which of many rectangles meet.

use super::error::ZoneProblem;
use super::plane::Bounds;

/// How much work a check may be. Real boundaries need a thousandth of it.
const STEPS_MAX: u64 = 1_000_000_000;

/// Counts the work of checking one feature, so that no file keeps a builder busy for hours.
#[derive(Debug, Default)]
pub(super) struct Effort {
    steps: u64,
}

impl Effort {
    pub(super) fn spend(&mut self, steps: usize) -> Result<(), ZoneProblem> {
        self.steps = self
            .steps
            .saturating_add(u64::try_from(steps).unwrap_or(u64::MAX));
        if self.steps > STEPS_MAX {
            return Err(ZoneProblem::TooIntricate);
        }
        Ok(())
    }
}

/// Calls `visit` once with the positions of every two rectangles that meet, the smaller first.
///
/// Sweeps along the axis on which the rectangles are the shorter for the whole.
pub(super) fn meeting_pairs(
    all: &[Bounds],
    effort: &mut Effort,
    mut visit: impl FnMut(usize, usize, &mut Effort) -> Result<(), ZoneProblem>,
) -> Result<(), ZoneProblem> {
    let along: fn(&Bounds) -> (i64, i64) = if crowding(all, east_west) <= crowding(all, south_north)
    {
        east_west
    } else {
        south_north
    };
    let mut order: Vec<(usize, &Bounds)> = all.iter().enumerate().collect();
    order.sort_unstable_by_key(|(index, bounds)| (along(bounds).0, *index));
    let mut open: Vec<(usize, &Bounds)> = Vec::new();
    for (index, bounds) in order {
        let start = along(bounds).0;
        open.retain(|(_, earlier)| along(earlier).1 >= start);
        effort.spend(open.len())?;
        for (earlier_index, earlier) in &open {
            if bounds.meets(earlier) {
                visit(index.min(*earlier_index), index.max(*earlier_index), effort)?;
            }
        }
        open.push((index, bounds));
    }
    Ok(())
}

fn east_west(bounds: &Bounds) -> (i64, i64) {
    (bounds.west, bounds.east)
}

fn south_north(bounds: &Bounds) -> (i64, i64) {
    (bounds.south, bounds.north)
}

/// How many rectangles a line across the axis meets on average, times a thousand.
fn crowding(all: &[Bounds], along: fn(&Bounds) -> (i64, i64)) -> i128 {
    let length = |(start, end): (i64, i64)| i128::from(end.saturating_sub(start)).saturating_add(1);
    let sum = all.iter().fold(0_i128, |sum, bounds| {
        sum.saturating_add(length(along(bounds)))
    });
    let start = all.iter().map(|bounds| along(bounds).0).min().unwrap_or(0);
    let end = all.iter().map(|bounds| along(bounds).1).max().unwrap_or(0);
    sum.saturating_mul(1000)
        .checked_div(length((start, end)))
        .unwrap_or(i128::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn pairs_of(all: &[Bounds]) -> Vec<(usize, usize)> {
        let mut pairs = Vec::new();
        meeting_pairs(all, &mut Effort::default(), |a, b, _| {
            pairs.push((a, b));
            Ok(())
        })
        .unwrap();
        pairs
    }

    fn anywhere() -> impl Strategy<Value = Bounds> {
        (0_i64..50, 0_i64..50, 0_i64..9, 0_i64..30).prop_map(|(west, south, width, height)| {
            Bounds {
                west,
                east: west + width,
                south,
                north: south + height,
            }
        })
    }

    proptest! {
        #[test]
        fn every_pair_that_meets_is_visited_once(all in prop::collection::vec(anywhere(), 0..40)) {
            let mut expected = BTreeSet::new();
            for (a, one) in all.iter().enumerate() {
                for (b, other) in all.iter().enumerate().skip(a + 1) {
                    if one.meets(other) {
                        expected.insert((a, b));
                    }
                }
            }
            let found = pairs_of(&all);
            prop_assert_eq!(found.len(), expected.len());
            prop_assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expected);
        }
    }

    #[test]
    fn long_strips_side_by_side_are_no_work() {
        let strips: Vec<Bounds> = (0..200_000)
            .map(|row| Bounds {
                west: 0,
                east: 1_000_000,
                south: row * 10,
                north: row * 10 + 1,
            })
            .collect();
        assert!(pairs_of(&strips).is_empty());
    }
}
