//! The order in which the lines of a tile are written: from the end of one to the nearest end of
//! another, so that the steps between them are small numbers.

use super::encode::Spot;

/// With more lines than this the order stays.
const LINES_MAX: usize = 3_000;

/// Orders lines, and turns those round that may be.
pub(super) fn order_lines(lines: &mut Vec<Vec<Spot>>, may_turn: bool) {
    if lines.len() > LINES_MAX {
        return;
    }
    let mut rest = std::mem::take(lines);
    let mut at = (0, 0);
    while let Some((index, is_turned)) = nearest(at, &rest, may_turn) {
        let mut line = rest.swap_remove(index);
        if is_turned {
            line.reverse();
        }
        at = line.last().copied().unwrap_or(at);
        lines.push(line);
    }
}

fn nearest(at: Spot, rest: &[Vec<Spot>], may_turn: bool) -> Option<(usize, bool)> {
    let ends = rest.iter().enumerate().flat_map(|(index, line)| {
        let first = line.first().map(|spot| (cost(at, *spot), index, false));
        let last = line.last().filter(|_| may_turn);
        let last = last.map(|spot| (cost(at, *spot), index, true));
        first.into_iter().chain(last)
    });
    ends.min().map(|(_, index, is_turned)| (index, is_turned))
}

/// Bytes of a step first, then its length.
fn cost(a: Spot, b: Spot) -> (u32, u32) {
    let bytes = |step: u32| match step {
        0..=63 => 1,
        64..=8191 => 2,
        _ => 3,
    };
    let (dx, dy) = (a.0.abs_diff(b.0), a.1.abs_diff(b.1));
    (bytes(dx) + bytes(dy), dx.saturating_add(dy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pen_goes_to_the_nearest_end() {
        let mut lines = vec![vec![(300, 300), (310, 310)], vec![(90, 5), (10, 5)]];
        order_lines(&mut lines, true);
        assert_eq!(
            lines,
            [vec![(10, 5), (90, 5)], vec![(300, 300), (310, 310)]]
        );
    }

    #[test]
    fn lines_that_run_one_way_are_not_turned() {
        let mut lines = vec![vec![(90, 5), (10, 5)]];
        order_lines(&mut lines, false);
        assert_eq!(lines, [vec![(90, 5), (10, 5)]]);
    }
}
