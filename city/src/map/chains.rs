//! Joins lines end to end: fewer bytes, longer lines for names, and less to draw.

use std::collections::BTreeMap;

use super::plane::{Path, Point};

/// Whether lines may be turned round to be joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// They mean the same both ways.
    Free,
    /// They run one way.
    Kept,
}

/// One end of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct End {
    line: usize,
    is_start: bool,
}

impl End {
    fn index(self) -> usize {
        self.line * 2 + usize::from(!self.is_start)
    }

    fn other(self) -> Self {
        Self {
            line: self.line,
            is_start: !self.is_start,
        }
    }
}

/// Two ends meet in a bend sharper than this only if they must: cosine of the angle between the
/// directions in which the lines leave; −1 is straight on.
const SHARPEST: f64 = 0.8;

/// Joins lines where they meet, the straightest pairs first. Loops stay closed.
pub(super) fn joined(lines: Vec<Path>, direction: Direction) -> Vec<Path> {
    let lines: Vec<Path> = lines.into_iter().filter(|line| line.len() > 1).collect();
    let partners = partners(&lines, direction);
    let mut used = vec![false; lines.len()];
    let mut chains = Vec::new();
    let starts = (0..lines.len()).map(|line| End {
        line,
        is_start: true,
    });
    let loose = |end: &End| partners.get(end.index()).copied().flatten().is_none();
    let mut order: Vec<End> = starts.clone().filter(loose).collect();
    order.extend(starts.clone().map(End::other).filter(loose));
    order.extend(starts);
    for end in order {
        if used.get(end.line).copied() == Some(false) {
            chains.push(walk(end, &lines, &partners, &mut used));
        }
    }
    chains
}

/// For each end of each line the end it goes on at.
fn partners(lines: &[Path], direction: Direction) -> Vec<Option<End>> {
    let mut meeting: BTreeMap<Point, Vec<End>> = BTreeMap::new();
    for (line, points) in lines.iter().enumerate() {
        for is_start in [true, false] {
            let end = End { line, is_start };
            if let Some((at, _)) = leaving(points, end) {
                meeting.entry(at).or_default().push(end);
            }
        }
    }
    let mut partners = vec![None; lines.len() * 2];
    for ends in meeting.values() {
        for (a, b) in pairs(ends, lines, direction) {
            if let Some(slot) = partners.get_mut(a.index()) {
                *slot = Some(b);
            }
            if let Some(slot) = partners.get_mut(b.index()) {
                *slot = Some(a);
            }
        }
    }
    partners
}

/// Which of the ends that meet in a point are joined.
fn pairs(ends: &[End], lines: &[Path], direction: Direction) -> Vec<(End, End)> {
    let bound = ends.get(..16).unwrap_or(ends);
    let mut candidates = Vec::new();
    for (index, a) in bound.iter().enumerate() {
        for b in bound.iter().skip(index + 1) {
            if a.line == b.line || (direction == Direction::Kept && a.is_start == b.is_start) {
                continue;
            }
            let cosine = cosine(*a, *b, lines);
            if cosine < SHARPEST || ends.len() == 2 {
                candidates.push((cosine, *a, *b));
            }
        }
    }
    candidates.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut taken: Vec<End> = Vec::new();
    let mut pairs = Vec::new();
    for (_, a, b) in candidates {
        if !taken.contains(&a) && !taken.contains(&b) {
            taken.extend([a, b]);
            pairs.push((a, b));
        }
    }
    pairs
}

fn cosine(a: End, b: End, lines: &[Path]) -> f64 {
    let heading = |end: End| {
        let (from, to) = leaving(lines.get(end.line)?, end)?;
        let (dx, dy) = (f64::from(to.x - from.x), f64::from(to.y - from.y));
        let length = dx.hypot(dy);
        (length > 0.0).then(|| (dx / length, dy / length))
    };
    match (heading(a), heading(b)) {
        (Some((ax, ay)), Some((bx, by))) => ax * bx + ay * by,
        _ => 1.0,
    }
}

/// The point at an end and the next one along the line.
fn leaving(points: &[Point], end: End) -> Option<(Point, Point)> {
    match (points, end.is_start) {
        ([at, next, ..], true) | ([.., next, at], false) => Some((*at, *next)),
        _ => None,
    }
}

fn walk(from: End, lines: &[Path], partners: &[Option<End>], used: &mut [bool]) -> Path {
    let mut chain = Path::new();
    let mut next = Some(from);
    while let Some(end) = next {
        match used.get_mut(end.line) {
            Some(flag) if !*flag => *flag = true,
            _ => break,
        }
        let points = lines.get(end.line).map_or(&[][..], Vec::as_slice);
        let skipped = usize::from(!chain.is_empty());
        if end.is_start {
            chain.extend(points.iter().skip(skipped));
        } else {
            chain.extend(points.iter().rev().skip(skipped));
        }
        next = partners.get(end.other().index()).copied().flatten();
    }
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(x: i32, y: i32) -> Point {
        Point { x, y }
    }

    #[test]
    fn lines_that_meet_become_one() {
        let lines = vec![
            vec![p(0, 0), p(10, 0)],
            vec![p(30, 0), p(20, 0)],
            vec![p(10, 0), p(20, 0)],
        ];
        let chains = joined(lines, Direction::Free);
        assert_eq!(chains, [vec![p(0, 0), p(10, 0), p(20, 0), p(30, 0)]]);
    }

    #[test]
    fn at_a_crossing_the_straight_ones_are_joined() {
        let lines = vec![
            vec![p(0, 10), p(10, 10)],
            vec![p(10, 10), p(10, 20)],
            vec![p(10, 10), p(20, 10)],
            vec![p(10, 0), p(10, 10)],
        ];
        let mut chains = joined(lines, Direction::Free);
        chains.sort();
        assert_eq!(
            chains,
            [
                vec![p(0, 10), p(10, 10), p(20, 10)],
                vec![p(10, 0), p(10, 10), p(10, 20)],
            ]
        );
    }

    #[test]
    fn one_way_lines_are_never_turned_round() {
        let against = vec![vec![p(0, 0), p(10, 0)], vec![p(20, 0), p(10, 0)]];
        assert_eq!(joined(against.clone(), Direction::Kept), against);
        let along = vec![vec![p(10, 0), p(20, 0)], vec![p(0, 0), p(10, 0)]];
        assert_eq!(
            joined(along, Direction::Kept),
            [vec![p(0, 0), p(10, 0), p(20, 0)]]
        );
    }

    #[test]
    fn a_loop_in_pieces_is_closed_once() {
        let lines = vec![
            vec![p(0, 0), p(10, 0)],
            vec![p(10, 0), p(10, 10)],
            vec![p(10, 10), p(0, 0)],
        ];
        let chains = joined(lines, Direction::Kept);
        assert_eq!(chains, [vec![p(0, 0), p(10, 0), p(10, 10), p(0, 0)]]);
    }
}
